//! An operator that is killed at any write goes on where it was when it is started again.

use std::fs;

use serde_json::{Value, json};

use crate::operator::Operator;
use crate::rig::{KINDS, Rig};
use crate::simulator::WRITES;
use crate::support::{ControlPlane, wait_until};

const DELETE: &str = "deletionPolicy: Delete";

/// How a write is met that the operator does not survive.
#[derive(Clone, Copy)]
enum Kill {
    /// It does not reach the tenant.
    Before,
    /// It takes effect, and the operator never hears of it.
    After,
}

#[tokio::test]
async fn killed_before_a_write_it_makes_that_write_and_no_other_twice() {
    converge(Kill::Before, "deletionPolicy: Orphan").await;
}

#[tokio::test]
async fn killed_after_a_write_it_duplicates_nothing() {
    converge(Kill::After, "deletionPolicy: Orphan").await;
}

#[tokio::test]
async fn killed_before_a_write_it_leaves_no_finalizer_behind() {
    converge(Kill::Before, DELETE).await;
}

#[tokio::test]
async fn killed_after_a_write_it_leaves_no_finalizer_behind() {
    converge(Kill::After, DELETE).await;
}

#[tokio::test]
async fn killed_at_a_removal_it_removes_everything_after_all() {
    for path in [
        "/api/v2/connections/*",
        "/api/v2/branding/phone/providers/*",
    ] {
        for kill in [Kill::Before, Kill::After] {
            let rig = Rig::new(ControlPlane::shared(), "crash-removal").await;
            let mut first = rig.operator("first", &[]);
            rig.apply(&quickstart(DELETE)).ok();
            rig.all_ready(4).await;
            hold(&rig, "DELETE", path, kill).await;
            delete_all(&rig);
            end(&rig, &mut first).await;
            let _second = restarted(&rig);
            gone(&rig).await;
            assert_eq!(rig.forbidden(), Vec::<String>::new());
        }
    }
}

/// What is made and not written down anywhere else is known to be the object's own work.
#[tokio::test]
async fn killed_after_a_creation_it_takes_its_own_work_for_its_own() {
    for (method, path) in WRITES.into_iter().filter(|(method, _)| *method == "POST") {
        let rig = Rig::new(ControlPlane::shared(), "crash-own").await;
        hold(&rig, method, path, Kill::After).await;
        let mut first = rig.operator("first", &[]);
        let strict = quickstart("adopt: Never");
        // A factor is there from the start: nobody creates it.
        let strict = strict.replace("  adopt: Never\n  messageTypes", "  messageTypes");
        rig.apply(&strict).ok();
        end(&rig, &mut first).await;
        let _second = restarted(&rig);
        rig.all_ready(4).await;
        is_whole(&rig).await;
        for object in rig.objects() {
            assert_eq!(object["status"]["creating"], Value::Null, "{object:#}");
        }
    }
}

