//! Parses arguments, starts logging and dispatches.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use dialtone::cli::{self, Cli};
use tracing_subscriber::EnvFilter;

/// The status of a command line that is not understood, as `sysexits.h` numbers it. The 2 that is
/// usual for it means "changes" to who runs `dialtone plan` in a pipeline.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Where even this cannot be printed, the status still tells.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    let filter = match EnvFilter::try_new(cli.log()) {
        Ok(filter) => filter,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: --log {}: {error}", cli.log());
            return ExitCode::from(USAGE);
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
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
    runtime.block_on(cli::run(cli))
}
