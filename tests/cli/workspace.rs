//! A folder of manifests for one test, and runs of the program on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A copy of an example that the test may change.
pub(crate) struct Workspace {
    root: TempDir,
}

impl Workspace {
    pub(crate) fn example(name: &str) -> Self {
        let workspace = Self::empty();
        let example = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(name);
        for entry in std::fs::read_dir(example).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(
                &path,
                workspace.path(path.file_name().unwrap().to_str().unwrap()),
            )
            .unwrap();
        }
        workspace
    }

    pub(crate) fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("manifests")).unwrap();
        Self { root }
    }

    /// The folder of manifests.
    pub(crate) fn dir(&self) -> String {
        self.root.path().join("manifests").display().to_string()
    }

    /// A file beside the manifests.
    pub(crate) fn file(&self, name: &str) -> String {
        self.root.path().join(name).display().to_string()
    }

    /// A manifest.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("manifests").join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{from} is not in {name}");
        self.write(name, &text.replace(from, to));
    }
}

/// What a run printed, and how it ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn all(&self) -> String {
        format!("exit {}\n{}{}", self.code, self.stdout, self.stderr)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Standard output with the port of the simulated tenant left out.
    pub(crate) fn without_port(&self) -> String {
        let mut text = String::new();
        let mut rest = self.stdout.as_str();
        while let Some(at) = rest.find("http://127.0.0.1:") {
            let (before, found) = rest.split_at(at + "http://127.0.0.1:".len());
            text.push_str(before);
            text.push_str("PORT");
            rest = found.trim_start_matches(|letter: char| letter.is_ascii_digit());
        }
        text + rest
    }
}

/// The documents of a file that are of this kind.
pub(crate) fn only(kind: &str, text: &str) -> String {
    kept(text, |document| is_of(kind, document))
}

/// The documents of a file that are not of this kind.
pub(crate) fn without(kind: &str, text: &str) -> String {
    kept(text, |document| !is_of(kind, document))
}

fn is_of(kind: &str, document: &str) -> bool {
    document.lines().any(|line| line == format!("kind: {kind}"))
}

fn kept(text: &str, keep: impl Fn(&str) -> bool) -> String {
    let documents = text.split("---\n").filter(|it| keep(it));
    documents.collect::<Vec<_>>().join("---\n")
}

/// Runs the program to its end.
pub(crate) fn dialtone(args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(args)
        .env_remove("DIALTONE_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
