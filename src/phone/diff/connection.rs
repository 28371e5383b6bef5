//! Passwordless connections and the applications enabled for them (§6).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::options::{hidden, own};
use super::{Diff, action, cause, field};
use crate::api::Reason;
use crate::phone::action::{CLIENTS_PER_WRITE, Cause, Change, ConnectionPatch, FieldChange};
use crate::phone::delivery::listed;
use crate::phone::desired::{ApplicationRef, Desired, DesiredApplications, DesiredConnection};
use crate::phone::foreign;
use crate::phone::observed::{Application, Connection, Observed, Strategy};
use crate::phone::plan::Finding;
use crate::phone::policy::{Withheld, refuses_adoption};
use crate::phone::spelling::nearest;

pub(super) fn compare(desired: &DesiredConnection, observed: &Observed, found: &mut Diff) {
    if observed.connections.value().is_none() {
        return;
    }
    let existing = observed.connection(Strategy::Sms, &desired.name);
    let planned = found.actions.len();
    match existing {
        Some(existing) if desired.claim.removing => remove(desired, existing, found),
        None if desired.claim.removing => return,
        None => create(desired, found),
        Some(existing) => update(desired, existing, found),
    }
    if desired.claim.removing {
        return;
    }
    clients(desired, existing, observed, found);
    // Somebody else's connection does not become this object's own by being as wanted.
    if let Some(existing) = existing
        && found.actions.len() == planned
        && refuses_adoption(&desired.claim, &existing.id)
    {
        let refused = Withheld::AdoptionRefused;
        found.findings.push(Finding::blocking(
            &desired.claim.owner,
            refused.reason(),
            &refused.message(),
        ));
    }
}

/// Only a connection that this object is known to have written is deleted: its users are lost.
fn remove(desired: &DesiredConnection, existing: &Connection, found: &mut Diff) {
    if desired.claim.made(&existing.id) {
        let change = Change::DeleteConnection {
            id: existing.id.clone(),
            name: existing.name.clone(),
        };
        let fields = vec![field("name", Some(&existing.name), None)];
        found
            .actions
            .push(action(&desired.claim.owner, Cause::Removal, change, fields));
    }
}

fn create(desired: &DesiredConnection, found: &mut Diff) {
    let mut options = Map::new();
    options.insert("name".to_owned(), Value::from(desired.name.as_str()));
    let fields = own(&mut options, &desired.options);
    let change = Change::CreateConnection {
        name: desired.name.clone(),
        display_name: desired.display_name.clone(),
        options,
    };
    let cause = cause(&desired.claim, None);
    found
        .actions
        .push(action(&desired.claim.owner, cause, change, fields));
}

fn update(desired: &DesiredConnection, existing: &Connection, found: &mut Diff) {
    let owner = &desired.claim.owner;
    own_sender(desired, existing, found);
    let mut fields = Vec::new();
    let mut options = None;
    if !desired.options.is_empty() {
        match hidden(existing.options.as_ref()) {
            Ok(before) => {
                let mut after = before.clone();
                fields = own(&mut after, &desired.options);
                options = (!fields.is_empty()).then_some(after);
            }
            Err(message) => {
                found
                    .findings
                    .push(Finding::blocking(owner, Reason::OptionsHidden, message));
            }
        }
    }
    let renamed = desired
        .display_name
        .as_ref()
        .filter(|name| Some(*name) != existing.display_name.as_ref());
    if let Some(name) = renamed {
        fields.push(field(
            "display_name",
            existing.display_name.as_deref(),
            Some(name),
        ));
    }
    if fields.is_empty() {
        return;
    }
    let patch = ConnectionPatch {
        display_name: desired
            .display_name
            .clone()
            .or_else(|| existing.display_name.clone()),
        adds_phone_number: false,
        options,
    };
    let change = Change::UpdateConnection {
        id: existing.id.clone(),
        name: existing.name.clone(),
        patch,
    };
    let cause = cause(&desired.claim, Some(&existing.id));
    found.actions.push(action(owner, cause, change, fields));
}

/// Sms connections that no object is about: Universal Login offers only the one named `sms` (§6.2).
pub(super) fn strangers(desired: &Desired, observed: &Observed) -> Option<Finding> {
    let owner = &desired.connections.first()?.claim.owner;
    let managed = |name: &str| desired.connections.iter().any(|item| item.name == name);
    let others: Vec<&str> = observed
        .connections()
        .filter(|item| item.strategy == Strategy::Sms && !managed(&item.name))
        .map(|item| item.name.as_str())
        .collect();
    let message = format!("the tenant has other sms connections: {}", listed(&others));
    (!others.is_empty()).then(|| Finding::note(owner, Reason::ConnectionNotOffered, &message))
}

/// What an old connection still holds of a sender of its own (§6.3).
const OWN_SENDER: [&str; 3] = ["provider", "twilio_sid", "gateway_url"];

