//! What a plan breaks for end users: whom, by which step, and how to avoid it.

use super::action::{Change, ObjectKey};
use super::delivery::{MOST_NAMED, MessageType};
use super::desired::Desired;
use super::flow::Flow;
use super::observed::Observed;
use super::plan::Step;
use super::policy::ACKNOWLEDGE;
use crate::api::Reason;

/// One flow that works before a plan and fails after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// What breaks.
    pub flow: Flow,
    /// Index of the step that breaks it.
    pub step: usize,
    /// The object whose step breaks it.
    pub cause: ObjectKey,
    /// The object that set the flow up, if one did; a flow set up by hand has none.
    pub dependent: Option<ObjectKey>,
    /// The object that owns the flow asked for its end itself.
    pub intended: bool,
    /// The user let it through.
    pub acknowledged: bool,
    /// Where the user can do so.
    pub acknowledgement: Acknowledgement,
    /// The application's name, where the flow is about one and its name is known.
    pub application: Option<String>,
    /// What to do instead.
    pub remedy: String,
}

/// Where the hazards of a tenant are let through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acknowledgement {
    /// In the annotation of this `PhoneProvider`.
    On(ObjectKey),
    /// In the annotation of this `PhoneProvider`, which goes by the same change.
    OnBefore(ObjectKey),
    /// No `PhoneProvider` of the tenant could have the annotation.
    Nowhere,
}

impl Acknowledgement {
    fn of(desired: &Desired) -> Self {
        match &desired.provider {
            Some(provider) if provider.claim.removing => {
                Self::OnBefore(provider.claim.owner.clone())
            }
            Some(provider) => Self::On(provider.claim.owner.clone()),
            None => Self::Nowhere,
        }
    }

    /// The `PhoneProvider`, where there is one.
    #[must_use]
    pub const fn provider(&self) -> Option<&ObjectKey> {
        match self {
            Self::On(provider) | Self::OnBefore(provider) => Some(provider),
            Self::Nowhere => None,
        }
    }

    /// How hazards of these ids are let through, in one line.
    #[must_use]
    pub fn advice(&self, ids: &[&str]) -> String {
        let names = if ids.len() > MOST_NAMED {
            "the ids of the hazards, or their groups".to_owned()
        } else {
            ids.join(",")
        };
        match self {
            Self::On(provider) => format!(
                "to let it through, add to the annotation {ACKNOWLEDGE} of {provider}: {names}"
            ),
            Self::OnBefore(provider) => format!(
                "to let it through, add to the annotation {ACKNOWLEDGE} of {provider}, in a change \
                 before the one that takes that away: {names}"
            ),
            Self::Nowhere => format!(
                "nothing lets it through: that is for the annotation {ACKNOWLEDGE} of a \
                 PhoneProvider, and the tenant has none"
            ),
        }
    }
}

impl Hazard {
    /// The stable id: what an acknowledgement names.
    #[must_use]
    pub fn id(&self) -> String {
        self.flow.id()
    }

    /// The reason of the condition `BreaksDependents`.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        reason_of(&self.flow)
    }

    /// One line for people: what stops working, for whom.
    #[must_use]
    pub fn message(&self) -> String {
        let flow = described(&self.flow, self.application.as_deref());
        let by_hand = if self.dependent.is_none() {
            " (set up outside of Dialtone)"
        } else {
            ""
        };
        format!("breaks {flow}{by_hand}")
    }
}

/// A flow with the application's name, where it is known.
#[must_use]
pub fn described(flow: &Flow, application: Option<&str>) -> String {
    match (flow, application) {
        (
            Flow::Passwordless {
                connection,
                client_id,
            },
            Some(name),
        ) => {
            format!("passwordless sign-in to {name} ({client_id}) through connection {connection}")
        }
        _ => flow.to_string(),
    }
}

/// The reason that names what depends on the provider.
#[must_use]
pub const fn reason_of(flow: &Flow) -> Reason {
    match flow {
        Flow::Mfa(_) => Reason::MfaPhoneFactorEnabled,
        Flow::Passwordless { .. } => Reason::PasswordlessConnectionEnabled,
        Flow::SignupVerification { .. } | Flow::PasswordReset { .. } | Flow::PhoneOtp { .. } => {
            Reason::PhoneIdentifierActive
        }
    }
}

