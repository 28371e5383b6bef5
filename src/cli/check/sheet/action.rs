//! What a plan has to say, each at the line of the object that asks for it.

use super::Places;
use crate::api::Kind;
use crate::cli::check::annotation::{Annotation, Broken, Level};
use crate::cli::check::place::Place;
use crate::cli::check::rule::{Breaks, Rule};
use crate::phone::action::{Action, Change, ObjectKey};
use crate::phone::hazard::Hazard;
use crate::phone::plan::{Finding, Plan, Step};
use crate::phone::policy::Withheld;

/// Whether a plan breaks something that nobody let through.
#[must_use]
pub fn deny(plan: &Plan) -> bool {
    plan.hazards.iter().any(|hazard| !hazard.acknowledged)
}

pub(super) fn annotations(
    plan: &Plan,
    places: &Places,
    deny_hazards: bool,
    first_step: usize,
) -> Vec<Annotation> {
    let mut told = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        for hazard in plan.hazards_of(index) {
            told.push(broken(hazard, step, places, (deny_hazards, first_step)));
        }
        told.extend(withheld(step, places));
    }
    told.extend(plan.findings.iter().map(|it| finding(it, places)));
    told
}

fn broken(
    hazard: &Hazard,
    step: &Step,
    places: &Places,
    (deny_hazards, first_step): (bool, usize),
) -> Annotation {
    let level = match (hazard.acknowledged, deny_hazards) {
        (true, _) => Level::Notice,
        (false, true) => Level::Error,
        (false, false) => Level::Warning,
    };
    let state = match (hazard.acknowledged, hazard.intended) {
        (true, _) => " (acknowledged)",
        (false, true) => " (asked for by the object itself)",
        (false, false) => "",
    };
    Annotation {
        level,
        rule: Rule::Breaks(Breaks::of(&hazard.flow)),
        subject: what(&step.action),
        message: format!("{}{state}", hazard.message()),
        advice: Some(format!("to avoid it: {}", hazard.remedy)),
        place: at(&hazard.cause, field(&step.action), places),
        identity: format!("{}\n{}", hazard.cause, hazard.id()),
        broken: Some(Broken {
            step: first_step + hazard.step,
            flow: hazard.flow.clone(),
            acknowledged: hazard.acknowledged,
            acknowledgement: hazard.acknowledgement.clone(),
        }),
    }
}

/// What is not carried out although nobody chose so: the reader of the change would not expect it.
fn withheld(step: &Step, places: &Places) -> Option<Annotation> {
    let withheld = step.withheld.as_ref()?;
    let unexpected = matches!(
        withheld,
        Withheld::AdoptionRefused | Withheld::AdoptionTargetMissing | Withheld::Precondition(..)
    );
    let owner = &step.action.owner;
    unexpected.then(|| Annotation {
        level: Level::Warning,
        rule: Rule::Object(withheld.reason()),
        subject: what(&step.action),
        message: format!("withheld: {}", withheld.message()),
        advice: None,
        place: at(owner, field(&step.action), places),
        identity: format!("{owner}\n{}", step.action.change.summary()),
        broken: None,
    })
}

fn finding(finding: &Finding, places: &Places) -> Annotation {
    Annotation {
        level: if finding.blocking {
            Level::Error
        } else {
            Level::Notice
        },
        rule: Rule::Object(finding.reason),
        subject: finding.owner.to_string(),
        message: finding.message.clone(),
        advice: None,
        place: at(&finding.owner, "/metadata/name", places),
        identity: format!("{}\n{}", finding.owner, finding.message),
        broken: None,
    }
}

/// An action with its object.
fn what(action: &Action) -> String {
    format!("{} ({})", action.change.summary(), action.owner)
}

fn at(owner: &ObjectKey, pointer: &str, places: &Places) -> Option<Place> {
    let source = places.sources.get(owner)?;
    places.root.place(&source.location(pointer))
}

/// The field because of which a write is made, by JSON pointer. Where the object does not have it,
/// what is around it is pointed at.
const fn field(action: &Action) -> &'static str {
    match &action.change {
        Change::UpdateProvider { patch, .. } => match (patch.disabled, &patch.name) {
            (Some(_), _) => "/spec/enabled",
            (None, Some(_)) => "/spec",
            (None, None) => "/spec/deliveryMethods",
        },
        Change::EnableUnified => "/spec/unifiedPhoneExperience",
        Change::SetFactor { .. } => "/spec/enabled",
        Change::SetMessageTypes(_) => "/spec/messageTypes",
        Change::SetPolicies(_) => "/spec/policies",
        Change::SetConnectionClients { .. } => "/spec/applications",
        Change::UpdateConnection { .. } if matches!(action.owner.kind, Kind::PhoneIdentifier) => {
            "/spec/identifier"
        }
        _ => "/metadata/name",
    }
}
