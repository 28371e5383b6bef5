//! Asking before something is done.

use std::io::{self, BufRead as _, IsTerminal as _, Write};

use super::failure::CliError;

/// Whether the user says yes to this question.
///
/// # Errors
///
/// [`CliError::NobodyToAsk`] where there is no terminal.
pub fn confirmed(out: &mut impl Write, question: &str) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::NobodyToAsk);
    }
    write!(out, "{question} Only \"yes\" will do: ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
