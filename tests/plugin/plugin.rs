//! kubectl as users run it, with the plugin on its path.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use regex::Regex;
use tempfile::TempDir;

use crate::rig::Rig;
use crate::support::programs;

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `kubectl dialtone` in the namespace of a rig, as its administrator.
pub fn dialtone(rig: &Rig<'_>, arguments: &[&str]) -> Ran {
    dialtone_as(rig, &rig.plane.admin_kubeconfig(), arguments)
}

/// Runs it as whoever the kubeconfig is for.
pub fn dialtone_as(rig: &Rig<'_>, kubeconfig: &Path, arguments: &[&str]) -> Ran {
    let mut all = [&["dialtone"], arguments].concat();
    if !arguments.contains(&"-n") {
        all.extend(["-n", &rig.namespace]);
    }
    kubectl(kubeconfig, &all)
}

/// Runs kubectl with the plugin installed as its page says.
pub fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> Ran {
    begun(kubeconfig, arguments).end()
}

/// A run of kubectl, which the plugin has taken the place of by the time that it does something.
pub struct Run {
    child: Child,
    /// Where the plugin is installed.
    _path: TempDir,
}

/// Begins to run kubectl.
pub fn begun(kubeconfig: &Path, arguments: &[&str]) -> Run {
    let path = tempfile::tempdir().unwrap();
    for name in ["kubectl-dialtone", "kubectl_complete-dialtone"] {
        let link = path.path().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_dialtone"), link).unwrap();
    }
    let mut command = Command::new(programs::path("kubectl").unwrap());
    command.args(arguments);
    let child = command
        .env("PATH", path.path())
        .env("HOME", path.path())
        .env("KUBECONFIG", kubeconfig)
        .env_remove("DIALTONE_LOG")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Run { child, _path: path }
}

impl Run {
    /// Interrupts it, as Ctrl-C does.
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub fn end(self) -> Ran {
        let output = self.child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// What was printed, of a run that ended like this.
    #[track_caller]
    pub fn ended(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.stderr, self.stdout);
        self.stdout
    }

    /// What was complained of, in a run that ended with an error.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!(self.code, 1, "{}\n{}", self.stderr, self.stdout);
        self.stderr
    }
}

/// A transcript without what differs from run to run: the namespace, ids, ages, and how wide columns
/// are because of them.
pub fn constant(rig: &Rig<'_>, text: &str) -> String {
    let text = text.replace(&format!("{}/", rig.namespace), "default/");
    let replaced = [
        (r"\b(pro|con|tem)_[A-Za-z0-9]{16,}\b", "${1}_ID"),
        (r"\b[A-Za-z0-9]{32}\b", "ID"),
        (r"(?m) \d+[smhd]$", " AGE"),
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"),
        (r"(?P<word>\S)  +", "$word  "),
    ];
    replaced
        .into_iter()
        .fold(text, |text, (pattern, constant)| {
            let pattern = Regex::new(pattern).unwrap();
            pattern.replace_all(&text, constant).into_owned()
        })
}
