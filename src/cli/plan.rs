//! `dialtone plan`: what would change, and what that would break.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::check::annotation::Level;
use super::check::sheet::{Part, Places, Sheet, deny};
use super::check::{FormatArgs, Root, Told};
use super::failure::CliError;
use super::link::Link;
use super::manifests::{ManifestArgs, Opened};
use super::show;
use super::tenants::{TenantArgs, Tenants};
use crate::auth0::tenant::Tenant as _;
use crate::manifest;
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

/// The plans of all tenants, as far as they were made.
struct Made {
    /// Each with its tenant and the tenant's domain.
    plans: Vec<(ObjectKey, String, Plan)>,
    /// What is worth pointing at.
    sheet: Sheet,
    /// Where objects and lines are.
    places: Places,
    /// What is worth saying about the manifests, in its JSON form.
    diagnostics: Value,
    /// Every manifest could be used.
    complete: bool,
}

/// Reads the tenants and prints the plan. Nothing is written.
///
/// # Errors
///
/// [`CliError`] where manifests cannot be used or a tenant cannot be read.
pub async fn run(args: PlanArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let mut made = Made {
        plans: Vec::new(),
        sheet: Sheet::of("plan"),
        places: Places {
            sources: BTreeMap::new(),
            root: Root::here(),
        },
        diagnostics: json!([]),
        complete: true,
    };
    if let Err(error) = make(&args, &mut made).await {
        // Whoever looks at the pull request sees why there is no plan.
        if let Err(lost) = args.forms.write(out, &made.failed(&error)) {
            super::note(&lost.to_string())?;
        }
        return Err(error);
    }
    let code = made.code(args.deny_hazards);
    args.forms.write(out, &made.told()?)?;
    Ok(code)
}

async fn make(args: &PlanArgs, made: &mut Made) -> Result<(), CliError> {
    let (sheet, root) = (&mut made.sheet, &made.places.root);
    let Opened {
        workspace,
        record,
        complete,
        diagnostics,
        sources,
        state,
    } = args
        .manifests
        .open_known(args.tenants.state(), args.forms.complaints(), |found| {
            sheet.diagnostics(found, root);
        })?;
    made.complete = complete;
    made.places.sources = sources;
    made.diagnostics = manifest::to_json(&diagnostics);
    let tenants = Tenants::connect(&args.tenants, &workspace, state.as_ref())?;
    for (key, work) in &workspace.tenants {
        let desired = work.wanted(&record);
        let link = tenants.link(key)?;
        let observed = observed(link, key, &desired).await?;
        if desired.suspended {
            super::note(&format!("{key} is suspended: it was not read"))?;
            let unread = "it is suspended: it was not read";
            let sheet = &mut made.sheet;
            sheet.incomplete(Level::Notice, &key.to_string(), unread, &made.places);
        }
        let plan = plan(&desired, &observed, &work.policy());
        for part in &plan.unseen {
            let (sheet, unseen) = (&mut made.sheet, format!("not seen: {part}"));
            sheet.incomplete(Level::Error, &key.to_string(), &unseen, &made.places);
        }
        made.sheet.plan(&plan, &made.places, args.deny_hazards);
        let domain = work.tenant.spec.domain.clone();
        made.plans.push((key.clone(), domain, plan));
    }
    Ok(())
}

impl Made {
    fn all(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().map(|(_, _, plan)| plan)
    }

    fn code(&self, deny_hazards: bool) -> ExitCode {
        if deny_hazards && self.all().any(deny) {
            ExitCode::from(3)
        } else if !self.complete || self.all().any(Plan::is_blocked) {
            ExitCode::FAILURE
        } else if self.all().all(Plan::is_empty) {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        }
    }

    fn told(mut self) -> Result<Told, CliError> {
        let mut text = Vec::new();
        let mut tenants = Vec::new();
        for (key, domain, plan) in &self.plans {
            let heading = format!("{key} ({domain})");
            let begin = text.len();
            show::plan::write_plan(&mut text, &heading, plan)?;
            let own = String::from_utf8_lossy(&text[begin..]).into_owned();
            let own = anstream::adapter::strip_str(&own).to_string();
            self.sheet.tenants.push(Part {
                text: own
                    .lines()
                    .skip(1)
                    .fold(String::new(), |all, line| all + line + "\n"),
                heading,
                summary: show::plan::summary([plan].into_iter()),
            });
            writeln!(text)?;
            tenants.push(show::json::plan(key, domain, plan));
        }
        show::plan::write_summary(&mut text, self.all())?;
        self.sheet.summary = show::plan::summary(self.all());
        let document = json!({"tenants": tenants, "diagnostics": self.diagnostics});
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Told {
            result: Some((text, document)),
            sheet: self.sheet.sorted(),
        })
    }

    /// What is told where there is no plan.
    fn failed(&self, error: &CliError) -> Told {
        let mut sheet = self.sheet.clone();
        sheet.failed = true;
        "no plan was made".clone_into(&mut sheet.summary);
        match error {
            // What is wrong with them has been told.
            CliError::Manifests => {}
            CliError::Tenant(about, message) => {
                sheet.incomplete(Level::Error, about, message, &self.places);
            }
            CliError::Link(about, cause) => {
                sheet.incomplete(Level::Error, about, &cause.to_string(), &self.places);
            }
            other => sheet.incomplete(Level::Error, "", &other.to_string(), &self.places),
        }
        Told {
            result: None,
            sheet: sheet.sorted(),
        }
    }
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
