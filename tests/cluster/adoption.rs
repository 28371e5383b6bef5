//! What existed in the tenant before its object.

use serde_json::json;

use crate::rig::Rig;
use crate::support::ControlPlane;

const PROVIDERS: &str = "/api/v2/branding/phone/providers";

fn by_hand() -> serde_json::Value {
    json!({
        "name": "twilio",
        "disabled": false,
        "configuration": {
            "sid": "AC00000000000000000000000000000000",
            "default_from": "+15550100",
            "delivery_methods": ["text"],
        },
        "credentials": {"auth_token": "set-by-hand"},
    })
}

#[tokio::test]
async fn what_is_taken_over_is_told_with_how_it_was() {
    let rig = Rig::new(ControlPlane::shared(), "adopt").await;
    rig.simulator.admin("POST", PROVIDERS, &by_hand()).await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let events = rig.events("twilio");
    let told = "Adopted: took over: update phone provider; before: \
                configuration.delivery_methods was text";
    assert!(
        events.iter().any(|event| event.starts_with(told)),
        "{events:#?}"
    );
    assert!(
        !events.iter().any(|event| event.contains("+15550100")),
        "{events:#?}"
    );
}

#[tokio::test]
async fn what_may_not_be_taken_over_is_left_and_told() {
    let rig = Rig::new(ControlPlane::shared(), "refuse").await;
    rig.simulator.admin("POST", PROVIDERS, &by_hand()).await;
    let _operator = rig.operator("one", &[]);
    let text = std::fs::read_to_string("examples/quickstart/phone.yaml").unwrap();
    let refusing = text.replace("  deliveryMethods:", "  adopt: Never\n  deliveryMethods:");
    rig.kubectl(&["apply", "-f", "examples/quickstart/tenant.yaml"])
        .ok();
    rig.apply(&refusing).ok();
    let refused = ("Ready", "False", "AdoptionRefused");
    rig.condition("phoneprovider", "twilio", refused).await;
    let found = rig.simulator.admin("GET", PROVIDERS, &json!(null)).await;
    let methods = &found["providers"][0]["configuration"]["delivery_methods"];
    assert_eq!(*methods, json!(["text"]), "{found:#}");
    let patch = json!({"spec": {"adopt": "IfExists"}});
    rig.patch("phoneprovider", "twilio", &patch).ok();
    rig.all_ready(4).await;
}
