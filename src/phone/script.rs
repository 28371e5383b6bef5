//! The code of a custom provider's Action: whether it is JavaScript, whether it has the function that
//! Auth0 calls, and what it reads that is not there (§3.8).
//!
//! Pure, and bounded whatever the code is: at most 100 kB are parsed, and nothing that is nested so
//! deeply that it could overflow the stack (see [`nesting`]).

mod nesting;
mod reads;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_parser::{Parser, ParserReturn};
use oxc_span::SourceType;

use nesting::Nesting;

/// The function that Auth0 calls for every message.
pub const HANDLER: &str = "onExecuteCustomPhoneProvider";

/// The longest code that Auth0 takes, in bytes (§3.3).
pub const LONGEST: usize = 100_000;

/// The most mistakes that are told: one often makes several.
const MOST: usize = 3;

/// The fields of `event.notification`.
const NOTIFICATION: [&str; 8] = [
    "as_text",
    "as_voice",
    "code",
    "delivery_method",
    "from",
    "locale",
    "message_type",
    "recipient",
];

/// The functions of `api.notification`.
const ANSWERS: [&str; 2] = ["drop", "retry"];

/// Something about one place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What is the matter.
    pub message: String,
}

/// What is to be said of some code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// It does not run, for these reasons.
    pub errors: Vec<Remark>,
    /// It runs, and probably does not do what it is meant to.
    pub warnings: Vec<Remark>,
}

impl Checked {
    fn broken(at: usize, message: impl Into<String>) -> Self {
        Self {
            errors: vec![remark(at..at, message)],
            warnings: Vec::new(),
        }
    }
}

fn remark(span: Range<usize>, message: impl Into<String>) -> Remark {
    Remark {
        span,
        message: message.into(),
    }
}

impl Remark {
    /// Line and column in the code, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, code: &str) -> (usize, usize) {
        let before = code.get(..self.span.start).unwrap_or(code);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }
}

/// Checks the code of an Action. `secrets` are the names that it may read; `None` where they are not
/// known, since those of the tenant are left as they are.
#[must_use]
pub fn check(code: &str, secrets: Option<&BTreeSet<&str>>) -> Checked {
    if code.len() > LONGEST {
        let message = format!("the code has {} bytes; Auth0 takes {LONGEST}", code.len());
        return Checked::broken(0, message);
    }
    match nesting::nesting(code) {
        Nesting::Shallow => {}
        Nesting::Deep(at) => {
            let message = format!(
                "the code is nested more than {} levels deep",
                nesting::DEEPEST
            );
            return Checked::broken(at.min(code.len()), message);
        }
        Nesting::Unclosed(at, message) => return Checked::broken(at, message),
        Nesting::Unknown(at) => {
            let message = "from here on the code was not checked: what looks like a division may be a \
                           regular expression; put it in parentheses";
            return Checked {
                errors: Vec::new(),
                warnings: vec![remark(at..at, message)],
            };
        }
    }
    let allocator = Allocator::default();
    // Auth0 runs Actions as CommonJS; what only parses as a module is taken for one.
    let script = Parser::new(&allocator, code, SourceType::cjs()).parse();
    if is_sound(&script) {
        return judged(code, &script, secrets);
    }
    let module = Parser::new(&allocator, code, SourceType::mjs()).parse();
    if is_sound(&module) {
        return judged(code, &module, secrets);
    }
    // A module's mistakes are those found in it as one.
    let has_module_syntax = module.module_record.has_module_syntax;
    mistakes(code, if has_module_syntax { &module } else { &script })
}

fn is_sound(parsed: &ParserReturn<'_>) -> bool {
    parsed.diagnostics.is_empty() && !parsed.panicked
}

fn mistakes(code: &str, parsed: &ParserReturn<'_>) -> Checked {
    let place = |offset: usize| offset.min(code.len());
    let errors = parsed.diagnostics.iter().take(MOST).map(|diagnostic| {
        let span = diagnostic.labels.first().map(oxc_span::LabeledSpan::span);
        let span = span.map_or(0..0, |span| {
            place(span.start as usize)..place(span.end as usize)
        });
        remark(span, diagnostic.message.to_string())
    });
    let errors: Vec<Remark> = errors.collect();
    if errors.is_empty() {
        return Checked::broken(0, "this is no JavaScript");
    }
    Checked {
        errors,
        warnings: Vec::new(),
    }
}

/// Of code that parses: the function, and what it reads.
fn judged(code: &str, parsed: &ParserReturn<'_>, secrets: Option<&BTreeSet<&str>>) -> Checked {
    let found = reads::of(&parsed.program);
    if !found.exports_handler {
        let message = format!(
            "the code does not export {HANDLER}: write exports.{HANDLER} = async (event, api) => {{ … }}"
        );
        return Checked::broken(0, message);
    }
    let mut warnings = Vec::new();
    for (name, span) in found.secrets {
        let declared = secrets.is_none_or(|secrets| secrets.contains(name.as_str()));
        if !declared {
            let message = format!("secrets has no {name}, so event.secrets.{name} is undefined");
            warnings.push(remark(span, message));
        }
    }
    for (name, span) in found.notification {
        if !NOTIFICATION.contains(&name.as_str()) {
            let known = NOTIFICATION.join(", ");
            let message = format!("event.notification has no {name}; it has {known}");
            warnings.push(remark(span, message));
        }
    }
    for (name, span) in found.answers {
        if !ANSWERS.contains(&name.as_str()) {
            let message = format!(
                "api.notification has no {name}; it has {}. Returning means that the message is sent",
                ANSWERS.join(" and ")
            );
            warnings.push(remark(span, message));
        }
    }
    warnings.retain(|warning| code.get(warning.span.clone()).is_some());
    Checked {
        errors: Vec::new(),
        warnings,
    }
}
