//! `dialtone run`: the operator in a cluster.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use kube::Client;
use reqwest::header::{HeaderValue, USER_AGENT};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::info;

use crate::api::duration;
use crate::operator::cluster::{Cluster, ClusterError, MANAGER};
use crate::operator::crew::{BEAT, Conduct, Ended, lead};
use crate::operator::leader::{LeaderError, Leadership, LeaseConfig, LeaseTiming};
use crate::operator::logging::LogLevel;
use crate::operator::metrics::Metrics;
use crate::operator::serve::{Health, Role, ServeConfig, ServeError, serve};
use crate::operator::shard::Shard;
use crate::operator::watch::{Extent, SecretAccess};
use crate::operator::way::{WayError, way};
use crate::operator::worker::Settings;

/// Who asks, in the audit log of the API server and in managed fields.
const NAME: &str = concat!("dialtone/", env!("CARGO_PKG_VERSION"));

/// How long probes that are being answered have at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The longest that the API server may be silent, before a connection counts as lost. Watches are
/// ended by the server before that.
const SILENCE: Duration = Duration::from_secs(295);

/// Run the operator: keep the tenants of a cluster's objects as these say.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// The operator's own namespace, for its Lease and its key of fingerprints. That of the
    /// service account, or of the kubeconfig's context, where absent.
    #[arg(long, env = "POD_NAMESPACE", value_name = "NAME")]
    namespace: Option<String>,
    /// The name of this replica, in the Lease and in events.
    #[arg(long, env = "POD_NAME", value_name = "NAME", default_value = MANAGER)]
    replica_name: String,
    /// Watch these namespaces only, with commas between them, and need no rights beyond them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    watch_namespaces: Vec<String>,
    /// Follow Secrets by watching them, as metadata, or only read them by name in each pass.
    #[arg(long, value_enum, default_value_t)]
    secret_access: SecretAccess,
    /// Work for the tenants whose `Auth0Tenant` has these labels; other replicas have the others.
    #[arg(long, value_name = "SELECTOR")]
    shard_selector: Option<Shard>,
    /// How many tenants are worked on at once.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrent: u16,
    /// How long a deletion waits for a tenant or a Secret that is missing, before what the object
    /// set up is left in Auth0.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = positive)]
    deletion_grace_period: Duration,
    /// How long everything in the cluster may take to be listed, before this replica gives the Lease
    /// back and ends with an error.
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = positive)]
    sync_timeout: Duration,
    /// How long passes may take to end after SIGTERM.
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = positive)]
    shutdown_grace_period: Duration,
    /// Where to serve /healthz, /readyz and /metrics.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:8080")]
    listen: SocketAddr,
    /// Where to serve /log-level, which changes what is logged: whoever reaches it can.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    admin_listen: SocketAddr,
    /// The name of the Lease that one replica holds. With a shard selector it is made of both.
    /// Two installations in one namespace need two names.
    #[arg(long, value_name = "NAME", default_value = MANAGER)]
    lease_name: String,
    /// After this time without a sign of the leader another replica takes over.
    #[arg(long, value_name = "DURATION", default_value = "35s", value_parser = positive)]
    lease_duration: Duration,
    /// After this time without a renewal the leader stops by itself.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = positive)]
    renew_deadline: Duration,
    /// The time between two attempts to get or to renew the Lease.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = positive)]
    retry_period: Duration,
    /// Reach every tenant at this URL: a simulated tenant.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// Why the operator ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no cluster to talk to.
    #[error("no way to a cluster: {0}")]
    Way(#[from] WayError),
    /// The client cannot be set up.
    #[error("the client cannot be set up: {0}")]
    Client(#[from] kube::Error),
    /// Signals cannot be received.
    #[error("signals cannot be received: {0}")]
    Signal(#[from] std::io::Error),
    /// No probes and metrics can be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// It cannot stand for election.
    #[error(transparent)]
    Leader(#[from] LeaderError),
    /// The API server does not do what is needed.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Another replica may lead from now on.
    #[error("the Lease was lost: this replica ends so as not to write beside another one")]
    LeaseLost,
}

fn positive(text: &str) -> Result<Duration, String> {
    match duration(text) {
        Ok(Duration::ZERO) => Err("it must be more than zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
///
/// [`RunError`] where the operator cannot start or go on.
pub async fn run(args: RunArgs, log: LogLevel) -> Result<ExitCode, RunError> {
    let (stop_sender, stop) = watch::channel(false);
    tokio::spawn(stop_at_signal(stop_sender)?);
    let (metrics, health) = (Metrics::new(), Health::new());
    let addresses = ServeConfig {
        listen: args.listen,
        admin: Some(args.admin_listen),
    };
    let serving = serve(addresses, metrics.clone(), health.clone(), log).await?;
    info!(listen = %serving.addr, "probes and metrics are served");
    let ended = Replica::new(args, metrics, health, stop).await?.run().await;
    serving.stop(LAST_ANSWERS).await;
    ended
}

/// One replica, leading or not.
struct Replica {
    client: Client,
    lease: LeaseConfig,
    conduct: Conduct,
    metrics: Metrics,
    health: Health,
    stop: watch::Receiver<bool>,
}

impl Replica {
    async fn new(
        args: RunArgs,
        metrics: Metrics,
        health: Health,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, RunError> {
        let mut config = way(None, None).await?;
        // Each call has its own time limit, and whoever made it decides whether to repeat it.
        config.default_retry = false;
        config.read_timeout = Some(SILENCE);
        config.reset_reader_on_write = true;
        config
            .headers
            .push((USER_AGENT, HeaderValue::from_static(NAME)));
        let namespace = args
            .namespace
            .unwrap_or_else(|| config.default_namespace.clone());
        let shard = args.shard_selector.unwrap_or_default();
        let lease = LeaseConfig {
            namespace: namespace.clone(),
            name: format!("{}{}", args.lease_name, shard.suffix()),
            replica: args.replica_name,
            timing: LeaseTiming {
                lease: args.lease_duration,
                renew_deadline: args.renew_deadline,
                retry: args.retry_period,
            },
        };
        let conduct = Conduct {
            namespace,
            extent: Extent {
                namespaces: args.watch_namespaces.into_iter().collect(),
                secrets: args.secret_access,
            },
            concurrent: usize::from(args.concurrent),
            settings: Settings {
                endpoint: args.endpoint,
                deletion_grace_period: args.deletion_grace_period,
                shard,
            },
            sync_timeout: args.sync_timeout,
            shutdown_grace: args.shutdown_grace_period,
        };
        Ok(Self {
            client: Client::try_from(config)?,
            lease,
            conduct,
            metrics,
            health,
            stop,
        })
    }

    /// Waits for the Lease, and leads until it is to end.
    async fn run(mut self) -> Result<ExitCode, RunError> {
        // A replica that stands by does what it is there for, as long as it can see the Lease.
        let acquired =
            Leadership::acquire(
                self.client.clone(),
                self.lease.clone(),
                |failed| match failed {
                    None => self.health.set_synced(),
                    Some(why) => self.health.set_apart(why),
                },
            );
        let held = tokio::select! {
            held = acquired => held?,
            _ = self.stop.wait_for(|stop| *stop) => return Ok(ExitCode::SUCCESS),
            () = beat(&self.health) => return Ok(ExitCode::FAILURE),
        };
        self.health.set_waiting("nothing is listed yet");
        self.health.set_role(Role::Leader);
        self.metrics.leading(true);
        let cluster = Cluster::new(self.client, self.lease.replica, self.metrics.clone());
        let fence = Arc::new(held.clone());
        let work = lead(
            cluster,
            self.conduct,
            fence,
            self.stop.clone(),
            &self.health,
        );
        let ended = tokio::select! {
            ended = work => ended,
            () = held.lost() => return Err(RunError::LeaseLost),
        };
        let ended = match ended {
            Ok(ended) => ended,
            Err(error) => {
                // No pass was made: another replica may have more luck.
                held.release().await;
                return Err(error.into());
            }
        };
        self.health.set_role(Role::Stopping);
        self.metrics.leading(false);
        Ok(match ended {
            Ended::Cleanly => {
                held.release().await;
                ExitCode::SUCCESS
            }
            // A write may still be under way: the Lease runs out by itself.
            Ended::Late => ExitCode::FAILURE,
        })
    }
}

/// Says that the process lives, for as long as what it is awaited with goes on.
async fn beat(health: &Health) {
    let mut ticks = tokio::time::interval(BEAT);
    loop {
        ticks.tick().await;
        health.beat();
    }
}

/// Says stop at SIGTERM and SIGINT.
fn stop_at_signal(stop: watch::Sender<bool>) -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        info!("asked to end");
        // Nobody listens any more: there is nothing to end.
        let _ = stop.send(true);
        std::future::pending::<()>().await;
    })
}
