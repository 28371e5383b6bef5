//! Every example is valid and ends Ready, and its second run writes nothing.

use std::fs;
use std::path::Path;

use crate::workspace::{Workspace, dialtone};

/// Examples that are no manifests of ours but what other programs are set up with.
const OF_OTHERS: [&str; 3] = ["argocd", "flux", "github-actions"];

fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name: &String| !OF_OTHERS.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

#[test]
fn every_example_is_valid() {
    for name in names() {
        let path = format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
        let run = dialtone(&["validate", "-f", &path, "--strict"]);
        assert_eq!(run.code, 0, "{name}: {}", run.all());
    }
}

#[test]
fn every_example_ends_ready_and_its_second_run_writes_nothing() {
    for name in names()
        .into_iter()
        .filter(|name| name != "disable-provider")
    {
        let workspace = Workspace::example(&name);
        let (dir, state) = (workspace.dir(), workspace.file("state"));
        let args = ["up", &dir, "--once", "--state", &state, "-o", "json"];
        let first = dialtone(&args);
        assert_eq!(first.code, 0, "{name}: {}", first.all());
        let second = dialtone(&args);
        assert_eq!(second.code, 0, "{name}: {}", second.all());
        assert_eq!(second.json()["writes"], 0, "{name}: {}", second.all());
    }
}

#[test]
fn a_disabled_provider_leaves_its_dependents_not_ready() {
    let workspace = Workspace::example("disable-provider");
    let run = dialtone(&["up", &workspace.dir(), "--once", "-o", "json"]);
    assert_eq!(run.code, 1, "{}", run.all());
    let reasons: Vec<String> = run.json()["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["reason"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        reasons,
        [
            "Succeeded",
            "Succeeded",
            "PhoneProviderDisabled",
            "PhoneProviderDisabled"
        ]
    );
}
