//! What a plan breaks for end users: whom, by which step, and how to avoid it.

use std::collections::BTreeSet;

use super::acknowledgement::Acknowledgement;
use super::action::{Change, ObjectKey};
use super::delivery::MessageType;
use super::desired::Desired;
use super::flow::Flow;
use super::foreign;
use super::observed::Observed;
use super::plan::Step;
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

impl Hazard {
    /// The stable id: what an acknowledgement names.
    #[must_use]
    pub fn id(&self) -> String {
        self.flow.id()
    }

    /// Takes the acknowledgements of a `PhoneProvider` that goes without a trace for those of the plan.
    pub fn acknowledge(&mut self, provider: &ObjectKey, acknowledged: &BTreeSet<String>) {
        if matches!(self.acknowledgement, Acknowledgement::Nowhere(_)) {
            self.acknowledgement = Acknowledgement::Before(provider.clone());
            self.acknowledged = self.flow.is_among(acknowledged);
        }
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
            let name = foreign::name(name);
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
            let provider = desired.provider.as_ref();
            let acknowledged = provider.is_some_and(|it| flow.is_among(&it.acknowledged));
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
        _ => return keeping(flow, change).to_owned(),
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
const fn keeping(flow: &Flow, change: &Change) -> &'static str {
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
