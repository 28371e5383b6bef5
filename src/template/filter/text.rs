//! Filters for texts.

use std::collections::HashSet;
use std::rc::Rc;

use super::{Call, Outcome};
use crate::template::budget::Fault;
use crate::template::convert;
use crate::template::number::is_space;
use crate::template::value::Value;

pub fn apply(name: &str, call: &Call<'_>) -> Option<Outcome> {
    Some(match name {
        "append" => joined(call, "append", |input, other| [input, other].concat()),
        "prepend" => joined(call, "prepend", |input, other| [other, input].concat()),
        "capitalize" => change(call, capitalized),
        "upcase" => change(call, str::to_uppercase),
        "downcase" => change(call, str::to_lowercase),
        "strip" => stripped(call, true, true),
        "lstrip" => stripped(call, true, false),
        "rstrip" => stripped(call, false, true),
        "strip_newlines" => change(call, |text| text.replace("\r\n", "").replace('\n', "")),
        "squish" => change(call, |text| {
            collapsed(text).trim_matches(is_space).to_owned()
        }),
        "normalize_whitespace" => change(call, collapsed),
        "split" => split(call),
        "replace" => replaced(call, Which::All, Some(1)),
        "replace_first" => replaced(call, Which::First, Some(1)),
        "replace_last" => replaced(call, Which::Last, Some(1)),
        "remove" => replaced(call, Which::All, None),
        "remove_first" => replaced(call, Which::First, None),
        "remove_last" => replaced(call, Which::Last, None),
        "truncate" => truncated(call),
        "truncatewords" => truncated_words(call),
        _ => return None,
    })
}

fn change(call: &Call<'_>, change: impl FnOnce(&str) -> String) -> Outcome {
    call.done(change(&call.text()?))
}

fn joined(call: &Call<'_>, name: &str, join: impl FnOnce(&str, &str) -> String) -> Outcome {
    if call.arguments.len() != 1 {
        let message = format!("the filter \"{name}\" takes one argument");
        return Err(Fault::new(message));
    }
    let (text, other) = (call.text()?, call.text_argument(0)?);
    call.budget.text(text.len() + other.len())?;
    call.done(join(&text, &other))
}

/// The first letter large, the others small.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    // LiquidJS sees half of a character outside the basic plane, which has no large form.
    let first = if u32::from(first) > 0xffff {
        first.to_string()
    } else {
        first.to_uppercase().to_string()
    };
    first + &letters.as_str().to_lowercase()
}

fn stripped(call: &Call<'_>, left: bool, right: bool) -> Outcome {
    let text = call.text()?;
    let wanted = call.argument(0);
    let letters: Option<HashSet<char>> = if wanted.is_truthy() {
        let wanted = convert::stringify(&wanted, call.budget)?;
        Some(wanted.chars().collect())
    } else {
        None
    };
    let gone = |letter: char| match &letters {
        Some(letters) => letters.contains(&letter),
        None => is_space(letter),
    };
    let mut kept: &str = &text;
    if left {
        kept = kept.trim_start_matches(gone);
    }
    if right {
        kept = kept.trim_end_matches(gone);
    }
    call.done(kept)
}

/// White space of any length as one space.
fn collapsed(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut in_space = false;
    for letter in text.chars() {
        if !is_space(letter) {
            collapsed.push(letter);
        } else if !in_space {
            collapsed.push(' ');
        }
        in_space = is_space(letter);
    }
    collapsed
}

fn split(call: &Call<'_>) -> Outcome {
    let (text, separator) = (call.text()?, call.text_argument(0)?);
    let mut parts: Vec<&str> = pieces(&text, &separator);
    while parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    call.budget.step(parts.len())?;
    call.array(parts.into_iter().map(Value::text).collect())
}

/// A text in its parts; without a separator each character is one.
fn pieces<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    if !separator.is_empty() {
        return text.split(separator).collect();
    }
    let mut rest = text;
    let mut parts = Vec::new();
    while let Some(letter) = rest.chars().next() {
        let (part, after) = rest.split_at(letter.len_utf8());
        parts.push(part);
        rest = after;
    }
    parts
}

#[derive(Clone, Copy)]
enum Which {
    All,
    First,
    Last,
}

/// Puts another argument in the place of the first one, or nothing.
fn replaced(call: &Call<'_>, which: Which, with: Option<usize>) -> Outcome {
    let (text, pattern) = (call.text()?, call.text_argument(0)?);
    let with: Rc<str> = match with {
        Some(at) => call.text_argument(at)?,
        None => "".into(),
    };
    let found = match which {
        Which::All => {
            let parts = pieces(&text, &pattern);
            let between = parts.len().saturating_sub(1);
            call.budget.text(
                text.len()
                    .saturating_add(between.saturating_mul(with.len())),
            )?;
            return call.done(parts.join(&*with));
        }
        Which::First => text.find(&*pattern),
        Which::Last => text.rfind(&*pattern),
    };
    let Some(start) = found else {
        return Ok(Value::Text(text));
    };
    call.budget.text(text.len() + with.len())?;
    let (before, after) = (&text[..start], &text[start + pattern.len()..]);
    call.done([before, &with, after].concat())
}

fn truncated(call: &Call<'_>) -> Outcome {
    let text = call.text()?;
    let length = call.argument_or(0, Value::Number(50.0));
    let length = convert::number(&length, call.budget)?;
    let end = convert::stringify(&call.argument_or(1, Value::text("...")), call.budget)?;
    if convert::at_most(convert::units(&text), length) || taken(&text, length) == text.len() {
        return Ok(call.input.clone());
    }
    let Value::Number(end_length) = convert::count(end.chars().count()) else {
        return Ok(call.input.clone());
    };
    let kept = length - end_length;
    let kept = if kept.is_nan() { 0.0 } else { kept.max(0.0) };
    call.done([&text[..taken(&text, kept)], &end].concat())
}

/// The bytes of so many characters of a text.
pub fn taken(text: &str, count: f64) -> usize {
    let (mut left, mut bytes) = (count, 0);
    for letter in text.chars() {
        // Not a number ends at once, a fraction counts as a whole one.
        if left.is_nan() || left <= 0.0 {
            break;
        }
        bytes += letter.len_utf8();
        left -= 1.0;
    }
    bytes
}

fn truncated_words(call: &Call<'_>) -> Outcome {
    let text = call.text()?;
    let count = call.argument_or(0, Value::Number(15.0));
    let mut count = convert::number(&count, call.budget)?;
    let end = convert::stringify(&call.argument_or(1, Value::text("...")), call.budget)?;
    let trimmed = text.trim_start_matches(is_space);
    let collapsed = collapsed(trimmed);
    let words: Vec<&str> = collapsed.split(' ').collect();
    if count <= 0.0 {
        count = 1.0;
    }
    let most = if count.is_nan() {
        0
    } else {
        convert::clamp(count.trunc(), words.len())
    };
    let mut short = words[..most].join(" ");
    if convert::at_least(words.len(), count) {
        short.push_str(&end);
    }
    call.done(short)
}
