//! Objects of Kubernetes itself that ours refer to: Secrets, `ConfigMap`s, namespaces.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Collector, Source};
use crate::manifest::diagnostic::{Diagnostic, Severity};
use crate::manifest::lint::{is_encrypted, is_placeholder};
use crate::manifest::yaml::escaped;
use crate::phone::secret::Secret;

impl Collector<'_> {
    pub(super) fn secret(&mut self, value: &Value, source: &Source) {
        let key = self.name(value);
        if let (Some(known), Some(given)) =
            (self.manifests.references.secrets.get(&key), readable(value))
        {
            // What a repository has encrypted, a pipeline may give as well: that is no second one.
            if stands_in(known) && has_values(&given) {
                self.manifests.references.secrets.insert(key, given);
                return;
            }
            if has_values(known) && stands_in(&given) {
                return;
            }
        }
        let Some(key) = self.named("Secret", value, source) else {
            return;
        };
        let mut data: BTreeMap<String, Secret> = BTreeMap::new();
        for field in ["data", "stringData"] {
            for (name, value) in entries(value, field) {
                match secret_value(field, value) {
                    Ok(value) => {
                        data.insert(name.clone(), value);
                    }
                    Err((severity, message)) => {
                        self.doubts.secrets.insert(key.clone());
                        let pointer = format!("/{field}/{}", escaped(name));
                        // Where a colon is missing, what looks like a key is a value.
                        let field = match value {
                            Value::Null => field.to_owned(),
                            _ => format!("{field}.{name}"),
                        };
                        self.found.push(Diagnostic {
                            severity,
                            ..Diagnostic::error(message)
                                .field(field)
                                .at(source.location(&pointer))
                        });
                    }
                }
            }
        }
        self.manifests.references.secrets.insert(key, data);
    }

    pub(super) fn config_map(&mut self, value: &Value, source: &Source) {
        let Some(key) = self.named("ConfigMap", value, source) else {
            return;
        };
        let mut data = BTreeMap::new();
        for (name, value) in entries(value, "data") {
            if let Some(text) = value.as_str() {
                data.insert(name.clone(), text.to_owned());
                continue;
            }
            let pointer = format!("/data/{}", escaped(name));
            self.found.push(
                Diagnostic::error("must be text: put it in quotes")
                    .field(format!("data.{name}"))
                    .at(source.location(&pointer)),
            );
        }
        let place = source.clone();
        self.manifests.config_maps.insert(key.clone(), place);
        self.manifests.references.config_maps.insert(key, data);
    }

    pub(super) fn namespace_labels(&mut self, value: &Value, source: &Source) {
        let Some((_, name)) = self.named("Namespace", value, source) else {
            return;
        };
        let labels = value.pointer("/metadata/labels").and_then(Value::as_object);
        let mut labels: BTreeMap<String, String> = labels
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        // The API server gives every namespace this label.
        labels.insert("kubernetes.io/metadata.name".to_owned(), name.clone());
        self.manifests.references.namespaces.insert(name, labels);
    }

    /// Namespace and name; `None` where there is no name, or another object has it. Both are told.
    fn named(&mut self, kind: &str, value: &Value, source: &Source) -> Option<(String, String)> {
        let (namespace, name) = self.name(value);
        if name.is_empty() {
            self.found.push(
                Diagnostic::error(format!("this {kind} has no name"))
                    .field("metadata.name")
                    .at(source.location("/metadata/name")),
            );
            return None;
        }
        let key = if kind == "Namespace" {
            format!("{kind} {name}")
        } else {
            format!("{kind} {namespace}/{name}")
        };
        self.first(&key, source).then_some((namespace, name))
    }
}

fn entries<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let map = value.get(field).and_then(Value::as_object);
    map.into_iter().flatten()
}

/// The values of a Secret, where all can be read.
fn readable(secret: &Value) -> Option<BTreeMap<String, Secret>> {
    let fields = ["data", "stringData"].into_iter();
    let all = fields.flat_map(|field| entries(secret, field).map(move |entry| (field, entry)));
    all.map(|(field, (name, value))| Some((name.clone(), secret_value(field, value).ok()?)))
        .collect()
}

/// Whether a Secret only stands for one whose values are elsewhere.
fn stands_in(data: &BTreeMap<String, Secret>) -> bool {
    let mut values = data.values().map(Secret::expose);
    !data.is_empty() && values.all(|value| is_encrypted(value) || is_placeholder(value))
}

/// Whether a Secret holds values itself. One without any neither does nor stands for one.
fn has_values(data: &BTreeMap<String, Secret>) -> bool {
    !data.is_empty() && !stands_in(data)
}

fn secret_value(field: &str, value: &Value) -> Result<Secret, (Severity, &'static str)> {
    let error = |message| (Severity::Error, message);
    let text = value
        .as_str()
        .ok_or_else(|| error("must be text: put it in quotes"))?;
    // SOPS encrypts both in place: what is under data is no base64 any more.
    if field == "stringData" || is_encrypted(text) {
        return Ok(Secret::new(text));
    }
    let digits: String = text.split_whitespace().collect();
    let bytes = data_encoding::BASE64
        .decode(digits.as_bytes())
        .map_err(|_| error("is not base64: write it under stringData instead"))?;
    String::from_utf8(bytes).map(Secret::new).map_err(|_| {
        let message = "is not text in UTF-8, so no object of ours can use it";
        (Severity::Warning, message)
    })
}
