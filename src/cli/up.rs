//! `dialtone up`: the main job without a cluster and without an Auth0 account.

mod watch;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::apply::{UNSOUND, finish};
use super::aside::print;
use super::converge::{Host, Results};
use super::failure::CliError;
use super::link::Link;
use super::manifests::{ManifestArgs, Opened};
use super::plan::Output;
use super::progress::Progress;
use super::record::Record;
use super::show::{self, plain};
use super::tenants::tenant_state;
use super::workspace::{TenantWork, Workspace};
use crate::api::Resource;
use crate::auth0::connect::Place;
use crate::auth0::token::TokenCache;
use crate::phone::action::ObjectKey;
use crate::sim::server::{Listen, Running, serve};
use crate::sim::state::StateFile;
use crate::sim::tenant::{Setup, SimulatedTenant};

/// Bring tenants to what the manifests of a folder say, and keep them so while the folder changes.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 every object is Ready, 1 one is not, or an error.")]
pub struct UpArgs {
    /// The folder of manifests, or one file.
    dir: PathBuf,
    /// End after the first result instead of watching the folder.
    #[arg(long)]
    once: bool,
    /// Which tenant: a simulated one that this command starts, or the real one that the manifests
    /// name.
    #[arg(long, value_enum, default_value_t)]
    tenant: TenantKind,
    /// Where the simulated tenant listens; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Keep the simulated tenant and the objects' status in this file between runs.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How long to wait for what passes by itself (rate limits, faults), in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Which tenant `up` works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TenantKind {
    /// One that this command starts.
    #[default]
    Simulated,
    /// The one that the manifests name.
    Real,
}

/// One tenant of the run.
struct Seat {
    key: ObjectKey,
    host: Host,
    /// The simulated tenant, served until the end.
    served: Option<Served>,
}

/// A simulated tenant and its server.
struct Served {
    tenant: SimulatedTenant,
    running: Running,
}

/// Everything that a run holds.
struct Session {
    args: UpArgs,
    workspace: Workspace,
    /// What of the manifests takes no part.
    unseen: Vec<String>,
    record: Record,
    state: Option<StateFile>,
    seats: Vec<Seat>,
    tokens: Arc<TokenCache>,
}

/// Converges the tenants, once or for as long as the folder is watched.
///
/// # Errors
///
/// [`CliError`] where manifests cannot be used at the start or a tenant cannot be set up.
pub async fn run(args: UpArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let manifests = ManifestArgs::of(&args.dir);
    let Opened {
        workspace,
        mut record,
        complete,
        state,
        ..
    } = manifests.open(args.state.as_deref(), args.output)?;
    if args.tenant == TenantKind::Simulated {
        record.outlive_tenants();
    }
    let mut session = Session {
        args,
        workspace,
        unseen: (!complete)
            .then(|| UNSOUND.to_owned())
            .into_iter()
            .collect(),
        record,
        state,
        seats: Vec::new(),
        tokens: Arc::new(TokenCache::new()),
    };
    session.seat_all(out).await?;
    let results = session.converge(out).await?;
    let code = finish(
        &session.workspace,
        &results,
        &session.unseen,
        session.args.output,
        out,
    )?;
    if !session.args.once {
        watch::run(&mut session, out).await?;
    }
    for seat in session.seats {
        if let Some(served) = seat.served {
            served.running.stop().await;
        }
    }
    Ok(code)
}

impl Session {
    /// Sets up the way to every tenant that has none yet.
    async fn seat_all(&mut self, out: &mut impl Write) -> Result<(), CliError> {
        let tenants = self.workspace.tenants.len();
        for (key, work) in &self.workspace.tenants {
            if self.seats.iter().any(|seat| seat.key == *key) {
                continue;
            }
            let domain = &work.tenant.spec.domain;
            let (served, place) = match self.args.tenant {
                TenantKind::Real => (None, String::new()),
                TenantKind::Simulated => {
                    let served = self.simulate(key, work, tenants).await?;
                    let url = served.running.url();
                    (Some(served), url)
                }
            };
            if self.args.output == Output::Text {
                let at = if place.is_empty() {
                    String::new()
                } else {
                    format!(" simulated at {place}")
                };
                writeln!(out, "{}{key}{:#}: {domain}{at}", show::BOLD, show::BOLD)?;
            }
            let link = link(key, work, served.as_ref(), &self.tokens)?;
            self.seats.push(Seat {
                key: key.clone(),
                host: Host::new(link),
                served,
            });
        }
        Ok(())
    }

