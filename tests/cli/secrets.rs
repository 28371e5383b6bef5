//! Planted secrets appear nowhere.

use std::os::unix::fs::PermissionsExt as _;

use crate::workspace::{Workspace, dialtone};

const PLANTED: [&str; 3] = [
    "planted-client-secret",
    "planted-auth-token",
    "planted-other-token",
];

/// The forms of a plan and of what is wrong with manifests.
const FORMS: [&str; 5] = ["text", "json", "github", "sarif", "markdown"];

fn planted() -> Workspace {
    let workspace = Workspace::example("quickstart");
    workspace.replace("tenant.yaml", "example-client-secret", PLANTED[0]);
    workspace.replace("phone.yaml", "example-auth-token", PLANTED[1]);
    workspace
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for secret in PLANTED {
        assert!(
            !text.contains(secret),
            "{secret} is in the output of {what}:\n{text}"
        );
    }
    assert!(
        !text.contains("+15550100"),
        "an unmasked number is in the output of {what}:\n{text}"
    );
}

#[test]
fn no_output_holds_a_secret_even_at_trace_level() {
    let workspace = planted();
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    for output in ["text", "json"] {
        let run = dialtone(&[
            "--log", "trace", "up", &dir, "--once", "--state", &state, "-o", output,
        ]);
        assert_eq!(run.code, 0, "{}", run.all());
        assert_clean("up", &run.all());
    }
    workspace.replace("phone.yaml", PLANTED[1], PLANTED[2]);
    for output in FORMS {
        let run = dialtone(&[
            "--log", "trace", "plan", "-f", &dir, "--state", &state, "-o", output,
        ]);
        assert_eq!(run.code, 2, "{}", run.all());
        assert_clean("plan", &run.all());
    }
    let run = dialtone(&[
        "--log", "trace", "apply", "-f", &dir, "--state", &state, "--yes",
    ]);
    assert_eq!(run.code, 0, "{}", run.all());
    assert_clean("apply", &run.all());
}

#[test]
fn no_error_about_manifests_holds_a_secret() {
    let workspace = planted();
    workspace.replace("phone.yaml", "authToken: planted", "\"bad key\": [planted");
    for output in FORMS {
        let run = dialtone(&["validate", "-f", &workspace.dir(), "--strict", "-o", output]);
        assert_eq!(run.code, 1);
        // The broken line is not shown: it may be a Secret's.
        assert_clean("validate", &run.all());
    }
}

#[test]
fn only_its_owner_can_read_the_state_file() {
    let workspace = planted();
    dialtone(&[
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &workspace.file("state"),
    ]);
    let mode = std::fs::metadata(workspace.file("state"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
