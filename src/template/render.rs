//! Renders a template's tree.

mod repeat;
mod scope;

use std::rc::Rc;

use super::ast::{
    Body, Choice, Cycle, Filter, Filtered, Node, NodeKind, Operand, Operator, Path, Segment, Term,
};
use super::budget::{Budget, Fault, Sink};
use super::convert;
use super::error::{ErrorKind, TemplateError};
use super::filter::{self, Applied};
use super::limit::Limits;
use super::span::Span;
use super::value::Value;
use super::{Rendered, Warning};
use scope::Scope;

/// Renders a tree.
///
/// # Errors
///
/// A filter cannot work on its input, a tag needs another template, or a limit is reached.
pub fn render(
    source: &str,
    body: &Body,
    variables: &serde_json::Value,
    limits: &Limits,
) -> Result<Rendered, TemplateError> {
    let budget = Budget::new(limits);
    let whole = Span::new(0, source.len());
    let environment = Value::from_json(variables, &budget).map_err(|fault| at(whole, fault))?;
    let mut renderer = Renderer {
        source,
        budget: &budget,
        scope: Scope::new(environment),
        flow: Flow::Onwards,
        warnings: Vec::new(),
    };
    let mut sink = Sink::output();
    renderer.body(body, &mut sink)?;
    Ok(Rendered {
        output: sink.finish(),
        warnings: renderer.warnings,
    })
}

fn at(span: Span, fault: Fault) -> TemplateError {
    TemplateError {
        kind: ErrorKind::Render,
        span,
        message: fault.message,
        limit: fault.limit,
    }
}

/// What follows a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Onwards,
    /// After `break`.
    Break,
    /// After `continue`.
    Continue,
}

struct Renderer<'r> {
    source: &'r str,
    budget: &'r Budget<'r>,
    scope: Scope,
    flow: Flow,
    warnings: Vec<Warning>,
}

