//! What exists already and is as wanted: whose it is from then on.

use super::build::*;
use crate::api::{Adopt, Reason};
use crate::phone::desired::Desired;
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::Policy;

fn found(adopt: Adopt, known_id: Option<&str>) -> Desired {
    let mut connection = desired_connection(&["client_web"]);
    connection.claim.adopt = adopt;
    connection.claim.known_id = known_id.map(str::to_owned);
    desired(None, None, vec![connection])
}

fn reasons(plan: &Plan) -> Vec<(Reason, bool)> {
    plan.findings
        .iter()
        .map(|item| (item.reason, item.blocking))
        .collect()
}

#[test]
fn somebody_elses_connection_that_is_as_wanted_is_refused_all_the_same() {
    let made = |wanted: &Desired| plan(wanted, &full_tenant(), &Policy::default());
    let refused = made(&found(Adopt::Never, None));
    assert!(refused.is_empty());
    assert_eq!(reasons(&refused), [(Reason::AdoptionRefused, true)]);
    let another = made(&found(Adopt::Never, Some("con_gone")));
    assert_eq!(reasons(&another), [(Reason::AdoptionRefused, true)]);
    assert!(reasons(&made(&found(Adopt::Never, Some("con_sms")))).is_empty());
    assert!(reasons(&made(&found(Adopt::IfExists, None))).is_empty());
    assert!(reasons(&made(&found(Adopt::Require, None))).is_empty());
}

#[test]
fn what_was_begun_and_not_heard_of_is_the_objects_own() {
    let mut wanted = found(Adopt::Never, None);
    wanted.connections[0].claim.creating = true;
    let made = plan(&wanted, &full_tenant(), &Policy::default());
    assert!(made.is_empty() && made.findings.is_empty());
    wanted.connections[0].claim.removing = true;
    let made = plan(&wanted, &full_tenant(), &Policy::default());
    let verbs: Vec<&str> = made
        .steps
        .iter()
        .map(|it| it.action.change.verb())
        .collect();
    assert_eq!(verbs, ["DeleteConnection"]);
    // What has an id of its own is not another one.
    wanted.connections[0].claim.known_id = Some("con_gone".to_owned());
    assert!(plan(&wanted, &full_tenant(), &Policy::default()).is_empty());
}

#[test]
fn a_refused_connection_is_told_of_once() {
    let mut wanted = found(Adopt::Never, None);
    wanted.connections[0].display_name = Some("Text me".to_owned());
    let made = plan(&wanted, &full_tenant(), &Policy::default());
    assert_eq!(made.steps.len(), 1);
    assert!(made.findings.is_empty());
    let made = plan(&wanted, &empty_tenant(), &Policy::default());
    assert!(made.findings.is_empty());
    wanted.connections[0].claim.removing = true;
    let made = plan(&wanted, &full_tenant(), &Policy::default());
    assert!(made.is_empty() && made.findings.is_empty());
}
