//! What one object alone cannot tell: references, double claims, and settings that do not fit.

mod annotation;
mod placeholder;
mod script;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::{Doubts, Manifests, Object};
use super::diagnostic::{Check, Diagnostic, Severity};
use super::yaml::escaped;
use crate::api::{
    ConfigMapKeyRef, Kind, MfaMessageType, PhoneDeliveryMethod, PhoneProviderSpec, Resource,
    SecretKeyRef,
};
use crate::phone::action::ObjectKey;
use crate::phone::delivery::listed;
use crate::phone::desire::{desire, key_of, tenant_of};
use crate::phone::secret::FingerprintKey;
use crate::phone::spelling::nearest;
pub(super) use placeholder::{is_encrypted, is_placeholder};

/// Checks everything that objects say of one another. A Secret or a `ConfigMap` that is missing, and
/// a Secret whose value is encrypted or a placeholder, is as bad as `missing` says.
pub(super) fn check(manifests: &Manifests, doubts: &Doubts, missing: Severity) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let sound = manifests.objects.iter().map(|object| &object.resource);
    let tenants: BTreeSet<ObjectKey> = sound
        .map(key_of)
        .chain(doubts.objects.iter().cloned())
        .filter(|key| key.kind == Kind::Auth0Tenant)
        .collect();
    for object in &manifests.objects {
        if !doubts.more {
            tenant_exists(object, &tenants, &mut found);
        }
        for (pointer, reference) in object.resource.config_map_refs() {
            let message = config_map(manifests, doubts, object, reference);
            found.extend(message.map(|(message, hint)| Diagnostic {
                severity: missing,
                hint,
                ..at(object, pointer, message).of(Check::ConfigMap)
            }));
        }
        for (pointer, reference) in object.resource.secret_refs() {
            let message = secret(manifests, doubts, object, reference);
            found.extend(message.map(|(message, hint)| Diagnostic {
                severity: missing,
                hint,
                ..at(object, &pointer, message).of(Check::Secret)
            }));
        }
        connection_name(object, &mut found);
        sent_again(object, &mut found);
        annotation::check(object, &mut found);
        template::check_words(manifests, object, &mut found);
        placeholders(object, &mut found);
        script::script(manifests, object, &mut found);
    }
    one_domain(manifests, &mut found);
    rejections(manifests, doubts, &mut found);
    deliverable(manifests, &mut found);
    found
}

fn at(object: &Object, pointer: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        tenant: Some(tenant_of(&object.resource)),
        ..Diagnostic::error(message)
            .of(Check::Consistency)
            .field(field(pointer))
            .at(object.source.location(pointer))
    }
}

/// The path of a field by its JSON pointer: `spec.refs[2].name`.
fn field(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1);
    parts.fold(String::new(), |path, part| match part.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) if path.is_empty() => part.to_owned(),
        Err(_) => format!("{path}.{}", part.replace("~1", "/").replace("~0", "~")),
    })
}

fn meant(near: Option<&str>) -> Option<String> {
    near.map(|near| format!("did you mean \"{near}\"?"))
}

/// What to write in an object of namespace `own` that means the tenant of another one; `named` where it
/// says a namespace of the tenant already.
fn in_another_namespace(tenant: &ObjectKey, own: &str, named: bool) -> String {
    let there = &tenant.namespace;
    if there == own {
        return format!("there is {tenant}: take namespace out of spec.tenantRef");
    }
    let reach = format!(
        "write spec.tenantRef.namespace: {there}, if the tenant's allowedNamespaces lets {own} in"
    );
    if named {
        return format!("there is {tenant}: {reach}");
    }
    format!(
        "there is {tenant}: put this object there too, with metadata.namespace: {there}; or {reach}"
    )
}

fn tenant_exists(object: &Object, tenants: &BTreeSet<ObjectKey>, found: &mut Vec<Diagnostic>) {
    let tenant = tenant_of(&object.resource);
    if tenants.contains(&tenant) {
        return;
    }
    let message = format!("there is no {tenant}");
    let mut diagnostic = at(object, "/spec/tenantRef/name", message);
    let elsewhere = tenants.iter().find(|key| key.name == tenant.name);
    let neighbours = tenants
        .iter()
        .filter(|key| key.namespace == tenant.namespace);
    diagnostic.hint = match elsewhere {
        Some(key) => {
            let named = object
                .resource
                .tenant_ref()
                .and_then(|it| it.namespace.as_ref());
            let own = key_of(&object.resource).namespace;
            Some(in_another_namespace(key, &own, named.is_some()))
        }
        None => meant(nearest(
            &tenant.name,
            neighbours.map(|key| key.name.as_str()),
        )),
    };
    found.push(diagnostic);
}

