//! The tables of §0.2, §1 and §13, row by row.

use serde_json::{Value, json};

use super::*;
use crate::auth0::exchange::{Method, Payload, Response};

fn patch() -> Request {
    Request::new(Method::Patch, "/api/v2/branding/phone/providers/pro_1")
        .json(json!({"credentials": {"auth_token": "tw-secret-1"}}))
}

fn answer(status: u16, code: Option<&str>, message: &str) -> Response {
    let mut body = json!({"statusCode": status, "error": "phrase", "message": message});
    if let (Some(code), Value::Object(fields)) = (code, &mut body) {
        fields.insert("errorCode".to_owned(), code.into());
    }
    Response::json(status, body)
}

fn error(status: u16, code: Option<&str>, message: &str) -> ApiError {
    classify(&patch(), &answer(status, code, message)).expect("an error")
}

fn any_of(scopes: &[&str]) -> Kind {
    Kind::InsufficientScope {
        any_of: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

/// Status, `errorCode`, message and the kind that they make.
const ROWS: &[(u16, Option<&str>, &str, Kind)] = &[
    (
        400,
        Some("invalid_body"),
        "Payload validation error: 'Missing required property: credentials'.",
        Kind::InvalidBody,
    ),
    (
        400,
        None,
        "Bad Operation on Notification Resource",
        Kind::InvalidBody,
    ),
    (
        400,
        Some("invalid_uri"),
        "Path validation error: 'x' on property id",
        Kind::InvalidRequest,
    ),
    (
        400,
        Some("bad_request"),
        "Path validation error: 'x' on property id",
        Kind::InvalidRequest,
    ),
    (
        400,
        Some("invalid_query_string"),
        "Query validation error: 'x'",
        Kind::InvalidRequest,
    ),
    (
        400,
        Some("Bearer"),
        "Bad HTTP authentication header format",
        Kind::Unauthorized,
    ),
    (
        400,
        None,
        "No phone provider configured for the tenant",
        Kind::Dependency,
    ),
    (
        400,
        None,
        "Tenant Phone Provider not set. Connection can not be enable on a client.",
        Kind::Dependency,
    ),
    (
        400,
        None,
        "Passwordless connection cannot be made as delivery method (sms/text) is not supported by the configured Tenant phone provider",
        Kind::Dependency,
    ),
    (
        400,
        None,
        "Passwordless cannot be enabled for a client, as delivery method (sms/text) is not supported by the configured Tenant phone provider",
        Kind::Dependency,
    ),
    (
        400,
        None,
        "A draft must be in the 'built' state before it can be deployed.",
        Kind::Dependency,
    ),
    (
        400,
        Some("custom_email_provider_deployed_action_not_found"),
        "x",
        Kind::Dependency,
    ),
    (
        409,
        Some("custom_phone_provider_deployed_action_not_found"),
        "x",
        Kind::Dependency,
    ),
    (
        409,
        None,
        "Message Type is not supported by the configured phone provider",
        Kind::Dependency,
    ),
    (401, None, "Invalid token", Kind::Unauthorized),
    (
        403,
        Some("insufficient_scope"),
        "Please upgrade your subscription to enable Akamai Signals.",
        Kind::PlanGate,
    ),
    (
        403,
        Some("insufficient_entitlement"),
        "Please upgrade your subscription to use bot detection",
        Kind::PlanGate,
    ),
    (
        403,
        Some("feature_not_enabled"),
        "This feature is not enabled for this tenant.",
        Kind::PlanGate,
    ),
    (
        403,
        Some("operation_not_supported"),
        "x is not enabled for this tenant.",
        Kind::PlanGate,
    ),
    (
        403,
        None,
        "You reached the limit of entities of this type for this tenant.",
        Kind::PlanGate,
    ),
    (
        403,
        Some("legacy_mfa_phone_provider_not_allowed"),
        "Insufficient privileges to use this deprecated feature. To handle Phone Provider/Templates refer to Tenant Phone Settings",
        Kind::Legacy,
    ),
    (
        403,
        Some("actions_cardinality_custom_phone_provider_not_allowed"),
        "x",
        Kind::Cardinality,
    ),
    (
        404,
        Some("inexistent_connection"),
        "The connection does not exist",
        Kind::Gone,
    ),
    (404, None, "Notification Resource not found", Kind::Gone),
    (405, None, "Method Not Allowed", Kind::Unexpected),
    (408, None, "Request Timeout", Kind::Server),
    (
        409,
        None,
        "A connection with the same name already exists",
        Kind::Conflict,
    ),
    (413, None, "Payload Too Large", Kind::InvalidBody),
    (
        429,
        Some("too_many_requests"),
        "Global limit has been reached",
        Kind::Throttled,
    ),
    (500, None, "Internal Server Error", Kind::Server),
    (524, None, "x", Kind::Server),
];

#[test]
fn every_row_of_the_table_has_its_kind() {
    for (status, code, message, kind) in ROWS {
        let error = error(*status, *code, message);
        assert_eq!(error.kind, *kind, "{status} {message}");
        assert_eq!(error.class, kind.class(), "{status} {message}");
        assert_eq!(error.status, Some(*status));
        assert_eq!(error.error_code.as_deref(), *code);
    }
}

#[test]
fn a_missing_scope_is_named_as_it_is_to_be_granted() {
    let rows: [(&str, &[&str]); 5] = [
        (
            "Insufficient scope, expected any of: read:phone_provider",
            &["read:phone_providers"],
        ),
        (
            "Insufficient scope, expected: create:phone_template.",
            &["create:phone_templates"],
        ),
        (
            "Insufficient scope; expected any of: read:clients, read:client_summary.",
            &["read:clients", "read:client_summary"],
        ),
        (
            "Insufficient scope; expected: read:connections and any of: read:clients or read:clients.",
            &["read:connections", "read:clients"],
        ),
        ("Insufficient scope.", &[]),
    ];
    for (message, scopes) in rows {
        for code in [None, Some("insufficient_scope")] {
            let error = error(403, code, message);
            assert_eq!(error.kind, any_of(scopes), "{message}");
            assert_eq!(error.class, Class::Terminal);
        }
    }
}

#[test]
fn successes_are_no_errors() {
    for response in [
        Response::empty(204),
        Response::empty(202),
        Response::json(200, json!({"providers": []})),
        Response::json(201, json!({})),
    ] {
        assert_eq!(classify(&patch(), &response), None);
    }
}

#[test]
fn html_is_summarised_and_never_dumped() {
    let page =
        "<!DOCTYPE html><html><head><TITLE>502 Bad\nGateway</TITLE></head><body>planted</body>";
    for (status, kind) in [
        (200, Kind::NotJson),
        (404, Kind::NotJson),
        (403, Kind::NotJson),
        (502, Kind::Server),
        (429, Kind::Throttled),
    ] {
        let response = Response {
            body: Payload::Text(page.to_owned()),
            ..Response::empty(status)
        };
        let error = classify(&patch(), &response).expect("an error");
        assert_eq!(error.kind, kind);
        let text = error.to_string();
        assert!(
            text.contains("an HTML page titled \"502 Bad Gateway\""),
            "{text}"
        );
        assert!(!text.contains("planted"), "{text}");
    }
}

#[test]
fn text_that_is_no_page_is_only_counted() {
    let response = Response {
        body: Payload::Text("upstream said tw-secret-1".to_owned()),
        ..Response::empty(503)
    };
    let error = classify(&patch(), &response).expect("an error");
    assert_eq!(error.message, "25 bytes that are not JSON");
}

#[test]
fn a_redirect_names_its_target_without_the_query() {
    let mut response = Response::empty(302);
    response
        .headers
        .insert("location".into(), "https://login.example/x?state=s".into());
    let error = classify(&patch(), &response).expect("an error");
    assert_eq!(error.kind, Kind::Unexpected);
    assert_eq!(error.message, "redirect to https://login.example/x");
}

#[test]
fn a_throttled_answer_says_until_when() {
    let mut response = answer(
        429,
        Some("too_many_requests"),
        "Global limit has been reached",
    );
    response
        .headers
        .insert("x-ratelimit-reset".into(), "1700000000".into());
    let error = classify(&patch(), &response).expect("an error");
    let until = Timestamp::from_second(1_700_000_000).ok();
    assert_eq!(error.class, Class::Throttled { until });
    assert!(
        error
            .to_string()
            .ends_with("Calls go on at 2023-11-14T22:13:20Z."),
        "{error}"
    );
}

#[test]
fn an_error_tells_what_was_tried_what_was_said_and_what_to_do() {
    assert_eq!(
        error(
            400,
            Some("invalid_body"),
            "Payload validation error: 'Invalid tw-secret-1'."
        )
        .to_string(),
        "PATCH /api/v2/branding/phone/providers/pro_1: answered 400 invalid_body: Payload \
         validation error: 'Invalid [masked]'. Auth0 refuses these values, and will until the \
         manifest changes."
    );
    assert_eq!(
        error(
            403,
            None,
            "Insufficient scope, expected any of: update:phone_provider"
        )
        .to_string(),
        "PATCH /api/v2/branding/phone/providers/pro_1: answered 403: Insufficient scope, expected \
         any of: update:phone_provider. Grant the application the scope update:phone_providers \
         for the Auth0 Management API; the next token after that will carry it."
    );
}

#[test]
fn no_kind_leaves_the_reader_without_advice() {
    let request = patch();
    for no_answer in [
        NoAnswer::NotSent,
        NoAnswer::Lost,
        NoAnswer::TimedOut,
        NoAnswer::Throttled {
            until: Timestamp::UNIX_EPOCH,
        },
    ] {
        let error = ApiError::from_no_answer(&request, no_answer);
        assert!(!advice::advice(&error).is_empty(), "{error:?}");
        assert!(!advice::without_answer(&error.kind).is_empty());
    }
    let prevented = error(403, None, "Insufficient scope.");
    let passed =
        ApiError::from_no_answer(&request, NoAnswer::Prevented(Box::new(prevented.clone())));
    assert_eq!(passed, prevented);
}

#[test]
fn an_error_code_that_is_no_code_is_left_out() {
    let error = error(400, Some("tw-secret-1 and more"), "x");
    assert_eq!(error.error_code, None);
}
