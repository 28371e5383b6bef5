//! Programs that end with the test run, however it ends.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Runs a command until it ends or standard input does.
///
/// The test binary holds the other end of standard input and never writes to it. The kernel closes
/// it when the test binary is gone, killed or not, which no destructor could do as reliably.
const SUPERVISOR: &str = r#"
log=$1; shift
exec 3<&0 </dev/null
"$@" >>"$log" 2>&1 3<&- & program=$!
( read -r line <&3; kill -KILL "$program" ) & guard=$!
wait "$program"; status=$?
kill "$guard"
exit "$status"
"#;

/// Removes a folder when standard input ends; tries again while dying programs still write to it.
const JANITOR: &str = r#"
read -r line
tries=0
until rm -rf "$1" || [ "$tries" -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
"#;

/// A running program.
pub struct Process {
    shell: Child,
    stdin: Option<ChildStdin>,
    log: PathBuf,
}

impl Process {
    /// Starts a program, which writes to `log`.
    pub fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        log: &Path,
    ) -> Self {
        let mut command = shell(SUPERVISOR);
        command.arg(log).arg(program).args(arguments);
        Self::spawn(command, log)
    }

    /// Waits beside the test run to remove `folder` after it.
    pub fn janitor(folder: &Path) -> Self {
        let mut command = shell(JANITOR);
        command.arg(folder);
        Self::spawn(command, folder)
    }

    fn spawn(mut command: Command, log: &Path) -> Self {
        let mut shell = command.spawn().unwrap();
        let stdin = shell.stdin.take();
        Self {
            shell,
            stdin,
            log: log.to_owned(),
        }
    }

    /// Fails with the end of the log if the program has ended.
    pub fn check(&mut self) -> Result<(), String> {
        match self.shell.try_wait().unwrap() {
            None => Ok(()),
            Some(status) => Err(format!("ended ({status})\n{}", self.last_words())),
        }
    }

    /// The last lines of the log.
    pub fn last_words(&self) -> String {
        let text = match fs::read(&self.log) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => error.to_string(),
        };
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // Nobody is left to tell: the shell has ended, or the test run is going down.
        let _ = self.shell.wait();
    }
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "supervisor"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in a terminal goes to the test binary alone; the rest follows in order.
        .process_group(0);
    command
}
