//! What a real API server says of the renders, without anything being installed.

use crate::render;
use crate::support::ControlPlane;
use crate::support::kubectl::Output;

/// The namespaces that the cases name.
const NAMESPACES: [&str; 4] = ["dialtone-system", "team-a", "team-b", "monitoring"];

/// The kinds of the Prometheus Operator, served from now on.
pub fn monitored(plane: &ControlPlane) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chart/monitoring.yaml");
    plane.kubectl(&["apply", "--server-side", "-f", path]).ok();
    let established = ["--for=condition=Established", "--timeout=60s", "-f", path];
    plane.kubectl(&[&["wait"][..], &established].concat()).ok();
}

/// The namespaces, where Pods that are not restricted are warned of.
fn namespaces(plane: &ControlPlane) {
    for name in NAMESPACES {
        let manifest = format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, \
             labels: {{pod-security.kubernetes.io/warn: restricted}}}}}}"
        );
        let apply = ["apply", "--server-side", "-f", "-"];
        plane.kubectl_reading(&apply, &manifest).ok();
    }
}

/// What the server would say if this were applied.
fn tried(plane: &ControlPlane, manifests: &str) -> Output {
    let apply = [
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        "-",
    ];
    plane.kubectl_reading(&apply, manifests)
}

#[tokio::test]
async fn every_render_is_accepted_without_a_warning() {
    let plane = ControlPlane::shared();
    monitored(plane);
    namespaces(plane);
    for case in render::cases() {
        let text = render::template(&case).ok();
        let output = tried(plane, &text);
        let name = render::name(&case);
        assert!(output.success, "{name}: {}", output.stderr);
        assert_eq!(output.stderr, "", "{name}");
        let applied = output.stdout.lines().count();
        assert_eq!(applied, render::documents(&text).len(), "{name}");
    }
}

#[tokio::test]
async fn a_field_that_is_not_there_and_a_pod_that_is_not_restricted_are_found() {
    let plane = ControlPlane::shared();
    monitored(plane);
    namespaces(plane);
    let text = render::template_with("{crds: {enabled: false}}").ok();
    let wrong = text.replace("terminationGracePeriodSeconds:", "terminationGraceSeconds:");
    assert_ne!(wrong, text);
    let refused = tried(plane, &wrong).refused();
    assert!(refused.contains("terminationGraceSeconds"), "{refused}");
    let loose = "{crds: {enabled: false}, securityContext: {capabilities: {drop: []}}}";
    let output = tried(plane, &render::template_with(loose).ok());
    assert!(
        output.stderr.contains("would violate PodSecurity"),
        "{}",
        output.stderr
    );
    let monitor = "{crds: {enabled: false}, metrics: {serviceMonitor: {enabled: true}}}";
    let text = render::template_with(monitor).ok();
    let wrong = text.replace("honorLabels:", "honourLabels:");
    assert_ne!(wrong, text);
    let refused = tried(plane, &wrong).refused();
    assert!(refused.contains("honourLabels"), "{refused}");
}
