//! What an object needs of the phone provider.

use std::collections::BTreeSet;

use crate::api::Reason;
use crate::phone::action::ObjectKey;
use crate::phone::delivery::{DeliveryMethod, MessageType, listed};
use crate::phone::desired::Desired;
use crate::phone::diff::routes_elsewhere;
use crate::phone::observed::{Observed, Strategy};
use crate::phone::outcome::Outcome;
use crate::phone::policy::{BY_NUMBER, precondition, undelivered};

/// What the object needs of the provider and does not get; `None` for objects that need nothing.
pub(super) fn provider_ready(
    desired: &Desired,
    observed: &Observed,
    object: &ObjectKey,
) -> Option<Result<(), (Reason, String)>> {
    let mut identifiers = desired.identifiers.iter();
    if let Some(identifier) = identifiers.find(|item| item.claim.owner == *object) {
        let needed = identifier.uses_phone() && !identifier.claim.removing;
        let text = [DeliveryMethod::Text].into();
        return needed.then(|| undelivered(observed, &text, BY_NUMBER).map_or(Ok(()), Err));
    }
    let (needed, what) = needs(desired, observed, object)?;
    Some(precondition(desired, observed, &needed, &what).map_or(Ok(()), Err))
}

/// Whether the messages of a connection go through the provider that is ready for them. One that was
/// set up before there was one may go on sending its own way (§6.3), which is no fault of the object:
/// it may be Ready all the same.
pub(super) fn own_route(
    desired: &Desired,
    outcome: &Outcome,
    object: &ObjectKey,
) -> Result<(), (Reason, String)> {
    let mut connections = desired.connections.iter();
    let wanted = connections.find(|item| item.claim.owner == *object);
    let existing = wanted.and_then(|item| outcome.observed.connection(Strategy::Sms, &item.name));
    match existing.and_then(routes_elsewhere) {
        Some(message) => Err((Reason::LegacyOptionsPresent, message)),
        None => Ok(()),
    }
}

fn needs(
    desired: &Desired,
    observed: &Observed,
    object: &ObjectKey,
) -> Option<(BTreeSet<DeliveryMethod>, String)> {
    if let Some(factor) = desired
        .factor
        .as_ref()
        .filter(|item| item.claim.owner == *object)
    {
        if !factor.enabled || factor.claim.removing {
            return None;
        }
        let none = BTreeSet::new();
        let types = factor
            .message_types
            .as_ref()
            .or(observed.message_types.value())
            .unwrap_or(&none);
        let needed = types.iter().copied().map(MessageType::needs).collect();
        return Some((needed, format!("MFA by {}", listed(types))));
    }
    let connection = desired
        .connections
        .iter()
        .find(|item| item.claim.owner == *object)?;
    let needed = [DeliveryMethod::Text].into();
    (!connection.claim.removing).then(|| (needed, "passwordless sign-in".to_owned()))
}
