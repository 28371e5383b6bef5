//! `up DIR` follows the folder.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::workspace::{Workspace, without};

/// A running `up`, ended with the test even when it fails.
struct Up {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Up {
    fn start(workspace: &Workspace) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args(["up", &workspace.dir()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads up to a line that holds this, and returns what was read.
    fn until(&mut self, text: &str) -> String {
        let mut read = String::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            read.push_str(&line);
            read.push('\n');
            if line.contains(text) {
                return read;
            }
        }
        unreachable!("\"{text}\" did not come after:\n{read}");
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The quickstart, with a connection that goes with its manifest.
fn deleting() -> Workspace {
    let workspace = Workspace::example("quickstart");
    workspace.replace(
        "phone.yaml",
        "signup: Allowed",
        "signup: Allowed\n  deletionPolicy: Delete",
    );
    workspace
}

#[test]
fn an_edit_is_applied_and_a_broken_file_keeps_the_last_good_state() {
    let workspace = Workspace::example("quickstart");
    let mut up = Up::start(&workspace);
    up.until("Watching");
    workspace.replace("phone.yaml", "length: 6", "length: 8");
    up.until("1 write");
    up.until("PasswordlessConnection default/sms  True");
    let good = std::fs::read_to_string(workspace.path("phone.yaml")).unwrap();
    workspace.write("phone.yaml", "kind: [");
    up.until("The last good state stays in place.");
    // One field of the good file changed: only that is written, so nothing else was lost.
    workspace.write("phone.yaml", &good.replace("length: 8", "length: 9"));
    up.until("1 write");
    workspace.write(
        "phone.yaml",
        &good
            .replace("  deliveryMethods", "  enabled: false\n  deliveryMethods")
            .replace("length: 8", "length: 9"),
    );
    let told = up.until("1 write");
    assert!(told.contains("breaks MFA by SMS"), "{told}");
    up.until("PasswordlessConnection default/sms  False");
}

#[test]
fn removing_a_manifest_that_deletes_removes_it_from_the_tenant() {
    let workspace = deleting();
    let mut up = Up::start(&workspace);
    up.until("Watching");
    let phone = std::fs::read_to_string(workspace.path("phone.yaml")).unwrap();
    workspace.write("phone.yaml", &without("PasswordlessConnection", &phone));
    up.until("1 write");
    let rest = up.until("MfaPhoneFactor");
    assert!(!rest.contains("PasswordlessConnection"), "{rest}");
}

#[test]
fn an_application_that_is_newly_named_is_there_in_the_simulated_tenant() {
    let workspace = Workspace::example("quickstart");
    let mut up = Up::start(&workspace);
    up.until("Watching");
    workspace.replace(
        "phone.yaml",
        "- name: ios",
        "- name: ios\n      - name: watch",
    );
    up.until("1 write");
    up.until("PasswordlessConnection default/sms  True");
}

#[test]
fn a_manifest_that_comes_back_at_once_was_never_deleted() {
    let workspace = deleting();
    let mut up = Up::start(&workspace);
    up.until("Watching");
    let phone = std::fs::read_to_string(workspace.path("phone.yaml")).unwrap();
    std::fs::remove_file(workspace.path("phone.yaml")).unwrap();
    up.until("PasswordlessConnection default/sms: gone, deleted in 2 s unless back by then");
    workspace.write("phone.yaml", &phone.replace("length: 6", "length: 8"));
    let told = up.until("PasswordlessConnection default/sms");
    assert!(told.contains("1 write"), "{told}");
}

#[test]
fn words_that_are_edited_in_a_config_map_are_written() {
    let workspace = Workspace::example("templates");
    let mut up = Up::start(&workspace);
    up.until("Watching");
    workspace.replace(
        "templates.yaml",
        "Enter it to add this phone.",
        "Enter it now.",
    );
    up.until("1 write");
}

#[test]
fn a_new_name_takes_the_place_of_the_old_one_at_once() {
    for name in ["alpha", "zulu"] {
        let workspace = deleting();
        let mut up = Up::start(&workspace);
        up.until("Watching");
        let named =
            |name: &str| format!("kind: PasswordlessConnection\nmetadata:\n  name: {name}\n");
        workspace.replace("phone.yaml", &named("sms"), &named(name));
        up.until("PasswordlessConnection default/sms: gone, deleted in 2 s");
        let told = up.until(&format!("PasswordlessConnection default/{name}"));
        // Its deletion, its creation, and its applications.
        assert!(told.contains("3 writes"), "{told}");
        assert!(told.lines().last().unwrap().contains("True"), "{told}");
        assert!(!told.contains("default/sms  "), "{told}");
        // What is deleted is told once.
        workspace.replace("phone.yaml", "length: 6", "length: 8");
        let told = up.until("1 write");
        assert!(!told.contains("gone"), "{told}");
    }
}
