//! `dialtone apply`: plan, ask, apply.

use std::io::{self, BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::converge::{Converged, Host};
use super::failure::CliError;
use super::manifests::{ManifestArgs, Opened};
use super::plan::Output;
use super::progress::Progress;
use super::show;
use super::tenants::{TenantArgs, Tenants};
use super::workspace::Workspace;
use crate::auth0::tenant::Tenant as _;
use crate::phone::plan::{Plan, plan};
use crate::phone::report::Status;

/// Show the plan, ask, and carry it out.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 every object is Ready, 1 one is not, or an error.")]
pub struct ApplyArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    #[command(flatten)]
    tenants: TenantArgs,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
    /// How long to wait for what passes by itself (rate limits, faults), in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Carries out what the manifests say.
///
/// # Errors
///
/// [`CliError`] where manifests cannot be used, a tenant cannot be read, or nobody can be asked.
pub async fn run(args: ApplyArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let Opened {
        mut workspace,
        mut record,
        state,
        ..
    } = args.manifests.open(args.tenants.state(), args.output)?;
    let mut tenants = Tenants::connect(&args.tenants, &workspace, state.as_ref())?;
    let mut hosts = Vec::new();
    let mut plans: Vec<(String, Plan)> = Vec::new();
    for (key, work) in &workspace.tenants {
        let desired = work.desired(&record);
        let link = tenants.take(key)?;
        let observed = link
            .snapshot(desired.scope())
            .await
            .map_err(|failure| CliError::Tenant(key.to_string(), failure.message))?;
        let made = plan(&desired, &observed, &work.policy());
        plans.push((format!("{key} ({})", work.tenant.spec.domain), made));
        hosts.push(Host::with_snapshot(link, observed, desired.scope()));
    }
    let due = plans.iter().any(|(_, made)| made.due().next().is_some());
    if args.output == Output::Text {
        for (heading, made) in &plans {
            show::plan::write_plan(out, heading, made)?;
            writeln!(out)?;
        }
        show::plan::write_summary(out, plans.iter().map(|(_, made)| made))?;
    }
    if due && !args.yes && !confirmed(out)? {
        writeln!(out, "Nothing was changed.")?;
        return Ok(ExitCode::FAILURE);
    }
    let patience = Duration::from_secs(args.timeout);
    let mut results = Vec::new();
    for (host, work) in hosts.iter_mut().zip(workspace.tenants.values_mut()) {
        let progress = Progress::new(args.output == Output::Text);
        results.push(
            host.converge(work, &mut record, &progress, patience)
                .await?,
        );
    }
    finish(&workspace, &results, args.output, out)
}

/// Prints every object, and says by the exit status whether all are Ready.
///
/// # Errors
///
/// Where nothing can be written.
pub fn finish(
    workspace: &Workspace,
    results: &[Converged],
    output: Output,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let ready = workspace
        .resources()
        .all(|resource| Status::of(resource).is_ready());
    match output {
        Output::Text => {
            writeln!(out)?;
            show::status::write_statuses(out, workspace.resources())?;
        }
        Output::Json => {
            let objects: Vec<_> = workspace.resources().map(show::json::resource).collect();
            let events: Vec<_> = results
                .iter()
                .flat_map(|result| &result.events)
                .map(show::json::event)
                .collect();
            let plans: Vec<_> = workspace
                .tenants
                .iter()
                .zip(results)
                .map(|((key, work), result)| {
                    show::json::plan(key, &work.tenant.spec.domain, &result.plan)
                })
                .collect();
            let document = json!({
                "ready": ready,
                "writes": results.iter().map(|result| result.writes).sum::<usize>(),
                "objects": objects,
                "events": events,
                "plans": plans,
            });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
    }
    Ok(if ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn confirmed(out: &mut impl Write) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::NobodyToAsk);
    }
    write!(out, "Apply this plan? Only \"yes\" will do: ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
