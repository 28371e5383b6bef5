//! Filters, as LiquidJS has them.

mod calendar;
mod date;
mod json;
mod list;
mod markup;
mod math;
mod parse_date;
mod sort;
mod text;

use std::rc::Rc;

use super::budget::{Budget, Fault};
use super::convert;
use super::value::Value;

/// The filters that Auth0 lists (§4.5).
pub const DOCUMENTED: &[&str] = &[
    "plus",
    "minus",
    "modulo",
    "times",
    "floor",
    "ceil",
    "round",
    "divided_by",
    "abs",
    "at_least",
    "at_most",
    "append",
    "prepend",
    "capitalize",
    "upcase",
    "downcase",
    "strip",
    "lstrip",
    "rstrip",
    "strip_newlines",
    "split",
    "replace",
    "replace_first",
    "remove",
    "remove_first",
    "truncate",
    "truncatewords",
    "escape",
    "escape_once",
    "url_encode",
    "url_decode",
    "strip_html",
    "newline_to_br",
    "slice",
    "map",
    "sort",
    "sort_natural",
    "first",
    "last",
    "join",
    "reverse",
    "size",
    "date",
    "default",
];

/// Filters that LiquidJS has, Auth0 does not list, and this preview knows.
pub const UNDOCUMENTED: &[&str] = &[
    "xml_escape",
    "cgi_escape",
    "uri_escape",
    "sum",
    "compact",
    "concat",
    "push",
    "unshift",
    "pop",
    "shift",
    "where",
    "reject",
    "has",
    "find",
    "find_index",
    "uniq",
    "date_to_xmlschema",
    "date_to_rfc822",
    "date_to_string",
    "date_to_long_string",
    "remove_last",
    "replace_last",
    "squish",
    "normalize_whitespace",
    "array_to_sentence_string",
    "base64_encode",
    "base64_decode",
    "raw",
    "to_integer",
    "json",
    "jsonify",
];

/// Filters that LiquidJS has and this preview cannot show.
pub const NOT_SHOWN: &[&str] = &[
    "slugify",
    "sample",
    "sha256",
    "hmac_sha256",
    "where_exp",
    "reject_exp",
    "group_by",
    "group_by_exp",
    "has_exp",
    "find_index_exp",
    "find_exp",
    "inspect",
    "number_of_words",
];

/// What became of a filter.
pub enum Applied {
    Value(Value),
    /// The value that a preview shows, and why it is not what a phone shows.
    Sample(Value, &'static str),
    /// There is no such filter.
    Unknown,
}

/// What a filter is given.
struct Call<'c> {
    input: &'c Value,
    arguments: &'c [Value],
    budget: &'c Budget<'c>,
}

type Outcome = Result<Value, Fault>;

impl Call<'_> {
    /// An argument, which is undefined where it is not given.
    fn argument(&self, at: usize) -> Value {
        self.arguments.get(at).cloned().unwrap_or(Value::Undefined)
    }

    /// An argument, or this one where none is given.
    fn argument_or(&self, at: usize, otherwise: Value) -> Value {
        match self.argument(at) {
            Value::Undefined => otherwise,
            given => given,
        }
    }

    /// An argument as text.
    fn text_argument(&self, at: usize) -> Result<Rc<str>, Fault> {
        convert::stringify(&self.argument(at), self.budget)
    }

    /// The input as text, with the work that a filter has with it.
    fn text(&self) -> Result<Rc<str>, Fault> {
        let text = convert::stringify(self.input, self.budget)?;
        self.budget.work(text.len())?;
        Ok(text)
    }

    /// The result, where it is a text.
    fn done(&self, text: impl Into<Rc<str>>) -> Outcome {
        let text = text.into();
        self.budget.text(text.len())?;
        Ok(Value::Text(text))
    }

    fn list(&self) -> Result<Vec<Value>, Fault> {
        self.input.listed(self.budget)
    }

    fn array(&self, items: Vec<Value>) -> Outcome {
        self.budget.step(items.len())?;
        Value::array(items, self.budget)
    }

    /// The input as a number, 0 where it is none.
    fn number(&self) -> Result<f64, Fault> {
        convert::number_or_zero(self.input, self.budget)
    }
}

/// Applies a filter.
///
/// # Errors
///
/// The filter cannot work on its input, or a limit is reached.
pub fn apply(
    name: &str,
    input: &Value,
    arguments: &[Value],
    budget: &Budget<'_>,
) -> Result<Applied, Fault> {
    let call = Call {
        input,
        arguments,
        budget,
    };
    if let Some(outcome) = date::apply(name, &call) {
        return outcome;
    }
    let outcome = math::apply(name, &call)
        .or_else(|| text::apply(name, &call))
        .or_else(|| markup::apply(name, &call))
        .or_else(|| list::apply(name, &call))
        .or_else(|| other(name, &call));
    match outcome {
        Some(outcome) => outcome.map(Applied::Value),
        None if NOT_SHOWN.contains(&name) => Err(Fault::new(format!(
            "this preview does not show what the filter \"{name}\" gives"
        ))),
        None => Ok(Applied::Unknown),
    }
}

fn other(name: &str, call: &Call<'_>) -> Option<Outcome> {
    Some(match name {
        "default" => default(call),
        "raw" => Ok(call.input.clone()),
        "to_integer" => convert::number(call.input, call.budget).map(Value::Number),
        "json" | "jsonify" => json::write(call),
        _ => return None,
    })
}

fn default(call: &Call<'_>) -> Outcome {
    let value = call.input.clone().plain();
    let otherwise = || call.argument(0);
    Ok(match &value {
        Value::Text(text) if text.is_empty() => otherwise(),
        Value::Array(array) if array.items.is_empty() => otherwise(),
        Value::Bool(false) if allows_false(call)? => value,
        _ if value.is_true() => value,
        _ => otherwise(),
    })
}

/// Whether the argument `allow_false` is given, and true.
fn allows_false(call: &Call<'_>) -> Result<bool, Fault> {
    let mut allows = false;
    for argument in call.arguments.iter().skip(1) {
        match argument {
            Value::Array(pair) => {
                if let [Value::Text(name), value, ..] = pair.items.as_slice()
                    && &**name == "allow_false"
                {
                    allows = value.is_truthy();
                }
            }
            Value::Object(_) | Value::Nil | Value::Empty | Value::Blank | Value::Loop(_) => {}
            _ => {
                return Err(Fault::new(
                    "the filter \"default\" takes one value, and allow_false: true",
                ));
            }
        }
    }
    Ok(allows)
}
