//! Filters for lists.

use std::collections::HashSet;
use std::rc::Rc;

use super::{Call, Outcome, sort, text};
use crate::template::budget::{Fault, Sink};
use crate::template::convert;
use crate::template::value::Value;

pub fn apply(name: &str, call: &Call<'_>) -> Option<Outcome> {
    Some(match name {
        "join" => join(call),
        "first" => end(call, 0.0),
        "last" => end(call, -1.0),
        "reverse" => call.list().and_then(|mut items| {
            items.reverse();
            call.array(items)
        }),
        "size" => Ok(size(call.input)),
        "slice" => slice(call),
        "map" => map(call),
        "sort" => sort::sort(call),
        "sort_natural" => sort::sort_natural(call),
        "sum" => sum(call),
        "compact" => call.list().and_then(|mut items| {
            items.retain(|item| !item.clone().plain().is_nothing());
            call.array(items)
        }),
        "concat" => concat(call),
        "push" => changed(call, Vec::push),
        "unshift" => changed(call, |items, value| items.insert(0, value)),
        "pop" => changed(call, |items, _| {
            items.pop();
        }),
        "shift" => changed(call, |items, _| {
            items.drain(..items.len().min(1));
        }),
        "uniq" => unique(call),
        "where" => selected(call, true),
        "reject" => selected(call, false),
        "find" => found(call).map(|found| found.map_or(Value::Undefined, |(_, item)| item)),
        "find_index" => {
            found(call).map(|found| found.map_or(Value::Undefined, |(at, _)| convert::count(at)))
        }
        "has" => found(call).map(|found| Value::Bool(found.is_some())),
        "array_to_sentence_string" => sentence(call),
        _ => return None,
    })
}

fn join(call: &Call<'_>) -> Outcome {
    let items = call.list()?;
    let separator = match call.argument(0).plain() {
        Value::Undefined | Value::Null => " ".into(),
        given => convert::stringify(&given, call.budget)?,
    };
    let mut sink = Sink::value();
    convert::write_joined(&items, &separator, &mut sink, call.budget)?;
    call.done(sink.finish())
}

/// The first or the last element, or character.
fn end(call: &Call<'_>, at: f64) -> Outcome {
    match call.input.clone().plain() {
        Value::Array(array) => Ok(convert::element(&array.items, at)),
        Value::Text(text) if !text.is_empty() => {
            let last = convert::count(convert::units(&text) - 1);
            let at = if at < 0.0 { last } else { Value::Number(at) };
            convert::property(&Value::Text(text), &at, call.budget)
        }
        _ => Ok(Value::text("")),
    }
}

fn size(value: &Value) -> Value {
    match value {
        Value::Text(text) => convert::count(convert::units(text)),
        Value::Array(array) => convert::count(array.items.len()),
        Value::Loop(of) => convert::count(of.length),
        Value::Object(object) => match object.get("length") {
            Some(length) if length.is_truthy() => length.clone(),
            _ => Value::Number(0.0),
        },
        _ => Value::Number(0.0),
    }
}

fn slice(call: &Call<'_>) -> Outcome {
    let value = call.input.clone().plain();
    if value.is_nothing() {
        return call.array(Vec::new());
    }
    let (begin, length) = (call.argument(0), call.argument_or(1, Value::Number(1.0)));
    let (from, count) = (
        convert::number(&begin, call.budget)?,
        convert::number(&length, call.budget)?,
    );
    if let Value::Array(array) = value {
        let Value::Number(whole) = convert::count(array.items.len()) else {
            return call.array(Vec::new());
        };
        let begin = if from < 0.0 {
            Value::Number(whole + from)
        } else {
            begin
        };
        if (from < 0.0 && whole + from < 0.0) || count < 0.0 {
            return call.array(Vec::new());
        }
        let end = convert::sum(begin.clone(), length, call.budget)?;
        let start = convert::bound(&begin, array.items.len(), call.budget)?;
        let end = convert::bound(&end, array.items.len(), call.budget)?;
        let part = array.items.get(start..end).unwrap_or_default();
        return call.array(part.to_vec());
    }
    let input = convert::stringify(&value, call.budget)?;
    let Value::Number(whole) = convert::count(input.chars().count()) else {
        return call.done("");
    };
    let from = if from < 0.0 { whole + from } else { from };
    if from < 0.0 || count < 0.0 {
        return call.done("");
    }
    let rest = &input[text::taken(&input, from)..];
    call.done(&rest[..text::taken(rest, count)])
}

