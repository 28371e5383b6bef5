//! What the status of a `PhoneProvider` holds besides conditions, and what it does not deliver.

use super::{action, forgets, owns};
use crate::api::{
    ConditionStatus, Dependent, DependentKind, PhoneDeliveryMethod, PhoneProviderStatus, Reason,
};
use crate::phone::action::{Change, Credential, ObjectKey};
use crate::phone::delivery::{DeliveryMethod, listed_briefly};
use crate::phone::desired::{Desired, DesiredProvider, Sender};
use crate::phone::flow::{Flow, delivered, through_provider, wanted};
use crate::phone::hazard::{application, described, reason_of};
use crate::phone::observed::{Observed, ProviderName};
use crate::phone::outcome::{Outcome, StepOutcome};
use crate::phone::policy::{Unjudged, may_remain, unjudged};

/// The most dependents that a status lists: an object must stay well below what etcd takes.
const MOST_DEPENDENTS: usize = 256;

pub(super) fn facts(
    status: &mut PhoneProviderStatus,
    desired: &Desired,
    outcome: &Outcome,
    object: &ObjectKey,
) {
    let provider = desired
        .provider
        .as_ref()
        .filter(|item| item.claim.owner == *object);
    let (Some(provider), Some(existing)) = (provider, outcome.observed.provider.value()) else {
        return;
    };
    status.dependents = dependents(&outcome.observed, &status.dependents);
    action::facts(status, provider, outcome);
    let Some(existing) = existing else {
        if forgets(&provider.claim) {
            status.id = None;
        }
        status.credentials_fingerprint = None;
        return;
    };
    let made = provider.claim.made(&existing.id);
    if owns(outcome, &provider.claim, made, about_provider) {
        status.id = Some(existing.id.clone());
    }
    if existing.name == ProviderName::Custom {
        // A provider that is an Action holds no token, whatever it was before.
        status.credentials_fingerprint = None;
    }
    if let Some(written) = written_token(provider, outcome) {
        status.credentials_fingerprint = Some(written.fingerprint.as_str().to_owned());
    }
}

pub(super) const fn about_provider(change: &Change) -> bool {
    matches!(
        change,
        Change::CreateProvider { .. }
            | Change::UpdateProvider { .. }
            | Change::DeleteProvider { .. }
    )
}

/// The token that this pass wrote.
fn written_token<'a>(provider: &'a DesiredProvider, outcome: &Outcome) -> Option<&'a Credential> {
    let Sender::Twilio { auth_token, .. } = &provider.sender else {
        return None;
    };
    let written = outcome
        .plan
        .steps
        .iter()
        .zip(&outcome.steps)
        .any(|(step, result)| {
            let holds_token = match &step.action.change {
                Change::CreateProvider { auth_token, .. } => auth_token.is_some(),
                Change::UpdateProvider { patch, .. } => patch.auth_token.is_some(),
                _ => false,
            };
            holds_token && *result == StepOutcome::Applied
        });
    auth_token.given().filter(|_| written)
}

/// What stops working if the provider stops delivering: kept current all the time. What is not seen
/// any more is taken to be as it was: those who read it would else take it for gone.
fn dependents(observed: &Observed, before: &[Dependent]) -> Vec<Dependent> {
    let flows = wanted(observed)
        .into_iter()
        .filter(|flow| through_provider(observed, flow));
    let seen = flows.map(|flow| dependent(observed, &flow));
    let kept = before.iter().filter(|flow| may_remain(observed, flow));
    kept.cloned().chain(seen).take(MOST_DEPENDENTS).collect()
}

fn dependent(observed: &Observed, flow: &Flow) -> Dependent {
    let kind = match flow {
        Flow::Mfa(_) => DependentKind::MfaPhoneFactor,
        Flow::Passwordless { .. } => DependentKind::PasswordlessConnection,
        Flow::SignupVerification { .. } | Flow::PasswordReset { .. } | Flow::PhoneOtp { .. } => {
            DependentKind::PhoneIdentifier
        }
    };
    Dependent {
        id: flow.id(),
        kind,
        description: described(flow, application(observed, flow)),
        delivery_method: match flow.needs() {
            DeliveryMethod::Text => PhoneDeliveryMethod::Text,
            DeliveryMethod::Voice => PhoneDeliveryMethod::Voice,
        },
    }
}

/// Sign-in flows that the tenant asks for and the provider does not deliver. Where none is seen, and
/// not everything is, nobody knows.
pub(super) fn breaks(
    desired: &Desired,
    observed: &Observed,
    object: &ObjectKey,
) -> Option<(ConditionStatus, Reason, String)> {
    desired
        .provider
        .as_ref()
        .filter(|item| item.claim.owner == *object)?;
    let broken: Vec<Flow> = wanted(observed)
        .into_iter()
        .filter(|flow| !delivered(observed, flow))
        .collect();
    let Some(worst) = broken.first() else {
        let Unjudged {
            reason, message, ..
        } = unjudged(observed).into_iter().next()?;
        let message = format!("what needs the phone provider is not seen: {message}");
        return Some((ConditionStatus::Unknown, reason, message));
    };
    let broken = broken
        .iter()
        .map(|flow| described(flow, application(observed, flow)));
    Some((
        ConditionStatus::True,
        reason_of(worst),
        format!("not delivered: {}", listed_briefly(broken)),
    ))
}
