//! What comes after a deletion: an object with a new name takes the place of one that is going.

use std::collections::BTreeSet;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::action::ObjectKey;
use super::desire::{References, desire, key_of};
use super::desired::Desired;
use super::observed::Observed;
use super::plan::{Plan, Step, plan};
use super::policy::{Policy, Withheld};
use super::predict::predict;
use super::secret::FingerprintKey;
use crate::api::{Auth0Tenant, DeletionPolicy, ManagementPolicy, Reason, Resource};

/// An object whose manifest is taken away, as a cluster has it while it is being deleted. `None`
/// where it goes at once, and what it set up stays: with `deletionPolicy: Orphan`, and in a tenant
/// that is not written.
#[must_use]
pub fn leaving(gone: &Resource, tenant: &Auth0Tenant, now: Timestamp) -> Option<Resource> {
    let spec = &tenant.spec;
    let written = spec.management_policy == ManagementPolicy::Manage && !spec.suspend;
    if !written || gone.deletion_policy() != DeletionPolicy::Delete {
        return None;
    }
    let mut leaving = gone.clone();
    let metadata = leaving.metadata_mut();
    metadata.deletion_timestamp.get_or_insert(Time(now));
    // It is older than whatever takes its place, also where nobody keeps ages.
    metadata
        .creation_timestamp
        .get_or_insert(Time(Timestamp::UNIX_EPOCH));
    Some(leaving)
}

/// The plan of a tenant's objects. Where one waits for another that is being deleted, because both
/// manage the same thing, there are two: that of the deletion, and that of what comes after it.
#[must_use]
pub fn plans(
    tenant: &Auth0Tenant,
    resources: &[&Resource],
    references: &References,
    fingerprints: &FingerprintKey,
    observed: &Observed,
) -> Vec<Plan> {
    let policy = Policy::of(tenant);
    let leaves = |resource: &Resource| resource.metadata().deletion_timestamp.is_some();
    let wanted = |keep: &dyn Fn(&Resource) -> bool| {
        let kept = resources.iter().copied().filter(|resource| keep(resource));
        desire(tenant, kept, references, fingerprints)
    };
    let together = wanted(&|_| true);
    let mut next = wanted(&|it| !leaves(it));
    let gone: BTreeSet<ObjectKey> = resources
        .iter()
        .filter(|it| leaves(it))
        .map(|it| key_of(it))
        .collect();
    // Those that stand back for one that stays wait in vain.
    let mut waiting = &conflicting(&together) - &conflicting(&next);
    waiting.retain(|object| !gone.contains(object));
    if waiting.is_empty() {
        return vec![plan(&together, observed, &policy)];
    }
    let first = plan(
        &wanted(&|it| !waiting.contains(&key_of(it))),
        observed,
        &policy,
    );
    if first
        .steps
        .iter()
        .any(|step| gone.contains(&step.action.owner) && !passes(step))
    {
        // What cannot be deleted keeps its place.
        return vec![plan(&together, observed, &policy)];
    }
    let mut after = observed.clone();
    for step in first.steps.iter().filter(|step| passes(step)) {
        let applied = predict(&after, &step.action.change);
        next.learn(&step.action.change, &applied);
        after.absorb(applied);
    }
    told_once(first, plan(&next, &after, &policy))
}

/// The two plans, with what is withheld in both in the first alone, and what waited for the deletion
/// alone where it is done.
fn told_once(first: Plan, second: Plan) -> Vec<Plan> {
    let withheld = |plan: &Plan, step: &Step| {
        let mut all = plan.steps.iter().filter(|it| it.withheld.is_some());
        step.withheld.is_some() && all.any(|it| is_same(it, step))
    };
    let mut second = without(second, |step| withheld(&first, step));
    let findings = &first.findings;
    second
        .findings
        .retain(|finding| !findings.contains(finding));
    second.unseen.retain(|part| !first.unseen.contains(part));
    let due = |step: &Step| second.due().any(|(_, it)| is_same(it, step));
    let first = without(first, |step| step.withheld.is_some() && due(step));
    vec![first, second]
}

fn is_same(one: &Step, other: &Step) -> bool {
    let (one, other) = (&one.action, &other.action);
    one.owner == other.owner && one.change == other.change
}

/// Whether a step is carried out, as far as a plan of this tenant ever is.
fn passes(step: &Step) -> bool {
    step.withheld.as_ref().is_none_or(Withheld::only_shown)
}

/// The objects that stand back for another one.
fn conflicting(desired: &Desired) -> BTreeSet<ObjectKey> {
    let rejected = desired.rejected.iter();
    let conflicts = rejected.filter(|it| it.reason == Reason::Conflict);
    conflicts.map(|it| it.object.clone()).collect()
}

/// A plan without some of its steps, and without what they would break.
fn without(mut plan: Plan, left_out: impl Fn(&Step) -> bool) -> Plan {
    let mut kept = 0..;
    let places: Vec<Option<usize>> = plan
        .steps
        .iter()
        .map(|step| if left_out(step) { None } else { kept.next() })
        .collect();
    let place = |index: usize| places.get(index).copied().flatten();
    plan.steps.retain(|step| !left_out(step));
    for step in &mut plan.steps {
        step.needs = step.needs.iter().filter_map(|need| place(*need)).collect();
    }
    let hazards = std::mem::take(&mut plan.hazards).into_iter();
    plan.hazards = hazards
        .filter_map(|mut hazard| {
            hazard.step = place(hazard.step)?;
            Some(hazard)
        })
        .collect();
    plan
}
