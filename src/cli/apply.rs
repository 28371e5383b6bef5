//! `dialtone apply`: plan, ask, apply.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::aside::print;
use super::confirm::confirmed;
use super::converge::{Host, Results};
use super::failure::CliError;
use super::manifests::{ManifestArgs, Opened};
use super::plan::{Output, observed};
use super::progress::Progress;
use super::record::Record;
use super::show::plan::Gaps;
use super::tenants::{TenantArgs, Tenants};
use super::workspace::Workspace;
use super::{note, show};
use crate::auth0::pass::{Follower, Leave};
use crate::phone::outcome::StepOutcome;
use crate::phone::plan::{Plan, Step, plan};
use crate::phone::policy::Withheld;
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
/// [`CliError`] where manifests cannot be used, no tenant can be read, or nobody can be asked.
pub async fn run(args: ApplyArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let Opened {
        mut workspace,
        mut record,
        complete,
        state,
        ..
    } = args.manifests.open(args.tenants.state(), args.output)?;
    let tenants = Tenants::connect(&args.tenants, &workspace, state.as_ref())?;
    let Planned {
        mut hosts,
        plans,
        mut unseen,
    } = planned(&args.tenants, tenants, &mut workspace, &record).await?;
    let due = plans.iter().any(|(_, made)| made.due().next().is_some());
    if args.output == Output::Text {
        let gaps = Gaps {
            tenants: unseen.len(),
            errors: !complete,
        };
        print(out, |out| {
            for (heading, made) in &plans {
                show::plan::write_plan(out, heading, made)?;
                writeln!(out)?;
            }
            show::plan::write_summary(out, plans.iter().map(|(_, made)| made), gaps)
        })?;
    }
    if due && !args.yes && !confirmed("Apply this plan?")? {
        writeln!(out, "Nothing was changed.")?;
        return Ok(ExitCode::FAILURE);
    }
    if due {
        record.save()?;
    }
    let patience = Duration::from_secs(args.timeout);
    let mut results = Results::new();
    let tenants = hosts.iter_mut().zip(&plans).zip(&mut workspace.tenants);
    for ((host, (_, shown)), (key, work)) in tenants {
        let progress = Progress::new(args.output == Output::Text);
        let result = if args.yes {
            host.converge(work, &mut record, &progress, patience).await
        } else {
            let confirmed = Confirmed { shown, progress };
            host.converge(work, &mut record, &confirmed, patience).await
        }?;
        results.insert(key.clone(), result);
    }
    if !complete {
        unseen.push(UNSOUND.to_owned());
    }
    finish(&workspace, &results, &unseen, args.output, out)
}

/// The tenants of a run that could be read.
struct Planned {
    hosts: Vec<Host>,
    /// Each with its heading.
    plans: Vec<(String, Plan)>,
    /// Why the others could not be, each with its tenant.
    unseen: Vec<String>,
}

/// Plans every tenant. One that cannot be read leaves the workspace, and the others go on.
async fn planned(
    args: &TenantArgs,
    mut tenants: Tenants,
    workspace: &mut Workspace,
    record: &Record,
) -> Result<Planned, CliError> {
    let (mut hosts, mut plans) = (Vec::new(), Vec::new());
    let (mut left, mut unseen, mut advice) = (BTreeSet::new(), Vec::new(), None);
    for (key, work) in &workspace.tenants {
        let desired = work.desired(record);
        let read = match tenants.take(key) {
            Ok(link) => observed(&link, key, &desired)
                .await
                .map(|seen| (link, seen)),
            Err(error) => Err(error),
        };
        match read {
            Ok((link, observed)) => {
                let made = plan(&desired, &observed, &work.policy());
                plans.push((format!("{key} ({})", work.tenant.spec.domain), made));
                hosts.push(Host::with_snapshot(link, observed, desired.scope()));
            }
            Err(error) if error.of_tenant().is_some() => {
                advice = advice.or_else(|| args.advice("apply to", &error, work));
                note(&error.to_string())?;
                unseen.push(error.to_string());
                left.insert(key.clone());
            }
            Err(error) => return Err(error),
        }
    }
    advice.map_or(Ok(()), |advice| note(&advice))?;
    if plans.is_empty() {
        return Err(CliError::NoPlan);
    }
    workspace.tenants.retain(|key, _| !left.contains(key));
    Ok(Planned {
        hosts,
        plans,
        unseen,
    })
}

/// Carries out what was shown and confirmed, and nothing else: the tenant may have changed while
/// its plan was read.
struct Confirmed<'a> {
    shown: &'a Plan,
    progress: Progress,
}

impl Follower for Confirmed<'_> {
    async fn starting(&self, index: usize, step: &Step) -> Leave {
        let same = |(_, shown): (usize, &Step)| {
            shown.action.owner == step.action.owner
                && shown.action.fields == step.action.fields
                && shown.action.change.summary() == step.action.change.summary()
        };
        if self.shown.due().any(same) {
            return self.progress.starting(index, step).await;
        }
        self.progress.refused(step);
        Leave::Withdrawn
    }

    fn finished(&self, index: usize, step: &Step, outcome: &StepOutcome) {
        self.progress.finished(index, step, outcome);
    }
}

/// What is said of a tenant whose plan was not carried out although nothing is wrong.
const OBSERVED: &str = "is observe-only, so nothing was written to it: take spec.managementPolicy out \
                        of its manifest to have it written.";

/// Whether the plan was only shown because of the tenant's management policy.
fn only_shown(plan: &Plan) -> bool {
    let mut steps = plan.steps.iter();
    steps.any(|step| step.withheld == Some(Withheld::ObserveOnly))
}

/// What is not seen where not all manifests could be used; the errors have been told.
pub const UNSOUND: &str = "tenants whose manifests have an error take no part";

/// Prints every object, and says by the exit status whether all are Ready, and none of the tenants was
/// left out: `unseen` has those that were.
///
/// # Errors
///
/// Where nothing can be written.
pub fn finish(
    workspace: &Workspace,
    results: &Results,
    unseen: &[String],
    output: Output,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let mut resources = workspace.resources();
    let ready = unseen.is_empty() && resources.all(|resource| Status::of(resource).is_ready());
    match output {
        Output::Text => {
            writeln!(out)?;
            print(out, |out| {
                show::status::write_statuses(out, workspace.resources())
            })?;
            for key in results.keys().filter(|key| only_shown(&results[*key].plan)) {
                writeln!(out, "\n{key} {OBSERVED}")?;
            }
        }
        Output::Json => {
            let objects: Vec<_> = workspace.resources().map(show::json::resource).collect();
            let events: Vec<_> = results
                .values()
                .flat_map(|result| &result.events)
                .map(show::json::event)
                .collect();
            let plans: Vec<_> = results
                .iter()
                .filter_map(|(key, result)| {
                    let work = workspace.tenants.get(key)?;
                    let domain = &work.tenant.spec.domain;
                    Some(show::json::plan(key, domain, &result.plan))
                })
                .collect();
            let document = json!({
                "ready": ready,
                "writes": results.values().map(|result| result.writes).sum::<usize>(),
                "objects": objects,
                "events": events,
                "plans": plans,
                "unseen": unseen,
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
