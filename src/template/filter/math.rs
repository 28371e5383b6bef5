//! Filters for numbers.

use super::{Call, Outcome};
use crate::template::budget::Fault;
use crate::template::convert;
use crate::template::number::{from_text, to_text};
use crate::template::value::Value;

/// The largest whole number up to which all are exact: 2^53 − 1.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;

pub fn apply(name: &str, call: &Call<'_>) -> Option<Outcome> {
    let result = match name {
        "abs" => call.number().map(f64::abs),
        "ceil" => call.number().map(f64::ceil),
        "floor" => call.number().map(f64::floor),
        "plus" => two(call).map(|(left, right)| left + right),
        "minus" => two(call).map(|(left, right)| left - right),
        "times" => two(call).map(|(left, right)| left * right),
        "modulo" => two(call).map(|(left, right)| ((left % right) + right) % right),
        "divided_by" => divided(call),
        "at_least" => extreme(call, |left, right| if left >= right { left } else { right }),
        "at_most" => extreme(call, |left, right| if left <= right { left } else { right }),
        "round" => round(call),
        _ => return None,
    };
    Some(result.map(Value::Number))
}

/// The input and the first argument. A missing argument is no number, one that is none counts as 0.
fn two(call: &Call<'_>) -> Result<(f64, f64), Fault> {
    let right = match call.arguments.first() {
        Some(argument) => convert::number_or_zero(argument, call.budget)?,
        None => f64::NAN,
    };
    Ok((call.number()?, right))
}

fn divided(call: &Call<'_>) -> Result<f64, Fault> {
    let (left, right) = two(call)?;
    let whole = match call.arguments.get(1) {
        Some(argument) => convert::number_or_zero(argument, call.budget)? != 0.0,
        None => false,
    };
    let quotient = left / right;
    Ok(if whole { quotient.floor() } else { quotient })
}

fn extreme(call: &Call<'_>, pick: fn(f64, f64) -> f64) -> Result<f64, Fault> {
    call.arguments
        .iter()
        .try_fold(call.number()?, |best, next| {
            Ok(pick(best, convert::number_or_zero(next, call.budget)?))
        })
}

fn round(call: &Call<'_>) -> Result<f64, Fault> {
    let number = call.number()?;
    let places = match call.argument(0) {
        Value::Undefined => 0.0,
        given => convert::number_or_zero(&given, call.budget)?,
    };
    let scaled = shifted(number.abs(), places);
    if scaled.is_nan() || scaled > MOST_EXACT {
        return Ok(number);
    }
    let rounded = shifted(scaled.round(), -places);
    Ok(if number < 0.0 { -rounded } else { rounded })
}

/// A number with its decimal point moved, through its digits so that no rounding creeps in.
fn shifted(number: f64, places: f64) -> f64 {
    let text = to_text(number);
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power = to_text(from_text(power) + places);
    from_text(&format!("{mantissa}e{power}"))
}
