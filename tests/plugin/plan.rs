//! Plans from the objects of a cluster.

use serde_json::{Value, json};

use crate::plugin::{Ran, constant, dialtone};
use crate::rig::Rig;
use crate::simulator::Simulator;
use crate::support::ControlPlane;

/// Plans with the operator's memory, against the simulated tenant.
pub fn plan(rig: &Rig<'_>, arguments: &[&str]) -> Ran {
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
    assert_eq!(document["unseen"], json!([]));
    let file = pull_request.path().join("summary");
    let report = format!("markdown={}", file.display());
    let forms = ["-f", &folder, "-o", "github", "--report", &report];
    let annotated = plan(&rig, &forms).ended(2);
    assert!(
        annotated.contains("::warning ") && annotated.contains("phone.yaml"),
        "{annotated}"
    );
    let summary = std::fs::read_to_string(file).unwrap();
    assert!(summary.contains("breaks MFA by SMS"), "{summary}");

    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    assert_eq!(rig.objects(), before);
}

/// Applications come in the order of their ids, which each simulated tenant makes anew.
fn by_application(text: &str) -> String {
    let names = regex::Regex::new(r"sign-in to (web|ios|android) ").unwrap();
    names.replace_all(text, "sign-in to NAME ").into_owned()
}

#[tokio::test]
async fn a_secret_among_the_manifests_is_planned_for_the_tenant_that_takes_it_and_for_no_other() {
    let rig = Rig::new(ControlPlane::shared(), "secret").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let other = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    let other = other.split("---").next().unwrap();
    let other = other
        .replace("acme", "other")
        .replace("auth0-management", "missing");
    rig.apply(&other).ok();
    let all = plan(&rig, &[]);
    assert!(all.stderr.contains("there is no Secret"), "{all:?}");
    all.ended(1);

    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "twilio"},
        "stringData": {"authToken": "rotated-token"},
    });
    std::fs::write(file.path(), secret.to_string()).unwrap();
    let rotated = plan(&rig, &["-f", file.path().to_str().unwrap()]);
    assert_eq!(rotated.stderr, "");
    let shown = rotated.ended(2);
    assert!(shown.contains("credentials.auth_token"), "{shown}");
    assert!(
        !shown.contains("rotated-token") && !shown.contains("other"),
        "{shown}"
    );
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

