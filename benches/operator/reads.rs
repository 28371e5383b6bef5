//! Reads of Auth0 for one look at a tenant, by the number of its objects.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::json;

use crate::rig::Rig;
use crate::support::ControlPlane;
use crate::{crowd, tell};

/// Prints tables of how often a look reads.
pub async fn run() {
    println!("| Objects | Reads, all planned only | Reads, all in the tenant |\n|---|---|---|");
    let (planned, made) = (reads("Observe").await, reads("Manage").await);
    for (count, reads) in planned {
        println!("| {count} | {reads} | {} |", made[&count]);
    }
}

/// The reads of one look, with 1, 100 and 1,000 connections beside the quickstart's objects.
async fn reads(policy: &str) -> BTreeMap<usize, usize> {
    let start = Instant::now();
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "reads").await;
    let client = plane.client().await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let spec = json!({"spec": {
        "managementPolicy": policy,
        "rateLimit": {"requestsPerSecond": 1000, "burst": 1000},
    }});
    rig.patch("auth0tenant", "acme", &spec).ok();
    let mut there = 0;
    let mut reads = BTreeMap::new();
    for count in [1, 100, 1000] {
        tell(start, &format!("{count} connections, {policy}"));
        let new = (there..count).map(|number| crowd::connection("acme", number));
        crowd::create(&client, &rig.namespace, new.collect()).await;
        there = count;
        crowd::settled(&client, &rig.namespace, 4 + count, policy == "Manage").await;
        rig.simulator.forget_calls().await;
        rig.look(&count.to_string()).await;
        let calls = rig.simulator.calls().await;
        let gets = calls.iter().filter(|call| call.starts_with("GET "));
        reads.insert(count, gets.count());
    }
    reads
}