/// What is wrong with the Secret that an object names, and what to do.
fn secret(
    manifests: &Manifests,
    doubts: &Doubts,
    object: &Object,
    reference: &SecretKeyRef,
) -> Option<(String, Option<String>)> {
    let namespace = key_of(&object.resource).namespace;
    let SecretKeyRef { name, key } = reference;
    let id = (namespace.clone(), name.clone());
    let all = &manifests.references.secrets;
    match manifests.references.secret(&namespace, reference) {
        Ok(value) if is_encrypted(value.expose()) => {
            let message = format!("key {key} of Secret {namespace}/{name} is encrypted by SOPS");
            let hint = "decrypt the document first: sops decrypt FILE";
            Some((message, Some(hint.to_owned())))
        }
        Ok(value) if value.expose().trim().is_empty() || is_placeholder(value.expose()) => {
            let message =
                format!("key {key} of Secret {namespace}/{name} holds a placeholder or nothing");
            Some((
                message,
                Some("put the real value into the Secret".to_owned()),
            ))
        }
        Ok(_) => None,
        Err(_) if doubts.secrets.contains(&id) || doubts.more => None,
        Err((_, message)) => {
            let hint = near_reference(all, &namespace, name, key);
            Some((message, Some(hint)))
        }
    }
}

/// What is wrong with the `ConfigMap` that an object names.
fn config_map(
    manifests: &Manifests,
    doubts: &Doubts,
    object: &Object,
    reference: &ConfigMapKeyRef,
) -> Option<(String, Option<String>)> {
    let namespace = key_of(&object.resource).namespace;
    let value = manifests.references.config_map(&namespace, reference);
    let (_, message) = value.err().filter(|_| !doubts.more)?;
    let all = &manifests.references.config_maps;
    let hint = near_reference(all, &namespace, &reference.name, &reference.key);
    Some((message, Some(hint)))
}

/// The name or the key that a reference means, or that its object is not among the manifests.
fn near_reference<T>(
    all: &BTreeMap<(String, String), BTreeMap<String, T>>,
    namespace: &str,
    name: &str,
    key: &str,
) -> String {
    let id = (namespace.to_owned(), name.to_owned());
    let near = if let Some(data) = all.get(&id) {
        nearest(key, data.keys().map(String::as_str))
    } else {
        let own = all.keys().filter(|(other, _)| other == namespace);
        nearest(name, own.map(|(_, name)| name.as_str()))
    };
    let has = |data: &BTreeMap<String, T>| {
        let keys: Vec<&str> = data.keys().map(String::as_str).collect();
        format!("it has {}", listed(&keys))
    };
    let elsewhere = || {
        let (there, _) = all.keys().find(|(_, other)| other == name)?;
        Some(format!(
            "there is one in namespace {there}: give it metadata.namespace: {namespace}"
        ))
    };
    meant(near)
        .or_else(|| all.get(&id).map(has))
        .or_else(elsewhere)
        .unwrap_or_else(|| "put its document beside the manifests that are read".to_owned())
}

fn placeholders(object: &Object, found: &mut Vec<Diagnostic>) {
    let spec = match &object.resource {
        Resource::Auth0Tenant(object) => serde_json::to_value(&object.spec),
        Resource::PhoneProvider(object) => serde_json::to_value(&object.spec),
        Resource::MfaPhoneFactor(object) => serde_json::to_value(&object.spec),
        Resource::PasswordlessConnection(object) => serde_json::to_value(&object.spec),
        Resource::PhoneTemplate(object) => serde_json::to_value(&object.spec),
        Resource::PhoneIdentifier(object) => serde_json::to_value(&object.spec),
        Resource::PhoneTestMessage(object) => serde_json::to_value(&object.spec),
    };
    let pointers = placeholder::pointers(&spec.unwrap_or_default(), "/spec");
    // Words are Liquid: what looks like a placeholder in them is what they are for.
    let words = matches!(object.resource, Resource::PhoneTemplate(_));
    let meant =
        |pointer: &String| words && ["/spec/text", "/spec/voice"].contains(&pointer.as_str());
    let pointers = pointers.into_iter().filter(|pointer| !meant(pointer));
    found.extend(pointers.map(|pointer| {
        Diagnostic {
            severity: Severity::Warning,
            ..at(object, &pointer, "looks like a placeholder")
                .hint("nothing has put a value in the place of this")
        }
    }));
}

/// One tenant of Auth0 is one object: two would undo each other's work.
fn one_domain(manifests: &Manifests, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &Object> = BTreeMap::new();
    for object in &manifests.objects {
        let Resource::Auth0Tenant(tenant) = &object.resource else {
            continue;
        };
        let domain = tenant.spec.domain.as_str();
        let Some(other) = first.get(domain) else {
            first.insert(domain, object);
            continue;
        };
        let message = format!("{} has this domain already", key_of(&other.resource));
        let place = other.source.location("/spec/domain");
        let (line, column) = place.file.line_column(place.span.start);
        let hint = format!("it is at {}:{line}:{column}", place.file.name);
        found.push(at(object, "/spec/domain", message).hint(hint));
    }
}

