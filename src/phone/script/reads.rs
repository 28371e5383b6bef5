//! What the code of an Action exports, and what it reads of its event.

use std::collections::BTreeMap;
use std::ops::Range;

use oxc_ast::ast::{
    AssignmentExpression, AssignmentTarget, BindingPattern, Declaration, Expression,
    FormalParameters, Function, Ident, MemberExpression, ObjectPattern, ObjectPropertyKind,
    Program, Statement, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use oxc_syntax::scope::ScopeFlags;

use super::HANDLER;

/// Expressions that are nested deeper than this are passed over: operators that go on to the left
/// nest without brackets.
const DEEPEST: usize = 200;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The function that Auth0 calls is exported.
    pub(super) exports_handler: bool,
    /// Secrets that are read, by name.
    pub(super) secrets: Vec<(String, Range<usize>)>,
    /// Fields of the notification that are read, by name.
    pub(super) notification: Vec<(String, Range<usize>)>,
    /// Functions of `api.notification` that are called or taken, by name.
    pub(super) answers: Vec<(String, Range<usize>)>,
}

/// A part of what the handler is given, that a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Event,
    Secrets,
    Notification,
    Api,
    Answer,
}

struct Reader<'a> {
    /// What names stand for. A name that is used for two things is taken for the first.
    parts: BTreeMap<&'a str, Part>,
    found: Found,
    depth: usize,
}

/// Looks through a program that was parsed.
pub(super) fn of(program: &Program<'_>) -> Found {
    let mut reader = Reader {
        // Functions that the handler calls name them so as well.
        parts: [("event", Part::Event), ("api", Part::Api)].into(),
        found: Found::default(),
        depth: 0,
    };
    reader.visit_program(program);
    let mut found = reader.found;
    found.exports_handler |= program.body.iter().any(exports_by_declaration);
    found
}

/// `export const handler = …`, `export function handler…`, `export { handler }`.
fn exports_by_declaration(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::ExportNamedDeclaration(export) => {
            let mut specifiers = export.specifiers.iter();
            specifiers.any(|specifier| specifier.exported.name() == HANDLER)
        }
        Statement::ExportDeclaration(export) => declares(&export.declaration),
        _ => false,
    }
}

fn declares(declaration: &Declaration<'_>) -> bool {
    let is_handler = |name: Option<&str>| name == Some(HANDLER);
    match declaration {
        Declaration::FunctionDeclaration(function) => {
            is_handler(function.name().as_ref().map(Ident::as_str))
        }
        Declaration::VariableDeclaration(variables) => variables.declarations.iter().any(|it| {
            let name = it.id.get_identifier_name();
            is_handler(name.as_ref().map(Ident::as_str))
        }),
        _ => false,
    }
}

/// `exports` or `module.exports`.
fn is_exports(expression: &Expression<'_>) -> bool {
    match expression.without_parentheses() {
        Expression::Identifier(name) => name.name == "exports",
        other => other.as_member_expression().is_some_and(is_module_exports),
    }
}

fn is_module_exports(member: &MemberExpression<'_>) -> bool {
    let object = member.object().without_parentheses();
    let module = matches!(object, Expression::Identifier(name) if name.name == "module");
    module && member.static_property_name() == Some("exports")
}

/// The function that a value is, if it is one: its parameters.
fn parameters<'e, 'a>(value: &'e Expression<'a>) -> Option<&'e FormalParameters<'a>> {
    match value.without_parentheses() {
        Expression::ArrowFunctionExpression(arrow) => Some(&arrow.params),
        Expression::FunctionExpression(function) => Some(&function.params),
        _ => None,
    }
}

