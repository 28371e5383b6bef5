//! `dialtone render`: what a template says with sample variables, and what it costs.

mod message;
mod templates;
mod variables;

use std::io::{Read as _, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::aside;
use super::failure::CliError;
use super::plan::Output;
use crate::manifest::{self, Diagnostic, Location, SourceFile};
use crate::template::{Limits, TemplateError};
use message::Message;

/// How large a file of a template or of variables may be, in bytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Show phone templates with sample variables: text, call, alphabet and segments.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 every template renders, 1 one does not or has an error.")]
pub struct RenderArgs {
    /// A file, a folder, or - for standard input; may be repeated. `PhoneTemplate` documents are shown,
    /// with the texts of the `ConfigMap`s beside them.
    #[arg(
        short = 'f',
        long = "filename",
        value_name = "PATH",
        required_unless_present = "liquid",
        conflicts_with = "liquid"
    )]
    filename: Vec<String>,
    /// A file of Liquid instead of manifests, or - for standard input.
    #[arg(long, value_name = "FILE")]
    liquid: Option<String>,
    /// Variables in JSON or YAML: in place of the samples of the type, or all that plain Liquid has.
    #[arg(long, value_name = "FILE")]
    variables: Option<String>,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Renders templates and prints what they say.
///
/// # Errors
///
/// [`CliError`] where a file cannot be used.
pub fn run(args: &RenderArgs, out: &mut impl Write) -> Result<ExitCode, CliError> {
    let given = match &args.variables {
        Some(name) => Some(variables::read(name)?),
        None => None,
    };
    match &args.liquid {
        Some(name) => liquid(name, given, args.output, out),
        None => templates::run(&args.filename, given.as_ref(), args.output, out),
    }
}

/// Renders plain Liquid.
fn liquid(
    name: &str,
    given: Option<Value>,
    output: Output,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let source = read(name)?;
    let variables = given.unwrap_or_else(|| json!({}));
    match Message::text(&source, &variables, &Limits::default()) {
        Ok(message) => {
            match output {
                Output::Json => writeln!(out, "{:#}", message.to_json())?,
                Output::Text => {
                    message.write("", out)?;
                    let file = Arc::new(SourceFile::new(name, source.as_str()));
                    let warnings: Vec<Diagnostic> = message
                        .warnings
                        .iter()
                        .map(|warning| {
                            let span = warning.span.start..warning.span.end;
                            Diagnostic::warning(&warning.message).at(location(&file, span))
                        })
                        .collect();
                    aside::say(&manifest::render(&warnings, true))?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            match output {
                Output::Json => writeln!(out, "{:#}", error_to_json(&error, &source))?,
                Output::Text => {
                    let file = Arc::new(SourceFile::new(name, source.as_str()));
                    let span = error.span.start..error.span.end;
                    let diagnostic = Diagnostic::error(&error.message).at(location(&file, span));
                    aside::say(&manifest::render(&[diagnostic], true))?;
                }
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn location(file: &Arc<SourceFile>, span: std::ops::Range<usize>) -> Location {
    Location {
        file: Arc::clone(file),
        span,
        secret: false,
    }
}

fn error_to_json(error: &TemplateError, source: &str) -> Value {
    let (line, column) = error.span.line_column(source);
    json!({
        "error": {
            "kind": error.kind.as_str(),
            "line": line,
            "column": column,
            "message": error.message,
        }
    })
}

/// The text of a file, or of standard input.
fn read(name: &str) -> Result<String, CliError> {
    let failed = |error: std::io::Error| CliError::Template(format!("cannot read {name}: {error}"));
    let mut bytes = Vec::new();
    if name == "-" {
        let mut input = std::io::stdin().lock().take(MOST_BYTES + 1);
        input.read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(name).map_err(failed)?;
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(CliError::Template(format!("{name} is larger than 16 MiB")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CliError::Template(format!("{name} is not UTF-8: byte {at} is no character"))
    })
}
