//! Each fault at each call of a first converge: the next runs reach the same tenant, nothing is
//! there twice, and no write is made that was not needed.

use dialtone::auth0::exchange::Method;
use dialtone::phone::outcome::Class;
use dialtone::sim::fault::{Fault, Script};
use serde_json::{Value, json};

use crate::rig::{Rig, quickstart, store_with_applications};

/// Calls of a first converge: six reads and five writes.
const CALLS: u32 = 11;
const WRITES: usize = 5;
/// The call that creates the provider. When it takes effect and its answer is lost, the token is
/// written once more: whether the provider that is there now holds it cannot be read.
const CREATE_PROVIDER: u32 = 7;

fn rig() -> Rig {
    Rig::with(&quickstart(), store_with_applications())
}

async fn expected() -> Value {
    let mut calm = rig();
    calm.settle().await;
    assert!(calm.objects.ready(), "{:?}", calm.objects.reasons());
    assert_eq!(calm.writes(), WRITES);
    assert_eq!(calm.tenant.calls().len(), usize::try_from(CALLS).unwrap());
    calm.picture()
}

fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("throttled", Fault::Throttle { reset_seconds: 30 }),
        (
            "500",
            Fault::Status {
                code: 500,
                applied: false,
            },
        ),
        (
            "502 after it took effect",
            Fault::Status {
                code: 502,
                applied: true,
            },
        ),
        (
            "HTML 503",
            Fault::Html {
                code: 503,
                applied: false,
            },
        ),
        (
            "HTML 503 after it took effect",
            Fault::Html {
                code: 503,
                applied: true,
            },
        ),
        ("timeout", Fault::Timeout { applied: false }),
        (
            "timeout after it took effect",
            Fault::Timeout { applied: true },
        ),
        ("lost", Fault::Lost { applied: true }),
        ("lost before it took effect", Fault::Lost { applied: false }),
        ("slow", Fault::Slow { ms: 5000 }),
        ("killed", Fault::Kill { applied: true }),
        (
            "killed before it took effect",
            Fault::Kill { applied: false },
        ),
    ]
}

const fn takes_effect_unanswered(fault: &Fault) -> bool {
    match fault {
        Fault::Status { applied, .. }
        | Fault::Html { applied, .. }
        | Fault::Timeout { applied }
        | Fault::Lost { applied }
        | Fault::Kill { applied } => *applied,
        Fault::Throttle { .. } | Fault::Slow { .. } | Fault::Drift { .. } => false,
    }
}

#[tokio::test]
async fn every_fault_at_every_call_ends_in_the_same_tenant() {
    let expected = expected().await;
    for (name, fault) in faults() {
        for call in 1..=CALLS {
            let mut rig = rig();
            rig.tenant
                .add_faults([Script::nth_call(call, fault.clone())]);
            rig.settle().await;
            let what = format!("{name} at call {call}: {:?}", rig.objects.reasons());
            assert!(rig.objects.ready(), "{what}");
            assert_eq!(rig.picture(), expected, "{what}");
            let unanswered = call == CREATE_PROVIDER && takes_effect_unanswered(&fault);
            assert_eq!(rig.writes(), WRITES + usize::from(unanswered), "{what}");
        }
    }
}

#[tokio::test]
async fn two_faults_in_a_row_end_in_the_same_tenant_too() {
    let expected = expected().await;
    for call in 1..CALLS {
        let mut rig = rig();
        let lost = Fault::Lost { applied: true };
        let refused = Fault::Status {
            code: 500,
            applied: false,
        };
        rig.tenant.add_faults([
            Script::nth_call(call, lost),
            Script::nth_call(call + 1, refused),
        ]);
        rig.settle().await;
        assert_eq!(rig.picture(), expected, "call {call}");
        assert_eq!(
            rig.writes(),
            WRITES + usize::from(call == CREATE_PROVIDER),
            "call {call}"
        );
    }
}

