//! Phone identifiers as the command line shows them.

use serde_json::{Value, json};

use crate::workspace::{Workspace, dialtone};

/// The state file of a run that ended Ready, with the options of its database connection changed.
fn with_options(workspace: &Workspace, change: impl Fn(&mut Value)) -> String {
    let state = workspace.file("state");
    let run = dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
    assert_eq!(run.code, 0, "{}", run.all());
    let text = std::fs::read_to_string(&state).unwrap();
    let mut kept: Value = serde_json::from_str(&text).unwrap();
    let all = kept["tenant"]["connections"]["all"].as_array_mut().unwrap();
    change(&mut all[0]["document"]["options"]);
    std::fs::write(&state, kept.to_string()).unwrap();
    state
}

#[test]
fn a_plan_shows_the_keys_that_would_vanish() {
    let workspace = Workspace::example("phone-identifier");
    let state = with_options(&workspace, |options| {
        *options = json!({
            "requires_username": true,
            "validation": {"username": {"min": 3, "max": 20}},
            "passwordPolicy": "good",
            "password_options": {"complexity": {"min_length": 8}},
            "customScripts": {"login": "function login() {}"},
        });
    });
    let planned = dialtone(&["plan", "-f", &workspace.dir(), "--state", &state]);
    assert_eq!(planned.code, 2, "{}", planned.all());
    insta::assert_snapshot!(planned.without_port());
}

#[test]
fn options_that_are_encrypted_are_not_written() {
    let workspace = Workspace::example("phone-identifier");
    let state = with_options(&workspace, |options| {
        options["configuration"] = json!({"URL": "2.0$abcdef"});
        options["attributes"]["phone_number"]["identifier"]["active"] = json!(false);
    });
    let args = ["apply", "-f", &workspace.dir(), "--state", &state, "--yes"];
    let applied = dialtone(&args);
    assert_eq!(applied.code, 1, "{}", applied.all());
    assert!(
        applied.all().contains("OptionsEncrypted"),
        "{}",
        applied.all()
    );
}
