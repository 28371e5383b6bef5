//! The definitions in the chart are the generated ones, and stay when a release goes.

use std::fs;
use std::path::Path;

use dialtone::api::Kind;
use dialtone::cli::crd::files;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

use crate::helm::CHART;
use crate::render::{of_kind, rendered};

const KEEP: &str = "helm.sh/resource-policy";

#[test]
fn the_copies_are_the_generated_ones() {
    let folder = Path::new(CHART).join("files/crds");
    let files = files().unwrap();
    for (name, text) in &files {
        let copy = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            copy == *text,
            "charts/dialtone/files/crds/{name} is out of date: run \
             `cargo run -- crd --output charts/dialtone/files/crds`"
        );
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), files.len());
}

#[test]
fn what_is_rendered_is_what_is_generated_and_is_kept() {
    let documents = rendered("crds: {annotations: {example.com/reviewed: 'yes'}}");
    let found = of_kind(&documents, "CustomResourceDefinition");
    assert_eq!(found.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let generated = kind.crd();
        let name = generated.metadata.name.clone().unwrap();
        let mut own = found.iter().filter(|it| it["metadata"]["name"] == *name);
        let mut own: Value = (*own.next().unwrap()).clone();
        let labels = own["metadata"].as_object_mut().unwrap().remove("labels");
        assert_eq!(
            labels.unwrap()["app.kubernetes.io/managed-by"],
            json!("Helm")
        );
        let annotations = own["metadata"]["annotations"].as_object_mut().unwrap();
        assert_eq!(annotations.remove(KEEP), Some(json!("keep")), "{name}");
        assert_eq!(
            annotations.remove("example.com/reviewed"),
            Some(json!("yes"))
        );
        // Read as the server does: numbers are written in several ways.
        let own: CustomResourceDefinition = serde_json::from_value(own).unwrap();
        assert!(
            own == generated,
            "{name} is not rendered as it is generated"
        );
    }
}

#[test]
fn they_can_be_left_out_or_go_with_the_release() {
    let without = rendered("crds: {enabled: false}");
    assert_eq!(
        of_kind(&without, "CustomResourceDefinition"),
        Vec::<&Value>::new()
    );
    let going = rendered("crds: {keep: false}");
    let going = of_kind(&going, "CustomResourceDefinition");
    assert_eq!(going.len(), Kind::ALL.len());
    for definition in going {
        assert_eq!(definition["metadata"]["annotations"][KEEP], Value::Null);
    }
}
