//! `dialtone plan`: what would change, and what that would break.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::failure::CliError;
use super::link::Link;
use super::manifests::{ManifestArgs, Opened};
use super::show;
use super::tenants::{TenantArgs, Tenants};
use crate::auth0::tenant::Tenant as _;
use crate::phone::action::ObjectKey;
use crate::phone::desired::Desired;
use crate::phone::observed::Observed;
use crate::phone::plan::{Plan, plan};

/// Show what would change in each tenant, with hazards beside the action that causes them.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 nothing to change, 2 changes, \
                        1 an error or an object that cannot become Ready, \
                        3 a hazard and --deny-hazards.")]
pub struct PlanArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    #[command(flatten)]
    tenants: TenantArgs,
    /// Exit with status 3 if the plan breaks a sign-in flow that is not acknowledged.
    #[arg(long)]
    deny_hazards: bool,
    /// The form of the plan.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs; documented in docs/cli.md.
    Json,
}

/// Reads the tenants and prints the plan. Nothing is written.
///
/// # Errors
///
/// [`CliError`] where manifests cannot be used or a tenant cannot be read.
pub async fn run(args: PlanArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let Opened {
        workspace,
        record,
        complete,
        diagnostics,
        state,
    } = args
        .manifests
        .open_known(args.tenants.state(), args.output)?;
    let tenants = Tenants::connect(&args.tenants, &workspace, state.as_ref())?;
    let mut plans: Vec<(String, Value, Plan)> = Vec::new();
    for (key, work) in &workspace.tenants {
        let desired = work.wanted(&record);
        let link = tenants.link(key)?;
        let observed = observed(link, key, &desired).await?;
        if desired.suspended {
            super::note(&format!("{key} is suspended: it was not read"))?;
        }
        let made = plan(&desired, &observed, &work.policy());
        let heading = format!("{key} ({})", work.tenant.spec.domain);
        let json = show::json::plan(key, &work.tenant.spec.domain, &made);
        plans.push((heading, json, made));
    }
    match args.output {
        Output::Text => {
            for (heading, _, made) in &plans {
                show::plan::write_plan(out, heading, made)?;
                writeln!(out)?;
            }
            show::plan::write_summary(out, plans.iter().map(|(_, _, made)| made))?;
        }
        Output::Json => {
            let tenants: Vec<&Value> = plans.iter().map(|(_, json, _)| json).collect();
            let document = json!({"tenants": tenants, "diagnostics": diagnostics});
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
    }
    let made = || plans.iter().map(|(_, _, made)| made);
    let denied = args.deny_hazards
        && made()
            .flat_map(|made| &made.hazards)
            .any(|hazard| !hazard.acknowledged);
    Ok(if denied {
        ExitCode::from(3)
    } else if !complete || made().any(Plan::is_blocked) {
        ExitCode::FAILURE
    } else if made().all(Plan::is_empty) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// Reads what the plan needs of a tenant; one that is suspended is left alone.
///
/// # Errors
///
/// [`CliError::Tenant`] where the tenant cannot be read.
pub async fn observed(
    link: &Link,
    key: &ObjectKey,
    desired: &Desired,
) -> Result<Observed, CliError> {
    if desired.suspended {
        return Ok(Observed::default());
    }
    link.snapshot(desired.scope())
        .await
        .map_err(|failure| CliError::Tenant(key.to_string(), failure.message))
}
