//! An API server that goes away, forgets, or changes its definitions: the operator goes on.

use serde_json::{Value, json};

use crate::operator::Operator;
use crate::rig::Rig;
use crate::simulator::WRITES;
use crate::support::{ControlPlane, wait_until};

/// A leader need not end because the API server is away for less than this.
const PATIENT: [&str; 6] = [
    "--lease-duration",
    "120s",
    "--renew-deadline",
    "110s",
    "--retry-period",
    "1s",
];

#[tokio::test]
async fn changes_are_taken_up_after_a_restart_of_the_api_server() {
    let mut plane = ControlPlane::dedicated().await;
    let rig = Rig::alone(&plane, "restart").await;
    let operator = rig.operator("one", &PATIENT);
    rig.quickstart().await;
    let left = rig.leave();
    plane.stop_apiserver();
    plane.start_apiserver().await;
    let rig = Rig::again(&plane, left);
    goes_on(&rig, &operator, 7).await;
}

#[tokio::test]
async fn changes_are_taken_up_when_old_versions_are_gone() {
    let mut plane = ControlPlane::dedicated().await;
    let rig = Rig::alone(&plane, "compaction").await;
    let operator = rig.operator("one", &PATIENT);
    rig.quickstart().await;
    // Later versions than those that the watches of our kinds have seen.
    for round in 0..20 {
        let note = json!({"metadata": {"annotations": {"round": round.to_string()}}});
        rig.patch("namespace", "default", &note).ok();
    }
    let left = rig.leave();
    plane.stop_apiserver();
    plane.compact().await;
    plane.start_apiserver().await;
    let rig = Rig::again(&plane, left);
    goes_on(&rig, &operator, 7).await;
    // What went while nobody could tell is known to be gone.
    rig.kubectl(&["delete", "mfaphonefactor", "phone"]).ok();
    // Each watch begins anew in its own time.
    wait_until("the deletion to be noticed", async || {
        let (_, metrics) = operator.probe("/metrics").await;
        let gone = !metrics.contains("MfaPhoneFactor");
        gone.then_some(()).ok_or(metrics)
    })
    .await;
}

#[tokio::test]
async fn changes_are_taken_up_after_a_change_of_the_definitions() {
    let plane = ControlPlane::dedicated().await;
    let rig = Rig::alone(&plane, "definitions").await;
    let operator = rig.operator("one", &PATIENT);
    rig.quickstart().await;
    let name = "passwordlessconnections.dialtone.dev";
    let get = ["get", "crd", name, "-o", "json"];
    let mut definition: Value = serde_json::from_str(&plane.kubectl(&get).ok()).unwrap();
    let version = &mut definition["spec"]["versions"][0];
    version["schema"]["openAPIV3Schema"]["description"] = json!("As it is described now.");
    let column = json!({"name": "Signup", "type": "string", "jsonPath": ".spec.signup"});
    let columns = version["additionalPrinterColumns"].as_array_mut().unwrap();
    columns.push(column);
    let replace = ["replace", "-f", "-"];
    plane
        .kubectl_reading(&replace, &definition.to_string())
        .ok();
    wait_until("the new column", async || {
        let shown = rig.kubectl(&["get", "passwordlessconnections"]).ok();
        if shown.contains("SIGNUP") {
            return Ok(());
        }
        Err(shown)
    })
    .await;
    goes_on(&rig, &operator, 7).await;
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

/// What a pass learned and could not write is known nowhere else.
#[tokio::test]
async fn what_could_not_be_written_is_written_when_the_api_server_is_back() {
    let mut plane = ControlPlane::dedicated().await;
    let rig = Rig::alone(&plane, "owed").await;
    let operator = rig.operator("one", &PATIENT);
    let slow = json!({"kind": "slow", "ms": 6000});
    let clients = "/api/v2/connections/*/clients";
    rig.simulator.fault("PATCH", clients, &slow).await;
    rig.apply_example("quickstart").ok();
    let writes = async |count: usize| {
        let writes = rig.simulator.writes().await;
        (writes.len() >= count)
            .then_some(())
            .ok_or(writes.join("\n"))
    };
    wait_until("the write before the last", async || writes(4).await).await;
    let left = rig.leave();
    plane.stop_apiserver();
    wait_until("the last write", async || {
        let writes = left.simulator().writes().await;
        (writes.len() == 5).then_some(()).ok_or(writes.join("\n"))
    })
    .await;
    wait_until("the status not to be written", async || {
        let log = operator.log();
        log.contains("not written").then_some(()).ok_or(log)
    })
    .await;
    plane.start_apiserver().await;
    let rig = Rig::again(&plane, left);
    rig.all_ready(4).await;
    let status = &rig.object("passwordlessconnection", "sms")["status"];
    let enabled = status["applications"].as_array().map_or(0, Vec::len);
    assert_eq!(enabled, 3, "{status:#}");
    assert!(status["id"].is_string(), "{status:#}");
    assert_eq!(rig.simulator.writes().await.len(), WRITES.len());
}

/// A change arrives in the tenant, by the same process, and nothing else does.
async fn goes_on(rig: &Rig<'_>, operator: &Operator, length: u8) {
    let otp = json!({"spec": {"otp": {"length": length}}});
    rig.patch("passwordlessconnection", "sms", &otp).ok();
    let ready = ("Ready", "True", "Succeeded");
    rig.condition("passwordlessconnection", "sms", ready).await;
    let connection = &rig.simulator.tenant().await["connections"]["all"][0];
    assert_eq!(
        connection["document"]["options"]["totp"]["length"], length,
        "{connection:#}"
    );
    let secret = json!({"stringData": {"authToken": "rotated"}});
    rig.patch("secret", "twilio", &secret).ok();
    wait_until("the rotated token to be written", async || {
        let writes = rig.simulator.writes().await;
        if writes.len() == WRITES.len() + 2 {
            return Ok(());
        }
        Err(format!("{writes:?}"))
    })
    .await;
    rig.all_ready(4).await;
    assert_eq!(operator.log().matches("leading").count(), 1);
}
