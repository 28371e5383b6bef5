//! The command line as people and programs use it: transcripts, exit codes, watching, secrets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod base;
mod budget;
mod check;
mod commands;
mod custom;
mod examples;
mod export;
mod foreign;
mod hazards;
mod identifiers;
mod manifests;
mod messages;
mod pull_request;
mod secrets;
mod several;
mod watch;
mod workspace;

use std::path::Path;

use workspace::{Workspace, dialtone};

#[test]
fn up_once_converges_the_quickstart_and_a_second_run_writes_nothing() {
    let workspace = Workspace::example("quickstart");
    let first = dialtone(&[
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &workspace.file("state"),
    ]);
    assert_eq!(first.code, 0, "{}", first.all());
    insta::assert_snapshot!(first.without_port());
    let again = [
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &workspace.file("state"),
        "-o",
        "json",
    ];
    let second = dialtone(&again);
    assert_eq!(second.code, 0, "{}", second.all());
    let result = second.json();
    assert_eq!(result["ready"], true);
    assert_eq!(result["writes"], 0);
    assert_eq!(result["events"], serde_json::json!([]));
    let ready: Vec<bool> = result["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["ready"] == true)
        .collect();
    assert_eq!(ready, [true; 4]);
}

#[test]
fn an_application_that_two_connections_name_is_there_once() {
    let workspace = Workspace::example("quickstart");
    let phone = std::fs::read_to_string(workspace.path("phone.yaml")).unwrap();
    let connection = phone
        .split("---\n")
        .find(|text| text.contains("kind: PasswordlessConnection"))
        .unwrap();
    let second = connection.replace("name: sms\nspec:", "name: second\nspec:\n  name: second");
    workspace.write("second.yaml", &second);
    let run = dialtone(&["up", &workspace.dir(), "--once", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.all());
    assert_eq!(run.json()["objects"].as_array().unwrap().len(), 5);
}

#[test]
fn help_names_every_command() {
    let help = dialtone(&["--help"]);
    for command in [
        "up",
        "validate",
        "plan",
        "apply",
        "render",
        "simulate",
        "crd",
        "completions",
    ] {
        assert!(help.stdout.contains(command), "{command}");
    }
}

#[test]
fn completions_are_printed_for_shells() {
    let completions = dialtone(&["completions", "bash"]);
    assert_eq!(completions.code, 0);
    assert!(completions.stdout.contains("_dialtone"));
}

#[test]
fn a_state_file_that_is_something_else_is_refused_and_kept() {
    let workspace = Workspace::example("quickstart");
    std::fs::write(workspace.file("state"), "{\"version\": 1, \"statuses\": 7}").unwrap();
    let run = dialtone(&[
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &workspace.file("state"),
    ]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("delete it to start anew"),
        "{}",
        run.all()
    );
    let kept = std::fs::read_to_string(workspace.file("state")).unwrap();
    assert_eq!(kept, "{\"version\": 1, \"statuses\": 7}");
}

#[test]
fn a_state_file_among_the_manifests_is_refused() {
    let workspace = Workspace::example("quickstart");
    let dir = workspace.dir();
    std::fs::create_dir(workspace.path("below")).unwrap();
    // Whether it would be read as a manifest or is hidden, and by whatever way it is named.
    let places = [
        format!("{dir}/state.json"),
        format!("{dir}/.state"),
        format!("{dir}/below/state.json"),
        format!("{dir}/below/../state.json"),
    ];
    let commands: [&[&str]; 3] = [
        &["up", &dir, "--once"],
        &["plan", "-f", &dir],
        &["apply", "--yes", "-f", &dir],
    ];
    for (state, command) in places
        .iter()
        .flat_map(|state| commands.map(|it| (state, it)))
    {
        let run = dialtone(&[command, &["--state", state]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.all());
        let told = format!("the state file {state} lies among the manifests of {dir}");
        assert!(run.stderr.contains(&told), "{}", run.all());
        assert!(!Path::new(state).exists(), "{state}");
    }
    // Beside a single manifest it is no manifest.
    let file = format!("{dir}/only.yaml");
    let state = format!("{dir}/state.json");
    let all = ["tenant.yaml", "phone.yaml"]
        .map(|name| std::fs::read_to_string(workspace.path(name)).unwrap());
    workspace.write("only.yaml", &all.join("---\n"));
    let run = dialtone(&["up", &file, "--once", "--state", &state]);
    assert_eq!(run.code, 0, "{}", run.all());
}

#[test]
fn a_state_file_that_is_not_there_does_not_stand_for_the_real_tenant() {
    let workspace = Workspace::example("quickstart");
    let (dir, state) = (workspace.dir(), workspace.file("mistyped"));
    let commands: [&[&str]; 3] = [
        &["plan", "-f", &dir],
        &["export", "-f", &dir],
        &["test-message", "-f", &dir, "--to", "+15550123", "--yes"],
    ];
    for command in commands {
        let run = dialtone(&[command, &["--state", &state]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.all());
        assert!(
            run.stderr.contains("there is no state file"),
            "{}",
            run.all()
        );
    }
}

#[test]
fn apply_without_a_terminal_asks_for_yes() {
    let workspace = Workspace::example("quickstart");
    dialtone(&[
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &workspace.file("state"),
    ]);
    workspace.replace("phone.yaml", "length: 6", "length: 8");
    let args = [
        "apply",
        "-f",
        &workspace.dir(),
        "--state",
        &workspace.file("state"),
    ];
    let unasked = dialtone(&args);
    assert_eq!(unasked.code, 1);
    assert!(unasked.stderr.contains("pass --yes"), "{}", unasked.all());
    let applied = dialtone(&[&args[..], &["--yes"]].concat());
    assert_eq!(applied.code, 0, "{}", applied.all());
    let planned = dialtone(&[
        "plan",
        "-f",
        &workspace.dir(),
        "--state",
        &workspace.file("state"),
    ]);
    assert_eq!(planned.code, 0, "{}", planned.all());
}
