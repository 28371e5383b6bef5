//! What the pages say of the chart.

use std::fs;

use serde_json::json;

use crate::alerts::rules;
use crate::helm::Helm;
use crate::lifecycle::untouched;
use crate::render::{one, rendered, template_with};

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

#[tokio::test]
async fn the_commands_that_are_shown_are_run_as_they_are_written() {
    let (page, front) = (read("docs/install.md"), read("README.md"));
    let shown = commands(&page, "helm ");
    let [install, upgrade, take_over, uninstall] = shown[..] else {
        panic!("{shown:#?}")
    };
    assert_eq!(commands(&front, "helm "), [install]);
    let plane = &untouched().await;
    let helm = Helm::at(plane);
    let run = |command: &str| {
        let words: Vec<&str> = command.split_whitespace().collect();
        helm.run(&words[1..]).ok()
    };
    let notes = run(install);
    assert!(notes.contains("1. Wait until it runs"), "{notes}");
    run(upgrade);
    // What was set at first is still set.
    let get = ["get", "deployment", "dialtone", "-n", "dialtone-system"];
    let image = "jsonpath={.spec.template.spec.containers[0].image}";
    let image = plane.kubectl(&[&get[..], &["-o", image]].concat()).ok();
    assert!(
        image.starts_with("registry.example.com/dialtone:"),
        "{image}"
    );
    run(uninstall);
    plane.kubectl(&["delete", "--wait", "-k", "crds"]).ok();
    plane
        .kubectl(&["apply", "--server-side", "-k", "crds"])
        .ok();
    run(take_over);
    run(uninstall);
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
