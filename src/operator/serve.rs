//! Probes and metrics for the cluster, and the log level for whoever is inside.
//!
//! Two addresses: what only tells is served to everybody who reaches the Pod, what changes
//! something is served on loopback unless it is told otherwise.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::logging::LogLevel;
use super::metrics::Metrics;

mod answer;
mod connection;
mod health;

pub use health::{Health, Role};

/// Where to serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// `/healthz`, `/readyz` and `/metrics`; port 0 takes any free one.
    pub listen: SocketAddr,
    /// `/log-level`; none turns it off. Whoever reaches it can change what is logged.
    pub admin: Option<SocketAddr>,
}

impl Default for ServeConfig {
    /// All interfaces on port 8080, and loopback on port 8081.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080)),
            admin: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 8081))),
        }
    }
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {addr}: {source}; choose another with --listen or --admin-listen")]
pub struct ServeError {
    /// The address.
    pub addr: SocketAddr,
    /// What the system says.
    pub source: io::Error,
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Serving {
    /// The address of probes and metrics, with the real port.
    pub addr: SocketAddr,
    /// The address of the log level, with the real port.
    pub admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Serving {
    /// Stops: connections that are being answered have this long to end, and the ports are free
    /// afterwards.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        // What is not done by then is cut when the set is dropped.
        let _ = tokio::time::timeout(grace, ended).await;
        self.tasks.shutdown().await;
    }
}

/// Serves on the current runtime.
///
/// # Errors
///
/// [`ServeError`] where an address is taken.
pub async fn serve(
    config: ServeConfig,
    metrics: Metrics,
    health: Health,
    log: LogLevel,
) -> Result<Serving, ServeError> {
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (listener, addr) = listen(config.listen).await?;
    let public = answer::public(metrics, health);
    tasks.spawn(connection::accept(listener, public, stopped.clone()));
    let mut admin = None;
    if let Some(wanted) = config.admin {
        let (listener, addr) = listen(wanted).await?;
        if !addr.ip().is_loopback() {
            tracing::warn!(%addr, "whoever reaches this address can change the log level");
        }
        tasks.spawn(connection::accept(listener, answer::admin(log), stopped));
        admin = Some(addr);
    }
    Ok(Serving {
        addr,
        admin,
        stop,
        tasks,
    })
}

async fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError {
        addr: wanted,
        source,
    };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    Ok((listener, addr))
}
