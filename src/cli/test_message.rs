//! `dialtone test-message`: send one message, now, through a tenant's phone provider.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kube::api::ObjectMeta;
use serde_json::json;

use super::aside::print;
use super::confirm::confirmed;
use super::failure::CliError;
use super::manifests::{ManifestArgs, Opened, Reading};
use super::plan::{Output, observed};
use super::show::{self, plain};
use super::tenants::{TenantArgs, Tenants};
use crate::api::{
    PhoneDeliveryMethod, PhoneTemplateType, PhoneTestMessage, PhoneTestMessageSpec, Resource,
    TenantRef,
};
use crate::auth0::pass::{Unfollowed, apply};
use crate::phone::action::ObjectKey;
use crate::phone::desire::desire;
use crate::phone::desired::Desired;
use crate::phone::number::PhoneNumber;
use crate::phone::outcome::{Outcome, StepOutcome};
use crate::phone::plan::plan;
use crate::template::TemplateType;

/// Send one test message through a tenant's phone provider. It is a real message, and costs what
/// one costs.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 Auth0 accepted the message for sending, 1 it did not.")]
pub struct TestMessageArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    #[command(flatten)]
    tenants: TenantArgs,
    /// The name of the `Auth0Tenant`, where the manifests hold several.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The number to send to, in E.164: +15550100.
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    to: PhoneNumber,
    /// How it is sent.
    #[arg(long, value_enum, default_value_t)]
    delivery_method: Method,
    /// What it says: the tenant's stored template of this type, with sample values. The provider's
    /// own test message where absent.
    #[arg(long, value_name = "TYPE", value_parser = template)]
    template: Option<PhoneTemplateType>,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// A text message.
    #[default]
    Text,
    /// A call.
    Voice,
}

impl Method {
    /// As a spec says it.
    #[must_use]
    pub const fn as_api(self) -> PhoneDeliveryMethod {
        match self {
            Self::Text => PhoneDeliveryMethod::Text,
            Self::Voice => PhoneDeliveryMethod::Voice,
        }
    }
}

/// A number from the command line.
///
/// # Errors
///
/// Where it is none.
pub fn number(text: &str) -> Result<PhoneNumber, String> {
    PhoneNumber::parse(text).ok_or_else(|| "write it in E.164, such as +15550100".to_owned())
}

fn template(text: &str) -> Result<PhoneTemplateType, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        let names = TemplateType::ALL.map(TemplateType::manifest_name);
        format!("one of {}", names.join(", "))
    })
}

/// Sends the message.
///
/// # Errors
///
/// [`CliError`] where manifests cannot be used, the tenant cannot be read, or nobody can be asked.
pub async fn run(args: TestMessageArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let Opened {
        workspace,
        record,
        state,
        ..
    } = args
        .manifests
        .open_known(
            args.tenants.state(),
            Reading::default(),
            Some(args.output),
            |_| {},
        )?
        .some()?;
    let (key, work) = workspace.chosen(args.tenant.as_deref())?;
    let link = Tenants::connect(&args.tenants, &workspace, state.as_ref())?.take(key)?;
    let message = Resource::PhoneTestMessage(Box::new(message(&args, key)));
    let fingerprints = record.fingerprint_key();
    let desired = desire(&work.tenant, [&message], &work.references, fingerprints);
    let observed = observed(&link, key, &desired).await?;
    let made = plan(&desired, &observed, &work.policy());
    let due = made.due().next().is_some();
    if args.output == Output::Text {
        let heading = format!("{key} ({})", work.tenant.spec.domain);
        print(out, |out| show::plan::write_plan(out, &heading, &made))?;
    }
    if due && !args.yes && !confirmed("Send this message? It costs what a message costs.")? {
        writeln!(out, "Nothing was sent.")?;
        return Ok(ExitCode::FAILURE);
    }
    let policy = work.policy();
    let outcome = apply(&link, &desired, &policy, made, observed, &Unfollowed).await;
    let (queued, told) = match outcome.steps.first() {
        Some(StepOutcome::Applied) => (
            true,
            "Auth0 has accepted the message for sending; whether it arrives, Auth0 does not tell"
                .to_owned(),
        ),
        Some(StepOutcome::Failed(failure)) => (false, failure.message.clone()),
        Some(StepOutcome::Withheld(withheld)) => (false, withheld.message()),
        Some(StepOutcome::Unreached(_)) | None => (false, unsent(&desired, &outcome)),
    };
    match args.output {
        Output::Text => {
            let (mark, style) = if queued {
                ("✓", show::GOOD)
            } else {
                ("✗", show::BAD)
            };
            print(out, |out| {
                writeln!(out, "  {style}{mark}{style:#} {}", plain(&told))
            })?;
        }
        Output::Json => {
            let document = json!({
                "queued": queued,
                "to": args.to.masked(),
                "message": told,
            });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
    }
    Ok(if queued {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Why there was nothing to do.
fn unsent(desired: &Desired, outcome: &Outcome) -> String {
    if desired.suspended {
        return format!("{} is suspended: nothing is sent", desired.tenant);
    }
    let findings = outcome.plan.findings.iter().map(|it| &it.message);
    let why = findings.chain(&outcome.plan.unseen).next();
    why.map_or_else(
        || "nothing was sent".to_owned(),
        |why| format!("nothing was sent: {why}"),
    )
}

/// What an object would say that asked for this message.
fn message(args: &TestMessageArgs, tenant: &ObjectKey) -> PhoneTestMessage {
    PhoneTestMessage {
        metadata: ObjectMeta {
            name: Some("test-message".to_owned()),
            namespace: Some(tenant.namespace.clone()),
            generation: Some(1),
            ..ObjectMeta::default()
        },
        spec: PhoneTestMessageSpec {
            tenant_ref: TenantRef {
                name: tenant.name.clone(),
                namespace: None,
            },
            to: Some(args.to.expose().to_owned()),
            delivery_method: args.delivery_method.as_api(),
            template: args.template,
            ..PhoneTestMessageSpec::default()
        },
        status: None,
    }
}
