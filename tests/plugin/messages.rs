//! Sending a test message.

use serde_json::{Value, json};

use crate::plugin::{begun, dialtone, dialtone_as};
use crate::rig::Rig;
use crate::rights::account;
use crate::support::ControlPlane;

const NUMBER: &str = "+15550123";

#[tokio::test]
async fn a_message_is_sent_once_and_its_number_shown_nowhere() {
    let rig = Rig::new(ControlPlane::shared(), "message").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let send = ["test-message", "phoneprovider/twilio", "--to", NUMBER, "-y"];
    let ran = dialtone(&rig, &send);
    assert!(!format!("{ran:?}").contains(NUMBER), "{ran:?}");
    let told = ran.ended(0);
    assert!(
        told.contains("+1*****23") && told.contains("Queued"),
        "{told}"
    );
    assert_eq!(outbox(&rig).await.len(), 1);
    let made = objects(&rig);
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["spec"]["ttlAfterFinished"], "1h");

    let number = format!("--from-literal=mine={NUMBER}");
    rig.kubectl(&["create", "secret", "generic", "phones", &number])
        .ok();
    let send = [
        "test-message",
        "phprov/twilio",
        "--to-secret",
        "phones/mine",
        "-y",
    ];
    let told = dialtone(&rig, &send).ended(0);
    assert!(told.contains("the number in Secret phones"), "{told}");
    assert_eq!(outbox(&rig).await.len(), 2);
    let hidden = rig
        .objects()
        .iter()
        .map(ToString::to_string)
        .collect::<String>();
    assert_eq!(hidden.matches(NUMBER).count(), 1, "{hidden}");
    for object in objects(&rig) {
        let name = object["metadata"]["name"].as_str().unwrap();
        rig.kubectl(&["delete", "phonetestmessage", name]).ok();
    }

    let nobody = ["test-message", "phoneprovider/twilio", "--to", NUMBER];
    let nobody = dialtone(&rig, &nobody).refused();
    assert!(nobody.contains("--yes"), "{nobody}");
    let factor = ["test-message", "mfaphonefactor/phone", "--to", NUMBER, "-y"];
    let factor = dialtone(&rig, &factor).refused();
    assert!(factor.contains("sends nothing"), "{factor}");
    assert_eq!(objects(&rig).len(), 0);
}

#[tokio::test]
async fn a_message_that_cannot_be_sent_is_told_why_and_taken_back() {
    let rig = Rig::new(ControlPlane::shared(), "unsent").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"enabled": false}}),
    )
    .ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let send = [
        "test-message",
        "phoneprovider/twilio",
        "--to",
        NUMBER,
        "-y",
        "-o",
        "json",
    ];
    let told = dialtone(&rig, &send).ended(1);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["queued"], false);
    let message = told["message"].as_str().unwrap();
    assert!(message.starts_with("PhoneProviderDisabled"), "{message}");
    assert!(
        message.ends_with("it was not sent, and is taken back"),
        "{message}"
    );
    assert_eq!(objects(&rig), Vec::<Value>::new());
    // Nothing is sent once the provider is back, when nobody expects it any more.
    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"enabled": true}}),
    )
    .ok();
    rig.all_ready(4).await;
    assert_eq!(outbox(&rig).await, Vec::<Value>::new());
}

/// No operator runs: the message waits for one that comes later.
#[tokio::test]
async fn a_message_that_is_no_longer_waited_for_is_taken_back() {
    let rig = Rig::new(ControlPlane::shared(), "ended").await;
    rig.kubectl(&["apply", "-f", "examples/quickstart"]).ok();
    let send = [
        "dialtone",
        "test-message",
        "phoneprovider/twilio",
        "--to",
        NUMBER,
        "-y",
        "--timeout",
        "10m",
        "-n",
        &rig.namespace,
    ];
    let run = begun(&rig.plane.admin_kubeconfig(), &send);
    while objects(&rig).is_empty() {
        tokio::task::yield_now().await;
    }
    run.interrupt();
    let told = run.end().ended(1);
    assert!(
        told.contains("the command was ended; it was not sent"),
        "{told}"
    );
    assert_eq!(objects(&rig), Vec::<Value>::new());
}

/// Who may make a message and take it back, but not look at it, does not learn what becomes of it.
#[tokio::test]
async fn a_message_that_may_not_be_looked_at_is_taken_back() {
    let rig = Rig::new(ControlPlane::shared(), "blind").await;
    rig.kubectl(&["apply", "-f", "examples/quickstart"]).ok();
    let blind = account(&rig, &rig.namespace, "blind", &["create", "delete"]);
    let see = [
        "create",
        "role",
        "see",
        "--verb=get",
        "--resource=phoneproviders.dialtone.dev",
    ];
    rig.kubectl(&see).ok();
    let who = format!("--serviceaccount={}:blind", rig.namespace);
    rig.kubectl(&["create", "rolebinding", "see", "--role=see", &who])
        .ok();
    let send = ["test-message", "phprov/twilio", "--to", NUMBER, "-y"];
    let told = dialtone_as(&rig, &blind, &send).ended(1);
    assert!(
        told.contains("is forbidden") && told.contains("it was not sent, and is taken back"),
        "{told}"
    );
    assert_eq!(objects(&rig), Vec::<Value>::new());
}

#[tokio::test]
async fn a_template_is_tried_by_what_it_says() {
    let rig = Rig::new(ControlPlane::shared(), "template").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let template = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PhoneTemplate",
        "metadata": {"name": "codes"},
        "spec": {"tenantRef": {"name": "acme"}, "type": "OtpVerify", "text": "Say {{ code }} to us"},
    });
    rig.apply(&template.to_string()).ok();
    rig.all_ready(5).await;
    let send = ["test-message", "phonetemplate/codes", "--to", NUMBER, "-y"];
    dialtone(&rig, &send).ended(0);
    let outbox = outbox(&rig).await;
    assert_eq!(outbox.len(), 1);
    assert!(outbox[0].to_string().contains("to us"), "{outbox:#?}");
}

/// What the simulated tenant would have sent.
async fn outbox(rig: &Rig<'_>) -> Vec<Value> {
    let outbox = rig.simulator.get("/_sim/outbox").await;
    outbox.as_array().unwrap().clone()
}

fn objects(rig: &Rig<'_>) -> Vec<Value> {
    let mut all = rig.objects();
    all.retain(|object| object["kind"] == "PhoneTestMessage");
    all
}