/// What a connection holds of a sender of its own, by which it may go on sending although the tenant
/// has a provider; nothing where it is told to use that.
pub(crate) fn sender_of_its_own(existing: &Connection) -> Vec<&'static str> {
    // Auth0 writes true or "unified" (§6.3).
    let uses_provider = existing
        .option(&["use_phone_provider"])
        .is_some_and(|value| *value == true || *value == "unified");
    OWN_SENDER
        .into_iter()
        .filter(|key| !uses_provider && existing.option(&[key]).is_some())
        .collect()
}

/// What is to be said of a connection that may go on sending its own way.
pub(crate) fn routes_elsewhere(existing: &Connection) -> Option<String> {
    let held = sender_of_its_own(existing);
    (!held.is_empty()).then(|| {
        format!(
            "it still holds a sender of its own ({}): set usePhoneProvider to true to send \
             through the tenant's phone provider",
            listed(&held)
        )
    })
}

fn own_sender(desired: &DesiredConnection, existing: &Connection, found: &mut Diff) {
    if let Some(message) = routes_elsewhere(existing) {
        let owner = &desired.claim.owner;
        found
            .findings
            .push(Finding::note(owner, Reason::LegacyOptionsPresent, &message));
    }
}

fn clients(
    desired: &DesiredConnection,
    existing: Option<&Connection>,
    observed: &Observed,
    found: &mut Diff,
) {
    let Some(applications) = &desired.applications else {
        return;
    };
    let none = BTreeSet::new();
    let current = match existing {
        None => &none,
        Some(existing) => match observed.clients_of(&existing.id) {
            Some(clients) => clients,
            None => return,
        },
    };
    let (wanted, complete) = resolve(desired, applications, observed, found);
    let enable: Vec<String> = wanted.difference(current).cloned().collect();
    let disable: Vec<String> = current
        .iter()
        .filter(|client| !wanted.contains(*client))
        .filter(|client| applications.exclusive || applications.enabled_before.contains(*client))
        // An application that could not be resolved may be among these: better leave them all.
        .filter(|_| complete)
        .cloned()
        .collect();
    let cause = cause(&desired.claim, existing.map(|item| item.id.as_str()));
    let switches: Vec<(String, bool)> = enable
        .into_iter()
        .map(|client| (client, true))
        .chain(disable.into_iter().map(|client| (client, false)))
        .collect();
    for chunk in switches.chunks(CLIENTS_PER_WRITE) {
        let pick = |on: bool| -> BTreeSet<String> {
            chunk
                .iter()
                .filter(|(_, state)| *state == on)
                .map(|(id, _)| id.clone())
                .collect()
        };
        let change = Change::SetConnectionClients {
            connection: desired.name.clone(),
            enable: pick(true),
            disable: pick(false),
        };
        let fields = chunk
            .iter()
            .map(|(id, on)| client_field(id, *on, observed))
            .collect();
        found
            .actions
            .push(action(&desired.claim.owner, cause, change, fields));
    }
}

fn client_field(client_id: &str, on: bool, observed: &Observed) -> FieldChange {
    let path = match observed.application_name(client_id) {
        Some(name) => format!("clients.{client_id} ({})", foreign::name(name)),
        None => format!("clients.{client_id}"),
    };
    let state = |on: bool| Some(if on { "enabled" } else { "disabled" });
    field(&path, state(!on), state(on))
}

/// The names that stand for one application each.
fn unique(all: &[Application]) -> impl Iterator<Item = &str> {
    let names = all.iter().map(|item| item.name.as_str());
    names.filter(|name| all.iter().filter(|item| item.name == *name).count() == 1)
}

/// The client ids that the references stand for, and whether all of them could be resolved.
fn resolve(
    desired: &DesiredConnection,
    applications: &DesiredApplications,
    observed: &Observed,
    found: &mut Diff,
) -> (BTreeSet<String>, bool) {
    let mut ids = BTreeSet::new();
    let mut complete = true;
    for reference in &applications.refs {
        match reference {
            ApplicationRef::ClientId(id) => {
                ids.insert(id.clone());
            }
            ApplicationRef::Name(name) => {
                let Some(all) = observed.applications.value() else {
                    complete = false;
                    continue;
                };
                let hits: Vec<&str> = all
                    .iter()
                    .filter(|item| item.name == *name)
                    .map(|item| item.client_id.as_str())
                    .collect();
                if let [only] = hits[..] {
                    ids.insert(only.to_owned());
                    continue;
                }
                complete = false;
                let (reason, message) = if hits.is_empty() {
                    let near = nearest(name, unique(all));
                    let meant = near.map(|near| format!(": is it \"{}\"?", foreign::name(near)));
                    let meant = meant.unwrap_or_default();
                    (
                        Reason::ApplicationNotFound,
                        format!("no application is named \"{name}\"{meant}"),
                    )
                } else {
                    (
                        Reason::ApplicationAmbiguous,
                        format!(
                            "{} applications are named \"{name}\" ({}): use clientId",
                            hits.len(),
                            hits.join(", ")
                        ),
                    )
                };
                found
                    .findings
                    .push(Finding::blocking(&desired.claim.owner, reason, &message));
            }
        }
    }
    (ids, complete)
}
