//! The programs of the control plane: `tests/control-plane/build` makes or finds them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The folder of `go.mod` and of the script that builds.
const MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/control-plane");

/// The folder that holds the programs.
///
/// # Errors
/// Why the script failed; it has told the details on standard error.
pub fn folder() -> Result<&'static Path, String> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOLDER.get_or_init(build) {
        Ok(folder) => Ok(folder),
        Err(error) => Err(error.clone()),
    }
}

fn build() -> Result<PathBuf, String> {
    let script = format!("{MODULE}/build");
    // What it says goes past the test runner's capture: it may be at work for ten minutes.
    let output = Command::new(&script)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{script}: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "tests against a real API server need its programs, and {script} failed ({}): \
             run it by hand to see why",
            output.status
        ));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    Ok(PathBuf::from(printed.trim()))
}

/// The path of a program.
///
/// # Errors
/// The folder lacks it, as one that `KUBEBUILDER_ASSETS` names may.
pub fn path(name: &str) -> Result<PathBuf, String> {
    let path = folder()?.join(name);
    if path.is_file() {
        return Ok(path);
    }
    Err(format!(
        "{} lacks {name}, which this test needs: unset KUBEBUILDER_ASSETS to take the programs \
         that tests/control-plane/build makes",
        path.parent().unwrap_or(&path).display()
    ))
}

/// The version of Kubernetes that `go.mod` pins, as in `v1.37.0`.
pub fn pinned_version() -> String {
    let text = std::fs::read_to_string(format!("{MODULE}/go.mod")).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes "))
        .unwrap();
    line.split(' ').next().unwrap().to_owned()
}
