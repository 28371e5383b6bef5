//! The control API under `/_sim`, and the outbox page at `/`.
//!
//! | Call | Does |
//! |---|---|
//! | `POST /_sim/reset` | everything as after the start without a state file |
//! | `GET`, `PUT /_sim/state` | the tenant as the state file has it: `{"version": 1, "tenant": …}` |
//! | `GET`, `DELETE /_sim/calls` | the calls so far, see [`super::call::Call`]; forgets them |
//! | `POST`, `GET`, `DELETE /_sim/faults` | one script or a list, see [`super::fault::Script`] |
//! | `GET /_sim/outbox` | the messages that were sent, recipients masked |
//! | `GET /_sim/flows` | what end users do by phone, and whether it works |
//! | `POST /_sim/flows` | does it, so that a message is sent, see [`super::flow::Flow`] |
//! | `GET /_sim/phone` | provider, factor, message types and flows in one |
//! | `POST /_sim/clients` | adds an application: `{"name": …}` |
//! | `PUT /_sim/builds` | how slow builds and deployments of Actions are, in looks: see [`super::actions::Pace`] |
//! | `PUT /_sim/rate` | rate limits, see [`super::limit::Rates`]; `{}` for none |
//! | `PUT /_sim/scopes` | scopes: `{"scopes": […], "givenToo": true}`; `null` for all |
//! | `PUT /_sim/credentials` | see [`super::token::Credentials`] |
//! | `POST /_sim/revoke` | makes every token given so far invalid |
//!
//! Control calls are neither logged nor limited nor struck by faults. Refusals are
//! `{"message": …}`.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, http::HeaderName};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::Pace;
use super::fault::{Fault, Script};
use super::flow::Flow;
use super::limit::Rates;
use super::server::Server;
use super::state::StateError;
use super::store::Store;
use super::token::Credentials;

mod phone;

/// The version of the form of `/_sim/state`, which is the state file's.
const VERSION: u64 = 1;

const PAGE: &str = include_str!("outbox.html");

/// The routes of the control API, which are neither logged nor limited nor struck by faults.
pub(super) fn router() -> Router<Server> {
    Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/_sim/reset", post(reset))
        .route("/_sim/state", get(state).put(put_state))
        .route("/_sim/calls", get(calls).delete(clear_calls))
        .route(
            "/_sim/faults",
            get(faults).post(add_faults).delete(clear_faults),
        )
        .route("/_sim/outbox", get(outbox))
        .route("/_sim/phone", get(phone_state))
        .route("/_sim/flows", get(flows).post(try_flow))
        .route("/_sim/clients", post(add_client))
        .route("/_sim/builds", put(put_builds))
        .route("/_sim/rate", put(put_rate))
        .route("/_sim/scopes", put(put_scopes))
        .route("/_sim/credentials", put(put_credentials))
        .route("/_sim/revoke", post(revoke))
        .layer(middleware::from_fn(same_origin))
}

/// Why a control call is refused.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the body is not what this call takes: {0}")]
    Body(#[from] serde_json::Error),
    #[error("{0}")]
    Value(String),
    #[error(transparent)]
    State(#[from] StateError),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Body(_) | Self::Value(_) => StatusCode::BAD_REQUEST,
            Self::State(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({"message": self.to_string()}))).into_response()
    }
}

type Answer<T> = Result<T, Refusal>;

/// Reads a body as JSON whatever its content type says, so that `curl -d` will do.
fn read<T: DeserializeOwned>(body: &Bytes) -> Answer<T> {
    Ok(serde_json::from_slice(body)?)
}

/// Refuses calls that a web page of another origin makes in the user's browser.
async fn same_origin(headers: HeaderMap, request: Request, next: Next) -> Response {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign = text(&ORIGIN).is_some_and(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host.is_none() || host != text(&HOST)
    });
    if foreign {
        let message = json!({"message": "calls from pages of other origins are refused"});
        return (StatusCode::FORBIDDEN, Json(message)).into_response();
    }
    next.run(request).await
}

async fn reset(State(server): State<Server>) -> Answer<StatusCode> {
    server.tenant.reset()?;
    Ok(StatusCode::NO_CONTENT)
}

async fn state(State(server): State<Server>) -> Json<Value> {
    Json(json!({"version": VERSION, "tenant": server.tenant.store()}))
}