/// Beside what the quickstart creates: the Action of a provider, and the attribute of a connection
/// that somebody else set up.
#[tokio::test]
async fn an_action_and_an_attribute_are_known_for_ones_own_too() {
    for (path, method, held) in [
        ("custom-provider", "POST", "/api/v2/actions/actions"),
        ("phone-identifier", "PATCH", "/api/v2/connections/*"),
    ] {
        let rig = Rig::new(ControlPlane::shared(), "crash-late").await;
        let email = json!({"email": {"identifier": {"active": true}}});
        let users = json!({"name": "Username-Password-Authentication", "strategy": "auth0",
            "options": {"attributes": email}});
        rig.simulator
            .admin("POST", "/api/v2/connections", &users)
            .await;
        hold(&rig, method, held, Kill::After).await;
        let mut first = rig.operator("first", &[]);
        let reference = "  tenantRef: {name: acme}\n";
        let read = |file: fs::DirEntry| fs::read_to_string(file.path()).unwrap();
        let folder = fs::read_dir(format!("examples/{path}")).unwrap();
        let all: Vec<String> = folder.map(|file| read(file.unwrap())).collect();
        let strict = all.join("\n---\n");
        let strict = strict.replace(reference, &format!("{reference}  adopt: Never\n"));
        assert!(strict.contains("adopt: Never"));
        rig.apply(&strict).ok();
        end(&rig, &mut first).await;
        let _second = restarted(&rig);
        rig.all_ready(all.len()).await;
        for object in rig.objects() {
            for field in ["creating", "creatingAction"] {
                assert_eq!(object["status"][field], Value::Null, "{object:#}");
            }
        }
        assert_eq!(rig.forbidden(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_is_deleted_before_its_creation_was_heard_of_is_removed_all_the_same() {
    for (method, path) in WRITES.into_iter().filter(|(method, _)| *method == "POST") {
        let rig = Rig::new(ControlPlane::shared(), "crash-gone").await;
        hold(&rig, method, path, Kill::After).await;
        let mut first = rig.operator("first", &[]);
        rig.apply(&quickstart(DELETE)).ok();
        end(&rig, &mut first).await;
        delete_all(&rig);
        let _second = restarted(&rig);
        gone(&rig).await;
    }
}

async fn converge(kill: Kill, policy: &str) {
    for (method, path) in WRITES {
        let rig = Rig::new(ControlPlane::shared(), "crash").await;
        hold(&rig, method, path, kill).await;
        let mut first = rig.operator("first", &[]);
        rig.apply(&quickstart(policy)).ok();
        end(&rig, &mut first).await;
        let _second = restarted(&rig);
        rig.all_ready(4).await;
        is_whole(&rig).await;
        rig.simulator.forget_calls().await;
        rig.look("settled").await;
        assert_eq!(rig.simulator.writes().await, Vec::<String>::new(), "{path}");
        if policy == DELETE {
            delete_all(&rig);
            gone(&rig).await;
        }
        assert_eq!(rig.forbidden(), Vec::<String>::new());
    }
}

/// Has the tenant never answer this write.
async fn hold(rig: &Rig<'_>, method: &str, path: &str, kill: Kill) {
    let applied = matches!(kill, Kill::After);
    let fault = json!({"kind": "timeout", "applied": applied});
    rig.simulator.fault(method, path, &fault).await;
}

/// Kills the operator while it waits for that answer.
async fn end(rig: &Rig<'_>, operator: &mut Operator) {
    rig.simulator.struck("timeout").await;
    operator.kill();
    rig.simulator.heal().await;
}

/// Another process in its place, which need not wait for the Lease of the dead one to run out.
fn restarted(rig: &Rig<'_>) -> Operator {
    rig.operator("second", &["--lease-name", "second"])
}

/// The quickstart with this line in the specs of all but the tenant.
fn quickstart(line: &str) -> String {
    let read = |name: &str| fs::read_to_string(format!("examples/quickstart/{name}")).unwrap();
    let reference = "  tenantRef: {name: acme}\n";
    let phone = read("phone.yaml");
    let phone = phone.replace(reference, &format!("{reference}  {line}\n"));
    format!("{phone}\n---\n{}", read("tenant.yaml"))
}

/// The tenant has what the quickstart asks for, each thing once.
async fn is_whole(rig: &Rig<'_>) {
    let tenant = rig.simulator.tenant().await;
    let provider = &tenant["providers"]["provider"];
    assert_eq!(provider["disabled"], false, "{provider:#}");
    assert_eq!(
        rig.object("phoneprovider", "twilio")["status"]["id"],
        provider["id"]
    );
    let guardian = &tenant["guardian"];
    assert_eq!(guardian["enabled"], json!(["sms"]));
    assert_eq!(guardian["message_types"], json!(["sms", "voice"]));
    let connections = tenant["connections"]["all"].as_array().unwrap();
    assert_eq!(connections.len(), 1, "{connections:#?}");
    let clients = connections[0]["clients"].as_array().unwrap();
    assert_eq!(clients.len(), 3, "{clients:?}");
    let log = rig.simulator.log().await;
    let wrote = |call: &&Value| call["wrote"] == true;
    for (method, path) in WRITES.iter().filter(|(method, _)| *method == "POST") {
        let made = log.iter().filter(wrote);
        let made = made.filter(|call| call["method"] == *method && call["path"] == *path);
        assert_eq!(made.count(), 1, "{method} {path}");
    }
}

fn delete_all(rig: &Rig<'_>) {
    let kinds = KINDS.replace("auth0tenants,", "");
    rig.kubectl(&["delete", &kinds, "--all", "--wait=false"])
        .ok();
}

/// Waits until the tenant alone is left, and nothing of ours in it.
async fn gone(rig: &Rig<'_>) {
    wait_until("all objects but the tenant to go", async || {
        let left = rig.objects();
        if left.len() == 1 {
            return Ok(());
        }
        let told = left.iter().map(|it| format!("{:#}", it["status"]));
        Err(told.collect::<String>())
    })
    .await;
    let tenant = rig.simulator.tenant().await;
    assert_eq!(tenant["providers"]["provider"], Value::Null);
    assert_eq!(tenant["connections"]["all"], json!([]));
}
