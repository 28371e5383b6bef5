//! Plans and statuses as JSON, in the documented form (docs/cli.md).

use serde_json::{Value, json};

use crate::api::{ConditionType, Resource, condition};
use crate::phone::acknowledgement::Acknowledgement;
use crate::phone::action::{Cause, ObjectKey};
use crate::phone::desire::key_of;
use crate::phone::hazard::Hazard;
use crate::phone::plan::{Plan, Step};
use crate::phone::report::{Event, Status};

/// An object's key.
#[must_use]
pub fn object(key: &ObjectKey) -> Value {
    json!({"kind": key.kind.as_str(), "namespace": key.namespace, "name": key.name})
}

/// One tenant's plan.
#[must_use]
pub fn plan(tenant: &ObjectKey, domain: &str, plan: &Plan) -> Value {
    let actions = plan.steps.iter().enumerate().map(|(index, item)| {
        let hazards: Vec<String> = plan.hazards_of(index).map(Hazard::id).collect();
        step(item, &hazards)
    });
    json!({
        "tenant": object(tenant),
        "domain": domain,
        "actions": actions.collect::<Vec<_>>(),
        "hazards": plan.hazards.iter().map(hazard).collect::<Vec<_>>(),
        "findings": plan.findings.iter().map(|finding| json!({
            "object": object(&finding.owner),
            "blocking": finding.blocking,
            "reason": finding.reason.as_str(),
            "message": finding.message,
        })).collect::<Vec<_>>(),
        "unseen": plan.unseen,
    })
}

fn step(step: &Step, hazards: &[String]) -> Value {
    let action = &step.action;
    json!({
        "summary": action.change.summary(),
        "object": object(&action.owner),
        "cause": match action.cause {
            Cause::Spec => "Spec",
            Cause::Drift => "Drift",
            Cause::Adoption => "Adoption",
            Cause::Removal => "Removal",
        },
        "fields": action.fields.iter().map(|field| json!({
            "path": field.path,
            "from": field.from,
            "to": field.to,
        })).collect::<Vec<_>>(),
        "needs": step.needs,
        "withheld": step.withheld.as_ref().map(|withheld| json!({
            "reason": withheld.reason().as_str(),
            "message": withheld.message(),
        })),
        "hazards": hazards,
    })
}

fn hazard(hazard: &Hazard) -> Value {
    json!({
        "id": hazard.id(),
        "reason": hazard.reason().as_str(),
        "message": hazard.message(),
        "cause": object(&hazard.cause),
        "dependent": hazard.dependent.as_ref().map(object),
        "intended": hazard.intended,
        "acknowledged": hazard.acknowledged,
        "acknowledgeOn": match &hazard.acknowledgement {
            Acknowledgement::On(provider) | Acknowledgement::Before(provider) => object(provider),
            Acknowledgement::Nowhere(_) => Value::Null,
        },
        "acknowledgeBefore": matches!(hazard.acknowledgement, Acknowledgement::Before(_)),
        "remedy": hazard.remedy,
    })
}

/// One object with its status.
#[must_use]
pub fn resource(resource: &Resource) -> Value {
    let status = Status::of(resource);
    let ready = condition::find(status.conditions(), ConditionType::Ready);
    let mut shown = object(&key_of(resource));
    shown["ready"] = json!(status.is_ready());
    shown["reason"] = json!(ready.map(|ready| ready.reason.as_str()));
    shown["status"] = status.to_value();
    shown
}

/// One event.
#[must_use]
pub fn event(event: &Event) -> Value {
    json!({
        "object": object(&event.object),
        "type": if event.warning { "Warning" } else { "Normal" },
        "reason": event.reason.as_str(),
        "message": event.message,
    })
}
