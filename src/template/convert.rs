//! Conversions between values, as JavaScript and LiquidJS make them.

use std::cmp::Ordering;
use std::rc::Rc;

use super::budget::{Budget, Fault, Sink};
use super::number;
use super::value::{Columns, Loop, Value};

/// Writes a value as an output does.
pub fn write(value: &Value, sink: &mut Sink, budget: &Budget<'_>) -> Result<(), Fault> {
    match value {
        Value::Undefined | Value::Null | Value::Nil | Value::Empty | Value::Blank => Ok(()),
        Value::Array(array) => {
            budget.step(array.items.len())?;
            for item in &array.items {
                write(item, sink, budget)?;
            }
            Ok(())
        }
        Value::Loop(of) => sink.push(&of.to_json(), budget),
        other => write_string(other, sink, budget),
    }
}

/// Writes a value as `String(value)` does.
pub fn write_string(value: &Value, sink: &mut Sink, budget: &Budget<'_>) -> Result<(), Fault> {
    match value {
        Value::Undefined => sink.push("undefined", budget),
        Value::Null => sink.push("null", budget),
        Value::Bool(true) => sink.push("true", budget),
        Value::Bool(false) => sink.push("false", budget),
        Value::Number(number) => sink.push(&number::to_text(*number), budget),
        Value::Text(text) => sink.push(text, budget),
        Value::Array(array) => write_joined(&array.items, ",", sink, budget),
        Value::Object(_) | Value::Nil | Value::Empty | Value::Blank | Value::Loop(_) => {
            sink.push("[object Object]", budget)
        }
    }
}

/// Writes elements as `Array.prototype.join` does.
pub fn write_joined(
    items: &[Value],
    separator: &str,
    sink: &mut Sink,
    budget: &Budget<'_>,
) -> Result<(), Fault> {
    budget.step(items.len())?;
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            sink.push(separator, budget)?;
        }
        if !item.is_nothing() {
            write_string(item, sink, budget)?;
        }
    }
    Ok(())
}

/// A value as an output shows it.
pub fn stringify(value: &Value, budget: &Budget<'_>) -> Result<Rc<str>, Fault> {
    if let Value::Text(text) = value {
        return Ok(Rc::clone(text));
    }
    let mut sink = Sink::value();
    write(value, &mut sink, budget)?;
    Ok(sink.finish().into())
}

/// A value as `String(value)` gives it: a property's name, too.
pub fn string(value: &Value, budget: &Budget<'_>) -> Result<Rc<str>, Fault> {
    if let Value::Text(text) = value {
        return Ok(Rc::clone(text));
    }
    let mut sink = Sink::value();
    write_string(value, &mut sink, budget)?;
    Ok(sink.finish().into())
}

/// A value as the operators of JavaScript take it: no list or object is left.
pub fn primitive(value: Value, budget: &Budget<'_>) -> Result<Value, Fault> {
    match value.plain() {
        list @ (Value::Array(_) | Value::Object(_)) => Ok(Value::Text(string(&list, budget)?)),
        other => Ok(other),
    }
}

/// A value as `Number(value)` gives it.
pub fn number(value: &Value, budget: &Budget<'_>) -> Result<f64, Fault> {
    Ok(match primitive(value.clone(), budget)? {
        Value::Null => 0.0,
        Value::Bool(value) => f64::from(u8::from(value)),
        Value::Number(number) => number,
        Value::Text(text) => {
            budget.work(text.len())?;
            number::from_text(&text)
        }
        _ => f64::NAN,
    })
}

/// A number as filters for numbers take it: 0 for what is none.
pub fn number_or_zero(value: &Value, budget: &Budget<'_>) -> Result<f64, Fault> {
    let number = number(value, budget)?;
    Ok(if number.is_nan() { 0.0 } else { number })
}

/// `left + right` in JavaScript: a sum, or a text where one is a text.
pub fn sum(left: Value, right: Value, budget: &Budget<'_>) -> Result<Value, Fault> {
    let (left, right) = (primitive(left, budget)?, primitive(right, budget)?);
    if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) {
        let mut sink = Sink::value();
        write_string(&left, &mut sink, budget)?;
        write_string(&right, &mut sink, budget)?;
        return Ok(Value::text(sink.finish()));
    }
    Ok(Value::Number(
        number(&left, budget)? + number(&right, budget)?,
    ))
}

