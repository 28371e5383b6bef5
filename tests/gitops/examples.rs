//! The examples are what Argo CD and Flux take, and the chart's monitors what the Prometheus Operator
//! takes.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::libraries::Libraries;
use crate::support::{ControlPlane, programs};

#[tokio::test]
async fn the_objects_of_argo_cd_and_flux_hold_no_unknown_fields() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    for path in [
        "argocd/application.yaml",
        "argocd/operator.yaml",
        "flux/operator.yaml",
        "flux/source.yaml",
        "flux/phone.yaml",
        "flux/install.yaml",
    ] {
        for document in example(path).split("---\n") {
            libraries.ask(json!({"do": "decode", "manifests": document}));
            let misspelt = document.replacen("\nspec:\n", "\nspec:\n  intervall: 1m\n", 1);
            let refused = libraries.try_ask(json!({"do": "decode", "manifests": misspelt}));
            assert!(refused.unwrap_err().contains("intervall"));
        }
    }
}

fn example(path: &str) -> String {
    fs::read_to_string(format!("{}/examples/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_kustomization_of_the_manifests_waits_for_that_of_the_operator() {
    let of = |path: &str| serde_saphyr::from_str::<Value>(&example(path)).unwrap();
    let (phone, install) = (of("flux/phone.yaml"), of("flux/install.yaml"));
    let named = |of: &Value| [of["name"].clone(), of["namespace"].clone()];
    assert_eq!(
        phone["spec"]["dependsOn"],
        json!([{"name": install["metadata"]["name"]}])
    );
    // Without a namespace of its own that is the one of whoever depends.
    assert_eq!(
        phone["metadata"]["namespace"],
        install["metadata"]["namespace"]
    );
    assert_ne!(named(&phone["metadata"]), named(&install["metadata"]));
    // It succeeds when what it applies runs.
    assert_eq!(install["spec"]["wait"], true);
}

#[test]
fn both_examples_of_the_operator_give_the_chart_values_that_it_takes() {
    let argo: Value = serde_saphyr::from_str(&example("argocd/operator.yaml")).unwrap();
    let flux = example("flux/operator.yaml");
    let flux: Value = serde_saphyr::from_str(flux.split("---\n").nth(1).unwrap()).unwrap();
    let source = &argo["spec"]["source"];
    assert_eq!(flux["spec"]["chart"]["spec"]["chart"], "./charts/dialtone");
    assert_eq!(source["path"], "charts/dialtone");
    let folder = tempfile::tempdir().unwrap();
    let render = |values: &Value| {
        let file = folder.path().join("values.json");
        fs::write(&file, values.to_string()).unwrap();
        let rendered = template(&[format!("--values={}", file.display())]);
        assert!(rendered.contains("image: \"registry.example.com/dialtone:0.1.0\"\n"));
        rendered
    };
    let unpruned = "argocd.argoproj.io/sync-options: Prune=false\n";
    assert!(!render(&flux["spec"]["values"]).contains(unpruned));
    let rendered = render(&source["helm"]["valuesObject"]);
    assert_eq!(rendered.matches(unpruned).count(), 7);
    // What a project of Argo CD has to allow, and the page says.
    let page = fs::read_to_string(format!("{}/docs/gitops.md", env!("CARGO_MANIFEST_DIR")));
    let page = page.unwrap();
    let (_, allowed) = page.split_once("`clusterResourceWhitelist` ").unwrap();
    let (allowed, _) = allowed.split_once(". ").unwrap();
    let said: BTreeSet<&str> = allowed.split('`').skip(1).step_by(2).collect();
    let mut needed = BTreeSet::from(["Namespace"]);
    for document in rendered.split("---\n").filter(|it| !it.trim().is_empty()) {
        if !document.contains("\n  namespace: ") {
            let kind = document
                .lines()
                .find_map(|line| line.strip_prefix("kind: "));
            needed.insert(kind.unwrap());
        }
    }
    assert_eq!(said, needed);
}

/// What the chart renders.
fn template(settings: &[String]) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(programs::path("helm").unwrap())
        .args(["template", "dialtone", "--namespace", "dialtone-system"])
        .arg(format!("{}/charts/dialtone", env!("CARGO_MANIFEST_DIR")))
        .args(settings)
        .env("HOME", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The documents of the Prometheus Operator's kinds that the chart renders.
fn monitoring(settings: &[&str]) -> Vec<String> {
    let root = env!("CARGO_MANIFEST_DIR");
    let everything = format!("--values={root}/tests/chart/values/everything.yaml");
    let settings = settings.iter().map(|it| (*it).to_owned());
    let text = template(&[everything].into_iter().chain(settings).collect::<Vec<_>>());
    let documents = text.split("---\n").map(str::to_owned);
    let ours = |document: &String| document.contains("\napiVersion: monitoring.coreos.com/v1\n");
    documents.filter(ours).collect()
}

#[tokio::test]
async fn the_monitors_and_alerts_of_the_chart_hold_no_unknown_fields() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    let mut seen = BTreeSet::new();
    let pods = [
        "--set=metrics.serviceMonitor.enabled=false",
        "--set=metrics.podMonitor.enabled=true",
    ];
    for document in [monitoring(&[]), monitoring(&pods)].concat() {
        let object: Value = serde_saphyr::from_str(&document).unwrap();
        seen.insert(object["kind"].as_str().unwrap().to_owned());
        libraries.ask(json!({"do": "decode", "manifests": document}));
        let misspelt = document.replace("spec:\n", "spec:\n  intervall: 1m\n");
        let refused = libraries.try_ask(json!({"do": "decode", "manifests": misspelt}));
        assert!(refused.unwrap_err().contains("intervall"));
    }
    let kinds = ["PodMonitor", "PrometheusRule", "ServiceMonitor"];
    assert_eq!(seen, kinds.map(str::to_owned).into());
}
