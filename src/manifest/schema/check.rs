//! One value against one schema, and everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Violation;
use super::words::{E164, article, form, instead, of_value};
use crate::manifest::yaml::escaped;
use crate::phone::spelling::nearest;

/// A place in the object.
#[derive(Clone, Default)]
pub(super) struct At {
    pointer: String,
    field: String,
}

/// Whether a field is for a phone number.
fn is_number(schema: &Value) -> bool {
    schema.get("pattern").and_then(Value::as_str) == Some(E164)
}

impl At {
    pub(super) fn child(&self, key: &str) -> Self {
        let dot = if self.field.is_empty() { "" } else { "." };
        Self {
            pointer: format!("{}/{}", self.pointer, escaped(key)),
            field: format!("{}{dot}{key}", self.field),
        }
    }

    fn item(&self, index: usize) -> Self {
        Self {
            pointer: format!("{}/{index}", self.pointer),
            field: format!("{}[{index}]", self.field),
        }
    }
}

/// A check under way.
pub(super) struct Check<'a> {
    pub(super) patterns: &'a BTreeMap<String, regex::Regex>,
    pub(super) found: Vec<Violation>,
}

impl Check<'_> {
    fn add(&mut self, at: &At, message: impl Into<String>) {
        self.add_with(at, message, None);
    }

    fn add_with(&mut self, at: &At, message: impl Into<String>, hint: Option<String>) {
        self.found.push(Violation {
            pointer: at.pointer.clone(),
            field: at.field.clone(),
            message: message.into(),
            hint,
            at_key: false,
            private: false,
            quote: None,
        });
    }

    pub(super) fn unknown(
        &mut self,
        key: &str,
        at: &At,
        known: &Map<String, Value>,
        also: &[&str],
    ) {
        let names = known.keys().map(String::as_str).chain(also.iter().copied());
        let near = nearest(key, names);
        let child = at.child(key);
        self.found.push(Violation {
            pointer: child.pointer,
            field: child.field,
            message: "there is no such field".to_owned(),
            hint: near.map(|near| format!("did you mean \"{near}\"?")),
            at_key: true,
            private: false,
            quote: None,
        });
    }

    pub(super) fn required(&mut self, map: &Map<String, Value>, schema: &Value, at: &At) {
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if map.get(key).is_none_or(Value::is_null) {
                self.add(at, format!("\"{key}\" is missing"));
            }
        }
    }

    pub(super) fn value(&mut self, value: &Value, schema: &Value, at: &At) {
        // Null counts as absent.
        if value.is_null() {
            return;
        }
        let wanted = schema
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match (wanted, value) {
            ("object", Value::Object(map)) => self.object(map, schema, at),
            ("array", Value::Array(items)) => self.array(items, schema, at),
            ("string", Value::String(text)) => self.string(text, schema, at),
            ("integer" | "number", Value::Number(number)) => {
                self.number(number, wanted, schema, at);
            }
            ("boolean", Value::Bool(_)) | ("", _) => {}
            _ => self.wrong_type(wanted, value, schema, at),
        }
        self.one_of(value, schema, at);
    }

    fn wrong_type(&mut self, wanted: &str, value: &Value, schema: &Value, at: &At) {
        let message = format!("must be {}, not {}", article(wanted), of_value(value));
        let hint = instead(value, schema);
        let told = hint.is_some();
        self.add_with(at, message, hint);
        if let Some(last) = self.found.last_mut().filter(|_| !told) {
            let quotable = wanted == "string" && (value.is_number() || value.is_boolean());
            last.quote = quotable.then(|| of_value(value));
            last.private = is_number(schema);
        }
    }

    fn object(&mut self, map: &Map<String, Value>, schema: &Value, at: &At) {
        self.required(map, schema, at);
        let known = super::properties(schema);
        let extra = schema.get("additionalProperties");
        let preserve = "x-kubernetes-preserve-unknown-fields";
        let open = schema.get(preserve).is_some_and(|open| open == true);
        for (key, value) in map {
            match (known.and_then(|known| known.get(key)), extra) {
                (Some(schema), _) => self.value(value, schema, &at.child(key)),
                (None, Some(extra)) if extra.is_object() => {
                    self.value(value, extra, &at.child(key));
                }
                (None, Some(extra)) if extra == true => {}
                (None, _) if open => {}
                (None, _) => {
                    if let Some(known) = known {
                        self.unknown(key, at, known, &[]);
                    }
                }
            }
        }
        self.bounds(
            map.len(),
            schema,
            ("minProperties", "maxProperties"),
            "entries",
            at,
        );
    }

    fn array(&mut self, items: &[Value], schema: &Value, at: &At) {
        for (index, item) in items.iter().enumerate() {
            let place = at.item(index);
            match schema.get("items") {
                Some(_) if item.is_null() => self.add(&place, "must not be empty"),
                Some(schema) => self.value(item, schema, &place),
                None => {}
            }
        }
        self.bounds(items.len(), schema, ("minItems", "maxItems"), "items", at);
        let list = schema.get("x-kubernetes-list-type").and_then(Value::as_str);
        let keys = schema.get("x-kubernetes-list-map-keys");
        let keys: Vec<&str> = keys
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let identity = |item: &Value| match list {
            Some("set") => Some(item.to_string()),
            Some("map") => Some(format!(
                "{:?}",
                keys.iter().map(|key| item.get(key)).collect::<Vec<_>>()
            )),
            _ => None,
        };
        let mut seen = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            if identity(item).is_some_and(|identity| !seen.insert(identity)) {
                let message = match list {
                    Some("map") => format!("an item with the same {} is there", keys.join(" and ")),
                    _ => "is there twice".to_owned(),
                };
                self.add(&at.item(index), message);
            }
        }
    }

    fn string(&mut self, text: &str, schema: &Value, at: &At) {
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let compiled = pattern.and_then(|pattern| self.patterns.get_key_value(pattern));
        if let Some((pattern, compiled)) = compiled
            && !compiled.is_match(text)
        {
            let private = is_number(schema);
            let message = if private {
                "this is no phone number".to_owned()
            } else {
                format!("{text:?} does not have the right form")
            };
            self.add_with(at, message, Some(form(pattern)));
            if let Some(last) = self.found.last_mut() {
                last.private = private;
            }
            // A text of another form has another length as well.
            return;
        }
        let length = text.chars().count();
        self.bounds(length, schema, ("minLength", "maxLength"), "characters", at);
    }

    fn number(&mut self, number: &serde_json::Number, wanted: &str, schema: &Value, at: &At) {
        if wanted == "integer" && !number.is_i64() && !number.is_u64() {
            self.add(at, "must be a whole number");
        } else if schema.get("format").is_some_and(|format| format == "int32")
            && number
                .as_i64()
                .is_none_or(|number| i32::try_from(number).is_err())
        {
            self.add(at, "is too far from zero");
        }
        let number = number.as_f64().unwrap_or_default();
        let bound = |key| schema.get(key).and_then(Value::as_f64);
        if let Some(least) = bound("minimum").filter(|least| number < *least) {
            self.add(at, format!("must be at least {least}"));
        }
        if let Some(most) = bound("maximum").filter(|most| number > *most) {
            self.add(at, format!("must be at most {most}"));
        }
    }

    fn bounds(&mut self, count: usize, schema: &Value, keys: (&str, &str), what: &str, at: &At) {
        let bound = |key| {
            schema
                .get(key)
                .and_then(Value::as_u64)
                .and_then(|n| n.try_into().ok())
        };
        let least: Option<usize> = bound(keys.0);
        let most: Option<usize> = bound(keys.1);
        if let Some(least) = least.filter(|least| count < *least) {
            self.add(
                at,
                format!("must have at least {least} {what}, and has {count}"),
            );
        }
        if let Some(most) = most.filter(|most| count > *most) {
            self.add(
                at,
                format!("must have at most {most} {what}, and has {count}"),
            );
        }
    }

    fn one_of(&mut self, value: &Value, schema: &Value, at: &At) {
        let Some(allowed) = schema.get("enum").and_then(Value::as_array) else {
            return;
        };
        if allowed.contains(value) {
            return;
        }
        let names: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let near = value
            .as_str()
            .and_then(|text| nearest(text, names.iter().copied()));
        let hint = near.map(|near| format!("did you mean \"{near}\"?"));
        self.add_with(at, format!("must be one of {}", names.join(", ")), hint);
    }
}
