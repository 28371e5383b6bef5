//! From what a pass found and did to the status of each object: the one place that writes
//! conditions.

mod action;
mod conditions;
mod connection;
mod events;
mod identifier;
mod message;
mod needed;
mod provider;
mod status;
mod template;
mod unreadable;
mod verdict;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::action::{Change, ObjectKey};
use super::desired::{Claim, Desired, Rejection};
use super::outcome::{Class, Failure, Outcome, StepOutcome};
use super::schedule::worst;
use crate::api::{Adopt, Reason, Resource};
use conditions::rest;
pub use conditions::shortened;
pub use events::Event;
pub use status::{REQUESTED_AT, Status, requested};
use verdict::{Verdict, verdict};

/// What is known of one object before a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The generation of its spec.
    pub generation: Option<i64>,
    /// Its status.
    pub status: Status,
    /// The request for a pass at once that it carries.
    pub requested: Option<String>,
}

impl Previous {
    /// What an object carries.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        Self {
            generation: resource.metadata().generation,
            status: Status::of(resource),
            requested: requested(resource),
        }
    }
}

/// What is known of all objects before a pass.
pub type Statuses = BTreeMap<ObjectKey, Previous>;

/// What a pass tells the world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The statuses that changed, and no others.
    pub patches: BTreeMap<ObjectKey, Status>,
    /// What happened.
    pub events: Vec<Event>,
    /// The failure that decides when to look again.
    pub worst: Option<Class>,
}

/// The result of a pass: an outcome, or the failure for which the tenant could not be read.
pub type PassResult = Result<Outcome, Failure>;

/// What a pass tells of each object. Pure: the same pass at the same time tells the same, and a
/// pass that changed nothing tells nothing.
#[must_use]
pub fn report(
    previous: &Statuses,
    desired: &Desired,
    result: &PassResult,
    now: Timestamp,
) -> Report {
    let mut report = Report::default();
    for object in &desired.objects {
        let Some(before) = previous.get(object) else {
            continue;
        };
        if message::is_over(before) {
            acknowledged(object, before, &mut report);
            continue;
        }
        if desired.suspended {
            let mut after = before.status.clone();
            rest(&mut after, before.generation, now);
            if after != before.status {
                report.patches.insert(object.clone(), after);
            }
            continue;
        }
        let verdict = match result {
            Ok(outcome) if stays_ready(outcome, before) => None,
            Ok(outcome) => Some(
                message::verdict(outcome, before, object)
                    .unwrap_or_else(|| verdict(desired, outcome, object)),
            ),
            Err(failure) => unread(desired, object, failure, before),
        };
        let mut after = before.status.clone();
        if let Ok(outcome) = result {
            facts(&mut after, desired, outcome, object);
            if let Status::Message(status) = &mut after {
                let which = (object, before.generation);
                message::facts(status, (desired, outcome), which, now);
            }
            after.end_creations(&refused_creations(outcome, object));
        }
        if let Some(verdict) = verdict {
            let (conditions, observed_generation) = after.common();
            *conditions = verdict.conditions(conditions, before.generation, now);
            *observed_generation = before.generation;
        }
        after.acknowledge(before.requested.as_deref());
        if after != before.status {
            report.patches.insert(object.clone(), after);
        }
    }
    match result {
        Ok(outcome) => {
            report.events = events::events(previous, desired, outcome);
            report.worst = worst(outcome.failures().map(|(_, failure)| failure.class));
        }
        Err(failure) => report.worst = Some(failure.class),
    }
    report
}

/// What was asked for at an object about which there is nothing more to say.
fn acknowledged(object: &ObjectKey, before: &Previous, report: &mut Report) {
    let mut after = before.status.clone();
    after.acknowledge(before.requested.as_deref());
    if after != before.status {
        report.patches.insert(object.clone(), after);
    }
}

/// Whether a pass that was ended early leaves the verdict of the one before: what was not tried says
/// nothing of an object that was Ready.
fn stays_ready(outcome: &Outcome, before: &Previous) -> bool {
    let current = before.status.observed_generation() == before.generation;
    outcome.is_cut_short() && current && before.status.is_ready()
}

