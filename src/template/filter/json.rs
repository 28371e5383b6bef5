//! Values as JSON.

use super::{Call, Outcome};
use crate::template::budget::{Budget, Fault, Sink};
use crate::template::number;
use crate::template::value::Value;

pub fn write(call: &Call<'_>) -> Outcome {
    if matches!(call.input, Value::Undefined) {
        return Ok(Value::Undefined);
    }
    let mut sink = Sink::value();
    value(call.input, &mut sink, call.budget)?;
    call.done(sink.finish())
}

fn value(of: &Value, sink: &mut Sink, budget: &Budget<'_>) -> Result<(), Fault> {
    budget.step(1)?;
    match of {
        Value::Undefined | Value::Null => sink.push("null", budget),
        Value::Nil | Value::Empty | Value::Blank => sink.push("{}", budget),
        Value::Bool(true) => sink.push("true", budget),
        Value::Bool(false) => sink.push("false", budget),
        Value::Number(number) if number.is_finite() => sink.push(&number::to_text(*number), budget),
        Value::Number(_) => sink.push("null", budget),
        Value::Text(text) => quoted(text, sink, budget),
        Value::Loop(of) => sink.push(&of.to_json(), budget),
        Value::Array(array) => {
            sink.push("[", budget)?;
            for (at, item) in array.items.iter().enumerate() {
                if at > 0 {
                    sink.push(",", budget)?;
                }
                value(item, sink, budget)?;
            }
            sink.push("]", budget)
        }
        Value::Object(object) => {
            sink.push("{", budget)?;
            for (at, (name, item)) in object.entries.iter().enumerate() {
                if at > 0 {
                    sink.push(",", budget)?;
                }
                quoted(name, sink, budget)?;
                sink.push(":", budget)?;
                value(item, sink, budget)?;
            }
            sink.push("}", budget)
        }
    }
}

fn quoted(text: &str, sink: &mut Sink, budget: &Budget<'_>) -> Result<(), Fault> {
    sink.push(&serde_json::Value::from(text).to_string(), budget)
}
