//! What request bodies have to be, and the words that the API refuses others with (§0.2).

use serde_json::{Map, Value};

use super::answer::invalid_body;
use crate::auth0::exchange::{Request, Response};

/// What a JSON value has to be.
#[derive(Debug)]
pub(super) enum Shape {
    /// Anything: the engine has no business with it.
    Any,
    /// True or false.
    Boolean,
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// A string of so many characters, from the first to the second number.
    Text(usize, usize),
    /// A string that the function accepts, and how the API calls what it asks for.
    Form(fn(&str) -> bool, &'static str),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A list of so many items.
    List(&'static Shape, usize, usize),
    /// A list of different items, so many at least.
    Set(&'static Shape, usize),
    /// An object with these keys and no others.
    Object(&'static [Field]),
    /// As [`Shape::Object`], with at least one key.
    Filled(&'static [Field]),
    /// An object whose other keys hold anything.
    Open(&'static [Field]),
    /// An object of any keys, so many at most, that all hold the same.
    Each(&'static Shape, usize),
    /// Null, or else this.
    OrNull(&'static Shape),
}

/// One key of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    name: &'static str,
    shape: &'static Shape,
    required: bool,
}

/// A key that may be there.
pub(super) const fn may(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name,
        shape,
        required: false,
    }
}

/// A key that must be there.
pub(super) const fn must(name: &'static str, shape: &'static Shape) -> Field {
    Field {
        name,
        shape,
        required: true,
    }
}

/// Any string.
pub(super) const TEXT: Shape = Shape::Text(0, usize::MAX);
/// A string that is not empty.
pub(super) const FILLED_TEXT: Shape = Shape::Text(1, usize::MAX);
/// A list of any strings.
pub(super) const TEXTS: Shape = Shape::List(&TEXT, 0, usize::MAX);
/// An object of any kind.
pub(super) const ANY_OBJECT: Shape = Shape::Open(&[]);

/// The body, where it has the shape.
pub(super) fn body<'a>(request: &'a Request, shape: &Shape) -> Result<&'a Value, Response> {
    let body = request.body.as_ref().unwrap_or(&Value::Null);
    check(body, shape, "")?;
    Ok(body)
}

/// The body as an object, where it has the shape.
pub(super) fn object<'a>(
    request: &'a Request,
    shape: &Shape,
) -> Result<&'a Map<String, Value>, Response> {
    body(request, shape)?
        .as_object()
        .ok_or_else(|| invalid_body("Payload validation error: 'Expected type object'."))
}

/// A key that must be there for a reason that is not one of shape.
pub(super) fn required<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a Value, Response> {
    map.get(key).ok_or_else(|| {
        invalid_body(&format!(
            "Payload validation error: 'Missing required property: {key}'."
        ))
    })
}

/// Refuses a value that does not have the shape. `at` is its key in the body, empty for the whole.
pub(super) fn check(value: &Value, shape: &Shape, at: &str) -> Result<(), Response> {
    fits(value, shape).map_err(|problem| {
        let inner = problem.place.iter().rev().map(String::as_str);
        let keys: Vec<&str> = [at].into_iter().chain(inner).collect();
        let place = keys.join(".");
        let place = match place.trim_start_matches('.') {
            "" => String::new(),
            place => format!(" on property {place}"),
        };
        invalid_body(&format!(
            "Payload validation error: '{}'{place}.",
            problem.text
        ))
    })
}

/// What is wrong, and the keys that lead there, the innermost first.
struct Problem {
    text: String,
    place: Vec<String>,
}

impl Problem {
    fn new(text: String) -> Self {
        Self {
            text,
            place: Vec::new(),
        }
    }

    fn within(mut self, key: &str) -> Self {
        self.place.push(key.to_owned());
        self
    }
}

fn fits(value: &Value, shape: &Shape) -> Result<(), Problem> {
    match (shape, value) {
        (Shape::Any, _) | (Shape::Boolean, Value::Bool(_)) | (Shape::OrNull(_), Value::Null) => {
            Ok(())
        }
        (Shape::OrNull(inner), _) => fits(value, inner),
        (Shape::Integer(least, most), _) => integer(value, *least, *most),
        (Shape::Text(least, most), Value::String(text)) => length(text, *least, *most),
        (Shape::Form(accepts, name), Value::String(text)) => {
            if accepts(text) {
                return Ok(());
            }
            Err(Problem::new(format!(
                "Object didn't pass validation for format {name}: {text}"
            )))
        }
        (Shape::OneOf(allowed), Value::String(text)) => {
            if allowed.contains(&text.as_str()) {
                return Ok(());
            }
            Err(Problem::new(format!("No enum match for: {text}")))
        }
        (Shape::List(item, least, most), Value::Array(items)) => list(items, item, *least, *most),
        (Shape::Set(item, least), Value::Array(items)) => {
            list(items, item, *least, usize::MAX)?;
            different(items)
        }
        (Shape::Object(fields), Value::Object(map)) => {
            keys(map, fields)?;
            only(map, fields)
        }
        (Shape::Filled(fields), Value::Object(map)) => {
            if map.is_empty() {
                return Err(Problem::new(
                    "Too few properties defined (0), minimum 1".to_owned(),
                ));
            }
            keys(map, fields)?;
            only(map, fields)
        }
        (Shape::Open(fields), Value::Object(map)) => keys(map, fields),
        (Shape::Each(inner, most), Value::Object(map)) => each(map, inner, *most),
        _ => Err(Problem::new(format!(
            "Expected type {} but found type {}",
            expected(shape),
            kind(value)
        ))),
    }
}

fn integer(value: &Value, least: i64, most: i64) -> Result<(), Problem> {
    let Some(number) = value.as_i64() else {
        return Err(Problem::new(format!(
            "Expected type integer but found type {}",
            kind(value)
        )));
    };
    if number < least {
        return Err(Problem::new(format!(
            "Value {number} is less than minimum {least}"
        )));
    }
    if number > most {
        return Err(Problem::new(format!(
            "Value {number} is greater than maximum {most}"
        )));
    }
    Ok(())
}

fn length(text: &str, least: usize, most: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length < least {
        return Err(Problem::new(format!(
            "String is too short ({length} chars), minimum {least}"
        )));
    }
    if length > most {
        return Err(Problem::new(format!(
            "String is too long ({length} chars), maximum {most}"
        )));
    }
    Ok(())
}

fn list(items: &[Value], item: &Shape, least: usize, most: usize) -> Result<(), Problem> {
    let length = items.len();
    if length < least {
        return Err(Problem::new(format!(
            "Array is too short ({length}), minimum {least}"
        )));
    }
    if length > most {
        return Err(Problem::new(format!(
            "Array is too long ({length}), maximum {most}"
        )));
    }
    for (at, value) in items.iter().enumerate() {
        fits(value, item).map_err(|problem| problem.within(&at.to_string()))?;
    }
    Ok(())
}

fn different(items: &[Value]) -> Result<(), Problem> {
    for (at, item) in items.iter().enumerate() {
        if let Some(before) = items[..at].iter().position(|other| other == item) {
            return Err(Problem::new(format!(
                "Array items are not unique (indexes {before} and {at})"
            )));
        }
    }
    Ok(())
}

fn keys(map: &Map<String, Value>, fields: &[Field]) -> Result<(), Problem> {
    for field in fields {
        match map.get(field.name) {
            Some(value) => {
                fits(value, field.shape).map_err(|problem| problem.within(field.name))?;
            }
            None if field.required => {
                return Err(Problem::new(format!(
                    "Missing required property: {}",
                    field.name
                )));
            }
            None => {}
        }
    }
    Ok(())
}

fn only(map: &Map<String, Value>, fields: &[Field]) -> Result<(), Problem> {
    let unknown: Vec<&str> = map
        .keys()
        .map(String::as_str)
        .filter(|key| fields.iter().all(|field| field.name != *key))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "Additional properties not allowed: {}",
        unknown.join(",")
    )))
}

