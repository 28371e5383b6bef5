//! The way back: from what a tenant is to the objects that ask for just that.
//!
//! Applied to the same tenant, what comes out plans no change: a setting whose value an object could
//! not say, or that nobody can read, is left out, and a note says so.

mod connection;
mod legacy;

pub use legacy::{Legacy, LegacySender, propose};

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::action::ObjectKey;
use super::delivery::listed;
use super::observed::{Observed, PhoneAction, Provider, ProviderName, Reading, Strategy, Template};
use super::plan::unseen;
use crate::api::{API_VERSION, Kind, is_object_name};

/// One object, with what its reader should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// For people, a line each: what is left out and why, what to fill in.
    pub notes: Vec<String>,
    /// The object as a manifest.
    pub manifest: Value,
}

impl Exported {
    fn new(kind: Kind, name: &str, tenant: &ObjectKey, spec: Map<String, Value>) -> Self {
        let mut all = Map::new();
        all.insert("tenantRef".to_owned(), json!({"name": tenant.name}));
        all.extend(spec);
        Self {
            notes: Vec::new(),
            manifest: json!({
                "apiVersion": API_VERSION,
                "kind": kind.as_str(),
                "metadata": {"name": name, "namespace": tenant.namespace},
                "spec": all,
            }),
        }
    }

    /// Leaves the namespace to whoever applies it, as the manifest of the tenant does.
    pub fn leave_namespace_out(&mut self) {
        let metadata = self.manifest.get_mut("metadata");
        if let Some(metadata) = metadata.and_then(Value::as_object_mut) {
            metadata.shift_remove("namespace");
        }
    }

    fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// Everything that was read of a tenant, as the objects of `tenant`, and what could not be.
#[must_use]
pub fn export(observed: &Observed, tenant: &ObjectKey) -> (Vec<Exported>, Vec<String>) {
    let mut all = Vec::new();
    all.extend(
        observed
            .provider()
            .map(|found| provider(found, observed, tenant)),
    );
    let templates = observed.templates.value().into_iter().flatten();
    all.extend(templates.filter_map(|(_, found)| template(found, tenant)));
    all.extend(factor(observed, tenant));
    let (mut passwordless, mut identifiers) = (BTreeSet::new(), BTreeSet::new());
    for found in observed.connections() {
        all.extend(match found.strategy {
            Strategy::Sms => {
                let taken = &mut passwordless;
                Some(connection::passwordless(found, observed, tenant, taken))
            }
            Strategy::Auth0 => connection::identifier(found, tenant, &mut identifiers),
        });
    }
    let mut left_out = unseen(observed);
    let hidden = observed
        .connections()
        .filter(|found| found.strategy == Strategy::Auth0 && found.options.is_none());
    left_out.extend(hidden.map(|found| {
        format!(
            "the options of connection {} are hidden: grant read:connections_options",
            found.name
        )
    }));
    (all, left_out)
}

fn provider(found: &Provider, observed: &Observed, tenant: &ObjectKey) -> Exported {
    let methods: Vec<String> = found
        .delivery_methods()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut spec = Map::new();
    spec.insert("enabled".to_owned(), json!(!found.disabled));
    spec.insert("deliveryMethods".to_owned(), json!(methods));
    let setting = |key: &str| found.configuration.get(key).and_then(Value::as_str);
    match &found.name {
        ProviderName::Twilio => {
            let mut twilio = Map::new();
            for (field, key) in [
                ("accountSid", "sid"),
                ("from", "default_from"),
                ("messagingServiceSid", "mssid"),
            ] {
                if let Some(value) = setting(key) {
                    twilio.insert(field.to_owned(), json!(value));
                }
            }
            spec.insert("twilio".to_owned(), Value::Object(twilio));
            let note = "Auth0 never shows the auth token: it stays as it is in the tenant until \
                        spec.twilio.authTokenSecretRef names the key of a Secret that holds it.";
            Exported::new(Kind::PhoneProvider, "twilio", tenant, spec).noting([note.to_owned()])
        }
        ProviderName::Custom => {
            let (custom, notes) = custom(observed);
            spec.insert("custom".to_owned(), custom);
            Exported::new(Kind::PhoneProvider, "custom", tenant, spec).noting(notes)
        }
        ProviderName::Other(name) => {
            let note = format!(
                "The tenant's provider is \"{name}\", which this version cannot describe: choose \
                 twilio or custom."
            );
            Exported::new(Kind::PhoneProvider, "provider", tenant, spec).noting([note])
        }
    }
}

/// The Action of a custom provider. Several, or none that can be seen, are named by nobody.
fn custom(observed: &Observed) -> (Value, Vec<String>) {
    let all: Vec<&PhoneAction> = observed.actions().collect();
    let [only] = all[..] else {
        let note = "The Action of this provider cannot be told: name it in spec.custom.actionRef.";
        return (json!({"actionRef": {"name": ""}}), vec![note.to_owned()]);
    };
    let content = only.deployed.as_ref().unwrap_or(&only.draft);
    let dependencies: Vec<Value> = content
        .dependencies
        .iter()
        .map(|item| {
            let mut dependency = json!({"name": item.name, "version": item.version});
            if let Some(url) = &item.registry_url {
                dependency["registryUrl"] = json!(url);
            }
            dependency
        })
        .collect();
    let mut notes = Vec::new();
    if !content.secrets.is_empty() {
        notes.push(format!(
            "Auth0 never shows the values of the Action's secrets ({}): they stay as they are until \
             spec.custom.action.secrets names Secrets that hold them.",
            listed(&content.secrets)
        ));
    }
    let action = json!({"action": {
        "name": only.name,
        "runtime": content.runtime,
        "code": content.code,
        "dependencies": dependencies,
    }});
    (action, notes)
}

/// A stored template; what Auth0 sends by itself is nobody's object.
fn template(found: &Template, tenant: &ObjectKey) -> Option<Exported> {
    found.id.as_ref()?;
    let mut spec = Map::new();
    let name = found.type_.manifest_name();
    spec.insert("type".to_owned(), json!(name));
    spec.insert("enabled".to_owned(), json!(!found.disabled));
    let content = &found.content;
    let texts = [
        ("from", &content.from),
        ("text", &content.text),
        ("voice", &content.voice),
    ];
    let mut notes = Vec::new();
    for (field, value) in texts {
        let Some(value) = value else { continue };
        // A manifest's text loses its line breaks at the end: it would be another text.
        if value.ends_with(['\n', '\r']) {
            notes.push(format!(
                "{field} ends with a line break in the tenant, which a manifest cannot say: it is \
                 left out, and so stays as it is."
            ));
            continue;
        }
        spec.insert(field.to_owned(), json!(value));
    }
    let name = found.type_.as_str().replace('_', "-");
    Some(Exported::new(Kind::PhoneTemplate, &name, tenant, spec).noting(notes))
}

fn factor(observed: &Observed, tenant: &ObjectKey) -> Option<Exported> {
    let enabled = *observed.factor.value()?;
    let mut spec = Map::new();
    spec.insert("enabled".to_owned(), json!(enabled));
    if let Some(types) = observed
        .message_types
        .value()
        .filter(|types| !types.is_empty())
    {
        let types: Vec<String> = types.iter().map(ToString::to_string).collect();
        spec.insert("messageTypes".to_owned(), json!(types));
    }
    let mut notes = Vec::new();
    if let Reading::Read(policies) = &observed.policies {
        let known: Option<Vec<&str>> = policies
            .iter()
            .map(|policy| match policy.as_str() {
                "all-applications" => Some("AllApplications"),
                "confidence-score" => Some("ConfidenceScore"),
                _ => None,
            })
            .collect();
        match known {
            Some(known) if known.len() <= 1 => {
                spec.insert("policies".to_owned(), json!(known));
                notes.push(
                    "policies are the tenant's for all factors: leave them out if something else \
                     manages them."
                        .to_owned(),
                );
            }
            _ => notes.push(format!(
                "the MFA policies {policies:?} cannot be said here and stay as they are."
            )),
        }
    }
    Some(Exported::new(Kind::MfaPhoneFactor, "phone", tenant, spec).noting(notes))
}

/// A name for an object that is about something of this name, and the next free one where others
/// have it.
fn object_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let lower = name.to_lowercase();
    let plain: String = lower
        .chars()
        .map(|letter| {
            let fits = letter.is_ascii_alphanumeric();
            if fits { letter } else { '-' }
        })
        .collect();
    let plain = plain.trim_matches('-');
    let base = if is_object_name(plain) {
        plain
    } else {
        "unnamed"
    };
    let mut candidate = base.to_owned();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{base}-{number}");
        number += 1;
    }
    candidate
}