/// A bound of `slice` in a list of this length.
pub fn bound(value: &Value, length: usize, budget: &Budget<'_>) -> Result<usize, Fault> {
    let number = number_or_zero(value, budget)?.trunc();
    Ok(clamp(number, length))
}

/// A whole number as an index that may count from the end.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths are below 2^52, and the result is between 0 and the length"
)]
pub fn clamp(number: f64, length: usize) -> usize {
    let length_as_number = length as f64;
    let from_start = if number < 0.0 {
        number + length_as_number
    } else {
        number
    };
    from_start.clamp(0.0, length_as_number) as usize
}

/// A length as JavaScript counts texts: in UTF-16 units.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A count as a value.
#[expect(clippy::cast_precision_loss, reason = "lengths are below 2^52")]
pub const fn count(count: usize) -> Value {
    Value::Number(count as f64)
}

/// How JavaScript orders two values; nothing where one is no number.
pub fn order(left: &Value, right: &Value, budget: &Budget<'_>) -> Result<Option<Ordering>, Fault> {
    let left = primitive(left.clone(), budget)?;
    let right = primitive(right.clone(), budget)?;
    if let (Value::Text(left), Value::Text(right)) = (&left, &right) {
        budget.work(left.len().min(right.len()))?;
        return Ok(Some(left.encode_utf16().cmp(right.encode_utf16())));
    }
    Ok(number(&left, budget)?.partial_cmp(&number(&right, budget)?))
}

/// Whether two values are equal, as `==` of a template tests it.
pub fn equal(left: &Value, right: &Value, budget: &Budget<'_>) -> Result<bool, Fault> {
    budget.step(1)?;
    match (left, right) {
        (Value::Nil, other) | (other, Value::Nil) => Ok(is_nil(other)),
        (Value::Empty, other) | (other, Value::Empty) => Ok(is_empty(other)),
        (Value::Blank, other) | (other, Value::Blank) => Ok(is_blank(other)),
        (Value::Loop(left), Value::Loop(right)) if Rc::ptr_eq(left, right) => Ok(true),
        (Value::Loop(_), other) => equal(&left.clone().plain(), other, budget),
        (other, Value::Loop(_)) => equal(other, &right.clone().plain(), budget),
        (Value::Array(left), Value::Array(right)) => {
            if left.items.len() != right.items.len() {
                return Ok(false);
            }
            for (left, right) in left.items.iter().zip(&right.items) {
                if !equal(left, right, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Text(left), Value::Text(right)) => {
            budget.work(left.len().min(right.len()))?;
            Ok(left == right)
        }
        _ => Ok(identical(left, right)),
    }
}

/// Whether two values are the same, as `===` tests it.
fn identical(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => {
            left.partial_cmp(right) == Some(Ordering::Equal)
        }
        (Value::Object(left), Value::Object(right)) => Rc::ptr_eq(left, right),
        _ => false,
    }
}

const fn is_nil(value: &Value) -> bool {
    value.is_nothing() || matches!(value, Value::Nil)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Array(array) => array.items.is_empty(),
        Value::Object(object) => object.entries.is_empty(),
        _ => false,
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Bool(false) => true,
        Value::Text(text) => text.chars().all(number::is_space),
        _ => is_nil(value) || is_empty(value),
    }
}

