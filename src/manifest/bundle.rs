//! From documents to objects: which kind, which tenant, which Secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::diagnostic::{Diagnostic, Location, SourceFile};
use super::schema::{Schema, Violation, nearest};
use super::yaml::Document;
use crate::api::{GROUP, Kind, Resource, VERSION};
use crate::phone::action::ObjectKey;
use crate::phone::desire::{References, key_of};
use crate::phone::secret::Secret;

/// One object of ours, and where it was read.
#[derive(Clone, Debug)]
pub struct Object {
    /// The object, defaults filled in.
    pub resource: Resource,
    /// Where it was read.
    pub source: Source,
}

/// Where an object was read.
#[derive(Clone, Debug)]
pub struct Source {
    file: Arc<SourceFile>,
    document: Arc<Document>,
    base: String,
}

impl Source {
    /// The place of a field by JSON pointer, or of the nearest thing around it that is there.
    #[must_use]
    pub fn location(&self, pointer: &str) -> Location {
        self.find(pointer, false)
    }

    /// As [`Source::location`], for the field's key.
    #[must_use]
    pub fn key_location(&self, pointer: &str) -> Location {
        self.find(pointer, true)
    }

    fn find(&self, pointer: &str, key: bool) -> Location {
        let mut pointer = format!("{}{pointer}", self.base);
        let exact = self.document.places.contains_key(&pointer);
        loop {
            if let Some(place) = self.document.places.get(&pointer) {
                // What is missing is told at the key of what it is missing from.
                let at_key = key
                    || !exact
                    || self
                        .document
                        .value
                        .pointer(&pointer)
                        .is_some_and(Value::is_object);
                let span = match (&place.key, at_key) {
                    (Some(key), true) => key.clone(),
                    _ => place.value.clone(),
                };
                return Location {
                    file: Arc::clone(&self.file),
                    span,
                    secret: false,
                };
            }
            match pointer.rfind('/') {
                Some(at) => pointer.truncate(at),
                None => break,
            }
        }
        Location {
            file: Arc::clone(&self.file),
            span: 0..0,
            secret: false,
        }
    }
}

/// Everything that manifests hold.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    /// Objects of our kinds, in the order of the files.
    pub objects: Vec<Object>,
    /// Values of Secrets and labels of Namespaces, as a cluster would give them.
    pub references: References,
    /// How many objects of other kinds were left out.
    pub ignored: usize,
}

