//! `dialtone simulate` as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::Method;
use serde_json::json;

use crate::{SETTINGS, client};

struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(state: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args([
                "simulate",
                "--listen",
                "127.0.0.1:0",
                "--client",
                "web",
                "--state",
            ])
            .arg(state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .to_owned();
        Self { child, url }
    }

    async fn rename(&self, name: &str) {
        let answer = client()
            .request(Method::PATCH, format!("{}{SETTINGS}", self.url))
            .bearer_auth("x")
            .json(&json!({"friendly_name": name}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }

    async fn name(&self) -> serde_json::Value {
        let request = client()
            .get(format!("{}{SETTINGS}", self.url))
            .bearer_auth("x");
        crate::send(request).await.1["friendly_name"].take()
    }

    fn terminate(mut self) -> Option<i32> {
        let signal = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(signal.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_killed_process() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state.json");
    let first = Process::start(&state);
    first.rename("kept").await;
    drop(first);
    let second = Process::start(&state);
    assert_eq!(second.name().await, "kept");
    assert_eq!(second.terminate(), Some(0));
}

#[tokio::test]
async fn a_state_file_that_is_broken_is_reported_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state.json");
    std::fs::write(&state, "{").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(["simulate", "--listen", "127.0.0.1:0", "--state"])
        .arg(&state)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("state.json"), "{message}");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "{");
}
