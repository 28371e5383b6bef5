//! The MFA phone factor (§5.2).

use super::{Diff, action, cause, field};
use crate::phone::action::Change;
use crate::phone::delivery::listed;
use crate::phone::desired::DesiredFactor;
use crate::phone::observed::Observed;

pub(super) fn compare(desired: &DesiredFactor, observed: &Observed, found: &mut Diff) {
    let enabled = desired.enabled && !desired.claim.removing;
    let cause = cause(&desired.claim, None);
    let owner = &desired.claim.owner;
    if let Some(now) = observed.factor.value().filter(|now| **now != enabled) {
        let fields = vec![field(
            "enabled",
            Some(&now.to_string()),
            Some(&enabled.to_string()),
        )];
        found
            .actions
            .push(action(owner, cause, Change::SetFactor { enabled }, fields));
    }
    if desired.claim.removing {
        return;
    }
    // Message types can only be written while the factor is on, and mean nothing while it is off;
    // where it cannot be read it is not turned on either.
    if let (true, Some(_), Some(wanted), Some(now)) = (
        enabled,
        observed.factor.value(),
        &desired.message_types,
        observed.message_types.value(),
    ) && wanted != now
    {
        let fields = vec![field(
            "message_types",
            Some(&listed(now)),
            Some(&listed(wanted)),
        )];
        let change = Change::SetMessageTypes(wanted.clone());
        found.actions.push(action(owner, cause, change, fields));
    }
    if let (Some(wanted), Some(now)) = (&desired.policies, observed.policies.value())
        && wanted != now
    {
        let fields = vec![field("policies", Some(&listed(now)), Some(&listed(wanted)))];
        found.actions.push(action(
            owner,
            cause,
            Change::SetPolicies(wanted.clone()),
            fields,
        ));
    }
}
