//! Parses arguments, starts logging and tracing, and dispatches.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use dialtone::cli::aside::{self, Lines};
use dialtone::cli::{self, Cli};
use dialtone::operator::logging::{self, LogFormat};
use dialtone::operator::trace::Traces;

/// The status of a command line that is not understood, as `sysexits.h` numbers it. The 2 that is
/// usual for it means "changes" to who runs `dialtone plan` in a pipeline.
const USAGE: u8 = 64;

/// How long the end of the program waits for the last traces to be taken.
const FLUSH: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    if let Some(answer) = Cli::completion(std::env::args_os()) {
        // Whoever types on does not wait for the answer.
        let _ = std::io::stdout().write_all(answer.as_bytes());
        return ExitCode::SUCCESS;
    }
    let cli = match Cli::of(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return misused(error.render().ansi()),
        Err(help) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let traces = match cli.otlp_endpoint().map(Traces::to).transpose() {
        Ok(traces) => traces,
        Err(error) => return misused(format_args!("error: --otlp-endpoint: {error}\n")),
    };
    let json = cli.log_format() == LogFormat::Json;
    let lines = move || Lines { json };
    let log = match logging::start(cli.log(), cli.log_format(), traces.as_ref(), lines) {
        Ok(log) => log,
        Err(error) => {
            return misused(format_args!("error: --log {}: {error}\n", cli.log()));
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(cli::run(cli, log));
    // Spans of tasks that are still there end with the runtime.
    drop(runtime);
    if let Some(Err(error)) = traces.map(|traces| traces.shut_down(FLUSH)) {
        tracing::warn!(%error, "the last traces may be lost");
    }
    code
}

fn misused(complaint: impl Display) -> ExitCode {
    // Where even this cannot be printed, the status still tells.
    let _ = aside::say(&complaint.to_string());
    ExitCode::from(USAGE)
}
