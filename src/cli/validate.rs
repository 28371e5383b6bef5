//! `dialtone validate`: schema, rules, references.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::check::sheet::Sheet;
use super::check::{FormatArgs, Root, Told};
use super::failure::CliError;
use super::manifests::{inputs, namespace};
use super::show::counted;
use super::workspace::usable;
use crate::manifest::{self, Diagnostic, Manifests, Options, Severity};

/// Check manifests without reaching any tenant.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 valid, 1 not.")]
pub struct ValidateArgs {
    /// A file, a folder, or - for standard input; may be repeated.
    #[arg(short = 'f', long = "filename", value_name = "PATH", required = true)]
    filename: Vec<String>,
    /// The namespace of objects that name none.
    #[arg(short, long, value_name = "NAME", default_value = "default", value_parser = namespace)]
    namespace: String,
    /// Count warnings, and Secrets that are not among the manifests, as errors.
    #[arg(long)]
    strict: bool,
    /// Say nothing of Secrets that are not among the manifests, or are encrypted or hold placeholders
    /// there: a cluster has them from elsewhere.
    #[arg(long)]
    secrets_elsewhere: bool,
    /// Take a folder without manifests, and empty standard input, for valid.
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    forms: FormatArgs,
}

/// Checks manifests and prints what is wrong with them.
///
/// # Errors
///
/// [`CliError`] where nothing can be printed, or a report cannot be written.
pub fn run(args: &ValidateArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let missing_secret = if args.strict {
        Severity::Error
    } else {
        Severity::Warning
    };
    let options = Options {
        namespace: args.namespace.clone(),
        missing_secret,
        empty: args.allow_empty,
        ..Options::default()
    };
    let (mut manifests, mut diagnostics) = manifest::read(&inputs(&args.filename), &options);
    if args.secrets_elsewhere {
        manifests.keep_secrets_elsewhere(&mut diagnostics);
    }
    let valid = if args.strict {
        diagnostics.is_empty()
    } else {
        usable(&diagnostics)
    };
    let mut told = told(&manifests, &diagnostics);
    told.sheet.reads(&args.filename, &Root::here());
    if args.strict {
        told.sheet = told.sheet.strictly();
    }
    args.forms.write(out, &told)?;
    Ok(if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn told(manifests: &Manifests, diagnostics: &[Diagnostic]) -> Told {
    let errors = diagnostics
        .iter()
        .filter(|item| item.severity == Severity::Error);
    let errors = errors.count();
    // How many there are is only known where each can be read.
    let objects = match errors {
        0 => format!("{}, ", counted(manifests.objects.len(), "object")),
        _ => String::new(),
    };
    let warnings = counted(diagnostics.len() - errors, "warning");
    let errors = counted(errors, "error");
    let ignored = match manifests.ignored.len() {
        0 => String::new(),
        many => format!(" {} of other kinds left alone.", counted(many, "object")),
    };
    let mistakes = manifest::render(diagnostics, true);
    let text = format!("{mistakes}{objects}{errors}, {warnings}.{ignored}\n");
    let mut sheet = Sheet::of("validate");
    sheet.summary = format!("{objects}{errors}, {warnings}");
    sheet.diagnostics(diagnostics, &Root::here());
    Told {
        result: Some((text, manifest::to_json(diagnostics))),
        sheet: sheet.sorted(),
    }
}