fn bytes(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

impl<'a> Reader<'a> {
    fn part(&self, expression: &Expression<'a>) -> Option<Part> {
        let expression = expression.without_parentheses();
        if let Expression::Identifier(name) = expression {
            return self.parts.get(name.name.as_str()).copied();
        }
        let member = match expression {
            Expression::ChainExpression(chain) => chain.expression.as_member_expression(),
            other => other.as_member_expression(),
        }?;
        let object = member.object().without_parentheses();
        let Expression::Identifier(name) = object else {
            return None;
        };
        let whole = *self.parts.get(name.name.as_str())?;
        part_named(whole, member.static_property_name()?)
    }

    fn read(&mut self, part: Part, name: &str, span: Span) {
        let place = match part {
            Part::Event | Part::Api => return,
            Part::Secrets => &mut self.found.secrets,
            Part::Notification => &mut self.found.notification,
            Part::Answer => &mut self.found.answers,
        };
        place.push((name.to_owned(), bytes(span)));
    }

    /// What a pattern takes out of a part of the event.
    fn bind(&mut self, pattern: &BindingPattern<'a>, part: Part) {
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                self.parts.entry(name.name.as_str()).or_insert(part);
            }
            BindingPattern::ObjectPattern(object) => self.take_apart(object, part),
            _ => {}
        }
    }

    fn take_apart(&mut self, pattern: &ObjectPattern<'a>, part: Part) {
        for property in &pattern.properties {
            let Some(name) = property.key.static_name() else {
                continue;
            };
            self.read(part, &name, property.key.span());
            if let Some(inner) = part_named(part, &name) {
                self.bind(&property.value, inner);
            }
        }
    }

    /// The handler names what it is given in its own way.
    fn handler(&mut self, parameters: &FormalParameters<'a>) {
        for (parameter, part) in parameters.items.iter().zip([Part::Event, Part::Api]) {
            self.bind(&parameter.pattern, part);
        }
    }

    /// `exports.handler = …` or `module.exports = { handler }`.
    fn exported(&mut self, assignment: &AssignmentExpression<'a>) {
        let Some(member) = assignment.left.as_member_expression() else {
            return;
        };
        if is_exports(member.object()) && member.static_property_name() == Some(HANDLER) {
            self.found.exports_handler = true;
            if let Some(parameters) = parameters(&assignment.right) {
                self.handler(parameters);
            }
        } else if is_module_exports(member)
            && let Expression::ObjectExpression(object) = assignment.right.without_parentheses()
        {
            for property in &object.properties {
                match property {
                    ObjectPropertyKind::ObjectProperty(property)
                        if property.key.static_name().as_deref() == Some(HANDLER) =>
                    {
                        self.found.exports_handler = true;
                        if let Some(parameters) = parameters(&property.value) {
                            self.handler(parameters);
                        }
                    }
                    // What is spread there may be it.
                    ObjectPropertyKind::SpreadProperty(_) => self.found.exports_handler = true,
                    ObjectPropertyKind::ObjectProperty(_) => {}
                }
            }
        }
    }
}

fn part_named(whole: Part, name: &str) -> Option<Part> {
    match (whole, name) {
        (Part::Event, "secrets") => Some(Part::Secrets),
        (Part::Event, "notification") => Some(Part::Notification),
        (Part::Api, "notification") => Some(Part::Answer),
        _ => None,
    }
}

impl<'a> Visit<'a> for Reader<'a> {
    fn visit_expression(&mut self, expression: &Expression<'a>) {
        if self.depth < DEEPEST {
            self.depth += 1;
            walk::walk_expression(self, expression);
            self.depth -= 1;
        }
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        self.exported(assignment);
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        if function.name().is_some_and(|name| name == HANDLER) {
            self.handler(&function.params);
        }
        walk::walk_function(self, function, flags);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let Some(value) = &declarator.init {
            if let Some(part) = self.part(value) {
                self.bind(&declarator.id, part);
            }
            let name = declarator.id.get_identifier_name();
            if name.is_some_and(|name| name == HANDLER)
                && let Some(parameters) = parameters(value)
            {
                self.handler(parameters);
            }
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_assignment_target(&mut self, target: &AssignmentTarget<'a>) {
        // What is only written is not read.
        match target.as_member_expression() {
            Some(member) => self.visit_expression(member.object()),
            None => walk::walk_assignment_target(self, target),
        }
    }

    fn visit_member_expression(&mut self, member: &MemberExpression<'a>) {
        let name = member.static_property_name();
        if let (Some(part), Some(name)) = (self.part(member.object()), name) {
            self.read(part, name, member.span());
        }
        walk::walk_member_expression(self, member);
    }
}
