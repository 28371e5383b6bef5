//! What `kubectl get` shows.

use crate::support::ControlPlane;
use crate::{provider, tenant};

#[tokio::test]
async fn kubectl_shows_the_columns_and_knows_the_short_names() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("columns").await;
    let apply = ["apply", "-n", namespace.as_str(), "-f", "-"];
    for object in [tenant("acme"), provider("twilio")] {
        plane.kubectl_reading(&apply, &object.to_string()).ok();
    }
    let ready = r#"{"status": {"observedGeneration": 1, "conditions": [{
        "type": "Ready", "status": "True", "reason": "Succeeded", "message": "as it should be",
        "observedGeneration": 1, "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}"#;
    let patch = [
        "patch",
        "-n",
        namespace.as_str(),
        "--subresource=status",
        "--type=merge",
        "-p",
    ];
    for name in ["auth0tenants/acme", "phoneproviders/twilio"] {
        plane.kubectl(&[&patch[..], &[ready, name]].concat()).ok();
    }

    let get = |what: &str, more: &[&str]| {
        let arguments = [&["get", what, "-n", &namespace], more].concat();
        let text = plane.kubectl(&arguments).ok();
        let rows = text
            .lines()
            .map(|line| line.split_whitespace().map(str::to_owned));
        rows.map(Iterator::collect).collect::<Vec<Vec<String>>>()
    };
    let shown = get("auth0tenants", &[]);
    assert_eq!(shown[0], ["NAME", "READY", "REASON", "DOMAIN", "AGE"]);
    assert_eq!(
        shown[1][..4],
        ["acme", "True", "Succeeded", "acme.eu.auth0.com"]
    );
    let shown = get("phprov", &[]);
    assert_eq!(
        shown[0],
        [
            "NAME", "READY", "REASON", "TENANT", "ENABLED", "METHODS", "AGE"
        ]
    );
    assert_eq!(
        shown[1][..6],
        [
            "twilio",
            "True",
            "Succeeded",
            "acme",
            "true",
            r#"["Text","Voice"]"#
        ]
    );
    let wide = get("phprov", &["-o", "wide"]);
    assert!(wide[0].contains(&"STATUS".to_owned()), "{wide:?}");

    let names = get("dialtone", &["-o", "name"]).concat();
    assert_eq!(
        names,
        [
            "auth0tenant.dialtone.dev/acme",
            "phoneprovider.dialtone.dev/twilio"
        ]
    );
}

#[tokio::test]
async fn an_untouched_object_reads_as_in_progress() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("columns").await;
    let apply = ["apply", "-n", namespace.as_str(), "-f", "-"];
    plane
        .kubectl_reading(&apply, &tenant("acme").to_string())
        .ok();
    let path = "-o=jsonpath={.status.observedGeneration}";
    let observed = plane.kubectl(&["get", "auth0tenant", "acme", "-n", &namespace, path]);
    assert_eq!(observed.ok(), "-1");
}
