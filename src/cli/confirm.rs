//! Asking before something is done.

use std::io::{self, BufRead, IsTerminal as _, Write};

use super::failure::CliError;

/// Whether the user says yes to this question. It is asked on standard error: standard output is for
/// results.
///
/// # Errors
///
/// [`CliError::NobodyToAsk`] where there is no terminal.
pub fn confirmed(question: &str) -> Result<bool, CliError> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Err(CliError::NobodyToAsk);
    }
    Ok(asked(&mut anstream::stderr(), &mut input.lock(), question)?)
}

fn asked(out: &mut impl Write, input: &mut impl BufRead, question: &str) -> io::Result<bool> {
    write!(out, "{question} Only \"yes\" will do: ")?;
    out.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_yes_is_a_yes() {
        let said = |answer: &str| asked(&mut Vec::new(), &mut answer.as_bytes(), "Go on?").unwrap();
        assert!(said("yes\n"));
        for answer in ["", "\n", "y\n", "no\n", "yes please\n"] {
            assert!(!said(answer), "{answer:?}");
        }
    }
}