#[derive(Deserialize)]
struct WholeState {
    version: u64,
    tenant: Store,
}

async fn put_state(State(server): State<Server>, body: Bytes) -> Answer<StatusCode> {
    let WholeState { version, tenant } = read(&body)?;
    if version != VERSION {
        return Err(Refusal::Value(format!(
            "version {version} of the state is not known"
        )));
    }
    server.tenant.change(|store, _| *store = tenant)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn calls(State(server): State<Server>) -> impl IntoResponse {
    Json(server.tenant.calls())
}

async fn clear_calls(State(server): State<Server>) -> StatusCode {
    server.tenant.clear_calls();
    StatusCode::NO_CONTENT
}

async fn faults(State(server): State<Server>) -> Answer<Json<Vec<Value>>> {
    let list = server.tenant.faults().into_iter().map(|(script, seen)| {
        let mut entry = serde_json::to_value(script)?;
        entry["seen"] = seen.into();
        Ok(entry)
    });
    Ok(Json(list.collect::<Result<_, serde_json::Error>>()?))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Value>),
    One(Value),
}

async fn add_faults(State(server): State<Server>, body: Bytes) -> Answer<StatusCode> {
    let values = match read(&body)? {
        OneOrMany::Many(values) => values,
        OneOrMany::One(value) => vec![value],
    };
    let scripts = values
        .into_iter()
        .map(serde_json::from_value)
        .collect::<Result<Vec<Script>, _>>()?;
    for script in &scripts {
        if let Fault::Status { code, .. } | Fault::Html { code, .. } = script.fault
            && !(400..600).contains(&code)
        {
            return Err(Refusal::Value(format!(
                "{code} is not the status of an error"
            )));
        }
    }
    server.tenant.add_faults(scripts);
    Ok(StatusCode::CREATED)
}

async fn clear_faults(State(server): State<Server>) -> StatusCode {
    server.tenant.clear_faults();
    StatusCode::NO_CONTENT
}

async fn outbox(State(server): State<Server>) -> impl IntoResponse {
    Json(phone::messages(&server.tenant.store()))
}

async fn phone_state(State(server): State<Server>) -> impl IntoResponse {
    Json(phone::phone(server.tenant.store(), server.tenant.now()))
}

async fn flows(State(server): State<Server>) -> impl IntoResponse {
    Json(phone::trials(&server.tenant.store(), server.tenant.now()))
}

async fn try_flow(State(server): State<Server>, body: Bytes) -> Answer<impl IntoResponse> {
    let flow: Flow = read(&body)?;
    let change = server
        .tenant
        .change(|store, now| phone::trial(store, flow, now));
    Ok(Json(change?))
}

#[derive(Deserialize)]
struct NewClient {
    name: String,
}

async fn add_client(State(server): State<Server>, body: Bytes) -> Answer<impl IntoResponse> {
    let NewClient { name } = read(&body)?;
    let id = server.tenant.change(|store, _| store.seed_client(&name))?;
    let answer = json!({"client_id": id, "name": name});
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn put_builds(State(server): State<Server>, body: Bytes) -> Answer<StatusCode> {
    let pace: Pace = read(&body)?;
    server.tenant.change(|store, _| store.set_pace(pace))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn put_rate(State(server): State<Server>, body: Bytes) -> Answer<StatusCode> {
    let rates: Rates = read(&body)?;
    let set = server.tenant.set_rates(&rates);
    set.map_err(|error| Refusal::Value(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewScopes {
    /// `null` allows everything.
    scopes: Option<BTreeSet<String>>,
    /// Whether tokens given before carry them, too.
    #[serde(default)]
    given_too: bool,
}

async fn put_scopes(State(server): State<Server>, body: Bytes) -> Answer<StatusCode> {
    let NewScopes { scopes, given_too } = read(&body)?;
    server.tenant.set_scopes(scopes, given_too);
    Ok(StatusCode::NO_CONTENT)
}

async fn put_credentials(State(server): State<Server>, body: Bytes) -> Answer<StatusCode> {
    let credentials: Credentials = read(&body)?;
    server.tenant.set_credentials(credentials);
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(State(server): State<Server>) -> StatusCode {
    server.tenant.revoke_tokens();
    StatusCode::NO_CONTENT
}
