//! The alert rules: over series that are written down, by Prometheus' own test program.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use dialtone::operator::metrics::{FAMILIES, Type};
use regex::Regex;
use serde_json::{Value, json};

use crate::helm::Helm;
use crate::render::{one, rendered};
use crate::support::kubectl::Output;

/// What Prometheus adds to every series that it reads from a Pod.
const TARGET: [&str; 3] = ["namespace", "pod", "job"];

/// The rules of a release with these values.
pub fn rules(values: &str) -> Value {
    let documents = rendered(&format!(
        "{values}\nmetrics: {{prometheusRule: {{enabled: true}}}}"
    ));
    one(&documents, "PrometheusRule", "dialtone")["spec"].clone()
}

/// Runs Prometheus' test program.
pub fn promtool(arguments: &[&str]) -> Output {
    let output = Command::new("promtool").args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "there is no promtool here ({error}), which this test runs: install Debian's package \
             prometheus (apt-get install --no-install-recommends prometheus)"
        )
    });
    Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs tests of rules, each in the form of `promtool`.
#[track_caller]
pub fn hold(rules: &Value, tests: &Value) {
    let helm = Helm::offline();
    // JSON is YAML too.
    let file = helm.file("rules.yaml", &rules.to_string());
    let script = json!({
        "rule_files": [file],
        "evaluation_interval": "1m",
        "tests": tests,
    });
    let script = helm.file("tests.yaml", &script.to_string());
    let ran = promtool(&["test", "rules", &script]);
    assert!(ran.success, "{}{}", ran.stdout, ran.stderr);
}

/// The cases that are written down: for one part, and for two shards.
fn written() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chart/alerts.yaml");
    crate::render::documents(&fs::read_to_string(path).unwrap())
}

#[test]
fn the_rules_are_rules() {
    let helm = Helm::offline();
    for values in ["", "shards: [{name: one, selector: a=b}]"] {
        let file = helm.file("rules.yaml", &rules(values).to_string());
        promtool(&["check", "rules", "--lint-fatal", &file]).ok();
    }
}

#[test]
fn alerts_come_when_they_should_and_not_before() {
    for document in written() {
        let values = document["values"].as_str().unwrap();
        let rules = rules(values);
        let tests = document["tests"].as_array().unwrap();
        assert!(!tests.is_empty());
        for test in tests {
            hold(&rules, &json!([test]));
        }
    }
}

#[test]
fn every_alert_comes_in_a_case_that_is_written_down() {
    let text = written()
        .iter()
        .map(Value::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    let rules = rules("");
    for rule in rules["groups"][0]["rules"].as_array().unwrap() {
        let name = rule["alert"].as_str().unwrap();
        assert!(
            text.contains(&format!("\"alertname\":\"{name}\"")),
            "{name}"
        );
    }
}

/// Every name that a query may use for what the program tells.
fn names() -> BTreeSet<String> {
    FAMILIES
        .iter()
        .flat_map(|family| {
            let name = family.full_name();
            match family.kind {
                Type::Histogram => ["bucket", "sum", "count"]
                    .map(|suffix| format!("{name}_{suffix}"))
                    .to_vec(),
                _ => vec![name],
            }
        })
        .collect()
}

/// What is wrong with the names of metrics and of their labels in a text.
pub fn unknown(text: &str) -> Vec<String> {
    let names = names();
    let mut wrong = Vec::new();
    // With a brace behind it come labels.
    let used = Regex::new(r"\b(dialtone_[a-z0-9_]+)(?:\{([^}]*)\})?").unwrap();
    let label = Regex::new(r"([a-z_]+)\s*(?:=~|!=|!~|=)").unwrap();
    for found in used.captures_iter(text) {
        let name = &found[1];
        if !names.contains(name) {
            wrong.push(name.to_owned());
            continue;
        }
        let family = FAMILIES
            .iter()
            .find(|it| name.starts_with(&it.full_name()))
            .unwrap();
        let labels = found.get(2).map_or("", |it| it.as_str());
        for found in label.captures_iter(labels) {
            let label = &found[1];
            if !family.labels.contains(&label) && !TARGET.contains(&label) {
                wrong.push(format!("{name}: {label}"));
            }
        }
    }
    // What is grouped by.
    let labels: BTreeSet<&str> = FAMILIES.iter().flat_map(|it| it.labels).copied().collect();
    let by = Regex::new(r"\bby \(([^)]*)\)").unwrap();
    for found in by.captures_iter(text) {
        for label in found[1].split(',').map(str::trim) {
            if label != "le" && !labels.contains(label) {
                wrong.push(format!("by {label}"));
            }
        }
    }
    wrong
}

#[test]
fn only_what_the_program_tells_is_asked_for() {
    assert_eq!(
        unknown(
            r#"sum by (tenant, user) (dialtone_passes{tenant=~"a", outcome="b"}) + dialtone_leader{job="a"}"#
        ),
        ["dialtone_passes", "by user"]
    );
    assert_eq!(
        unknown(r#"dialtone_passes_total{outcome="b", pod=~"c"}"#),
        ["dialtone_passes_total: outcome"]
    );
    let asked = rules("").to_string().replace("\\\"", "\"");
    assert!(asked.matches("dialtone_").count() >= 7, "{asked}");
    assert_eq!(unknown(&asked), Vec::<String>::new());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chart/alerts.yaml");
    assert_eq!(
        unknown(&fs::read_to_string(path).unwrap()),
        Vec::<String>::new()
    );
}
