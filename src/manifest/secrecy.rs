//! Which lines of a file hold Secrets, and must never be shown.

use std::ops::Range;

use serde_json::Value;

use super::diagnostic::{Diagnostic, SourceFile};
use super::yaml::{Document, YamlError};

/// The bytes of a file that belong to Secrets.
#[derive(Debug, Default)]
pub(super) struct Hidden(Vec<Range<usize>>);

impl Hidden {
    /// Looks for Secrets among the documents, among the items of lists, and in what could not be
    /// read. What is no object and follows a Secret may be a part of it that was cut off.
    pub(super) fn of(file: &SourceFile, documents: &[Document], errors: &[YamlError]) -> Self {
        let mut hidden: Vec<Range<usize>> = Vec::new();
        let mut parts: Vec<(&Range<usize>, Option<&Document>)> = documents
            .iter()
            .map(|document| (&document.bytes, Some(document)))
            .chain(errors.iter().map(|error| (&error.document, None)))
            .collect();
        parts.sort_by_key(|(span, _)| span.start);
        let mut after_secret = false;
        for (span, document) in parts {
            let items = document.map_or_else(Vec::new, secret_items);
            let object = document.is_some_and(|document| is_object(&document.value));
            let text = || file.text.get(span.clone()).unwrap_or_default();
            let whole = document.is_some_and(|document| is_secret(&document.value))
                || (!object && (looks_secret(text()) || (after_secret && !begins_object(text()))));
            after_secret = whole || !items.is_empty();
            hidden.extend(items);
            hidden.extend(whole.then(|| span.clone()));
        }
        Self(hidden)
    }

    /// Marks a diagnostic whose line would show a part of a Secret.
    pub(super) fn mark(&self, diagnostic: &mut Diagnostic) {
        if let Some(location) = &mut diagnostic.location {
            let line = location.file.line(location.span.start);
            location.secret |= self.covers(&line);
        }
    }

    /// Whether some of these bytes belong to a Secret.
    pub(super) fn covers(&self, bytes: &Range<usize>) -> bool {
        let shares = |span: &Range<usize>| span.start < bytes.end && bytes.start < span.end;
        self.0.iter().any(shares)
    }
}

/// The bytes of the items of a list that are Secrets, or hold some.
fn secret_items(document: &Document) -> Vec<Range<usize>> {
    let span = |index: usize| {
        let place = document.places.get(&format!("/items/{index}"));
        // Where it stands may not be known, or be an alias.
        place.map_or(document.bytes.clone(), |place| place.value.clone())
    };
    items(&document.value)
        .enumerate()
        .filter(|(_, item)| holds_secret(item))
        .map(|(index, _)| span(index))
        .collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let items = value.get("items").and_then(Value::as_array);
    items.into_iter().flatten()
}

fn holds_secret(value: &Value) -> bool {
    is_secret(value) || items(value).any(holds_secret)
}

/// Whether a value says what it is.
fn is_object(value: &Value) -> bool {
    ["apiVersion", "kind"]
        .iter()
        .all(|key| value.get(key).is_some_and(Value::is_string))
}

/// Whether a value is a Secret, or has what only a Secret has.
fn is_secret(value: &Value) -> bool {
    let kind = value.get("kind").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("Secret"))
        || value.get("stringData").is_some()
}

/// Whether a text that cannot be read begins as objects do, so that nothing of it belongs to what
/// stands before it.
fn begins_object(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| {
        let line = line.trim_end();
        !(line.is_empty() || line == "---" || line.starts_with('#'))
    });
    lines.next().is_some_and(|line| {
        ["apiVersion:", "kind:"]
            .iter()
            .any(|key| line.starts_with(key))
    })
}

/// Whether a text that cannot be read may hold a Secret.
pub(super) fn looks_secret(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| word.eq_ignore_ascii_case("secret") || word == "stringData")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_in_text_that_is_no_yaml() {
        for text in [
            "kind: Secret\n",
            "{\"kind\":\"Secret\",",
            "a: [\nkind: 'Secret'\n",
            "{\"kind\":\"PhoneProvider\",\"authTokenSecretRef\":1},{\"kind\" : \"Secret\"}",
            "stringData:\n",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        assert!(!looks_secret(
            "kind: PhoneProvider\nauthTokenSecretRef: x\nkind: SecretStore\n"
        ));
    }
}