#[tokio::test]
async fn a_namespace_that_a_tenant_selects_takes_part_in_its_plan_and_no_other() {
    let mut rig = Rig::new(ControlPlane::shared(), "selected").await;
    // Its objects are looked for in all namespaces, where other tests have a tenant of the example's
    // domain.
    rig.simulator = Simulator::of("selected.eu.auth0.com", &[]);
    let team = rig.plane.namespace("team").await;
    rig.plane
        .kubectl(&["label", "namespace", &team, "phone=yes"])
        .ok();
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    let selecting =
        "spec:\n  allowedNamespaces: {from: Selector, selector: {matchLabels: {phone: \"yes\"}}}\n";
    let text = text.replace("acme.eu", "selected.eu");
    rig.apply(&text.replacen("spec:\n", selecting, 1)).ok();
    let factor = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "MfaPhoneFactor",
        "metadata": {"name": "phone"},
        "spec": {"tenantRef": {"name": "acme", "namespace": rig.namespace}, "enabled": false,
                 "policies": ["AllApplications"]},
    });
    let apply = ["apply", "-n", &team, "-f", "-"];
    rig.plane.kubectl_reading(&apply, &factor.to_string()).ok();
    let shown = plan(&rig, &[]).ended(2);
    assert!(
        shown.contains(&format!("(MfaPhoneFactor {team}/phone)")),
        "{shown}"
    );

    rig.plane
        .kubectl(&["label", "namespace", &team, "phone-"])
        .ok();
    let refused = plan(&rig, &[]).ended(1);
    assert!(
        refused.contains("does not let objects of namespace"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_tenant_that_the_operator_leaves_to_an_older_one_is_no_all_clear() {
    let rig = Rig::new(ControlPlane::shared(), "rival").await;
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    rig.apply(&text).ok();
    rig.apply(&text.replacen("name: acme", "name: beta", 1))
        .ok();
    plan(&rig, &["acme"]).ended(0);
    let second = plan(&rig, &["beta"]);
    assert!(
        second.stderr.contains("is left alone by the operator"),
        "{second:?}"
    );
    second.ended(1);
    let second = plan(&rig, &["beta", "-o", "json"]);
    let document: Value = serde_json::from_str(&second.stdout).unwrap();
    let unseen = document["unseen"].to_string();
    assert!(unseen.contains("is left alone"), "{unseen}");
    assert!(unseen.contains("key of fingerprints"), "{unseen}");
}

/// A rival in another namespace counts as much, also for a tenant that only the manifests have.
#[tokio::test]
async fn a_rival_of_another_namespace_is_told() {
    let rig = Rig::new(ControlPlane::shared(), "far").await;
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    let domain = format!("{}.auth0.com", rig.namespace);
    let text = text.replace("acme.eu.auth0.com", &domain);
    let far = rig.plane.namespace("elsewhere").await;
    let apply = ["apply", "-n", &far, "-f", "-"];
    rig.plane.kubectl_reading(&apply, &text).ok();
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(file.path(), &text).unwrap();
    let second = plan(&rig, &["-A", "-f", file.path().to_str().unwrap()]);
    assert!(
        second
            .stderr
            .contains(&format!("Auth0Tenant {far}/acme is older")),
        "{second:?}"
    );
    second.ended(1);
    // One among the manifests alone takes nothing from a tenant that the cluster has.
    let second = text.split("---").next().unwrap();
    let both = format!(
        "{text}\n---\n{}",
        second.replace("name: acme", "name: abba")
    );
    std::fs::write(file.path(), both).unwrap();
    let path = file.path().to_str().unwrap();
    let first = plan(&rig, &["acme", "-n", &far, "-f", path]);
    assert!(!first.stderr.contains("is left alone"), "{first:?}");
}

#[tokio::test]
async fn a_tenant_that_the_manifests_open_is_planned_with_the_objects_of_other_namespaces() {
    let rig = Rig::new(ControlPlane::shared(), "opened").await;
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    rig.apply(&text).ok();
    let team = rig.plane.namespace("team").await;
    let factor = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "MfaPhoneFactor",
        "metadata": {"name": "phone"},
        "spec": {"tenantRef": {"name": "acme", "namespace": rig.namespace}, "messageTypes": ["SMS"]},
    });
    let apply = ["apply", "-n", &team, "-f", "-"];
    rig.plane.kubectl_reading(&apply, &factor.to_string()).ok();
    let open = "spec:\n  allowedNamespaces: {from: All}\n";
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(file.path(), text.replacen("spec:\n", open, 1)).unwrap();
    let ran = plan(&rig, &["-f", file.path().to_str().unwrap()]);
    assert!(
        ran.stdout.contains(&format!("MfaPhoneFactor {team}/phone")),
        "{ran:?}"
    );
}

#[tokio::test]
async fn credentials_of_the_cluster_go_where_manifests_say_only_with_a_word() {
    let rig = Rig::new(ControlPlane::shared(), "trust").await;
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    rig.apply(&text).ok();
    let tenant = text.split("---").next().unwrap();
    let endpoint = format!("spec:\n  endpoint: {}\n", rig.simulator.url());
    let elsewhere = tenant.replacen("spec:\n", &endpoint, 1);
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    let path = file.path().to_str().unwrap();
    for sly in [
        elsewhere.clone(),
        elsewhere.replace("name: acme", "name: mine"),
    ] {
        std::fs::write(file.path(), sly).unwrap();
        rig.simulator.forget_calls().await;
        let told = dialtone(&rig, &["plan", "-f", path]).refused();
        assert!(told.contains("--trust-files"), "{told}");
        let calls = rig.simulator.get("/_sim/calls").await;
        assert_eq!(calls.as_array().map(Vec::len), Some(0), "{calls}");
    }
    std::fs::write(file.path(), elsewhere).unwrap();
    let read = dialtone(&rig, &["plan", "--trust-files", "-f", path]);
    assert!(read.stdout.contains("as the objects say"), "{read:?}");
}

#[tokio::test]
async fn a_namespace_without_a_tenant_is_no_all_clear() {
    let rig = Rig::new(ControlPlane::shared(), "empty").await;
    let run = plan(&rig, &["--deny-hazards"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let told = format!("there is no Auth0Tenant in namespace {}", rig.namespace);
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert_eq!(run.stdout, "no plan was made\n");
}