/// Collects objects out of documents.
pub(super) struct Collector<'a> {
    pub(super) schemas: &'a BTreeMap<Kind, Schema>,
    pub(super) namespace: &'a str,
    pub(super) manifests: Manifests,
    pub(super) found: Vec<Diagnostic>,
    seen: BTreeMap<ObjectKey, Location>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(schemas: &'a BTreeMap<Kind, Schema>, namespace: &'a str) -> Self {
        Self {
            schemas,
            namespace,
            manifests: Manifests::default(),
            found: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Takes one document, or each item of a `List`.
    pub(super) fn document(&mut self, file: &Arc<SourceFile>, document: Document) {
        let document = Arc::new(document);
        let source = |base: String| Source {
            file: Arc::clone(file),
            document: Arc::clone(&document),
            base,
        };
        let kind = document.value.get("kind").and_then(Value::as_str);
        let items = document.value.get("items").and_then(Value::as_array);
        match (kind, items) {
            (Some("List"), Some(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.object(item, source(format!("/items/{index}")));
                }
            }
            _ => self.object(&document.value, source(String::new())),
        }
    }

    fn object(&mut self, value: &Value, source: Source) {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if !value.is_object() || api_version.is_empty() || kind.is_empty() {
            let missing = if kind.is_empty() {
                "kind"
            } else {
                "apiVersion"
            };
            let message = format!("this is no Kubernetes object: it has no {missing}");
            self.found
                .push(Diagnostic::error(message).at(source.location("")));
            return;
        }
        match api_version.split_once('/') {
            None if kind == "Secret" => self.secret(value, &source),
            None if kind == "Namespace" => self.namespace_labels(value),
            Some((group, version)) if group == GROUP => {
                self.ours(value.clone(), kind, version, source);
            }
            _ => {
                self.manifests.ignored += 1;
                let near = Kind::from_name(kind);
                if near.is_some() {
                    let message = format!("apiVersion of {kind} must be {GROUP}/{VERSION}");
                    self.found
                        .push(Diagnostic::error(message).at(source.location("/apiVersion")));
                }
            }
        }
    }

    fn ours(&mut self, mut value: Value, kind_name: &str, version: &str, source: Source) {
        let Some(kind) = Kind::from_name(kind_name) else {
            let message = format!("{GROUP} has no kind {kind_name}");
            let near = nearest(kind_name, Kind::ALL.into_iter().map(Kind::as_str));
            let mut diagnostic = Diagnostic::error(message).at(source.location("/kind"));
            diagnostic.hint = near.map(|near| format!("did you mean \"{near}\"?"));
            self.found.push(diagnostic);
            return;
        };
        if version != VERSION {
            let message = format!("{GROUP} has no version {version}: use {GROUP}/{VERSION}");
            self.found
                .push(Diagnostic::error(message).at(source.location("/apiVersion")));
            return;
        }
        let named = value
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .is_some_and(name_is_good);
        if !named {
            let message = "metadata.name must be lower-case letters, digits, - and .";
            self.found.push(
                Diagnostic::error(message)
                    .field("metadata.name")
                    .at(source.location("/metadata/name")),
            );
            return;
        }
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata
                .entry("namespace")
                .or_insert_with(|| Value::from(self.namespace));
        }
        let Some(schema) = self.schemas.get(&kind) else {
            return;
        };
        if let Some(map) = value.as_object_mut() {
            // A status in a manifest is ignored, as the API server does.
            map.shift_remove("status");
        }
        let mut violations = schema.check(&value);
        schema.fill(&mut value);
        let broken: Vec<String> = violations.iter().map(|item| item.pointer.clone()).collect();
        violations.extend(schema.check_rules(&value).into_iter().filter(|rule| {
            // A rule about a field that is wrong in itself says nothing new.
            !broken
                .iter()
                .any(|pointer| pointer.starts_with(&rule.pointer))
        }));
        let bad = !violations.is_empty();
        self.found.extend(
            violations
                .into_iter()
                .map(|violation| told(violation, &source)),
        );
        if bad {
            return;
        }
        match Resource::from_value(kind, value) {
            Ok(resource) => self.add(resource, source),
            Err(error) => self
                .found
                .push(Diagnostic::error(format!("{kind}: {error}")).at(source.location("/spec"))),
        }
    }

    fn add(&mut self, resource: Resource, source: Source) {
        let key = key_of(&resource);
        let here = source.location("/metadata/name");
        if let Some(first) = self.seen.get(&key) {
            let (line, column) = first.file.line_column(first.span.start);
            let message = format!("{key} is there twice");
            let hint = format!("the first is at {}:{line}:{column}", first.file.name);
            self.found
                .push(Diagnostic::error(message).hint(hint).at(here));
            return;
        }
        self.seen.insert(key, here);
        self.manifests.objects.push(Object { resource, source });
    }

    fn secret(&mut self, value: &Value, source: &Source) {
        let name = value
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let namespace = value.pointer("/metadata/namespace").and_then(Value::as_str);
        let key = (
            namespace.unwrap_or(self.namespace).to_owned(),
            name.to_owned(),
        );
        let mut data: BTreeMap<String, Secret> = BTreeMap::new();
        let entries = |field: &str| value.get(field).and_then(Value::as_object);
        for (field, map) in [
            ("data", entries("data")),
            ("stringData", entries("stringData")),
        ] {
            for (name, value) in map.into_iter().flatten() {
                let pointer = format!("/{field}/{}", super::yaml::escaped(name));
                match secret_value(field, value) {
                    Ok(value) => {
                        data.insert(name.clone(), value);
                    }
                    Err(message) => {
                        let location = Location {
                            secret: true,
                            ..source.location(&pointer)
                        };
                        let field = format!("{field}.{name}");
                        self.found
                            .push(Diagnostic::error(message).field(field).at(location));
                    }
                }
            }
        }
        self.manifests.references.secrets.insert(key, data);
    }

    fn namespace_labels(&mut self, value: &Value) {
        let name = value
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let labels = value.pointer("/metadata/labels").and_then(Value::as_object);
        let mut labels: BTreeMap<String, String> = labels
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        // The API server gives every namespace this label.
        labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        self.manifests
            .references
            .namespaces
            .insert(name.to_owned(), labels);
    }
}

fn told(violation: Violation, source: &Source) -> Diagnostic {
    let location = if violation.at_key {
        source.key_location(&violation.pointer)
    } else {
        source.location(&violation.pointer)
    };
    let mut diagnostic = Diagnostic::error(violation.message).at(location);
    if !violation.field.is_empty() {
        diagnostic.field = Some(violation.field);
    }
    diagnostic.hint = violation.hint;
    diagnostic
}

/// A DNS subdomain, as names of objects must be.
fn name_is_good(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    (1..=253).contains(&bytes.len())
        && bytes.first().copied().is_some_and(letter)
        && bytes.last().copied().is_some_and(letter)
        && bytes
            .iter()
            .all(|byte| letter(*byte) || matches!(byte, b'-' | b'.'))
}

fn secret_value(field: &str, value: &Value) -> Result<Secret, &'static str> {
    let text = value.as_str().ok_or("must be text: put it in quotes")?;
    if field == "stringData" {
        return Ok(Secret::new(text));
    }
    let digits: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let bytes = data_encoding::BASE64
        .decode(digits.as_bytes())
        .map_err(|_| "is not base64: write it under stringData instead")?;
    String::from_utf8(bytes)
        .map(Secret::new)
        .map_err(|_| "is not text in UTF-8")
}
