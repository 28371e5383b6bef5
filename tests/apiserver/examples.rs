//! Every example is accepted as it stands.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::ControlPlane;

/// Examples that are no objects of ours but what other programs are set up with.
const OF_OTHERS: [&str; 3] = ["argocd", "flux", "github-actions"];

/// The folders of `examples/`.
fn folders() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<PathBuf> = fs::read_dir(examples)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !OF_OTHERS.iter().any(|name| path.ends_with(name)))
        .collect();
    folders.sort();
    folders
}

/// The namespaces that the objects of a folder name.
fn namespaces(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        for object in objects {
            found.extend(object["metadata"]["namespace"].as_str().map(str::to_owned));
        }
    }
    found
}

#[tokio::test]
async fn the_server_accepts_every_example_without_a_warning() {
    let plane = ControlPlane::shared();
    let own = plane.namespace("examples").await;
    let folders = folders();
    assert!(!folders.is_empty());
    for folder in folders {
        let path = folder.display().to_string();
        let mut arguments = vec!["apply", "-R", "-f", &path];
        // A dry run makes no namespace, so that the objects in it would have none to be in.
        if namespaces(&folder).is_empty() {
            arguments.extend(["--dry-run=server", "-n", &own]);
        }
        let output = plane.kubectl(&arguments);
        assert!(output.success, "{path}: {}", output.stderr);
        let warnings: Vec<&str> = output
            .stderr
            .lines()
            .filter(|line| line.starts_with("Warning:"))
            .collect();
        assert!(warnings.is_empty(), "{path}: {warnings:#?}");
        assert!(!output.stdout.is_empty(), "{path}: nothing was applied");
    }
}
