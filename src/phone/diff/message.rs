//! Test messages (§2.4): each is sent once, whatever the tenant looks like.

use super::{Diff, action, field};
use crate::phone::action::{Cause, Change};
use crate::phone::desired::DesiredMessage;
use crate::phone::observed::Observed;

pub(super) fn compare(desired: &DesiredMessage, observed: &Observed, found: &mut Diff) {
    let Some(to) = &desired.to else {
        return;
    };
    if observed.provider.value().is_none() {
        return;
    }
    let change = Change::SendTestMessage {
        message: desired.owner.clone(),
        to: to.clone(),
        method: desired.method,
    };
    let fields = vec![
        field("to", None, Some(&to.masked())),
        field("delivery_method", None, Some(desired.method.as_wire())),
    ];
    found
        .actions
        .push(action(&desired.owner, Cause::Spec, change, fields));
}
