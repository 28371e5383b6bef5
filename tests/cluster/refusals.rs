//! What is refused to one object, or taken from it, and what that means for the others.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};

const READS: &str = "read:actions read:attack_protection read:client_summary read:clients read:connections read:connections_options read:guardian_factors read:mfa_policies read:phone_providers read:phone_templates read:tenant_settings";

#[tokio::test]
async fn a_secret_that_is_deleted_is_noticed_at_once() {
    let rig = Rig::new(ControlPlane::shared(), "gone-secret").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.kubectl(&["delete", "secret", "twilio"]).ok();
    rig.condition(
        "phoneprovider",
        "twilio",
        ("Ready", "False", "SecretNotFound"),
    )
    .await;
    rig.apply_example("quickstart").ok();
    rig.all_ready(4).await;
}

#[tokio::test]
async fn a_secret_of_a_name_that_none_can_have_is_refused() {
    let rig = Rig::new(ControlPlane::shared(), "bad-name").await;
    let text = std::fs::read_to_string("examples/quickstart/phone.yaml").unwrap();
    for name in [
        "..",
        "a b",
        "?limit=500",
        "../../default/secrets/x",
        "Upper",
    ] {
        let bad = text.replace("{name: twilio, key", &format!("{{name: \"{name}\", key"));
        let stderr = rig.apply(&bad).refused();
        assert!(
            stderr.contains("authTokenSecretRef.name"),
            "{name}: {stderr}"
        );
    }
}

/// The status of one kind cannot be written: what has to be recorded there first is not done, and
/// nothing else waits for it.
#[tokio::test]
async fn what_cannot_be_recorded_first_is_not_done_and_keeps_nobody_waiting() {
    let rig = Rig::new(ControlPlane::shared(), "unrecorded").await;
    let whole = rig.object("role", "dialtone")["rules"].to_string();
    let narrow = whole.replace("\"phonetemplates/status\"", "\"nothing/status\"");
    assert_ne!(whole, narrow);
    let grant = |rules: &str| {
        let rules: Value = serde_json::from_str(rules).unwrap();
        rig.patch("role", "dialtone", &json!({"rules": rules})).ok();
    };
    grant(&narrow);
    let _operator = rig.operator("one", &[]);
    rig.apply_example("quickstart").ok();
    rig.apply(TEMPLATE).ok();
    let ready = ("Ready", "True", "Succeeded");
    // What comes after the template in the order of writes.
    for (kind, name) in [
        ("mfaphonefactor", "phone"),
        ("passwordlessconnection", "sms"),
    ] {
        rig.condition(kind, name, ready).await;
    }
    let created = |writes: &[String]| writes.iter().any(|it| it.contains("/phone/templates"));
    let writes = rig.simulator.writes().await;
    assert!(!created(&writes), "{writes:#?}");
    grant(&whole);
    rig.condition("phonetemplate", "code", ready).await;
    assert!(created(&rig.simulator.writes().await));
}

const TEMPLATE: &str = "
apiVersion: dialtone.dev/v1alpha1
kind: PhoneTemplate
metadata: {name: code}
spec:
  tenantRef: {name: acme}
  type: OtpVerify
  text: \"{{ code }} is your code\"
";

#[tokio::test]
async fn a_removal_that_auth0_refuses_is_given_up_after_the_grace_period() {
    let rig = Rig::new(ControlPlane::shared(), "refused").await;
    let _operator = rig.operator("one", &["--deletion-grace-period", "3s"]);
    rig.quickstart().await;
    let policy = json!({"spec": {"deletionPolicy": "Delete"}});
    rig.patch("passwordlessconnection", "sms", &policy).ok();
    held(&rig, &json!(["dialtone.dev/finalizer"])).await;
    // What tokens may do now, those that were given before included: read.
    let scopes: Vec<&str> = READS.split(' ').collect();
    let scopes = json!({"scopes": scopes, "givenToo": true});
    rig.simulator
        .send(reqwest::Method::PUT, "/_sim/scopes", &scopes)
        .await;
    rig.kubectl(&["delete", "passwordlessconnection", "sms", "--timeout=30s"])
        .ok();
    let events = rig.events("sms");
    let told = |event: &String| event.starts_with("Orphaned: what it set up is left in Auth0");
    assert!(events.iter().any(told), "{events:#?}");
}

#[tokio::test]
async fn changing_to_orphan_lets_go_although_the_tenant_is_missing() {
    let rig = Rig::new(ControlPlane::shared(), "to-orphan").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let policy = |policy: &str| json!({"spec": {"deletionPolicy": policy}});
    rig.patch("passwordlessconnection", "sms", &policy("Delete"))
        .ok();
    held(&rig, &json!(["dialtone.dev/finalizer"])).await;
    rig.kubectl(&["delete", "auth0tenant", "acme"]).ok();
    rig.kubectl(&["delete", "passwordlessconnection", "sms", "--wait=false"])
        .ok();
    rig.patch("passwordlessconnection", "sms", &policy("Orphan"))
        .ok();
    wait_until("the object to go", async || {
        let found = rig.kubectl(&["get", "passwordlessconnection", "sms"]);
        if found.stderr.contains("NotFound") {
            Ok(())
        } else {
            Err(found.stdout)
        }
    })
    .await;
    let events = rig.events("sms");
    assert!(
        !events.iter().any(|event| event.starts_with("Orphaned")),
        "{events:#?}"
    );
}

async fn held(rig: &Rig<'_>, wanted: &Value) {
    wait_until("the connection to hold its finalizer", async || {
        let object = rig.object("passwordlessconnection", "sms");
        let found = object["metadata"]["finalizers"].clone();
        if found == *wanted { Ok(()) } else { Err(found) }
    })
    .await;
}
