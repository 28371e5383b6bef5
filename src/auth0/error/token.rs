//! Errors of the token endpoint, which speaks OAuth (§1).

use super::classify::Body;
use super::{ApiError, Class, Kind, Refusal, endpoint, mask};
use crate::auth0::exchange::{Payload, Request, Response};
use crate::auth0::pacer::Signal;

/// The error that an answer of `POST /oauth/token` is, or `None` for a granted token.
///
/// A refusal is terminal: no attempt helps before the credentials or the grants change.
#[must_use]
pub fn classify_token(request: &Request, response: &Response) -> Option<ApiError> {
    let body = Body::read(response);
    let kind = match response.status {
        200..=299 if granted(response) => return None,
        200..=299 => Kind::NotJson,
        429 => Kind::Throttled,
        408 | 500.. => Kind::Server,
        300..=399 => Kind::Unexpected,
        _ if !body.json => Kind::NotJson,
        404 => Kind::Unexpected,
        status => Kind::Authentication(refusal(request, status, &body)),
    };
    let class = match kind {
        Kind::Throttled => Class::Throttled {
            until: Signal::read(response).until(),
        },
        _ => kind.class(),
    };
    let message = match kind {
        Kind::NotJson if body.json => "no access_token in the answer",
        _ => &body.message,
    };
    Some(ApiError {
        class,
        kind,
        status: Some(response.status),
        message: mask::message(request.body.as_ref(), message),
        error_code: body.code,
        endpoint: endpoint(request),
    })
}

fn granted(response: &Response) -> bool {
    matches!(&response.body, Payload::Json(body) if body.get("access_token").is_some())
}

fn refusal(request: &Request, status: u16, body: &Body) -> Refusal {
    let text = body.message.to_lowercase();
    let code = body.code.as_deref().unwrap_or_default();
    let signed = request
        .body
        .as_ref()
        .is_some_and(|body| body.get("client_assertion").is_some());
    match (status, code) {
        (_, "unauthorized_client") => Refusal::GrantType,
        (401, _) | (_, "invalid_client") if signed => Refusal::Assertion,
        (401, _) | (_, "invalid_client") => Refusal::Credential,
        _ if text.contains("client-grant") || text.contains("not authorized to access") => {
            Refusal::NoGrant
        }
        _ if text.contains("service not enabled within domain") => Refusal::Audience,
        _ => Refusal::Other,
    }
}
