//! Finalizers, and what is left of an object that is gone.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};

const DELETE: &str = "Delete";

#[tokio::test]
async fn only_what_is_to_be_deleted_holds_a_finalizer() {
    let rig = Rig::new(ControlPlane::shared(), "finalizer").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    for object in rig.objects() {
        assert_eq!(object["metadata"]["finalizers"], Value::Null, "{object:#}");
    }
    set_policy(&rig, "passwordlessconnection", "sms", DELETE);
    finalizers(
        &rig,
        "passwordlessconnection",
        "sms",
        &json!(["dialtone.dev/finalizer"]),
    )
    .await;
    set_policy(&rig, "passwordlessconnection", "sms", "Orphan");
    finalizers(&rig, "passwordlessconnection", "sms", &Value::Null).await;
}

#[tokio::test]
async fn a_deleted_object_takes_what_it_set_up_along_or_leaves_it() {
    let rig = Rig::new(ControlPlane::shared(), "delete").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.kubectl(&["delete", "mfaphonefactor", "phone", "--timeout=10s"])
        .ok();
    rig.look("orphaned").await;
    let held = json!(["dialtone.dev/finalizer"]);
    set_policy(&rig, "passwordlessconnection", "sms", DELETE);
    finalizers(&rig, "passwordlessconnection", "sms", &held).await;
    rig.simulator.forget_calls().await;
    rig.kubectl(&["delete", "passwordlessconnection", "sms", "--timeout=20s"])
        .ok();
    let writes = rig.simulator.writes().await;
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(
        writes[0].starts_with("DELETE /api/v2/connections/"),
        "{writes:?}"
    );
}

#[tokio::test]
async fn a_deletion_without_its_tenant_is_given_up_after_the_grace_period() {
    let rig = Rig::new(ControlPlane::shared(), "give-up").await;
    let _operator = rig.operator("one", &["--deletion-grace-period", "3s"]);
    rig.quickstart().await;
    set_policy(&rig, "passwordlessconnection", "sms", DELETE);
    let held = json!(["dialtone.dev/finalizer"]);
    finalizers(&rig, "passwordlessconnection", "sms", &held).await;
    rig.kubectl(&["delete", "auth0tenant", "acme"]).ok();
    rig.condition(
        "mfaphonefactor",
        "phone",
        ("Ready", "False", "TenantNotFound"),
    )
    .await;
    rig.kubectl(&["delete", "passwordlessconnection", "sms", "--timeout=20s"])
        .ok();
    let events = rig.events("sms");
    let told = "Orphaned: what it set up is left in Auth0: there is no Auth0Tenant";
    assert!(
        events.iter().any(|event| event.starts_with(told)),
        "{events:#?}"
    );
    // The tenant comes back: the others recover by themselves.
    rig.apply_example("quickstart").ok();
    rig.all_ready(4).await;
}

#[tokio::test]
async fn a_namespace_that_is_deleted_goes_with_all_its_objects() {
    let plane = &ControlPlane::dedicated().await;
    plane.controller_manager();
    let rig = Rig::alone(plane, "namespace").await;
    let _operator = rig.operator("one", &["--deletion-grace-period", "5s"]);
    rig.quickstart().await;
    let held = json!(["dialtone.dev/finalizer"]);
    for (kind, name) in [
        ("passwordlessconnection", "sms"),
        ("phoneprovider", "twilio"),
    ] {
        set_policy(&rig, kind, name, DELETE);
        finalizers(&rig, kind, name, &held).await;
    }
    plane
        .kubectl(&["delete", "namespace", &rig.namespace, "--wait=false"])
        .ok();
    wait_until("the namespace to go", async || {
        let found = plane.kubectl(&["get", "namespace", &rig.namespace, "-o", "yaml"]);
        if found.stderr.contains("NotFound") {
            return Ok(());
        }
        Err(found.stdout + &found.stderr)
    })
    .await;
}

fn set_policy(rig: &Rig<'_>, kind: &str, name: &str, policy: &str) {
    let patch = json!({"spec": {"deletionPolicy": policy}});
    rig.patch(kind, name, &patch).ok();
}

async fn finalizers(rig: &Rig<'_>, kind: &str, name: &str, wanted: &Value) {
    wait_until(
        &format!("{kind} {name} to have finalizers {wanted}"),
        async || {
            let found = rig.object(kind, name)["metadata"]["finalizers"].clone();
            if found == *wanted { Ok(()) } else { Err(found) }
        },
    )
    .await;
}
