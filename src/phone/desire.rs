//! Objects of one tenant → what they want together, and which of them take no part.

mod connection;
mod custom;
mod identifier;
mod message;
mod namespace;
mod references;
mod template;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::acknowledgement::ACKNOWLEDGE;
use super::action::{Credential, ObjectKey};
use super::delivery::{DeliveryMethod, MessageType};
use super::desired::{
    AuthToken, Claim, Desired, DesiredConnection, DesiredFactor, DesiredProvider, Rejection,
    Sender, TwilioFrom,
};
use super::secret::{Fingerprint, FingerprintKey};
use crate::api::{
    Adopt, Auth0Tenant, Condition, ConditionStatus, ConditionType, DeletionPolicy, Kind,
    MfaMessageType, MfaPhoneFactor, MfaPolicy, PhoneDeliveryMethod, PhoneProvider, Reason,
    Resource, Twilio, condition,
};

pub use references::References;
pub use template::{Words, template_type, words};

/// The label of fingerprints of Twilio auth tokens.
const TWILIO_TOKEN: &str = "twilio/auth-token";

/// The key of an object; a manifest without namespace belongs to `default`.
#[must_use]
pub fn key_of(resource: &Resource) -> ObjectKey {
    key(resource.kind(), resource.metadata())
}

fn key(kind: Kind, metadata: &ObjectMeta) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: metadata
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned()),
        name: metadata.name.clone().unwrap_or_default(),
    }
}

/// The key of the tenant that an object names.
#[must_use]
pub fn tenant_of(resource: &Resource) -> ObjectKey {
    let own = key_of(resource);
    match resource.tenant_ref() {
        None => own,
        Some(reference) => ObjectKey {
            kind: Kind::Auth0Tenant,
            namespace: reference.namespace.clone().unwrap_or(own.namespace),
            name: reference.name.clone(),
        },
    }
}

/// What the objects that name this tenant want of it. Total: what cannot take part is rejected
/// with a reason, and the others go on.
#[must_use]
pub fn desire<'a>(
    tenant: &Auth0Tenant,
    resources: impl IntoIterator<Item = &'a Resource>,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Desired {
    let tenant_key = key(Kind::Auth0Tenant, &tenant.metadata);
    let mut desired = Desired {
        unified: tenant.spec.unified_phone_experience,
        suspended: tenant.spec.suspend,
        objects: vec![tenant_key.clone()],
        provider: None,
        factor: None,
        connections: Vec::new(),
        templates: Vec::new(),
        identifiers: Vec::new(),
        messages: Vec::new(),
        rejected: Vec::new(),
        tenant: tenant_key.clone(),
    };
    let mut own: Vec<&Resource> = resources
        .into_iter()
        .filter(|item| item.kind() != Kind::Auth0Tenant && tenant_of(item) == tenant_key)
        .collect();
    own.sort_by_cached_key(|item| (created(item.metadata()), key_of(item)));
    let allowed = tenant.spec.allowed_namespaces.as_ref();
    for resource in own {
        let owner = key_of(resource);
        if let Some(rejection) = namespace::not_allowed(&owner, &tenant_key, allowed, references) {
            desired.objects.push(owner);
            desired.rejected.push(rejection);
            continue;
        }
        if take(&mut desired, resource, references, fingerprints) {
            desired.objects.push(owner);
        }
    }
    desired
}

/// Older objects first: the older of two that claim the same thing wins.
fn created(metadata: &ObjectMeta) -> jiff::Timestamp {
    metadata
        .creation_timestamp
        .as_ref()
        .map_or(jiff::Timestamp::MAX, |time| time.0)
}

fn reject(
    owner: &ObjectKey,
    reason: Reason,
    message: impl Into<String>,
    field: Option<&str>,
) -> Rejection {
    Rejection {
        object: owner.clone(),
        reason,
        message: message.into(),
        field: field.map(str::to_owned),
    }
}

