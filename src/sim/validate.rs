//! What request bodies have to be, and the words that the API refuses others with (§0.2).

mod shape;

use serde_json::{Map, Value};

use self::shape::fits;
pub(super) use self::shape::{ANY_OBJECT, FILLED_TEXT, Field, Shape, TEXT, TEXTS, may, must};
use super::answer::invalid_body;
use crate::auth0::exchange::{Request, Response};

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
