//! Why a command failed, for people.

use std::io;

use super::kubectl::KubectlError;
use super::record::RecordError;
use crate::auth0::connect::ConnectError;
use crate::sim::server::ServeError;
use crate::sim::state::StateError;
use crate::sim::tenant::SetupError;

/// Why a command failed. The message says what to do where that is not plain.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Manifests cannot be used; what is wrong with them has been printed.
    #[error("the manifests cannot be used")]
    Manifests,
    /// The manifests hold no tenant.
    #[error("there is no Auth0Tenant in the manifests: nothing to do")]
    NoTenant,
    /// No tenant could be planned; why has been printed for each.
    #[error("no plan was made")]
    NoPlan,
    /// The manifests hold no tenant of this name.
    #[error("there is no Auth0Tenant called {0} in the manifests")]
    NoTenantNamed(String),
    /// It has to be said which tenant is meant.
    #[error("the manifests hold several tenants, such as {0} and {1}: name one with --tenant")]
    SeveralTenants(String, String),
    /// Some tenants of the run are simulated ones in the state file, and this one is not.
    #[error(
        "{0}: the state file holds simulated tenants, but not this one: create it with \
         \"dialtone up DIR --once --state FILE\", or leave --state out to reach real tenants"
    )]
    NotSimulated(String),
    /// A tenant cannot be reached or refuses the credentials.
    #[error("{0}: {1}")]
    Tenant(String, String),
    /// A tenant's connection cannot be set up.
    #[error("{0}: {1}")]
    Link(String, ConnectError),
    /// Manifests say where credentials of a cluster go.
    #[error("{0}: {1}")]
    Untrusted(String, String),
    /// A state file that is only read is not there.
    #[error(
        "there is no state file {0}: \"dialtone up\" and \"dialtone apply\" make it; leave --state out \
         to reach the tenant that the manifests name"
    )]
    NoState(String),
    /// What is to be the base is not there.
    #[error(
        "there is no {0}: --base takes a file or a folder; an empty folder stands for no manifests"
    )]
    NoBase(String),
    /// The state file is among the manifests.
    #[error(
        "the state file {0} lies among the manifests of {1}: it could be read as one, and every \
         write to it be taken for a change of them; keep it outside that folder"
    )]
    StateAmongManifests(String, String),
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// What is remembered of objects cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A simulated tenant cannot start.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A simulated tenant cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A report cannot be written.
    #[error("cannot write the report {0}: {1}")]
    Report(String, io::Error),
    /// Nobody can be asked.
    #[error("there is no terminal to ask on: pass --yes to go on")]
    NobodyToAsk,
    /// The folder cannot be watched.
    #[error("cannot watch {0}: {1}")]
    Watch(String, notify::Error),
    /// A file of a template or of variables cannot be used.
    #[error("{0}")]
    Template(String),
    /// A cluster does not give or take what the plugin of kubectl asks.
    #[error(transparent)]
    Kubectl(#[from] KubectlError),
    /// Nothing can be printed or read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An object cannot be written as YAML.
    #[error("an object cannot be written as YAML: {0}")]
    Yaml(String),
    /// A result cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl CliError {
    /// What is to be said of one tenant, where the error is its matter alone and no other's.
    #[must_use]
    pub fn of_tenant(&self) -> Option<String> {
        match self {
            Self::Tenant(_, message) | Self::Untrusted(_, message) => Some(message.clone()),
            Self::Link(_, cause) => Some(cause.to_string()),
            _ => None,
        }
    }

    /// Whoever reads the output has gone away, as `head` does: nothing is wrong with the command.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Io(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Json(error) => error.io_error_kind() == Some(io::ErrorKind::BrokenPipe),
            _ => false,
        }
    }
}
