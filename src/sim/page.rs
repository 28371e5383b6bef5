//! The three pagination styles (§0.3), and the choice of fields.

use serde_json::{Map, Value, json};

use super::answer::{Answer, error, ok};
use crate::auth0::exchange::{Request, Response};

/// The value of a query parameter.
pub(super) fn parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request
        .query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// A query parameter that is true or false.
pub(super) fn flag(request: &Request, name: &str) -> Result<Option<bool>, Response> {
    match parameter(request, name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(invalid_query(
            "Expected type boolean but found type string",
            name,
        )),
    }
}

fn number(
    request: &Request,
    name: &str,
    (least, most): (usize, usize),
) -> Result<Option<usize>, Response> {
    let Some(text) = parameter(request, name) else {
        return Ok(None);
    };
    match text.parse::<usize>() {
        Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => Err(invalid_query(
            &format!("Value {text} is out of range"),
            name,
        )),
    }
}

fn invalid_query(problem: &str, name: &str) -> Response {
    error(
        400,
        "invalid_query_string",
        &format!("Query validation error: '{problem}' on property {name}."),
    )
}

/// The limits of one listing.
pub(super) struct Limits {
    /// Default of `per_page`.
    pub(super) per_page: usize,
    /// Default of `take`.
    pub(super) take: usize,
    /// The least `per_page`.
    pub(super) least: usize,
    /// The most that one page holds.
    pub(super) most: usize,
}

/// Connections and clients: a checkpoint page with `take` or `from`, an offset page in an envelope
/// with `include_totals`, and a bare array otherwise.
pub(super) fn listing(request: &Request, name: &str, items: Vec<Value>, limits: &Limits) -> Answer {
    let take = number(request, "take", (1, limits.most))?;
    if take.is_some() || parameter(request, "from").is_some() {
        return checkpoint(request, name, items, take.unwrap_or(limits.take));
    }
    let page = number(request, "page", (0, 1_000_000))?.unwrap_or(0);
    let per_page =
        number(request, "per_page", (limits.least, limits.most))?.unwrap_or(limits.per_page);
    let total = items.len();
    let start = page.saturating_mul(per_page);
    let shown: Vec<Value> = items.into_iter().skip(start).take(per_page).collect();
    if flag(request, "include_totals")? != Some(true) {
        return ok(Value::from(shown));
    }
    ok(json!({
        "start": start,
        "limit": per_page,
        "length": shown.len(),
        "total": total,
        name: shown,
    }))
}

/// A checkpoint page: `next` is absent on the last one.
pub(super) fn checkpoint(request: &Request, name: &str, items: Vec<Value>, take: usize) -> Answer {
    let start = match parameter(request, "from") {
        None => 0,
        Some(text) => text
            .strip_prefix("at-")
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| invalid_query("Invalid checkpoint", "from"))?,
    };
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip(start).take(take).collect();
    let mut body = Map::new();
    let end = start + shown.len();
    body.insert(name.to_owned(), Value::from(shown));
    if end < total {
        body.insert("next".to_owned(), json!(format!("at-{end}")));
    }
    ok(Value::Object(body))
}

/// `take` of a checkpoint listing that has no other style.
pub(super) fn take(request: &Request, default: usize, most: usize) -> Result<usize, Response> {
    Ok(number(request, "take", (1, most))?.unwrap_or(default))
}

/// Actions, versions and bindings: `total` and `page` are left out when they are 0, and
/// `include_totals` is refused.
pub(super) fn actions_page(request: &Request, name: &str, items: Vec<Value>) -> Answer {
    if parameter(request, "include_totals").is_some() {
        return Err(error(
            400,
            "invalid_query_string",
            "Query validation error: 'Additional properties not allowed: include_totals'.",
        ));
    }
    let page = number(request, "page", (0, 1_000_000))?.unwrap_or(0);
    let per_page = number(request, "per_page", (1, 100))?.unwrap_or(20);
    let total = items.len();
    let shown: Vec<Value> = items
        .into_iter()
        .skip(page.saturating_mul(per_page))
        .take(per_page)
        .collect();
    let mut body = Map::new();
    // A page past the end has no total either: a client that counts on it would page for ever.
    if total > 0 && !shown.is_empty() {
        body.insert("total".to_owned(), json!(total));
    }
    if page > 0 {
        body.insert("page".to_owned(), json!(page));
    }
    body.insert("per_page".to_owned(), json!(per_page));
    body.insert(name.to_owned(), Value::from(shown));
    ok(Value::Object(body))
}

/// Which keys of an object the query asks for.
pub(super) struct Fields<'a> {
    named: Option<Vec<&'a str>>,
    include: bool,
}

/// `fields` and `include_fields` of the query.
pub(super) fn fields(request: &Request) -> Result<Fields<'_>, Response> {
    Ok(Fields {
        named: parameter(request, "fields").map(|names| names.split(',').collect()),
        include: flag(request, "include_fields")? != Some(false),
    })
}

impl Fields<'_> {
    /// The object with the keys that are asked for, and those that are always shown.
    pub(super) fn of(&self, map: &Map<String, Value>, always: &[&str]) -> Value {
        let Some(named) = &self.named else {
            return Value::Object(map.clone());
        };
        let shown = map.iter().filter(|(key, _)| {
            let key = key.as_str();
            always.contains(&key) || named.contains(&key) == self.include
        });
        Value::Object(
            shown
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
    }
}
