//! What a provider's status keeps of flows that are not seen any more.

use serde_json::json;

use super::*;

/// The ids of the dependents after a pass over what is left to see of a tenant, and that the pass after
/// it writes nothing.
fn dependents_after(hide: impl Fn(&mut Observed, Refusal)) -> Vec<String> {
    let wanted = desired(Some(desired_provider(&DeliveryMethod::ALL)), None, vec![]);
    let mut tenant = full_tenant();
    let phone = json!({"attributes": {"phone_number": {"identifier": {"active": true}}}});
    if let Reading::Read(connections) = &mut tenant.connections {
        connections.push(database(phone));
    }
    let mut known = fresh(&wanted);
    let look = |known: &mut Statuses, tenant: &Observed| {
        let outcome = pass(&wanted, tenant, Policy::default(), &BTreeMap::new());
        let told = report(known, &wanted, &Ok(outcome), at(100));
        let count = told.patches.len();
        for (key, status) in told.patches {
            known.get_mut(&key).expect("an object").status = status;
        }
        count
    };
    look(&mut known, &tenant);
    hide(
        &mut tenant,
        Refusal::InsufficientScope(vec!["read:x".to_owned()]),
    );
    look(&mut known, &tenant);
    assert_eq!(look(&mut known, &tenant), 0, "an idle pass writes nothing");
    let owner = &wanted.provider.as_ref().expect("a provider").claim.owner;
    let Status::Provider(status) = &known[owner].status else {
        panic!("a provider's status");
    };
    let mut ids: Vec<String> = status.dependents.iter().map(|it| it.id.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn dependents_that_are_not_seen_any_more_stay_listed() {
    let all = dependents_after(|_, _| {});
    let groups = |ids: &[String]| {
        ["mfa/", "passwordless/", "password-reset/"]
            .map(|group| ids.iter().any(|id| id.starts_with(group)))
    };
    assert_eq!(groups(&all), [true; 3], "{all:?}");
    let cases: [fn(&mut Observed, Refusal); 6] = [
        |tenant, refusal| tenant.unified = Reading::Refused(refusal),
        |tenant, refusal| tenant.factor = Reading::Refused(refusal),
        |tenant, refusal| tenant.message_types = Reading::Refused(refusal),
        |tenant, refusal| tenant.connections = Reading::Refused(refusal),
        |tenant, refusal| {
            let clients = tenant.connection_clients.values_mut();
            clients.for_each(|it| *it = Reading::Refused(refusal.clone()));
        },
        |tenant, _| {
            if let Reading::Read(connections) = &mut tenant.connections {
                for it in connections {
                    it.options = None;
                }
            }
        },
    ];
    for (index, hide) in cases.into_iter().enumerate() {
        assert_eq!(dependents_after(hide), all, "case {index}");
    }
}

#[test]
fn dependents_of_parts_that_are_read_are_those_that_are_there() {
    let left = dependents_after(|tenant, refusal| {
        tenant.message_types = Reading::Refused(refusal);
        tenant.connections = Reading::Read(vec![]);
    });
    assert!(!left.is_empty());
    assert!(left.iter().all(|id| id.starts_with("mfa/")), "{left:?}");
    // Of a factor that is off, and of a tenant whose plan has no such part, nobody needs the provider.
    let off = dependents_after(|tenant, refusal| {
        tenant.factor = Reading::Read(false);
        tenant.message_types = Reading::Refused(refusal);
    });
    assert!(!off.iter().any(|id| id.starts_with("mfa/")), "{off:?}");
    let none = dependents_after(|tenant, _| {
        tenant.connections = Reading::Refused(Refusal::PlanUnsupported("no".to_owned()));
    });
    assert!(none.iter().all(|id| id.starts_with("mfa/")), "{none:?}");
}
