//! etcd and kube-apiserver, with the definitions of `crds/`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use axum::http::Request;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::PostParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use tokio::time::{Instant, sleep};

use super::audit::Requests;
use super::kubectl::Output;
use super::process::Process;
use super::{credentials, etcd, kubectl, programs, wait_until};

/// What the controller manager is for in tests; there are no nodes that pods could run on.
const CONTROLLERS: &str = "namespace-controller,garbage-collector-controller,\
                           serviceaccount-token-controller,serviceaccount-controller,\
                           clusterrole-aggregation-controller";

const PATIENCE: Duration = Duration::from_mins(2);

/// A control plane of its own: RBAC on, an administrator, an audit log, the definitions installed.
///
/// It ends, and its folder goes, when it is dropped or the test binary is gone. With
/// `DIALTONE_KEEP_CONTROL_PLANE` set the folder stays, with the logs in it.
pub struct ControlPlane {
    ports: Ports,
    folder: PathBuf,
    // Dropped in this order: clients before servers, the folder last.
    controller_manager: OnceLock<Process>,
    apiserver: Option<Process>,
    etcd: Process,
    _janitor: Option<Process>,
}

struct Ports {
    etcd: u16,
    peers: u16,
    apiserver: u16,
}

impl Ports {
    /// Three that are free now; somebody may take one before a server does.
    fn free() -> Self {
        let held = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [etcd, peers, apiserver] = held.map(|one| one.local_addr().unwrap().port());
        Self {
            etcd,
            peers,
            apiserver,
        }
    }
}

