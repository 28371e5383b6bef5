//! helm, as users run it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::kubectl::Output;
use crate::support::{ControlPlane, programs};

/// The chart as it is committed.
pub const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/dialtone");

/// helm with a home of its own, which keeps the settings of whoever runs the tests out.
pub struct Helm {
    home: tempfile::TempDir,
    kubeconfig: Option<PathBuf>,
}

impl Helm {
    /// Without a cluster.
    pub fn offline() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            kubeconfig: None,
        }
    }

    /// As the administrator of a control plane.
    pub fn at(plane: &ControlPlane) -> Self {
        Self {
            kubeconfig: Some(plane.admin_kubeconfig()),
            ..Self::offline()
        }
    }

    /// A folder for the files of a test, which goes with this value.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file of values, or anything else, and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let home = self.home.path();
        let program = programs::path("helm").unwrap_or_else(|error| panic!("{error}"));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("HOME", home)
            .env("HELM_CACHE_HOME", home.join("cache"))
            .env("HELM_CONFIG_HOME", home.join("config"))
            .env("HELM_DATA_HOME", home.join("data"))
            .env("KUBECONFIG", self.kubeconfig.clone().unwrap_or_default())
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        Output {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
