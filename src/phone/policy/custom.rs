//! What keeps a custom provider from being written: its Action (§3.1, §3.5).

use super::{refused, refuses_adoption};
use crate::api::{Adopt, Reason};
use crate::phone::action::{Action, Change};
use crate::phone::delivery::listed_briefly;
use crate::phone::desired::{Claim, Desired, Sender};
use crate::phone::observed::{Observed, PhoneAction, ProviderName};
use crate::phone::predict::is_unborn;

/// Whether a write makes or keeps the provider custom by naming it so.
pub(crate) fn makes_custom(change: &Change) -> bool {
    match change {
        Change::CreateProvider { name, .. } => *name == ProviderName::Custom,
        Change::UpdateProvider { patch, .. } => patch.name == Some(ProviderName::Custom),
        _ => false,
    }
}

/// Why a provider must not become custom now.
pub(super) fn gate(desired: &Desired, state: &Observed) -> Option<(Reason, String)> {
    let sender = &desired.provider.as_ref()?.sender;
    if let Some(refusal) = state.actions.refusal() {
        return Some(refused(refusal, "Actions"));
    }
    unfit(sender, state)
}

/// Why the sender's Action cannot send, as the tenant is now.
pub(crate) fn unfit(sender: &Sender, state: &Observed) -> Option<(Reason, String)> {
    let (claim, name) = match sender {
        Sender::Action(action) => (Some(&action.claim), action.name.as_str()),
        Sender::ActionNamed(name) => (None, name.as_str()),
        Sender::Twilio { .. } | Sender::Nobody => return None,
    };
    let all: Vec<&PhoneAction> = state.actions().collect();
    match all[..] {
        [] => Some(missing(claim, name)),
        [only] => claim
            .and_then(|claim| strange(claim, only))
            .or_else(|| (claim.is_none()).then(|| named(name, only)).flatten())
            .or_else(|| undeployed(only)),
        _ => {
            let ids = listed_briefly(
                all.iter()
                    .map(|item| format!("{} ({})", item.name, item.id)),
            );
            let message = format!(
                "the tenant has several Actions for its phone provider, and Auth0 runs one of them: \
                 delete all but one of {ids}"
            );
            Some((Reason::ActionAmbiguous, message))
        }
    }
}

fn missing(claim: Option<&Claim>, name: &str) -> (Reason, String) {
    if claim.is_some() {
        let message = format!("Action {name} is not deployed yet");
        return (Reason::ActionNotDeployed, message);
    }
    let message = format!(
        "the tenant has no Action {name} for the trigger custom-phone-provider: create it and deploy it"
    );
    (Reason::ActionNotFound, message)
}

fn strange(claim: &Claim, existing: &PhoneAction) -> Option<(Reason, String)> {
    let ours = claim.removing || is_unborn(&existing.id);
    let refused = !ours && refuses_adoption(claim, &existing.id);
    refused.then(|| {
        let message = format!(
            "the tenant has Action {} for its phone provider already, and adopt is {}: set adopt to \
             IfExists to take it over",
            existing.name,
            match claim.adopt {
                Adopt::Never => "Never",
                Adopt::IfExists => "IfExists",
                Adopt::Require => "Require",
            }
        );
        (Reason::AdoptionRefused, message)
    })
}

fn named(name: &str, only: &PhoneAction) -> Option<(Reason, String)> {
    (only.name != name).then(|| {
        let message = format!(
            "the tenant has no Action {name} for the trigger custom-phone-provider, but {}",
            only.name
        );
        (Reason::ActionNotFound, message)
    })
}

fn undeployed(only: &PhoneAction) -> Option<(Reason, String)> {
    if let Some(failure) = only.failure() {
        // What was deployed before goes on serving.
        return only
            .deployed
            .is_none()
            .then_some((Reason::ActionBuildFailed, failure));
    }
    let message = match (only.deployed.is_some(), only.bound) {
        (false, _) => format!("Action {} is not deployed", only.name),
        (true, Some(false)) => {
            format!(
                "Action {} is not bound to the trigger custom-phone-provider",
                only.name
            )
        }
        (true, _) => return None,
    };
    Some((Reason::ActionNotDeployed, message))
}

/// The claim behind a write of an Action, and the id of what exists already.
pub(super) fn subject<'a>(
    action: &Action,
    desired: &'a Desired,
    observed: &'a Observed,
) -> Option<(&'a Claim, Option<&'a str>)> {
    let about_action = matches!(
        action.change,
        Change::CreateAction(_)
            | Change::UpdateAction { .. }
            | Change::DeployAction { .. }
            | Change::BindAction { .. }
    );
    let Sender::Action(wanted) = &desired.provider.as_ref()?.sender else {
        return None;
    };
    let existing = observed.action().map(|item| item.id.as_str());
    about_action.then_some((&wanted.claim, existing))
}
