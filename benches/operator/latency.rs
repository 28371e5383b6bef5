//! From a change of one object to Ready, and what of it is Auth0's.

use std::time::{Duration, Instant};

use dialtone::api::PasswordlessConnection;
use futures::StreamExt as _;
use jiff::Timestamp;
use kube::api::{Patch, PatchParams, WatchEvent, WatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::rig::Rig;
use crate::support::ControlPlane;
use crate::{crowd, tell};

const CHANGES: usize = 200;

/// What the slow tenant takes for each call.
const SLOW: u32 = 100;

/// One change, in milliseconds.
struct Change {
    /// From sending it to seeing that it is Ready.
    all: f64,
    /// Until the first call reached the tenant.
    before: f64,
    /// Calls to the tenant.
    calls: usize,
}

/// Prints a table of how long changes take.
pub async fn run() {
    let start = Instant::now();
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "latency").await;
    let client = plane.client().await;
    let operator = rig.operator("one", &[]);
    rig.quickstart().await;
    // What is measured is not the tenant's limit.
    let free = json!({"spec": {"rateLimit": {"requestsPerSecond": 1000, "burst": 1000}}});
    rig.patch("auth0tenant", "acme", &free).ok();
    let others = (0..9).map(|number| crowd::connection("acme", number));
    crowd::create(&client, &rig.namespace, others.collect()).await;
    crowd::settled(&client, &rig.namespace, 13, true).await;
    println!(
        "| A call takes | p50 ms | p99 ms | to the first call, p50 ms | calls, mean | Auth0's share |"
    );
    println!("|---|---|---|---|---|---|");
    for delay in [0, SLOW] {
        tell(start, &format!("{CHANGES} changes, {delay} ms a call"));
        slow_down(&rig, delay).await;
        let before = auth0_seconds(&operator.address().await).await;
        let mut changes = Vec::new();
        for number in 0..CHANGES {
            changes.push(change(&rig, &client, number).await);
        }
        let auth0 = auth0_seconds(&operator.address().await).await - before;
        print_row(delay, &changes, auth0);
    }
}

async fn slow_down(rig: &Rig<'_>, milliseconds: u32) {
    if milliseconds > 0 {
        let script = json!({"at": "always", "fault": {"kind": "slow", "ms": milliseconds}});
        rig.simulator
            .send(reqwest::Method::POST, "/_sim/faults", &script)
            .await;
    }
}

/// Changes a connection, and waits until the watch shows it Ready as it is then.
async fn change(rig: &Rig<'_>, client: &Client, number: usize) -> Change {
    let api: Api<PasswordlessConnection> = Api::namespaced(client.clone(), &rig.namespace);
    let version = api.get("sms").await.unwrap().metadata.resource_version;
    let watch = WatchParams::default().fields("metadata.name=sms");
    let mut events = api.watch(&watch, &version.unwrap()).await.unwrap().boxed();
    rig.simulator.forget_calls().await;
    let patch = json!({"spec": {"otp": {"length": 4 + number % 6}}});
    let (begun, clock) = (Instant::now(), Timestamp::now());
    let (params, patch) = (PatchParams::default(), Patch::Merge(&patch));
    let changed = api.patch("sms", &params, &patch).await.unwrap();
    let generation = changed.metadata.generation;
    loop {
        let WatchEvent::Modified(object) = events.next().await.unwrap().unwrap() else {
            continue;
        };
        let object = serde_json::to_value(object).unwrap();
        let is_it = object["metadata"]["generation"].as_i64() == generation;
        if is_it && crowd::is_settled(&object, true) {
            break;
        }
    }
    let all = milliseconds(begun.elapsed());
    let calls = rig.simulator.get("/_sim/calls").await;
    let calls = calls.as_array().unwrap();
    let arrived = |call: &Value| -> Timestamp { call["time"].as_str().unwrap().parse().unwrap() };
    let first = calls.iter().map(arrived).min().unwrap();
    let before = Duration::try_from(first.duration_since(clock)).unwrap_or_default();
    Change {
        all,
        before: milliseconds(before),
        calls: calls.len(),
    }
}

fn print_row(delay: u32, changes: &[Change], auth0: f64) {
    let sorted = |value: fn(&Change) -> f64| {
        let mut all: Vec<f64> = changes.iter().map(value).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (all, before) = (sorted(|it| it.all), sorted(|it| it.before));
    let calls: usize = changes.iter().map(|it| it.calls).sum();
    let count = f64::from(u32::try_from(changes.len()).unwrap());
    let mean = f64::from(u32::try_from(calls).unwrap()) / count;
    let share = auth0 * 1000.0 / all.iter().sum::<f64>() * 100.0;
    let (p50, p99) = (all[all.len() / 2], all[all.len() * 99 / 100]);
    let first = before[before.len() / 2];
    println!("| {delay} ms more | {p50:.0} | {p99:.0} | {first:.0} | {mean:.2} | {share:.0} % |");
}

/// How long calls to Auth0 have taken so far, as the operator's metrics say.
async fn auth0_seconds(address: &str) -> f64 {
    let page = reqwest::get(format!("{address}/metrics")).await.unwrap();
    let page = page.text().await.unwrap();
    let sums = page.lines().filter_map(|line| {
        let rest = line.strip_prefix("dialtone_auth0_request_duration_seconds_sum{")?;
        rest.split_whitespace().last()?.parse::<f64>().ok()
    });
    sums.sum()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
