//! What objects remember of a tenant once they have been applied to it, for a plan that has no
//! cluster to ask: a pull request says what its manifests were before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::action::ObjectKey;
use super::desired::{ApplicationRef, Claim, Desired, DesiredConnection, Sender};
use super::observed::{Observed, Strategy};
use super::outcome::Outcome;
use super::plan::Plan;
use super::report::{Status, Statuses, report};
use crate::api::{Adopt, TestMessageAttempt, TestMessageState};

/// The status of each of these `new` objects, had Dialtone brought the tenant to what they want: what
/// is there is theirs, holds their secrets, and has the applications that they enabled; test messages were sent.
/// Where the tenant is otherwise, somebody else changed it since.
#[must_use]
pub fn remembered(
    new: &Statuses,
    desired: &Desired,
    observed: &Observed,
    now: Timestamp,
) -> BTreeMap<ObjectKey, Status> {
    let mut desired = desired.clone();
    // Who rests keeps what it remembers.
    desired.suspended = false;
    for claim in claims(&mut desired) {
        claim.adopt = Adopt::IfExists;
    }
    // A pass that found nothing to do takes over what is there.
    let outcome = Outcome {
        plan: Plan::default(),
        steps: Vec::new(),
        observed: observed.clone(),
        remaining: Plan::default(),
    };
    let mut all = report(new, &desired, &Ok(outcome), now).patches;
    for (object, status) in &mut all {
        let generation = new.get(object).and_then(|it| it.generation);
        know(status, (object, generation), &desired, observed, now);
    }
    all
}

/// The claims on everything that may have to be taken over.
fn claims(desired: &mut Desired) -> impl Iterator<Item = &mut Claim> {
    let provider = desired.provider.as_mut().into_iter().flat_map(|provider| {
        let action = match &mut provider.sender {
            Sender::Action(action) => Some(&mut action.claim),
            Sender::Twilio { .. } | Sender::ActionNamed(_) | Sender::Nobody => None,
        };
        [Some(&mut provider.claim), action].into_iter().flatten()
    });
    let connections = desired.connections.iter_mut().map(|it| &mut it.claim);
    let templates = desired.templates.iter_mut().map(|it| &mut it.claim);
    let identifiers = desired.identifiers.iter_mut().map(|it| &mut it.claim);
    provider
        .chain(connections)
        .chain(templates)
        .chain(identifiers)
}

/// Adds what only a write tells.
fn know(
    status: &mut Status,
    (object, generation): (&ObjectKey, Option<i64>),
    desired: &Desired,
    observed: &Observed,
    now: Timestamp,
) {
    match status {
        Status::Provider(status) => {
            let provider = desired.provider.as_ref();
            match provider
                .filter(|it| it.claim.owner == *object)
                .map(|it| &it.sender)
            {
                Some(Sender::Twilio { auth_token, .. }) => {
                    let token = auth_token
                        .given()
                        .map(|it| it.fingerprint.as_str().to_owned());
                    status.credentials_fingerprint = token;
                }
                Some(Sender::Action(action)) => {
                    let secrets = action.secrets.as_ref().map(|it| it.fingerprint.as_str());
                    if let Some(known) = &mut status.action {
                        known.code_fingerprint = Some(action.code_fingerprint.as_str().to_owned());
                        known.secrets_fingerprint = secrets.map(str::to_owned);
                    }
                }
                _ => {}
            }
        }
        Status::Connection(status) => {
            let mut all = desired.connections.iter();
            let wanted = all.find(|it| it.claim.owner == *object);
            let enabled = wanted.map(|wanted| enabled(wanted, observed));
            status.applications = enabled.into_iter().flatten().collect();
        }
        Status::Message(status) => {
            status.attempt = Some(TestMessageAttempt {
                generation: generation.unwrap_or_default(),
                state: TestMessageState::Queued,
                started_at: now,
                finished_at: Some(now),
            });
        }
        Status::Tenant(_) | Status::Factor(_) | Status::Template(_) | Status::Identifier(_) => {}
    }
}

/// The applications that a connection's object lists and that the connection has.
fn enabled(wanted: &DesiredConnection, observed: &Observed) -> BTreeSet<String> {
    let connection = observed.connection(Strategy::Sms, &wanted.name);
    let clients = connection.and_then(|it| observed.connection_clients.get(&it.id)?.value());
    let refs = wanted.applications.iter().flat_map(|it| &it.refs);
    let refs: BTreeSet<&ApplicationRef> = refs.collect();
    let listed = |client: &&String| {
        let by_name = observed.application_name(client);
        refs.contains(&ApplicationRef::ClientId((*client).clone()))
            || by_name.is_some_and(|name| refs.contains(&ApplicationRef::Name(name.to_owned())))
    };
    clients
        .into_iter()
        .flatten()
        .filter(listed)
        .cloned()
        .collect()
}
