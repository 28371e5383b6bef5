//! A namespace on a real API server, a simulated tenant, and operators that run as they would in a
//! cluster: as processes, under the shipped roles.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::operator::Operator;
use crate::simulator::Simulator;
use crate::support::kubectl::Output;
use crate::support::{ControlPlane, kstatus, wait_until};

/// The user that an operator is to the API server.
pub const ACCOUNT: &str = "dialtone";

/// The kinds of objects, as kubectl takes them.
pub const KINDS: &str = "auth0tenants,phoneproviders,mfaphonefactors,passwordlessconnections,\
    phonetemplates,phoneidentifiers,phonetestmessages";

/// What one test has to itself.
pub struct Rig<'a> {
    pub plane: &'a ControlPlane,
    /// The namespace of the objects.
    pub namespace: String,
    /// The namespace of the operator.
    pub home: String,
    /// The operator sees this namespace only; all of them where it is not set.
    confined: bool,
    pub simulator: Simulator,
}

/// A rig without its control plane.
pub struct Left {
    namespace: String,
    home: String,
    confined: bool,
    simulator: Simulator,
}

impl Left {
    pub const fn simulator(&self) -> &Simulator {
        &self.simulator
    }
}

impl<'a> Rig<'a> {
    /// On a control plane that other tests use as well: the operator sees its namespace only.
    pub async fn new(plane: &'a ControlPlane, purpose: &str) -> Self {
        let namespace = plane.namespace(purpose).await;
        let rig = Self {
            plane,
            home: namespace.clone(),
            namespace,
            confined: true,
            simulator: Simulator::start(),
        };
        let own = |path: &str| {
            let text = fs::read_to_string(path).unwrap();
            // Some tests run several operators here, each with a Lease of its own.
            let text = text.replace("    resourceNames: [dialtone]\n", "");
            let text = text.replace("dialtone-system", &rig.home);
            let documents = text.split("\n---\n");
            let local = documents.filter(|document| !document.contains("kind: ClusterRole"));
            local.collect::<Vec<_>>().join("\n---\n")
        };
        rig.apply(&own("deploy/rbac.yaml")).ok();
        rig.apply(&own("deploy/namespaced/rbac.yaml")).ok();
        rig
    }

    /// On a control plane of its own, installed as it is shipped: the operator sees everything.
    pub async fn alone(plane: &'a ControlPlane, purpose: &str) -> Self {
        for path in [
            "deploy/namespace.yaml",
            "deploy/rbac.yaml",
            "deploy/admission.yaml",
        ] {
            plane.kubectl(&["apply", "-f", path]).ok();
        }
        Self::installed(plane, purpose, "dialtone-system").await
    }

    /// On a control plane where somebody else has seen to the operator's account and its roles, in
    /// the namespace `home`.
    pub async fn installed(plane: &'a ControlPlane, purpose: &str, home: &str) -> Self {
        Self {
            plane,
            namespace: plane.namespace(purpose).await,
            home: home.to_owned(),
            confined: false,
            simulator: Simulator::start(),
        }
    }

    /// Lets go of the control plane, so that it can be stopped.
    pub fn leave(self) -> Left {
        Left {
            namespace: self.namespace,
            home: self.home,
            confined: self.confined,
            simulator: self.simulator,
        }
    }

    /// The same as before [`Rig::leave`].
    pub fn again(plane: &'a ControlPlane, left: Left) -> Self {
        Self {
            plane,
            namespace: left.namespace,
            home: left.home,
            confined: left.confined,
            simulator: left.simulator,
        }
    }

    /// Starts an operator that reaches every tenant at the simulator.
    pub fn operator(&self, name: &str, arguments: &[&str]) -> Operator {
        let mut all = Vec::new();
        if !arguments.contains(&"--endpoint") {
            all.extend(["--endpoint", self.simulator.url()]);
        }
        all.extend(arguments);
        self.operator_for_all(name, &all, None)
    }