/// The object that manages what this flow runs on.
#[must_use]
pub fn dependent(desired: &Desired, flow: &Flow) -> Option<ObjectKey> {
    match flow {
        Flow::Mfa(_) => desired
            .factor
            .as_ref()
            .map(|factor| factor.claim.owner.clone()),
        Flow::Passwordless { connection, .. } => desired
            .connections
            .iter()
            .find(|item| item.name == *connection)
            .map(|item| item.claim.owner.clone()),
        Flow::SignupVerification { connection }
        | Flow::PasswordReset { connection }
        | Flow::PhoneOtp { connection } => desired
            .identifiers
            .iter()
            .find(|item| item.connection == *connection)
            .map(|item| item.claim.owner.clone()),
    }
}

pub(super) fn hazards(
    desired: &Desired,
    observed: &Observed,
    steps: &[Step],
    broken: Vec<(Flow, usize)>,
) -> Vec<Hazard> {
    let mut hazards: Vec<Hazard> = broken
        .into_iter()
        .filter_map(|(flow, index)| {
            let step = steps.get(index)?;
            let dependent = dependent(desired, &flow);
            let acknowledged = desired.provider.as_ref().is_some_and(|provider| {
                provider
                    .acknowledged
                    .iter()
                    .any(|text| flow.acknowledged_by(text))
            });
            Some(Hazard {
                step: index,
                cause: step.action.owner.clone(),
                intended: dependent.as_ref() == Some(&step.action.owner),
                acknowledged,
                acknowledgement: Acknowledgement::of(desired),
                application: application(observed, &flow).map(str::to_owned),
                remedy: remedy(&flow, &step.action.change),
                dependent,
                flow,
            })
        })
        .collect();
    hazards.sort_by(|left, right| (left.step, &left.flow).cmp(&(right.step, &right.flow)));
    hazards
}

/// The name of the application that a flow is about, where it is about one and that is known.
pub(super) fn application<'a>(observed: &'a Observed, flow: &Flow) -> Option<&'a str> {
    match flow {
        Flow::Passwordless { client_id, .. } => observed.application_name(client_id),
        _ => None,
    }
}

fn remedy(flow: &Flow, change: &Change) -> String {
    let keep = match change {
        Change::DeleteProvider { .. } => "keep the phone provider",
        Change::UpdateProvider { patch, .. } if patch.disabled == Some(true) => {
            "keep the phone provider enabled"
        }
        Change::UpdateProvider { .. } => "keep the delivery method",
        Change::EnableUnified => "give the phone provider the delivery method first",
        // What is meant needs no other way.
        _ => return kept(flow, change).to_owned(),
    };
    let or = match flow {
        Flow::Mfa(MessageType::Sms) => "take SMS out of the MFA message types first",
        Flow::Mfa(MessageType::Voice) => "take Voice out of the MFA message types first",
        Flow::Passwordless { .. } => "disable the application for the connection first",
        Flow::SignupVerification { .. } | Flow::PasswordReset { .. } | Flow::PhoneOtp { .. } => {
            "switch the phone identifier off first"
        }
    };
    format!("{keep}, or {or}")
}

/// What keeps a flow that its own object takes away.
const fn kept(flow: &Flow, change: &Change) -> &'static str {
    match (flow, change) {
        (Flow::Mfa(MessageType::Sms), Change::SetMessageTypes(_)) => {
            "keep SMS among the MFA message types"
        }
        (Flow::Mfa(MessageType::Voice), Change::SetMessageTypes(_)) => {
            "keep Voice among the MFA message types"
        }
        (Flow::Mfa(_), _) => "keep the MFA factor phone enabled",
        (Flow::Passwordless { .. }, Change::DeleteConnection { .. }) => "keep the connection",
        (Flow::Passwordless { .. }, _) => "keep the application enabled for the connection",
        (Flow::SignupVerification { .. }, _) => "keep the verification of phone numbers",
        (Flow::PasswordReset { .. } | Flow::PhoneOtp { .. }, _) => "keep the phone identifier",
    }
}
