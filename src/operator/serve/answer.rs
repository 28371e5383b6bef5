//! What is answered to which request.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Health;
use crate::operator::logging::LogLevel;
use crate::operator::metrics::{self, Metrics};

/// The longest body that is read: a filter is a line.
const LONGEST_BODY: usize = 4096;

pub(super) fn public(metrics: Metrics, health: Health) -> Router {
    let probes = Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .with_state(health);
    Router::new()
        .route("/metrics", get(exposition))
        .with_state(metrics)
        .merge(probes)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
}

pub(super) fn admin(log: LogLevel) -> Router {
    Router::new()
        .route("/log-level", get(log_level).put(set_log_level))
        .with_state(log)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
}

async fn live(State(health): State<Health>) -> Response {
    probe(health.live())
}

async fn ready(State(health): State<Health>) -> Response {
    probe(health.ready())
}

fn probe(answer: Result<String, String>) -> Response {
    match answer {
        Ok(line) => text(StatusCode::OK, &line),
        Err(line) => text(StatusCode::SERVICE_UNAVAILABLE, &line),
    }
}

async fn exposition(State(metrics): State<Metrics>) -> Response {
    match metrics.encode() {
        Ok(page) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], page).into_response(),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn log_level(State(log): State<LogLevel>) -> Response {
    text(StatusCode::OK, &log.current())
}

async fn set_log_level(State(log): State<LogLevel>, filter: String) -> Response {
    match log.set(&filter) {
        Ok(()) => {
            tracing::info!(filter = log.current(), "the log filter was changed");
            text(StatusCode::OK, &log.current())
        }
        Err(error) => text(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn text(status: StatusCode, line: &str) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], format!("{line}\n")).into_response()
}
