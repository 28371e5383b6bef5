//! `dialtone completions`: completions for shells.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;

/// Print completions for a shell.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// Prints the completions.
pub fn run(args: &CompletionsArgs, out: &mut impl Write) {
    clap_complete::generate(args.shell, &mut Cli::command(), "dialtone", out);
}
