//! The command line: one file per subcommand.

pub mod apply;
pub mod completions;
pub mod confirm;
mod converge;
pub mod crd;
pub mod export;
mod failure;
pub mod intent;
mod link;
pub mod manifests;
pub mod plan;
pub mod progress;
pub mod record;
pub mod render;
pub mod run;
pub mod show;
pub mod simulate;
pub mod tenants;
mod test_message;
pub mod up;
pub mod validate;
pub mod workspace;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::manifest::{self, Diagnostic};
use crate::operator::logging::{LogFormat, LogLevel};
use failure::CliError;
use plan::Output;
use show::BAD;

/// Keep Auth0's Unified Phone Experience configured from Kubernetes manifests.
#[derive(Clone, Debug, Parser)]
#[command(name = "dialtone", version, max_term_width = 100)]
pub struct Cli {
    /// What to log, to standard error: error, warn, info, debug, trace, or a filter by module.
    /// Info for `run`, warn for the others, where absent.
    #[arg(long, global = true, env = "DIALTONE_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// The form of log lines.
    #[arg(
        long,
        global = true,
        env = "DIALTONE_LOG_FORMAT",
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    log_format: LogFormat,
    /// Where to send traces: the address of an OpenTelemetry collector that takes OTLP over HTTP.
    #[arg(
        long,
        global = true,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_name = "URL"
    )]
    otlp_endpoint: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    Up(up::UpArgs),
    Validate(validate::ValidateArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Render(render::RenderArgs),
    Export(export::ExportArgs),
    #[command(name = "test-message")]
    TestMessage(test_message::TestMessageArgs),
    Run(run::RunArgs),
    Simulate(simulate::SimulateArgs),
    Crd(crd::Args),
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// The log filter.
    #[must_use]
    pub fn log(&self) -> &str {
        let otherwise = match self.command {
            Command::Run(_) => "info",
            _ => "warn",
        };
        self.log.as_deref().unwrap_or(otherwise)
    }

    /// The form of log lines.
    #[must_use]
    pub const fn log_format(&self) -> LogFormat {
        self.log_format
    }

    /// Where traces go, if anywhere. A variable that is set to nothing counts as not set.
    #[must_use]
    pub fn otlp_endpoint(&self) -> Option<&str> {
        let endpoint = self.otlp_endpoint.as_deref().map(str::trim);
        endpoint.filter(|endpoint| !endpoint.is_empty())
    }
}

/// Runs one command. Results go to standard output; whatever went wrong has been said when this
/// returns.
pub async fn run(cli: Cli, log: LogLevel) -> ExitCode {
    let mut out = anstream::stdout().lock();
    let result = match cli.command {
        Command::Up(args) => told(up::run(args, &mut out).await),
        Command::Validate(args) => Ok(validate::run(&args, &mut out)),
        Command::Plan(args) => told(plan::run(args, &mut out).await),
        Command::Apply(args) => told(Box::pin(apply::run(args, &mut out)).await),
        Command::Render(args) => told(render::run(&args, &mut out)),
        Command::Export(args) => told(Box::pin(export::run(args, &mut out)).await),
        Command::TestMessage(args) => told(Box::pin(test_message::run(args, &mut out)).await),
        Command::Run(args) => {
            drop(out);
            return said(run::run(args, log).await.map_err(|error| error.to_string()));
        }
        Command::Simulate(args) => {
            drop(out);
            let ended = simulate::run(args).await;
            return said(
                ended
                    .map(|()| ExitCode::SUCCESS)
                    .map_err(|error| error.to_string()),
            );
        }
        Command::Crd(args) => {
            drop(out);
            let printed = crd::run(&args);
            return said(
                printed
                    .map(|()| ExitCode::SUCCESS)
                    .map_err(|error| error.to_string()),
            );
        }
        Command::Completions(args) => {
            completions::run(&args, &mut out);
            Ok(ExitCode::SUCCESS)
        }
    };
    drop(out);
    said(result)
}

fn told(result: Result<ExitCode, CliError>) -> Result<ExitCode, String> {
    match result {
        Err(error) if error.is_broken_pipe() => Ok(ExitCode::FAILURE),
        other => other.map_err(|error| error.to_string()),
    }
}

fn said(result: Result<ExitCode, String>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(message) => {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(anstream::stderr(), "{BAD}error{BAD:#}: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Says something beside the result.
fn note(message: &str) -> io::Result<()> {
    writeln!(anstream::stderr(), "{BAD}!{BAD:#} {message}")
}

/// Prints what is wrong with manifests, for people; programs get it in the result.
fn complain(diagnostics: &[Diagnostic], output: Output) -> io::Result<()> {
    if diagnostics.is_empty() {
        return Ok(());
    }
    let mut err = anstream::stderr();
    match output {
        Output::Text => write!(err, "{}", manifest::render(diagnostics, true)),
        Output::Json => {
            if workspace::usable(diagnostics) {
                return Ok(());
            }
            writeln!(err, "{:#}", manifest::to_json(diagnostics))
        }
    }
}
