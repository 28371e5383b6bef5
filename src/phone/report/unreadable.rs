//! Parts of the tenant that Auth0 does not show.

use super::verdict::Verdict;
use crate::phone::action::ObjectKey;
use crate::phone::desired::{Desired, Sender};
use crate::phone::observed::{Observed, Strategy};
use crate::phone::policy::refused;

/// A part of the tenant that the object is about and that Auth0 does not show.
pub(super) fn unreadable(
    desired: &Desired,
    observed: &Observed,
    object: &ObjectKey,
) -> Option<Verdict> {
    let owned = |owner: &ObjectKey| owner == object;
    let tenant = observed
        .unified
        .refusal()
        .filter(|_| owned(&desired.tenant));
    let tenant = tenant.map(|refusal| (refusal, "the tenant settings"));
    let provider = desired
        .provider
        .as_ref()
        .filter(|item| owned(&item.claim.owner))
        .and_then(|provider| {
            let action = matches!(provider.sender, Sender::Action(_) | Sender::ActionNamed(_));
            let actions = observed.actions.refusal().filter(|_| action);
            let named = [
                (observed.provider.refusal(), "the phone provider"),
                (actions, "Actions"),
            ];
            named
                .into_iter()
                .find_map(|(refusal, what)| Some((refusal?, what)))
        });
    let factor = desired
        .factor
        .as_ref()
        .filter(|item| owned(&item.claim.owner));
    let factor = factor.and_then(|factor| {
        let types = factor
            .message_types
            .as_ref()
            .and(observed.message_types.refusal());
        let policies = factor.policies.as_ref().and(observed.policies.refusal());
        let named = [
            (observed.factor.refusal(), "the MFA factors"),
            (types, "the MFA message types"),
            (policies, "the MFA policies"),
        ];
        named
            .into_iter()
            .find_map(|(refusal, what)| Some((refusal?, what)))
    });
    let connection = desired
        .connections
        .iter()
        .find(|item| owned(&item.claim.owner));
    let connection = connection.and_then(|connection| {
        let wanted = connection.applications.as_ref();
        let clients = observed
            .connection(Strategy::Sms, &connection.name)
            .and_then(|existing| observed.connection_clients.get(&existing.id)?.refusal());
        let named = [
            (observed.connections.refusal(), "connections"),
            (wanted.and(observed.applications.refusal()), "applications"),
            (wanted.and(clients), "the applications of the connection"),
        ];
        named
            .into_iter()
            .find_map(|(refusal, what)| Some((refusal?, what)))
    });
    let template = desired
        .templates
        .iter()
        .find(|item| owned(&item.claim.owner))
        .and_then(|_| Some((observed.templates.refusal()?, "the phone templates")));
    let identifier = desired
        .identifiers
        .iter()
        .find(|item| owned(&item.claim.owner))
        .and_then(|_| Some((observed.connections.refusal()?, "connections")));
    let messages = desired.messages.iter();
    let mut unsent = messages.filter(|it| owned(&it.owner) && it.to.is_some());
    let message = unsent.find_map(|it| {
        let templates = it.template.and_then(|_| observed.templates.refusal());
        let templates = templates.map(|refusal| (refusal, "the phone templates"));
        let provider = observed.provider.refusal();
        provider
            .map(|refusal| (refusal, "the phone provider"))
            .or(templates)
    });
    let (refusal, what) = tenant
        .or(provider)
        .or(factor)
        .or(connection)
        .or(template)
        .or(identifier)
        .or(message)?;
    let (reason, message) = refused(refusal, what);
    Some(Verdict::stalled(reason, message))
}
