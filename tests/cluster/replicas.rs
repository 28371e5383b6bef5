//! Several replicas: one leads, and another one when that does not any more.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::operator::Operator;
use crate::rig::{Rig, condition};
use crate::simulator::{Simulator, WRITES};
use crate::support::{ControlPlane, wait_until};

/// As the rig has it.
const LEASE: Duration = Duration::from_secs(4);

#[tokio::test]
async fn only_the_leader_calls_the_tenant_and_the_other_stands_by() {
    let rig = Rig::new(ControlPlane::shared(), "standby").await;
    let (_one, two) = pair(&rig).await;
    rig.quickstart().await;
    rig.look("now").await;
    assert_eq!(rig.simulator.terms().await, BTreeSet::from([0]));
    assert_eq!(two.probe("/readyz").await, (200, "ready: standby\n".into()));
    assert!(
        two.probe("/metrics")
            .await
            .1
            .contains("\ndialtone_leader 0\n")
    );
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn a_frozen_leader_writes_nothing_when_it_wakes_up_and_ends() {
    let rig = Rig::new(ControlPlane::shared(), "frozen").await;
    let (mut one, _two) = pair(&rig).await;
    let (method, path) = WRITES[0];
    let slow = json!({"kind": "slow", "ms": 2500});
    rig.simulator.fault(method, path, &slow).await;
    rig.apply_example("quickstart").ok();
    rig.simulator.struck("slow").await;
    one.signal("STOP");
    rig.led_by("two").await;
    rig.all_ready(4).await;
    let of_one = async || {
        let calls = rig.simulator.log().await;
        calls.iter().filter(|call| call["fence"] == 0).count()
    };
    let before = of_one().await;
    one.signal("CONT");
    assert_eq!(one.ended().await.code(), Some(1));
    assert_eq!(of_one().await, before);
    assert_eq!(rig.holder("dialtone"), "two");
    // Its only write is the one in the middle of which it was frozen.
    let calls = rig.simulator.log().await;
    let mut written = calls.iter().filter(|call| call["wrote"] == true);
    let first = written.next().unwrap();
    assert_eq!((&first["path"], &first["fence"]), (&json!(path), &json!(0)));
    assert!(written.all(|call| call["fence"] == 1), "{calls:#?}");
    rig.look("later").await;
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn a_killed_leader_is_replaced_when_its_lease_has_run_out() {
    let rig = Rig::new(ControlPlane::shared(), "killed").await;
    let (mut one, _two) = pair(&rig).await;
    rig.quickstart().await;
    one.kill();
    let last = rig.lease("dialtone")["spec"]["renewTime"].clone();
    rig.led_by("two").await;
    let taken = rig.lease("dialtone")["spec"]["acquireTime"].clone();
    let time = |value: &Value| -> jiff::Timestamp { value.as_str().unwrap().parse().unwrap() };
    let passed = time(&taken).duration_since(time(&last)).unsigned_abs();
    // One attempt each half second, and some time for the machine.
    assert!(passed >= LEASE, "{passed:?}");
    assert!(passed < LEASE + Duration::from_secs(3), "{passed:?}");
    rig.patch("passwordlessconnection", "sms", &otp(8)).ok();
    rig.condition(
        "passwordlessconnection",
        "sms",
        ("Ready", "True", "Succeeded"),
    )
    .await;
}

#[tokio::test]
async fn a_leader_that_is_told_to_end_gives_the_lease_back() {
    let rig = Rig::new(ControlPlane::shared(), "handover").await;
    let (mut one, _two) = pair(&rig).await;
    rig.quickstart().await;
    one.signal("TERM");
    assert_eq!(one.ended().await.code(), Some(0));
    let ended = Instant::now();
    rig.led_by("two").await;
    let passed = ended.elapsed();
    assert!(passed < LEASE, "{passed:?}");
    rig.look("after").await;
    assert_eq!(rig.simulator.writes().await.len(), WRITES.len());
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn each_part_of_the_tenants_is_worked_on_by_its_own_operator() {
    let rig = Rig::new(ControlPlane::shared(), "shards").await;
    // Each operator reaches another simulated tenant, which tells who was at work.
    let other = Simulator::start();
    let _even = rig.operator("even", &["--shard-selector", "part=even"]);
    let rest = ["--shard-selector", "part!=even", "--endpoint", other.url()];
    let odd = rig.operator("odd", &rest);
    rig.quickstart().await;
    assert_eq!(rig.simulator.calls().await, Vec::<String>::new());
    assert_eq!(other.writes().await.len(), WRITES.len());
    let leases = rig
        .plane
        .kubectl(&["get", "leases", "-o", "name", "-n", &rig.home]);
    let leases = leases.ok();
    assert_eq!(leases.lines().count(), 2, "{leases}");
    other.forget_calls().await;
    // It changes hands.
    let even = json!({"metadata": {"labels": {"part": "even"}}});
    rig.patch("auth0tenant", "acme", &even).ok();
    wait_until("the other part's operator to take over", async || {
        let writes = rig.simulator.writes().await;
        if writes.len() == WRITES.len() {
            return Ok(());
        }
        Err(format!("{writes:?}"))
    })
    .await;
    rig.look("even").await;
    wait_until("its metrics to go", async || {
        let page = odd.probe("/metrics").await.1;
        if page.contains("acme") {
            return Err(page);
        }
        Ok(())
    })
    .await;
    other.forget_calls().await;
    rig.patch("passwordlessconnection", "sms", &otp(8)).ok();
    let ready = ("Ready", "True", "Succeeded");
    rig.condition("passwordlessconnection", "sms", ready).await;
    assert_eq!(other.calls().await, Vec::<String>::new());
    assert_eq!(rig.forbidden(), Vec::<String>::new());
    let tenant = rig.object("auth0tenant", "acme");
    assert_eq!(condition(&tenant, "Ready")["status"], "True");
}

/// Two replicas, of which the first leads.
async fn pair(rig: &Rig<'_>) -> (Operator, Operator) {
    let one = rig.operator("one", &[]);
    rig.led_by("one").await;
    let two = rig.operator("two", &[]);
    two.address().await;
    (one, two)
}

fn otp(length: u8) -> Value {
    json!({"spec": {"otp": {"length": length}}})
}

/// A rollout waits for a replica that could never take over.
#[tokio::test]
async fn a_replica_that_may_not_see_the_lease_is_not_ready_and_says_why() {
    let rig = Rig::new(ControlPlane::shared(), "no-lease").await;
    let role = rig.object("role", "dialtone-own")["rules"].clone();
    rig.patch("role", "dialtone-own", &json!({"rules": []}))
        .ok();
    let operator = rig.operator("one", &[]);
    let line = "the Lease cannot be read or written";
    wait_until("the replica to say that it sees no Lease", async || {
        let (status, told) = operator.probe("/readyz").await;
        let said = status == 503 && told.contains(line) && told.contains("leases");
        if said { Ok(()) } else { Err(told) }
    })
    .await;
    rig.patch("role", "dialtone-own", &json!({"rules": role}))
        .ok();
    wait_until("the replica to lead", async || {
        let (status, told) = operator.probe("/readyz").await;
        let leads = status == 200 && told == "ready: leader\n";
        if leads { Ok(()) } else { Err(told) }
    })
    .await;
}
