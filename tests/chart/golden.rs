//! The whole text that is rendered, to be read in reviews.

use crate::helm::{CHART, Helm};
use crate::render;
use crate::server::monitored;
use crate::support::ControlPlane;

#[test]
fn each_case_renders_what_it_did() {
    for case in render::cases() {
        let text = render::template(&case).ok();
        // The definitions are long, and another test holds them against the generated ones.
        let shown: Vec<&str> = text
            .split("---\n")
            .filter(|document| !document.contains("\nkind: CustomResourceDefinition\n"))
            .filter(|document| !document.trim().is_empty())
            .collect();
        insta::assert_snapshot!(render::name(&case), shown.join("---\n"));
    }
}

#[test]
fn helm_finds_nothing_to_complain_of() {
    let helm = Helm::offline();
    for case in render::cases() {
        let values = case.display().to_string();
        let lint = helm.run(&["lint", "--strict", CHART, "--values", &values]);
        assert!(lint.success, "{values}: {}{}", lint.stdout, lint.stderr);
    }
}

#[tokio::test]
async fn the_notes_name_what_is_there() {
    // Without a cluster to ask, helm renders no notes.
    let plane = ControlPlane::shared();
    monitored(plane);
    for case in render::cases() {
        let values = case.display().to_string();
        let helm = Helm::at(plane);
        let mut arguments = vec!["install", "--dry-run=client", "--take-ownership"];
        arguments.extend(render::RELEASE);
        arguments.extend([CHART, "--values", &values]);
        let printed = helm.run(&arguments).ok();
        let (manifests, notes) = printed.split_once("\nNOTES:\n").unwrap();
        let (_, manifests) = manifests.split_once("\nMANIFEST:\n").unwrap();
        let documents = render::documents(manifests);
        let commands: Vec<&str> = notes
            .lines()
            .filter(|line| line.trim_start().starts_with("kubectl "))
            .collect();
        assert_eq!(commands.len(), 4, "{notes}");
        assert!(commands[0].contains("--namespace dialtone-system rollout status deployment"));
        let (_, selector) = commands[0].split_once("--selector ").unwrap();
        let (label, value) = selector.split_once('=').unwrap();
        for deployment in render::of_kind(&documents, "Deployment") {
            assert_eq!(deployment["metadata"]["labels"][label], value);
        }
        insta::assert_snapshot!(format!("notes_{}", render::name(&case)), notes);
    }
}
