//! What one object alone cannot tell: references, double claims, and settings that do not fit.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::{Manifests, Object};
use super::diagnostic::{Diagnostic, Severity};
use super::schema::nearest;
use crate::api::{
    Kind, MfaMessageType, PhoneDeliveryMethod, PhoneProviderSpec, Resource, SecretKeyRef,
};
use crate::phone::action::ObjectKey;
use crate::phone::desire::{desire, key_of, tenant_of};
use crate::phone::secret::FingerprintKey;

/// Checks everything that objects say of one another.
pub(super) fn check(manifests: &Manifests, missing_secret: Severity) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let tenants: BTreeSet<ObjectKey> = manifests
        .objects
        .iter()
        .filter(|object| object.resource.kind() == Kind::Auth0Tenant)
        .map(|object| key_of(&object.resource))
        .collect();
    for object in &manifests.objects {
        tenant_exists(object, &tenants, &mut found);
        for (pointer, reference) in secrets(&object.resource) {
            let namespace = key_of(&object.resource).namespace;
            if let Err((_, message)) = manifests.references.secret(&namespace, &reference) {
                found.push(Diagnostic {
                    severity: missing_secret,
                    ..at(object, &pointer, message)
                });
            } else {
                placeholder(
                    manifests, &namespace, &reference, object, &pointer, &mut found,
                );
            }
        }
        connection_name(object, &mut found);
    }
    rejections(manifests, &mut found);
    deliverable(manifests, &mut found);
    found
}

fn at(object: &Object, pointer: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(message)
        .field(pointer.trim_start_matches('/').replace('/', "."))
        .at(object.source.location(pointer))
}

fn tenant_exists(object: &Object, tenants: &BTreeSet<ObjectKey>, found: &mut Vec<Diagnostic>) {
    let tenant = tenant_of(&object.resource);
    if tenants.contains(&tenant) {
        return;
    }
    let message = format!("there is no {tenant}");
    let mut diagnostic = at(object, "/spec/tenantRef/name", message);
    let near = nearest(&tenant.name, tenants.iter().map(|key| key.name.as_str()));
    diagnostic.hint = near.map(|near| format!("did you mean \"{near}\"?"));
    found.push(diagnostic);
}

/// The Secrets that an object names, with the place where it names them.
fn secrets(resource: &Resource) -> Vec<(String, SecretKeyRef)> {
    let mut refs: Vec<(&str, Option<&SecretKeyRef>)> = Vec::new();
    match resource {
        Resource::Auth0Tenant(tenant) => {
            let credentials = &tenant.spec.credentials;
            refs.push((
                "/spec/credentials/clientSecret/secretRef",
                credentials
                    .client_secret
                    .as_ref()
                    .map(|way| &way.secret_ref),
            ));
            refs.push((
                "/spec/credentials/privateKeyJwt/secretRef",
                credentials
                    .private_key_jwt
                    .as_ref()
                    .map(|way| &way.secret_ref),
            ));
            refs.push((
                "/spec/caBundleSecretRef",
                tenant.spec.ca_bundle_secret_ref.as_ref(),
            ));
        }
        Resource::PhoneProvider(provider) => refs.push((
            "/spec/twilio/authTokenSecretRef",
            provider
                .spec
                .twilio
                .as_ref()
                .map(|twilio| &twilio.auth_token_secret_ref),
        )),
        Resource::MfaPhoneFactor(_) | Resource::PasswordlessConnection(_) => {}
    }
    refs.into_iter()
        .filter_map(|(pointer, reference)| Some((pointer.to_owned(), reference?.clone())))
        .collect()
}

/// A value that a template tool should have replaced must never reach a tenant.
fn placeholder(
    manifests: &Manifests,
    namespace: &str,
    reference: &SecretKeyRef,
    object: &Object,
    pointer: &str,
    found: &mut Vec<Diagnostic>,
) {
    let Ok(secret) = manifests.references.secret(namespace, reference) else {
        return;
    };
    let value = secret.expose().trim();
    let between =
        |open, close| value.starts_with(open) && value.ends_with(close) && value.len() > 3;
    let unresolved = between("##", "##")
        || between("${", "}")
        || between("{{", "}}")
        || between("<", ">")
        || value.is_empty()
        || value.eq_ignore_ascii_case("changeme");
    if unresolved {
        let message = format!(
            "key {} of Secret {namespace}/{} holds a placeholder or nothing",
            reference.key, reference.name
        );
        found.push(at(object, pointer, message).hint("put the real value into the Secret"));
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
fn rejections(manifests: &Manifests, found: &mut Vec<Diagnostic>) {
    let resources: Vec<Resource> = manifests
        .objects
        .iter()
        .map(|object| object.resource.clone())
        .collect();
    // The fingerprints are thrown away, so any key will do.
    let key = FingerprintKey::from_bytes([0; 32]);
    let by_key: BTreeMap<ObjectKey, &Object> = manifests
        .objects
        .iter()
        .map(|object| (key_of(&object.resource), object))
        .collect();
    for resource in &resources {
        let Resource::Auth0Tenant(tenant) = resource else {
            continue;
        };
        let desired = desire(tenant, &resources, &manifests.references, &key);
        for rejection in desired.rejected {
            use crate::api::Reason::{Conflict, NamespaceNotAllowed, NotSupportedYet};
            let Some(object) = by_key.get(&rejection.object) else {
                continue;
            };
            let severity = match rejection.reason {
                Conflict | NamespaceNotAllowed => Severity::Error,
                NotSupportedYet => Severity::Warning,
                _ => continue,
            };
            let field = rejection
                .field
                .unwrap_or_else(|| "metadata.name".to_owned());
            let pointer = format!("/{}", field.replace('.', "/"));
            found.push(Diagnostic {
                severity,
                ..at(object, &pointer, rejection.message)
            });
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
            Resource::PasswordlessConnection(_) if !delivers(PhoneDeliveryMethod::Text) => {
                let what = "passwordless sign-in";
                found.push(warn("/metadata/name", what, PhoneDeliveryMethod::Text));
            }
            _ => {}
        }
    }
}