/// Adds one object; false where it takes no part because it is going and leaves the tenant alone.
fn take(
    desired: &mut Desired,
    resource: &Resource,
    references: &References,
    fingerprints: &FingerprintKey,
) -> bool {
    let owner = key_of(resource);
    let leaving = resource.metadata().deletion_timestamp.is_some();
    if leaving && resource.deletion_policy() == DeletionPolicy::Orphan {
        return false;
    }
    let rejection = match resource {
        Resource::Auth0Tenant(_) => None,
        Resource::PhoneProvider(object) => match provider(object, references, fingerprints) {
            Err(rejection) => Some(rejection),
            Ok(wanted) => claim_once(&mut desired.provider, wanted, &owner, |item| &item.claim),
        },
        Resource::MfaPhoneFactor(object) => {
            claim_once(&mut desired.factor, factor(object), &owner, |item| {
                &item.claim
            })
        }
        Resource::PasswordlessConnection(object) => match connection::connection(object) {
            Err(rejection) => Some(rejection),
            Ok(wanted) => claim_connection(&mut desired.connections, wanted, &owner),
        },
        Resource::PhoneIdentifier(object) => {
            let wanted = identifier::identifier(object);
            identifier::claim_attribute(&mut desired.identifiers, wanted, &owner)
        }
        Resource::PhoneTemplate(object) => {
            match template::template(object, references, fingerprints) {
                Err(rejection) => Some(rejection),
                Ok(wanted) => template::claim_type(&mut desired.templates, wanted, &owner),
            }
        }
        Resource::PhoneTestMessage(object) => match message::message(object, references) {
            Err(rejection) => Some(rejection),
            Ok(wanted) => {
                desired.messages.push(wanted);
                None
            }
        },
    };
    desired.rejected.extend(rejection);
    true
}

/// A tenant has one of these: the older object has it, the younger is rejected and never written.
fn claim_once<T>(
    place: &mut Option<T>,
    wanted: T,
    owner: &ObjectKey,
    claim: impl Fn(&T) -> &Claim,
) -> Option<Rejection> {
    if let Some(first) = place {
        return Some(conflict(owner, &claim(first).owner));
    }
    *place = Some(wanted);
    None
}

fn claim_connection(
    connections: &mut Vec<DesiredConnection>,
    wanted: DesiredConnection,
    owner: &ObjectKey,
) -> Option<Rejection> {
    if let Some(first) = connections.iter().find(|item| item.name == wanted.name) {
        return Some(conflict(owner, &first.claim.owner));
    }
    connections.push(wanted);
    None
}

fn conflict(owner: &ObjectKey, first: &ObjectKey) -> Rejection {
    let message = format!(
        "{first} comes first, by age and then by name, and manages the same thing: delete one of them"
    );
    reject(owner, Reason::Conflict, message, None)
}

fn claim(
    owner: ObjectKey,
    metadata: &ObjectMeta,
    conditions: &[Condition],
    observed_generation: Option<i64>,
    adopt: Adopt,
    (known_id, creating): (Option<String>, Option<bool>),
) -> Claim {
    let current = metadata.generation.is_some() && metadata.generation == observed_generation;
    // An observe-only one is Ready although nothing was applied.
    let applied = condition::find(conditions, ConditionType::Ready)
        .is_some_and(|it| it.status == ConditionStatus::True && it.reason != Reason::ObserveOnly);
    Claim {
        owner,
        settled: current && applied,
        removing: metadata.deletion_timestamp.is_some(),
        adopt,
        known_id,
        creating: creating == Some(true),
    }
}

