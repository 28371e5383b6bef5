//! What the controller manager cleans up.

use serde_json::json;

use crate::support::{ControlPlane, wait_until};
use crate::{provider, tenant};

#[tokio::test]
async fn objects_go_with_their_namespace() {
    let plane = ControlPlane::shared();
    plane.controller_manager();
    let namespace = plane.namespace("collection").await;
    let apply = ["apply", "-n", namespace.as_str(), "-f", "-"];
    plane
        .kubectl_reading(&apply, &tenant("acme").to_string())
        .ok();
    plane
        .kubectl(&["delete", "namespace", &namespace, "--wait=false"])
        .ok();
    wait_until("the namespace and the object in it to go", async || {
        let found = plane.kubectl(&["get", "namespace", &namespace, "-o", "yaml"]);
        if found.stderr.contains("NotFound") {
            return Ok(());
        }
        Err(found.stdout + &found.stderr)
    })
    .await;
    let left = plane.kubectl(&["get", "auth0tenants", "-n", &namespace, "-o", "name"]);
    assert_eq!(left.ok(), "");
}

#[tokio::test]
async fn what_an_object_owns_goes_with_it() {
    let plane = ControlPlane::shared();
    plane.controller_manager();
    let namespace = plane.namespace("collection").await;
    let apply = ["apply", "-n", namespace.as_str(), "-f", "-"];
    plane
        .kubectl_reading(&apply, &tenant("acme").to_string())
        .ok();
    let uid = [
        "get",
        "auth0tenant",
        "acme",
        "-n",
        &namespace,
        "-o=jsonpath={.metadata.uid}",
    ];
    let mut owned = provider("twilio");
    owned["metadata"]["ownerReferences"] = json!([{
        "apiVersion": dialtone::api::API_VERSION,
        "kind": "Auth0Tenant",
        "name": "acme",
        "uid": plane.kubectl(&uid).ok(),
    }]);
    plane.kubectl_reading(&apply, &owned.to_string()).ok();
    plane
        .kubectl(&["delete", "auth0tenant", "acme", "-n", &namespace])
        .ok();
    wait_until("the provider to follow its owner", async || {
        let list = ["get", "phoneproviders", "-n", &namespace, "-o", "name"];
        match plane.kubectl(&list).ok() {
            left if left.is_empty() => Ok(()),
            left => Err(left),
        }
    })
    .await;
}
