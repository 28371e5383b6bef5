//! Options of connections: Auth0 replaces them whole, so what nobody here owns is sent back (§7.4).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::shown;
use crate::phone::action::FieldChange;

/// The options, where all of them can be seen; or why they must not be written.
pub(super) fn hidden(
    options: Option<&Map<String, Value>>,
) -> Result<&Map<String, Value>, &'static str> {
    match options {
        None => Err("its options are hidden from Dialtone: grant read:connections_options"),
        Some(options) if masked_values(options) => {
            Err("its options came back masked: writing them would destroy what is hidden")
        }
        Some(options) => Ok(options),
    }
}

/// Puts the owned options in their places, leaves every other key alone, and says what changed.
pub(super) fn own(
    options: &mut Map<String, Value>,
    owned: &BTreeMap<Vec<&'static str>, Value>,
) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    for (path, wanted) in owned {
        if let Some(before) = put(options, path, wanted) {
            fields.push(FieldChange {
                path: format!("options.{}", path.join(".")),
                from: before.as_ref().map(shown),
                to: Some(shown(wanted)),
            });
        }
    }
    fields
}

/// Sets a value by path; `Some(previous)` where that changed something.
#[expect(
    clippy::option_option,
    reason = "unchanged, or changed from nothing or something"
)]
pub(super) fn put(
    map: &mut Map<String, Value>,
    path: &[&str],
    wanted: &Value,
) -> Option<Option<Value>> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        let before = map.get(*first).cloned();
        if before.as_ref() == Some(wanted) {
            return None;
        }
        map.insert((*first).to_owned(), wanted.clone());
        return Some(before);
    }
    let inner = map
        .entry(*first)
        .or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    put(inner.as_object_mut()?, rest, wanted)
}

/// Whether a string somewhere in the options stands for a secret that was not shown.
fn masked_values(options: &Map<String, Value>) -> bool {
    fn masked(value: &Value) -> bool {
        match value {
            Value::String(text) => text.len() > 2 && text.bytes().all(|byte| byte == b'*'),
            Value::Array(items) => items.iter().any(masked),
            Value::Object(map) => map.values().any(masked),
            _ => false,
        }
    }
    options.values().any(masked)
}
