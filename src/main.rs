//! Dialtone.
#![expect(clippy::print_stderr, reason = "the lead's main replaces this one")]
use clap::Parser;
#[derive(Parser)]
enum Command {
    /// Simulate.
    Simulate(dialtone::cli::simulate::SimulateArgs),
}
#[tokio::main]
async fn main() -> std::process::ExitCode {
    let Command::Simulate(args) = Command::parse();
    match dialtone::cli::simulate::run(args).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
