//! Calls of the Management API, counted where they arrive.

use std::collections::BTreeMap;

use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::{Setup, SimulatedTenant};

use crate::workspace::{Workspace, dialtone};

pub(crate) async fn simulator() -> Running {
    let clients = ["web", "ios", "android"].map(str::to_owned).to_vec();
    let tenant = SimulatedTenant::start(Setup {
        clients,
        ..Setup::default()
    })
    .unwrap();
    let listen = Listen {
        addr: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    serve(listen, tenant).await.unwrap()
}

/// Management calls as `(writes, reads by path)`.
fn counted(running: &Running) -> (usize, BTreeMap<String, usize>) {
    let calls = running.tenant.calls();
    let calls = calls
        .iter()
        .filter(|call| call.path.starts_with("/api/v2/"));
    let (writes, reads): (Vec<_>, Vec<_>) = calls.partition(|call| call.method != "GET");
    let mut by_path = BTreeMap::new();
    for call in reads {
        *by_path.entry(call.path.clone()).or_insert(0) += 1;
    }
    (writes.len(), by_path)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_converge_needs_few_calls_and_the_next_run_none_that_writes() {
    let running = simulator().await;
    let workspace = Workspace::example("quickstart");
    let (dir, state, url) = (workspace.dir(), workspace.file("state"), running.url());
    let args = [
        "apply",
        "-f",
        &dir,
        "--endpoint",
        &url,
        "--state",
        &state,
        "--yes",
    ];
    let first = dialtone(&args);
    assert_eq!(first.code, 0, "{}", first.all());
    let (writes, reads) = counted(&running);
    assert_eq!(writes, 5);
    let all = writes + reads.values().sum::<usize>();
    assert!(all <= 14, "{all} calls: {reads:?}");
    assert!(reads.values().all(|count| *count == 1), "{reads:?}");

    running.tenant.clear_calls();
    let second = dialtone(&args);
    assert_eq!(second.code, 0, "{}", second.all());
    let (writes, reads) = counted(&running);
    assert_eq!(writes, 0);
    assert!(reads.values().all(|count| *count == 1), "{reads:?}");
    assert!(reads.len() <= 8, "{reads:?}");
    running.stop().await;
}

/// The budget of the design: a provider, five templates, factor, types, policy, and a connection
/// with three applications.
#[tokio::test(flavor = "multi_thread")]
async fn templates_are_one_read_and_one_write_each() {
    let running = simulator().await;
    let workspace = Workspace::example("quickstart");
    let templates = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/templates/templates.yaml"
    );
    let templates = std::fs::read_to_string(templates).unwrap();
    workspace.write("templates.yaml", &templates);
    workspace.replace(
        "phone.yaml",
        "messageTypes:",
        "policies: [AllApplications]\n  messageTypes:",
    );
    // By name they cost one read more.
    let store = serde_json::to_value(running.tenant.store()).unwrap();
    let clients = store["clients"]["all"].as_array().unwrap();
    for name in ["web", "ios", "android"] {
        let found = clients
            .iter()
            .find(|client| client["name"] == name)
            .unwrap();
        let id = found["client_id"].as_str().unwrap();
        let (by_name, by_id) = (format!("name: {name}"), format!("clientId: {id}"));
        workspace.replace("phone.yaml", &by_name, &by_id);
    }
    let (dir, state, url) = (workspace.dir(), workspace.file("state"), running.url());
    let args = [
        "apply",
        "-f",
        &dir,
        "--endpoint",
        &url,
        "--state",
        &state,
        "--yes",
    ];
    let first = dialtone(&args);
    assert_eq!(first.code, 0, "{}", first.all());
    let (writes, reads) = counted(&running);
    assert_eq!(writes, 11);
    let all = writes + reads.values().sum::<usize>();
    assert!(all <= 19, "{all} calls: {reads:?}");
    assert!(reads.values().all(|count| *count == 1), "{reads:?}");

    running.tenant.clear_calls();
    let second = dialtone(&args);
    assert_eq!(second.code, 0, "{}", second.all());
    let (writes, reads) = counted(&running);
    assert_eq!(writes, 0);
    assert!(reads.values().all(|count| *count == 1), "{reads:?}");
    assert!(reads.len() <= 8, "{reads:?}");
    running.stop().await;
}
