//! The shipped roles are enough, and what they allow is not used for more than is needed.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use crate::rig::{ACCOUNT, Rig};
use crate::support::{ControlPlane, wait_until};

/// What the quickstart names, and the operator's own.
const NAMED: [&str; 3] = ["auth0-management", "dialtone-fingerprint-key", "twilio"];

#[tokio::test]
async fn the_roles_for_some_namespaces_are_enough() {
    let rig = Rig::new(ControlPlane::shared(), "confined").await;
    suffice(&rig).await;
}

#[tokio::test]
async fn the_roles_for_the_whole_cluster_are_enough() {
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "everywhere").await;
    suffice(&rig).await;
}

#[tokio::test]
async fn secrets_that_may_only_be_read_are_read_in_each_pass() {
    let rig = Rig::new(ControlPlane::shared(), "read-only").await;
    let roles = fs::read_to_string("deploy/namespaced/rbac.yaml").unwrap();
    let watched = "resources: [secrets]\n    verbs: [get, list, watch]";
    assert!(roles.contains(watched), "{roles}");
    let read = roles.replace(watched, "resources: [secrets]\n    verbs: [get]");
    // A rule for something that is not there takes the rule for ConfigMaps away.
    let read = read.replace("[configmaps]", "[nothing]");
    rig.apply(&read.replace("dialtone-system", &rig.home)).ok();
    let _operator = rig.operator("one", &["--secret-access", "get"]);
    rig.quickstart().await;
    rig.simulator.forget_calls().await;
    let secret = json!({"stringData": {"authToken": "rotated"}});
    rig.patch("secret", "twilio", &secret).ok();
    rig.look("rotated").await;
    let writes = rig.simulator.writes().await;
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(
        writes[0].starts_with("PATCH /api/v2/branding/phone/providers/"),
        "{writes:?}"
    );
    assert_eq!(rig.forbidden(), Vec::<String>::new());
    let asked = rig.plane.audit().by_service_account(&rig.home, ACCOUNT);
    let tally = asked.tally();
    for verb in ["list", "watch"] {
        for resource in ["secrets", "configmaps"] {
            assert!(!tally.contains_key(&format!("{verb} {resource}")));
        }
    }
}

/// Everything that an operator does in its life, and nothing of it is refused.
async fn suffice(rig: &Rig<'_>) {
    let strangers = [
        "create",
        "secret",
        "generic",
        "nobodys",
        "--from-literal=a=b",
    ];
    rig.kubectl(&strangers).ok();
    let mut one = rig.operator("one", &[]);
    rig.quickstart().await;
    let delete = json!({"spec": {"deletionPolicy": "Delete"}});
    rig.patch("passwordlessconnection", "sms", &delete).ok();
    rig.look("held").await;
    rig.patch(
        "secret",
        "twilio",
        &json!({"stringData": {"authToken": "new"}}),
    )
    .ok();
    rig.patch("secret", "nobodys", &json!({"stringData": {"a": "c"}}))
        .ok();
    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"enabled": false}}),
    )
    .ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let go = ["delete", "passwordlessconnection", "sms", "--timeout=30s"];
    rig.kubectl(&go).ok();
    one.signal("TERM");
    assert_eq!(one.ended().await.code(), Some(0));
    let _two = rig.operator("two", &[]);
    rig.led_by("two").await;
    rig.look("second").await;
    assert_eq!(rig.forbidden(), Vec::<String>::new());
    reads_only_what_is_named(rig).await;
}

async fn reads_only_what_is_named(rig: &Rig<'_>) {
    let asked = rig.plane.audit().by_service_account(&rig.home, ACCOUNT);
    let reads = asked.only(|it| it.resource == "secrets" && it.verb == "get");
    let read: BTreeSet<&str> = reads.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(read, BTreeSet::from(NAMED));
    // Nothing of it that has to do with that Secret, but the watch, went over the wire.
    wait_until("the audit log to name the watch of Secrets", async || {
        let asked = rig.plane.audit().by_service_account(&rig.home, ACCOUNT);
        let tally = asked.tally();
        let watched = tally.contains_key("watch secrets");
        watched.then_some(()).ok_or(format!("{tally:?}"))
    })
    .await;
}
