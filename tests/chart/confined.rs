//! Releases that see a part only: some namespaces, or some tenants.

use serde_json::json;

use crate::helm::CHART;
use crate::release::{LOCAL, Release, values};
use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};

#[tokio::test]
async fn a_release_for_one_namespace_needs_nothing_beyond_it() {
    let plane = ControlPlane::shared();
    let home = plane.namespace("operators").await;
    let rig = Rig::installed(plane, "confined", &home).await;
    let release = Release::new(plane, &home);
    let more = format!(
        "{LOCAL}watchNamespaces: [{}]\nsecretAccess: get\n",
        rig.namespace
    );
    let wanted = values(rig.simulator.url(), &more);
    release.install(CHART, &wanted).ok();
    let strangers = plane.namespace("strangers").await;
    let mut operator = release.operator("dialtone", "dialtone-1");
    rig.quickstart().await;
    plane
        .kubectl(&["apply", "-n", &strangers, "-f", "examples/quickstart"])
        .ok();
    let secret = json!({"stringData": {"authToken": "rotated"}});
    rig.patch("secret", "twilio", &secret).ok();
    rig.simulator.forget_calls().await;
    rig.look("rotated").await;
    assert_eq!(rig.simulator.writes().await.len(), 1);
    assert_eq!(rig.forbidden(), Vec::<String>::new());
    operator.signal("TERM");
    assert_eq!(operator.ended().await.code(), Some(0));
    let get = ["get", "auth0tenant", "acme", "-n", &strangers, "-o", "json"];
    let stranger: serde_json::Value = serde_json::from_str(&plane.kubectl(&get).ok()).unwrap();
    assert_eq!(stranger["status"]["observedGeneration"], -1, "{stranger:#}");

    release.uninstall().ok();
    assert_eq!(rig.objects().len(), 4);
    release.install(CHART, &wanted).ok();
    rig.simulator.forget_calls().await;
    let _operator = release.operator("dialtone", "dialtone-2");
    rig.look("reinstalled").await;
    rig.all_ready(4).await;
    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn each_shard_has_a_deployment_and_a_leader_of_its_own() {
    let plane = ControlPlane::shared();
    let home = plane.namespace("sharded").await;
    let rig = Rig::installed(plane, "shards", &home).await;
    let release = Release::new(plane, &home);
    let more = format!(
        "{LOCAL}watchNamespaces: [{}]\nshards: [{{name: one, selector: shard=one}}, \
         {{name: rest, selector: shard notin (one)}}]\n",
        rig.namespace
    );
    release
        .install(CHART, &values(rig.simulator.url(), &more))
        .ok();
    let _one = release.operator("dialtone-one", "dialtone-one-1");
    let _rest = release.operator("dialtone-rest", "dialtone-rest-1");
    rig.quickstart().await;
    wait_until("two leaders", async || {
        let path = "jsonpath={.items[*].spec.holderIdentity}";
        let leases = plane.kubectl(&["get", "leases", "-n", &home, "-o", path]);
        let holders = leases.ok();
        let two = holders.contains("dialtone-one-1") && holders.contains("dialtone-rest-1");
        if two { Ok(()) } else { Err(holders) }
    })
    .await;
    for shard in ["dialtone-one", "dialtone-rest"] {
        let budget = release.object("poddisruptionbudget", shard);
        let deployment = release.object("deployment", shard);
        assert_eq!(budget["spec"]["selector"], deployment["spec"]["selector"]);
    }
    // The tenant moves to the other part, which goes on without a write.
    rig.simulator.forget_calls().await;
    let moved = json!({"metadata": {"labels": {"shard": "one"}}});
    rig.patch("auth0tenant", "acme", &moved).ok();
    rig.look("moved").await;
    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}
