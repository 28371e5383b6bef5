//! From HTTP requests to the tenant's plain values, and back.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request as HttpRequest, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response as HttpResponse;
use axum::routing::post;
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::Stop;
use crate::auth0::exchange::{Method, Payload, Request, Response};
use crate::sim::control;
use crate::sim::tenant::{Access, Delivery, SimulatedTenant, TOKEN_PATH, error_body};

/// The largest request body that is read.
const LARGEST_BODY: usize = 1024 * 1024;

/// How long a scripted timeout holds a connection open at most.
const LONGEST_SILENCE: Duration = Duration::from_mins(5);

/// The header whose number the call log keeps.
const FENCE: &str = "x-dialtone-fence";

/// What the handlers share.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Server {
    pub(in crate::sim) tenant: SimulatedTenant,
    pub(in crate::sim) stop: watch::Sender<Stop>,
}

/// Marks an answer that is not to be sent: the connection is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut;

/// The host that a request was sent to; empty where it does not say.
#[derive(Clone, Debug)]
struct Host(String);

impl<S: Sync> FromRequestParts<S> for Host {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(
            header(&parts.headers, &HOST).unwrap_or_default().to_owned(),
        ))
    }
}

pub(super) fn router(server: Server) -> Router {
    Router::new()
        .merge(control::router())
        .route(TOKEN_PATH, post(token))
        .fallback(manage)
        .with_state(server)
}

async fn token(
    State(server): State<Server>,
    Host(host): Host,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    let form = header(&headers, &CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let fields: Map<String, Value> = if form {
        url::form_urlencoded::parse(&body)
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect()
    } else {
        // What is not an object has no fields, and the endpoint then says which it needs.
        serde_json::from_slice(&body).unwrap_or_default()
    };
    let delivery = server.tenant.give_token(&fields, &host);
    deliver(&server, delivery).await
}

async fn manage(State(server): State<Server>, request: HttpRequest) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let Some(method) = method(&parts.method) else {
        return http(error_body(404, "Not Found"));
    };
    let query = parts.uri.query().unwrap_or_default();
    let mut request = Request {
        method,
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body: None,
    };
    let mut unreadable = None;
    match axum::body::to_bytes(body, LARGEST_BODY).await {
        Ok(bytes) if bytes.is_empty() => {}
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(body) => request.body = Some(body),
            Err(_) => unreadable = Some(error_body(400, "Invalid request payload JSON format")),
        },
        Err(_) => {
            let text =
                format!("Payload content length greater than maximum allowed: {LARGEST_BODY}");
            unreadable = Some(error_body(413, &text));
        }
    }
    let access = Access::Header(header(&parts.headers, &AUTHORIZATION));
    let fence = header(&parts.headers, &HeaderName::from_static(FENCE))
        .and_then(|number| number.parse().ok());
    let delivery = server.tenant.pass(&request, unreadable, access, fence);
    deliver(&server, delivery).await
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn method(method: &axum::http::Method) -> Option<Method> {
    match method.as_str() {
        "GET" => Some(Method::Get),
        "POST" => Some(Method::Post),
        "PUT" => Some(Method::Put),
        "PATCH" => Some(Method::Patch),
        "DELETE" => Some(Method::Delete),
        _ => None,
    }
}

async fn deliver(server: &Server, delivery: Delivery) -> HttpResponse {
    match delivery {
        Delivery::Answer(answer, after) => {
            wait(server, after).await;
            http(answer)
        }
        Delivery::Silence => {
            wait(server, LONGEST_SILENCE).await;
            cut()
        }
        Delivery::Cut => cut(),
        Delivery::Down => {
            server.stop.send_replace(Stop::Down);
            cut()
        }
    }
}

/// Waits, but not longer than the server runs.
async fn wait(server: &Server, time: Duration) {
    if time.is_zero() {
        return;
    }
    let mut stop = server.stop.subscribe();
    // Neither the end of the time nor of the server changes what follows.
    let _ = tokio::time::timeout(time, super::stopped(&mut stop)).await;
}

fn cut() -> HttpResponse {
    let mut answer = HttpResponse::new(Body::empty());
    answer.extensions_mut().insert(Cut);
    answer
}

/// The answer as HTTP.
pub(in crate::sim) fn http(answer: Response) -> HttpResponse {
    let (body, kind) = match answer.body {
        Payload::Empty => (Body::empty(), None),
        Payload::Json(json) => (
            Body::from(json.to_string()),
            Some("application/json; charset=utf-8"),
        ),
        Payload::Text(text) => (Body::from(text), Some("text/plain; charset=utf-8")),
    };
    let mut http = HttpResponse::new(body);
    *http.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(kind) = kind {
        http.headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            http.headers_mut().insert(name, value);
        }
    }
    http
}
