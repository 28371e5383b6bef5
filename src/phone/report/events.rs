//! What happened in a pass, for the event lists of objects.

use std::collections::BTreeSet;

use super::Statuses;
use crate::api::{ConditionType, Reason, condition};
use crate::phone::action::{Action, Cause, FieldChange, ObjectKey};
use crate::phone::desired::Desired;
use crate::phone::hazard::Hazard;
use crate::phone::outcome::{Class, Outcome, StepOutcome};

/// Something that happened, for the object's event list. The list of reasons is closed and
/// messages hold no times, so that repeated events can be told from new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The object.
    pub object: ObjectKey,
    /// Something is wrong or will be.
    pub warning: bool,
    /// The machine's reason.
    pub reason: Reason,
    /// What was done or tried, from a closed set.
    pub action: String,
    /// For people.
    pub message: String,
}

/// The events of a pass: one for each write, each hazard that came true, and for each object the
/// failure that decides its status, where that does not tell it already.
pub(super) fn events(previous: &Statuses, desired: &Desired, outcome: &Outcome) -> Vec<Event> {
    let mut events = Vec::new();
    let mut failed = BTreeSet::new();
    for (index, step) in outcome.plan.steps.iter().enumerate() {
        let object = step.action.owner.clone();
        match outcome.steps.get(index) {
            Some(StepOutcome::Applied) => {
                events.push(written(&step.action));
                let hazards = outcome.plan.hazards_of(index);
                events.extend(hazards.map(|item| hazard_event(desired, item)));
            }
            Some(StepOutcome::Failed(failure)) if failed.insert(object.clone()) => {
                let told = previous.get(&object).is_some_and(|before| {
                    let ready = condition::find(before.status.conditions(), ConditionType::Ready);
                    ready.is_some_and(|ready| ready.message == failure.message)
                });
                if !told && failure.class != Class::Pending {
                    events.push(Event {
                        object,
                        warning: true,
                        reason: failure.reason,
                        action: step.action.change.verb().to_owned(),
                        message: failure.message.clone(),
                    });
                }
            }
            _ => {}
        }
    }
    events
}

/// What was written; of what was taken over, also how it was before.
fn written(action: &Action) -> Event {
    let summary = action.change.summary();
    let (reason, message) = match action.cause {
        Cause::Adoption => {
            let before = before_image(&action.fields);
            (Reason::Adopted, format!("took over: {summary}{before}"))
        }
        Cause::Drift => (Reason::DriftDetected, format!("set drift right: {summary}")),
        Cause::Spec | Cause::Removal => (Reason::Succeeded, summary),
    };
    Event {
        object: action.owner.clone(),
        warning: false,
        reason,
        action: action.change.verb().to_owned(),
        message,
    }
}

/// The fields as they were, so that who did not mean to take something over can put it back.
fn before_image(fields: &[FieldChange]) -> String {
    let shown = fields.iter().map(|field| {
        let from = field.from.as_deref().unwrap_or("not set");
        format!("{} was {from}", field.path)
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() {
        return String::new();
    }
    format!("; before: {}", shown.join(", "))
}

fn hazard_event(desired: &Desired, hazard: &Hazard) -> Event {
    let object = desired
        .provider
        .as_ref()
        .map_or(&hazard.cause, |provider| &provider.claim.owner);
    Event {
        object: object.clone(),
        warning: true,
        reason: hazard.reason(),
        action: "Break".to_owned(),
        message: hazard.message(),
    }
}
