//! Test messages: sent once, whatever becomes of the operator.

use serde_json::{Value, json};

use crate::rig::{Rig, condition};
use crate::support::{ControlPlane, wait_until};

const TRY: &str = "/api/v2/branding/phone/providers/*/try";

/// The messages that the tenant was asked to send.
async fn sent(rig: &Rig<'_>) -> usize {
    let outbox = rig.simulator.get("/_sim/outbox").await;
    outbox.as_array().unwrap().len()
}

fn spec(rig: &Rig<'_>, spec: &Value) {
    rig.patch("phonetestmessage", "first", &json!({"spec": spec}))
        .ok();
}

#[tokio::test]
async fn a_message_is_sent_once_and_again_for_another_nonce() {
    let rig = Rig::new(ControlPlane::shared(), "message").await;
    let mut first = rig.operator("one", &[]);
    rig.apply_example("test-message").ok();
    let queued = ("Ready", "True", "Queued");
    let object = rig.condition("phonetestmessage", "first", queued).await;
    assert_eq!(object["status"]["recipient"], "+1*****23");
    assert_eq!(object["status"]["attempt"]["state"], "Queued");
    let table = rig.kubectl(&["get", "phonetestmessages"]).ok();
    for word in ["READY", "RECIPIENT", "STATE", "True", "+1*****23", "Queued"] {
        assert!(table.contains(word), "{table}");
    }
    rig.look("again").await;
    // Another process, and somebody else's change.
    first.signal("TERM");
    assert_eq!(first.ended().await.code(), Some(0));
    let operator = rig.operator("two", &[]);
    rig.led_by("two").await;
    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"enabled": false}}),
    )
    .ok();
    rig.look("disabled").await;
    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"enabled": true}}),
    )
    .ok();
    rig.look("enabled").await;
    assert_eq!(sent(&rig).await, 1);
    spec(&rig, &json!({"nonce": "2"}));
    rig.condition("phonetestmessage", "first", queued).await;
    assert_eq!(sent(&rig).await, 2);
    assert!(!operator.log().contains("+15550123"), "{}", operator.log());
    let events = rig.events("first").join("\n");
    assert!(
        events.contains("+1*****23") && !events.contains("+15550123"),
        "{events}"
    );
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn killed_while_it_sends_it_does_not_send_again() {
    for applied in [true, false] {
        let rig = Rig::new(ControlPlane::shared(), "message-crash").await;
        let fault = json!({"kind": "timeout", "applied": applied});
        rig.simulator.fault("POST", TRY, &fault).await;
        let mut first = rig.operator("one", &[]);
        rig.apply_example("test-message").ok();
        rig.simulator.struck("timeout").await;
        first.kill();
        rig.simulator.heal().await;
        let _second = rig.operator("two", &["--lease-name", "second"]);
        let unknown = ("Stalled", "True", "DeliveryUnknown");
        rig.condition("phonetestmessage", "first", unknown).await;
        rig.look("settled").await;
        assert_eq!(sent(&rig).await, usize::from(applied));
        spec(&rig, &json!({"nonce": "2"}));
        let queued = ("Ready", "True", "Queued");
        rig.condition("phonetestmessage", "first", queued).await;
        assert_eq!(sent(&rig).await, 1 + usize::from(applied));
    }
}

#[tokio::test]
async fn a_message_waits_and_goes_when_its_time_is_over() {
    let rig = Rig::new(ControlPlane::shared(), "message-waits").await;
    let _operator = rig.operator("one", &[]);
    rig.apply_example("test-message").ok();
    let queued = ("Ready", "True", "Queued");
    rig.condition("phonetestmessage", "first", queued).await;
    spec(
        &rig,
        &json!({"deliveryMethod": "Voice", "ttlAfterFinished": "1s"}),
    );
    let waits = ("Ready", "False", "DeliveryMethodMissing");
    let object = rig.condition("phonetestmessage", "first", waits).await;
    // What was sent is another generation's.
    assert_eq!(object["status"]["attempt"]["generation"], 1, "{object:#}");
    assert_eq!(condition(&object, "Stalled")["status"], "True");
    assert_eq!(sent(&rig).await, 1);
    let both = json!({"spec": {"deliveryMethods": ["Text", "Voice"]}});
    rig.patch("phoneprovider", "twilio", &both).ok();
    wait_until("the message to be deleted", async || {
        let left = rig
            .kubectl(&["get", "phonetestmessages", "-o", "name"])
            .ok();
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
    assert_eq!(sent(&rig).await, 2);
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}
