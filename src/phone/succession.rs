//! What comes after a deletion: an object with a new name takes the place of one that is going.

use std::collections::BTreeSet;

use super::action::ObjectKey;
use super::desire::{References, desire, key_of};
use super::observed::Observed;
use super::plan::{Plan, plan};
use super::policy::Policy;
use super::secret::FingerprintKey;
use crate::api::{Auth0Tenant, Reason, Resource};

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
    let desired = wanted(&|_| true);
    let conflicts = desired.rejected.iter();
    let conflicts = conflicts.filter(|it| it.reason == Reason::Conflict);
    let waiting: BTreeSet<&ObjectKey> = conflicts.map(|it| &it.object).collect();
    if waiting.is_empty() || !resources.iter().any(|resource| leaves(resource)) {
        return vec![plan(&desired, observed, &policy)];
    }
    let first = plan(
        &wanted(&|it| !waiting.contains(&key_of(it))),
        observed,
        &policy,
    );
    let after = first.due().fold(observed.clone(), |state, (_, step)| {
        state.after(&step.action.change)
    });
    let second = plan(&wanted(&|it| !leaves(it)), &after, &policy);
    vec![first, second]
}
