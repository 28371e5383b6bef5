//! Values as JSON.

use super::{Call, Outcome};
use crate::template::budget::{Budget, Fault, Sink};
use crate::template::value::Value;
use crate::template::{convert, number};

pub fn write(call: &Call<'_>) -> Outcome {
    if matches!(call.input, Value::Undefined) {
        return Ok(Value::Undefined);
    }
    let mut writer = Writer {
        sink: Sink::value(),
        indent: indent(&call.argument(0)),
        budget: call.budget,
    };
    writer.value(call.input, 0)?;
    call.done(writer.sink.finish())
}

/// What each level is moved by: so many spaces, or a text, of ten characters at most.
fn indent(argument: &Value) -> String {
    match argument {
        Value::Number(count) => " ".repeat(convert::clamp(count.trunc().max(0.0), 10)),
        Value::Text(text) => text.chars().take(10).collect(),
        _ => String::new(),
    }
}

struct Writer<'w> {
    sink: Sink,
    indent: String,
    budget: &'w Budget<'w>,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) -> Result<(), Fault> {
        self.sink.push(text, self.budget)
    }

    fn value(&mut self, of: &Value, depth: usize) -> Result<(), Fault> {
        self.budget.step(1)?;
        match of {
            Value::Nil | Value::Empty | Value::Blank => self.push("{}"),
            Value::Bool(true) => self.push("true"),
            Value::Bool(false) => self.push("false"),
            Value::Number(number) if number.is_finite() => self.push(&number::to_text(*number)),
            Value::Undefined | Value::Null | Value::Number(_) => self.push("null"),
            Value::Text(text) => self.push(&quoted(text)),
            Value::Loop(of) => self.push(&of.to_json()),
            Value::Array(array) => {
                self.push("[")?;
                for (at, item) in array.items.iter().enumerate() {
                    self.next(at, depth + 1)?;
                    self.value(item, depth + 1)?;
                }
                self.close("]", array.items.is_empty(), depth)
            }
            Value::Object(object) => {
                self.push("{")?;
                let given = object.entries.iter();
                let given = given.filter(|(_, item)| !matches!(item, Value::Undefined));
                for (at, (name, item)) in given.enumerate() {
                    self.next(at, depth + 1)?;
                    self.push(&quoted(name))?;
                    self.push(if self.indent.is_empty() { ":" } else { ": " })?;
                    self.value(item, depth + 1)?;
                }
                self.close("}", object.entries.is_empty(), depth)
            }
        }
    }

    /// What comes before an element.
    fn next(&mut self, at: usize, depth: usize) -> Result<(), Fault> {
        if at > 0 {
            self.push(",")?;
        }
        self.line(depth)
    }

    fn line(&mut self, depth: usize) -> Result<(), Fault> {
        if self.indent.is_empty() {
            return Ok(());
        }
        let line = format!("\n{}", self.indent.repeat(depth));
        self.push(&line)
    }

    fn close(&mut self, bracket: &str, empty: bool, depth: usize) -> Result<(), Fault> {
        if !empty {
            self.line(depth)?;
        }
        self.push(bracket)
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