/// Whatever keeps a cluster as files say makes anew what is gone, and a new message is sent.
fn sent_again(object: &Object, found: &mut Vec<Diagnostic>) {
    let Resource::PhoneTestMessage(message) = &object.resource else {
        return;
    };
    if message.spec.ttl_after_finished.is_some() {
        let message = "the object is deleted after this time; where Argo CD, Flux or a job applies it \
                       anew, it is sent anew, again and again";
        found.push(Diagnostic {
            severity: Severity::Warning,
            ..at(object, "/spec/ttlAfterFinished", message).hint("leave it out in Git")
        });
    }
}

fn connection_name(object: &Object, found: &mut Vec<Diagnostic>) {
    let Resource::PasswordlessConnection(connection) = &object.resource else {
        return;
    };
    if connection.spec.name != "sms" {
        let message = "Universal Login and the dashboard only know a connection named \"sms\"";
        found.push(Diagnostic {
            severity: Severity::Warning,
            ..at(object, "/spec/name", message)
        });
    }
}

/// What the planner would reject: namespaces that a tenant does not let in, and two objects for
/// one thing.
fn rejections(manifests: &Manifests, doubts: &Doubts, found: &mut Vec<Diagnostic>) {
    let mut by_tenant: BTreeMap<ObjectKey, Vec<Resource>> = BTreeMap::new();
    for object in &manifests.objects {
        let resources = by_tenant.entry(tenant_of(&object.resource)).or_default();
        resources.push(object.resource.clone());
    }
    // The fingerprints are thrown away, so any key will do.
    let key = FingerprintKey::from_bytes([0; 32]);
    let by_key: BTreeMap<ObjectKey, &Object> = manifests
        .objects
        .iter()
        .map(|object| (key_of(&object.resource), object))
        .collect();
    for (tenant, resources) in &by_tenant {
        let tenant = by_key.get(tenant).map(|object| &object.resource);
        let Some(Resource::Auth0Tenant(tenant)) = tenant else {
            continue;
        };
        let desired = desire(tenant, resources, &manifests.references, &key);
        for rejection in desired.rejected {
            use crate::api::Reason::{Conflict, NamespaceNotAllowed};
            let Some(object) = by_key.get(&rejection.object) else {
                continue;
            };
            // The labels of namespaces, which decide it, may be elsewhere.
            let told = rejection.reason == NamespaceNotAllowed && !doubts.more;
            if !told && rejection.reason != Conflict {
                continue;
            }
            let field = rejection
                .field
                .unwrap_or_else(|| "metadata.name".to_owned());
            let pointer = super::schema::pointer(&field);
            found.push(at(object, &pointer, rejection.message));
        }
    }
}

/// Message types that the provider of the same manifests does not deliver.
fn deliverable(manifests: &Manifests, found: &mut Vec<Diagnostic>) {
    let providers: BTreeMap<ObjectKey, &PhoneProviderSpec> = manifests
        .objects
        .iter()
        .filter_map(|object| match &object.resource {
            Resource::PhoneProvider(provider) => {
                Some((tenant_of(&object.resource), &provider.spec))
            }
            _ => None,
        })
        .collect();
    for object in &manifests.objects {
        let Some(provider) = providers.get(&tenant_of(&object.resource)) else {
            continue;
        };
        let delivers = |method| provider.delivery_methods.contains(&method);
        let warn = |pointer: &str, what: &str, method: PhoneDeliveryMethod| Diagnostic {
            severity: Severity::Warning,
            ..at(
                object,
                pointer,
                format!("{what} needs delivery method {method:?}, which the PhoneProvider lacks"),
            )
        };
        match &object.resource {
            Resource::MfaPhoneFactor(factor) if factor.spec.enabled => {
                let types = factor.spec.message_types.iter().flatten();
                found.extend(types.enumerate().filter_map(|(index, kind)| {
                    let (what, method) = match kind {
                        MfaMessageType::Sms => ("MFA by SMS", PhoneDeliveryMethod::Text),
                        MfaMessageType::Voice => ("MFA by voice call", PhoneDeliveryMethod::Voice),
                    };
                    let pointer = format!("/spec/messageTypes/{index}");
                    (!delivers(method)).then(|| warn(&pointer, what, method))
                }));
            }
            Resource::PhoneTemplate(template) if template.spec.from.is_some() => {
                let twilio = provider.twilio.as_ref();
                let service = twilio.and_then(|twilio| twilio.messaging_service_sid.as_ref());
                let message = "the PhoneProvider sends by a messaging service, which chooses the \
                               sender: this is not used";
                found.extend(service.map(|_| Diagnostic {
                    severity: Severity::Warning,
                    ..at(object, "/spec/from", message)
                }));
            }
            Resource::PhoneIdentifier(wanted)
                if wanted.spec.identifier && !delivers(PhoneDeliveryMethod::Text) =>
            {
                let what = "sign-in by phone number";
                found.push(warn("/spec/connection", what, PhoneDeliveryMethod::Text));
            }
            Resource::PasswordlessConnection(_) if !delivers(PhoneDeliveryMethod::Text) => {
                let what = "passwordless sign-in";
                found.push(warn("/metadata/name", what, PhoneDeliveryMethod::Text));
            }
            _ => {}
        }
    }
}