impl ControlPlane {
    /// The control plane that the tests of a binary share; the first one starts it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<ControlPlane, String>> = OnceLock::new();
        let started = SHARED.get_or_init(|| {
            // A test has a runtime of its own, which must not be blocked on from within.
            let start = || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(Self::start())
            };
            thread::spawn(start)
                .join()
                .unwrap_or_else(|_| Err("starting the control plane panicked".to_owned()))
        });
        started.as_ref().unwrap_or_else(|error| panic!("{error}"))
    }

    /// A control plane for one test, which may stop it.
    pub async fn dedicated() -> Self {
        Self::start()
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    async fn start() -> Result<Self, String> {
        // Before the clock of anything runs: it may take ten minutes.
        programs::folder()?;
        let mut tries = 3;
        loop {
            tries -= 1;
            match Self::try_to_start().await {
                Err(error) if tries > 0 && error.contains("address already in use") => {}
                done => return done,
            }
        }
    }

    async fn try_to_start() -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("dialtone-control-plane-")
            .tempdir()
            .unwrap()
            .keep();
        let janitor = if std::env::var_os("DIALTONE_KEEP_CONTROL_PLANE").is_some() {
            eprintln!("the control plane is kept in {}", folder.display());
            None
        } else {
            Some(Process::janitor(&folder))
        };
        credentials::write(&folder).unwrap();
        let ports = Ports::free();
        let mut plane = Self {
            etcd: start_etcd(&folder, &ports)?,
            apiserver: None,
            controller_manager: OnceLock::new(),
            _janitor: janitor,
            folder,
            ports,
        };
        for user in [credentials::ADMIN, credentials::CONTROLLER_MANAGER] {
            let token = credentials::token(&plane.folder, user);
            plane.write_kubeconfig(user, &token);
        }
        plane.serve().await?;
        plane.install_definitions().await;
        Ok(plane)
    }

    /// Starts the API server and waits until it says that it is ready.
    async fn serve(&mut self) -> Result<(), String> {
        let mut apiserver = Process::start(
            &programs::path("kube-apiserver")?,
            self.apiserver_arguments(),
            &self.folder.join("kube-apiserver.log"),
        );
        let client = self.client().await;
        let start = Instant::now();
        loop {
            self.etcd.check().map_err(|error| format!("etcd {error}"))?;
            apiserver
                .check()
                .map_err(|error| format!("kube-apiserver {error}"))?;
            let request = Request::get("/readyz").body(Vec::new()).unwrap();
            match client.request_text(request).await {
                Ok(_) => break,
                Err(error) if start.elapsed() > PATIENCE => {
                    let log = apiserver.last_words();
                    return Err(format!("kube-apiserver is not ready: {error}\n{log}"));
                }
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
        self.apiserver = Some(apiserver);
        Ok(())
    }

    fn apiserver_arguments(&self) -> Vec<String> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        [
            (
                "etcd-servers",
                format!("http://127.0.0.1:{}", self.ports.etcd),
            ),
            ("secure-port", self.ports.apiserver.to_string()),
            ("bind-address", "127.0.0.1".to_owned()),
            // There is no address that pods would reach the server at.
            ("advertise-address", "127.0.0.1".to_owned()),
            ("endpoint-reconciler-type", "none".to_owned()),
            ("cert-dir", file("certs")),
            ("tls-cert-file", file("server.crt")),
            ("tls-private-key-file", file("server.key")),
            ("authorization-mode", "RBAC".to_owned()),
            ("token-auth-file", file("tokens.csv")),
            (
                "service-account-issuer",
                "https://kubernetes.default.svc".to_owned(),
            ),
            ("service-account-key-file", file("sa.pub")),
            ("service-account-signing-key-file", file("sa.key")),
            ("service-cluster-ip-range", "10.0.0.0/24".to_owned()),
            // Old versions go when a test wants them to, not every five minutes.
            ("etcd-compaction-interval", "0".to_owned()),
            ("audit-policy-file", file("audit.yaml")),
            ("audit-log-path", file("audit.log")),
            // Written before the request goes on, and never rotated away from the reader.
            ("audit-log-mode", "blocking".to_owned()),
            ("audit-log-maxsize", "10000".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
    }

    async fn install_definitions(&self) {
        let definitions = concat!(env!("CARGO_MANIFEST_DIR"), "/crds");
        self.kubectl(&["apply", "--server-side", "-k", definitions])
            .ok();
        let established = [
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            "crd",
            "--all",
        ];
        self.kubectl(&established).ok();
        self.serves_all_kinds().await;
    }

    /// Waits until requests for each kind are answered, which is later than `/readyz` says: the
    /// server first reads what there is of them.
    async fn serves_all_kinds(&self) {
        let group = dialtone::api::GROUP;
        let list = ["api-resources", "--api-group", group, "-o", "name"];
        let get = ["get", "dialtone", "--all-namespaces"];
        wait_until("the server to serve all kinds", async || {
            let (listed, got) = (self.kubectl(&list), self.kubectl(&get));
            let kinds = listed.stdout.lines().count();
            if kinds == dialtone::api::Kind::ALL.len() && got.success {
                return Ok(());
            }
            Err(listed.stdout + &listed.stderr + &got.stderr)
        })
        .await;
    }

    /// Stops the API server as a crash would: no connection is closed in order.
    ///
    /// Only for a [dedicated](Self::dedicated) control plane, as the signature has it.
    pub fn stop_apiserver(&mut self) {
        self.apiserver = None;
    }

    /// Starts it again, on the same port and the same data.
    pub async fn start_apiserver(&mut self) {
        self.serve().await.unwrap();
        self.serves_all_kinds().await;
    }

    /// Starts the controllers that delete the content of namespaces and what has lost its owner,
    /// and that make the default service accounts. They stay to the end.
    pub fn controller_manager(&self) {
        self.controller_manager.get_or_init(|| {
            let file = |name: &str| self.folder.join(name).display().to_string();
            let arguments = [
                ("kubeconfig", file("controller-manager.kubeconfig")),
                ("controllers", CONTROLLERS.to_owned()),
                ("service-account-private-key-file", file("sa.key")),
                ("root-ca-file", file("ca.crt")),
                ("leader-elect", "false".to_owned()),
                ("secure-port", "0".to_owned()),
            ]
            .map(|(name, value)| format!("--{name}={value}"));
            Process::start(
                &programs::path("kube-controller-manager")
                    .unwrap_or_else(|error| panic!("{error}")),
                arguments,
                &self.folder.join("kube-controller-manager.log"),
            )
        });
    }

    /// A client for the administrator, which belongs to the runtime of the calling test.
    pub async fn client(&self) -> Client {
        self.client_for(&self.admin_kubeconfig()).await
    }

    /// A client for whoever the kubeconfig is for; it does not try again by itself.
    pub async fn client_for(&self, kubeconfig: &Path) -> Client {
        let read = Kubeconfig::read_from(kubeconfig).unwrap();
        let options = KubeConfigOptions::default();
        let mut config = Config::from_custom_kubeconfig(read, &options)
            .await
            .unwrap();
        config.default_retry = false;
        Client::try_from(config).unwrap()
    }

    /// Runs kubectl as the administrator.
    pub fn kubectl(&self, arguments: &[&str]) -> Output {
        self.kubectl_reading(arguments, "")
    }

    /// Runs kubectl as the administrator, with `input` on standard input (`-f -`).
    pub fn kubectl_reading(&self, arguments: &[&str], input: &str) -> Output {
        kubectl::run(&self.folder, &self.admin_kubeconfig(), arguments, input)
    }

    /// Runs kubectl as whoever the kubeconfig is for.
    pub fn kubectl_as(&self, kubeconfig: &Path, arguments: &[&str]) -> Output {
        kubectl::run(&self.folder, kubeconfig, arguments, "")
    }

    /// Makes a namespace for one test; `purpose` is the beginning of its name.
    pub async fn namespace(&self, purpose: &str) -> String {
        static COUNTER: AtomicUsize = AtomicUsize::new(1);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(format!("{purpose}-{number}"));
        let api: Api<Namespace> = Api::all(self.client().await);
        let made = api
            .create(&PostParams::default(), &namespace)
            .await
            .unwrap();
        made.metadata.name.unwrap()
    }

    /// The administrator's kubeconfig.
    pub fn admin_kubeconfig(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// Writes a kubeconfig with a token of a service account, good for an hour.
    ///
    /// There must be such an account; nothing has made `default` without a controller manager.
    pub fn kubeconfig_for(&self, service_account: &str, namespace: &str) -> PathBuf {
        let create = [
            "create",
            "token",
            service_account,
            "-n",
            namespace,
            "--duration=1h",
        ];
        let token = self.kubectl(&create).ok();
        self.write_kubeconfig(&format!("{namespace}-{service_account}"), token.trim())
    }

    fn write_kubeconfig(&self, name: &str, token: &str) -> PathBuf {
        let path = self.folder.join(format!("{name}.kubeconfig"));
        let authority = self.folder.join("ca.crt");
        credentials::write_kubeconfig(&path, &self.url(), &authority, token);
        path
    }

    /// Where the API server listens.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.ports.apiserver)
    }

    /// What the server was asked so far.
    pub fn audit(&self) -> Requests {
        Requests::read(&self.folder.join("audit.log"))
    }

    /// Forgets all versions but the present one, and gives its number.
    ///
    /// A server that was running still has some in memory: to see 410 Gone, stop it, compact, and
    /// start it again.
    pub async fn compact(&self) -> i64 {
        etcd::compact(self.ports.etcd).await
    }

    /// Its folder: logs, keys, data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn start_etcd(folder: &Path, ports: &Ports) -> Result<Process, String> {
    let clients = format!("http://127.0.0.1:{}", ports.etcd);
    let peers = format!("http://127.0.0.1:{}", ports.peers);
    let arguments = [
        ("data-dir", folder.join("etcd").display().to_string()),
        ("listen-client-urls", clients.clone()),
        ("advertise-client-urls", clients),
        ("listen-peer-urls", peers.clone()),
        ("initial-advertise-peer-urls", peers.clone()),
        ("initial-cluster", format!("default={peers}")),
    ]
    .into_iter()
    .map(|(name, value)| format!("--{name}={value}"))
    // The data need not outlive the machine.
    .chain(["--unsafe-no-fsync".to_owned()]);
    let log = folder.join("etcd.log");
    Ok(Process::start(&programs::path("etcd")?, arguments, &log))
}
