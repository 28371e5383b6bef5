//! The words for what a schema asks for.

use serde_json::Value;

/// The pattern of phone numbers.
pub(super) const E164: &str = r"^\+[1-9][0-9]{1,14}$";

/// What a pattern of ours asks for, in words.
pub(super) fn form(pattern: &str) -> String {
    let words = match pattern {
        r"^AC[0-9a-fA-F]{32}$" => "a Twilio account SID is AC and 32 hexadecimal digits",
        r"^MG[0-9a-fA-F]{32}$" => "a Twilio messaging service SID is MG and 32 hexadecimal digits",
        E164 => "write the number in E.164: + and the country code, without blanks or dashes",
        r"^([0-9]{1,9}(ms|s|m|h))+$" | r"^([0-9]{1,9}(s|m|h))+$" => DURATION,
        r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$" => {
            "write the host name alone, such as acme.eu.auth0.com, without https:// and without a path"
        }
        super::NAME => "a name is lower-case letters, digits, - and .",
        super::NAMESPACE => "the name of a namespace is lower-case letters, digits and -",
        other => return format!("the form is {other}"),
    };
    words.to_owned()
}

/// How long something takes, as manifests say it.
const DURATION: &str = "write a length of time with its unit, such as 90s, 10m or 1h30m";

/// What to write in the place of a value of another type, where that is plain.
pub(super) fn instead(value: &Value, schema: &Value) -> Option<String> {
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let named = schema.pointer("/properties/name").is_some();
    match value {
        Value::Number(_) if pattern.is_some_and(|pattern| form(pattern) == DURATION) => {
            Some(DURATION.to_owned())
        }
        Value::String(name) if named => Some(format!("write {{name: {name}}}")),
        _ => None,
    }
}

/// What a type of a schema is called.
pub(super) fn article(kind: &str) -> &'static str {
    match kind {
        "object" => "an object",
        "array" => "a list",
        "string" => "text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        _ => "a number",
    }
}

/// What a value is.
pub(super) fn of_value(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => article("boolean"),
        Value::Number(_) => article("number"),
        Value::String(_) => article("string"),
        Value::Array(_) => article("array"),
        Value::Object(_) => article("object"),
    }
}
