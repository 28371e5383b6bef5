//! The commands of the runbook that let an object go of which no operator takes care any more.

use std::fs;

use serde_json::json;

use crate::support::ControlPlane;
use crate::{provider, tenant};

/// The arguments of a command of the runbook; what is between quotes is one.
fn shown(beginning: &str) -> Vec<String> {
    let page = format!("{}/docs/runbook.md", env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(page).unwrap();
    let command = page
        .lines()
        .filter_map(|line| line.strip_prefix("kubectl "))
        .find(|line| line.starts_with(beginning) && line.contains("finalizers"))
        .unwrap();
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        if index % 2 == 1 {
            let begun: &mut String = words.last_mut().unwrap();
            if begun.ends_with('=') {
                begun.push_str(part);
                continue;
            }
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[tokio::test]
async fn what_holds_a_finalizer_is_listed_and_goes_without_it() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("letting-go").await;
    let mut held = provider("twilio");
    held["metadata"]["finalizers"] = json!(["dialtone.dev/finalizer"]);
    let apply = ["apply", "-n", namespace.as_str(), "-f", "-"];
    for object in [tenant("acme"), held] {
        plane.kubectl_reading(&apply, &object.to_string()).ok();
    }
    let list = || {
        let words = shown("get dialtone");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = plane.kubectl(&words).ok();
        let here = format!("{namespace}/");
        let lines = text.lines().filter(|line| line.contains(&here));
        lines.map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(list(), [format!("PhoneProvider {namespace}/twilio ")]);
    let delete = ["delete", "phoneprovider", "twilio", "--wait=false"];
    plane
        .kubectl(&[&delete[..], &["-n", namespace.as_str()]].concat())
        .ok();
    let listed = list();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].ends_with('Z'), "{listed:?}");
    let words = shown("-n NAMESPACE patch");
    let words: Vec<&str> = words
        .iter()
        .map(|word| match word.as_str() {
            "NAMESPACE" => namespace.as_str(),
            "KIND" => "phoneprovider",
            "NAME" => "twilio",
            word => word,
        })
        .collect();
    plane.kubectl(&words).ok();
    assert!(list().is_empty());
    let get = ["get", "phoneprovider", "twilio", "-n", namespace.as_str()];
    let gone = plane.kubectl(&get).refused();
    assert!(gone.contains("NotFound"), "{gone}");
}
