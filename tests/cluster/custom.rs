//! A custom provider in a cluster: its Action before it, and nobody else waits for the build.

use serde_json::json;

use crate::rig::Rig;
use crate::simulator::Simulator;
use crate::support::ControlPlane;

#[tokio::test]
async fn a_build_that_takes_a_while_keeps_no_other_tenant_waiting() {
    let rig = Rig::new(ControlPlane::shared(), "custom").await;
    let other = Simulator::with(&["--client", "web", "--client", "ios", "--client", "android"]);
    let pace = json!({"build": 9, "deploy": 1});
    rig.simulator
        .send(reqwest::Method::PUT, "/_sim/builds", &pace)
        .await;
    // One pass at a time: a pass that waited for the build would keep the other tenant waiting.
    let flags = ["--concurrent", "1"];
    let _operator = rig.operator_for_all("one", &flags, None);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let at = |text: String, url: &str| {
        text.replace(
            "  credentials:",
            &format!("  endpoint: {url}\n  credentials:"),
        )
    };
    let slow = at(
        read("examples/custom-provider/tenant.yaml"),
        rig.simulator.url(),
    );
    rig.apply(&slow).ok();
    rig.apply(&read("examples/custom-provider/provider.yaml"))
        .ok();
    let building = ("ActionDeployed", "False", "ActionBuilding");
    rig.condition("phoneprovider", "gateway", building).await;

    let quick = at(read("examples/quickstart/tenant.yaml"), other.url());
    let quick = quick
        .replace("acme", "other")
        .replace("auth0-management", "other-management");
    let phone = read("examples/quickstart/phone.yaml").replace("name: acme", "name: other");
    rig.apply(&quick).ok();
    rig.apply(&phone).ok();
    let ready = ("Ready", "True", "Succeeded");
    rig.condition("phoneprovider", "twilio", ready).await;
    rig.condition("phoneprovider", "gateway", ready).await;
    let deployed = ("ActionDeployed", "True", "Succeeded");
    let object = rig.condition("phoneprovider", "gateway", deployed).await;
    let tenant = rig.simulator.tenant().await;
    let action = &tenant["actions"]["all"][0];
    assert_eq!(action["id"], object["status"]["action"]["id"]);
    assert_eq!(action["versions"].as_array().map(Vec::len), Some(1));
    assert_eq!(tenant["providers"]["provider"]["name"], "custom");
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn new_code_and_new_secrets_are_deployed_and_a_mistake_is_not() {
    let rig = Rig::new(ControlPlane::shared(), "custom-change").await;
    let _operator = rig.operator("one", &[]);
    rig.apply_example("custom-provider-per-flow").ok();
    rig.all_ready(2).await;
    let versions = async || {
        let tenant = rig.simulator.tenant().await;
        let all = tenant["actions"]["all"][0]["versions"]
            .as_array()
            .unwrap()
            .clone();
        all.len()
    };
    assert_eq!(versions().await, 1);
    let secret = json!({"stringData": {"token": "another-token"}});
    rig.patch("secret", "per-flow", &secret).ok();
    crate::support::wait_until("the new secret to be deployed", async || {
        let count = versions().await;
        if count == 2 { Ok(()) } else { Err(count) }
    })
    .await;
    let broken = json!({"data": {"send.js": "exports.onExecuteCustomPhoneProvider = ;"}});
    rig.patch("configmap", "per-flow", &broken).ok();
    let invalid = ("ActionDeployed", "False", "ActionCodeInvalid");
    rig.condition("phoneprovider", "per-flow", invalid).await;
    assert_eq!(versions().await, 2);
    let working = "exports.onExecuteCustomPhoneProvider = async () => {};";
    let mended = json!({"data": {"send.js": working}});
    rig.patch("configmap", "per-flow", &mended).ok();
    rig.all_ready(2).await;
    assert_eq!(versions().await, 3);
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}
