//! A shell that stays open while the guide is read.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use crate::pages::root;
use crate::support::{ControlPlane, programs, wait_until};

/// Runs one script after the other. When standard input ends, as it does with the test run, what the
/// scripts have left running in the background ends too.
const SHELL: &str = r#"
while read -r script; do
  timeout --foreground 300 bash "$script" >"$script.out" 2>"$script.err" </dev/null
  echo "$?"
done
trap '' TERM
kill -TERM 0
"#;

/// `cargo run --` is the program; nothing else of cargo is run from within its tests.
const CARGO: &str = r#"#!/bin/sh
[ "$1 $2" = "run --" ] || { echo "cargo $*: tests run no cargo" >&2; exit 70; }
shift 2
exec dialtone "$@"
"#;

/// What the guide's commands listen on by default.
const PORTS: [u16; 3] = [18080, 8080, 8081];

/// What the commands find in the folder that they are run in. A link to all of a checkout would let them
/// write into what somebody keeps there, such as a `tenant.json`.
const SHIPPED: [&str; 6] = ["charts", "crds", "deploy", "docs", "examples", "image"];

/// What a script has printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A newcomer: a folder with what the repository has, programs in `PATH`, and a kubeconfig.
pub struct Reader {
    shell: Child,
    /// Takes paths of scripts; `None` when the sitting is over.
    stdin: Option<ChildStdin>,
    /// Says the status of each script.
    stdout: BufReader<ChildStdout>,
    scripts: usize,
    folder: TempDir,
}

impl Reader {
    /// Sits down at a control plane, as its administrator.
    pub async fn at(plane: &ControlPlane) -> Self {
        wait_until("the ports that the guide uses to be free", async || {
            for port in PORTS {
                TcpListener::bind(("127.0.0.1", port))
                    .map_err(|error| format!("127.0.0.1:{port}: {error}"))?;
            }
            Ok::<_, String>(())
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("dialtone");
        fs::create_dir(&work).unwrap();
        for name in SHIPPED {
            symlink(root().join(name), work.join(name)).unwrap();
        }
        let bin = folder.path().join("bin");
        install(&bin);
        let mut shell = Command::new("bash")
            .args(["-c", SHELL])
            .current_dir(&work)
            .env("PATH", path(&bin))
            .env("HOME", folder.path())
            .env("KUBECONFIG", plane.admin_kubeconfig())
            .env_remove("DIALTONE_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        Self {
            stdin: shell.stdin.take(),
            stdout: BufReader::new(shell.stdout.take().unwrap()),
            shell,
            scripts: 0,
            folder,
        }
    }

    /// Where commands are run: what the repository has is there, and what they write.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("dialtone")
    }

    /// Runs a script, which ends with its first command that fails.
    pub fn run(&mut self, script: &str) -> Ran {
        self.told(&format!("set -euo pipefail\n{script}"))
    }

    /// Runs a script in a terminal, at which a question is answered with yes.
    pub fn run_at_a_terminal(&mut self, script: &str) -> Ran {
        let file = self.folder.path().join(format!("asked-{}", self.scripts));
        fs::write(&file, format!("set -euo pipefail\n{script}")).unwrap();
        let typed = self.folder.path().join("typed");
        fs::write(&typed, "yes\n").unwrap();
        let (file, typed) = (file.display(), typed.display());
        self.told(&format!(
            "script --quiet --return --command 'bash {file}' /dev/null <{typed}\n"
        ))
    }

    fn told(&mut self, script: &str) -> Ran {
        self.scripts += 1;
        let file = self.folder.path().join(format!("script-{}", self.scripts));
        fs::write(&file, script).unwrap();
        writeln!(self.stdin.as_mut().unwrap(), "{}", file.display()).unwrap();
        let mut status = String::new();
        self.stdout.read_line(&mut status).unwrap();
        let printed = |what: &str| {
            let bytes = fs::read(file.with_extension(what)).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ran {
            status: status.trim().parse().unwrap(),
            stdout: printed("out"),
            stderr: printed("err"),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Nobody is left to tell.
        let _ = self.shell.wait();
    }
}

/// The program, kubectl, helm, and what stands for cargo.
fn install(bin: &Path) {
    fs::create_dir(bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_dialtone"), bin.join("dialtone")).unwrap();
    for name in ["kubectl", "helm"] {
        let program = programs::path(name).unwrap_or_else(|error| panic!("{error}"));
        symlink(program, bin.join(name)).unwrap();
    }
    let cargo = bin.join("cargo");
    fs::write(&cargo, CARGO).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
}

/// `PATH` with this folder first.
fn path(bin: &Path) -> String {
    let path = std::env::var("PATH").unwrap();
    for needed in ["bash", "timeout", "script", "curl"] {
        let found = path
            .split(':')
            .any(|folder| Path::new(folder).join(needed).is_file());
        assert!(
            found,
            "{needed} is not in PATH: the guide's commands need it, install its package"
        );
    }
    format!("{}:{path}", bin.display())
}
