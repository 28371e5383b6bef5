//! What hazards are judged by and Auth0 does not show: a change is no safer for being blind.

use super::{Withheld, refused};
use crate::api::{OnBreakingChange, Reason};
use crate::phone::action::Action;
use crate::phone::desired::Desired;
use crate::phone::observed::{Observed, Reading, Refusal, Strategy};

/// The parts of the tenant by which it is known who needs the phone provider and that Auth0 does not
/// show, each with the reason and what to do. What a tenant's plan does not include, nobody uses.
pub(crate) fn unjudged(observed: &Observed) -> Vec<(Reason, String)> {
    // MFA and passwordless sign-in then have a way of their own (§5.1).
    let legacy = observed.unified.value() == Some(&false);
    let factor = observed.factor.refusal().filter(|_| !legacy);
    let message_types = observed.message_types.refusal().filter(|_| !legacy);
    let named = [
        (observed.unified.refusal(), "the tenant settings"),
        (factor, "the MFA factors"),
        (message_types, "the MFA message types"),
        (observed.connections.refusal(), "connections"),
    ];
    let mut all: Vec<(Reason, String)> = named
        .into_iter()
        .filter_map(|(refusal, what)| told(refusal?, what))
        .collect();
    for connection in observed.connections().filter(|_| !legacy) {
        let clients = observed.connection_clients.get(&connection.id);
        if let Some(refusal) = clients.and_then(Reading::refusal) {
            let what = format!("the applications of connection {}", connection.name);
            all.extend(told(refusal, &what));
        }
    }
    all.extend(hidden_options(observed));
    all
}

/// The database connections whose options Auth0 does not show: people may sign in to them with their
/// phone number.
pub(crate) fn hidden_options(observed: &Observed) -> Option<(Reason, String)> {
    let databases = observed
        .connections()
        .filter(|it| it.strategy == Strategy::Auth0 && it.options.is_none());
    let names: Vec<&str> = databases.map(|it| it.name.as_str()).collect();
    let what = match names[..] {
        [] => return None,
        [only] => format!("connection {only}"),
        [first, ..] => format!("{} database connections, such as {first}", names.len()),
    };
    Some((
        Reason::OptionsHidden,
        format!(
            "Auth0 refuses to show the options of {what}: grant the Management API application \
             read:connections_options"
        ),
    ))
}

fn told(refusal: &Refusal, what: &str) -> Option<(Reason, String)> {
    let offered = !matches!(refusal, Refusal::PlanUnsupported(_));
    offered.then(|| refused(refusal, what))
}

/// Whether a write of the provider is withheld because nobody can tell what it would break.
pub(crate) fn refuses_blindly(
    action: &Action,
    desired: &Desired,
    before: &Observed,
    after: &Observed,
) -> Option<Withheld> {
    let provider = desired
        .provider
        .as_ref()
        .filter(|item| item.claim.owner == action.owner)?;
    if provider.on_breaking_change == OnBreakingChange::Warn
        || before.delivers().is_subset(&after.delivers())
    {
        return None;
    }
    let (reason, message) = unjudged(before).into_iter().next()?;
    let message = format!(
        "it may break sign-in, and what needs the phone provider is not seen: {message}; or set \
         onBreakingChange to Warn"
    );
    Some(Withheld::Precondition(reason, message))
}