/// The property of an element, by a path with points.
pub fn at_path(item: &Value, path: &str, call: &Call<'_>) -> Outcome {
    let mut value = item.clone();
    for name in path.split('.') {
        call.budget.step(1)?;
        value = convert::property(&value, &Value::text(name), call.budget)?;
    }
    Ok(value)
}

fn map(call: &Call<'_>) -> Outcome {
    let path = call.text_argument(0)?;
    let items: Result<Vec<Value>, Fault> = call
        .list()?
        .iter()
        .map(|item| at_path(item, &path, call))
        .collect();
    call.array(items?)
}

fn sum(call: &Call<'_>) -> Outcome {
    let path = call.argument(0);
    let path = if path.is_truthy() {
        Some(convert::stringify(&path, call.budget)?)
    } else {
        None
    };
    let mut sum = 0.0;
    for item in call.list()? {
        let value = match &path {
            Some(path) => at_path(&item, path, call)?,
            None => item,
        };
        sum += convert::number_or_zero(&value, call.budget)?;
    }
    Ok(Value::Number(sum))
}

fn concat(call: &Call<'_>) -> Outcome {
    let mut items = call.list()?;
    items.extend(call.argument(0).listed(call.budget)?);
    call.array(items)
}

fn changed(call: &Call<'_>, change: impl FnOnce(&mut Vec<Value>, Value)) -> Outcome {
    let mut items = call.list()?;
    change(&mut items, call.argument(0));
    call.array(items)
}

/// By what JavaScript tells elements of a set apart.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Word(&'static str),
    Number(u64),
    Text(Rc<str>),
    Place(usize),
}

fn identity(value: &Value) -> Identity {
    match value {
        Value::Undefined => Identity::Word("undefined"),
        Value::Null => Identity::Word("null"),
        Value::Nil => Identity::Word("nil"),
        Value::Empty => Identity::Word("empty"),
        Value::Blank => Identity::Word("blank"),
        Value::Bool(true) => Identity::Word("true"),
        Value::Bool(false) => Identity::Word("false"),
        Value::Number(number) if *number == 0.0 => Identity::Number(0),
        Value::Number(number) => Identity::Number(number.to_bits()),
        Value::Text(text) => Identity::Text(Rc::clone(text)),
        Value::Array(array) => Identity::Place(Rc::as_ptr(array).addr()),
        Value::Object(object) => Identity::Place(Rc::as_ptr(object).addr()),
        Value::Loop(of) => Identity::Place(Rc::as_ptr(of).addr()),
    }
}

fn unique(call: &Call<'_>) -> Outcome {
    let mut items = call.list()?;
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(identity(item)));
    call.array(items)
}

/// Whether an element's property is as wanted; without a wanted value, whether it is true.
fn matches(item: &Value, call: &Call<'_>) -> Result<bool, Fault> {
    let value = at_path(item, &call.text_argument(0)?, call)?;
    match call.argument(1) {
        Value::Undefined => Ok(value.is_true()),
        wanted => convert::equal(&value, &wanted, call.budget),
    }
}

fn selected(call: &Call<'_>, wanted: bool) -> Outcome {
    let mut items = Vec::new();
    for item in call.list()? {
        if matches(&item, call)? == wanted {
            items.push(item);
        }
    }
    call.array(items)
}

fn found(call: &Call<'_>) -> Result<Option<(usize, Value)>, Fault> {
    for (at, item) in call.list()?.into_iter().enumerate() {
        if matches(&item, call)? {
            return Ok(Some((at, item)));
        }
    }
    Ok(None)
}

fn sentence(call: &Call<'_>) -> Outcome {
    let items = call.list()?;
    let connector = match call.argument(0) {
        Value::Undefined => "and".into(),
        given => convert::stringify(&given, call.budget)?,
    };
    let Some((last, before)) = items.split_last() else {
        return call.done("");
    };
    if before.is_empty() {
        return Ok(last.clone());
    }
    let mut sink = Sink::value();
    match before {
        [first] => convert::write_string(first, &mut sink, call.budget)?,
        _ => convert::write_joined(before, ", ", &mut sink, call.budget)?,
    }
    let comma = if before.len() > 1 { "," } else { "" };
    sink.push(comma, call.budget)?;
    sink.push(" ", call.budget)?;
    sink.push(&connector, call.budget)?;
    sink.push(" ", call.budget)?;
    convert::write_string(last, &mut sink, call.budget)?;
    call.done(sink.finish())
}