    /// Starts an operator that reaches each tenant where its object says, and trusts the
    /// certificates in this file.
    pub fn operator_for_all(
        &self,
        name: &str,
        arguments: &[&str],
        trusted: Option<&Path>,
    ) -> Operator {
        let mut all = vec!["--namespace", &self.home, "--replica-name", name];
        all.extend(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        // As long as in a cluster, nobody would wait for a new leader.
        if !arguments.contains(&"--lease-duration") {
            all.extend(["--lease-duration", "4s", "--renew-deadline", "3s"]);
            all.extend(["--retry-period", "500ms"]);
        }
        if self.confined {
            all.extend(["--watch-namespaces", &self.namespace]);
        }
        all.extend(arguments);
        let mut command = Command::new(env!("CARGO_BIN_EXE_dialtone"));
        command
            .arg("run")
            .args(all)
            .env("KUBECONFIG", self.plane.kubeconfig_for(ACCOUNT, &self.home));
        if let Some(trusted) = trusted {
            command.env("SSL_CERT_FILE", trusted);
        }
        let log = format!("{}-{name}.log", self.namespace);
        Operator::start(&mut command, &self.plane.folder().join(log))
    }

    /// Applies manifests as a user would.
    pub fn apply(&self, manifests: &str) -> Output {
        let arguments = ["apply", "-n", &self.namespace, "-f", "-"];
        self.plane.kubectl_reading(&arguments, manifests)
    }

    /// Applies a folder of examples.
    pub fn apply_example(&self, name: &str) -> Output {
        let folder = format!("examples/{name}");
        self.kubectl(&["apply", "-f", &folder])
    }

    /// Runs kubectl in the namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> Output {
        let mut all = arguments.to_vec();
        all.extend(["-n", self.namespace.as_str()]);
        self.plane.kubectl(&all)
    }

