//! `kubectl dialtone status`: tenants with their objects.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;

use super::NOT_READY;
use super::access::{Access, ClusterArgs};
use super::gather::{Gathered, ScopeArgs};
use super::named::TenantName;
use super::story::{self, Story, TenantStory};
use crate::cli::aside::print;
use crate::cli::failure::CliError;
use crate::cli::note;
use crate::cli::plan::Output;

/// Show tenants with their objects: what is Ready and what is not, what needs the phone provider,
/// what is broken for people who sign in, and what differs in Auth0.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit status: 0 every object is Ready, 2 one is not or may not be seen, 1 an error."
)]
pub struct StatusArgs {
    /// The `Auth0Tenant`, as NAME or NAMESPACE/NAME. All where absent.
    tenant: Option<TenantName>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Reads the objects and shows them.
///
/// # Errors
///
/// [`CliError`] where they cannot be read.
pub async fn run(
    cluster: &ClusterArgs,
    args: StatusArgs,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let access = Access::new(cluster).await?;
    let gathered = Gathered::read(&access, &args.scope, args.tenant.as_ref()).await?;
    if gathered.tenants.is_empty() && args.output == Output::Text {
        let place = args.scope.described(access.namespace());
        note(&format!("there are no objects of Dialtone in {place}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    show(&gathered, args.output, out)
}

/// Shows what was gathered; the status says whether everything is Ready.
///
/// # Errors
///
/// [`CliError`] where nothing can be printed.
pub fn show(
    gathered: &Gathered,
    output: Output,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let tenants = gathered.tenants.iter().map(|key| {
        let hidden = gathered.hidden.get(key).map(String::as_str);
        TenantStory::of(key, &gathered.view(key), hidden)
    });
    let story = Story {
        tenants: tenants.collect(),
        unseen: gathered.unseen().cloned().collect(),
    };
    match output {
        Output::Text => {
            for what in &story.unseen {
                note(what)?;
            }
            print(out, |out| story::write(out, &story, Timestamp::now()))?;
        }
        Output::Json => {
            serde_json::to_writer_pretty(&mut *out, &story.to_json())?;
            writeln!(out)?;
        }
    }
    Ok(if story.is_ready() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_READY)
    })
}