/// The verdict on an object whose tenant could not be read. What was Ready stays Ready while the
/// failure is one that passes.
fn unread(
    desired: &Desired,
    object: &ObjectKey,
    failure: &Failure,
    before: &Previous,
) -> Option<Verdict> {
    if let Some(rejection) = rejection(desired, object) {
        return Some(Verdict::stalled(
            rejection.reason,
            rejection.message.clone(),
        ));
    }
    let passes = failure.class != Class::Terminal;
    if passes
        && before.status.is_ready()
        && before.status.observed_generation() == before.generation
    {
        return None;
    }
    let own = *object == desired.tenant;
    Some(match (passes, own) {
        (true, _) => Verdict::retrying(Reason::ProgressingWithRetry, failure.message.clone()),
        (false, true) => Verdict::stalled(failure.reason, failure.message.clone()),
        (false, false) => Verdict::stalled(
            Reason::TenantNotReady,
            format!("{} is not ready: {}", desired.tenant, failure.message),
        ),
    })
}

/// What is told of objects whose tenant is not there. It may be on its way: who applies a folder
/// does not choose the order.
#[must_use]
pub fn without_tenant(previous: &Statuses, tenant: &ObjectKey, now: Timestamp) -> Report {
    let mut report = Report::default();
    for (object, before) in previous {
        if message::is_over(before) {
            acknowledged(object, before, &mut report);
            continue;
        }
        let message = format!("there is no {tenant}");
        let verdict = Verdict::retrying(Reason::TenantNotFound, message);
        let mut after = before.status.clone();
        let (conditions, observed_generation) = after.common();
        *conditions = verdict.conditions(conditions, before.generation, now);
        *observed_generation = before.generation;
        after.acknowledge(before.requested.as_deref());
        if after != before.status {
            report.patches.insert(object.clone(), after);
        }
    }
    report
}

fn rejection<'a>(desired: &'a Desired, object: &ObjectKey) -> Option<&'a Rejection> {
    desired
        .rejected
        .iter()
        .find(|rejection| rejection.object == *object)
}

/// What a status holds besides conditions: ids, fingerprints, dependents.
fn facts(status: &mut Status, desired: &Desired, outcome: &Outcome, object: &ObjectKey) {
    match status {
        Status::Tenant(status) => {
            if let Some(on) = outcome.observed.unified.value() {
                status.unified_phone_experience = Some(*on);
            }
        }
        Status::Provider(status) => provider::facts(status, desired, outcome, object),
        Status::Factor(_) | Status::Message(_) => {}
        Status::Connection(status) => connection::facts(status, desired, outcome, object),
        Status::Identifier(status) => identifier::facts(status, desired, outcome, object),
        Status::Template(status) => template::facts(status, desired, outcome, object),
    }
}

/// What an object wants and was certainly not created. Where the answer was lost, or failed on the
/// way, it may exist.
fn refused_creations<'a>(outcome: &'a Outcome, object: &ObjectKey) -> Vec<&'a Change> {
    let failed = outcome.failures().filter_map(|(index, failure)| {
        let action = &outcome.plan.steps.get(index)?.action;
        let own = action.owner == *object && action.change.is_recorded_first();
        (own && failure.class != Class::Transient).then_some(&action.change)
    });
    failed.collect()
}

/// Whether an object may call what exists its own: it did before, it wrote it now, or it found
/// nothing to write and takes over what it finds. An object that is going takes nothing over any
/// more: it would delete it next. Only writes count that are `about` what exists.
fn owns(outcome: &Outcome, claim: &Claim, before: bool, about: impl Fn(&Change) -> bool) -> bool {
    let results: Vec<&StepOutcome> = outcome
        .plan
        .steps
        .iter()
        .zip(&outcome.steps)
        .filter(|(step, _)| step.action.owner == claim.owner && about(&step.action.change))
        .map(|(_, result)| result)
        .collect();
    let wrote = results
        .iter()
        .any(|result| **result == StepOutcome::Applied);
    let takes_over = !claim.removing && claim.adopt != Adopt::Never;
    before || wrote || (results.is_empty() && takes_over)
}

/// Whether an object forgets the id of what is gone. One that never creates what it did not once
/// have keeps it: the id is what lets it be created anew, in the next pass as in this one.
fn forgets(claim: &Claim) -> bool {
    claim.adopt != Adopt::Require
}