fn provider(
    object: &PhoneProvider,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Result<DesiredProvider, Rejection> {
    let owner = key(Kind::PhoneProvider, &object.metadata);
    let status = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    let applied = status.credentials_fingerprint.map(Fingerprint::from_status);
    let leaving = object.metadata.deletion_timestamp.is_some();
    let sender = match (&spec.twilio, &spec.custom) {
        // What is being removed needs nothing but its name: its Secret may be gone before it.
        _ if leaving => Sender::Nobody,
        (Some(twilio), None) => sender(twilio, &owner, applied, references, fingerprints)?,
        (None, Some(custom)) => custom::sender(custom, object, &owner, references, fingerprints)?,
        _ => {
            let message = "give exactly one of twilio and custom";
            return Err(reject(&owner, Reason::InvalidSpec, message, Some("spec")));
        }
    };
    Ok(DesiredProvider {
        claim: claim(
            owner,
            &object.metadata,
            &status.conditions,
            status.observed_generation,
            spec.adopt,
            (status.id, status.creating),
        ),
        enabled: spec.enabled,
        delivery_methods: spec.delivery_methods.iter().copied().map(method).collect(),
        left_action: custom::left_action(object, &sender),
        sender,
        on_breaking_change: spec.on_breaking_change,
        acknowledged: acknowledged(&object.metadata),
    })
}

const fn method(method: PhoneDeliveryMethod) -> DeliveryMethod {
    match method {
        PhoneDeliveryMethod::Text => DeliveryMethod::Text,
        PhoneDeliveryMethod::Voice => DeliveryMethod::Voice,
    }
}

/// What the annotation of a `PhoneProvider` names: ids of flows, or groups of them.
#[must_use]
pub fn acknowledged(metadata: &ObjectMeta) -> BTreeSet<String> {
    let text = metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(ACKNOWLEDGE));
    text.into_iter()
        .flat_map(|text| text.split(','))
        .map(|id| id.trim().trim_end_matches('/').to_owned())
        .filter(|id| !id.is_empty())
        .collect()
}

fn sender(
    twilio: &Twilio,
    owner: &ObjectKey,
    applied_token: Option<Fingerprint>,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Result<Sender, Rejection> {
    let from = match (&twilio.from, &twilio.messaging_service_sid) {
        (Some(number), None) => TwilioFrom::Number(number.clone()),
        (None, Some(sid)) => TwilioFrom::MessagingService(sid.clone()),
        _ => {
            let message = "give exactly one of from and messagingServiceSid";
            return Err(reject(
                owner,
                Reason::InvalidSpec,
                message,
                Some("spec.twilio"),
            ));
        }
    };
    let secret = twilio.auth_token_secret_ref.as_ref().map(|reference| {
        let secret = references.secret_to_write(&owner.namespace, reference);
        secret.map_err(|(reason, message)| {
            let field = "spec.twilio.authTokenSecretRef";
            reject(owner, reason, message, Some(field))
        })
    });
    let auth_token = match secret.transpose()? {
        None => AuthToken::Left,
        Some(None) => AuthToken::Unseen,
        Some(Some(secret)) => AuthToken::Given(Credential {
            secret: secret.clone(),
            fingerprint: fingerprints.fingerprint(TWILIO_TOKEN, secret),
        }),
    };
    Ok(Sender::Twilio {
        account_sid: twilio.account_sid.clone(),
        from,
        auth_token,
        applied_token,
    })
}

fn factor(object: &MfaPhoneFactor) -> DesiredFactor {
    let owner = key(Kind::MfaPhoneFactor, &object.metadata);
    let status = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    let message_type = |kind: &MfaMessageType| match kind {
        MfaMessageType::Sms => MessageType::Sms,
        MfaMessageType::Voice => MessageType::Voice,
    };
    let policy = |policy: &MfaPolicy| match policy {
        MfaPolicy::AllApplications => "all-applications".to_owned(),
        MfaPolicy::ConfidenceScore => "confidence-score".to_owned(),
    };
    DesiredFactor {
        claim: claim(
            owner,
            &object.metadata,
            &status.conditions,
            status.observed_generation,
            Adopt::IfExists,
            (None, None),
        ),
        enabled: spec.enabled,
        message_types: spec
            .message_types
            .as_ref()
            .map(|all| all.iter().map(message_type).collect()),
        policies: spec
            .policies
            .as_ref()
            .map(|all| all.iter().map(policy).collect()),
    }
}