/// What another administrator may do in the middle of a first converge, and how many of our writes
/// that can undo at most. Ids are those of a run without faults: the same calls give the same ids.
fn meddling(calm: &Value) -> Vec<(&'static str, Value, usize)> {
    let put = |path: &str, body: Value| json!({"method": "PUT", "path": format!("/api/v2/guardian/{path}"), "body": body});
    let provider = format!(
        "/api/v2/branding/phone/providers/{}",
        calm["providers"]["provider"]["id"].as_str().unwrap()
    );
    let connection = format!(
        "/api/v2/connections/{}",
        calm["connections"]["all"][0]["document"]["id"]
            .as_str()
            .unwrap()
    );
    let client = &calm["connections"]["all"][0]["clients"][0];
    let theirs = json!({
        "name": "twilio",
        "configuration": {"sid": "AC9", "mssid": "MG9", "delivery_methods": ["voice"]},
        "credentials": {"auth_token": "theirs"},
    });
    let options = json!({"name": "sms", "totp": {"length": 9, "time_step": 60}});
    vec![
        (
            "turns the factor off",
            put("factors/sms", json!({"enabled": false})),
            1,
        ),
        (
            "takes the message types away",
            put("factors/phone/message-types", json!({"message_types": []})),
            1,
        ),
        (
            "creates a provider",
            json!({"method": "POST", "path": "/api/v2/branding/phone/providers", "body": theirs}),
            0,
        ),
        (
            "disables the provider",
            json!({"method": "PATCH", "path": provider, "body": {"disabled": true}}),
            1,
        ),
        (
            "deletes the provider",
            json!({"method": "DELETE", "path": provider}),
            1,
        ),
        (
            "changes the connection",
            json!({"method": "PATCH", "path": connection, "body": {"options": options}}),
            1,
        ),
        (
            "switches an application off",
            json!({"method": "PATCH", "path": format!("{connection}/clients"), "body": [{"client_id": client, "status": false}]}),
            1,
        ),
        // With the connection its list of applications is gone as well.
        (
            "deletes the connection",
            json!({"method": "DELETE", "path": connection}),
            2,
        ),
    ]
}

#[tokio::test]
async fn another_administrator_is_corrected_at_every_call() {
    let mut calm = rig();
    calm.settle().await;
    let expected = calm.picture();
    for (name, request, undone) in meddling(&calm.store()) {
        for call in 1..=CALLS {
            let mut rig = rig();
            let request = serde_json::from_value(request.clone()).unwrap();
            rig.tenant
                .add_faults([Script::nth_call(call, Fault::Drift { request })]);
            rig.settle().await;
            rig.settle().await;
            let what = format!("{name} before call {call}: {:?}", rig.objects.reasons());
            assert!(rig.objects.ready(), "{what}");
            assert_eq!(rig.picture(), expected, "{what}");
            assert!(rig.writes() <= WRITES + undone, "{what}: {}", rig.writes());
        }
    }
}

#[tokio::test]
async fn a_connection_deleted_between_reading_and_writing_is_created_anew() {
    let edited = quickstart().replace("length: 6", "length: 8");
    for (at, method) in [("", Method::Patch), ("/clients", Method::Patch)] {
        let mut rig = rig();
        rig.settle().await;
        let store = rig.store();
        let connection = &store["connections"]["all"][0]["document"]["id"];
        let path = format!("/api/v2/connections/{}", connection.as_str().unwrap());
        let off =
            json!([{"client_id": store["connections"]["all"][0]["clients"][0], "status": false}]);
        let clients = format!("{}/clients", path.trim_start_matches("/api/v2/"));
        assert_eq!(rig.admin(Method::Patch, &clients, off).status, 204);
        rig.objects.edit(&edited);
        let request = serde_json::from_value(json!({"method": "DELETE", "path": path})).unwrap();
        let struck = format!("{path}{at}");
        rig.tenant
            .add_faults([Script::once(method, struck, Fault::Drift { request })]);
        let (result, told) = rig.pass().await;
        let outcome = result.unwrap();
        assert_eq!(told.worst, Some(Class::Gone), "{:#?}", outcome.steps);
        rig.settle().await;
        assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
        let all = &rig.store()["connections"]["all"];
        assert_eq!(all.as_array().unwrap().len(), 1);
        assert_eq!(all[0]["document"]["options"]["totp"]["length"], 8);
        assert_eq!(all[0]["clients"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_provider_that_another_administrator_deletes_comes_back_with_its_token() {
    let mut rig = rig();
    rig.settle().await;
    let store = rig.store();
    let id = store["providers"]["provider"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("branding/phone/providers/{id}");
    assert_eq!(rig.admin(Method::Delete, &path, Value::Null).status, 204);
    rig.settle().await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    assert_eq!(rig.picture(), expected().await);
}

#[tokio::test]
async fn a_provider_deleted_between_reading_and_writing_is_read_again() {
    let mut rig = rig();
    rig.settle().await;
    let store = rig.store();
    let id = store["providers"]["provider"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    rig.objects
        .edit(&quickstart().replace("from: \"+15550100\"", "from: \"+15550199\""));
    let request = serde_json::from_value(json!({
        "method": "DELETE",
        "path": format!("/api/v2/branding/phone/providers/{id}"),
    }))
    .unwrap();
    let path = format!("/api/v2/branding/phone/providers/{id}");
    rig.tenant
        .add_faults([Script::once(Method::Patch, path, Fault::Drift { request })]);
    rig.settle().await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    let store = rig.store();
    assert_eq!(
        store["providers"]["provider"]["configuration"]["default_from"],
        "+15550199"
    );
}
