//! The operator as a process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::support::wait_until;

/// A running operator.
pub struct Operator {
    child: Child,
    log: PathBuf,
}

impl Operator {
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(log).unwrap())
            .spawn()
            .unwrap();
        Self {
            child,
            log: log.to_owned(),
        }
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, as `kill` names it.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(sent.unwrap().success(), "kill -{name} {id}");
    }

    /// Ends it as a power failure would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        wait_until("the operator to end", async || {
            self.child.try_wait().unwrap().ok_or("it runs")
        })
        .await
    }

    /// Where it serves probes and metrics.
    pub async fn address(&self) -> String {
        wait_until("the operator to serve", async || {
            let log = self.log();
            let after = log.split("listen=").nth(1).ok_or_else(|| log.clone())?;
            let address = after.split_whitespace().next().unwrap_or_default();
            Ok::<_, String>(format!("http://{address}"))
        })
        .await
    }

    /// The status and the text that it answers a path with.
    pub async fn probe(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.address().await);
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // A frozen one takes no other signal.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the operator's log\n{}", self.log());
        }
    }
}