fn each(map: &Map<String, Value>, inner: &Shape, most: usize) -> Result<(), Problem> {
    if map.len() > most {
        return Err(Problem::new(format!(
            "Too many properties defined ({}), maximum {most}",
            map.len()
        )));
    }
    for (key, value) in map {
        fits(value, inner).map_err(|problem| problem.within(key))?;
    }
    Ok(())
}

const fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any => "any",
        Shape::Boolean => "boolean",
        Shape::Integer(..) => "integer",
        Shape::Text(..) | Shape::Form(..) | Shape::OneOf(_) => "string",
        Shape::List(..) | Shape::Set(..) => "array",
        Shape::Object(_) | Shape::Filled(_) | Shape::Open(_) | Shape::Each(..) => "object",
        Shape::OrNull(inner) => expected(inner),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth0::exchange::Payload;

    const SHAPE: Shape = Shape::Object(&[
        must("to", &Shape::Text(1, 16)),
        may("how", &Shape::Set(&Shape::OneOf(&["text", "voice"]), 1)),
        may(
            "totp",
            &Shape::Open(&[may("length", &Shape::Integer(4, 40))]),
        ),
        may("note", &Shape::OrNull(&TEXT)),
        may("labels", &Shape::Each(&TEXT, 2)),
    ]);

    fn refusal(value: &Value) -> Option<String> {
        let refused = check(value, &SHAPE, "").err()?;
        assert_eq!(refused.status, 400);
        let Payload::Json(body) = refused.body else {
            return None;
        };
        assert_eq!(body["errorCode"], "invalid_body");
        let text = body["message"].as_str()?;
        Some(text.strip_prefix("Payload validation error: ")?.to_owned())
    }

    #[test]
    fn what_fits_is_let_through() {
        let whole = json!({"to": "+1", "how": ["voice"], "totp": {"length": 6, "x": 1}, "note": null, "labels": {"a": "b"}});
        assert_eq!(refusal(&whole), None);
        assert_eq!(refusal(&json!({"to": "+1"})), None);
    }

    #[test]
    fn refusals_name_the_rule_and_the_place() {
        for (value, expected) in [
            (json!([]), "'Expected type object but found type array'."),
            (json!({}), "'Missing required property: to'."),
            (
                json!({"to": 7.5}),
                "'Expected type string but found type number' on property to.",
            ),
            (
                json!({"to": ""}),
                "'String is too short (0 chars), minimum 1' on property to.",
            ),
            (
                json!({"to": "+", "a": 1, "b": 1}),
                "'Additional properties not allowed: a,b'.",
            ),
            (
                json!({"to": "+", "how": []}),
                "'Array is too short (0), minimum 1' on property how.",
            ),
            (
                json!({"to": "+", "how": ["fax"]}),
                "'No enum match for: fax' on property how.0.",
            ),
            (
                json!({"to": "+", "how": ["text", "text"]}),
                "'Array items are not unique (indexes 0 and 1)' on property how.",
            ),
            (
                json!({"to": "+", "totp": {"length": 3}}),
                "'Value 3 is less than minimum 4' on property totp.length.",
            ),
            (
                json!({"to": "+", "totp": {"length": "6"}}),
                "'Expected type integer but found type string' on property totp.length.",
            ),
            (
                json!({"to": "+", "note": 1}),
                "'Expected type string but found type integer' on property note.",
            ),
            (
                json!({"to": "+", "labels": {"a": "", "b": "", "c": ""}}),
                "'Too many properties defined (3), maximum 2' on property labels.",
            ),
        ] {
            assert_eq!(refusal(&value).as_deref(), Some(expected), "{value}");
        }
    }
}
