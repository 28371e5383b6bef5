//! Checks of request bodies, in the words that the API refuses them with (§0.2).

use serde_json::{Map, Value};

use super::answer::invalid_body;
use crate::auth0::exchange::{Request, Response};

/// The body as an object that has no other keys than these.
pub(super) fn object<'a>(
    request: &'a Request,
    known: &[&str],
) -> Result<&'a Map<String, Value>, Response> {
    let body = request
        .body
        .as_ref()
        .ok_or_else(|| expected_type("object", "no body"))?;
    let map = body
        .as_object()
        .ok_or_else(|| expected_type("object", kind(body)))?;
    only(map, known)?;
    Ok(map)
}

/// As [`object`], with at least one key.
pub(super) fn change<'a>(
    request: &'a Request,
    known: &[&str],
) -> Result<&'a Map<String, Value>, Response> {
    let map = object(request, known)?;
    if map.is_empty() {
        return Err(invalid_body(
            "Payload validation error: 'Too few properties defined (0), minimum 1'.",
        ));
    }
    Ok(map)
}

/// Refuses keys that are not known.
pub(super) fn only(map: &Map<String, Value>, known: &[&str]) -> Result<(), Response> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(invalid_body(&format!(
            "Payload validation error: 'Additional properties not allowed: {key}'."
        ))),
    }
}

/// A key that must be there.
pub(super) fn required<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a Value, Response> {
    map.get(key).ok_or_else(|| {
        invalid_body(&format!(
            "Payload validation error: 'Missing required property: {key}'."
        ))
    })
}

/// A key that is a string of this many characters, where it is there.
pub(super) fn string<'a>(
    map: &'a Map<String, Value>,
    key: &str,
    (least, most): (usize, usize),
) -> Result<Option<&'a str>, Response> {
    let Some(value) = map.get(key) else {
        return Ok(None);
    };
    let text = value
        .as_str()
        .ok_or_else(|| wrong_type("string", value, key))?;
    let length = text.chars().count();
    if length < least {
        return Err(invalid_body(&format!(
            "Payload validation error: 'String is too short ({length} chars), minimum {least}' on property {key}."
        )));
    }
    if length > most {
        return Err(invalid_body(&format!(
            "Payload validation error: 'String is too long ({length} chars), maximum {most}' on property {key}."
        )));
    }
    Ok(Some(text))
}

/// A key that is true or false, where it is there.
pub(super) fn boolean(map: &Map<String, Value>, key: &str) -> Result<Option<bool>, Response> {
    match map.get(key) {
        None => Ok(None),
        Some(value) => value
            .as_bool()
            .map(Some)
            .ok_or_else(|| wrong_type("boolean", value, key)),
    }
}

/// A key that is an object, where it is there.
pub(super) fn nested<'a>(
    map: &'a Map<String, Value>,
    key: &str,
) -> Result<Option<&'a Map<String, Value>>, Response> {
    match map.get(key) {
        None => Ok(None),
        Some(value) => value
            .as_object()
            .map(Some)
            .ok_or_else(|| wrong_type("object", value, key)),
    }
}

/// A string that is one of these.
pub(super) fn one_of(value: &Value, allowed: &[&str], key: &str) -> Result<String, Response> {
    match value.as_str().filter(|text| allowed.contains(text)) {
        Some(text) => Ok(text.to_owned()),
        None => Err(invalid_body(&format!(
            "Payload validation error: 'No enum match for: {}' on property {key}.",
            value.as_str().unwrap_or_else(|| kind(value))
        ))),
    }
}

/// A list of different strings that are each one of these.
pub(super) fn set_of(
    value: &Value,
    allowed: &[&str],
    key: &str,
    least: usize,
) -> Result<Vec<String>, Response> {
    let items = value
        .as_array()
        .ok_or_else(|| wrong_type("array", value, key))?;
    if items.len() < least {
        return Err(invalid_body(&format!(
            "Payload validation error: 'Array is too short ({}), minimum {least}' on property {key}.",
            items.len()
        )));
    }
    let names: Vec<String> = items
        .iter()
        .map(|item| one_of(item, allowed, key))
        .collect::<Result<_, _>>()?;
    let repeated = names
        .iter()
        .enumerate()
        .any(|(at, name)| names[..at].contains(name));
    if repeated {
        return Err(invalid_body(&format!(
            "Payload validation error: 'Array items are not unique' on property {key}."
        )));
    }
    Ok(names)
}

/// A value of the wrong type.
pub(super) fn wrong_type(expected: &str, found: &Value, key: &str) -> Response {
    invalid_body(&format!(
        "Payload validation error: 'Expected type {expected} but found type {}' on property {key}.",
        kind(found)
    ))
}

fn expected_type(expected: &str, found: &str) -> Response {
    invalid_body(&format!(
        "Payload validation error: 'Expected type {expected} but found type {found}'."
    ))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
