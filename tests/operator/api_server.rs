//! An API server that keeps one Lease in memory, as strict about versions as the real one.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::http::{Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

const COLLECTION: &str = "/apis/coordination.k8s.io/v1/namespaces/dialtone/leases";

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    #[default]
    Well,
    /// It takes requests and never answers.
    Hanging,
    /// It carries requests out and loses the answers.
    LosingAnswers,
    /// It refuses everything, as to somebody without a role.
    Forbidding,
}

type Intruder = Box<dyn FnOnce(&mut Option<Value>) + Send>;

#[derive(Default)]
struct State {
    lease: Option<Value>,
    version: u64,
    mood: Mood,
    writes: Vec<Value>,
    intruder: Option<Intruder>,
}

/// The server; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct ApiServer(Arc<Mutex<State>>);

impl ApiServer {
    pub(crate) fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        Client::new(service, "dialtone")
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    /// The Lease as it is.
    pub(crate) fn lease(&self) -> Option<Value> {
        self.0.lock().unwrap().lease.clone()
    }

    pub(crate) fn holder(&self) -> String {
        let lease = self.lease().unwrap_or_default();
        lease["spec"]["holderIdentity"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// What was written and accepted.
    pub(crate) fn writes(&self) -> Vec<Value> {
        self.0.lock().unwrap().writes.clone()
    }

    /// Somebody changes the Lease now.
    pub(crate) fn meddle(&self, change: impl FnOnce(&mut Option<Value>)) {
        meddle(&mut self.0.lock().unwrap(), change);
    }

    /// Somebody changes the Lease just before the next write arrives.
    pub(crate) fn meddle_before_next_write(
        &self,
        change: impl FnOnce(&mut Option<Value>) + Send + 'static,
    ) {
        self.0.lock().unwrap().intruder = Some(Box::new(change));
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.unwrap();
        let mood = self.0.lock().unwrap().mood;
        match mood {
            Mood::Hanging => std::future::pending().await,
            Mood::Forbidding => return refusal(StatusCode::FORBIDDEN, "Forbidden"),
            Mood::Well | Mood::LosingAnswers => {}
        }
        let sent: Option<Value> = serde_json::from_slice(&body).ok();
        let answer = self.carry_out(parts.method.as_str(), parts.uri.path(), sent);
        if mood == Mood::LosingAnswers {
            std::future::pending::<()>().await;
        }
        answer
    }

    fn carry_out(&self, method: &str, path: &str, sent: Option<Value>) -> Response<Body> {
        let mut state = self.0.lock().unwrap();
        if method != "GET"
            && let Some(intruder) = state.intruder.take()
        {
            meddle(&mut state, intruder);
        }
        let item = format!("{COLLECTION}/operator");
        match (method, &state.lease) {
            ("GET", Some(lease)) if path == item => found(lease),
            ("GET", None) if path == item => refusal(StatusCode::NOT_FOUND, "NotFound"),
            ("POST", None) if path == COLLECTION => write(&mut state, sent.unwrap()),
            ("POST", Some(_)) if path == COLLECTION => {
                refusal(StatusCode::CONFLICT, "AlreadyExists")
            }
            ("PUT", Some(lease)) if path == item => {
                let sent = sent.unwrap();
                let version = |lease: &Value| lease["metadata"]["resourceVersion"].clone();
                if version(&sent) == version(lease) {
                    write(&mut state, sent)
                } else {
                    refusal(StatusCode::CONFLICT, "Conflict")
                }
            }
            _ => refusal(StatusCode::NOT_FOUND, "NotFound"),
        }
    }
}

fn meddle(state: &mut State, change: impl FnOnce(&mut Option<Value>)) {
    change(&mut state.lease);
    state.version += 1;
    let version = state.version.to_string();
    if let Some(lease) = &mut state.lease {
        lease["metadata"]["resourceVersion"] = json!(version);
    }
}

fn write(state: &mut State, mut sent: Value) -> Response<Body> {
    let seconds = sent["spec"]["leaseDurationSeconds"].as_i64();
    assert!(
        seconds.is_some_and(|seconds| seconds > 0),
        "the API server takes no other"
    );
    state.version += 1;
    sent["metadata"]["resourceVersion"] = json!(state.version.to_string());
    state.writes.push(sent.clone());
    let answer = found(&sent);
    state.lease = Some(sent);
    answer
}

fn found(lease: &Value) -> Response<Body> {
    Response::new(Body::from(lease.to_string().into_bytes()))
}

fn refusal(status: StatusCode, reason: &str) -> Response<Body> {
    let body = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": "refused",
        "reason": reason,
        "code": status.as_u16(),
    });
    let mut response = Response::new(Body::from(body.to_string().into_bytes()));
    *response.status_mut() = status;
    response
}
