//! The audit log counts what was asked.

use std::collections::BTreeMap;

use dialtone::api::Auth0Tenant;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use serde_json::json;

use crate::support::ControlPlane;
use crate::tenant;

fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected
        .map(|(line, count)| (line.to_owned(), count))
        .into()
}

#[tokio::test]
async fn each_request_is_counted_once_by_user_verb_and_resource() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("audit").await;
    let before = plane.audit();
    let api: Api<Auth0Tenant> = Api::namespaced(plane.client().await, &namespace);
    let object = serde_json::from_value(tenant("acme")).unwrap();
    api.create(&PostParams::default(), &object).await.unwrap();
    let ready = json!({"status": {"observedGeneration": 1}});
    for _ in 0..2 {
        let patch = Patch::Merge(&ready);
        let parameters = PatchParams::default();
        api.patch_status("acme", &parameters, &patch).await.unwrap();
    }
    api.list(&ListParams::default()).await.unwrap();
    let dry = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let other = serde_json::from_value(tenant("other")).unwrap();
    api.create(&dry, &other).await.unwrap();

    // The controller manager may be at work in the namespace too.
    let asked = plane.audit().since(&before).in_namespace(&namespace);
    assert!(asked.users().contains("admin"));
    let asked = asked.by("admin");
    assert_eq!(
        asked.tally(),
        counts([
            ("create auth0tenants", 2),
            ("list auth0tenants", 1),
            ("patch auth0tenants/status", 2),
        ])
    );
    let written = asked.writes();
    assert_eq!(
        written.tally(),
        counts([("create auth0tenants", 1), ("patch auth0tenants/status", 2)])
    );
    let mut patches = written.iter().filter(|request| request.verb == "patch");
    assert!(patches.all(|request| request.name == "acme"));
}

#[tokio::test]
async fn reading_writes_nothing() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("audit").await;
    let before = plane.audit();
    for _ in 0..3 {
        plane.kubectl(&["get", "dialtone", "-n", &namespace]).ok();
    }
    let asked = plane.audit().since(&before).in_namespace(&namespace);
    let asked = asked.by("admin");
    assert_eq!(asked.len(), 3 * dialtone::api::Kind::ALL.len());
    let mut requests = asked.iter();
    assert!(requests.all(|request| request.user_agent.starts_with("kubectl/")));
    assert!(asked.writes().is_empty());
}
