//! What is said beside the result, on standard error.
//!
//! A runner of GitHub Actions reads standard error as it reads standard output, and obeys what it finds
//! there: `::command::` at the beginning of a line, and `##[command]` anywhere in one. Manifests and
//! the answers of servers hold what somebody else wrote, so nothing is said in which it finds either.
//! An agent of Azure DevOps obeys `##vso[command]` in the same way.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

/// Says something on standard error.
///
/// # Errors
///
/// Where it cannot be written.
pub fn say(text: &str) -> io::Result<()> {
    let mut err = anstream::stderr();
    // A mark may come about where colours are taken out.
    if AutoStream::choice(&io::stderr()) == ColorChoice::Never {
        let plain = anstream::adapter::strip_str(text).to_string();
        return err.write_all(inert(&plain).as_bytes());
    }
    err.write_all(inert(text).as_bytes())
}

/// Writes a text for people as a result: a runner reads that as well.
///
/// # Errors
///
/// Where it cannot be written.
pub fn print(
    out: &mut impl Write,
    write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    out.write_all(inert(&String::from_utf8_lossy(&text)).as_bytes())
}

/// A text in which a runner finds no command.
#[must_use]
pub fn inert(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // A carriage return ends a line for the runner.
    for line in text.split_inclusive(['\n', '\r']) {
        let rest = line.trim_start();
        safe.push_str(&line[..line.len() - rest.len()]);
        if let Some(more) = rest.strip_prefix("::") {
            safe.push_str(": :");
            safe.push_str(more);
        } else {
            safe.push_str(rest);
        }
    }
    unmarked(&safe)
}

/// A text without the mark of the old form of commands, and without that of Azure DevOps.
#[must_use]
pub fn unmarked(text: &str) -> String {
    broken(text, "## ")
}

/// The same for JSON, which means what it meant. Its lines begin with none of the marks.
#[must_use]
pub fn unmarked_json(json: &str) -> String {
    broken(json, "#\\u0023")
}

/// A text with something else for the `##` of marks.
fn broken(text: &str, instead: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        safe.push_str(before);
        if marks(after) {
            safe.push_str(instead);
            rest = after;
        } else {
            // The second may be the first of another two.
            safe.push('#');
            rest = &rest[at + 1..];
        }
    }
    safe + rest
}

/// Whether this makes a mark of the `##` before it: `[`, or `vso[` in any case.
fn marks(after: &str) -> bool {
    let name = after.split('[').next().unwrap_or_default();
    name.len() < after.len() && (name.is_empty() || name.eq_ignore_ascii_case("vso"))
}

/// Standard error for the lines of a log, each of which is written at once.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// They are JSON.
    pub json: bool,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let safe = if self.json {
            unmarked_json(&text)
        } else {
            inert(&text)
        };
        io::stderr().write_all(safe.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_that_is_said_begins_a_command(text in "([#:\\[\\]a\r\n \t\u{85}\u{2028}]{0,20}|#{1,4}[vV]so\\[|.*){0,3}") {
            let safe = inert(&text);
            prop_assert!(!safe.contains("##["), "{safe:?}");
            prop_assert!(!safe.to_ascii_lowercase().contains("##vso["), "{safe:?}");
            for line in safe.split(['\n', '\r']) {
                prop_assert!(!line.trim_start().starts_with("::"), "{safe:?}");
            }
            // Nothing is lost.
            let told = |text: &str| text.replace(' ', "");
            prop_assert_eq!(told(&safe), told(&text));
        }

        #[test]
        fn json_without_marks_means_the_same(text in "([#\\[\\\\\"a]|#[vV]so\\[){0,20}") {
            let json = serde_json::json!({ "message": text });
            let safe = unmarked_json(&json.to_string());
            prop_assert!(!safe.contains("##["), "{safe}");
            prop_assert!(!safe.to_ascii_lowercase().contains("##vso["), "{safe}");
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), json);
        }
    }
}
