//! What a template reads: variables, filters and tags, each with its place.

use std::rc::Rc;

use super::ast::{Body, Filtered, Node, NodeKind, Operand, Path, Segment, Term};
use super::span::Span;

/// A variable that a template reads from outside itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name and the properties after it, as far as they are written out.
    pub names: Vec<Rc<str>>,
    pub span: Span,
    /// Whether the value reaches the message, and is not only tested.
    pub printed: bool,
}

/// A filter that a template uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedFilter {
    pub name: String,
    pub span: Span,
}

/// What a template reads.
#[derive(Debug, Default)]
pub struct References {
    pub variables: Vec<Variable>,
    pub filters: Vec<UsedFilter>,
    /// The tags that need another template.
    pub partials: Vec<Span>,
    /// Texts that are printed as they stand.
    pub texts: Vec<Span>,
}

/// Finds what a template reads.
pub fn references(body: &Body) -> References {
    let mut finder = Finder::default();
    assigned(body, &mut finder.assigned);
    finder.body(body);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: References,
    /// Names that the template gives a value to, anywhere.
    assigned: Vec<Rc<str>>,
    /// Names of the loops that are open.
    local: Vec<Rc<str>>,
}

/// The names that tags give a value to.
fn assigned(body: &Body, names: &mut Vec<Rc<str>>) {
    for node in body {
        match &node.kind {
            NodeKind::Assign(name, _)
            | NodeKind::Increment(name)
            | NodeKind::Decrement(name)
            | NodeKind::Capture(name, _) => names.push(Rc::clone(name)),
            _ => {}
        }
        for body in bodies(node) {
            assigned(body, names);
        }
    }
}

/// What a node encloses.
fn bodies(node: &Node) -> Vec<&Body> {
    match &node.kind {
        NodeKind::Capture(_, body) | NodeKind::Group(body) | NodeKind::Partial { body } => {
            vec![body]
        }
        NodeKind::Choice(choice) => {
            let branches = choice.branches.iter().map(|branch| &branch.body);
            branches.chain([&choice.otherwise]).collect()
        }
        NodeKind::Case(case) => {
            let branches = case.branches.iter().map(|(_, body)| body);
            branches.chain([&case.otherwise]).collect()
        }
        NodeKind::For(head) | NodeKind::TableRow(head) => vec![&head.body, &head.otherwise],
        _ => Vec::new(),
    }
}

impl Finder {
    fn body(&mut self, body: &Body) {
        for node in body {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        let locals = self.local.len();
        match &node.kind {
            NodeKind::Text(span) => self.found.texts.push(*span),
            NodeKind::Output(filtered) | NodeKind::Assign(_, filtered) => {
                self.filtered(filtered, true);
            }
            NodeKind::Choice(choice) => {
                for branch in &choice.branches {
                    self.filtered(&branch.condition, false);
                }
            }
            NodeKind::Case(case) => {
                self.filtered(&case.value, false);
                for operand in case.branches.iter().flat_map(|(values, _)| values) {
                    self.operand(operand, false);
                }
            }
            NodeKind::For(head) | NodeKind::TableRow(head) => {
                self.operand(&head.collection, true);
                let options = head
                    .options
                    .iter()
                    .filter_map(|option| option.value.as_ref());
                self.local.push("continue".into());
                for operand in options {
                    self.operand(operand, false);
                }
                let round = match node.kind {
                    NodeKind::For(_) => "forloop",
                    _ => "tablerowloop",
                };
                self.local.push(round.into());
                self.local.push(Rc::clone(&head.variable));
            }
            NodeKind::Cycle(cycle) => {
                for candidate in &cycle.candidates {
                    self.filtered(candidate, true);
                }
            }
            NodeKind::Partial { .. } => self.found.partials.push(node.span),
            _ => {}
        }
        for body in bodies(node) {
            self.body(body);
        }
        self.local.truncate(locals);
    }

    fn filtered(&mut self, filtered: &Filtered, printed: bool) {
        // What an operator makes of a value is true or false.
        let compared = filtered
            .expression
            .iter()
            .any(|term| matches!(term, Term::Operator(_)));
        for term in &filtered.expression {
            if let Term::Operand(operand) = term {
                self.operand(operand, printed && !compared);
            }
        }
        for filter in &filtered.filters {
            self.found.filters.push(UsedFilter {
                name: filter.name.clone(),
                span: filter.span,
            });
            for argument in &filter.arguments {
                if let Some(operand) = &argument.value {
                    self.operand(operand, printed);
                }
            }
        }
    }

    fn operand(&mut self, operand: &Operand, printed: bool) {
        match operand {
            Operand::Path(path) => self.path(path, printed),
            Operand::Range(range) => {
                self.operand(&range.low, printed);
                self.operand(&range.high, printed);
            }
            _ => {}
        }
    }

    fn path(&mut self, path: &Path, printed: bool) {
        for segment in &path.segments {
            if let Segment::Value(operand) = segment {
                self.operand(operand, false);
            }
        }
        if let Some(root) = &path.root {
            return self.operand(root, printed);
        }
        let written = |segment: &Segment| match segment {
            Segment::Name(name) | Segment::Value(Operand::Text(name)) => Some(Rc::clone(name)),
            Segment::Value(_) => None,
        };
        let names: Vec<Rc<str>> = path.segments.iter().map_while(written).collect();
        let Some(first) = names.first() else {
            return;
        };
        if !self.local.contains(first) && !self.assigned.contains(first) {
            self.found.variables.push(Variable {
                names,
                span: path.span,
                printed,
            });
        }
    }
}
