//! The end of a process, on request: between two writes, in time, with everything told.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::operator::Operator;
use crate::rig::{Rig, condition};
use crate::simulator::WRITES;
use crate::support::{ControlPlane, kstatus};

/// What Kubernetes allows by default is 30 s.
const GRACE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_pass_ends_between_two_writes_and_the_next_process_goes_on_with_it() {
    let rig = Rig::new(ControlPlane::shared(), "term").await;
    let mut one = rig.operator("one", &[]);
    let (method, path) = WRITES[1];
    let slow = json!({"kind": "slow", "ms": 2000});
    rig.simulator.fault(method, path, &slow).await;
    rig.apply_example("quickstart").ok();
    rig.simulator.struck("slow").await;
    in_order(&rig, &mut one).await;
    assert_eq!(rig.simulator.writes().await.len(), 2);
    let provider = rig.object("phoneprovider", "twilio");
    let id = &rig.simulator.tenant().await["providers"]["provider"]["id"];
    assert_eq!(provider["status"]["id"], *id);
    assert_eq!(condition(&provider, "Ready")["status"], "True");
    for object in rig.objects() {
        let broken = kstatus::violations_in_passing(&object);
        assert_eq!(broken, Vec::<String>::new(), "{object:#}");
    }
    let _two = rig.operator("two", &[]);
    rig.all_ready(4).await;
    let writes = rig.simulator.writes().await;
    assert_eq!(writes.len(), WRITES.len(), "{writes:?}");
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn a_pass_that_auth0_has_wait_does_not_hold_up_the_end() {
    // In the middle of the writes, and before the first one.
    for (method, path) in [WRITES[2], ("GET", "/api/v2/guardian/factors")] {
        let rig = Rig::new(ControlPlane::shared(), "throttled").await;
        let mut one = rig.operator("one", &[]);
        let throttle = json!({"kind": "throttle", "resetSeconds": 25});
        rig.simulator.fault(method, path, &throttle).await;
        rig.apply_example("quickstart").ok();
        rig.simulator.struck("throttle").await;
        in_order(&rig, &mut one).await;
        rig.simulator.heal().await;
        let _two = rig.operator("two", &[]);
        rig.all_ready(4).await;
        let made = wrote(&rig).await;
        assert_eq!(made, WRITES.len());
        assert_eq!(rig.forbidden(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_pass_that_waits_for_its_turn_does_not_hold_up_the_end() {
    let rig = Rig::new(ControlPlane::shared(), "paced").await;
    let mut one = rig.operator("one", &[]);
    rig.apply_example("quickstart").ok();
    let slowly = json!({"spec": {"rateLimit": {"requestsPerSecond": 1, "burst": 1}}});
    rig.patch("auth0tenant", "acme", &slowly).ok();
    crate::support::wait_until("the first write", async || {
        let writes = wrote(&rig).await;
        if writes > 0 { Ok(()) } else { Err(writes) }
    })
    .await;
    in_order(&rig, &mut one).await;
    let _two = rig.operator("two", &[]);
    rig.all_ready(4).await;
    assert_eq!(wrote(&rig).await, WRITES.len());
}

#[tokio::test]
async fn a_write_that_does_not_come_to_an_end_is_not_waited_for_and_keeps_the_lease() {
    let rig = Rig::new(ControlPlane::shared(), "late").await;
    let mut one = rig.operator("one", &["--shutdown-grace-period", "2s"]);
    let (method, path) = WRITES[0];
    let never = json!({"kind": "timeout", "applied": true});
    rig.simulator.fault(method, path, &never).await;
    rig.apply_example("quickstart").ok();
    rig.simulator.struck("timeout").await;
    one.signal("TERM");
    assert_eq!(one.ended().await.code(), Some(1));
    assert_eq!(rig.holder("dialtone"), "one");
    let _two = rig.operator("two", &[]);
    rig.all_ready(4).await;
}

/// Sends SIGTERM, and the operator ends as it should.
async fn in_order(rig: &Rig<'_>, operator: &mut Operator) {
    let begun = Instant::now();
    operator.signal("TERM");
    assert_eq!(operator.ended().await.code(), Some(0));
    let passed = begun.elapsed();
    assert!(passed < GRACE, "{passed:?}");
    assert_eq!(rig.holder("dialtone"), "");
}

/// How many writes took effect.
async fn wrote(rig: &Rig<'_>) -> usize {
    let calls = rig.simulator.log().await;
    let wrote = |call: &&Value| call["wrote"] == true;
    calls.iter().filter(wrote).count()
}
