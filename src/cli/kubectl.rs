//! `kubectl dialtone`: what the objects of a cluster say, asked with the rights of whoever calls.
//!
//! What is shown is made by pure functions from objects ([`story`]); the rest asks the API server and
//! prints.

mod access;
mod acknowledge;
mod complete;
mod gather;
mod named;
mod plan;
mod reconcile;
mod status;
mod story;
mod test_message;
mod trust;

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::failure::CliError;
pub use access::{ClusterArgs, KubectlError};
pub use complete::answer as completion;

/// The name under which kubectl finds the program as its plugin `dialtone`.
pub const NAME: &str = "kubectl-dialtone";

/// The name under which kubectl asks how the plugin's command lines may go on.
const COMPLETION: &str = "kubectl_complete-dialtone";

/// What the plugin is for.
pub const ABOUT: &str = "Ask a cluster's objects about the phone experience of Auth0 tenants, \
                         plan, and act on them.";

/// The exit status for a tenant that is not as its objects say.
const NOT_READY: u8 = 2;

/// The exit status of a command line that is not understood, see `main`.
const USAGE: u8 = 64;

/// The commands of `kubectl dialtone`, for where no link named kubectl-dialtone is installed.
#[derive(Clone, Debug, Args)]
pub struct KubectlArgs {
    #[command(flatten)]
    pub(super) cluster: ClusterArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is asked of a cluster.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    Status(status::StatusArgs),
    Plan(plan::PlanArgs),
    Reconcile(reconcile::ReconcileArgs),
    Acknowledge(acknowledge::AcknowledgeArgs),
    #[command(name = "test-message")]
    TestMessage(test_message::TestMessageArgs),
}

/// Whether a program that is called like this is meant as a plugin of kubectl.
#[must_use]
pub fn is_plugin(program: &OsStr) -> bool {
    Path::new(program).file_stem() == Some(OsStr::new(NAME))
}

/// Whether a program that is called like this is to complete a command line of the plugin.
#[must_use]
pub fn is_completion(program: &OsStr) -> bool {
    Path::new(program).file_stem() == Some(OsStr::new(COMPLETION))
}

/// Runs one command.
///
/// # Errors
///
/// [`CliError`] where the cluster does not give or take what is asked, or nothing can be printed.
pub async fn run(args: KubectlArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let cluster = &args.cluster;
    match args.command {
        Command::Status(args) => status::run(cluster, args, out).await,
        Command::Plan(args) => Box::pin(plan::run(cluster, args, out)).await,
        Command::Reconcile(args) => reconcile::run(cluster, args, out).await,
        Command::Acknowledge(args) => acknowledge::run(cluster, args, out).await,
        Command::TestMessage(args) => test_message::run(cluster, args, out).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_plugin_makes_it_one() {
        for name in [
            "kubectl-dialtone",
            "/usr/local/bin/kubectl-dialtone",
            "kubectl-dialtone.exe",
        ] {
            assert!(is_plugin(OsStr::new(name)), "{name}");
        }
        for name in ["dialtone", "/kubectl-dialtone/dialtone", "kubectl", ""] {
            assert!(!is_plugin(OsStr::new(name)), "{name}");
        }
    }
}
