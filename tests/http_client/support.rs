//! A server that answers by script and keeps what it was asked, and a clock that nobody waits for.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::Response as HttpResponse;
use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::clock::{Clock, Now};
use dialtone::auth0::credential::Credential;
use dialtone::auth0::pacer::{Pacer, RateLimit};
use dialtone::auth0::token::TokenCache;
use dialtone::phone::secret::Secret;
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const DOMAIN: &str = "acme.eu.auth0.com";
pub(crate) const CLIENT_SECRET: &str = "planted-client-secret";
pub(crate) const READ: &str = "/api/v2/branding/phone/providers";

/// A clock whose sleepers wake at once and move it on.
#[derive(Clone, Debug, Default)]
pub(crate) struct SimulatedClock(Arc<AtomicU64>);

impl SimulatedClock {
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.fetch_add(millis(duration), Ordering::SeqCst);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Now {
        let elapsed = Duration::from_millis(self.0.load(Ordering::SeqCst));
        Now {
            elapsed,
            wall: Timestamp::from_second(1_700_000_000).unwrap() + elapsed,
        }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let time = Arc::clone(&self.0);
        let end = millis(self.now().elapsed + duration);
        Box::pin(async move {
            time.fetch_max(end, Ordering::SeqCst);
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap()
}

/// One request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) body: Value,
    pub(crate) at: Duration,
}

/// One scripted answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) hang: bool,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string().into_bytes(),
            hang: false,
        }
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        let phrase = "phrase";
        Self::json(
            status,
            &json!({"statusCode": status, "error": phrase, "message": message}),
        )
    }

    pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            headers: vec![("content-type", "text/html".to_owned())],
            body: body.into(),
            ..Self::json(status, &Value::Null)
        }
    }

    pub(crate) fn hang() -> Self {
        Self {
            hang: true,
            ..Self::text(200, "")
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }
}

#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    replies: VecDeque<Reply>,
    token_replies: VecDeque<Reply>,
    tokens: u64,
    accept_from: u64,
}

/// The server. Without a script it grants `token-1`, `token-2` … and answers `{"ok":true}` to
/// whoever shows one.
#[derive(Clone)]
pub(crate) struct Server {
    script: Arc<Mutex<Script>>,
    pub(crate) clock: SimulatedClock,
    pub(crate) endpoint: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = Self::at(endpoint);
        let router = server.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(crate) fn at(endpoint: String) -> Self {
        Self {
            script: Arc::default(),
            clock: SimulatedClock::default(),
            endpoint,
        }
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    pub(crate) fn reply(&self, reply: Reply) -> &Self {
        self.script.lock().unwrap().replies.push_back(reply);
        self
    }

    pub(crate) fn reply_token(&self, reply: Reply) -> &Self {
        self.script.lock().unwrap().token_replies.push_back(reply);
        self
    }

    /// From now on only tokens granted later are accepted.
    pub(crate) fn revoke_tokens(&self) {
        let mut script = self.script.lock().unwrap();
        script.accept_from = script.tokens + 1;
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        let calls = &self.script.lock().unwrap().calls;
        let management = calls.iter().filter(|call| call.path != "/oauth/token");
        management.cloned().collect()
    }

    pub(crate) fn token_calls(&self) -> Vec<Call> {
        let calls = &self.script.lock().unwrap().calls;
        let token = calls.iter().filter(|call| call.path == "/oauth/token");
        token.cloned().collect()
    }

    pub(crate) fn connection(&self) -> Connection {
        let secret = Secret::new(CLIENT_SECRET);
        Connection {
            domain: DOMAIN.to_owned(),
            endpoint: Some(self.endpoint.clone()),
            ca_bundle: None,
            credential: Credential::client_secret("client-1", secret).unwrap(),
            timing: Timing::default(),
        }
    }

    /// A pacer that lets everything through but what the server forbids.
    pub(crate) fn pacer(&self) -> Arc<Pacer> {
        let limit = RateLimit::new(1000.0, 1000);
        Arc::new(Pacer::with_clock(limit, Arc::new(self.clock.clone())))
    }

    pub(crate) fn client(&self) -> HttpClient {
        self.client_with(self.connection())
    }

    pub(crate) fn client_with(&self, connection: Connection) -> HttpClient {
        HttpClient::new(connection, Arc::default(), self.pacer()).unwrap()
    }

    pub(crate) fn client_sharing(&self, tokens: &Arc<TokenCache>, secret: &str) -> HttpClient {
        let connection = Connection {
            credential: Credential::client_secret("client-1", Secret::new(secret)).unwrap(),
            ..self.connection()
        };
        HttpClient::new(connection, Arc::clone(tokens), self.pacer()).unwrap()
    }

    fn next(&self, call: Call) -> Reply {
        let mut script = self.script.lock().unwrap();
        let authorization = call.authorization.clone();
        let token_request = call.path == "/oauth/token";
        script.calls.push(call);
        if token_request {
            if let Some(reply) = script.token_replies.pop_front() {
                return reply;
            }
            script.tokens += 1;
            let token = format!("token-{}", script.tokens);
            let grant = json!({"access_token": token, "token_type": "Bearer", "expires_in": 86400});
            return Reply::json(200, &grant);
        }
        let number = authorization
            .as_deref()
            .and_then(|text| text.strip_prefix("Bearer token-"))
            .and_then(|number| number.parse::<u64>().ok());
        if number.is_none_or(|number| number < script.accept_from) {
            return Reply::error(401, "Invalid token");
        }
        let fallback = Reply::json(200, &json!({"ok": true}));
        script.replies.pop_front().unwrap_or(fallback)
    }
}

async fn answer(State(server): State<Server>, request: HttpRequest) -> HttpResponse<Body> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let header = |name: &str| {
        let value = parts.headers.get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    let reply = server.next(Call {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        authorization: header("authorization"),
        user_agent: header("user-agent"),
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        at: server.clock.now().elapsed,
    });
    if reply.hang {
        std::future::pending::<()>().await;
    }
    let mut response = HttpResponse::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}
