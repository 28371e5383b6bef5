//! Which tenant each command talks to: the real one, one at an endpoint, or a simulated one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::failure::CliError;
use super::link::Link;
use super::workspace::{TenantWork, Workspace};
use crate::auth0::connect::{ConnectError, Place};
use crate::auth0::token::TokenCache;
use crate::phone::action::ObjectKey;
use crate::sim::state::StateFile;
use crate::sim::tenant::{Setup, SimulatedTenant};

/// Where tenants are.
#[derive(Clone, Debug, Default, Args)]
pub struct TenantArgs {
    /// Reach every tenant at this URL, such as that of `dialtone simulate`.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Keep the objects' status in this file between runs. Where it holds a simulated tenant, that
    /// one is used.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl TenantArgs {
    /// The state file.
    #[must_use]
    pub fn state(&self) -> Option<&Path> {
        self.state.as_deref()
    }

    /// What may help where a tenant could not be read, if its manifest and the command line leave it
    /// to its domain: the first try is often with an example, whose tenant is nobody's.
    #[must_use]
    pub fn advice(&self, purpose: &str, error: &CliError, work: &TenantWork) -> Option<String> {
        let real = self.endpoint.is_none()
            && self.state.is_none()
            && work.tenant.spec.endpoint.is_none()
            && matches!(error, CliError::Tenant(..));
        real.then(|| {
            format!(
                "to {purpose} a simulated tenant, give the --endpoint URL of \"dialtone simulate\", or \
                 with --state the file of \"dialtone up --state FILE\""
            )
        })
    }
}

/// The tenants of a run, each ready to be read and written, or with what keeps it from that: one
/// tenant's missing credentials are no matter of the others.
pub struct Tenants {
    links: BTreeMap<ObjectKey, Result<Link, ConnectError>>,
}

impl Tenants {
    /// Sets up the way to each tenant. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`CliError`] where the state file cannot be used, or holds some of the tenants only.
    pub fn connect(
        args: &TenantArgs,
        workspace: &Workspace,
        state: Option<&StateFile>,
    ) -> Result<Self, CliError> {
        let tokens = Arc::new(TokenCache::new());
        let mut links = BTreeMap::new();
        let (mut here, mut elsewhere) = (None, None);
        for (key, work) in &workspace.tenants {
            let file = match (&args.endpoint, &args.state, state) {
                (None, Some(path), Some(state)) => Some(tenant_state(
                    path,
                    state,
                    (key, work),
                    workspace.tenants.len(),
                )?),
                _ => None,
            };
            let link = if let Some(tenant) = simulated(file, work)? {
                here = Some(key);
                Ok(Link::memory(tenant))
            } else {
                elsewhere = Some(key);
                let place = Place::Remote(args.endpoint.as_deref());
                Link::http(&work.tenant, &work.references, place, &tokens)
            };
            links.insert(key.clone(), link);
        }
        if let (Some(_), Some(missing)) = (here, elsewhere) {
            return Err(CliError::NotSimulated(missing.to_string()));
        }
        Ok(Self { links })
    }

    /// Gives the way to one tenant away.
    ///
    /// # Errors
    ///
    /// [`CliError::Link`] where its connection cannot be set up, such as for missing credentials, and
    /// [`CliError::NoTenant`] for a tenant that is not one of the run.
    pub fn take(&mut self, key: &ObjectKey) -> Result<Link, CliError> {
        let link = self.links.remove(key).ok_or(CliError::NoTenant)?;
        link.map_err(|error| CliError::Link(key.to_string(), error))
    }
}

/// The simulated tenant in the state file, if there is one.
fn simulated(
    state: Option<StateFile>,
    work: &TenantWork,
) -> Result<Option<SimulatedTenant>, CliError> {
    let Some(state) = state else {
        return Ok(None);
    };
    if state.tenant()?.is_none() {
        return Ok(None);
    }
    let domain = Some(work.tenant.spec.domain.clone());
    Ok(Some(SimulatedTenant::start(Setup {
        domain,
        state: Some(state),
        ..Setup::default()
    })?))
}

/// Where a simulated tenant is kept: one alone in the state file itself, each of several in a file
/// beside it. A tenant that is kept in either place already is found there, however many tenants
/// this run has.
///
/// # Errors
///
/// Where that file cannot be used.
pub fn tenant_state(
    path: &Path,
    state: &StateFile,
    (key, work): (&ObjectKey, &TenantWork),
    tenants: usize,
) -> Result<StateFile, CliError> {
    let stored = state.tenant()?;
    let own = stored
        .as_ref()
        .is_some_and(|store| store.domain() == work.tenant.spec.domain);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.{}", key.namespace, key.name));
    let beside = PathBuf::from(name);
    if own || (tenants <= 1 && !beside.exists()) {
        return Ok(state.clone());
    }
    Ok(StateFile::load(beside)?)
}
