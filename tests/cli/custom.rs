//! The custom provider on the command line: few calls, mistakes in the code at their place, and code
//! that does what the examples say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use dialtone::sim::actions::Pace;
use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::{Setup, SimulatedTenant};
use serde_json::{Value, json};

use crate::workspace::{Workspace, dialtone};

const EXAMPLES: [&str; 4] = [
    "custom-provider",
    "custom-provider-amazon-sns",
    "custom-provider-per-flow",
    "custom-provider-twilio-verify",
];

async fn simulator() -> Running {
    let tenant = SimulatedTenant::start(Setup::default()).unwrap();
    let listen = Listen {
        addr: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    serve(listen, tenant).await.unwrap()
}

/// Calls to the Management API by method and path, looks at the build aside.
fn calls(running: &Running) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for call in running.tenant.calls() {
        let look = call.method == "GET" && call.path.contains("/actions/actions/");
        if call.path.starts_with("/api/v2/") && !look {
            let (_, path) = call.path.split_once("/api/v2/").unwrap();
            *counted
                .entry(format!("{} {path}", call.method))
                .or_insert(0) += 1;
        }
    }
    counted
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_provider_needs_few_calls_and_none_that_writes_when_nothing_changed() {
    let running = simulator().await;
    let workspace = Workspace::example("custom-provider");
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
    let made = calls(&running);
    assert!(made.values().sum::<usize>() <= 9, "{made:#?}");
    running.tenant.clear_calls();

    let second = dialtone(&args);
    assert_eq!(second.code, 0, "{}", second.all());
    let made = calls(&running);
    assert!(
        made.keys().all(|call| call.starts_with("GET ")),
        "{made:#?}"
    );
    // What depends on a provider is read for a provider of any sort.
    let own = made
        .keys()
        .filter(|call| call.contains("actions/") || call.contains("branding/"));
    assert_eq!(own.count(), 3, "{made:#?}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_build_is_waited_for_and_deployed_once() {
    let running = simulator().await;
    let pace = Pace {
        build: 6,
        deploy: 1,
    };
    running
        .tenant
        .change(|store, _| store.set_pace(pace))
        .unwrap();
    let workspace = Workspace::example("custom-provider");
    let (dir, url) = (workspace.dir(), running.url());
    let run = dialtone(&[
        "apply",
        "-f",
        &dir,
        "--endpoint",
        &url,
        "--yes",
        "-o",
        "json",
    ]);
    assert_eq!(run.code, 0, "{}", run.all());
    let store = serde_json::to_value(running.tenant.store()).unwrap();
    let action = &store["actions"]["all"][0];
    assert_eq!(
        action["versions"].as_array().unwrap().len(),
        1,
        "{action:#}"
    );
    assert_eq!(store["providers"]["provider"]["name"], "custom");
    // That it takes its time is no event.
    let events = run.json()["events"].as_array().unwrap().clone();
    assert!(
        events.iter().all(|event| event["type"] == "Normal"),
        "{events:#?}"
    );
    running.stop().await;
}

#[test]
fn a_mistake_in_the_code_is_told_at_its_line_and_never_sent() {
    let workspace = Workspace::example("custom-provider");
    workspace.replace("provider.yaml", "to: recipient,", "to: recipient;");
    let run = dialtone(&["validate", "-f", &workspace.dir()]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout.replace(&workspace.dir(), "manifests"));
    let up = dialtone(&["up", &workspace.dir(), "--once"]);
    assert_eq!(up.code, 1, "{}", up.all());
}

#[test]
fn a_secret_that_is_not_declared_is_told_where_it_is_read() {
    let workspace = Workspace::example("custom-provider");
    workspace.replace(
        "provider.yaml",
        "event.secrets.GATEWAY_URL",
        "event.secrets.URL",
    );
    let run = dialtone(&["validate", "-f", &workspace.dir(), "--strict"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout.replace(&workspace.dir(), "manifests"));
    let elsewhere = Workspace::example("custom-provider-amazon-sns");
    elsewhere.replace("provider.yaml", "as_text, from }", "text, from }");
    let run = dialtone(&["validate", "-f", &elsewhere.dir()]);
    assert_eq!(run.code, 0, "{}", run.all());
    let told =
        "line 4, column 39 of key send.js of ConfigMap amazon-sns: event.notification has no text";
    assert!(run.all().contains(told), "{}", run.all());
}

/// The code of an example as Auth0 gets it.
fn code(example: &str) -> String {
    let path = format!(
        "{}/examples/{example}/provider.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(" |\n").unwrap();
    let indent = rest.len() - rest.trim_start().len();
    let block = rest.lines().take_while(|line| {
        line.trim().is_empty() || line.len() - line.trim_start().len() >= indent
    });
    let lines: Vec<&str> = block
        .map(|line| line.get(indent..).unwrap_or_default())
        .collect();
    lines.join("\n")
}

/// Runs the code of an example for one message in Node, with what it calls replaced; what it called.
fn sent(example: &str, event: &Value) -> Option<Value> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("action.js"), code(example)).unwrap();
    fs::write(folder.path().join("event.json"), event.to_string()).unwrap();
    let stub = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/custom.js");
    let output = Command::new("node").arg(stub).current_dir(&folder).output();
    let Ok(output) = output else {
        // The machine has no Node.js: that the code parses is all that is tested.
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{example}: {errors}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn event(message_type: &str, method: &str, rest: &Value) -> Value {
    let mut event = json!({
        "notification": {
            "recipient": "+15555550123",
            "delivery_method": method,
            "message_type": message_type,
            "as_text": "the text",
            "as_voice": "the call",
            "locale": "pt_BR",
        },
        "client": {"client_id": "web"},
        "user": {"phone_number": "+15555550123", "phone_verified": true},
    });
    if matches!(
        message_type,
        "otp_verify" | "otp_enroll" | "change_password"
    ) {
        event["notification"]["code"] = json!("123456");
    }
    for (key, value) in rest.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

const TYPES: [&str; 5] = [
    "otp_verify",
    "otp_enroll",
    "change_password",
    "blocked_account",
    "password_breach",
];

#[test]
fn the_code_of_every_example_handles_every_message() {
    for example in EXAMPLES {
        for message_type in TYPES {
            for method in ["text", "voice"] {
                let Some(done) = sent(example, &event(message_type, method, &json!({}))) else {
                    return;
                };
                let all = done.as_array().unwrap();
                assert_eq!(all.len(), 1, "{example} {message_type} {method}: {done}");
                let impossible = match example {
                    "custom-provider-amazon-sns" => method == "voice",
                    "custom-provider-twilio-verify" => {
                        matches!(message_type, "blocked_account" | "password_breach")
                    }
                    _ => false,
                };
                let what = format!("{example} {message_type} {method}: {done}");
                assert_eq!(all[0]["call"] == "drop", impossible, "{what}");
                assert!(
                    impossible || all[0].to_string().contains("+15555550123"),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn each_flow_has_its_own_sender() {
    let sms = json!({"connection": {"name": "sms", "strategy": "sms"}});
    let database = json!({"connection": {"name": "users", "strategy": "auth0"}});
    let unverified = json!({
        "connection": {"name": "users", "strategy": "auth0"},
        "user": {"phone_number": "+15555550123", "phone_verified": false},
    });
    let rows = [
        ("otp_verify", "text", &database, "MFA_URL"),
        ("otp_enroll", "text", &database, "MFA_URL"),
        ("otp_verify", "voice", &database, "CALLS_URL"),
        ("otp_verify", "text", &sms, "PASSWORDLESS_URL"),
        ("otp_verify", "text", &unverified, "IDENTIFIER_URL"),
        ("change_password", "text", &database, "IDENTIFIER_URL"),
        ("blocked_account", "text", &database, "NOTICES_URL"),
        ("password_breach", "text", &database, "NOTICES_URL"),
    ];
    for (message_type, method, rest, sender) in rows {
        let event = event(message_type, method, rest);
        let Some(done) = sent("custom-provider-per-flow", &event) else {
            return;
        };
        assert_eq!(done[0]["url"], sender, "{message_type} {method} {rest}");
    }
}

#[test]
fn what_the_other_side_says_decides_whether_auth0_tries_again() {
    for (example, failing) in [
        ("custom-provider", "fetch"),
        ("custom-provider-per-flow", "fetch"),
        ("custom-provider-twilio-verify", "twilio"),
        ("custom-provider-amazon-sns", "sns"),
    ] {
        for (status, answer) in [(503, "retry"), (400, "drop")] {
            let event = event("otp_verify", "text", &json!({"fails": {failing: status}}));
            let Some(done) = sent(example, &event) else {
                return;
            };
            let last = done.as_array().unwrap().last().unwrap();
            assert_eq!(last["call"], answer, "{example} {status}: {done}");
        }
    }
}
