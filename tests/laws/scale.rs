//! Calls grow with the tenant's parts, not with its objects; long lists are read and written whole.

use dialtone::sim::store::Store;
use serde_json::{Value, json};

use crate::rig::{Rig, admin, quickstart, store_with_applications};
use dialtone::auth0::exchange::Method;

#[tokio::test]
async fn one_changed_field_with_a_fresh_snapshot_is_one_call() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    let api = rig.api();
    let (result, _) = rig.pass().await;
    let snapshot = result.unwrap().observed;
    rig.tenant.clear_calls();
    rig.objects
        .edit(&quickstart().replace("length: 6", "length: 8"));
    let now = rig.clock.now();
    let (result, _) = rig.objects.pass(&api, Some(snapshot), now).await;
    let after = result.unwrap().observed;
    let calls = rig.tenant.calls();
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert!(calls[0].wrote);
    assert!(rig.objects.ready());
    // The snapshot that was carried along is what a fresh one shows.
    let scope = rig.objects.desired().scope();
    let fresh = dialtone::auth0::tenant::Tenant::snapshot(&api, scope)
        .await
        .unwrap();
    assert_eq!(after, fresh);
}

#[tokio::test]
async fn idle_passes_write_nothing_and_read_each_endpoint_once() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    rig.settle().await;
    for _ in 0..100 {
        rig.tenant.clear_calls();
        let (_, told) = rig.pass().await;
        assert!(told.patches.is_empty() && told.events.is_empty());
        let calls = rig.tenant.calls();
        assert!(calls.iter().all(|call| !call.is_write()));
        let mut paths: Vec<&str> = calls.iter().map(|call| call.path.as_str()).collect();
        paths.sort_unstable();
        let all = paths.len();
        paths.dedup();
        assert_eq!(paths.len(), all, "{paths:?}");
        assert!(all <= 8, "{paths:?}");
    }
}

#[tokio::test]
async fn a_thousand_applications_are_found_by_name_and_enabled_fifty_at_a_time() {
    for (count, writes) in [(51, 2), (101, 3), (1000, 20)] {
        let mut store = Store::new("acme.eu.auth0.com");
        let names: Vec<String> = (0..count).map(|index| format!("app {index}")).collect();
        for name in &names {
            store.seed_client(name);
        }
        let refs: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        let manifests = quickstart().replace(
            "      - name: web\n      - name: ios\n      - name: android\n",
            &format!("      {}\n", Value::from(refs)),
        );
        let mut rig = Rig::with(&manifests, store);
        rig.settle().await;
        assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
        let clients = rig.tenant.calls();
        let clients = clients
            .iter()
            .filter(|call| call.wrote && call.path.ends_with("/clients"))
            .count();
        assert_eq!(clients, writes, "{count} applications");
        // And a second look finds every one of them enabled.
        let before = rig.writes();
        rig.settle().await;
        assert_eq!(rig.writes(), before);
    }
}

#[tokio::test]
async fn other_connections_do_not_cost_other_calls() {
    let mut counts = Vec::new();
    for databases in [1, 100, 250] {
        let mut rig = Rig::with(&quickstart(), store_with_applications());
        for index in 0..databases {
            let body = json!({"name": format!("db-{index}"), "strategy": "auth0"});
            assert_eq!(
                admin(&rig.tenant, Method::Post, "connections", body).status,
                201
            );
        }
        rig.settle().await;
        rig.tenant.clear_calls();
        rig.pass().await.0.unwrap();
        counts.push(rig.tenant.calls().len());
    }
    // A page holds a hundred connections; nothing else grows.
    assert_eq!(counts, [7, 8, 9]);
}

#[tokio::test]
async fn a_connection_of_more_than_a_page_of_applications_is_read_whole() {
    let mut store = Store::new("acme.eu.auth0.com");
    let ids: Vec<String> = (0..1100)
        .map(|index| store.seed_client(&format!("app {index}")))
        .collect();
    for name in ["web", "ios", "android"] {
        store.seed_client(name);
    }
    let exclusive = quickstart().replace("    refs:", "    mode: Exclusive\n    refs:");
    let mut rig = Rig::with(&exclusive, store);
    rig.settle().await;
    let id = rig.store()["connections"]["all"][0]["document"]["id"].clone();
    let path = format!("connections/{}/clients", id.as_str().unwrap());
    for page in ids.chunks(50) {
        let switches: Vec<Value> = page
            .iter()
            .map(|id| json!({"client_id": id, "status": true}))
            .collect();
        let body = Value::from(switches);
        assert_eq!(rig.admin(Method::Patch, &path, body).status, 204);
    }
    let before = rig.writes();
    rig.pass().await.0.unwrap();
    // 1,100 of them are switched off, fifty at a time.
    assert_eq!(rig.writes() - before, 22);
    let left = &rig.store()["connections"]["all"][0]["clients"];
    assert_eq!(left.as_array().unwrap().len(), 3);
}
