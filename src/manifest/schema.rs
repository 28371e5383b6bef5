//! The structural check that an API server makes: a value against a definition's schema.

mod check;
mod words;

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::core::cel::{CompiledSchema, ErrorKind, Validator, compile_schema};
use serde_json::{Map, Value, json};

use super::yaml::escaped;
use check::{At, Check};

/// A DNS subdomain, as names of objects are.
const NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
/// A DNS label, as names of namespaces are.
const NAMESPACE: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/// One rule that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The value's JSON pointer.
    pub pointer: String,
    /// The field's path: `spec.twilio.from`.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// It is the key that is wrong, not the value.
    pub at_key: bool,
    /// The value is meant as somebody's phone number, and is not shown.
    pub private: bool,
    /// What YAML takes it for, where it would be the text that is wanted had it been put in quotes.
    pub quote: Option<&'static str>,
}

/// The schema of one kind, with its patterns and rules compiled once.
pub struct Schema {
    root: Value,
    metadata: Value,
    patterns: BTreeMap<String, regex::Regex>,
    rules: CompiledSchema,
    validator: Validator,
}

impl Schema {
    /// The schema of a definition's one version.
    #[must_use]
    pub fn of(definition: &CustomResourceDefinition) -> Self {
        let version = definition.spec.versions.first();
        let schema = version.and_then(|version| version.schema.as_ref());
        let schema = schema.and_then(|schema| schema.open_api_v3_schema.as_ref());
        let root = schema
            .and_then(|schema| serde_json::to_value(schema).ok())
            .unwrap_or_default();
        let mut patterns = BTreeMap::new();
        let metadata = metadata();
        collect_patterns(&root, &mut patterns);
        collect_patterns(&metadata, &mut patterns);
        let rules = compile_schema(&root);
        Self {
            root,
            metadata,
            patterns,
            rules,
            validator: Validator::new(),
        }
    }

    /// Every CEL rule of the definition that the object breaks. Its defaults must be filled in.
    #[must_use]
    pub fn check_rules(&self, object: &Value) -> Vec<Violation> {
        self.broken_rules(object, None)
    }

    /// As [`Schema::check_rules`], with those that forbid to change `before` into this.
    #[must_use]
    pub fn check_change(&self, object: &Value, before: &Value) -> Vec<Violation> {
        self.broken_rules(object, Some(before))
    }

    fn broken_rules(&self, object: &Value, before: Option<&Value>) -> Vec<Violation> {
        let result = self
            .validator
            .validate_compiled(&self.rules, object, before);
        let errors = result.map_or_else(kube::core::cel::ValidationErrors::into_vec, |()| vec![]);
        errors
            .into_iter()
            // A rule that cannot be evaluated meets a value of the wrong type, which is told.
            .filter(|error| error.kind == ErrorKind::ValidationFailure)
            .map(|error| Violation {
                pointer: pointer(&error.field_path),
                field: error.field_path,
                message: error.message,
                hint: None,
                at_key: false,
                private: false,
                quote: None,
            })
            .collect()
    }

    /// Every rule that the object breaks, in the order of its fields.
    #[must_use]
    pub fn check(&self, object: &Value) -> Vec<Violation> {
        let mut check = Check {
            patterns: &self.patterns,
            found: Vec::new(),
        };
        let place = At::default();
        if let (Value::Object(object), Some(properties)) = (object, properties(&self.root)) {
            // Kind and version have been looked at before.
            let known = |key: &str| ["apiVersion", "kind"].contains(&key);
            for (key, value) in object.iter().filter(|(key, _)| !known(key)) {
                match properties.get(key) {
                    // The definition says nothing of what all kinds have.
                    _ if key == "metadata" => {
                        check.value(value, &self.metadata, &place.child(key));
                    }
                    Some(schema) => check.value(value, schema, &place.child(key)),
                    None => check.unknown(key, &place, properties, &["metadata"]),
                }
            }
            check.required(object, &self.root, &place);
        }
        check.found
    }

    /// Puts the defaults of the schema into the object, as the API server does.
    pub fn fill(&self, object: &mut Value) {
        fill(object, &self.root);
    }
}

/// What every object has beside the fields of its kind.
fn metadata() -> Value {
    let text = json!({"type": "string"});
    let texts = json!({"type": "object", "additionalProperties": text});
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let name = json!({
        "type": "string",
        "maxLength": 253,
        "pattern": NAME,
    });
    json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": name,
            "generateName": text,
            "namespace": {"type": "string", "maxLength": 63, "pattern": NAMESPACE},
            "labels": texts,
            "annotations": texts,
            "finalizers": {"type": "array", "items": text},
            "ownerReferences": {"type": "array", "items": open},
            "managedFields": {"type": "array", "items": open},
            "creationTimestamp": text,
            "deletionTimestamp": text,
            "deletionGracePeriodSeconds": {"type": "integer"},
            "generation": {"type": "integer"},
            "resourceVersion": text,
            "selfLink": text,
            "uid": text,
        },
    })
}

/// The JSON pointer of a field's path: `spec.refs[2].name`.
pub(super) fn pointer(field: &str) -> String {
    let parts = field.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.fold(String::new(), |pointer, part| {
        format!("{pointer}/{}", escaped(part))
    })
}

fn collect_patterns(schema: &Value, patterns: &mut BTreeMap<String, regex::Regex>) {
    match schema {
        Value::Object(map) => {
            if let Some(pattern) = map.get("pattern").and_then(Value::as_str)
                && let Ok(compiled) = regex::Regex::new(pattern)
            {
                patterns.insert(pattern.to_owned(), compiled);
            }
            map.values()
                .for_each(|value| collect_patterns(value, patterns));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_patterns(item, patterns)),
        _ => {}
    }
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn fill(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(map) => {
            for (key, schema) in properties(schema).into_iter().flatten() {
                // Null counts as absent.
                if map.get(key).is_some_and(Value::is_null) {
                    map.shift_remove(key);
                }
                if !map.contains_key(key)
                    && key != "status"
                    && let Some(default) = schema.get("default")
                {
                    map.insert(key.clone(), default.clone());
                }
                if let Some(value) = map.get_mut(key) {
                    fill(value, schema);
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for item in items.iter_mut() {
                    fill(item, schema);
                }
            }
        }
        _ => {}
    }
}
