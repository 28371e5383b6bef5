//! Test messages (§2.4): each is sent once, whatever the tenant looks like.

use super::{Diff, action, field};
use crate::phone::action::{Cause, Change};
use crate::phone::desired::DesiredMessage;
use crate::phone::observed::Observed;

pub(super) fn compare(desired: &DesiredMessage, observed: &Observed, found: &mut Diff) {
    let Some(to) = &desired.to else {
        return;
    };
    // Without either, nothing can be said of what would be sent.
    let unread = desired.template.is_some() && observed.templates.value().is_none();
    if observed.provider.value().is_none() || unread {
        return;
    }
    let change = Change::SendTestMessage {
        message: desired.owner.clone(),
        to: to.clone(),
        method: desired.method,
        template: desired.template,
    };
    let mut fields = vec![
        field("to", None, Some(&to.masked())),
        field("delivery_method", None, Some(desired.method.as_wire())),
    ];
    if let Some(template) = desired.template {
        fields.push(field("template", None, Some(template.as_str())));
    }
    found
        .actions
        .push(action(&desired.owner, Cause::Spec, change, fields));
}
