use futures::FutureExt as _;
use serde_json::json;

use super::*;
use crate::auth0::exchange::{Method, Payload};
use crate::sim::fault::{Fault, Matching};

const SETTINGS: &str = "/api/v2/tenants/settings";

fn tenant() -> (SimulatedTenant, ManualClock) {
    let clock = ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap());
    (
        SimulatedTenant::in_memory(Store::new(DEFAULT_DOMAIN), &clock),
        clock,
    )
}

/// Sends a request; the answer is there at once, so one poll is enough.
fn send(tenant: &SimulatedTenant, request: Request) -> Result<Response, NoAnswer> {
    tenant
        .send(request)
        .now_or_never()
        .expect("an answer at once")
}

fn rename(name: &str) -> Request {
    Request::new(Method::Patch, SETTINGS).json(json!({"friendly_name": name}))
}

fn name(tenant: &SimulatedTenant) -> Value {
    match send(tenant, Request::get(SETTINGS)).map(|answer| answer.body) {
        Ok(Payload::Json(mut settings)) => settings["friendly_name"].take(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn in_memory_no_token_is_needed() {
    let (tenant, _) = tenant();
    assert_eq!(
        send(&tenant, rename("x")).map(|answer| answer.status),
        Ok(200)
    );
    assert_eq!(name(&tenant), "x");
}

#[test]
fn in_memory_missing_answers_come_back_at_once() {
    let (tenant, _) = tenant();
    tenant.add_faults([Script::nth_call(1, Fault::Lost { applied: true })]);
    assert_eq!(send(&tenant, rename("applied")), Err(NoAnswer::Lost));
    assert_eq!(name(&tenant), "applied");
    tenant.clear_faults();
    tenant.add_faults([Script::nth_call(1, Fault::Timeout { applied: false })]);
    assert_eq!(
        send(&tenant, rename("not applied")),
        Err(NoAnswer::TimedOut)
    );
    assert_eq!(name(&tenant), "applied");
}

#[test]
fn in_memory_a_killed_tenant_answers_nothing_until_it_is_revived() {
    let (tenant, _) = tenant();
    tenant.add_faults([Script::once(
        Method::Patch,
        SETTINGS,
        Fault::Kill { applied: true },
    )]);
    assert_eq!(send(&tenant, rename("x")), Err(NoAnswer::Lost));
    assert_eq!(send(&tenant, rename("y")), Err(NoAnswer::NotSent));
    tenant.revive();
    assert_eq!(name(&tenant), "x");
}

#[test]
fn in_memory_a_delay_moves_the_clock() {
    let (tenant, clock) = tenant();
    let before = clock.now();
    tenant.add_faults([Script {
        matching: Matching::default(),
        at: crate::sim::fault::At::ALWAYS,
        times: None,
        fault: Fault::Slow { ms: 1500 },
    }]);
    assert_eq!(name(&tenant), name(&tenant));
    assert_eq!(clock.now(), before + SignedDuration::from_secs(3));
}

#[test]
fn in_memory_limits_go_by_the_manual_clock() {
    let (tenant, clock) = tenant();
    let rates = json!({"global": {"perSecond": 1, "burst": 1}});
    tenant
        .set_rates(&serde_json::from_value(rates).unwrap())
        .unwrap();
    let status = |tenant| send(tenant, Request::get(SETTINGS)).map(|answer| answer.status);
    assert_eq!(status(&tenant), Ok(200));
    assert_eq!(status(&tenant), Ok(429));
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(status(&tenant), Ok(200));
}

#[test]
fn in_memory_missing_scopes_are_refused() {
    let (tenant, _) = tenant();
    tenant.set_scopes(
        Some(BTreeSet::from(["read:tenant_settings".to_owned()])),
        false,
    );
    assert_eq!(
        send(&tenant, rename("x")).map(|answer| answer.status),
        Ok(403)
    );
    assert_eq!(
        send(&tenant, Request::get(SETTINGS)).map(|answer| answer.status),
        Ok(200)
    );
    let calls = tenant.calls();
    assert!(calls.iter().all(|call| !call.wrote));
}

#[test]
fn a_throttled_write_does_not_happen() {
    let (tenant, _) = tenant();
    let before = name(&tenant);
    tenant.add_faults([Script::nth_call(1, Fault::Throttle { reset_seconds: 3 })]);
    let answer = send(&tenant, rename("x")).unwrap();
    assert_eq!(answer.status, 429);
    let reset = tenant.now().as_second() + 3;
    assert_eq!(answer.headers["x-ratelimit-reset"], reset.to_string());
    assert_eq!(name(&tenant), before);
}

#[test]
fn a_seeded_application_is_not_added_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let start = || {
        SimulatedTenant::start(Setup {
            clients: vec!["web".to_owned()],
            state: Some(StateFile::load(&path).unwrap()),
            ..Setup::default()
        })
        .unwrap()
    };
    let count = |tenant: &SimulatedTenant| {
        let Ok(Payload::Json(Value::Array(clients))) =
            send(tenant, Request::get("/api/v2/clients")).map(|answer| answer.body)
        else {
            panic!("no clients");
        };
        clients
            .iter()
            .filter(|client| client["name"] == "web")
            .count()
    };
    assert_eq!(count(&start()), 1);
    assert_eq!(count(&start()), 1);
}

#[test]
fn a_seeded_connection_is_not_added_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let start = || {
        SimulatedTenant::start(Setup {
            databases: vec!["users".to_owned()],
            state: Some(StateFile::load(&path).unwrap()),
            ..Setup::default()
        })
        .unwrap()
    };
    let strategies = |tenant: &SimulatedTenant| -> Vec<Value> {
        let answer = send(tenant, Request::get("/api/v2/connections"));
        let Ok(Payload::Json(Value::Array(all))) = answer.map(|answer| answer.body) else {
            panic!("no connections");
        };
        all.iter().map(|item| item["strategy"].clone()).collect()
    };
    assert_eq!(strategies(&start()), ["auth0"]);
    let again = start();
    again.seed_databases(&["users".to_owned()]).unwrap();
    assert_eq!(strategies(&again), ["auth0"]);
    again.seed_databases(&["more".to_owned()]).unwrap();
    assert_eq!(strategies(&again).len(), 2);
    again.reset().unwrap();
    assert_eq!(strategies(&again), ["auth0"]);
}
