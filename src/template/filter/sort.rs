//! Sorting.
//!
//! The order that templates sort by is not total: a text and a number may be neither smaller nor greater. So
//! the result depends on which elements are compared, and the algorithm is that of JavaScript's engine for
//! short lists. It ends with any order.

use std::cmp::Ordering;

use super::{Call, Outcome, list};
use crate::template::budget::Fault;
use crate::template::convert;
use crate::template::value::Value;

/// An element, and what it is sorted by.
type Keyed = (Value, Value);
type Compare<'c> = &'c dyn Fn(&Value, &Value) -> Result<Ordering, Fault>;

/// Lists from this length on are sorted by merging.
const SHORT: usize = 64;

pub fn sort(call: &Call<'_>) -> Outcome {
    sorted(call, &|left, right| {
        Ok(convert::order(left, right, call.budget)?.unwrap_or(Ordering::Equal))
    })
}

pub fn sort_natural(call: &Call<'_>) -> Outcome {
    sorted(call, &|left, right| {
        let left = convert::string(left, call.budget)?.to_lowercase();
        let right = convert::string(right, call.budget)?.to_lowercase();
        call.budget.work(left.len() + right.len())?;
        Ok(left.encode_utf16().cmp(right.encode_utf16()))
    })
}

fn sorted(call: &Call<'_>, order: Compare<'_>) -> Outcome {
    let property = call.argument(0);
    let path = if property.is_truthy() {
        Some(convert::stringify(&property, call.budget)?)
    } else {
        None
    };
    let mut keyed = Vec::new();
    for item in call.list()? {
        let key = match &path {
            Some(path) => list::at_path(&item, path, call)?,
            None => item.clone(),
        };
        keyed.push((item, key));
    }
    // Nothing comes last.
    let compare = |left: &Value, right: &Value| {
        call.budget.step(1)?;
        match (left.is_nothing(), right.is_nothing()) {
            (true, true) => Ok(Ordering::Equal),
            (true, false) => Ok(Ordering::Greater),
            (false, true) => Ok(Ordering::Less),
            (false, false) => order(left, right),
        }
    };
    let keyed = if keyed.len() < SHORT {
        insertion(keyed, &compare)?
    } else {
        merge(keyed, &compare)?
    };
    call.array(keyed.into_iter().map(|(item, _)| item).collect())
}

/// Takes the run that the list begins with, and puts each further element in its place.
fn insertion(mut items: Vec<Keyed>, compare: Compare<'_>) -> Result<Vec<Keyed>, Fault> {
    let mut sorted = run(&mut items, compare)?;
    while sorted < items.len() {
        let (mut low, mut high) = (0, sorted);
        while low < high {
            let middle = low + (high - low) / 2;
            if compare(&items[sorted].1, &items[middle].1)? == Ordering::Less {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        items[low..=sorted].rotate_right(1);
        sorted += 1;
    }
    Ok(items)
}

/// The length of the run that a list begins with; one that falls is turned round.
fn run(items: &mut [Keyed], compare: Compare<'_>) -> Result<usize, Fault> {
    if items.len() < 2 {
        return Ok(items.len());
    }
    let falls = compare(&items[1].1, &items[0].1)? == Ordering::Less;
    let mut length = 2;
    while length < items.len() {
        let below = compare(&items[length].1, &items[length - 1].1)? == Ordering::Less;
        if below != falls {
            break;
        }
        length += 1;
    }
    if falls {
        items[..length].reverse();
    }
    Ok(length)
}

fn merge(mut items: Vec<Keyed>, compare: Compare<'_>) -> Result<Vec<Keyed>, Fault> {
    if items.len() < SHORT {
        return insertion(items, compare);
    }
    let right = items.split_off(items.len() / 2);
    let left = merge(items, compare)?;
    let right = merge(right, compare)?;
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if compare(&second.1, &first.1)? == Ordering::Less {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
