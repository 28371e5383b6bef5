//! Service accounts: their tokens are good for what RBAC lets them do, and for nothing else.

use dialtone::api::Auth0Tenant;
use kube::Api;
use kube::api::ListParams;

use crate::support::ControlPlane;

#[tokio::test]
async fn a_service_account_may_do_what_its_role_says() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("tokens").await;
    let in_namespace = ["-n", namespace.as_str()];
    plane
        .kubectl(&[&["create", "serviceaccount", "reader"], &in_namespace[..]].concat())
        .ok();
    let reader = plane.kubeconfig_for("reader", &namespace);

    let list = [&["get", "auth0tenants"], &in_namespace[..]].concat();
    let said = plane.kubectl_as(&reader, &list).refused();
    assert!(said.contains("Forbidden"), "{said}");

    let role = [
        "create",
        "role",
        "reader",
        "--verb=get,list",
        "--resource=auth0tenants.dialtone.dev",
    ];
    plane.kubectl(&[&role[..], &in_namespace].concat()).ok();
    let account = format!("--serviceaccount={namespace}:reader");
    let binding = ["create", "rolebinding", "reader", "--role=reader", &account];
    plane.kubectl(&[&binding[..], &in_namespace].concat()).ok();

    let api: Api<Auth0Tenant> = Api::namespaced(plane.client_for(&reader).await, &namespace);
    crate::support::wait_until("the role to be in force", async || {
        api.list(&ListParams::default()).await
    })
    .await;
    let asked = plane.audit().by_service_account(&namespace, "reader");
    assert!(asked.iter().any(|request| request.code == Some(403)));
    assert!(
        asked
            .iter()
            .all(|request| request.verb == "list" || request.resource.is_empty())
    );
}
