//! A release of the chart on a real API server, and the operator that its Deployment runs.

use std::process::Command;

use serde_json::Value;

use crate::helm::Helm;
use crate::operator::Operator;
use crate::support::ControlPlane;
use crate::support::kubectl::Output;

/// The release `dialtone` in a namespace.
pub struct Release<'a> {
    plane: &'a ControlPlane,
    pub helm: Helm,
    pub namespace: String,
}

impl<'a> Release<'a> {
    pub fn new(plane: &'a ControlPlane, namespace: &str) -> Self {
        Self {
            plane,
            helm: Helm::at(plane),
            namespace: namespace.to_owned(),
        }
    }

    fn run(&self, verb: &str, rest: &[&str]) -> Output {
        let release = [verb, "dialtone", "--namespace", &self.namespace];
        self.helm.run(&[&release[..], rest].concat())
    }

    pub fn install(&self, chart: &str, values: &str) -> Output {
        let values = self.helm.file("values.yaml", values);
        let rest = [chart, "--create-namespace", "--values", &values];
        self.run("install", &rest)
    }

    /// Installs over what others have installed before.
    pub fn take_over(&self, chart: &str, values: &str) -> Output {
        let values = self.helm.file("values.yaml", values);
        let rest = [chart, "--take-ownership", "--values", &values];
        self.run("install", &rest)
    }

    pub fn upgrade(&self, chart: &str, values: &str) -> Output {
        let values = self.helm.file("values.yaml", values);
        self.run("upgrade", &[chart, "--values", &values])
    }

    pub fn uninstall(&self) -> Output {
        self.run("uninstall", &["--wait"])
    }

    /// An object of the release's namespace.
    pub fn object(&self, kind: &str, name: &str) -> Value {
        let get = ["get", kind, name, "-n", &self.namespace, "-o", "json"];
        serde_json::from_str(&self.plane.kubectl(&get).ok()).unwrap()
    }

    /// Starts what a Pod of the Deployment would run: its command line, its environment and its
    /// account. There is no kubelet, so that it is a process.
    pub fn operator(&self, deployment: &str, pod: &str) -> Operator {
        let object = self.object("deployment", deployment);
        let template = &object["spec"]["template"]["spec"];
        let container = &template["containers"][0];
        let arguments: Vec<String> = serde_json::from_value(container["args"].clone()).unwrap();
        let account = template["serviceAccountName"].as_str().unwrap();
        let kubeconfig = self.plane.kubeconfig_for(account, &self.namespace);
        let mut command = Command::new(env!("CARGO_BIN_EXE_dialtone"));
        command.args(arguments).env("KUBECONFIG", kubeconfig);
        for variable in container["env"].as_array().unwrap() {
            let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
                Some("metadata.namespace") => &self.namespace,
                Some("metadata.name") => pod,
                _ => variable["value"].as_str().unwrap(),
            };
            command.env(variable["name"].as_str().unwrap(), value);
        }
        let log = format!("{}-{pod}.log", self.namespace);
        Operator::start(&mut command, &self.plane.folder().join(log))
    }
}

/// Values that leave what is for the whole cluster to others.
pub const LOCAL: &str = "crds: {enabled: false}\nadmissionPolicies: {enabled: false}\n\
    rbac: {aggregateRoles: false}\n";

/// Values with which an operator reaches every tenant at a simulated one, with ports and Leases
/// that several of them on one machine can have; `more` comes after them.
pub fn values(simulator: &str, more: &str) -> String {
    format!(
        "extraArgs: [--endpoint={simulator}, '--listen=127.0.0.1:0', '--admin-listen=127.0.0.1:0']\n\
         leaderElection: {{leaseDuration: 4s, renewDeadline: 3s, retryPeriod: 500ms}}\n\
         log: {{format: text}}\n{more}"
    )
}
