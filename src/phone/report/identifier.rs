//! What the status of a `PhoneIdentifier` holds besides conditions.

use super::{forgets, owns};
use crate::api::PhoneIdentifierStatus;
use crate::phone::action::ObjectKey;
use crate::phone::desired::Desired;
use crate::phone::observed::Strategy;
use crate::phone::outcome::Outcome;

pub(super) fn facts(
    status: &mut PhoneIdentifierStatus,
    desired: &Desired,
    outcome: &Outcome,
    object: &ObjectKey,
) {
    let mut all = desired.identifiers.iter();
    let wanted = all.find(|item| item.claim.owner == *object);
    let Some(wanted) = wanted.filter(|_| outcome.observed.connections.value().is_some()) else {
        return;
    };
    let connection = outcome
        .observed
        .connection(Strategy::Auth0, &wanted.connection);
    match connection.filter(|connection| connection.has_phone_number()) {
        Some(connection) => {
            let made = wanted.claim.made(&connection.id);
            if owns(outcome, &wanted.claim, made, |_| true) {
                status.id = Some(connection.id.clone());
            }
        }
        // Hidden options may have it.
        None if connection.is_some_and(|connection| connection.options.is_none()) => {}
        None if forgets(&wanted.claim) => status.id = None,
        None => {}
    }
}
