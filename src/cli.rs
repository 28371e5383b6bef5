//! The command line: one file per subcommand.

pub mod apply;
pub mod aside;
pub mod check;
pub mod completions;
pub mod confirm;
mod converge;
pub mod crd;
pub mod export;
mod failure;
pub mod intent;
pub mod kubectl;
mod link;
pub mod manifests;
pub mod overlay;
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

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::manifest::{self, Diagnostic};
use crate::operator::logging::{LogFormat, LogLevel};
use failure::CliError;
use plan::Output;
use show::BAD;

/// Keep Auth0's Unified Phone Experience configured from Kubernetes manifests.
#[derive(Clone, Debug, Parser)]
#[command(name = "dialtone", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    telling: Telling,
    #[command(subcommand)]
    command: Command,
}

/// The same program under the name by which kubectl finds it as a plugin.
#[derive(Clone, Debug, Parser)]
#[command(
    name = kubectl::NAME,
    bin_name = "kubectl dialtone",
    version,
    max_term_width = 100,
    about = kubectl::ABOUT
)]
struct Plugin {
    #[command(flatten)]
    telling: Telling,
    #[command(flatten)]
    cluster: kubectl::ClusterArgs,
    #[command(subcommand)]
    command: kubectl::Command,
}

/// What is told beside the result, and to whom.
#[derive(Clone, Debug, Args)]
struct Telling {
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
    Kubectl(kubectl::KubectlArgs),
    Crd(crd::Args),
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// Understands a command line, the name of the program included: under the name of a plugin of
    /// kubectl the program has the commands of the plugin.
    ///
    /// # Errors
    ///
    /// Where it is not understood, or help or the version is asked for.
    pub fn of(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        if !arguments
            .first()
            .is_some_and(|name| kubectl::is_plugin(name))
        {
            return Self::try_parse_from(arguments).map_err(hinted);
        }
        let Plugin {
            telling,
            cluster,
            command,
        } = Plugin::try_parse_from(arguments).map_err(hinted)?;
        let command = Command::Kubectl(kubectl::KubectlArgs { cluster, command });
        Ok(Self { telling, command })
    }

    /// What the plugin of kubectl takes.
    #[must_use]
    pub fn plugin() -> clap::Command {
        Plugin::command()
    }

    /// What kubectl is told where it asks how a command line of the plugin may go on: the program has
    /// another name then.
    #[must_use]
    pub fn completion(arguments: impl IntoIterator<Item = OsString>) -> Option<String> {
        let mut arguments = arguments.into_iter();
        let program = arguments.next()?;
        let words = arguments.map(|word| word.to_string_lossy().into_owned());
        kubectl::is_completion(&program)
            .then(|| kubectl::completion(&Self::plugin(), &words.collect::<Vec<_>>()))
    }

    /// The log filter.
    #[must_use]
    pub fn log(&self) -> &str {
        let otherwise = match self.command {
            Command::Run(_) => "info",
            _ => "warn",
        };
        self.telling.log.as_deref().unwrap_or(otherwise)
    }

    /// The form of log lines.
    #[must_use]
    pub const fn log_format(&self) -> LogFormat {
        self.telling.log_format
    }

    /// Where traces go, if anywhere. A variable that is set to nothing counts as not set.
    #[must_use]
    pub fn otlp_endpoint(&self) -> Option<&str> {
        let endpoint = self.telling.otlp_endpoint.as_deref().map(str::trim);
        endpoint.filter(|endpoint| !endpoint.is_empty())
    }
}

/// A complaint about arguments, with what to write where a file is named without its flag: the first
/// thing that people try.
fn hinted(mut error: clap::Error) -> clap::Error {
    let of = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    if error.kind() == ErrorKind::ValueValidation && of.is_some_and(|it| it.starts_with("--to ")) {
        // It is somebody's phone number, but for a slip of the pen.
        let value = ContextValue::String("…".to_owned());
        error.insert(ContextKind::InvalidValue, value);
    }
    let (Some(ContextValue::String(stray)), Some(ContextValue::StyledStr(usage))) = (
        error.get(ContextKind::InvalidArg),
        error.get(ContextKind::Usage),
    ) else {
        return error;
    };
    let reads = usage.to_string().contains("--filename");
    if error.kind() == ErrorKind::UnknownArgument && reads && is_manifest(stray) {
        let tip = format!("manifests are named with -f: -f {stray}");
        let tip = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// Whether an argument that belongs to no flag may be meant as manifests.
fn is_manifest(argument: &str) -> bool {
    let path = Path::new(argument);
    let names =
        |extension: &OsStr| extension == "yaml" || extension == "yml" || extension == "json";
    path.exists() || path.extension().is_some_and(names)
}

/// Runs one command. Results go to standard output; whatever went wrong has been said when this
/// returns.
pub async fn run(cli: Cli, log: LogLevel) -> ExitCode {
    let mut out = anstream::stdout().lock();
    let result = match cli.command {
        Command::Up(args) => told(up::run(args, &mut out).await),
        Command::Validate(args) => told(validate::run(&args, &mut out)),
        Command::Plan(args) => told(plan::run(args, &mut out).await),
        Command::Apply(args) => told(Box::pin(apply::run(args, &mut out)).await),
        Command::Render(args) => told(render::run(&args, &mut out)),
        Command::Export(args) => told(Box::pin(export::run(args, &mut out)).await),
        Command::TestMessage(args) => told(Box::pin(test_message::run(args, &mut out)).await),
        Command::Kubectl(args) => told(Box::pin(kubectl::run(args, &mut out)).await),
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
            let _ = aside::say(&format!("{BAD}error{BAD:#}: {}\n", show::lines(&message)));
            ExitCode::FAILURE
        }
    }
}

/// Says something beside the result.
fn note(message: &str) -> io::Result<()> {
    aside::say(&format!("{BAD}!{BAD:#} {}\n", show::lines(message)))
}

/// Prints what is wrong with manifests, for people; programs get it in the result. Without a form the
/// result has it all.
fn complain(diagnostics: &[Diagnostic], output: Option<Output>) -> io::Result<()> {
    match output {
        Some(Output::Text) if !diagnostics.is_empty() => {
            aside::say(&manifest::render(diagnostics, true))
        }
        Some(Output::Json) if !workspace::usable(diagnostics) => {
            let json = format!("{:#}\n", manifest::to_json(diagnostics));
            aside::say(&aside::unmarked_json(&json))
        }
        _ => Ok(()),
    }
}
