//! The status of an object of any kind, and the requests that it acknowledges.

use jiff::Timestamp;

use crate::api::{
    Auth0TenantStatus, Condition, ConditionType, MfaPhoneFactorStatus,
    PasswordlessConnectionStatus, PhoneIdentifierStatus, PhoneProviderStatus, PhoneTemplateStatus,
    PhoneTestMessageStatus, Resource, TestMessageAttempt, TestMessageState,
};
use crate::phone::action::Change;

/// The status of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Of an `Auth0Tenant`.
    Tenant(Auth0TenantStatus),
    /// Of a `PhoneProvider`.
    Provider(PhoneProviderStatus),
    /// Of an `MfaPhoneFactor`.
    Factor(MfaPhoneFactorStatus),
    /// Of a `PasswordlessConnection`.
    Connection(PasswordlessConnectionStatus),
    /// Of a `PhoneTemplate`.
    Template(PhoneTemplateStatus),
    /// Of a `PhoneIdentifier`.
    Identifier(PhoneIdentifierStatus),
    /// Of a `PhoneTestMessage`.
    Message(PhoneTestMessageStatus),
}

impl Status {
    /// Puts it in the place of the status that an object of the same kind carries.
    pub fn put(self, resource: &mut Resource) {
        match (self, resource) {
            (Self::Tenant(status), Resource::Auth0Tenant(object)) => object.status = Some(status),
            (Self::Provider(status), Resource::PhoneProvider(object)) => {
                object.status = Some(status);
            }
            (Self::Factor(status), Resource::MfaPhoneFactor(object)) => {
                object.status = Some(status);
            }
            (Self::Connection(status), Resource::PasswordlessConnection(object)) => {
                object.status = Some(status);
            }
            (Self::Template(status), Resource::PhoneTemplate(object)) => {
                object.status = Some(status);
            }
            (Self::Identifier(status), Resource::PhoneIdentifier(object)) => {
                object.status = Some(status);
            }
            (Self::Message(status), Resource::PhoneTestMessage(object)) => {
                object.status = Some(status);
            }
            _ => {}
        }
    }

