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
        "flux/source.yaml",
        "flux/phone.yaml",
    ] {
        let path = format!("{}/examples/{path}", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).unwrap();
        libraries.ask(json!({"do": "decode", "manifests": text}));
        let misspelt = text.replace("spec:\n", "spec:\n  intervall: 1m\n");
        let refused = libraries.try_ask(json!({"do": "decode", "manifests": misspelt}));
        assert!(refused.unwrap_err().contains("intervall"));
    }
}

/// The documents of the Prometheus Operator's kinds that the chart renders.
fn monitoring(settings: &[&str]) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(programs::path("helm").unwrap())
        .args(["template", "dialtone"])
        .arg(format!("{root}/charts/dialtone"))
        .arg(format!(
            "--values={root}/tests/chart/values/everything.yaml"
        ))
        .args(settings)
        .env("HOME", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
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
