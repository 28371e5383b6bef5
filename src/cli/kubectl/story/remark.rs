//! What is worth knowing of an object beside whether it is Ready.

use crate::api::{Condition, ConditionStatus, ConditionType, Reason, Resource, condition};
use crate::phone::acknowledgement::ACKNOWLEDGE;
use crate::phone::report::{Status, requested};

/// One thing that is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// What it is about: a condition, or one of the words below.
    pub(super) about: &'static str,
    /// For people.
    pub(super) message: String,
    /// The status does not say how it is with the object as it is now.
    pub(super) unfinished: bool,
}

impl Remark {
    fn new(about: &'static str, message: impl Into<String>) -> Self {
        Self {
            about,
            message: message.into(),
            unfinished: false,
        }
    }

    fn unfinished(about: &'static str, message: impl Into<String>) -> Self {
        Self {
            unfinished: true,
            ..Self::new(about, message)
        }
    }
}

/// The words for what no condition is about.
pub(super) const PENDING: &str = "Pending";
pub(super) const REQUESTED: &str = "Requested";
pub(super) const DELETED: &str = "Deleted";
pub(super) const UNSEEN: &str = "Unseen";
pub(super) const ACKNOWLEDGED: &str = "Acknowledged";

/// What is worth knowing of an object, the worst first.
pub(super) fn remarks(resource: &Resource, status: &Status) -> Vec<Remark> {
    let conditions = status.conditions();
    let ready = condition::find(conditions, ConditionType::Ready);
    let mut remarks: Vec<Remark> = Vec::new();
    remarks.extend(pending(resource, status));
    remarks.extend(ready.and_then(|ready| not_ready(ready, conditions)));
    remarks.extend(deleted(resource));
    let beside = conditions.iter().filter(|item| tells_more(item, ready));
    remarks.extend(beside.map(|item| {
        let unknown = item.status == ConditionStatus::Unknown;
        let about = if unknown { UNSEEN } else { item.type_.as_str() };
        Remark::new(about, item.message.clone())
    }));
    remarks.extend(acknowledged(resource));
    remarks.extend(asked(resource, status));
    remarks
}

/// The status is about an earlier spec, or about none yet.
fn pending(resource: &Resource, status: &Status) -> Option<Remark> {
    let now = resource.metadata().generation;
    let seen = status.observed_generation();
    if now == seen {
        return None;
    }
    let told = match seen.filter(|seen| *seen >= 0) {
        None => {
            "no pass has looked at it yet: does the operator run, and see this namespace?".into()
        }
        Some(seen) => format!(
            "this is generation {}, and the last pass saw {seen}",
            now.unwrap_or_default()
        ),
    };
    Some(Remark::unfinished(PENDING, told))
}

/// Why it is not Ready, and whether that passes by itself.
fn not_ready(ready: &Condition, conditions: &[Condition]) -> Option<Remark> {
    // That a tenant is suspended is told at the tenant.
    let told = [Reason::Succeeded, Reason::Queued, Reason::Suspended];
    if ready.status == ConditionStatus::True && told.contains(&ready.reason) {
        return None;
    }
    let states = [ConditionType::Stalled, ConditionType::Reconciling];
    let state = states
        .into_iter()
        .find(|it| condition::is_true(conditions, *it));
    let about = state.unwrap_or(ConditionType::Ready).as_str();
    Some(Remark::new(about, ready.message.clone()))
}

/// Conditions that say something that Ready does not.
fn tells_more(item: &Condition, ready: Option<&Condition>) -> bool {
    let wrong = match item.type_ {
        // While it is not known what is broken, that is worth knowing.
        ConditionType::BreaksDependents => item.status,
        ConditionType::Drifted => ConditionStatus::True,
        ConditionType::ProviderReady
        | ConditionType::ActionDeployed
        | ConditionType::TemplateValid => ConditionStatus::False,
        ConditionType::Ready | ConditionType::Reconciling | ConditionType::Stalled => return false,
    };
    item.status == wrong && ready.is_none_or(|ready| ready.message != item.message)
}

fn deleted(resource: &Resource) -> Option<Remark> {
    let metadata = resource.metadata();
    let since = metadata.deletion_timestamp.as_ref()?;
    let held: Vec<&str> = metadata
        .finalizers
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let told = format!("deleted at {}, and held by {}", since.0, held.join(", "));
    Some(Remark::unfinished(DELETED, told))
}

fn acknowledged(resource: &Resource) -> Option<Remark> {
    let annotations = resource.metadata().annotations.as_ref()?;
    let names = annotations.get(ACKNOWLEDGE)?;
    let told = format!("may break without being withheld: {names}");
    Some(Remark::new(ACKNOWLEDGED, told))
}

/// A pass that was asked for, done or not.
fn asked(resource: &Resource, status: &Status) -> Option<Remark> {
    let wanted = requested(resource)?;
    let done = status.last_handled() == Some(wanted.as_str());
    let told = if done { "done" } else { "not done yet" };
    Some(Remark::new(
        REQUESTED,
        format!("a pass was asked for at {wanted}: {told}"),
    ))
}
