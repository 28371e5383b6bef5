//! The program through which the libraries of Argo CD and Flux are asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::{ControlPlane, programs};

/// The namespace of `argocd-cm`, as the example has it.
const ARGOCD: &str = "argocd";

/// The libraries, with access to a cluster.
pub struct Libraries {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    kubeconfig: String,
}

impl Libraries {
    /// Starts the program, for an administrator of the cluster, and installs the example's
    /// customisations beside what an Argo CD has in its `ConfigMap` already.
    pub fn new(plane: &ControlPlane) -> Self {
        install(plane);
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(plane.folder().join("gitops.log"))
            .unwrap();
        let mut child = Command::new(programs::path("gitops").unwrap())
            // Discovery is cached there.
            .env("HOME", plane.folder())
            .env_remove("KUBECONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        Self {
            requests: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
            kubeconfig: plane.admin_kubeconfig().display().to_string(),
        }
    }

    /// Asks; the request is an object with `do` and what that needs.
    ///
    /// # Errors
    /// What the library says.
    pub fn try_ask(&mut self, mut request: Value) -> Result<Value, String> {
        request["kubeconfig"] = json!(self.kubeconfig);
        request["argoNamespace"] = json!(ARGOCD);
        writeln!(self.requests, "{request}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut reply: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line:?}; see gitops.log"));
        match reply["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(reply["answer"].take()),
        }
    }

    /// Asks, and takes no error for an answer.
    #[track_caller]
    pub fn ask(&mut self, request: Value) -> Value {
        self.try_ask(request)
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Libraries {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As docs/gitops.md says.
fn install(plane: &ControlPlane) {
    let made = plane.kubectl(&["create", "namespace", ARGOCD]);
    assert!(
        made.success || made.stderr.contains("AlreadyExists"),
        "{made:?}"
    );
    let theirs = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-cm",
            "namespace": ARGOCD,
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "data": {"url": "https://argocd.example.com"},
    });
    let apply = ["apply", "--server-side", "-f", "-"];
    plane.kubectl_reading(&apply, &theirs.to_string()).ok();
    let ours = ["apply", "--server-side", "--field-manager=dialtone"];
    let mut ours = ours.to_vec();
    ours.extend(["-k", "examples/argocd"]);
    plane.kubectl(&ours).ok();
    let get = ["get", "configmap", "argocd-cm", "-n", ARGOCD, "-o", "json"];
    let found: Value = serde_json::from_str(&plane.kubectl(&get).ok()).unwrap();
    assert_eq!(found["data"]["url"], theirs["data"]["url"]);
}
