//! Manifests applied and waited for by Flux's own library, against a real API server, with the
//! operator at work.

use std::process::Command;

use serde_json::{Value, json};

use crate::health::kustomization;
use crate::laws::rig::quickstart;
use crate::libraries::Libraries;
use crate::rig::{Rig, condition};
use crate::support::ControlPlane;

/// A request to apply manifests, and to wait for them.
fn apply(rig: &Rig, manifests: &str) -> Value {
    json!({
        "do": "flux-apply",
        "namespace": rig.namespace,
        "manifests": manifests,
        "kustomization": kustomization(),
        "seconds": 60,
    })
}

/// Runs the plugin, which has to succeed.
#[track_caller]
fn plugin(rig: &Rig, arguments: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(["kubectl", "-n", &rig.namespace])
        .args(arguments)
        .env("KUBECONFIG", rig.plane.admin_kubeconfig())
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[tokio::test]
async fn the_quickstart_is_applied_and_waited_for_and_unchanged_after() {
    let rig = Rig::new(ControlPlane::shared(), "flux").await;
    let _operator = rig.operator("one", &[]);
    let mut libraries = Libraries::new(rig.plane);
    let first = libraries.ask(apply(&rig, &quickstart()));
    assert_eq!(first["failure"], "", "{first:#}");
    assert_eq!(first["warnings"], json!([]));
    rig.all_ready(4).await;
    // Of its own: Flux would undo what kubectl sets.
    plugin(&rig, &["reconcile", "tenant/acme", "--wait"]);
    let second = libraries.ask(apply(&rig, &quickstart()));
    assert_eq!(second["failure"], "", "{second:#}");
    let actions = second["actions"].as_object().unwrap();
    assert_eq!(actions.len(), 6);
    assert!(actions.values().all(|it| it == "unchanged"), "{actions:#?}");
}

#[tokio::test]
async fn what_the_plugin_acknowledges_and_asks_for_outlives_the_next_apply() {
    let rig = Rig::new(ControlPlane::shared(), "flux-plugin").await;
    let _operator = rig.operator("one", &[]);
    let mut libraries = Libraries::new(rig.plane);
    let answer = libraries.ask(apply(&rig, &quickstart()));
    assert_eq!(answer["failure"], "", "{answer:#}");
    rig.all_ready(4).await;
    let provider = "phoneprovider/twilio";
    for arguments in [
        &["acknowledge", provider, "mfa/sms", "--yes"][..],
        &["reconcile", provider],
    ] {
        plugin(&rig, arguments);
    }
    // Flux takes this one for a slip that it undoes: the name of its manager begins with kubectl.
    let by_hand = [
        "annotate",
        "phoneprovider",
        "twilio",
        "example.com/by-hand=yes",
    ];
    rig.kubectl(&by_hand).ok();
    let annotations = || {
        let object = rig.object("phoneprovider", "twilio");
        object["metadata"]["annotations"].clone()
    };
    let asked = annotations()["dialtone.dev/requestedAt"].clone();
    assert!(asked.is_string(), "{asked}");
    let answer = libraries.ask(apply(&rig, &quickstart()));
    assert_eq!(answer["failure"], "", "{answer:#}");
    let left = annotations();
    assert_eq!(
        left["dialtone.dev/acknowledge-breaking"], "mfa/sms",
        "{left}"
    );
    assert_eq!(left["dialtone.dev/requestedAt"], asked, "{left}");
    assert_eq!(left["example.com/by-hand"], Value::Null, "{left}");
}

#[tokio::test]
async fn wrong_credentials_fail_at_once_and_the_object_says_why() {
    let rig = Rig::new(ControlPlane::shared(), "flux-refused").await;
    let _operator = rig.operator("one", &[]);
    let accepted = json!({"clients": [{
        "clientId": "example-client-id",
        "clientSecret": "another-secret",
    }]});
    rig.simulator
        .send(reqwest::Method::PUT, "/_sim/credentials", &accepted)
        .await;
    let mut libraries = Libraries::new(rig.plane);
    let answer = libraries.ask(apply(&rig, &quickstart()));
    let failure = answer["failure"].as_str().unwrap();
    assert!(
        failure.starts_with("failed early due to stalled resources"),
        "{failure}"
    );
    let stalled = format!("/{}/", rig.namespace);
    assert!(
        failure.contains(&stalled) && failure.contains("status: 'Failed'"),
        "{failure}"
    );
    let refused = ("Ready", "False", "AuthenticationFailed");
    let tenant = rig.condition("auth0tenant", "acme", refused).await;
    let message = condition(&tenant, "Ready")["message"].to_string();
    assert!(message.contains("client"), "{message}");
}

#[tokio::test]
async fn pruning_ends_also_where_the_tenant_goes_along() {
    let rig = Rig::new(ControlPlane::shared(), "flux-prune").await;
    let _operator = rig.operator("one", &["--deletion-grace-period", "2s"]);
    let mut libraries = Libraries::new(rig.plane);
    let manifests = quickstart().replace(
        "  tenantRef: {name: acme}",
        "  tenantRef: {name: acme}\n  deletionPolicy: Delete",
    );
    let answer = libraries.ask(apply(&rig, &manifests));
    assert_eq!(answer["failure"], "", "{answer:#}");
    let mut prune = apply(&rig, &manifests);
    prune["do"] = json!("flux-prune");
    libraries.ask(prune);
    assert_eq!(rig.objects(), Vec::<Value>::new());
}

#[tokio::test]
async fn disabling_the_provider_in_git_is_warned_of_and_fails() {
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "flux-warned").await;
    let _operator = rig.operator("one", &[]);
    let mut libraries = Libraries::new(rig.plane);
    let answer = libraries.ask(apply(&rig, &quickstart()));
    assert_eq!(answer["failure"], "", "{answer:#}");
    rig.all_ready(4).await;
    let before = "  deliveryMethods:";
    let off = quickstart().replace(before, &format!("  enabled: false\n{before}"));
    let answer = libraries.ask(apply(&rig, &off));
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("disabling the phone provider breaks MFA by SMS"),
        "{warnings}"
    );
    let failure = answer["failure"].as_str().unwrap();
    assert!(failure.contains("status: 'Failed'"), "{failure}");
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    // It goes on failing: the provider is as it says by now, which its conditions alone call Ready.
    let answer = libraries.ask(apply(&rig, &off));
    let failure = answer["failure"].as_str().unwrap();
    assert!(failure.contains("status: 'Failed'"), "{failure}");
    let provider = rig.object("phoneprovider", "twilio");
    let verdict = libraries.ask(json!({
        "do": "flux-health",
        "objects": [provider],
        "kustomization": kustomization(),
    }));
    assert_eq!(verdict[0]["kstatus"], "Current", "{verdict:#}");
    assert_eq!(verdict[0]["status"], "Failed", "{verdict:#}");

    // Where the object blocks such a change, nothing is applied, and the answer says what to do.
    let blocking = quickstart().replace(before, &format!("  onBreakingChange: Block\n{before}"));
    let mended = libraries.ask(apply(&rig, &blocking));
    // What the provider mends is stuck until the operator has looked again: Flux may see that first.
    let failure = mended["failure"].as_str().unwrap();
    let late = ["MfaPhoneFactor", "PasswordlessConnection"].map(|it| failure.contains(it));
    assert!(failure.is_empty() || late.contains(&true), "{mended:#}");
    rig.all_ready(4).await;
    let again = libraries.ask(apply(&rig, &blocking));
    assert_eq!(again["failure"], "", "{again:#}");
    let off = blocking.replace(before, &format!("  enabled: false\n{before}"));
    let refused = libraries.try_ask(apply(&rig, &off)).unwrap_err();
    assert!(
        refused.contains("dialtone.dev/acknowledge-breaking: "),
        "{refused}"
    );
}
