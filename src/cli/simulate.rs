//! `dialtone simulate`: serves a simulated tenant.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::sim::limit::{Rate, Rates};
use crate::sim::server::{Ended, Listen, ServeError, serve};
use crate::sim::state::{StateError, StateFile};
use crate::sim::tenant::{Setup, SetupError, SimulatedTenant};

/// Serve a simulated tenant: Management API, token endpoint, control API and outbox page.
#[derive(Clone, Debug, Args)]
pub struct SimulateArgs {
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:18080")]
    pub listen: SocketAddr,
    /// Serve HTTPS with a certificate authority that is kept in this directory; clients trust its
    /// ca.pem.
    #[arg(long, value_name = "DIR")]
    pub tls: Option<PathBuf>,
    /// Keep the tenant in this file, and take up what it holds.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// The tenant's domain; by default that of the state file, or dialtone-sim.eu.auth0.com.
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,
    /// Limit the requests per second; without it there is no limit.
    #[arg(long, value_name = "N")]
    pub rate: Option<f64>,
    /// The requests that are allowed at once before the rate counts.
    #[arg(long, value_name = "N", requires = "rate", default_value_t = 10)]
    pub burst: u32,
    /// Give the tenant an application with this name; may be repeated.
    #[arg(long = "client", value_name = "NAME")]
    pub clients: Vec<String>,
    /// Give the tenant a database connection with this name; may be repeated.
    #[arg(long = "database", value_name = "NAME")]
    pub databases: Vec<String>,
}

/// Why the simulated tenant does not run, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tenant cannot start.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The server cannot start.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Signals cannot be received, or nothing can be printed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A scripted `kill` took the server down.
    #[error("a scripted fault took the simulated tenant down")]
    Killed,
}

/// Serves a simulated tenant until SIGINT or SIGTERM.
///
/// # Errors
///
/// [`SimulateError`] where it cannot start, or where a scripted fault took it down.
pub async fn run(args: SimulateArgs) -> Result<(), SimulateError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let global = args.rate.map(|per_second| Rate {
        per_second,
        burst: args.burst,
    });
    let tenant = SimulatedTenant::start(Setup {
        domain: args.domain,
        clients: args.clients,
        databases: args.databases,
        rates: Rates {
            global,
            endpoints: Vec::new(),
        },
        state: args.state.map(StateFile::load).transpose()?,
        ..Setup::default()
    })?;
    let listen = Listen {
        addr: args.listen,
        tls: args.tls,
    };
    let mut running = serve(listen, tenant).await?;
    writeln!(
        io::stdout().lock(),
        "Simulated tenant {} on {}",
        running.tenant.domain(),
        running.url()
    )?;
    let ended = tokio::select! {
        _ = interrupt.recv() => Ended::Stopped,
        _ = terminate.recv() => Ended::Stopped,
        ended = running.ended() => ended,
    };
    running.stop().await;
    match ended {
        Ended::Stopped => Ok(()),
        Ended::Killed => Err(SimulateError::Killed),
    }
}
