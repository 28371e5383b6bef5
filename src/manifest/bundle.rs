//! From documents to objects: which kind, which tenant, which Secret.

mod core;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::diagnostic::{Check, Diagnostic, Location, Severity, SourceFile};
use super::lint::{is_encrypted, is_placeholder};
use super::schema::{Schema, Violation};
use super::yaml::{Document, YamlError};
use crate::api::{GROUP, Kind, Resource, VERSION};
use crate::phone::action::ObjectKey;
use crate::phone::desire::{References, key_of, tenant_of};
use crate::phone::spelling::nearest;
pub use source::Source;

/// One object of ours, and where it was read.
#[derive(Clone, Debug)]
pub struct Object {
    /// The object, defaults filled in.
    pub resource: Resource,
    /// Where it was read.
    pub source: Source,
}

/// Everything that manifests hold.
#[derive(Clone, Debug, Default)]
pub struct Manifests {
    /// Objects of our kinds, in the order of the files.
    pub objects: Vec<Object>,
    /// Values of Secrets and `ConfigMap`s and labels of Namespaces, as a cluster would give them.
    pub references: References,
    /// Where each `ConfigMap` was read, by namespace and name.
    pub config_maps: BTreeMap<(String, String), Source>,
    /// Objects of other kinds, which are left alone.
    pub ignored: Vec<Ignored>,
}

impl Manifests {
    /// Drops every tenant that an error is about, with all its objects: what is left can be used
    /// although `diagnostics` has errors. Errors that belong to no tenant drop nothing.
    pub fn keep_sound(&mut self, diagnostics: &[Diagnostic]) {
        let errors = diagnostics
            .iter()
            .filter(|item| item.severity == Severity::Error);
        let unsound: BTreeSet<&ObjectKey> =
            errors.filter_map(|error| error.tenant.as_ref()).collect();
        self.objects
            .retain(|object| !unsound.contains(&tenant_of(&object.resource)));
    }

    /// Takes Secrets for kept elsewhere: what is not here, or only by a placeholder or encrypted, is
    /// no mistake, and nothing is known of its value.
    pub fn keep_secrets_elsewhere(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain(|item| item.check != Check::Secret);
        for data in self.references.secrets.values_mut() {
            data.retain(|_, value| {
                let value = value.expose();
                !(value.trim().is_empty() || is_placeholder(value) || is_encrypted(value))
            });
        }
        self.references.secrets_elsewhere = true;
    }
}

/// An object that is none of ours.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Where it was read.
    pub source: Source,
}

/// What is there, but not as it should be: nothing can be said to be missing from it.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// There may be more than was read: a document could not be, or a cluster has it.
    pub(super) more: bool,
    /// Objects with errors.
    pub(super) objects: BTreeSet<ObjectKey>,
    /// Secrets with errors, by namespace and name.
    pub(super) secrets: BTreeSet<(String, String)>,
}

