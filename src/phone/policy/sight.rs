//! What hazards are judged by and Auth0 does not show: a change is no safer for being blind.

use std::collections::BTreeSet;

use super::{Withheld, blocking, refused};
use crate::api::{Dependent, DependentKind, Reason};
use crate::phone::action::Action;
use crate::phone::delivery::DeliveryMethod;
use crate::phone::desired::Desired;
use crate::phone::observed::{Connection, Observed, Reading, Refusal, Strategy};

/// A part of the tenant that Auth0 does not show, and by which it is known who needs the phone provider.
pub(crate) struct Unjudged {
    /// Why it is not shown.
    pub(crate) reason: Reason,
    /// What it is and what to do.
    pub(crate) message: String,
    /// The delivery methods that its flows may need.
    needs: BTreeSet<DeliveryMethod>,
}

/// The parts of the tenant by which it is known who needs the phone provider and that Auth0 does not
/// show. What a tenant's plan does not include, nobody uses.
pub(crate) fn unjudged(observed: &Observed) -> Vec<Unjudged> {
    // MFA and passwordless sign-in then have a way of their own (§5.1).
    let legacy = observed.unified.value() == Some(&false);
    let text = BTreeSet::from([DeliveryMethod::Text]);
    let both = BTreeSet::from(DeliveryMethod::ALL);
    let named = [
        (hidden(&observed.unified), "the tenant settings", &both),
        (
            hidden(&observed.factor).filter(|_| !legacy),
            "the MFA factors",
            &both,
        ),
        (
            hidden_types(observed).filter(|_| !legacy),
            "the MFA message types",
            &both,
        ),
        (hidden(&observed.connections), "connections", &text),
    ];
    let part = |refusal: &Refusal, what: &str, needs: &BTreeSet<DeliveryMethod>| {
        let (reason, message) = refused(refusal, what);
        Unjudged {
            reason,
            message,
            needs: needs.clone(),
        }
    };
    let mut all: Vec<Unjudged> = named
        .into_iter()
        .filter_map(|(refusal, what, needs)| Some(part(refusal?, what, needs)))
        .collect();
    for connection in observed.connections().filter(|_| !legacy) {
        if let Some(refusal) = hidden_clients(observed, connection) {
            let what = format!("the applications of connection {}", connection.name);
            all.push(part(refusal, &what, &text));
        }
    }
    all.extend(hidden_options(observed).map(|(reason, message)| Unjudged {
        reason,
        message,
        needs: text,
    }));
    all
}

/// Whether a flow that was seen before may still be there, because the part of the tenant that it is
/// seen by is not shown now.
pub(crate) fn may_remain(observed: &Observed, flow: &Dependent) -> bool {
    let legacy = observed.unified.value() == Some(&false);
    let all = hidden(&observed.connections).is_some();
    let (_, place) = flow.id.split_once('/').unwrap_or_default();
    match flow.kind {
        DependentKind::MfaPhoneFactor => {
            let factor = hidden(&observed.factor);
            !legacy && factor.or_else(|| hidden_types(observed)).is_some()
        }
        DependentKind::PasswordlessConnection => {
            let connection = place.split_once('/').map(|(name, _)| name);
            let mut own = observed
                .connections()
                .filter(|it| connection == Some(it.name.as_str()));
            !legacy && (all || own.any(|it| hidden_clients(observed, it).is_some()))
        }
        DependentKind::PhoneIdentifier => {
            all || observed
                .connections()
                .any(|it| it.name == place && hides_options(it))
        }
    }
}

/// The refusal of a part that the tenant may well use.
fn hidden<T>(reading: &Reading<T>) -> Option<&Refusal> {
    let offered = |refusal: &&Refusal| !matches!(refusal, Refusal::PlanUnsupported(_));
    reading.refusal().filter(offered)
}

/// Of a factor that is off the message types do not matter.
fn hidden_types(observed: &Observed) -> Option<&Refusal> {
    let off = observed.factor.value() == Some(&false);
    hidden(&observed.message_types).filter(|_| !off)
}

fn hidden_clients<'a>(observed: &'a Observed, connection: &Connection) -> Option<&'a Refusal> {
    let clients = observed.connection_clients.get(&connection.id)?;
    hidden(clients)
}

fn hides_options(connection: &Connection) -> bool {
    connection.strategy == Strategy::Auth0 && connection.options.is_none()
}

/// The database connections whose options Auth0 does not show: people may sign in to them with their
/// phone number.
pub(crate) fn hidden_options(observed: &Observed) -> Option<(Reason, String)> {
    let databases = observed.connections().filter(|it| hides_options(it));
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

/// Whether a write of the provider is withheld because nobody can tell what it would break.
pub(crate) fn refuses_blindly(
    action: &Action,
    desired: &Desired,
    before: &Observed,
    after: &Observed,
) -> Option<Withheld> {
    blocking(action, desired)?;
    let lost = &before.delivers() - &after.delivers();
    let Unjudged {
        reason, message, ..
    } = unjudged(before)
        .into_iter()
        .find(|part| !part.needs.is_disjoint(&lost))?;
    let message = format!(
        "it may break sign-in, and what needs the phone provider is not seen: {message}; or set \
         onBreakingChange to Warn"
    );
    Some(Withheld::Precondition(reason, message))
}
