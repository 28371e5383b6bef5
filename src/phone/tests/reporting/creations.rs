//! What a status remembers of something that is about to be created, until it is known what came of
//! it.

use serde_json::{Value, json};

use super::*;
use crate::phone::action::Change;
use crate::phone::plan::Step;

/// Everything that can be created: a custom provider with its Action among it.
fn creating() -> (Desired, Observed) {
    let mut action = desired_action("code-1");
    action.claim.known_id = None;
    let mut provider = desired_custom(action);
    provider.claim.known_id = None;
    let mut wanted = of_each_kind();
    wanted.provider = Some(provider);
    let mut tenant = empty_tenant();
    tenant.actions = Reading::Read(vec![]);
    tenant.connections = Reading::Read(vec![database(json!({"attributes": {
        "email": {"identifier": {"active": true}},
    }}))]);
    (wanted, tenant)
}

/// Whether a status says that this change was begun.
fn begun(status: &Status, change: &Change) -> bool {
    let field = match change {
        Change::CreateAction(_) => "creatingAction",
        _ => "creating",
    };
    status.to_value()[field] == Value::Bool(true)
}

#[test]
fn a_creation_is_remembered_until_it_is_known_what_came_of_it() {
    let (wanted, tenant) = creating();
    let plan = plan(&wanted, &tenant, &Policy::default());
    let recorded = |(_, step): &(usize, &Step)| step.action.change.is_recorded_first();
    let creations: Vec<_> = plan.steps.iter().enumerate().filter(recorded).collect();
    let verbs: Vec<_> = creations
        .iter()
        .map(|(_, it)| it.action.change.verb())
        .collect();
    assert_eq!(
        verbs,
        [
            "CreateAction",
            "CreateProvider",
            "CreateTemplate",
            "CreateConnection",
            "UpdateConnection",
        ]
    );
    for (index, step) in creations {
        let (owner, change) = (&step.action.owner, &step.action.change);
        let mut before = fresh(&wanted);
        let status = &mut before.get_mut(owner).expect("a status").status;
        assert!(status.begin(change, Some(1), at(50)), "{owner}");
        assert!(!status.begin(change, Some(1), at(60)), "{owner}");
        assert!(begun(status, change), "{owner}");
        for (class, remembered) in [
            (Class::Terminal, false),
            (Class::Transient, true),
            (Class::Gone, false),
            (Class::Throttled(at(500)), false),
        ] {
            let failing = [(index, failure(class))].into();
            let outcome = pass(&wanted, &tenant, Policy::default(), &failing);
            let report = report(&before, &wanted, &Ok(outcome), at(100));
            let told = begun(&report.patches[owner], change);
            assert_eq!(told, remembered, "{owner} {} {class:?}", change.verb());
        }
        let outcome = pass(&wanted, &tenant, Policy::default(), &BTreeMap::new());
        let report = report(&before, &wanted, &Ok(outcome), at(100));
        assert!(!begun(&report.patches[owner], change), "{owner}");
    }
}

#[test]
fn beginning_an_action_does_not_forget_the_provider() {
    let (wanted, tenant) = creating();
    let plan = plan(&wanted, &tenant, &Policy::default());
    let change = &plan.steps[0].action.change;
    assert_eq!(change.verb(), "CreateAction");
    let mut status = Status::Provider(PhoneProviderStatus {
        id: Some("pro_1".to_owned()),
        ..PhoneProviderStatus::default()
    });
    assert!(status.begin(change, Some(1), at(50)));
    assert_eq!(status.to_value()["id"], "pro_1");
}

#[test]
fn what_needs_no_record_leaves_the_status_alone() {
    let (wanted, _) = creating();
    let mut going = wanted.clone();
    going.identifiers[0].claim.known_id = Some("con_db".to_owned());
    let with = json!({"attributes": {"phone_number": {"identifier": {"active": false}}}});
    let mut tenant = full_tenant();
    tenant.connections = Reading::Read(vec![database(with)]);
    let plan = plan(&going, &tenant, &Policy::default());
    let update = plan
        .steps
        .iter()
        .find(|step| step.action.owner.kind == Kind::PhoneIdentifier);
    let update = &update.expect("an update").action.change;
    let mut status = blank(Kind::PhoneIdentifier);
    assert!(!status.begin(update, Some(1), at(50)));
    assert_eq!(status, blank(Kind::PhoneIdentifier));
}
