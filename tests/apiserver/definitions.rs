//! The server that runs, and the definitions in it.

use std::process::Command;

use serde_json::Value;

use crate::support::{ControlPlane, programs};

#[tokio::test]
async fn the_server_is_of_the_version_that_is_pinned() {
    let client = ControlPlane::shared().client().await;
    let served = client.apiserver_version().await.unwrap().git_version;
    // KUBEBUILDER_ASSETS may hold another one: then it is that one which has to run.
    let expected = if std::env::var_os("KUBEBUILDER_ASSETS").is_some() {
        let program = programs::path("kube-apiserver").unwrap();
        let output = Command::new(program).arg("--version").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().trim_start_matches("Kubernetes ").to_owned()
    } else {
        programs::pinned_version()
    };
    assert_eq!(served, expected);
}

#[test]
fn the_server_takes_every_definition_without_a_complaint() {
    let plane = ControlPlane::shared();
    let listed = plane.kubectl(&["get", "crd", "-o", "json"]).ok();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let definitions = listed["items"].as_array().unwrap();
    assert_eq!(definitions.len(), dialtone::api::Kind::ALL.len());
    for definition in definitions {
        let name = &definition["metadata"]["name"];
        let conditions = definition["status"]["conditions"].as_array().unwrap();
        let state = |kind: &str| {
            let condition = conditions.iter().find(|one| one["type"] == kind);
            condition.map(|one| one["status"].as_str().unwrap())
        };
        assert_eq!(state("Established"), Some("True"), "{name}");
        assert_eq!(state("NamesAccepted"), Some("True"), "{name}");
        assert_eq!(
            state("NonStructuralSchema"),
            None,
            "{name}: {conditions:#?}"
        );
    }
}

#[test]
fn applying_the_definitions_again_changes_nothing_and_warns_of_nothing() {
    let definitions = concat!(env!("CARGO_MANIFEST_DIR"), "/crds");
    let apply = [
        "apply",
        "--server-side",
        "--dry-run=server",
        "-k",
        definitions,
    ];
    let output = ControlPlane::shared().kubectl(&apply);
    assert_eq!(output.stderr, "");
    assert_eq!(output.ok().lines().count(), dialtone::api::Kind::ALL.len());
}
