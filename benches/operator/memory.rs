//! Resident memory by the number of objects.

use std::time::{Duration, Instant};

use kube::Client;
use serde_json::json;
use tokio::time::sleep;

use crate::fleet::{Fleet, credentials};
use crate::operator::Operator;
use crate::process::{Resident, reset_peak, threads};
use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};
use crate::{crowd, tell};

const TENANTS: usize = 100;

/// Objects of each tenant.
const STAGES: [usize; 2] = [10, 100];

/// Longer than idle connections to tenants are kept.
const REST: Duration = Duration::from_secs(40);

/// Secrets that no object names, and what each holds.
const SECRETS: usize = 300;
const SECRET_BYTES: usize = 1_000_000;

/// Prints a table of what the operator holds.
pub async fn run() {
    let start = Instant::now();
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::alone(plane, "memory").await;
    let client = plane.client().await;
    let fleet = Fleet::start(plane.folder(), TENANTS);
    rig.apply(&credentials().to_string()).ok();
    tell(start, "the control plane and the simulators run");

    println!("| Objects | Resident MiB | of it private | Peak |\n|---|---|---|---|");
    let mut operator = begin(&rig, &fleet, "first", 0).await;
    rest(&operator).await;
    row(&operator, "0");
    let mut each = 0;
    for stage in STAGES {
        let count = TENANTS * stage;
        tell(start, &format!("{count} objects are made"));
        reset_peak(operator.id());
        crowd::create(&client, &rig.namespace, fleet.objects(each..stage)).await;
        each = stage;
        tell(start, "and are to become Ready");
        crowd::settled(&client, &rig.namespace, count, true).await;
        tell(start, "they are Ready");
        rest(&operator).await;
        row(&operator, &format!("{count}, made under it"));
        operator.kill();
        let name = format!("after-{count}");
        operator = begin(&rig, &fleet, &name, TENANTS).await;
        rest(&operator).await;
        row(&operator, &format!("{count}, there at its start"));
    }
    tell(start, "unrelated Secrets are made");
    let before = Resident::of(operator.id());
    reset_peak(operator.id());
    secrets(&client, &rig.namespace).await;
    rest(&operator).await;
    let more = Resident::of(operator.id()) - before;
    println!("| {SECRETS} Secrets of 1 MB added | {} |", more.cells());
    operator.kill();
    operator = begin(&rig, &fleet, "with-secrets", TENANTS).await;
    rest(&operator).await;
    row(&operator, "the same, there at its start");
    tell(start, "done");
}

/// Starts an operator and waits until it has looked at every tenant.
async fn begin(rig: &Rig<'_>, fleet: &Fleet, name: &str, tenants: usize) -> Operator {
    let operator = rig.operator_for_all(name, &[], Some(fleet.trusted()));
    wait_until("the first passes", async || {
        let log = operator.log();
        let passes = log.matches("pass done").count();
        if log.contains("everything is listed") && passes >= tenants {
            return Ok(());
        }
        Err(log)
    })
    .await;
    operator
}

/// Lets the operator become idle, and has its metrics read as a monitoring system does.
async fn rest(operator: &Operator) {
    let page = format!("{}/metrics", operator.address().await);
    reqwest::get(page).await.unwrap().text().await.unwrap();
    sleep(REST).await;
}

fn row(operator: &Operator, label: &str) {
    let resident = Resident::of(operator.id());
    println!("| {label} | {} |", resident.cells());
    eprintln!("  {label}: {} threads", threads(operator.id()));
}

async fn secrets(client: &Client, namespace: &str) {
    use futures::stream::{self, StreamExt as _};
    use k8s_openapi::api::core::v1::Secret;
    use kube::Api;
    use kube::api::PostParams;

    let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let text = "x".repeat(SECRET_BYTES);
    let made = (0..SECRETS).map(|number| {
        let secret = json!({"metadata": {"name": format!("unrelated-{number}")}, "stringData": {"text": text}});
        let (api, secret) = (api.clone(), serde_json::from_value::<Secret>(secret).unwrap());
        async move { api.create(&PostParams::default(), &secret).await }
    });
    let mut made = stream::iter(made).buffer_unordered(4);
    while let Some(secret) = made.next().await {
        secret.unwrap();
    }
}