/// Whether a list has an element, or a text another one in it.
pub fn contains(left: &Value, right: &Value, budget: &Budget<'_>) -> Result<bool, Fault> {
    match left.clone().plain() {
        Value::Array(array) => {
            for item in &array.items {
                if equal(item, right, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Text(text) => {
            let part = string(&right.clone().plain(), budget)?;
            budget.work(text.len() + part.len())?;
            Ok(text.contains(&*part))
        }
        _ => Ok(false),
    }
}

/// The property of a value, as a template reads it.
pub fn property(of: &Value, key: &Value, budget: &Budget<'_>) -> Result<Value, Fault> {
    let key = key.clone().plain();
    match of {
        Value::Null => Ok(Value::Null),
        Value::Array(array) => {
            if let Value::Number(number) = key {
                return Ok(element(&array.items, number));
            }
            let key = string(&key, budget)?;
            Ok(match &*key {
                "size" | "length" => count(array.items.len()),
                "first" => element(&array.items, 0.0),
                "last" => element(&array.items, -1.0),
                key => indexed(key).map_or(Value::Undefined, |at| element(&array.items, at)),
            })
        }
        Value::Object(object) => {
            let key = string(&key, budget)?;
            Ok(match object.get(&key) {
                Some(value) => value.clone(),
                None if &*key == "size" => count(object.entries.len()),
                None => Value::Undefined,
            })
        }
        Value::Text(text) => {
            let key = string(&key, budget)?;
            budget.work(text.len())?;
            Ok(match &*key {
                "size" | "length" => count(units(text)),
                key => indexed(key).map_or(Value::Undefined, |at| unit(text, at)),
            })
        }
        Value::Loop(of) => Ok(round(of, &string(&key, budget)?)),
        _ => Ok(Value::Undefined),
    }
}

/// The index that a name is, if it is one as JavaScript writes it.
fn indexed(key: &str) -> Option<f64> {
    let at: u32 = key.parse().ok()?;
    (at.to_string() == key).then(|| f64::from(at))
}

/// An element by its index, which counts from the end where it is negative.
pub fn element(items: &[Value], at: f64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^52")]
    let length = items.len() as f64;
    let at = if at < 0.0 { at + length } else { at };
    if !(at >= 0.0 && at < length) || at.fract() != 0.0 {
        return Value::Undefined;
    }
    items
        .get(clamp(at, items.len()))
        .cloned()
        .unwrap_or(Value::Undefined)
}

/// A character by its index in UTF-16 units. Half a character is shown as what stands for a broken one.
fn unit(text: &str, at: f64) -> Value {
    let units: Vec<u16> = text.encode_utf16().collect();
    let at = clamp(at, units.len());
    units.get(at..=at).map_or(Value::Undefined, |unit| {
        Value::text(String::from_utf16_lossy(unit))
    })
}

/// What a loop tells about its round.
fn round(of: &Loop, name: &str) -> Value {
    let index = of.index.get();
    #[expect(clippy::cast_precision_loss, reason = "rounds are below 2^52")]
    let (at, length) = (index as f64, of.length as f64);
    match name {
        "index" => Value::Number(at + 1.0),
        "index0" | "i" => Value::Number(at),
        "rindex" => Value::Number(length - at),
        "rindex0" => Value::Number(length - at - 1.0),
        "first" => Value::Bool(index == 0),
        "last" => Value::Bool(index + 1 == of.length),
        "length" => Value::Number(length),
        "name" => Value::text(of.name.as_str()),
        _ => match &of.columns {
            Some(columns) => cell(columns, at, name),
            None => Value::Undefined,
        },
    }
}

/// What the loop of a table tells about its cell.
fn cell(columns: &Columns, at: f64, name: &str) -> Value {
    let column = at % columns.count;
    match name {
        "cols" => columns.given.clone(),
        "row" => Value::Number((at / columns.count).floor() + 1.0),
        "col0" => Value::Number(column),
        "col" => Value::Number(column + 1.0),
        "col_first" => Value::Bool(column == 0.0),
        "col_last" => match columns.given {
            Value::Number(count) => {
                let last = (column + 1.0).partial_cmp(&count) == Some(Ordering::Equal);
                Value::Bool(last)
            }
            _ => Value::Bool(false),
        },
        _ => Value::Undefined,
    }
}

/// Whether a length is at most a number, which is never so where that is none.
#[expect(clippy::cast_precision_loss, reason = "lengths are below 2^52")]
pub fn at_most(length: usize, number: f64) -> bool {
    length as f64 <= number
}

/// Whether a length is at least a number, which is never so where that is none.
#[expect(clippy::cast_precision_loss, reason = "lengths are below 2^52")]
pub fn at_least(length: usize, number: f64) -> bool {
    length as f64 >= number
}
