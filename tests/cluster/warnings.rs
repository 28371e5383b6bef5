//! What `kubectl` says while a change is applied.

use serde_json::json;

use crate::rig::Rig;
use crate::support::ControlPlane;

#[tokio::test]
async fn a_change_that_breaks_sign_in_is_warned_of_or_refused() {
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "warnings").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let warning = |patch: &serde_json::Value| {
        let output = rig.kubectl(&[
            "patch",
            "phoneprovider",
            "twilio",
            "--type=merge",
            "--dry-run=server",
            "-p",
            &patch.to_string(),
        ]);
        assert!(output.success, "{}", output.stderr);
        without_ids(&output.stderr)
    };
    let off = json!({"spec": {"enabled": false}});
    insta::assert_snapshot!("disabled", warning(&off));
    insta::assert_snapshot!(
        "narrowed",
        warning(&json!({"spec": {"deliveryMethods": ["Text"]}}))
    );
    assert_eq!(
        warning(&json!({"spec": {"deliveryMethods": ["Voice", "Text"]}})),
        ""
    );
    assert_eq!(warning(&json!({"spec": {"adopt": "Require"}})), "");
    // The operator withholds a switch until the Action is deployed and bound: nothing breaks.
    let sender =
        |name: &str| json!({"spec": {"twilio": null, "custom": {"actionRef": {"name": name}}}});
    assert_eq!(warning(&sender("sender")), "");
    // An object whose deletion leaves Auth0 as it is breaks nothing.
    let delete = ["delete", "phoneprovider", "twilio", "--dry-run=server"];
    assert_eq!(rig.kubectl(&delete).stderr, "");
    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"deletionPolicy": "Delete"}}),
    )
    .ok();
    insta::assert_snapshot!("deleted", without_ids(&rig.kubectl(&delete).stderr));

    rig.patch(
        "phoneprovider",
        "twilio",
        &json!({"spec": {"onBreakingChange": "Block"}}),
    )
    .ok();
    let refused = rig.patch("phoneprovider", "twilio", &off).refused();
    insta::assert_snapshot!("blocked", without_ids(&refused));
    rig.kubectl(&delete).refused();
    let twilio = rig.object("phoneprovider", "twilio")["spec"]["twilio"].clone();
    rig.patch("phoneprovider", "twilio", &sender("sender")).ok();
    let waits = ("Ready", "False", "ActionNotFound");
    let waiting = rig.condition("phoneprovider", "twilio", waits).await;
    let flows =
        |object: &serde_json::Value| object["status"]["dependents"].as_array().map(Vec::len);
    assert_eq!(flows(&waiting), Some(5), "{waiting:#}");
    assert_eq!(
        rig.simulator.tenant().await["providers"]["provider"]["name"],
        "twilio"
    );
    assert_eq!(warning(&sender("another")), "");
    let back = json!({"spec": {"custom": null, "twilio": twilio}});
    assert_eq!(warning(&back), "");
    rig.patch("phoneprovider", "twilio", &back).ok();
    let ready = ("Ready", "True", "Succeeded");
    rig.condition("phoneprovider", "twilio", ready).await;
    let acknowledged = json!({
        "metadata": {"annotations": {"dialtone.dev/acknowledge-breaking": "mfa, passwordless/sms"}},
        "spec": {"enabled": false},
    });
    let warned = rig.patch("phoneprovider", "twilio", &acknowledged);
    assert!(warned.stderr.contains("Warning:"), "{}", warned.stderr);
    warned.ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    // It is off already: what is done to it now breaks nothing more.
    assert_eq!(warning(&json!({"spec": {"deliveryMethods": ["Text"]}})), "");
}

#[tokio::test]
async fn applying_the_disabled_example_prints_the_warning() {
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "disabled").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let text = std::fs::read_to_string("examples/quickstart/phone.yaml").unwrap();
    let off = text.replace("  deliveryMethods:", "  enabled: false\n  deliveryMethods:");
    let output = rig.apply(&off);
    assert!(output.stderr.contains("Warning:"), "{}", output.stderr);
    output.ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let missing = ("ProviderReady", "False", "PhoneProviderDisabled");
    rig.condition("mfaphonefactor", "phone", missing).await;
    rig.condition("passwordlessconnection", "sms", missing)
        .await;
}

/// Client ids are made anew by each simulated tenant, and order flows.
fn without_ids(text: &str) -> String {
    let pattern = regex::Regex::new("sign-in to [a-z]+ \\([A-Za-z0-9]{32}\\)").unwrap();
    let named = pattern.replace_all(text, |_: &regex::Captures<'_>| "sign-in to NAME (ID)");
    let ids = regex::Regex::new("[A-Za-z0-9]{32}").unwrap();
    ids.replace_all(&named, "ID").into_owned()
}
