//! The status of an object of any kind, and the requests that it acknowledges.

use crate::api::{
    Auth0TenantStatus, Condition, ConditionType, MfaPhoneFactorStatus,
    PasswordlessConnectionStatus, PhoneIdentifierStatus, PhoneProviderStatus, PhoneTemplateStatus,
    Resource,
};

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
}

impl Status {
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
        };
        if requested.is_some() {
            *handled = requested.map(str::to_owned);
        }
    }
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
