//! `dialtone validate`: schema, rules, references.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::plan::Output;
use super::show::counted;
use super::workspace::usable;
use crate::manifest::{self, Input, Options, Severity};

/// Check manifests without reaching any tenant.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 valid, 1 not.")]
pub struct ValidateArgs {
    /// A file, a folder, or - for standard input; may be repeated.
    #[arg(short = 'f', long = "filename", value_name = "PATH", required = true)]
    filename: Vec<String>,
    /// The namespace of objects that name none.
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    namespace: String,
    /// Count warnings, and Secrets that are not among the manifests, as errors.
    #[arg(long)]
    strict: bool,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Checks manifests and prints what is wrong with them.
#[must_use]
pub fn run(args: &ValidateArgs, out: &mut impl Write) -> ExitCode {
    let inputs: Vec<Input> = args
        .filename
        .iter()
        .map(|name| {
            if name == "-" {
                Input::Stdin
            } else {
                Input::Path(name.into())
            }
        })
        .collect();
    let missing_secret = if args.strict {
        Severity::Error
    } else {
        Severity::Warning
    };
    let options = Options {
        namespace: args.namespace.clone(),
        missing_secret,
        ..Options::default()
    };
    let (manifests, diagnostics) = manifest::read(&inputs, &options);
    let valid = if args.strict {
        diagnostics.is_empty()
    } else {
        usable(&diagnostics)
    };
    let written = match args.output {
        Output::Json => writeln!(out, "{:#}", manifest::to_json(&diagnostics)),
        Output::Text => {
            let errors = diagnostics
                .iter()
                .filter(|item| item.severity == Severity::Error)
                .count();
            let warnings = diagnostics.len() - errors;
            write!(out, "{}", manifest::render(&diagnostics, true)).and_then(|()| {
                write!(
                    out,
                    "{}: {}, {}.",
                    counted(manifests.objects.len(), "sound object"),
                    counted(errors, "error"),
                    counted(warnings, "warning")
                )?;
                if !manifests.ignored.is_empty() {
                    let ignored = counted(manifests.ignored.len(), "object");
                    write!(out, " {ignored} of other kinds left alone.")?;
                }
                writeln!(out)
            })
        }
    };
    if valid && written.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
