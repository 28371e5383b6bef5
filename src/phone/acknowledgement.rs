//! How people let a change through that breaks sign-in flows: an annotation of the `PhoneProvider` names
//! the flows, or groups of them.

use std::collections::BTreeSet;

use super::action::ObjectKey;
use super::delivery::{MOST_NAMED, MessageType};
use super::desired::Desired;
use super::flow::Flow;

/// The annotation that lets a change through.
pub const ACKNOWLEDGE: &str = "dialtone.dev/acknowledge-breaking";

/// Where the hazards of a tenant are let through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acknowledgement {
    /// In the annotation of this `PhoneProvider`.
    On(ObjectKey),
    /// In the annotation of this `PhoneProvider`, before it goes: it is being deleted.
    Before(ObjectKey),
    /// Nowhere: no `PhoneProvider` of this tenant takes part.
    Nowhere(ObjectKey),
}

impl Acknowledgement {
    /// Where the hazards of a plan for these objects are let through.
    #[must_use]
    pub fn of(desired: &Desired) -> Self {
        match &desired.provider {
            Some(provider) if provider.claim.removing => Self::Before(provider.claim.owner.clone()),
            Some(provider) => Self::On(provider.claim.owner.clone()),
            None => Self::Nowhere(desired.tenant.clone()),
        }
    }

    /// How these flows are let through, in one line.
    #[must_use]
    pub fn advice(&self, flows: &BTreeSet<Flow>) -> String {
        let names = named(flows);
        match self {
            Self::On(provider) => format!(
                "to let it through, add to the annotation {ACKNOWLEDGE} of {provider}: {names}"
            ),
            Self::Before(provider) => format!(
                "to let it through, add to the annotation {ACKNOWLEDGE} of {provider} before that \
                 goes: {names}"
            ),
            Self::Nowhere(tenant) => format!(
                "nothing here lets it through, for no PhoneProvider of {tenant} takes part whose \
                 annotation {ACKNOWLEDGE} could name: {names}"
            ),
        }
    }
}

/// Whether an acknowledgement may be the id of a flow, or of a group of them, of some tenant.
pub(crate) fn may_name(acknowledgement: &str) -> bool {
    let mut parts = acknowledgement.splitn(2, '/');
    match (parts.next(), parts.next()) {
        (Some("mfa"), Some(kind)) => MessageType::ALL.iter().any(|it| it.as_wire() == kind),
        (Some("mfa" | "passwordless" | "signup" | "password-reset" | "phone-otp"), _) => true,
        _ => false,
    }
}

/// What the annotation has to say to let these flows through: their ids, or their groups where they
/// are many.
pub(crate) fn named(flows: &BTreeSet<Flow>) -> String {
    let name = if flows.len() > MOST_NAMED {
        Flow::group
    } else {
        Flow::id
    };
    let mut names: Vec<String> = flows.iter().map(name).collect();
    names.dedup();
    names.join(",")
}
