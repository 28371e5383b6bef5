//! What somebody else has called an application is no line and no command of what is printed.

use std::process::{Command, Stdio};

use crate::pull_request::Simulator;
use crate::workspace::Workspace;

/// A name with a line of its own for a runner, its old form of commands, and a sequence for a terminal.
const NAME: &str = "webapp\n::error::pwned ##[error]pwned \u{1b}[2J";

#[test]
fn the_name_of_an_application_is_no_command() {
    let simulator = Simulator::with_clients(&["ios", "android", NAME]);
    let workspace = Workspace::example("quickstart");
    workspace.replace("phone.yaml", "- name: web", "- name: webap");
    let dir = workspace.dir();
    let endpoint = ["--endpoint", simulator.url.as_str()];
    let check = |arguments: &[&str], told: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args(arguments)
            .args(["-f", &dir])
            .args(endpoint)
            // As it is on a runner, whose terminal is none and shows colours.
            .env("CLICOLOR_FORCE", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = [run.stdout, run.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(told), "{text}");
        let command = |line: &str| line.trim_start().starts_with("::error::pwned");
        assert!(!text.lines().any(command), "{text}");
        assert!(
            !text.contains("##[") && !text.contains("\u{1b}[2J"),
            "{text}"
        );
    };
    // Nearest to what is written, and so part of an answer.
    check(
        &["plan"],
        "no application is named \"webap\": is it \"webapp",
    );
    check(
        &["apply", "--yes"],
        "no application is named \"webap\": is it \"webapp",
    );
    // As it is, and then broken.
    let exact = format!("- name: {}", serde_json::to_string(NAME).unwrap());
    workspace.replace("phone.yaml", "- name: webap", &exact);
    check(&["apply", "--yes"], "PasswordlessConnection default/sms");
    workspace.replace(
        "phone.yaml",
        "  deliveryMethods",
        "  enabled: false\n  deliveryMethods",
    );
    check(
        &["plan", "--deny-hazards"],
        "passwordless sign-in to webapp",
    );
    check(&["apply", "--yes"], "not delivered: MFA by SMS");
}
