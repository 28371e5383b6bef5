//! The actions that Argo CD offers at an object do what the operator understands.

use std::collections::BTreeMap;

use dialtone::api::{Kind, Resource};
use dialtone::phone::report::requested;
use serde_json::{Value, json};

use crate::golden;
use crate::laws::rig::Rig;
use crate::libraries::Libraries;
use crate::support::ControlPlane;

fn offered(libraries: &mut Libraries, object: &Value) -> Value {
    libraries.ask(json!({"do": "argo-actions", "objects": [object]}))[0].take()
}

fn chosen(libraries: &mut Libraries, action: &str, object: &Value) -> Value {
    libraries.ask(json!({"do": "argo-action", "action": action, "objects": [object]}))[0].take()
}

fn annotations(object: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(object["metadata"]["annotations"].clone()).unwrap_or_default()
}

#[tokio::test]
async fn reconcile_now_is_offered_everywhere_and_asks_for_a_pass() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    let rig = golden::ready().await;
    for resource in &rig.objects.resources {
        let object = golden::stored(resource);
        assert_eq!(offered(&mut libraries, &object), json!(["reconcile"]));
        let asked = chosen(&mut libraries, "reconcile", &object);
        let asked = Resource::from_value(resource.kind(), asked).unwrap();
        let stamp = requested(&asked).unwrap();
        assert!(stamp.parse::<jiff::Timestamp>().is_ok(), "{stamp}");
        // Nothing else is changed.
        let mut same = asked.clone();
        same.metadata_mut().annotations = resource.metadata().annotations.clone();
        let seen = Resource::from_value(resource.kind(), object).unwrap();
        assert_eq!(same, seen);
    }
}

/// Gives the provider the annotations of this object.
fn annotate(rig: &mut Rig, object: &Value) {
    let kind = Kind::PhoneProvider;
    let mut resources = rig.objects.resources.iter_mut();
    let place = resources.find(|it| it.kind() == kind).unwrap();
    place.metadata_mut().annotations = Some(annotations(object));
}

fn provider(rig: &Rig) -> Value {
    golden::only(rig, &[Kind::PhoneProvider]).remove(0)
}

#[tokio::test]
async fn an_acknowledged_change_is_let_through_until_that_is_withdrawn() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    let blocked = golden::with_provider("onBreakingChange: Block\n  enabled: false");
    let mut rig = golden::edited(&blocked).await;
    let told = |rig: &Rig| rig.objects.reasons()["PhoneProvider default/twilio"].clone();
    assert_eq!(told(&rig), "BreakingChangeBlocked");
    let before = provider(&rig);
    let both = json!(["acknowledge", "reconcile"]);
    assert_eq!(offered(&mut libraries, &before), both);

    let acknowledged = chosen(&mut libraries, "acknowledge", &before);
    let both = json!(["reconcile", "withdraw-acknowledgement"]);
    assert_eq!(offered(&mut libraries, &acknowledged), both);
    let withdrawn = chosen(&mut libraries, "withdraw-acknowledgement", &acknowledged);
    assert_eq!(annotations(&withdrawn), annotations(&before));

    annotate(&mut rig, &acknowledged);
    rig.settle().await;
    assert_eq!(told(&rig), "Succeeded");
    let store = rig.store();
    assert_eq!(store["providers"]["provider"]["disabled"], true);
}

#[test]
fn the_page_names_every_action_as_argo_cd_shows_it() {
    let read = |path: &str| {
        let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    let page = read("docs/gitops.md");
    let scripts =
        read("examples/argocd/actions.yaml") + &read("examples/argocd/provider-actions.yaml");
    let names = scripts.split("displayName = \"").skip(1);
    let names: Vec<&str> = names.map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("| {name} |")), "{name}");
    }
}
