//! Compares what objects want with what the tenant shows: the writes that would close the gap,
//! not yet ordered and not yet judged by policy.

mod action;
mod connection;
mod factor;
mod identifier;
mod message;
mod options;
mod provider;
mod template;

use serde_json::Value;

pub(crate) use connection::{routes_elsewhere, sender_of_its_own};

use super::action::{Action, Cause, Change, FieldChange, ObjectKey};
use super::desired::{Claim, Desired};
use super::observed::Observed;
use super::plan::Finding;
use crate::api::UnifiedPhoneExperience;

/// The writes that close the gap, and what else is worth saying.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// The writes, in no order yet.
    pub actions: Vec<Action>,
    /// What people should know although nothing is written because of it.
    pub findings: Vec<Finding>,
}

/// Compares both sides, for all objects of the tenant.
#[must_use]
pub fn diff(desired: &Desired, observed: &Observed) -> Diff {
    let mut found = Diff::default();
    if let Some(provider) = &desired.provider {
        provider::compare(provider, observed, &mut found);
        action::compare(provider, observed, &mut found);
    }
    if let Some(action) = enable_unified(desired, observed) {
        found.actions.push(action);
    }
    for template in &desired.templates {
        template::compare(template, desired, observed, &mut found);
    }
    if let Some(factor) = &desired.factor {
        factor::compare(factor, observed, &mut found);
    }
    for connection in &desired.connections {
        connection::compare(connection, observed, &mut found);
    }
    for identifier in &desired.identifiers {
        identifier::compare(identifier, observed, &mut found);
    }
    for wanted in &desired.messages {
        message::compare(wanted, observed, &mut found);
    }
    found
        .findings
        .extend(connection::strangers(desired, observed));
    found
}

/// The tenant flag is turned on where the tenant object allows it and something needs it; it is
/// never turned off (§5.1).
fn enable_unified(desired: &Desired, observed: &Observed) -> Option<Action> {
    let factor = desired.factor.as_ref();
    let needed = factor.is_some_and(|factor| factor.enabled && !factor.claim.removing)
        || desired
            .connections
            .iter()
            .any(|connection| !connection.claim.removing);
    let off = observed.unified.value() == Some(&false);
    let allowed = desired.unified == UnifiedPhoneExperience::Enable;
    (needed && off && allowed).then(|| Action {
        owner: desired.tenant.clone(),
        change: Change::EnableUnified,
        fields: vec![field(
            "phone_consolidated_experience",
            Some("false"),
            Some("true"),
        )],
        cause: Cause::Spec,
    })
}

/// Why something that exists already differs from what its object wants.
fn cause(claim: &Claim, existing_id: Option<&str>) -> Cause {
    if claim.removing {
        Cause::Removal
    } else if claim.settled {
        Cause::Drift
    } else if existing_id.is_some_and(|id| !claim.made(id)) {
        Cause::Adoption
    } else {
        Cause::Spec
    }
}

fn action(owner: &ObjectKey, cause: Cause, change: Change, fields: Vec<FieldChange>) -> Action {
    Action {
        owner: owner.clone(),
        change,
        fields,
        cause,
    }
}

fn field(path: &str, from: Option<&str>, to: Option<&str>) -> FieldChange {
    FieldChange {
        path: path.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }
}

/// A JSON value as a plan shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
