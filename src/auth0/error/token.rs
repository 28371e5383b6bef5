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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth0::exchange::Method;

    #[test]
    fn a_token_refusal_says_what_is_wrong_with_the_application() {
        let secret = json!({"client_id": "id", "client_secret": "s3cr3t-value"});
        let signed = json!({"client_id": "id", "client_assertion": "a.b.c"});
        let grant = "Client is not authorized to access \"https://t/api/v2/\". You need to create a \"client-grant\" associated to this API.";
        let rows = [
            (
                401,
                "access_denied",
                "Unauthorized",
                &secret,
                Refusal::Credential,
            ),
            (401, "invalid_client", "bad", &secret, Refusal::Credential),
            (
                401,
                "invalid_client",
                "jti reused",
                &signed,
                Refusal::Assertion,
            ),
            (403, "access_denied", grant, &secret, Refusal::NoGrant),
            (
                403,
                "unauthorized_client",
                "Grant type 'client_credentials' not allowed for the client.",
                &signed,
                Refusal::GrantType,
            ),
            (
                403,
                "access_denied",
                "Service not enabled within domain: https://x/api/v2/",
                &secret,
                Refusal::Audience,
            ),
            (
                400,
                "invalid_request",
                "s3cr3t-value is wrong",
                &secret,
                Refusal::Other,
            ),
        ];
        for (status, code, description, body, refusal) in rows {
            let request = Request::new(Method::Post, "/oauth/token").json(body.clone());
            let response = Response::json(
                status,
                json!({"error": code, "error_description": description}),
            );
            let error = classify_token(&request, &response).expect("an error");
            assert_eq!(error.kind, Kind::Authentication(refusal), "{description}");
            assert_eq!(error.class, Class::Terminal);
            assert_eq!(error.error_code.as_deref(), Some(code));
            assert!(!error.to_string().contains("s3cr3t-value"), "{error}");
        }
    }

    #[test]
    fn token_answers_that_are_no_refusals() {
        let request = Request::new(Method::Post, "/oauth/token").json(json!({}));
        let granted = Response::json(200, json!({"access_token": "t", "expires_in": 1}));
        assert_eq!(classify_token(&request, &granted), None);
        let html = Response {
            body: Payload::Text("<html>".into()),
            ..Response::empty(200)
        };
        for (response, kind) in [
            (Response::json(200, json!({})), Kind::NotJson),
            (html, Kind::NotJson),
            (
                Response::json(404, json!({"statusCode": 404, "message": "Not Found"})),
                Kind::Unexpected,
            ),
            (
                Response::json(429, json!({"error": "too_many_requests"})),
                Kind::Throttled,
            ),
            (Response::empty(503), Kind::Server),
        ] {
            assert_eq!(
                classify_token(&request, &response).expect("an error").kind,
                kind
            );
        }
    }
}
