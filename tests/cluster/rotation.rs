//! Credentials that change.

use serde_json::json;

use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};

#[tokio::test]
async fn a_new_twilio_token_is_written_at_once_and_nothing_else() {
    let rig = Rig::new(ControlPlane::shared(), "rotation").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let before = fingerprint(&rig);
    rig.simulator.forget_calls().await;
    rig.patch(
        "secret",
        "twilio",
        &json!({"stringData": {"authToken": "rotated"}}),
    )
    .ok();
    wait_until("the fingerprint to change", async || {
        let now = fingerprint(&rig);
        if now == before { Err(now) } else { Ok(()) }
    })
    .await;
    let writes = rig.simulator.writes().await;
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(
        writes[0].starts_with("PATCH /api/v2/branding/phone/providers/"),
        "{writes:?}"
    );
}

#[tokio::test]
async fn a_secret_that_lost_its_key_leaves_the_tenant_alone_and_is_told() {
    let rig = Rig::new(ControlPlane::shared(), "lost-key").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.simulator.forget_calls().await;
    rig.patch("secret", "twilio", &json!({"data": {"authToken": null}}))
        .ok();
    let missing = ("Ready", "False", "SecretKeyMissing");
    rig.condition("phoneprovider", "twilio", missing).await;
    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    rig.patch(
        "secret",
        "twilio",
        &json!({"stringData": {"authToken": "back"}}),
    )
    .ok();
    rig.condition("phoneprovider", "twilio", ("Ready", "True", "Succeeded"))
        .await;
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_and_the_right_one_is_used_at_once() {
    let rig = Rig::new(ControlPlane::shared(), "client-secret").await;
    let accepted = json!({"clients": [{
        "clientId": "example-client-id",
        "clientSecret": "example-client-secret",
    }]});
    let credentials = "/_sim/credentials";
    rig.simulator
        .send(reqwest::Method::PUT, credentials, &accepted)
        .await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let secret = |value: &str| json!({"stringData": {"clientSecret": value}});
    rig.patch("secret", "auth0-management", &secret("wrong"))
        .ok();
    let refused = ("Ready", "False", "AuthenticationFailed");
    rig.condition("auth0tenant", "acme", refused).await;
    rig.condition(
        "mfaphonefactor",
        "phone",
        ("Ready", "False", "TenantNotReady"),
    )
    .await;
    rig.patch(
        "secret",
        "auth0-management",
        &secret("example-client-secret"),
    )
    .ok();
    rig.all_ready(4).await;
}

fn fingerprint(rig: &Rig<'_>) -> String {
    let provider = rig.object("phoneprovider", "twilio");
    provider["status"]["credentialsFingerprint"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
