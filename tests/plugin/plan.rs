//! Plans from the objects of a cluster.

use serde_json::{Value, json};

use crate::plugin::{Ran, constant, dialtone};
use crate::rig::Rig;
use crate::support::ControlPlane;

/// Plans with the operator's memory, against the simulated tenant.
fn plan(rig: &Rig<'_>, arguments: &[&str]) -> Ran {
    let own = [
        "plan",
        "--endpoint",
        rig.simulator.url(),
        "--operator-namespace",
        &rig.home,
    ];
    dialtone(rig, &[&own, arguments].concat())
}

#[tokio::test]
async fn a_plan_shows_what_a_change_would_break_and_writes_nothing() {
    let rig = Rig::new(ControlPlane::shared(), "plan").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.look("settled").await;
    rig.simulator.forget_calls().await;
    let before = rig.objects();

    let nothing = plan(&rig, &[]);
    assert_eq!(nothing.stderr, "");
    let nothing = nothing.ended(0);
    assert!(
        nothing.contains("the tenant is as the objects say"),
        "{nothing}"
    );

    let unchanged = plan(&rig, &["-f", "examples/quickstart"]).ended(0);
    assert_eq!(unchanged, nothing);

    let pull_request = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string("examples/quickstart/phone.yaml").unwrap();
    let off = text.replace("  deliveryMethods:", "  enabled: false\n  deliveryMethods:");
    let provider = off.split("---").next().unwrap();
    std::fs::write(pull_request.path().join("phone.yaml"), provider).unwrap();
    let folder = pull_request.path().display().to_string();
    let broken = plan(&rig, &["-f", &folder]).ended(2);
    insta::assert_snapshot!("pull_request", by_application(&constant(&rig, &broken)));
    plan(&rig, &["-f", &folder, "--deny-hazards"]).ended(3);
    let document = plan(&rig, &["-f", &folder, "-o", "json"]).ended(2);
    let document: Value = serde_json::from_str(&document).unwrap();
    let hazards = document["tenants"][0]["hazards"].as_array().unwrap();
    assert_eq!(hazards.len(), 5, "{document:#}");

    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    assert_eq!(rig.objects(), before);
}

/// Applications come in the order of their ids, which each simulated tenant makes anew.
fn by_application(text: &str) -> String {
    let names = regex::Regex::new(r"sign-in to (web|ios|android) ").unwrap();
    names.replace_all(text, "sign-in to NAME ").into_owned()
}

#[tokio::test]
async fn drift_is_planned_and_manifests_that_do_not_fit_the_cluster_are_refused() {
    let rig = Rig::new(ControlPlane::shared(), "drifted").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let off = json!({"enabled": false});
    let factor = "/api/v2/guardian/factors/sms";
    rig.simulator.admin("PUT", factor, &off).await;
    let drift = plan(&rig, &["acme"]).ended(2);
    assert!(
        drift.contains("MfaPhoneFactor") && drift.contains(", drift)"),
        "{drift}"
    );

    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string("examples/quickstart/phone.yaml").unwrap();
    let moved = text.replace("{name: acme}", "{name: other}");
    std::fs::write(folder.path().join("phone.yaml"), moved).unwrap();
    let moved = plan(&rig, &["-f", &folder.path().display().to_string()]);
    let told = moved.stderr.as_str();
    assert!(told.contains("tenantRef cannot be changed"), "{told}");
    assert!(told.contains("there is no Auth0Tenant"), "{told}");
    moved.ended(1);
}

#[tokio::test]
async fn without_the_key_of_fingerprints_it_is_said_and_secrets_count_as_not_written() {
    let rig = Rig::new(ControlPlane::shared(), "keyless").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let ran = dialtone(&rig, &["plan", "--endpoint", rig.simulator.url()]);
    let told = ran.stderr.as_str();
    assert!(told.contains("without the key of fingerprints"), "{told}");
    assert!(told.contains("--operator-namespace"), "{told}");
    let shown = ran.ended(2);
    assert!(shown.contains("credentials.auth_token"), "{shown}");
    assert!(!shown.contains("example-auth-token"), "{shown}");
}
