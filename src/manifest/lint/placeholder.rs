//! Values that a template tool should have replaced and did not.

use serde_json::Value;

/// Whether a text is a placeholder, or holds one: `##NAME##`, `${NAME}`, `{{ name }}`, `<name>`,
/// `changeme`.
pub(in crate::manifest) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let word = text.to_ascii_lowercase().replace(['-', '_'], "");
    ["changeme", "replaceme", "todo"].contains(&word.as_str())
        || between(text, "<", ">").is_some_and(|name| name.len() + 2 == text.len())
        || [("##", "##"), ("${", "}"), ("{{", "}}")]
            .into_iter()
            .any(|(open, close)| between(text, open, close).is_some())
}

/// Whether a text is what SOPS leaves of a value.
pub(in crate::manifest) fn is_encrypted(text: &str) -> bool {
    text.trim_start().starts_with("ENC[AES256_GCM,")
}

/// The name between two marks.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(open)?;
    let (name, _) = rest.split_once(close)?;
    let letter = |letter: char| letter.is_alphanumeric() || " _-.:$".contains(letter);
    (!name.trim().is_empty() && name.chars().all(letter)).then_some(name)
}

/// The pointers of all texts in `value` that hold a placeholder; code is left out.
pub(super) fn pointers(value: &Value, pointer: &str) -> Vec<String> {
    match value {
        Value::String(text) if is_placeholder(text) => vec![pointer.to_owned()],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| pointers(item, &format!("{pointer}/{index}")))
            .collect(),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "code")
            .flat_map(|(key, value)| pointers(value, &format!("{pointer}/{}", super::escaped(key))))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sops_leaves_of_a_value_is_known() {
        let encrypted = "ENC[AES256_GCM,data:3+bG,iv:q1c=,tag:8Y0=,type:str]";
        assert!(is_encrypted(encrypted));
        assert!(!is_encrypted("ENCORE[AES256_GCM,") && !is_encrypted(""));
    }

    #[test]
    fn what_a_template_tool_replaces_is_a_placeholder() {
        for text in [
            "##TWILIO_TOKEN##",
            "${TOKEN}",
            "https://${HOST}/",
            "{{ .Values.token }}",
            "<your-token>",
            "changeme",
            "CHANGE_ME",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "",
            "example-auth-token",
            "a < b > c",
            "$5 {a}",
            "## title",
            "<>",
            "x<y>",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
