//! What is planned where an object takes the place of one that is being deleted.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::build::{empty_tenant, full_tenant, object};
use super::desiring::{change, provider, references, resource, tenant};
use crate::api::{Auth0Tenant, Kind, Reason, Resource};
use crate::phone::desire::key_of;
use crate::phone::observed::Observed;
use crate::phone::plan::{Plan, Step};
use crate::phone::policy::Withheld;
use crate::phone::secret::FingerprintKey;
use crate::phone::succession::{leaving, plans};

fn planned(tenant: &Auth0Tenant, resources: &[Resource], observed: &Observed) -> Vec<Plan> {
    let resources: Vec<&Resource> = resources.iter().collect();
    let key = FingerprintKey::from_bytes([7; 32]);
    plans(tenant, &resources, &references(), &key, observed)
}

fn summaries(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter();
    steps.map(|it| it.action.change.summary()).collect()
}

/// A provider that set up `id` and is being deleted.
fn old_provider(id: &str, spec: &Value) -> Resource {
    let mut old = provider("old");
    change(&mut old, |value| {
        value["metadata"]["deletionTimestamp"] = json!("2026-11-30T00:00:00Z");
        value["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
        value["spec"]["deletionPolicy"] = json!("Delete");
        for (key, wanted) in object(spec.clone()) {
            value["spec"][key] = wanted;
        }
        value["status"] = json!({"id": id, "observedGeneration": 3});
    });
    old
}

fn message() -> Resource {
    resource(
        Kind::PhoneTestMessage,
        "hello",
        &json!({
            "tenantRef": {"name": "acme"},
            "to": "+15550123",
            "deliveryMethod": "Text",
        }),
    )
}

/// A factor whose write has to do with neither provider.
fn factor() -> Resource {
    let wanted = json!({"tenantRef": {"name": "acme"}, "messageTypes": ["SMS"]});
    resource(Kind::MfaPhoneFactor, "phone", &wanted)
}

#[test]
fn a_new_name_is_a_deletion_and_then_a_creation() {
    let resources = [old_provider("pro_1", &json!({})), provider("new")];
    let all = planned(&tenant(json!({})), &resources, &full_tenant());
    let [first, second] = &all[..] else {
        panic!("{all:#?}");
    };
    assert_eq!(summaries(first), ["delete phone provider"]);
    assert_eq!(summaries(second), ["create phone provider twilio"]);
    assert!(!first.hazards.is_empty());
    assert_eq!(
        (&first.findings[..], &second.findings[..]),
        (&[][..], &[][..])
    );
}

#[test]
fn what_has_nothing_to_do_with_the_new_name_is_planned_once() {
    let resources = [
        old_provider("pro_1", &json!({})),
        provider("new"),
        message(),
        factor(),
    ];
    let all = planned(&tenant(json!({})), &resources, &full_tenant());
    let steps: Vec<String> = all.iter().flat_map(summaries).collect();
    let of = |text: &str| steps.iter().filter(|it| it.contains(text)).count();
    assert_eq!(all.len(), 2, "{steps:#?}");
    assert_eq!(of("create phone provider"), 1, "{steps:#?}");
    assert_eq!(of("MFA"), 1, "{steps:#?}");
    assert_eq!(of("test message"), 1, "{steps:#?}");
}

#[test]
fn what_must_not_be_deleted_keeps_its_place() {
    let blocks = json!({"onBreakingChange": "Block"});
    let resources = [old_provider("pro_1", &blocks), provider("new")];
    let all = planned(&tenant(json!({})), &resources, &full_tenant());
    let [only] = &all[..] else {
        panic!("{all:#?}");
    };
    assert!(
        only.steps.iter().all(|it| it.withheld.is_some()),
        "{only:#?}"
    );
    let stands_back = |plan: &Plan| plan.findings.iter().any(|it| it.reason == Reason::Conflict);
    assert!(stands_back(only), "{only:#?}");
}

#[test]
fn two_that_stay_do_not_wait_for_a_third_that_leaves() {
    let connection = |name: &str| {
        let wanted = json!({"tenantRef": {"name": "acme"}, "name": "sms"});
        resource(Kind::PasswordlessConnection, name, &wanted)
    };
    let resources = [
        old_provider("pro_1", &json!({})),
        connection("a"),
        connection("b"),
    ];
    let all = planned(&tenant(json!({})), &resources, &full_tenant());
    assert_eq!(all.len(), 1, "{all:#?}");
    assert!(all[0].is_blocked());
}

#[test]
fn one_that_leaves_and_never_had_the_place_gives_none_away() {
    let mut young = old_provider("pro_1", &json!({}));
    change(&mut young, |value| {
        value["metadata"]["creationTimestamp"] = json!("2026-11-01T00:00:00Z");
    });
    let mut old = provider("main");
    change(&mut old, |value| {
        value["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
    });
    let all = planned(&tenant(json!({})), &[old, young], &full_tenant());
    assert_eq!(all.len(), 1, "{all:#?}");
}

#[test]
fn what_the_first_plan_creates_is_no_strangers_in_the_second() {
    let mut old = resource(
        Kind::MfaPhoneFactor,
        "old",
        &json!({"tenantRef": {"name": "acme"}, "deletionPolicy": "Delete"}),
    );
    change(&mut old, |value| {
        value["metadata"]["deletionTimestamp"] = json!("2026-11-30T00:00:00Z");
        value["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
    });
    let mut never = provider("main");
    change(&mut never, |value| value["spec"]["adopt"] = json!("Never"));
    let all = planned(&tenant(json!({})), &[old, factor(), never], &empty_tenant());
    let refused = |step: &Step| step.withheld == Some(Withheld::AdoptionRefused);
    let refused: Vec<_> = all
        .iter()
        .flat_map(|it| &it.steps)
        .filter(|it| refused(it))
        .collect();
    assert_eq!((all.len(), &refused[..]), (2, &[][..]), "{all:#?}");
}

#[test]
fn a_removed_manifest_leaves_where_its_tenant_is_written() {
    let now = Timestamp::UNIX_EPOCH;
    let mut gone = provider("main");
    assert_eq!(leaving(&gone, &tenant(json!({})), now), None);
    change(&mut gone, |value| {
        value["spec"]["deletionPolicy"] = json!("Delete");
    });
    let left = leaving(&gone, &tenant(json!({})), now).expect("it leaves");
    assert!(left.metadata().deletion_timestamp.is_some());
    for spec in [
        json!({"managementPolicy": "Observe"}),
        json!({"suspend": true}),
    ] {
        assert_eq!(leaving(&gone, &tenant(spec), now), None);
    }
}

/// Objects of which some are leaving, and some want the same thing.
fn any_objects() -> impl Strategy<Value = Vec<Resource>> {
    let one = (
        0_usize..4,
        any::<bool>(),
        any::<bool>(),
        0_usize..3,
        any::<bool>(),
    );
    prop::collection::vec(one, 1..6).prop_map(|all| {
        let objects = all.into_iter().enumerate();
        let made = objects.map(|(at, (kind, leaves, never, policy, known))| {
            let reference = json!({"tenantRef": {"name": "acme"}});
            let name = format!("o{at}");
            let mut made = match kind {
                0 => provider(&name),
                1 => resource(Kind::MfaPhoneFactor, &name, &reference),
                2 => resource(
                    Kind::PasswordlessConnection,
                    &name,
                    &json!({"tenantRef": {"name": "acme"}, "name": "sms", "displayName": name}),
                ),
                _ => resource(
                    Kind::PhoneTestMessage,
                    &name,
                    &json!({
                        "tenantRef": {"name": "acme"},
                        "to": "+15550123",
                        "deliveryMethod": "Text",
                    }),
                ),
            };
            change(&mut made, |value| {
                if leaves {
                    value["metadata"]["deletionTimestamp"] = json!("2026-11-30T00:00:00Z");
                }
                value["metadata"]["creationTimestamp"] =
                    json!(format!("2026-01-0{}T00:00:00Z", at + 1));
                if kind == 3 {
                    return;
                }
                value["spec"]["deletionPolicy"] = json!(if leaves { "Delete" } else { "Orphan" });
                if never {
                    value["spec"]["adopt"] = json!("Never");
                }
                if kind == 0 {
                    let policy = ["Warn", "Block", "Warn"][policy];
                    value["spec"]["onBreakingChange"] = json!(policy);
                    if known {
                        value["status"] = json!({"id": "pro_1"});
                    }
                }
            });
            made
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn nothing_is_planned_twice(
        objects in any_objects(),
        full in any::<bool>(),
        observe in any::<bool>(),
    ) {
        let spec = if observe { json!({"managementPolicy": "Observe"}) } else { json!({}) };
        let observed = if full { full_tenant() } else { empty_tenant() };
        let all = planned(&tenant(spec), &objects, &observed);
        prop_assert!(all.len() <= 2);
        if let [first, second] = &all[..] {
            for step in &second.steps {
                let twice = first.steps.iter().any(|it| it.action.owner == step.action.owner && it.action.change == step.action.change);
                prop_assert!(!twice, "{all:#?}");
                prop_assert!(step.needs.iter().all(|need| *need < second.steps.len()));
            }
            prop_assert!(second.hazards.iter().all(|it| it.step < second.steps.len()));
            // Who leaves has no part in what comes after.
            let leaves = |it: &&Resource| it.metadata().deletion_timestamp.is_some();
            for gone in objects.iter().filter(leaves).map(key_of) {
                prop_assert!(second.steps.iter().all(|it| it.action.owner != gone));
            }
        }
    }
}
