//! Many objects at once.

use std::collections::BTreeMap;
use std::time::Duration;

use dialtone::api::Kind;
use dialtone::operator::cluster::api_resource;
use futures::stream::{self, StreamExt as _, TryStreamExt as _, select_all};
use kube::api::{DynamicObject, PostParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::rig::condition;

/// How many are made at once.
const AT_ONCE: usize = 16;

/// How long an object may take: many are made in a row.
const PATIENCE: Duration = Duration::from_mins(10);

/// A connection of its own name in a tenant.
pub fn connection(tenant: &str, number: usize) -> Value {
    let name = format!("{tenant}-{number}");
    json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PasswordlessConnection",
        "metadata": {"name": name},
        "spec": {
            "tenantRef": {"name": tenant},
            "name": name,
            "signup": "Allowed",
            "bruteForceProtection": true,
            "otp": {"length": 6, "expiry": "3m"},
        },
    })
}

/// Makes objects of ours in a namespace.
pub async fn create(client: &Client, namespace: &str, objects: Vec<Value>) {
    let made = objects.into_iter().map(|object| async {
        let kind = Kind::from_name(object["kind"].as_str().unwrap()).unwrap();
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), namespace, &api_resource(kind));
        let object = serde_json::from_value(object).unwrap();
        api.create(&PostParams::default(), &object).await
    });
    let made = stream::iter(made).buffer_unordered(AT_ONCE);
    made.try_for_each(|_| async { Ok(()) }).await.unwrap();
}

/// Waits until there are so many objects in a namespace and a pass has told something of each as
/// it is: that it is Ready, or where `ready` is false, anything.
pub async fn settled(client: &Client, namespace: &str, count: usize, ready: bool) {
    let watches = Kind::ALL.map(|kind| {
        let api: Api<DynamicObject> =
            Api::namespaced_with(client.clone(), namespace, &api_resource(kind));
        let events = watcher(api, watcher::Config::default()).default_backoff();
        Box::pin(events.map(move |event| (kind, event)))
    });
    let mut events = select_all(watches);
    let mut seen: BTreeMap<(Kind, String), bool> = BTreeMap::new();
    let all = async {
        while let Some((kind, event)) = events.next().await {
            let (object, present) = match event.unwrap() {
                Event::Apply(object) | Event::InitApply(object) => (object, true),
                Event::Delete(object) => (object, false),
                Event::Init | Event::InitDone => continue,
            };
            let object = serde_json::to_value(object).unwrap();
            let name = object["metadata"]["name"].as_str().unwrap().to_owned();
            if present {
                seen.insert((kind, name), is_settled(&object, ready));
            } else {
                seen.remove(&(kind, name));
            }
            if seen.len() == count && seen.values().all(|settled| *settled) {
                return;
            }
        }
    };
    if timeout(PATIENCE, all).await.is_err() {
        let settled = seen.values().filter(|settled| **settled).count();
        panic!(
            "of {count} objects {} are there and {settled} settled",
            seen.len()
        );
    }
}

/// Whether a pass has told of the object as it is now.
pub fn is_settled(object: &Value, ready: bool) -> bool {
    let current = object["status"]["observedGeneration"] == object["metadata"]["generation"];
    current && (!ready || condition(object, "Ready")["status"] == "True")
}
