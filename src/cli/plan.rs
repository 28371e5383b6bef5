//! `dialtone plan`: what would change, and what that would break.

pub mod base;
mod made;

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::check::FormatArgs;
use super::failure::CliError;
use super::link::Link;
use super::manifests::{ManifestArgs, Opened, Reading, Secrets};
use super::note;
use super::tenants::{TenantArgs, Tenants};
use crate::auth0::tenant::Tenant as _;
use crate::manifest::{self, Check};
use crate::phone::action::ObjectKey;
use crate::phone::desired::{Desired, Scope};
use crate::phone::observed::Observed;
use crate::phone::plan::Plan;
use crate::phone::policy::Withheld;
use base::Base;
pub use made::Made;

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
    /// The manifests as they were before the change: what the tenants are taken to be as, so that
    /// what was taken away is planned as deleted, and what exists as set up by its object; may be
    /// repeated.
    #[arg(long, value_name = "PATH", conflicts_with = "state")]
    base: Vec<String>,
    /// Exit with status 3 if the plan breaks a sign-in flow that is not acknowledged.
    #[arg(long)]
    deny_hazards: bool,
    /// The application that tenants are read as, in the place of the one that the manifests name: one
    /// for this check alone, which may only read. Its credential is the one that they name.
    #[arg(long, value_name = "ID", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    client_id: Option<String>,
    /// Take the Twilio token and the secrets of an Action for those that the tenant holds, where their
    /// Secrets are not among the manifests, or are encrypted or hold placeholders there. Credentials of
    /// the tenant are needed.
    #[arg(long)]
    secrets_elsewhere: bool,
    #[command(flatten)]
    forms: FormatArgs,
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
/// [`CliError`] where manifests cannot be used, or no tenant can be read.
pub async fn run(args: PlanArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let mut made = Made::empty();
    let result = make(&args, &mut made).await;
    made.end(result, &args.forms, args.deny_hazards, out)
}

async fn make(args: &PlanArgs, made: &mut Made) -> Result<(), CliError> {
    let Opened {
        mut workspace,
        record,
        complete,
        diagnostics,
        sources,
        state,
    } = open(args, made)?;
    made.errors |= !complete;
    made.places.sources = sources;
    made.diagnostics = manifest::to_json(&diagnostics);
    let now = Timestamp::now();
    let base = Base::given(&args.base, args.manifests.namespace())?;
    if let Some(base) = &base {
        base.tell(&workspace, made)?;
        base.add_removed(&mut workspace, &diagnostics, now);
    }
    if workspace.tenants.is_empty() {
        // What was taken away may all stay in Auth0.
        return base.map_or(Err(CliError::NoTenant), |_| Ok(()));
    }
    if let Some(id) = &args.client_id {
        for work in workspace.tenants.values_mut() {
            work.tenant.spec.credentials.sign_in_as(id);
        }
    }
    let stateless = args.tenants.state().is_none();
    let mut advice = None;
    let mut tenants = Tenants::connect(&args.tenants, &workspace, state.as_ref())?;
    for (key, work) in &mut workspace.tenants {
        let before = base.as_ref();
        let before = before.map(|base| (base, base.desired(work, record.fingerprint_key())));
        let also = before.as_ref().map(|(_, before)| before.scope());
        let wanted = work.wanted(&record);
        let read = match tenants.take(key) {
            Ok(link) => observed_also(&link, key, &wanted, also.unwrap_or_default()).await,
            Err(error) => Err(error),
        };
        let observed = match read {
            Ok(observed) => observed,
            Err(error) => {
                advice = advice.or_else(|| args.tenants.advice("plan against", &error, work));
                made.without(key, error)?;
                continue;
            }
        };
        let known = before.map(|(base, before)| base.remind(work, &before, &observed, now));
        if wanted.suspended {
            made.suspended(key)?;
        }
        let mut plans = work.plans(&record, &observed);
        if let Some(base) = &base {
            base.acknowledge(key, |object| work.resource(object).is_none(), &mut plans);
        }
        if stateless {
            tell_strangers(&plans, known.as_ref(), made)?;
        }
        made.add(key, &work.tenant.spec.domain, plans, args.deny_hazards);
    }
    advice.map_or(Ok(()), |advice| note(&advice))?;
    made.any()
}

/// Reads the manifests and what is remembered of their objects.
fn open(args: &PlanArgs, made: &mut Made) -> Result<Opened, CliError> {
    let (sheet, root) = (&mut made.sheet, &made.places.root);
    sheet.reads(args.manifests.names(), root);
    let secrets = if args.secrets_elsewhere {
        Secrets::Elsewhere
    } else {
        Secrets::Here
    };
    let reading = Reading {
        secrets,
        empty: !args.base.is_empty(),
    };
    let mut missed = false;
    let opened = args.manifests.open_known(
        args.tenants.state(),
        reading,
        args.forms.complaints(),
        |found| {
            sheet.diagnostics(found, root);
            missed = found.iter().any(|item| item.check == Check::Secret);
        },
    );
    if missed {
        note(
            "where Secrets are kept elsewhere, --secrets-elsewhere plans without them; the credentials \
             of the tenant are needed all the same",
        )?;
    }
    opened
}

/// Tells of objects whose changes are withheld because they take what exists for somebody else's,
/// although nothing is known of them: it may be their own, and the change break something.
fn tell_strangers(
    plans: &[Plan],
    known: Option<&BTreeSet<ObjectKey>>,
    made: &mut Made,
) -> Result<(), CliError> {
    let steps = plans.iter().flat_map(|plan| &plan.steps);
    let refused = steps.filter(|step| step.withheld == Some(Withheld::AdoptionRefused));
    let owners: BTreeSet<&ObjectKey> = refused.map(|step| &step.action.owner).collect();
    let known = |owner: &&&ObjectKey| known.is_none_or(|known| !known.contains(**owner));
    for owner in owners.iter().filter(known) {
        let message = format!(
            "{owner} must not take over what exists, and nothing tells whether that is its own: name \
             the manifests before the change with --base, or a state file with --state"
        );
        made.lacks(&owner.to_string(), &message)?;
    }
    Ok(())
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
    observed_also(link, key, desired, Scope::default()).await
}

/// The same, and `also` what else is asked for.
async fn observed_also(
    link: &Link,
    key: &ObjectKey,
    desired: &Desired,
    also: Scope,
) -> Result<Observed, CliError> {
    if desired.suspended {
        return Ok(Observed::default());
    }
    link.snapshot(desired.scope().and(also))
        .await
        .map_err(|failure| CliError::Tenant(key.to_string(), failure.message))
}
