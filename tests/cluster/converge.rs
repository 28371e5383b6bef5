//! From `kubectl apply` to a converged tenant, and what happens there afterwards.

use serde_json::json;

use crate::rig::{Rig, condition};
use crate::support::ControlPlane;

#[tokio::test]
async fn the_quickstart_becomes_ready_and_reads_well() {
    let rig = Rig::new(ControlPlane::shared(), "quickstart").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.kubectl(&[
        "wait",
        "--for=condition=Ready",
        "--timeout=5s",
        "phoneprovider/twilio",
    ])
    .ok();
    let columns = rig.kubectl(&["get", "phoneproviders", "-o", "wide"]).ok();
    let mut lines = columns.lines();
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        header[..5],
        ["NAME", "READY", "REASON", "TENANT", "ENABLED"]
    );
    let row = lines.next().unwrap();
    let id = rig.object("phoneprovider", "twilio")["status"]["id"].clone();
    assert!(row.starts_with("twilio"), "{row}");
    assert!(row.contains("True") && row.contains("Succeeded"), "{row}");
    assert!(row.contains(id.as_str().unwrap()), "{row}");
    let events = rig.events("twilio");
    let created = "Succeeded: create phone provider twilio";
    assert!(events.iter().any(|event| event == created), "{events:?}");
}

#[tokio::test]
async fn a_disabled_provider_is_told_at_all_who_need_it() {
    let rig = Rig::new(ControlPlane::shared(), "disable").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let dependents = rig.object("phoneprovider", "twilio")["status"]["dependents"].clone();
    assert_eq!(
        dependents.as_array().map(Vec::len),
        Some(5),
        "{dependents:#}"
    );
    let off = json!({"spec": {"enabled": false}});
    rig.patch("phoneprovider", "twilio", &off).ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let missing = ("ProviderReady", "False", "PhoneProviderDisabled");
    rig.condition("mfaphonefactor", "phone", missing).await;
    rig.condition("passwordlessconnection", "sms", missing)
        .await;
    let warned: Vec<String> = rig
        .events("twilio")
        .into_iter()
        .filter(|event| event.contains("breaks"))
        .collect();
    assert_eq!(warned.len(), 5, "{warned:#?}");
}

#[tokio::test]
async fn idle_passes_write_nothing_anywhere() {
    let rig = Rig::new(ControlPlane::shared(), "idle").await;
    let operator = rig.operator("one", &[]);
    rig.quickstart().await;
    // A first look after everything is Ready, so that what follows is idle.
    rig.look("settled").await;
    let (writes, passes) = (rig.operator_writes().len(), passes(&operator.log()));
    rig.simulator.forget_calls().await;
    for round in 0..100 {
        let patch = json!({"metadata": {"annotations": {"round": round.to_string()}}});
        rig.patch("secret", "twilio", &patch).ok();
        crate::support::wait_until("a pass", async || {
            let done = self::passes(&operator.log()) - passes;
            if done > round { Ok(()) } else { Err(done) }
        })
        .await;
    }
    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    let later = rig.operator_writes();
    assert_eq!(later.len(), writes, "{:#?}", later.tally());
}

/// How many passes the log tells of.
fn passes(log: &str) -> usize {
    log.matches("pass done").count()
}

#[tokio::test]
async fn drift_is_corrected_shown_or_ignored_as_the_tenant_says() {
    let rig = Rig::new(ControlPlane::shared(), "drift").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.simulator
        .admin("PUT", FACTOR, &json!({"enabled": false}))
        .await;
    rig.look("1").await;
    assert!(factor_is_on(&rig).await);
    let events = rig.events("phone");
    let told = |event: &String| event.starts_with("DriftDetected: set drift right");
    assert!(events.iter().any(told), "{events:?}");
    for (mode, shown) in [("Warn", true), ("Ignore", false)] {
        let policy = json!({"spec": {"drift": {"mode": mode}}});
        rig.patch("auth0tenant", "acme", &policy).ok();
        rig.simulator
            .admin("PUT", FACTOR, &json!({"enabled": false}))
            .await;
        rig.look(mode).await;
        assert!(!factor_is_on(&rig).await, "{mode}");
        let object = rig.object("mfaphonefactor", "phone");
        let drifted = condition(&object, "Drifted")["status"] == "True";
        assert_eq!(drifted, shown, "{object:#}");
    }
}

const FACTOR: &str = "/api/v2/guardian/factors/sms";

async fn factor_is_on(rig: &Rig<'_>) -> bool {
    let factors = rig
        .simulator
        .admin("GET", "/api/v2/guardian/factors", &json!(null))
        .await;
    let mut factors = factors.as_array().unwrap().iter();
    factors.any(|factor| factor["name"] == "sms" && factor["enabled"] == true)
}
