//! What the status of a `PhoneProvider` holds of its Action.

use super::{forgets, owns, rejection};
use crate::api::{PhoneProviderStatus, ProviderActionStatus, Reason};
use crate::phone::action::{Change, ObjectKey};
use crate::phone::desired::{Claim, Desired, DesiredAction, DesiredProvider, Sender};
use crate::phone::observed::PhoneAction;
use crate::phone::outcome::{Outcome, StepOutcome};
use crate::phone::policy::{refused, unfit};

/// Whether a write is about the Action.
const fn about_action(change: &Change) -> bool {
    matches!(
        change,
        Change::CreateAction(_)
            | Change::UpdateAction { .. }
            | Change::DeployAction { .. }
            | Change::BindAction { .. }
    )
}

pub(super) fn facts(
    status: &mut PhoneProviderStatus,
    provider: &DesiredProvider,
    outcome: &Outcome,
) {
    let observed = &outcome.observed;
    match &provider.sender {
        Sender::ActionNamed(_) => forget(status),
        Sender::Twilio { .. } | Sender::Nobody => {
            let is_there = |left: &Claim| {
                observed.actions.value().is_none() || observed.actions().any(|it| left.made(&it.id))
            };
            if !provider.left_action.as_ref().is_some_and(is_there) {
                forget(status);
            }
        }
        Sender::Action(wanted) => match (observed.actions.value(), observed.action()) {
            (Some(_), Some(existing)) => own(status, wanted, existing, outcome),
            (Some(all), None) if all.is_empty() && forgets(&wanted.claim) => status.action = None,
            (_, None) | (None, Some(_)) => {}
        },
    }
}

fn forget(status: &mut PhoneProviderStatus) {
    status.action = None;
    status.creating_action = None;
}

fn own(
    status: &mut PhoneProviderStatus,
    wanted: &DesiredAction,
    existing: &PhoneAction,
    outcome: &Outcome,
) {
    let made = wanted.claim.made(&existing.id);
    if !owns(outcome, &wanted.claim, made, about_action) {
        return;
    }
    let before = status
        .action
        .take()
        .filter(|action| action.id == existing.id);
    let mut now = before.unwrap_or_else(|| ProviderActionStatus {
        id: existing.id.clone(),
        ..ProviderActionStatus::default()
    });
    if existing.draft.code == wanted.code {
        now.code_fingerprint = Some(wanted.code_fingerprint.as_str().to_owned());
    }
    for (step, result) in outcome.plan.steps.iter().zip(&outcome.steps) {
        let (Change::CreateAction(draft) | Change::UpdateAction { draft, .. }) =
            &step.action.change
        else {
            continue;
        };
        if let (Some(secrets), StepOutcome::Applied) = (&draft.secrets, result) {
            now.secrets_fingerprint = Some(secrets.fingerprint.as_str().to_owned());
        }
    }
    status.action = Some(now);
}

/// Whether the Action runs what the object says; none for objects without an Action.
pub(super) fn deployed(
    desired: &Desired,
    outcome: &Outcome,
    object: &ObjectKey,
) -> Option<Result<String, (Reason, String)>> {
    if let Some(rejection) = rejection(desired, object) {
        let invalid = rejection.reason == Reason::ActionCodeInvalid;
        return invalid.then(|| Err((rejection.reason, rejection.message.clone())));
    }
    let provider = desired.provider.as_ref();
    let provider = provider.filter(|item| item.claim.owner == *object)?;
    let wanted = match &provider.sender {
        Sender::Action(wanted) => Some(wanted),
        Sender::ActionNamed(_) => None,
        Sender::Twilio { .. } | Sender::Nobody => return None,
    };
    let observed = &outcome.observed;
    if let Some(refusal) = observed.actions.refusal() {
        return Some(Err(refused(refusal, "Actions")));
    }
    observed.actions.value()?;
    let failed = outcome.failures().find(|(index, _)| {
        let step = outcome.plan.steps.get(*index);
        step.is_some_and(|step| step.action.owner == *object && about_action(&step.action.change))
    });
    if let Some((_, failure)) = failed {
        return Some(Err((failure.reason, failure.message.clone())));
    }
    let owned = wanted.is_some_and(|wanted| owns(outcome, &wanted.claim, false, about_action));
    if let Some((reason, message)) = unfit(&provider.sender, observed)
        // What this pass created was not known before it.
        && !(owned && reason == Reason::AdoptionRefused)
    {
        return Some(Err((reason, message)));
    }
    let existing = observed.action()?;
    let Some(wanted) = wanted else {
        return Some(Ok(format!("Action {} is deployed", existing.name)));
    };
    if let Some(failure) = existing.failure() {
        return Some(Err((Reason::ActionBuildFailed, failure)));
    }
    let runs = existing
        .deployed
        .as_ref()
        .is_some_and(|content| wanted.is_like(content));
    Some(if runs && existing.current {
        Ok(format!("Action {} runs this code", existing.name))
    } else {
        let message = format!(
            "Action {} runs something else than this object says",
            existing.name
        );
        Err((Reason::ActionNotDeployed, message))
    })
}
