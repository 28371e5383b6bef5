//! Tenants that are missing, suspended or claimed twice, and requests for a pass.

use serde_json::json;

use crate::rig::{Rig, condition};
use crate::support::{ControlPlane, wait_until};

#[tokio::test]
async fn objects_wait_for_their_tenant_and_recover_when_it_comes() {
    let rig = Rig::new(ControlPlane::shared(), "missing").await;
    let _operator = rig.operator("one", &[]);
    rig.kubectl(&["apply", "-f", "examples/quickstart/phone.yaml"])
        .ok();
    let waits = ("Ready", "False", "TenantNotFound");
    rig.condition("phoneprovider", "twilio", waits).await;
    rig.condition("passwordlessconnection", "sms", waits).await;
    rig.kubectl(&["apply", "-f", "examples/quickstart/tenant.yaml"])
        .ok();
    rig.all_ready(4).await;
}

#[tokio::test]
async fn a_suspended_tenant_is_left_alone_until_it_is_not() {
    let rig = Rig::new(ControlPlane::shared(), "suspended").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.patch("auth0tenant", "acme", &json!({"spec": {"suspend": true}}))
        .ok();
    wait_until("the tenant to say that it is suspended", async || {
        let tenant = rig.object("auth0tenant", "acme");
        let ready = condition(&tenant, "Ready");
        if ready["reason"] == "Suspended" {
            Ok(())
        } else {
            Err(ready)
        }
    })
    .await;
    rig.simulator.forget_calls().await;
    let off = json!({"spec": {"otp": {"length": 7}}});
    rig.patch("passwordlessconnection", "sms", &off).ok();
    wait_until("the connection to say that it is suspended", async || {
        let ready = condition(&rig.object("passwordlessconnection", "sms"), "Ready");
        if ready["reason"] == "Suspended" {
            Ok(())
        } else {
            Err(ready)
        }
    })
    .await;
    assert_eq!(rig.simulator.calls().await, Vec::<String>::new());
    rig.patch("auth0tenant", "acme", &json!({"spec": {"suspend": false}}))
        .ok();
    rig.condition(
        "passwordlessconnection",
        "sms",
        ("Ready", "True", "Succeeded"),
    )
    .await;
}

#[tokio::test]
async fn of_two_objects_for_one_thing_the_older_has_it_and_the_other_takes_over_after_it() {
    let rig = Rig::new(ControlPlane::shared(), "conflict").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let second = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "MfaPhoneFactor",
        "metadata": {"name": "another"},
        "spec": {"tenantRef": {"name": "acme"}, "messageTypes": ["SMS"]},
    });
    rig.apply(&second.to_string()).ok();
    let conflict = ("Ready", "False", "Conflict");
    rig.condition("mfaphonefactor", "another", conflict).await;
    rig.kubectl(&["delete", "mfaphonefactor", "phone"]).ok();
    let ready = ("Ready", "True", "Succeeded");
    rig.condition("mfaphonefactor", "another", ready).await;
}

#[tokio::test]
async fn of_two_tenants_with_one_domain_the_older_is_worked_for() {
    let rig = Rig::new(ControlPlane::shared(), "twins").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let mut twin = rig.object("auth0tenant", "acme");
    twin["metadata"] = json!({"name": "twin"});
    twin["status"] = json!(null);
    rig.apply(&twin.to_string()).ok();
    rig.condition("auth0tenant", "twin", ("Ready", "False", "Conflict"))
        .await;
    let other = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "MfaPhoneFactor",
        "metadata": {"name": "another"},
        "spec": {"tenantRef": {"name": "twin"}},
    });
    rig.apply(&other.to_string()).ok();
    rig.condition(
        "mfaphonefactor",
        "another",
        ("Ready", "False", "TenantNotReady"),
    )
    .await;
    rig.kubectl(&["delete", "auth0tenant", "acme"]).ok();
    rig.condition("auth0tenant", "twin", ("Ready", "True", "Succeeded"))
        .await;
}

#[tokio::test]
async fn reconcile_now_is_heard_by_either_name_and_acknowledged() {
    let rig = Rig::new(ControlPlane::shared(), "requests").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.look("2026-01-01T00:00:00Z").await;
    rig.simulator.forget_calls().await;
    let flux = json!({"metadata": {"annotations": {
        "reconcile.fluxcd.io/requestedAt": "2026-01-02T00:00:00Z",
    }}});
    rig.patch("phoneprovider", "twilio", &flux).ok();
    wait_until("the provider to acknowledge", async || {
        let status = rig.object("phoneprovider", "twilio")["status"].clone();
        if status["lastHandledReconcileAt"] == "2026-01-02T00:00:00Z" {
            Ok(())
        } else {
            Err(status)
        }
    })
    .await;
    let calls = rig.simulator.calls().await;
    assert!(!calls.is_empty(), "a request reads the tenant anew");
    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_namespace_is_let_in_by_its_labels_and_not_before() {
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "owner").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let selector = json!({"spec": {"allowedNamespaces": {
        "from": "Selector",
        "selector": {"matchLabels": {"phone": "yes"}},
    }}});
    rig.patch("auth0tenant", "acme", &selector).ok();
    rig.kubectl(&["delete", "mfaphonefactor", "phone"]).ok();
    let guest = plane.namespace("guest").await;
    let factor = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "MfaPhoneFactor",
        "metadata": {"name": "guest", "namespace": guest},
        "spec": {"tenantRef": {"name": "acme", "namespace": rig.namespace}},
    });
    plane
        .kubectl_reading(&["apply", "-f", "-"], &factor.to_string())
        .ok();
    let reason = async |wanted: &str| {
        wait_until(&format!("the guest to be {wanted}"), async || {
            let get = ["get", "mfaphonefactor", "guest", "-n", &guest, "-o", "json"];
            let object = serde_json::from_str(&plane.kubectl(&get).ok()).unwrap();
            let ready = condition(&object, "Ready");
            if ready["reason"] == wanted {
                Ok(())
            } else {
                Err(ready)
            }
        })
        .await;
    };
    reason("NamespaceNotAllowed").await;
    plane
        .kubectl(&["label", "namespace", &guest, "phone=yes"])
        .ok();
    reason("Succeeded").await;
    plane
        .kubectl(&["label", "namespace", &guest, "phone-"])
        .ok();
    reason("NamespaceNotAllowed").await;
}
