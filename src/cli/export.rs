//! `dialtone export`: what a tenant is, as manifests that ask for just that.

use std::fmt::Write as _;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::failure::CliError;
use super::manifests::{ManifestArgs, Opened, Reading};
use super::plan::Output;
use super::tenants::{TenantArgs, Tenants};
use crate::auth0::tenant::Tenant as _;
use crate::manifest::{self, Options, Severity, Source};
use crate::phone::desired::Scope;
use crate::phone::export::{Exported, export, propose};
use crate::phone::outcome::Failure;

/// Write the phone settings of a tenant as manifests. Applied to the same tenant, they change
/// nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 everything was exported, 1 something could not be.")]
pub struct ExportArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    #[command(flatten)]
    tenants: TenantArgs,
    /// The name of the `Auth0Tenant`, where the manifests hold several.
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

/// Reads the tenant and prints its manifests.
///
/// # Errors
///
/// [`CliError`] where manifests cannot be used or the tenant cannot be read.
pub async fn run(args: ExportArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let Opened {
        workspace,
        state,
        sources,
        ..
    } = args
        .manifests
        .open_known(
            args.tenants.state(),
            Reading::default(),
            Some(Output::Text),
            |_| {},
        )?
        .some()?;
    let (key, work) = workspace.chosen(args.tenant.as_deref())?;
    let link = Tenants::connect(&args.tenants, &workspace, state.as_ref())?.take(key)?;
    let failed = |failure: Failure| CliError::Tenant(key.to_string(), failure.message);
    let observed = link.snapshot(Scope::ALL).await.map_err(failed)?;
    let (mut exported, unread) = export(&observed, key);
    // What MFA sent by before: only where the tenant has nothing of the unified experience yet.
    if observed.unified.value() == Some(&false)
        && observed.provider().is_none()
        && let Some(legacy) = link.legacy().await.map_err(failed)?
    {
        exported.extend(propose(&legacy, key));
    }
    // Whoever applies the tenant into a namespace applies these into it as well.
    let placed = |source: &Source| source.says("/metadata/namespace");
    if !sources.get(key).is_some_and(placed) {
        exported.iter_mut().for_each(Exported::leave_namespace_out);
    }
    let mut documents = String::new();
    for one in &exported {
        document(&mut documents, one)?;
    }
    out.write_all(documents.as_bytes())?;
    if observed.unified.value() == Some(&false) && !exported.is_empty() {
        super::note(
            "the unified phone experience of the tenant is off, and these objects need it: set \
             spec.unifiedPhoneExperience to Enable in the Auth0Tenant",
        )?;
    }
    for message in &unread {
        super::note(&format!("left out: {message}"))?;
    }
    // A tenant may hold what no object can say, set by hand or by an older version of Auth0.
    let tenant = serde_saphyr::to_string(&work.tenant);
    let tenant = tenant.map_err(|error| CliError::Yaml(error.to_string()))?;
    let whole = format!("{documents}---\n{tenant}");
    let options = Options {
        namespace: key.namespace.clone(),
        missing_secret: Severity::Warning,
        ..Options::default()
    };
    let (_, mut found) = manifest::read_text("export", &whole, &options);
    found.retain(|item| item.severity == Severity::Error);
    super::complain(&found, Some(Output::Text))?;
    Ok(if unread.is_empty() && found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Writes one object with its notes above it.
fn document(into: &mut String, exported: &Exported) -> Result<(), CliError> {
    into.push_str("---\n");
    for note in &exported.notes {
        for line in note.lines() {
            // Writing into a string cannot fail.
            let _ = writeln!(into, "# {line}");
        }
    }
    let yaml = serde_saphyr::to_string(&exported.manifest);
    into.push_str(&yaml.map_err(|error| CliError::Yaml(error.to_string()))?);
    Ok(())
}
