//! Test messages: from an object, and from the command line.

use serde_json::{Value, json};

use crate::budget::simulator;
use crate::workspace::{Workspace, dialtone};

/// The messages in the outbox of the simulated tenant in a state file.
fn outbox(state: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(state).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    state["tenant"]["outbox"].as_array().unwrap().clone()
}

#[test]
fn an_object_sends_one_message_and_another_one_only_for_another_nonce() {
    let workspace = Workspace::example("test-message");
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    let up = ["up", &dir, "--once", "--state", &state, "-o", "json"];
    for (from, nonce) in [("1", "1"), ("1", "1"), ("1", "2"), ("2", "2")] {
        let line = |nonce: &str| format!("nonce: \"{nonce}\"");
        workspace.replace("phone.yaml", &line(from), &line(nonce));
        let run = dialtone(&up);
        assert_eq!(run.code, 0, "{}", run.all());
        assert!(!run.all().contains("+15550123"), "{}", run.all());
        assert_eq!(outbox(&state).len().to_string(), nonce);
    }
    assert_eq!(outbox(&state)[0]["to"], "+15550123");
    assert_eq!(outbox(&state)[0]["delivery_method"], "text");
}

/// Each run without a state would be the first.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_would_remember_is_not_sent() {
    let running = simulator().await;
    let workspace = Workspace::example("test-message");
    let (dir, state, url) = (workspace.dir(), workspace.file("state"), running.url());
    let apply = ["apply", "-f", &dir, "--endpoint", &url, "--yes"];
    for _ in 0..2 {
        let run = dialtone(&apply);
        assert_eq!(run.code, 1, "{}", run.all());
        assert!(run.all().contains("NotRecorded"), "{}", run.all());
        assert!(run.all().contains("--state FILE"), "{}", run.all());
    }
    assert_eq!(running.tenant.store().outbox().len(), 0);
    for _ in 0..2 {
        let run = dialtone(&[&apply[..], &["--state", &state]].concat());
        assert_eq!(run.code, 0, "{}", run.all());
        assert_eq!(running.tenant.store().outbox().len(), 1);
    }
    running.stop().await;
}

#[test]
fn why_nothing_was_sent_is_told() {
    let workspace = Workspace::example("test-message");
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    let run = dialtone(&["up", &dir, "--once", "--state", &state]);
    assert_eq!(run.code, 0, "{}", run.all());
    workspace.replace("tenant.yaml", "  domain:", "  suspend: true\n  domain:");
    let run = dialtone(&[
        "test-message",
        "-f",
        &dir,
        "--state",
        &state,
        "--to",
        "+15550123",
        "--yes",
        "--tenant",
        "default/acme",
    ]);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.stdout.contains("acme is suspended: nothing is sent"),
        "{}",
        run.all()
    );
}

#[test]
fn a_message_waits_for_the_provider_and_says_for_what() {
    let workspace = Workspace::example("test-message");
    workspace.replace(
        "phone.yaml",
        "deliveryMethod: Text",
        "deliveryMethod: Voice",
    );
    let state = workspace.file("state");
    let run = dialtone(&[
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &state,
        "-o",
        "json",
    ]);
    assert_eq!(run.code, 1, "{}", run.all());
    let objects = run.json()["objects"].clone();
    let message = objects.as_array().unwrap().last().unwrap().clone();
    assert_eq!(message["reason"], "DeliveryMethodMissing", "{objects:#}");
    assert_eq!(outbox(&state), Vec::<Value>::new());
}

#[test]
fn a_recipient_that_is_no_number_is_told_of_without_being_shown() {
    let workspace = Workspace::example("test-message");
    workspace.replace(
        "phone.yaml",
        "number: \"+15550123\"",
        "number: \"call-me-0171\"",
    );
    let state = workspace.file("state");
    let run = dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.all()
            .contains("key number of Secret default/test-recipient"),
        "{}",
        run.all()
    );
    assert!(!run.all().contains("0171"), "{}", run.all());
}

#[test]
fn one_is_sent_from_the_command_line_and_only_where_somebody_agrees() {
    let workspace = Workspace::example("quickstart");
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    let up = dialtone(&["up", &dir, "--once", "--state", &state]);
    assert_eq!(up.code, 0, "{}", up.all());
    let send = [
        "test-message",
        "-f",
        &dir,
        "--state",
        &state,
        "--to",
        "+15550123",
    ];
    let unasked = dialtone(&send);
    assert_eq!(unasked.code, 1, "{}", unasked.all());
    assert!(unasked.all().contains("--yes"), "{}", unasked.all());
    assert_eq!(outbox(&state), Vec::<Value>::new());
    let call = ["--delivery-method", "voice", "--yes", "-o", "json"];
    let run = dialtone(&[&send[..], &call[..]].concat());
    assert_eq!(run.code, 0, "{}", run.all());
    let expected = json!({"queued": true, "to": "+1*****23"});
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(run.json()[key], *value);
    }
    assert_eq!(outbox(&state).len(), 1);
    assert_eq!(outbox(&state)[0]["delivery_method"], "voice");
}

#[test]
fn what_cannot_be_sent_is_not_and_the_status_says_so() {
    let workspace = Workspace::example("mfa");
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    workspace.replace("provider.yaml", "spec:\n", "spec:\n  enabled: false\n");
    dialtone(&["up", &dir, "--once", "--state", &state]);
    let send = ["test-message", "-f", &dir, "--state", &state, "--yes"];
    let run = dialtone(&[&send[..], &["--to", "+15550123"]].concat());
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(run.all().contains("which is disabled"), "{}", run.all());
    assert_eq!(outbox(&state), Vec::<Value>::new());
    for (wrong, told) in [
        (&["--to", "15550123"][..], "E.164"),
        (
            &["--to", "+15550123", "--tenant", "nobody"],
            "no Auth0Tenant called nobody",
        ),
    ] {
        let run = dialtone(&[&send[..], wrong].concat());
        assert_ne!(run.code, 0, "{}", run.all());
        assert!(run.all().contains(told), "{}", run.all());
    }
}

#[test]
fn a_message_may_say_what_a_template_says_which_is_written_before_it() {
    let workspace = Workspace::example("test-message");
    let state = workspace.file("state");
    workspace.replace("phone.yaml", "  nonce: \"1\"", "  template: OtpVerify");
    let up = [
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &state,
        "-o",
        "json",
    ];
    let run = dialtone(&up);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(run.all().contains("TemplateMissing"), "{}", run.all());
    assert_eq!(outbox(&state), Vec::<Value>::new());
    let template = "apiVersion: dialtone.dev/v1alpha1\nkind: PhoneTemplate\nmetadata: {name: verify}\n\
        spec:\n  tenantRef: {name: acme}\n  type: OtpVerify\n  text: \"Acme: {{ code }}\"\n";
    workspace.write("template.yaml", template);
    let run = dialtone(&up);
    assert_eq!(run.code, 0, "{}", run.all());
    let sent = outbox(&state);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["message_type"], "otp_verify");
    assert!(
        sent[0]["body"].as_str().unwrap().starts_with("Acme: "),
        "{sent:?}"
    );
}
