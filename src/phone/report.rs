//! From what a pass found and did to the status of each object: the one place that writes
//! conditions.

mod conditions;
mod connection;
mod provider;
mod unreadable;
mod verdict;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::action::{Cause, ObjectKey};
use super::desired::{Claim, Desired, Rejection};
use super::hazard::Hazard;
use super::outcome::{Class, Failure, Outcome, StepOutcome};
use super::schedule::worst;
use crate::api::{
    Adopt, Auth0TenantStatus, Condition, ConditionType, MfaPhoneFactorStatus,
    PasswordlessConnectionStatus, PhoneProviderStatus, Reason, Resource,
};
use conditions::rest;
use verdict::{Verdict, verdict};

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
        }
    }

    /// Whether the object is Ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        crate::api::condition::is_true(self.conditions(), ConditionType::Ready)
    }

    fn common(&mut self) -> (&mut Vec<Condition>, &mut Option<i64>) {
        match self {
            Self::Tenant(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Provider(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Factor(status) => (&mut status.conditions, &mut status.observed_generation),
            Self::Connection(status) => (&mut status.conditions, &mut status.observed_generation),
        }
    }
}

/// What is known of one object before a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The generation of its spec.
    pub generation: Option<i64>,
    /// Its status.
    pub status: Status,
}

/// What is known of all objects before a pass.
pub type Statuses = BTreeMap<ObjectKey, Previous>;

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
    /// For people.
    pub message: String,
}

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
        if desired.suspended {
            let mut after = before.status.clone();
            rest(&mut after, before.generation, now);
            if after != before.status {
                report.patches.insert(object.clone(), after);
            }
            continue;
        }
        let verdict = match result {
            Ok(outcome) => Some(verdict(desired, outcome, object)),
            Err(failure) => unread(desired, object, failure, before),
        };
        let Some(verdict) = verdict else {
            continue;
        };
        let mut after = before.status.clone();
        if let Ok(outcome) = result {
            facts(&mut after, desired, outcome, object);
        }
        let (conditions, observed_generation) = after.common();
        *conditions = verdict.conditions(conditions, before.generation, now);
        *observed_generation = before.generation;
        if after != before.status {
            report.patches.insert(object.clone(), after);
        }
    }
    match result {
        Ok(outcome) => {
            report.events = events(desired, outcome);
            report.worst = worst(outcome.failures().map(|(_, failure)| failure.class));
        }
        Err(failure) => report.worst = Some(failure.class),
    }
    report
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
    let generation = match &before.status {
        Status::Tenant(status) => status.observed_generation,
        Status::Provider(status) => status.observed_generation,
        Status::Factor(status) => status.observed_generation,
        Status::Connection(status) => status.observed_generation,
    };
    let passes = failure.class != Class::Terminal;
    if passes && before.status.is_ready() && generation == before.generation {
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
        Status::Factor(_) => {}
        Status::Connection(status) => connection::facts(status, desired, outcome, object),
    }
}

/// Whether an object may call what exists its own: it did before, it wrote it now, or it found
/// nothing to write and takes over what it finds. An object that is going takes nothing over any
/// more: it would delete it next.
fn owns(outcome: &Outcome, claim: &Claim, before: bool) -> bool {
    let results: Vec<&StepOutcome> = outcome
        .plan
        .steps
        .iter()
        .zip(&outcome.steps)
        .filter(|(step, _)| step.action.owner == claim.owner)
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

/// The events of a pass: one for each write, each hazard that came true, and each failure.
fn events(desired: &Desired, outcome: &Outcome) -> Vec<Event> {
    let mut events = Vec::new();
    for (index, step) in outcome.plan.steps.iter().enumerate() {
        let object = step.action.owner.clone();
        match outcome.steps.get(index) {
            Some(StepOutcome::Applied) => {
                let summary = step.action.change.summary();
                let (reason, message) = match step.action.cause {
                    Cause::Adoption => (Reason::Adopted, format!("took over: {summary}")),
                    Cause::Drift => (Reason::DriftDetected, format!("set drift right: {summary}")),
                    Cause::Spec | Cause::Removal => (Reason::Succeeded, summary),
                };
                events.push(Event {
                    object,
                    warning: false,
                    reason,
                    message,
                });
                events.extend(
                    outcome
                        .plan
                        .hazards_of(index)
                        .map(|item| hazard_event(desired, item)),
                );
            }
            Some(StepOutcome::Failed(failure)) => events.push(Event {
                object,
                warning: true,
                reason: failure.reason,
                message: failure.message.clone(),
            }),
            _ => {}
        }
    }
    events
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
        message: hazard.message(),
    }
}
