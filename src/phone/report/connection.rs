//! What the status of a `PasswordlessConnection` holds besides conditions.

use std::collections::BTreeSet;

use super::{forgets, owns};
use crate::api::PasswordlessConnectionStatus;
use crate::phone::action::{Change, ObjectKey};
use crate::phone::desired::Desired;
use crate::phone::observed::Strategy;
use crate::phone::outcome::{Outcome, StepOutcome};

pub(super) fn facts(
    status: &mut PasswordlessConnectionStatus,
    desired: &Desired,
    outcome: &Outcome,
    object: &ObjectKey,
) {
    let Some(wanted) = desired
        .connections
        .iter()
        .find(|item| item.claim.owner == *object)
    else {
        return;
    };
    if outcome.observed.connections.value().is_none() {
        return;
    }
    let existing = outcome.observed.connection(Strategy::Sms, &wanted.name);
    let Some(existing) = existing else {
        if forgets(&wanted.claim) {
            status.id = None;
        }
        status.applications.clear();
        return;
    };
    let made = wanted.claim.made(&existing.id);
    if owns(outcome, &wanted.claim, made, |_| true) {
        status.id = Some(existing.id.clone());
    }
    let mut enabled: BTreeSet<String> = status.applications.iter().cloned().collect();
    for (index, step) in outcome.plan.steps.iter().enumerate() {
        let applied = matches!(outcome.steps.get(index), Some(StepOutcome::Applied));
        if let (
            true,
            Change::SetConnectionClients {
                enable,
                disable,
                connection,
            },
        ) = (applied, &step.action.change)
            && *connection == wanted.name
        {
            enabled.extend(enable.iter().cloned());
            enabled.retain(|client| !disable.contains(client));
        }
    }
    status.applications = enabled.into_iter().collect();
}
