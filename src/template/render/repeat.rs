//! Loops.

use std::cell::Cell;
use std::rc::Rc;

use super::{Flow, Renderer, at};
use crate::template::ast::Loop;
use crate::template::budget::{Fault, Sink};
use crate::template::convert;
use crate::template::error::TemplateError;
use crate::template::span::Span;
use crate::template::value::{Columns, Loop as Round, Value};

impl Renderer<'_> {
    pub(super) fn for_loop(
        &mut self,
        head: &Loop,
        span: Span,
        sink: &mut Sink,
    ) -> Result<(), TemplateError> {
        let failed = |fault| at(span, fault);
        let collection = self.operand(&head.collection, span)?;
        let mut items = collection.enumerated(self.budget).map_err(failed)?;
        if items.is_empty() {
            return self.body(&head.otherwise, sink);
        }
        let text = head.collection_span.text(self.source).trim_end();
        let name = format!("{}-{text}", head.variable);
        // A loop that was never left off goes on from an object, which counts as 0 and adds as a text.
        let before = self.scope.continued(&name);
        let before = before.unwrap_or_else(|| Value::text("[object Object]"));
        self.scope.push(vec![("continue".into(), before)]);
        let options = self.options(head, span);
        self.scope.pop();
        let options = options?;
        self.cut(&options, &mut items).map_err(failed)?;
        let offset = options.get("offset").filter(|value| value.is_truthy());
        let offset = offset.cloned().unwrap_or(Value::Number(0.0));
        let next = convert::sum(offset, convert::count(items.len()), self.budget);
        self.scope
            .set_continued(name.clone(), next.map_err(failed)?);
        let round = Rc::new(Round {
            index: Cell::new(0),
            length: items.len(),
            name,
            columns: None,
        });
        self.scope
            .push(vec![("forloop".into(), Value::Loop(Rc::clone(&round)))]);
        for item in items {
            self.budget.step(1).map_err(failed)?;
            self.scope.set(&head.variable, item);
            self.flow = Flow::Onwards;
            self.body(&head.body, sink)?;
            if self.flow == Flow::Break {
                break;
            }
            round.index.set(round.index.get() + 1);
        }
        self.flow = Flow::Onwards;
        self.scope.pop();
        Ok(())
    }

    /// Takes the elements that the options name, in the order in which LiquidJS looks at them.
    fn cut(&self, options: &Options, items: &mut Vec<Value>) -> Result<(), Fault> {
        if let Some(offset) = options.get("offset") {
            let start = convert::bound(offset, items.len(), self.budget)?;
            items.drain(..start);
        }
        if let Some(limit) = options.get("limit") {
            let end = convert::bound(limit, items.len(), self.budget)?;
            items.truncate(end);
        }
        if options.get("reversed").is_some() {
            items.reverse();
        }
        Ok(())
    }

    fn options(&mut self, head: &Loop, span: Span) -> Result<Options, TemplateError> {
        let mut values = Vec::new();
        for option in &head.options {
            let value = match &option.value {
                Some(operand) => self.operand(operand, span)?,
                None => Value::Bool(true),
            };
            values.push((Rc::clone(&option.name), value));
        }
        Ok(Options(values))
    }

    pub(super) fn table_row(
        &mut self,
        head: &Loop,
        span: Span,
        sink: &mut Sink,
    ) -> Result<(), TemplateError> {
        let failed = |fault| at(span, fault);
        let collection = self.operand(&head.collection, span)?;
        let mut items = collection.enumerated(self.budget).map_err(failed)?;
        let options = self.options(head, span)?;
        self.cut_table(&options, &mut items).map_err(failed)?;
        let columns = match options.get("cols").filter(|columns| columns.is_truthy()) {
            Some(columns) => columns.clone(),
            None => convert::count(items.len()),
        };
        let columns = Columns {
            count: convert::number(&columns, self.budget).map_err(failed)?,
            given: columns,
        };
        let text = head.collection_span.text(self.source).trim_end();
        let round = Rc::new(Round {
            index: Cell::new(0),
            length: items.len(),
            name: format!("{}-{text}", head.variable),
            columns: Some(columns),
        });
        let value = Value::Loop(Rc::clone(&round));
        self.scope
            .push(vec![("tablerowloop".into(), value.clone())]);
        let any = !items.is_empty();
        for item in items {
            self.budget.step(1).map_err(failed)?;
            self.scope.set(&head.variable, item);
            self.cell(&value, sink).map_err(failed)?;
            self.body(&head.body, sink)?;
            sink.push("</td>", self.budget).map_err(failed)?;
            round.index.set(round.index.get() + 1);
        }
        if any {
            sink.push("</tr>", self.budget).map_err(failed)?;
        }
        self.scope.pop();
        Ok(())
    }

    fn cut_table(&self, options: &Options, items: &mut Vec<Value>) -> Result<(), Fault> {
        let length = items.len();
        let offset = options.get("offset").filter(|value| value.is_truthy());
        let offset = offset.cloned().unwrap_or(Value::Number(0.0));
        let limit = options.get("limit").cloned();
        let limit = limit.unwrap_or_else(|| convert::count(length));
        let end = convert::sum(offset.clone(), limit, self.budget)?;
        let start = convert::bound(&offset, length, self.budget)?;
        let end = convert::bound(&end, length, self.budget)?;
        items.truncate(end);
        items.drain(..start.min(items.len()));
        Ok(())
    }

    /// What comes before the content of a table's cell.
    fn cell(&self, round: &Value, sink: &mut Sink) -> Result<(), Fault> {
        let of = |name: &str| convert::property(round, &Value::text(name), self.budget);
        let (row, column) = (of("row")?, of("col")?);
        if matches!(of("col_first")?, Value::Bool(true)) {
            if !matches!(row, Value::Number(1.0)) {
                sink.push("</tr>", self.budget)?;
            }
            sink.push("<tr class=\"row", self.budget)?;
            convert::write(&row, sink, self.budget)?;
            sink.push("\">", self.budget)?;
        }
        sink.push("<td class=\"col", self.budget)?;
        convert::write(&column, sink, self.budget)?;
        sink.push("\">", self.budget)
    }
}

/// The options of a loop.
struct Options(Vec<(Rc<str>, Value)>);

impl Options {
    /// The value of an option that is given and not undefined.
    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(known, _)| &**known == name);
        found
            .map(|(_, value)| value)
            .filter(|value| !matches!(value, Value::Undefined))
    }
}