/// Collects objects out of documents.
pub(super) struct Collector<'a> {
    pub(super) schemas: &'a BTreeMap<Kind, Schema>,
    pub(super) namespace: &'a str,
    pub(super) manifests: Manifests,
    pub(super) found: Vec<Diagnostic>,
    pub(super) doubts: Doubts,
    seen: BTreeMap<String, Location>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(schemas: &'a BTreeMap<Kind, Schema>, namespace: &'a str) -> Self {
        Self {
            schemas,
            namespace,
            manifests: Manifests::default(),
            found: Vec::new(),
            doubts: Doubts::default(),
            seen: BTreeMap::new(),
        }
    }

    /// Takes a document that cannot be read.
    pub(super) fn broken(&mut self, file: &Arc<SourceFile>, error: YamlError) {
        self.doubts.more = true;
        let location = Location {
            file: Arc::clone(file),
            span: error.span,
            secret: false,
        };
        self.found.push(Diagnostic {
            hint: error.hint,
            ..Diagnostic::error(error.message)
                .of(Check::Yaml)
                .at(location)
        });
    }

    /// Takes one document, or each item of a `List`.
    pub(super) fn document(&mut self, file: &Arc<SourceFile>, document: Document) {
        let document = Arc::new(document);
        let source = |base: String| Source {
            file: Arc::clone(file),
            document: Arc::clone(&document),
            base,
        };
        self.objects(&document.value, String::new(), &source);
    }

    fn objects(&mut self, value: &Value, base: String, source: &dyn Fn(String) -> Source) {
        let kind = value.get("kind").and_then(Value::as_str);
        let items = value.get("items").and_then(Value::as_array);
        match (kind, items) {
            (Some(kind), Some(items)) if kind.ends_with("List") => {
                for (index, item) in items.iter().enumerate() {
                    self.objects(item, format!("{base}/items/{index}"), source);
                }
            }
            _ => self.object(value, source(base)),
        }
    }

    fn object(&mut self, value: &Value, source: Source) {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if api_version.is_empty() || kind.is_empty() {
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
        match (api_version, kind) {
            ("v1", "Secret") => self.secret(value, &source),
            ("v1", "ConfigMap") => self.config_map(value, &source),
            ("v1", "Namespace") => self.namespace_labels(value, &source),
            _ => self.other(value.clone(), api_version, kind, source),
        }
    }

    fn other(&mut self, value: Value, api_version: &str, kind: &str, source: Source) {
        match api_version.split_once('/') {
            Some((group, version)) if group == GROUP => self.ours(value, kind, version, source),
            _ if Kind::from_name(kind).is_some() => {
                self.doubt(&value, kind);
                let message = format!("apiVersion of {kind} must be {GROUP}/{VERSION}");
                self.found
                    .push(Diagnostic::error(message).at(source.location("/apiVersion")));
            }
            _ => self.manifests.ignored.push(Ignored {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                source,
            }),
        }
    }

    /// Remembers that an object is there, though not as it should be.
    fn doubt(&mut self, value: &Value, kind: &str) {
        let Some(kind) = Kind::from_name(kind) else {
            return;
        };
        let (namespace, name) = self.name(value);
        self.doubts.objects.insert(ObjectKey {
            kind,
            namespace,
            name,
        });
    }

    /// Namespace and name of an object.
    fn name(&self, value: &Value) -> (String, String) {
        let text = |pointer| value.pointer(pointer).and_then(Value::as_str);
        let namespace = text("/metadata/namespace").unwrap_or(self.namespace);
        let name = text("/metadata/name").unwrap_or_default();
        (namespace.to_owned(), name.to_owned())
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
            self.doubt(&value, kind_name);
            let message = format!("{GROUP} has no version {version}: use {GROUP}/{VERSION}");
            self.found
                .push(Diagnostic::error(message).at(source.location("/apiVersion")));
            return;
        }
        if value.pointer("/metadata/name").is_none_or(Value::is_null) {
            let message = format!("this {kind} has no name");
            self.found.push(
                Diagnostic::error(message)
                    .field("metadata.name")
                    .at(source.location("/metadata/name")),
            );
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
            !broken.iter().any(|pointer| within(pointer, &rule.pointer))
        }));
        let named = value
            .pointer("/metadata/name")
            .is_some_and(Value::is_string);
        if !violations.is_empty() || !named {
            self.doubt(&value, kind_name);
            let tenant = self.tenant_named(kind, &value);
            let told = violations.into_iter().map(|item| Diagnostic {
                tenant: tenant.clone(),
                ..told(item, &source)
            });
            self.found.extend(told);
            return;
        }
        match Resource::from_value(kind, value) {
            Ok(resource) => self.add(resource, source),
            Err(error) => self
                .found
                .push(Diagnostic::error(format!("{kind}: {error}")).at(source.location("/spec"))),
        }
    }

    /// The tenant that an object means which may be wrong in every other way.
    fn tenant_named(&self, kind: Kind, value: &Value) -> Option<ObjectKey> {
        let text = |pointer| value.pointer(pointer).and_then(Value::as_str);
        let (own, name) = self.name(value);
        let (namespace, name) = if kind == Kind::Auth0Tenant {
            (own, name)
        } else {
            let namespace = text("/spec/tenantRef/namespace").map(str::to_owned);
            let name = text("/spec/tenantRef/name")?.to_owned();
            (namespace.unwrap_or(own), name)
        };
        Some(ObjectKey {
            kind: Kind::Auth0Tenant,
            namespace,
            name,
        })
    }

    fn add(&mut self, resource: Resource, source: Source) {
        if self.first(&key_of(&resource).to_string(), &source) {
            self.manifests.objects.push(Object { resource, source });
        }
    }

    /// Whether this object is the first of its name; a second one is told.
    fn first(&mut self, key: &str, source: &Source) -> bool {
        let here = source.location("/metadata/name");
        let Some(first) = self.seen.get(key) else {
            self.seen.insert(key.to_owned(), here);
            return true;
        };
        let (line, column) = first.file.line_column(first.span.start);
        let message = format!("{key} is there twice");
        let hint = format!("the first is at {}:{line}:{column}", first.file.name);
        self.found
            .push(Diagnostic::error(message).hint(hint).at(here));
        false
    }
}

/// Whether a pointer leads to a value or to something in it.
fn within(pointer: &str, value: &str) -> bool {
    pointer
        .strip_prefix(value)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn told(violation: Violation, source: &Source) -> Diagnostic {
    let mut location = if violation.at_key {
        source.key_location(&violation.pointer)
    } else {
        source.location(&violation.pointer)
    };
    let written = location.file.text.get(location.span.clone());
    let written = written.unwrap_or_default().to_owned();
    location.secret |= violation.private;
    let mut diagnostic = Diagnostic::error(violation.message).at(location);
    diagnostic.hint = violation.hint;
    if let Some(taken_for) = violation.quote {
        let quoted = if violation.private {
            "+15550100"
        } else {
            &written
        };
        let hint = format!("YAML reads this as {taken_for}: put it in quotes, as in \"{quoted}\"");
        diagnostic.hint = Some(hint);
    } else if !violation.at_key && is_placeholder(written.trim_matches(['"', '\''])) {
        diagnostic.hint = Some("nothing has put a value in the place of this".to_owned());
    }
    if !violation.field.is_empty() {
        diagnostic.field = Some(violation.field);
    }
    diagnostic
}
