//! What an object needs of the phone provider.

use std::collections::BTreeSet;

use crate::api::Reason;
use crate::phone::action::ObjectKey;
use crate::phone::delivery::{DeliveryMethod, MessageType, listed};
use crate::phone::desired::Desired;
use crate::phone::observed::Observed;
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
