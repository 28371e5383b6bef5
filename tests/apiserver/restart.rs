//! A control plane that is stopped and started again.

use std::path::PathBuf;

use dialtone::api::Auth0Tenant;
use futures::StreamExt;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Api, ResourceExt};

use crate::support::ControlPlane;
use crate::tenant;

#[tokio::test]
async fn a_server_that_comes_back_has_its_objects_and_has_forgotten_old_versions() {
    let mut plane = ControlPlane::dedicated().await;
    let namespace = plane.namespace("restart").await;
    let apply = ["apply", "-n", namespace.as_str(), "-f", "-"];
    plane
        .kubectl_reading(&apply, &tenant("first").to_string())
        .ok();
    let client = plane.client().await;
    let api: Api<Auth0Tenant> = Api::namespaced(client, &namespace);
    let old = api.list(&ListParams::default()).await.unwrap();
    let old = old.metadata.resource_version.unwrap();
    plane
        .kubectl_reading(&apply, &tenant("second").to_string())
        .ok();

    plane.stop_apiserver();
    api.list(&ListParams::default()).await.unwrap_err();
    let revision = plane.compact().await;
    assert!(revision > old.parse().unwrap());
    plane.start_apiserver().await;

    let names: Vec<String> = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .iter()
        .map(ResourceExt::name_any)
        .collect();
    assert_eq!(names, ["first", "second"]);
    let events = api.watch(&WatchParams::default(), &old).await;
    let expired = match events {
        Err(kube::Error::Api(status)) => status.code == 410,
        Err(error) => panic!("{error}"),
        Ok(events) => match Box::pin(events).next().await {
            Some(Ok(WatchEvent::Error(status))) => status.code == 410,
            other => panic!("{other:?}"),
        },
    };
    assert!(expired);
}

#[tokio::test]
async fn nothing_is_left_of_a_control_plane_that_has_ended() {
    let plane = ControlPlane::dedicated().await;
    let folder: PathBuf = plane.folder().to_owned();
    assert!(folder.is_dir());
    drop(plane);
    assert!(!folder.exists());
}