    /// Follows what changed since `previous`: the way to each tenant, for its manifest or its
    /// credentials may be others, and the applications that a simulated one has. A tenant for which
    /// that fails keeps the way it had.
    ///
    /// # Errors
    ///
    /// Where nothing can be written.
    fn renew_seats(&mut self, previous: &Workspace) -> Result<(), CliError> {
        for seat in &mut self.seats {
            let Some(work) = self.workspace.tenants.get(&seat.key) else {
                continue;
            };
            if let Some(served) = &seat.served {
                served.tenant.seed_clients(&application_names(work))?;
                served.tenant.seed_databases(&database_names(work))?;
            }
            match link(&seat.key, work, seat.served.as_ref(), &self.tokens) {
                Ok(link) => seat.host.link = link,
                Err(error) => super::note(&error.to_string())?,
            }
            let same = |before: &TenantWork| {
                before.tenant.spec == work.tenant.spec
                    && application_names(before) == application_names(work)
                    && database_names(before) == database_names(work)
            };
            if !previous.tenants.get(&seat.key).is_some_and(same) {
                // What was read there may be of another tenant, or lack what was added above.
                seat.host.snapshot = None;
            }
        }
        Ok(())
    }

    /// Starts a simulated tenant that has the applications which the manifests name.
    async fn simulate(
        &self,
        key: &ObjectKey,
        work: &TenantWork,
        tenants: usize,
    ) -> Result<Served, CliError> {
        let state = match (&self.args.state, &self.state) {
            (Some(path), Some(state)) => Some(tenant_state(path, state, (key, work), tenants)?),
            _ => None,
        };
        let tenant = SimulatedTenant::start(Setup {
            domain: Some(work.tenant.spec.domain.clone()),
            clients: application_names(work),
            databases: database_names(work),
            state,
            ..Setup::default()
        })?;
        let addr = if tenants <= 1 {
            self.args.listen
        } else {
            any_port(self.args.listen)
        };
        let running = serve(Listen { addr, tls: None }, tenant.clone()).await?;
        Ok(Served { tenant, running })
    }

    /// Brings every tenant to what its objects say.
    async fn converge(&mut self, out: &mut impl Write) -> Result<Results, CliError> {
        let text = self.args.output == Output::Text;
        let patience = Duration::from_secs(self.args.timeout);
        let mut results = Results::new();
        for seat in &mut self.seats {
            let Some(work) = self.workspace.tenants.get_mut(&seat.key) else {
                continue;
            };
            let progress = Progress::new(text);
            let result = seat
                .host
                .converge(work, &mut self.record, &progress, patience)
                .await?;
            drop(progress);
            if text {
                for hazard in &result.plan.hazards {
                    let style = show::HAZARD;
                    let (message, id) = (hazard.message(), hazard.id());
                    print(out, |out| {
                        writeln!(
                            out,
                            "  {style}⚠ {}{style:#} [{}]",
                            plain(&message),
                            plain(&id)
                        )
                    })?;
                }
            }
            results.insert(seat.key.clone(), result);
        }
        Ok(results)
    }
}

/// The way to a tenant, which is served here or is where its manifest says.
fn link(
    key: &ObjectKey,
    work: &TenantWork,
    served: Option<&Served>,
    tokens: &Arc<TokenCache>,
) -> Result<Link, CliError> {
    let url = served.map(|served| served.running.url());
    let place = match &url {
        Some(url) => Place::Served(url),
        None => Place::Remote(None),
    };
    Link::http(&work.tenant, &work.references, place, tokens)
        .map_err(|error| CliError::Link(key.to_string(), error))
}

fn any_port(listen: SocketAddr) -> SocketAddr {
    SocketAddr::new(listen.ip(), 0)
}

/// The names by which manifests refer to applications, each once: a simulated tenant has them.
fn application_names(work: &TenantWork) -> Vec<String> {
    let refs = work.resources.iter().filter_map(|resource| match resource {
        Resource::PasswordlessConnection(object) => object.spec.applications.as_ref(),
        _ => None,
    });
    let mut known = BTreeSet::new();
    refs.flat_map(|applications| &applications.refs)
        .filter_map(|reference| reference.name.clone())
        .filter(|name| known.insert(name.clone()))
        .collect()
}

/// The database connections that manifests name: a simulated tenant has them.
fn database_names(work: &TenantWork) -> Vec<String> {
    let names = work.resources.iter().filter_map(|resource| match resource {
        Resource::PhoneIdentifier(object) => Some(object.spec.connection.clone()),
        _ => None,
    });
    names.collect()
}
