//! Reads expressions, filters and their arguments.

use std::cell::Cell;
use std::rc::Rc;

use super::ast::{
    Argument, Filter, Filtered, Named, Operand, Operator, Path, Range, Segment, Term,
};
use super::budget::Fault;
use super::cursor::Cursor;
use super::error::TemplateError;
use super::limit::{Limit, Limits};
use super::literal::{keyword, literal};
use super::span::Span;

/// What parsing has used of its limits.
pub struct Usage<'l> {
    limits: &'l Limits,
    operators: Cell<usize>,
    depth: Cell<usize>,
}

impl<'l> Usage<'l> {
    pub const fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            operators: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// One more operator, operand, filter or argument.
    fn operator(&self, at: Span) -> Result<(), TemplateError> {
        self.operators.set(self.operators.get() + 1);
        if self.operators.get() > self.limits.operators {
            return Err(self.reached(Limit::Operators, at));
        }
        Ok(())
    }

    /// Goes one level deeper; [`Usage::leave`] goes back.
    pub fn enter(&self, at: Span) -> Result<(), TemplateError> {
        if self.depth.get() >= self.limits.nesting {
            return Err(self.reached(Limit::Nesting, at));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(())
    }

    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    pub fn reached(&self, limit: Limit, at: Span) -> TemplateError {
        let fault = Fault::limit(limit, self.limits);
        TemplateError {
            limit: fault.limit,
            ..TemplateError::parse(at, fault.message)
        }
    }
}

/// An expression with its filters; it has to have something to evaluate.
pub fn filtered(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Filtered, TemplateError> {
    let start = cursor.at;
    let expression = expression(cursor, usage)?;
    if expression.is_empty() {
        let found = cursor.snapshot();
        return Err(cursor.error(format!("expected a value, found {found}")));
    }
    let mut filters = Vec::new();
    while let Some(filter) = filter(cursor, usage)? {
        filters.push(filter);
    }
    Ok(Filtered {
        expression,
        filters,
        span: Span::new(start, cursor.at),
    })
}

/// Operators and operands as far as there are any, in postfix order.
fn expression(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Vec<Term>, TemplateError> {
    let mut postfix = Vec::new();
    let mut waiting: Vec<Operator> = Vec::new();
    loop {
        if let Some(operator) = operator(cursor) {
            usage.operator(cursor.here())?;
            // Operators of one rank are taken from the right: `a or b and c` is `a or (b and c)`.
            while let Some(before) =
                waiting.pop_if(|before| before.precedence() > operator.precedence())
            {
                postfix.push(Term::Operator(before));
            }
            waiting.push(operator);
        } else if let Some(operand) = value(cursor, usage)? {
            postfix.push(Term::Operand(operand));
        } else {
            break;
        }
    }
    postfix.extend(waiting.into_iter().rev().map(Term::Operator));
    Ok(postfix)
}

const OPERATORS: [(&str, Operator); 10] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("contains", Operator::Contains),
    ("not", Operator::Not),
    ("and", Operator::And),
    ("or", Operator::Or),
];

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    cursor.skip_blank();
    let found = |(text, _): &&(&str, Operator)| keyword(cursor, text);
    let (text, operator) = OPERATORS.iter().find(found)?;
    cursor.at += text.len();
    Some(*operator)
}

fn filter(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Option<Filter>, TemplateError> {
    cursor.skip_blank();
    if matches!(cursor.peek(), None | Some(')' | ',')) {
        return Ok(None);
    }
    if !cursor.take("|") {
        let found = cursor.snapshot();
        return Err(cursor.error(format!("expected \"|\" before a filter, found {found}")));
    }
    let name = cursor.identifier();
    if name.start == name.end {
        return if cursor.is_done() {
            Ok(None)
        } else {
            Err(cursor.error(format!(
                "expected a filter's name, found {}",
                cursor.snapshot()
            )))
        };
    }
    usage.operator(name)?;
    cursor.skip_blank();
    let mut arguments = Vec::new();
    match cursor.peek() {
        Some(':') => loop {
            cursor.next();
            arguments.extend(argument(cursor, usage)?);
            cursor.skip_blank();
            match cursor.peek() {
                Some(',') => {}
                None | Some('|' | ')') => break,
                _ => {
                    let found = cursor.snapshot();
                    return Err(cursor.error(format!("unexpected {found} in a filter's arguments")));
                }
            }
        },
        None | Some('|' | ')' | ',') => {}
        _ => return Err(cursor.error("expected \":\" after a filter's name")),
    }
    Ok(Some(Filter {
        name: name.text(cursor.source).to_owned(),
        span: Span::new(name.start, cursor.at),
        arguments,
    }))
}

fn argument(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Option<Argument>, TemplateError> {
    cursor.skip_blank();
    let start = cursor.at;
    let Some(first) = value(cursor, usage)? else {
        return Ok(None);
    };
    let key = &cursor.source[start..cursor.at];
    cursor.skip_blank();
    if !cursor.take(":") {
        return Ok(Some(Argument {
            name: None,
            value: Some(first),
        }));
    }
    Ok(Some(Argument {
        name: Some(key.into()),
        value: value(cursor, usage)?,
    }))
}

/// Options of a tag: `limit: 3 reversed`.
pub fn options(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Vec<Named>, TemplateError> {
    let mut options: Vec<Named> = Vec::new();
    loop {
        cursor.skip_blank();
        cursor.take(",");
        let name = cursor.identifier();
        if name.start == name.end {
            return Ok(options);
        }
        usage.operator(name)?;
        cursor.skip_blank();
        let value = if cursor.take(":") {
            value(cursor, usage)?
        } else {
            None
        };
        let name: Rc<str> = name.text(cursor.source).into();
        // What is given twice counts as given last.
        match options.iter_mut().find(|option| option.name == name) {
            Some(option) => option.value = value,
            None => options.push(Named { name, value }),
        }
    }
}

/// A value, if one comes next.
pub fn value(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Option<Operand>, TemplateError> {
    usage.enter(cursor.here())?;
    let found = nested_value(cursor, usage);
    usage.leave();
    found
}

fn nested_value(
    cursor: &mut Cursor<'_>,
    usage: &Usage<'_>,
) -> Result<Option<Operand>, TemplateError> {
    cursor.skip_blank();
    let start = cursor.at;
    let mut root = literal(cursor);
    if root.is_none() && cursor.peek() == Some('(') {
        root = Some(range(cursor, usage)?);
    }
    let segments = segments(cursor, usage, root.is_none())?;
    if root.is_some() || !segments.is_empty() {
        usage.operator(Span::new(start, cursor.at))?;
    }
    if segments.is_empty() {
        return Ok(root);
    }
    Ok(Some(Operand::Path(Box::new(Path {
        root,
        segments,
        span: Span::new(start, cursor.at),
    }))))
}

/// A value that has to be there.
pub fn required_value(
    cursor: &mut Cursor<'_>,
    usage: &Usage<'_>,
) -> Result<Operand, TemplateError> {
    match value(cursor, usage)? {
        Some(value) => Ok(value),
        None => Err(cursor.error(format!("expected a value, found {}", cursor.snapshot()))),
    }
}

/// `(low..high)`
fn range(cursor: &mut Cursor<'_>, usage: &Usage<'_>) -> Result<Operand, TemplateError> {
    let start = cursor.at;
    cursor.next();
    let low = required_value(cursor, usage)?;
    cursor.skip_blank();
    if !cursor.take("..") {
        return Err(cursor.error("brackets hold a range: (1..5)"));
    }
    let high = required_value(cursor, usage)?;
    cursor.skip_blank();
    if !cursor.take(")") {
        return Err(cursor.error("expected \")\" at the end of a range"));
    }
    Ok(Operand::Range(Box::new(Range {
        low,
        high,
        span: Span::new(start, cursor.at),
    })))
}

/// The properties of a value, or a variable with its properties.
fn segments(
    cursor: &mut Cursor<'_>,
    usage: &Usage<'_>,
    begins: bool,
) -> Result<Vec<Segment>, TemplateError> {
    let mut segments = Vec::new();
    loop {
        if cursor.peek() == Some('[') {
            let bracket = cursor.here();
            cursor.next();
            let segment = match value(cursor, usage)? {
                Some(value) => Segment::Value(value),
                None => Segment::Name("".into()),
            };
            if !cursor.read_to("]") {
                return Err(TemplateError::parse(bracket, "\"[\" is not closed"));
            }
            segments.push(segment);
        } else {
            let first = begins && segments.is_empty();
            let name = if first {
                cursor.identifier()
            } else {
                Span::default()
            };
            let name = if name.start < name.end {
                name
            } else if cursor.rest().starts_with('.') && !cursor.rest().starts_with("..") {
                cursor.next();
                cursor.identifier()
            } else {
                return Ok(segments);
            };
            if name.start == name.end {
                return Ok(segments);
            }
            segments.push(Segment::Name(name.text(cursor.source).into()));
        }
        usage.operator(cursor.here())?;
    }
}
