//! Which parts of the tenant the objects need to be read.

use super::{ApplicationRef, Desired, Sender};
use crate::api::UnifiedPhoneExperience;

impl Desired {
    /// The parts of the tenant that these objects make it necessary to read.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let dependents = self.factor.is_some() || !self.connections.is_empty();
        // What a change of the provider or of the flag breaks can only be told from all of these.
        let may_switch = self.unified == UnifiedPhoneExperience::Enable && dependents;
        let hazards = self.provider.is_some() || may_switch;
        let identifiers = !self.identifiers.is_empty();
        Scope {
            unified: hazards || dependents,
            actions: self.provider.as_ref().is_some_and(|provider| {
                let action = matches!(provider.sender, Sender::Action(_) | Sender::ActionNamed(_));
                action || provider.left_action.is_some()
            }),
            // What a template says takes effect through a provider, and may not suit it.
            provider: hazards
                || dependents
                || identifiers
                || !self.templates.is_empty()
                || self.messages.iter().any(|it| it.to.is_some()),
            templates: !self.templates.is_empty()
                || self
                    .messages
                    .iter()
                    .any(|it| it.to.is_some() && it.template.is_some()),
            factor: hazards || self.factor.is_some(),
            policies: self
                .factor
                .as_ref()
                .is_some_and(|factor| factor.policies.is_some()),
            connections: hazards || !self.connections.is_empty() || identifiers,
            applications: self.connections.iter().any(|connection| {
                connection
                    .applications
                    .as_ref()
                    .is_some_and(|applications| {
                        applications
                            .refs
                            .iter()
                            .any(|item| matches!(item, ApplicationRef::Name(_)))
                    })
            }),
        }
    }
}

/// The endpoints that a snapshot reads: only those that some object needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one endpoint, on its own"
)]
pub struct Scope {
    /// The tenant flag.
    pub unified: bool,
    /// The phone provider.
    pub provider: bool,
    /// The Actions that a custom provider may be, and what is bound; of a tenant whose provider is
    /// custom they are read with it.
    pub actions: bool,
    /// The phone templates.
    pub templates: bool,
    /// The MFA factor and its message types.
    pub factor: bool,
    /// The MFA policies.
    pub policies: bool,
    /// Connections of the strategies `sms` and `auth0`, and the clients of the former.
    pub connections: bool,
    /// All applications.
    pub applications: bool,
}

impl Scope {
    /// Everything.
    pub const ALL: Self = Self {
        unified: true,
        provider: true,
        actions: true,
        templates: true,
        factor: true,
        policies: true,
        connections: true,
        applications: true,
    };

    /// What this scope and another one need together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            unified: self.unified || other.unified,
            provider: self.provider || other.provider,
            actions: self.actions || other.actions,
            templates: self.templates || other.templates,
            factor: self.factor || other.factor,
            policies: self.policies || other.policies,
            connections: self.connections || other.connections,
            applications: self.applications || other.applications,
        }
    }

    /// Whether a snapshot of this scope serves for `other` as well.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        let pairs = [
            (self.unified, other.unified),
            (self.provider, other.provider),
            (self.actions, other.actions),
            (self.templates, other.templates),
            (self.factor, other.factor),
            (self.policies, other.policies),
            (self.connections, other.connections),
            (self.applications, other.applications),
        ];
        pairs.into_iter().all(|(has, needs)| has || !needs)
    }
}
