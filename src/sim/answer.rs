//! Answers as the Management API words them (§0.1, §0.2).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::auth0::exchange::Response;

/// A request handler's result: both sides are answers, so that a check can end a handler early.
pub(super) type Answer = Result<Response, Response>;

fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        409 => "Conflict",
        _ => "Not Found",
    }
}

/// An error with an `errorCode`.
pub(super) fn error(status: u16, code: &str, message: &str) -> Response {
    Response::json(
        status,
        json!({
            "statusCode": status,
            "error": phrase(status),
            "message": message,
            "errorCode": code,
        }),
    )
}

/// An error without `errorCode`, as the phone endpoints and some of Actions answer.
pub(super) fn bare_error(status: u16, message: &str) -> Response {
    Response::json(
        status,
        json!({"statusCode": status, "error": phrase(status), "message": message}),
    )
}

/// A body that breaks a rule.
pub(super) fn invalid_body(message: &str) -> Response {
    error(400, "invalid_body", message)
}

/// A path that the API does not have.
pub(super) fn no_such_path() -> Response {
    bare_error(404, "Not Found")
}

/// 200 with a body.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub(super) fn ok(body: Value) -> Answer {
    Ok(Response::json(200, body))
}

/// A time with milliseconds, as most of the API writes it (§0).
pub(super) fn millis(time: Timestamp) -> Value {
    json!(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// A time with nanoseconds, as Actions write it (§0).
pub(super) fn nanos(time: Timestamp) -> Value {
    json!(time.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string())
}
