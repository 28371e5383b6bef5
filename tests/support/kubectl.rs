//! kubectl, as users run it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::programs;

/// What a command has printed.
#[derive(Debug)]
pub struct Output {
    /// Whether it exited with 0.
    pub success: bool,
    /// Standard output.
    pub stdout: String,
    /// Standard error: warnings of the server among others.
    pub stderr: String,
}

impl Output {
    /// Standard output of a command that has to succeed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(
            self.success,
            "the command failed: {}\n{}",
            self.stderr, self.stdout
        );
        self.stdout
    }

    /// Standard error of a command that has to fail.
    #[track_caller]
    pub fn refused(self) -> String {
        assert!(!self.success, "the command succeeded: {}", self.stdout);
        self.stderr
    }
}

/// Runs kubectl with a kubeconfig, and with `input` on standard input.
///
/// `home` keeps its caches, and keeps the settings of whoever runs the tests out.
pub fn run(home: &Path, kubeconfig: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(programs::path("kubectl").unwrap())
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .env("HOME", home)
        .env("KUBECACHEDIR", home.join("kubectl-cache"))
        .env_remove("KUBECONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
