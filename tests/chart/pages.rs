//! What the pages say of the chart.

use std::fs;

use serde_json::json;

use crate::alerts::rules;
use crate::helm::Helm;
use crate::lifecycle::untouched;
use crate::render::{one, rendered, template_with};
use crate::support::ControlPlane;

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The blocks of code of a page that are in this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect()
}

#[test]
fn the_values_that_are_shown_are_values() {
    let page = read("docs/install.md");
    let shown = blocks(&page, "yaml");
    assert!(shown.len() >= 5, "{shown:#?}");
    for values in shown {
        template_with(values).ok();
    }
}

#[test]
fn the_user_can_be_left_to_the_cluster() {
    let documents = rendered("podSecurityContext: {runAsUser: null, runAsGroup: null}");
    let pod = &one(&documents, "Deployment", "dialtone")["spec"]["template"]["spec"];
    let left = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    assert_eq!(pod["securityContext"], left);
}

/// The commands of a page that begin like this.
fn commands<'a>(page: &'a str, beginning: &str) -> Vec<&'a str> {
    let lines = blocks(page, "sh").into_iter().flat_map(str::lines);
    lines.filter(|line| line.starts_with(beginning)).collect()
}

/// A release of another name gets the definitions that are left only when it is told to take them.
fn another_name_takes_over(helm: &Helm, take_over: &str) {
    let words: Vec<&str> = take_over.split_whitespace().skip(1).collect();
    let words: Vec<&str> = words
        .iter()
        .map(|word| if *word == "dialtone" { "phone" } else { *word })
        .collect();
    let without: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| *word != "--take-ownership")
        .collect();
    let refused = helm.run(&without).refused();
    assert!(refused.contains("cannot be imported"), "{refused}");
    helm.run(&words).ok();
    helm.run(&["uninstall", "phone", "--namespace", "dialtone-system"])
        .ok();
}

/// What is set of the Deployment.
fn set(plane: &ControlPlane, path: &str) -> String {
    let get = ["get", "deployment", "dialtone", "-n", "dialtone-system"];
    let path = format!("jsonpath={{.spec.{path}}}");
    plane.kubectl(&[&get[..], &["-o", &path]].concat()).ok()
}

#[tokio::test]
async fn the_commands_that_are_shown_are_run_as_they_are_written() {
    let (page, front) = (read("docs/install.md"), read("README.md"));
    let shown = commands(&page, "helm ");
    let [install, upgrade, rollback, take_over, uninstall] = shown[..] else {
        panic!("{shown:#?}")
    };
    assert_eq!(commands(&front, "helm "), [install]);
    let plane = &untouched().await;
    let helm = Helm::at(plane);
    let run = |command: &str| {
        let words: Vec<&str> = command.split_whitespace().collect();
        helm.run(&words[1..])
    };
    let kubectl = |beginning: &str| {
        let words: Vec<&str> = commands(&page, beginning)[0].split_whitespace().collect();
        plane.kubectl(&words[1..]).ok()
    };
    let notes = run(install).ok();
    assert!(notes.contains("1. Wait until it runs"), "{notes}");
    // Before shards are turned on everything is stopped; there are no Pods here to wait for.
    kubectl("kubectl --namespace dialtone-system scale");
    assert_eq!(set(plane, "replicas"), "0");
    run(upgrade).ok();
    assert_eq!(set(plane, "replicas"), "2");
    // What was set at first is still set.
    let image = set(plane, "template.spec.containers[0].image");
    assert!(
        image.starts_with("registry.example.com/dialtone:"),
        "{image}"
    );
    run(rollback).ok();
    assert_eq!(set(plane, "replicas"), "2");
    run(uninstall).ok();
    another_name_takes_over(&helm, take_over);
    plane.kubectl(&["delete", "--wait", "-k", "crds"]).ok();

    let by_hand = ["apply", "--server-side", "-k", "deploy"];
    plane.kubectl(&by_hand).ok();
    let refused = run(take_over).refused();
    assert!(refused.contains("field is immutable"), "{refused}");
    run(uninstall).ok();
    plane.kubectl(&by_hand).ok();
    kubectl("kubectl --namespace dialtone-system delete deployment");
    run(take_over).ok();
    run(uninstall).ok();
}

#[test]
fn the_table_of_alerts_is_the_charts() {
    let page = read("docs/install.md");
    let rows: Vec<(&str, &str)> = page
        .lines()
        .filter(|line| line.starts_with("| `Dialtone"))
        .map(|line| {
            let mut columns = line.split('|').skip(1).map(str::trim);
            let name = columns.next().unwrap().trim_matches('`');
            (name, columns.next().unwrap())
        })
        .collect();
    let rules = rules("");
    let rules = rules["groups"][0]["rules"].as_array().unwrap();
    assert_eq!(rows.len(), rules.len());
    for ((name, when), rule) in rows.iter().zip(rules) {
        assert_eq!(rule["alert"], *name);
        let minutes = rule["for"].as_str().unwrap().trim_end_matches('m');
        assert!(when.contains(&format!("{minutes} minutes")), "{name}");
    }
}
