//! One function from desired and observed to an ordered plan with its hazards.

use std::collections::BTreeSet;

use super::action::{Action, ObjectKey};
use super::desired::{Desired, Rejection};
use super::diff::diff;
use super::flow::{Flow, working};
use super::hazard::{Hazard, hazards};
use super::observed::{Observed, Reading};
use super::order::{Ordered, order};
use super::policy::{
    Policy, Withheld, gate, hidden_options, refused, refuses_blindly, refuses_break, withhold,
};
use crate::api::{Reason, UnifiedPhoneExperience};

/// What would be done, in order, and what it would break.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The steps, in the order in which they are carried out.
    pub steps: Vec<Step>,
    /// What the plan breaks for end users.
    pub hazards: Vec<Hazard>,
    /// What people should know although nothing is written because of it.
    pub findings: Vec<Finding>,
    /// The parts of the tenant that Auth0 refuses to show, each with what to do: what is not seen may
    /// have to be changed, and may break.
    pub unseen: Vec<String>,
}

/// One action in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The write.
    pub action: Action,
    /// Indexes of earlier steps without which this one must not be carried out.
    pub needs: Vec<usize>,
    /// Why it is not carried out, if it is not.
    pub withheld: Option<Withheld>,
}

/// Something that people should know about one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The object.
    pub owner: ObjectKey,
    /// The object cannot be Ready while this holds.
    pub blocking: bool,
    /// The machine's reason.
    pub reason: Reason,
    /// What is the matter and what to do.
    pub message: String,
}

impl Finding {
    /// A finding that keeps its object from being Ready.
    #[must_use]
    pub fn blocking(owner: &ObjectKey, reason: Reason, message: &str) -> Self {
        Self {
            owner: owner.clone(),
            blocking: true,
            reason,
            message: message.to_owned(),
        }
    }

    /// A finding that is only worth knowing.
    #[must_use]
    pub fn note(owner: &ObjectKey, reason: Reason, message: &str) -> Self {
        Self {
            owner: owner.clone(),
            blocking: false,
            reason,
            message: message.to_owned(),
        }
    }
}

impl Plan {
    /// The steps that will be carried out.
    pub fn due(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.withheld.is_none())
    }

    /// Whether the tenant is as the objects want it, withheld differences included.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether an object cannot be Ready whatever is written, or not everything is seen.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        !self.unseen.is_empty() || self.findings.iter().any(|finding| finding.blocking)
    }

    /// The hazards that one step causes.
    pub fn hazards_of(&self, index: usize) -> impl Iterator<Item = &Hazard> {
        self.hazards
            .iter()
            .filter(move |hazard| hazard.step == index)
    }
}

/// Plans the way from what the tenant is to what the objects want. Total and deterministic.
#[must_use]
pub fn plan(desired: &Desired, observed: &Observed, policy: &Policy) -> Plan {
    let found = diff(desired, observed);
    let ordered = order(found.actions, observed);
    let mut state = observed.clone();
    let initially = working(observed);
    let mut before = initially.clone();
    let mut steps: Vec<Step> = Vec::with_capacity(ordered.len());
    let mut broken: Vec<(Flow, usize)> = Vec::new();
    for (index, Ordered { action, needs }) in ordered.into_iter().enumerate() {
        let next = state.after(&action.change);
        let after = working(&next);
        let breaks: BTreeSet<Flow> = before.difference(&after).cloned().collect();
        let withheld = withhold(&action, desired, observed, *policy)
            .or_else(|| blocked_by_need(&needs, &steps))
            .or_else(|| gate(&action, desired, &state))
            .or_else(|| refuses_break(&action, desired, &breaks))
            .or_else(|| refuses_blindly(&action, desired, &state, &next));
        // Of a tenant that is not written at all the plan reads as it would run.
        if withheld.as_ref().is_none_or(Withheld::only_shown) {
            broken.retain(|(flow, _)| !after.contains(flow));
            (state, before) = (next, after);
        }
        // What a user would lose is shown even where the write is withheld by choice; what it
        // would mend stays broken.
        if withheld.as_ref().is_none_or(Withheld::is_a_choice) {
            broken.extend(breaks.into_iter().map(|flow| (flow, index)));
        }
        steps.push(Step {
            action,
            needs,
            withheld,
        });
    }
    // A flow that only came to work on the way did not work before the plan.
    broken.retain(|(flow, _)| initially.contains(flow));
    let hazards = hazards(desired, observed, &steps, broken);
    let mut findings: Vec<Finding> = desired.rejected.iter().map(rejected).collect();
    findings.extend(found.findings);
    findings.extend(flag_missing(desired, observed));
    Plan {
        steps,
        hazards,
        findings,
        unseen: unseen(observed)
            .into_iter()
            .chain(unseen_options(desired, observed))
            .collect(),
    }
}

/// Objects need the unified phone experience, and the tenant's object must not turn it on (§5.1).
fn flag_missing(desired: &Desired, observed: &Observed) -> Option<Finding> {
    let needed = desired.factor.is_some() || !desired.connections.is_empty();
    let off = observed.unified.value() == Some(&false);
    let requires = desired.unified == UnifiedPhoneExperience::Require;
    (needed && off && requires).then(|| {
        let message = "objects need the unified phone experience, which is off: set \
                       spec.unifiedPhoneExperience to Enable";
        let reason = Reason::UnifiedPhoneExperienceOff;
        Finding::blocking(&desired.tenant, reason, message)
    })
}

/// Options that an object itself is not about, and that tell what needs the provider.
fn unseen_options(desired: &Desired, observed: &Observed) -> Option<String> {
    desired.provider.as_ref()?;
    hidden_options(observed).map(|(_, message)| message)
}

/// The parts that Auth0 refuses to show, each with what to do.
#[must_use]
pub fn unseen(observed: &Observed) -> Vec<String> {
    let parts = [
        (observed.unified.refusal(), "the tenant settings"),
        (observed.provider.refusal(), "the phone provider"),
        (observed.templates.refusal(), "the phone templates"),
        (observed.factor.refusal(), "the MFA factors"),
        (observed.message_types.refusal(), "the MFA message types"),
        (observed.policies.refusal(), "the MFA policies"),
        (observed.connections.refusal(), "connections"),
        (observed.actions.refusal(), "Actions"),
        (observed.applications.refusal(), "applications"),
    ];
    let told = |(refusal, what): (Option<_>, &str)| Some(refused(refusal?, what).1);
    let mut all: Vec<String> = parts.into_iter().filter_map(told).collect();
    for found in observed.connections() {
        let clients = observed.connection_clients.get(&found.id);
        if let Some(refusal) = clients.and_then(Reading::refusal) {
            let what = format!("the applications of connection {}", found.name);
            all.push(refused(refusal, &what).1);
        }
    }
    all
}

/// An object that takes no part is why a plan may look emptier than its reader expects.
fn rejected(rejection: &Rejection) -> Finding {
    let message = match &rejection.field {
        Some(field) => format!("{field}: {}", rejection.message),
        None => rejection.message.clone(),
    };
    Finding::blocking(&rejection.object, rejection.reason, &message)
}

/// A step whose precondition is withheld cannot be carried out either, unless the precondition is
/// only left out because nothing is written at all.
fn blocked_by_need(needs: &[usize], steps: &[Step]) -> Option<Withheld> {
    needs.iter().find_map(|need| {
        let step = steps.get(*need)?;
        let withheld = step.withheld.as_ref()?;
        (!withheld.only_shown()).then(|| Withheld::Needs {
            owner: step.action.owner.clone(),
            summary: step.action.change.summary(),
        })
    })
}