impl Renderer<'_> {
    fn body(&mut self, body: &Body, sink: &mut Sink) -> Result<(), TemplateError> {
        for node in body {
            self.budget.step(1).map_err(|fault| at(node.span, fault))?;
            self.node(node, sink)?;
            if self.flow != Flow::Onwards {
                break;
            }
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, sink: &mut Sink) -> Result<(), TemplateError> {
        let failed = |fault| at(node.span, fault);
        match &node.kind {
            NodeKind::Text(span) => {
                let text = span.text(self.source);
                sink.push(text, self.budget).map_err(failed)
            }
            NodeKind::Raw(spans) => spans
                .iter()
                .try_for_each(|span| sink.push(span.text(self.source), self.budget))
                .map_err(failed),
            NodeKind::Output(filtered) => {
                let value = self.filtered(filtered)?;
                convert::write(&value, sink, self.budget).map_err(failed)
            }
            NodeKind::Assign(name, filtered) => {
                let value = self.filtered(filtered)?;
                self.scope.assign(name, value);
                Ok(())
            }
            NodeKind::Capture(name, body) => {
                let mut inner = Sink::value();
                self.body(body, &mut inner)?;
                self.scope.assign(name, Value::text(inner.finish()));
                Ok(())
            }
            NodeKind::Increment(name) => {
                let value = self.scope.count(name, 0.0, 1.0);
                convert::write(&value, sink, self.budget).map_err(failed)
            }
            NodeKind::Decrement(name) => {
                let value = self.scope.count(name, -1.0, -1.0);
                convert::write(&value, sink, self.budget).map_err(failed)
            }
            NodeKind::Choice(choice) => self.choice(choice, sink),
            NodeKind::Case(case) => self.case(case, sink),
            NodeKind::For(head) => self.for_loop(head, node.span, sink),
            NodeKind::TableRow(head) => self.table_row(head, node.span, sink),
            NodeKind::Cycle(cycle) => self.cycle(cycle, node.span, sink),
            NodeKind::Group(body) => self.body(body, sink),
            NodeKind::Break => {
                self.flow = Flow::Break;
                Ok(())
            }
            NodeKind::Continue => {
                self.flow = Flow::Continue;
                Ok(())
            }
            NodeKind::Partial { .. } => Err(TemplateError::render(
                node.span,
                "the tag needs another template, and a phone template has none beside it",
            )),
            NodeKind::Nothing => Ok(()),
        }
    }

    fn choice(&mut self, choice: &Choice, sink: &mut Sink) -> Result<(), TemplateError> {
        for branch in &choice.branches {
            let value = self.filtered(&branch.condition)?;
            if value.is_true() != branch.negated {
                return self.body(&branch.body, sink);
            }
        }
        self.body(&choice.otherwise, sink)
    }

    fn case(&mut self, case: &super::ast::Case, sink: &mut Sink) -> Result<(), TemplateError> {
        let target = self.filtered(&case.value)?.plain();
        let mut hit = false;
        for (values, body) in &case.branches {
            for value in values {
                let value = self.operand(value, case.value.span)?;
                let equal = convert::equal(&target, &value, self.budget);
                if equal.map_err(|fault| at(case.value.span, fault))? {
                    self.body(body, sink)?;
                    hit = true;
                    break;
                }
            }
        }
        if hit {
            Ok(())
        } else {
            self.body(&case.otherwise, sink)
        }
    }

    fn cycle(&mut self, cycle: &Cycle, span: Span, sink: &mut Sink) -> Result<(), TemplateError> {
        let group = match &cycle.group {
            Some(group) => self.operand(group, span)?,
            None => Value::Undefined,
        };
        let group = convert::string(&group, self.budget).map_err(|fault| at(span, fault))?;
        let candidates: Vec<&str> = cycle
            .candidates
            .iter()
            .map(|candidate| candidate.span.text(self.source))
            .collect();
        let key = format!("{group}:{}", candidates.join(","));
        self.budget
            .work(key.len())
            .map_err(|fault| at(span, fault))?;
        let turn = self.scope.turn(key, cycle.candidates.len());
        let Some(candidate) = cycle.candidates.get(turn) else {
            return Ok(());
        };
        let value = self.filtered(candidate)?.plain();
        // What JavaScript takes for false is not printed here, as 0.
        if !value.is_truthy() {
            return Ok(());
        }
        convert::write(&value, sink, self.budget).map_err(|fault| at(span, fault))
    }

    /// The value of an expression after its filters.
    fn filtered(&mut self, filtered: &Filtered) -> Result<Value, TemplateError> {
        let mut value = self.expression(&filtered.expression, filtered.span)?;
        for filter in &filtered.filters {
            value = self.filter(filter, value)?;
        }
        Ok(value)
    }

    fn filter(&mut self, filter: &Filter, value: Value) -> Result<Value, TemplateError> {
        let failed = |fault| at(filter.span, fault);
        self.budget.step(1).map_err(failed)?;
        let mut arguments = Vec::new();
        for argument in &filter.arguments {
            let value = match &argument.value {
                Some(operand) => self.operand(operand, filter.span)?,
                None => Value::Undefined,
            };
            arguments.push(match &argument.name {
                // This is how LiquidJS hands a named argument over, wanted or not.
                Some(name) => Value::array(vec![Value::Text(Rc::clone(name)), value], self.budget)
                    .map_err(failed)?,
                None => value,
            });
        }
        match filter::apply(&filter.name, &value, &arguments, self.budget).map_err(failed)? {
            Applied::Value(value) => Ok(value),
            Applied::Sample(value, note) => {
                self.warn(filter.span, note.to_owned());
                Ok(value)
            }
            Applied::Unknown => {
                let message = format!(
                    "there is no filter \"{}\": the value is printed unfiltered",
                    filter.name
                );
                self.warn(filter.span, message);
                Ok(value)
            }
        }
    }

    fn warn(&mut self, span: Span, message: String) {
        if self.warnings.iter().all(|warning| warning.span != span) {
            self.warnings.push(Warning { span, message });
        }
    }

    fn expression(&mut self, terms: &[Term], span: Span) -> Result<Value, TemplateError> {
        let mut stack: Vec<Value> = Vec::new();
        for term in terms {
            let value = match term {
                Term::Operand(operand) => self.operand(operand, span)?,
                Term::Operator(operator) => {
                    let right = stack.pop().unwrap_or(Value::Undefined);
                    let left = if *operator == Operator::Not {
                        Value::Undefined
                    } else {
                        stack.pop().unwrap_or(Value::Undefined)
                    };
                    self.operate(*operator, &left, &right)
                        .map_err(|fault| at(span, fault))?
                }
            };
            stack.push(value);
        }
        // Operands that no operator takes are passed over.
        Ok(stack.into_iter().next().unwrap_or(Value::Undefined))
    }

    fn operate(&self, operator: Operator, left: &Value, right: &Value) -> Result<Value, Fault> {
        let budget = self.budget;
        budget.step(1)?;
        let word = |value: &Value| matches!(value, Value::Nil | Value::Empty | Value::Blank);
        let ordered = |found: fn(std::cmp::Ordering) -> bool| {
            if word(left) || word(right) {
                return Ok(false);
            }
            Ok(convert::order(left, right, budget)?.is_some_and(found))
        };
        let truth = match operator {
            Operator::Equal => convert::equal(left, right, budget)?,
            Operator::NotEqual => !convert::equal(left, right, budget)?,
            Operator::Greater => ordered(std::cmp::Ordering::is_gt)?,
            Operator::GreaterOrEqual => ordered(std::cmp::Ordering::is_ge)?,
            Operator::Less => ordered(std::cmp::Ordering::is_lt)?,
            Operator::LessOrEqual => ordered(std::cmp::Ordering::is_le)?,
            Operator::Contains => convert::contains(left, right, budget)?,
            Operator::Not => !right.is_true(),
            Operator::And => left.is_true() && right.is_true(),
            Operator::Or => left.is_true() || right.is_true(),
        };
        Ok(Value::Bool(truth))
    }

    fn operand(&mut self, operand: &Operand, span: Span) -> Result<Value, TemplateError> {
        self.budget.step(1).map_err(|fault| at(span, fault))?;
        Ok(match operand {
            Operand::Bool(value) => Value::Bool(*value),
            Operand::Nil => Value::Nil,
            Operand::Empty => Value::Empty,
            Operand::Blank => Value::Blank,
            Operand::Number(number) => Value::Number(*number),
            Operand::Text(text) => Value::Text(Rc::clone(text)),
            Operand::Path(path) => self.path(path)?,
            Operand::Range(range) => {
                let low = self.operand(&range.low, range.span)?.plain();
                let high = self.operand(&range.high, range.span)?.plain();
                self.range(&low, &high)
                    .map_err(|fault| at(range.span, fault))?
            }
        })
    }

    fn range(&self, low: &Value, high: &Value) -> Result<Value, Fault> {
        let low = convert::number(low, self.budget)?;
        let high = convert::number(high, self.budget)?;
        let count = self.budget.elements((high + 1.0 - low).ceil())?;
        let mut items = Vec::with_capacity(count);
        let mut next = low;
        for _ in 0..count {
            items.push(Value::Number(next));
            next += 1.0;
        }
        Value::array(items, self.budget)
    }

    fn path(&mut self, path: &Path) -> Result<Value, TemplateError> {
        let mut keys = Vec::with_capacity(path.segments.len());
        for segment in &path.segments {
            keys.push(match segment {
                Segment::Name(name) => Value::Text(Rc::clone(name)),
                Segment::Value(operand) => self.operand(operand, path.span)?.plain(),
            });
        }
        let mut keys = keys.iter();
        let failed = |fault| at(path.span, fault);
        let mut value = match (&path.root, keys.as_slice().first()) {
            (Some(root), _) => self.operand(root, path.span)?,
            (None, Some(first)) => {
                keys.next();
                let name = convert::string(first, self.budget).map_err(failed)?;
                self.scope.get(&name)
            }
            (None, None) => Value::Undefined,
        };
        for key in keys {
            self.budget.step(1).map_err(failed)?;
            value = convert::property(&value, key, self.budget).map_err(failed)?;
        }
        Ok(value)
    }
}
