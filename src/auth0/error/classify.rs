//! From an answer to an error: the tables of §0.2 and §13.

use serde_json::Value;

use super::{ApiError, Class, Kind, endpoint, mask};
use crate::auth0::exchange::{Payload, Request, Response};
use crate::auth0::pacer::Signal;

/// Texts of a 400 that mean "not yet" rather than "never" (§6.4, §6.5, §3.5), lower case.
const DEPENDENCY_TEXTS: [&str; 4] = [
    "no phone provider configured",
    "tenant phone provider not set",
    "not supported by the configured tenant phone provider",
    "must be in the 'built' state",
];

/// The text of the 409 for a message type without its delivery method (§5.2), lower case.
const MESSAGE_TYPE_TEXT: &str = "message type is not supported";

/// The error code of a custom provider without a deployed Action ends so (§2.5).
const NO_DEPLOYED_ACTION: &str = "deployed_action_not_found";

/// Scopes that Auth0's texts name in the singular although they are granted in the plural (§0.2).
const SINGULAR: [(&str, &str); 2] = [
    ("phone_provider", "phone_providers"),
    ("phone_template", "phone_templates"),
];

/// The error that an answer is, or `None` for a success.
///
/// A success with a body that is no JSON is an error: something other than Auth0 gave it.
#[must_use]
pub fn classify(request: &Request, response: &Response) -> Option<ApiError> {
    let status = response.status;
    let body = Body::read(response);
    let kind = match status {
        200..=299 if !matches!(response.body, Payload::Text(_)) => return None,
        200..=299 => Kind::NotJson,
        _ => kind(status, &body),
    };
    let class = match kind {
        Kind::Throttled => Class::Throttled {
            until: Signal::read(response).until(),
        },
        _ => kind.class(),
    };
    Some(ApiError {
        class,
        kind,
        status: Some(status),
        error_code: body.code,
        message: mask::message(request.body.as_ref(), &body.message),
        endpoint: endpoint(request),
    })
}

/// What an error body says.
pub(super) struct Body {
    /// Whether it is JSON at all.
    pub(super) json: bool,
    /// `errorCode`, or OAuth's `error`.
    pub(super) code: Option<Box<str>>,
    /// `message`, or OAuth's `error_description`, or a summary of what is not JSON.
    pub(super) message: String,
}

impl Body {
    pub(super) fn read(response: &Response) -> Self {
        match &response.body {
            Payload::Json(value) => {
                let text = |key: &str| value.get(key).and_then(Value::as_str);
                let oauth = text("error_description").is_some();
                let code = if oauth {
                    text("error")
                } else {
                    text("errorCode")
                };
                let message = text("message").or_else(|| text("error_description"));
                Self {
                    json: true,
                    code: code.filter(|code| is_code(code)).map(Box::from),
                    message: message
                        .or_else(|| text("error"))
                        .unwrap_or_default()
                        .to_owned(),
                }
            }
            Payload::Text(text) => Self {
                json: false,
                code: None,
                message: summary(text),
            },
            Payload::Empty => Self {
                json: false,
                code: None,
                message: response
                    .headers
                    .get("location")
                    .map(|location| format!("redirect to {}", without_query(location)))
                    .unwrap_or_default(),
            },
        }
    }
}

fn kind(status: u16, body: &Body) -> Kind {
    let text = body.message.to_lowercase();
    let code = body.code.as_deref().unwrap_or_default();
    match status {
        429 => return Kind::Throttled,
        408 | 500.. => return Kind::Server,
        401 => return Kind::Unauthorized,
        300..=399 => return Kind::Unexpected,
        _ if !body.json => return Kind::NotJson,
        _ => {}
    }
    if code.ends_with(NO_DEPLOYED_ACTION) {
        return Kind::Dependency;
    }
    match status {
        400 if DEPENDENCY_TEXTS.iter().any(|known| text.contains(known)) => Kind::Dependency,
        400 if code == "Bearer" => Kind::Unauthorized,
        400 if matches!(code, "invalid_uri" | "invalid_query_string")
            || text.starts_with("path validation error")
            || text.starts_with("query validation error") =>
        {
            Kind::InvalidRequest
        }
        400 | 413 | 422 => Kind::InvalidBody,
        403 => forbidden(code, &text),
        404 | 410 => Kind::Gone,
        409 if text.contains(MESSAGE_TYPE_TEXT) => Kind::Dependency,
        409 => Kind::Conflict,
        _ => Kind::Unexpected,
    }
}

/// The sorts of 403. The code cannot tell scope from plan: Auth0 sends `insufficient_scope` with
/// plan texts too, so the text decides (§0.2).
fn forbidden(code: &str, text: &str) -> Kind {
    if code == "legacy_mfa_phone_provider_not_allowed" {
        Kind::Legacy
    } else if code.starts_with("actions_cardinality_") {
        Kind::Cardinality
    } else if text.trim_start().starts_with("insufficient scope") {
        Kind::InsufficientScope {
            any_of: scopes(text),
        }
    } else {
        Kind::PlanGate
    }
}

/// The scopes that a text names, each once, in order. The separators vary, so everything that
/// looks like a scope counts.
fn scopes(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))) {
        let Some((verb, noun)) = word.split_once(':') else {
            continue;
        };
        if verb.is_empty() || noun.is_empty() || noun.contains(':') {
            continue;
        }
        let plural = SINGULAR.iter().find(|(singular, _)| *singular == noun);
        let scope = format!("{verb}:{}", plural.map_or(noun, |(_, plural)| plural));
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Whether a text has the form of Auth0's codes and so may be shown as it is.
fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// What is worth telling of a body that is no JSON: the title of a page, never its content.
fn summary(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.trim_start().starts_with('<') {
        return format!("{} bytes that are not JSON", text.len());
    }
    let title = lower.find("<title").and_then(|at| {
        let from = at + lower.get(at..)?.find('>')? + 1;
        let to = from + lower.get(from..)?.find('<')?;
        text.get(from..to)
    });
    match title.map(|title| mask::printable(title, 80)) {
        Some(title) if !title.is_empty() => format!("an HTML page titled \"{title}\""),
        _ => "an HTML page".to_owned(),
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
