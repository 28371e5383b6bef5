//! States that objects of all kinds are in alike.

use dialtone::api::Kind;
use dialtone::cli::record::Record;
use dialtone::phone::desire::key_of;
use dialtone::phone::report::without_tenant;
use dialtone::sim::fault::{At, Fault, Matching, Script};
use serde_json::{Value, json};

use super::{
    DEGRADED, HEALTHY, PROGRESSING, State, all, always, fresh, manifests, ready, state, stored,
    with_tenant,
};
use crate::laws::rig::Rig;

pub async fn states() -> Vec<State> {
    vec![
        state(
            "nobody has looked at it yet",
            PROGRESSING,
            all(&fresh(&manifests())),
        ),
        state(
            "its spec has changed since somebody looked",
            PROGRESSING,
            changed(&ready().await),
        ),
        state("the tenant is as it says", HEALTHY, all(&ready().await)),
        state(
            "Auth0 or the way to it fails, and it was not Ready before",
            PROGRESSING,
            all(&failing(503).await),
        ),
        state(
            "it was Ready, and Auth0 throttles",
            HEALTHY,
            all(&throttled().await),
        ),
        state(
            "the credentials are wrong",
            DEGRADED,
            all(&failing(401).await),
        ),
        state("its tenant is not there", PROGRESSING, orphaned()),
        state(
            "its tenant is suspended, and it was Ready",
            ("Suspended", "Current", "Current"),
            // What became of a message is told once and for all.
            others(all(&suspended(ready().await).await), "PhoneTestMessage"),
        ),
        state(
            "its tenant is suspended, and it was never looked at",
            ("Suspended", "InProgress", "InProgress"),
            all(&suspended(fresh(&manifests())).await),
        ),
        state(
            "it is being deleted, and is no provider",
            ("Progressing", "Terminating", "Terminating"),
            others(going(&ready().await), "PhoneProvider"),
        ),
        state(
            "it is being deleted, and is a provider",
            ("Progressing", "Terminating", "InProgress"),
            of_kind(going(&ready().await), "PhoneProvider"),
        ),
    ]
}

/// Another generation than the status is about.
fn changed(rig: &Rig) -> Vec<Value> {
    let mut objects = all(rig);
    for object in &mut objects {
        let generation = object["metadata"]["generation"].as_i64().unwrap();
        object["metadata"]["generation"] = json!(generation + 1);
    }
    objects
}

/// A first pass in which every call fails.
async fn failing(code: u16) -> Rig {
    let mut rig = fresh(&manifests());
    rig.tenant.add_faults([always(None, None, code)]);
    let _ = rig.pass().await;
    rig
}

async fn throttled() -> Rig {
    let mut rig = ready().await;
    rig.tenant.add_faults([Script {
        matching: Matching::default(),
        at: At::ALWAYS,
        times: None,
        fault: Fault::Throttle { reset_seconds: 30 },
    }]);
    let (result, told) = rig.pass().await;
    assert!(result.is_err() && told.patches.is_empty(), "{told:?}");
    rig
}

fn orphaned() -> Vec<Value> {
    let mut rig = fresh(&manifests());
    let now = rig.clock.now();
    let resources = &mut rig.objects.resources;
    let tenant = resources.iter().find(|it| it.kind() == Kind::Auth0Tenant);
    let tenant = key_of(tenant.unwrap());
    resources.retain(|it| it.kind() != Kind::Auth0Tenant);
    let mut told = without_tenant(&Record::statuses(&*resources), &tenant, now);
    for resource in resources.iter_mut() {
        let status = told.patches.remove(&key_of(resource)).unwrap();
        status.put(resource);
    }
    resources.iter().map(stored).collect()
}

async fn suspended(mut rig: Rig) -> Rig {
    rig.objects.edit(&with_tenant("suspend: true"));
    rig.pass().await.0.unwrap();
    rig
}

/// What there is after somebody deleted it, and a finalizer holds it.
fn going(rig: &Rig) -> Vec<Value> {
    let mut objects = changed(rig);
    for object in &mut objects {
        object["metadata"]["deletionTimestamp"] = json!("2026-11-24T12:00:00Z");
        object["metadata"]["finalizers"] = json!(["dialtone.dev/finalizer"]);
    }
    objects
}

fn of_kind(mut objects: Vec<Value>, kind: &str) -> Vec<Value> {
    objects.retain(|object| object["kind"] == kind);
    objects
}

fn others(mut objects: Vec<Value>, kind: &str) -> Vec<Value> {
    objects.retain(|object| object["kind"] != kind);
    objects
}
