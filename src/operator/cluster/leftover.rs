//! What somebody else put into a status. Pure.
//!
//! Server-side apply removes what its own manager set before, and leaves what another one set: a
//! condition that an older version or a person wrote under the same type would stay for good.

use serde_json::{Map, Value};

use crate::api::ConditionType;

/// The merge patch of `status` that takes away what is there and was not meant to be, if there is
/// something. Conditions of types that are not ours are left alone.
pub(super) fn leftover(there: &Value, meant: &Value) -> Option<Value> {
    let none = Map::new();
    let there = there.as_object().unwrap_or(&none);
    let meant = meant.as_object().unwrap_or(&none);
    let mut patch = Map::new();
    for (field, value) in there {
        let wanted = meant.get(field);
        let wanted = if field == "conditions" {
            let (ours, foreign) = by_owner(value);
            let wanted = wanted
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            if !exceeds(&ours, wanted) {
                continue;
            }
            Value::from([wanted, &foreign].concat())
        } else {
            match (value, wanted) {
                (Value::Array(there), Some(Value::Array(wanted))) if !exceeds(there, wanted) => {
                    continue;
                }
                (_, Some(wanted)) if value == wanted => continue,
                (_, wanted) => wanted.cloned().unwrap_or_default(),
            }
        };
        patch.insert(field.clone(), wanted);
    }
    (!patch.is_empty()).then(|| Value::from(patch))
}

/// Whether a list has entries that are not wanted.
fn exceeds(there: &[Value], wanted: &[Value]) -> bool {
    there.iter().any(|entry| !wanted.contains(entry))
}

/// Conditions of types that Dialtone writes, and the others.
fn by_owner(conditions: &Value) -> (Vec<Value>, Vec<Value>) {
    let all = conditions.as_array().cloned().unwrap_or_default();
    all.into_iter().partition(|condition| {
        let type_ = condition.get("type").cloned().unwrap_or_default();
        serde_json::from_value::<ConditionType>(type_).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_meant_leaves_nothing_over() {
        let status = json!({"id": "pro_1", "applications": ["b", "a"], "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "AnotherTool", "status": "True"},
        ]});
        let meant = json!({"id": "pro_1", "applications": ["a", "b"], "conditions": [
            {"type": "Ready", "status": "True"},
        ]});
        assert_eq!(leftover(&status, &meant), None);
        assert_eq!(leftover(&Value::Null, &meant), None);
    }

    #[test]
    fn what_somebody_else_put_there_goes_and_what_is_theirs_stays() {
        let status = json!({"id": "pro_1", "creating": true, "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "Drifted", "status": "True"},
            {"type": "AnotherTool", "status": "True"},
        ]});
        let meant = json!({"conditions": [{"type": "Ready", "status": "True"}]});
        let patch = leftover(&status, &meant).unwrap();
        let expected = json!({"id": null, "creating": null, "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "AnotherTool", "status": "True"},
        ]});
        assert_eq!(patch, expected);
    }
}