    /// All objects of ours in the namespace.
    pub fn objects(&self) -> Vec<Value> {
        let text = self.kubectl(&["get", KINDS, "-o", "json"]).ok();
        let list: Value = serde_json::from_str(&text).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    pub fn object(&self, kind: &str, name: &str) -> Value {
        let text = self.kubectl(&["get", kind, name, "-o", "json"]).ok();
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until an object's condition has this status and reason, and returns the object. Every
    /// status that is seen must be one that other tools understand.
    pub async fn condition(&self, kind: &str, name: &str, wanted: (&str, &str, &str)) -> Value {
        let (type_, status, reason) = wanted;
        let what = format!("{kind} {name}: {type_}={status} {reason}");
        wait_until(&what, async || {
            let object = self.object(kind, name);
            let found = condition(&object, type_);
            let fits = found["status"] == status && found["reason"] == reason;
            let current =
                object["status"]["observedGeneration"] == object["metadata"]["generation"];
            if fits && current {
                assert_eq!(
                    kstatus::violations(&object),
                    Vec::<String>::new(),
                    "{object:#}"
                );
                return Ok(object);
            }
            Err(format!("{:#}", object["status"]))
        })
        .await
    }

    /// Waits until every object is Ready.
    pub async fn all_ready(&self, count: usize) {
        wait_until("all objects to be Ready", async || {
            let objects = self.objects();
            let current = |object: &Value| {
                object["status"]["observedGeneration"] == object["metadata"]["generation"]
            };
            let is_ready = |object: &Value| condition(object, "Ready")["status"] == "True";
            let waiting: Vec<String> = objects
                .iter()
                .filter(|object| !is_ready(object) || !current(object))
                .map(|object| format!("{} {:#}", object["kind"], object["status"]))
                .collect();
            // One that nobody has looked at yet reads as in progress by its generation alone.
            let seen = |object: &&Value| object["status"]["observedGeneration"] != -1;
            for object in objects.iter().filter(seen) {
                let broken = kstatus::violations_in_passing(object);
                assert_eq!(broken, Vec::<String>::new(), "{object:#}");
            }
            if waiting.is_empty() && objects.len() == count {
                return Ok(());
            }
            Err(format!("{} objects; {}", objects.len(), waiting.join("\n")))
        })
        .await;
        for object in self.objects() {
            let broken = kstatus::violations(&object);
            assert_eq!(broken, Vec::<String>::new(), "{object:#}");
        }
    }

    /// Applies the quickstart and waits until it is Ready.
    pub async fn quickstart(&self) {
        self.apply_example("quickstart").ok();
        self.all_ready(4).await;
    }

    /// Changes an object as a user would, by a merge patch.
    pub fn patch(&self, kind: &str, name: &str, patch: &Value) -> Output {
        self.kubectl(&[
            "patch",
            kind,
            name,
            "--type=merge",
            "-p",
            &patch.to_string(),
        ])
    }

    /// Asks for a pass and waits until it is done.
    pub async fn look(&self, stamp: &str) {
        let patch = json!({"metadata": {"annotations": {"dialtone.dev/requestedAt": stamp}}});
        self.patch("auth0tenant", "acme", &patch).ok();
        wait_until("the request to be acknowledged", async || {
            let tenant = self.object("auth0tenant", "acme");
            let handled = &tenant["status"]["lastHandledReconcileAt"];
            if handled == stamp {
                return Ok(());
            }
            Err(format!("{handled}"))
        })
        .await;
    }

    /// What the operators of this namespace asked the API server to change.
    pub fn operator_writes(&self) -> crate::support::audit::Requests {
        let requests = self.plane.audit();
        requests
            .by_service_account(&self.home, ACCOUNT)
            .writes()
            .only(|request| request.resource != "leases")
    }

    /// What the operators of this namespace were refused, as `VERB RESOURCE NAME`.
    pub fn forbidden(&self) -> Vec<String> {
        let requests = self.plane.audit().by_service_account(&self.home, ACCOUNT);
        let refused = requests.only(|request| request.code == Some(403));
        let lines = refused.iter();
        lines
            .map(|it| format!("{} {} {}/{}", it.verb, it.resource, it.namespace, it.name))
            .collect()
    }

    /// Who holds a Lease, without the random part of the name; empty where nobody does.
    pub fn holder(&self, lease: &str) -> String {
        let lease = self.lease(lease);
        let holder = lease["spec"]["holderIdentity"].as_str();
        let name = holder.unwrap_or_default().split('_').next();
        name.unwrap_or_default().to_owned()
    }

    /// A Lease of the operators; null where there is none.
    pub fn lease(&self, name: &str) -> Value {
        let get = ["get", "lease", name, "-n", &self.home, "-o", "json"];
        serde_json::from_str(&self.plane.kubectl(&get).stdout).unwrap_or_default()
    }

    /// Waits until a replica holds the Lease.
    pub async fn led_by(&self, name: &str) {
        wait_until(&format!("{name} to lead"), async || {
            let holder = self.holder("dialtone");
            if holder == name { Ok(()) } else { Err(holder) }
        })
        .await;
    }

    /// The warnings and notes at an object, as `REASON: NOTE`.
    pub fn events(&self, name: &str) -> Vec<String> {
        let text = self
            .kubectl(&["get", "events.events.k8s.io", "-o", "json"])
            .ok();
        let list: Value = serde_json::from_str(&text).unwrap();
        let items = list["items"].as_array().unwrap().iter();
        items
            .filter(|event| event["regarding"]["name"] == name)
            .map(|event| {
                let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
                format!("{}: {}", text("reason"), text("note"))
            })
            .collect()
    }
}

/// One condition of an object; null where it is not there.
pub fn condition(object: &Value, type_: &str) -> Value {
    let conditions = object["status"]["conditions"].as_array();
    let mut conditions = conditions.into_iter().flatten();
    let found = conditions.find(|condition| condition["type"] == type_);
    found.cloned().unwrap_or_default()
}
