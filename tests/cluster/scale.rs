//! What the number of objects does not change.

use std::collections::BTreeMap;

use serde_json::json;

use crate::crowd;
use crate::rig::Rig;
use crate::support::ControlPlane;

#[tokio::test]
async fn a_look_at_a_tenant_costs_the_same_reads_for_any_number_of_its_objects() {
    let rig = Rig::new(ControlPlane::shared(), "scale").await;
    let client = rig.plane.client().await;
    // The API server is slow to answer while so many objects are made: the Lease is to outlast that.
    let patient = [
        "--lease-duration",
        "120s",
        "--renew-deadline",
        "90s",
        "--retry-period",
        "5s",
    ];
    let _operator = rig.operator("one", &patient);
    rig.quickstart().await;
    // What is only planned is not in the tenant: it holds the same for any number of objects.
    let observe = json!({"spec": {"managementPolicy": "Observe"}});
    rig.patch("auth0tenant", "acme", &observe).ok();
    let mut there = 0;
    let mut reads: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for count in [1, 100, 1000] {
        let new = (there..count).map(|number| crowd::connection("acme", number));
        crowd::create(&client, &rig.namespace, new.collect()).await;
        there = count;
        crowd::settled(&client, &rig.namespace, 4 + count, false).await;
        rig.simulator.forget_calls().await;
        rig.look(&count.to_string()).await;
        let mut calls = rig.simulator.calls().await;
        calls.sort();
        reads.insert(count, calls);
    }
    assert!(reads[&1].len() <= 8, "{:#?}", reads[&1]);
    assert_eq!(reads[&1], reads[&100]);
    assert_eq!(reads[&1], reads[&1000]);
}