    /// The status that an object carries.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        match resource {
            Resource::Auth0Tenant(object) => {
                Self::Tenant(object.status.clone().unwrap_or_default())
            }
            Resource::PhoneProvider(object) => {
                Self::Provider(object.status.clone().unwrap_or_default())
            }
            Resource::MfaPhoneFactor(object) => {
                Self::Factor(object.status.clone().unwrap_or_default())
            }
            Resource::PasswordlessConnection(object) => {
                Self::Connection(object.status.clone().unwrap_or_default())
            }
            Resource::PhoneTemplate(object) => {
                Self::Template(object.status.clone().unwrap_or_default())
            }
            Resource::PhoneIdentifier(object) => {
                Self::Identifier(object.status.clone().unwrap_or_default())
            }
            Resource::PhoneTestMessage(object) => {
                Self::Message(object.status.clone().unwrap_or_default())
            }
        }
    }

    /// Its conditions.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        match self {
            Self::Tenant(status) => &status.conditions,
            Self::Provider(status) => &status.conditions,
            Self::Factor(status) => &status.conditions,
            Self::Connection(status) => &status.conditions,
            Self::Template(status) => &status.conditions,
            Self::Identifier(status) => &status.conditions,
            Self::Message(status) => &status.conditions,
        }
    }

    /// Whether the object is Ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        crate::api::condition::is_true(self.conditions(), ConditionType::Ready)
    }

    /// Its JSON form.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        let value = match self {
            Self::Tenant(status) => serde_json::to_value(status),
            Self::Provider(status) => serde_json::to_value(status),
            Self::Factor(status) => serde_json::to_value(status),
            Self::Connection(status) => serde_json::to_value(status),
            Self::Template(status) => serde_json::to_value(status),
            Self::Identifier(status) => serde_json::to_value(status),
            Self::Message(status) => serde_json::to_value(status),
        };
        value.unwrap_or_default()
    }

    /// The generation of the spec that it is about.
    #[must_use]
    pub const fn observed_generation(&self) -> Option<i64> {
        match self {
            Self::Tenant(status) => status.observed_generation,
            Self::Provider(status) => status.observed_generation,
            Self::Factor(status) => status.observed_generation,
            Self::Connection(status) => status.observed_generation,
            Self::Template(status) => status.observed_generation,
            Self::Identifier(status) => status.observed_generation,
            Self::Message(status) => status.observed_generation,
        }
    }

    /// The request for a pass at once that was last acted on.
    #[must_use]
    pub fn last_handled(&self) -> Option<&str> {
        match self {
            Self::Tenant(status) => status.last_handled_reconcile_at.as_deref(),
            Self::Provider(status) => status.last_handled_reconcile_at.as_deref(),
            Self::Factor(status) => status.last_handled_reconcile_at.as_deref(),
            Self::Connection(status) => status.last_handled_reconcile_at.as_deref(),
            Self::Template(status) => status.last_handled_reconcile_at.as_deref(),
            Self::Identifier(status) => status.last_handled_reconcile_at.as_deref(),
            Self::Message(status) => status.last_handled_reconcile_at.as_deref(),
        }
    }

    /// Remembers that a change is about to be made of which only an answer will tell, and that may
    /// be lost: something is created, and its id not known yet, or a message is sent. False where
    /// that is remembered already, or the change is none of that sort.
    pub fn begin(&mut self, change: &Change, generation: Option<i64>, now: Timestamp) -> bool {
        if !change.is_recorded_first() {
            return false;
        }
        // What a status names already is gone: what is created will have another id.
        let creating = match (self, change) {
            (Self::Message(status), _) => {
                return generation.is_some_and(|generation| begin_attempt(status, generation, now));
            }
            (Self::Provider(status), Change::CreateAction(_)) => {
                status.action = None;
                &mut status.creating_action
            }
            (Self::Provider(status), _) => {
                status.id = None;
                &mut status.creating
            }
            (Self::Connection(status), _) => {
                status.id = None;
                &mut status.creating
            }
            (Self::Template(status), _) => {
                status.id = None;
                &mut status.creating
            }
            (Self::Identifier(status), _) => {
                status.id = None;
                &mut status.creating
            }
            (Self::Tenant(_) | Self::Factor(_), _) => return false,
        };
        creating.replace(true) != Some(true)
    }

    /// What came of creations: an id is known, or they were `refused`, and created nothing for
    /// certain.
    pub(super) fn end_creations(&mut self, refused: &[&Change]) {
        let of_action = |change: &&&Change| matches!(change, Change::CreateAction(_));
        let (id, creating) = match self {
            Self::Provider(status) => {
                if status.action.is_some() || refused.iter().any(|it| of_action(&it)) {
                    status.creating_action = None;
                }
                (&status.id, &mut status.creating)
            }
            Self::Connection(status) => (&status.id, &mut status.creating),
            Self::Template(status) => (&status.id, &mut status.creating),
            Self::Identifier(status) => (&status.id, &mut status.creating),
            Self::Tenant(_) | Self::Factor(_) | Self::Message(_) => return,
        };
        if id.is_some() || refused.iter().any(|it| !of_action(&it)) {
            *creating = None;
        }
    }

    pub(super) fn common(&mut self) -> (&mut Vec<Condition>, &mut Option<i64>) {
        match self {
            Self::Tenant(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Provider(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Factor(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Connection(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Template(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Identifier(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Message(status) => (&mut status.conditions, &mut status.observed_generation),
        }
    }

    /// Acknowledges a request for a pass at once.
    pub(super) fn acknowledge(&mut self, requested: Option<&str>) {
        let handled = match self {
            Self::Tenant(status) => &mut status.last_handled_reconcile_at,
            Self::Provider(status) => &mut status.last_handled_reconcile_at,
            Self::Factor(status) => &mut status.last_handled_reconcile_at,
            Self::Connection(status) => &mut status.last_handled_reconcile_at,
            Self::Template(status) => &mut status.last_handled_reconcile_at,
            Self::Identifier(status) => &mut status.last_handled_reconcile_at,
            Self::Message(status) => &mut status.last_handled_reconcile_at,
        };
        if requested.is_some() {
            *handled = requested.map(str::to_owned);
        }
    }
}

/// Remembers that the message of this generation is about to be sent. False where it is remembered
/// already.
fn begin_attempt(status: &mut PhoneTestMessageStatus, generation: i64, now: Timestamp) -> bool {
    let known = status.attempt.as_ref();
    let begins = known.is_none_or(|attempt| attempt.generation != generation);
    if begins {
        status.attempt = Some(TestMessageAttempt {
            generation,
            state: TestMessageState::Sending,
            started_at: now,
            finished_at: None,
        });
    }
    begins
}

/// The annotations that ask for a pass at once: ours, and Flux's, so that its tooling works on our
/// objects. The value is any text that changes; both acknowledge it in `lastHandledReconcileAt`.
pub const REQUESTED_AT: [&str; 2] = [
    "dialtone.dev/requestedAt",
    "reconcile.fluxcd.io/requestedAt",
];

/// The longest value of such an annotation that a status can repeat.
const LONGEST_REQUEST: usize = 253;

/// The request for a pass at once that an object carries: the later one where it carries two, for
/// their values are times.
#[must_use]
pub fn requested(resource: &Resource) -> Option<String> {
    let annotations = resource.metadata().annotations.as_ref()?;
    let values = REQUESTED_AT
        .iter()
        .filter_map(|name| annotations.get(*name));
    let latest = values.max()?;
    Some(latest.chars().take(LONGEST_REQUEST).collect())
}
