//! The fence before writes, and what an observer is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialtone::auth0::client::{Call, CallObserver, Connection, Fence, Timing};
use dialtone::auth0::error::{ApiError, Class, Kind};
use dialtone::auth0::exchange::{Exchange, Method, Request};
use serde_json::json;

use super::support::{READ, Reply, Server};

/// A fence that lets so many questions pass.
struct Gate(AtomicUsize);

impl Gate {
    fn new(passes: usize) -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(passes)))
    }
}

impl Fence for Gate {
    fn may_write(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
            .is_ok()
    }
}

/// A fence that is shut once the server has been asked for a token.
struct ShutByToken(Server);

impl Fence for ShutByToken {
    fn may_write(&self) -> bool {
        self.0.token_calls().is_empty()
    }
}

fn write() -> Request {
    Request::new(Method::Patch, READ).json(json!({"disabled": true}))
}

async fn refused(client: &impl Exchange) -> ApiError {
    let request = write();
    let no_answer = client.send(request.clone()).await.unwrap_err();
    ApiError::from_no_answer(&request, no_answer)
}

#[tokio::test]
async fn behind_a_shut_fence_nothing_is_written_and_reads_go_on() {
    let server = Server::start().await;
    let client = server.client().with_fence(Gate::new(0));
    let error = refused(&client).await;
    assert_eq!(
        (error.kind.clone(), error.class),
        (Kind::Fenced, Class::Transient)
    );
    assert!(
        error.to_string().contains("this replica no longer leads"),
        "{error}"
    );
    assert!(!error.may_have_taken_effect());
    assert!(server.calls().is_empty());
    assert!(server.token_calls().is_empty(), "no token for nothing");
    client.send(Request::get(READ)).await.unwrap();
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn the_fence_is_asked_after_all_that_takes_time() {
    let server = Server::start().await;
    let fence = Arc::new(ShutByToken(server.clone()));
    let client = server.client().with_fence(fence);
    assert_eq!(refused(&client).await.kind, Kind::Fenced);
    assert_eq!(server.token_calls().len(), 1);
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn the_fence_is_asked_before_each_repetition() {
    for reply in [
        Reply::error(429, "Global limit has been reached"),
        Reply::error(401, "Invalid token"),
    ] {
        let server = Server::start().await;
        // Each round asks before the token and before the call.
        let client = server.client().with_fence(Gate::new(3));
        server.reply(reply);
        assert_eq!(refused(&client).await.kind, Kind::Fenced);
        assert_eq!(server.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_fence_in_the_open_is_not_in_the_way() {
    let server = Server::start().await;
    let client = server.client().with_fence(Gate::new(2));
    assert_eq!(client.send(write()).await.unwrap().status, 200);
}

#[derive(Default)]
struct Heard {
    calls: Mutex<Vec<Call>>,
    held_back: AtomicUsize,
}

impl CallObserver for Heard {
    fn called(&self, call: &Call) {
        self.calls.lock().unwrap().push(*call);
    }

    fn held_back(&self) {
        self.held_back.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn an_observer_is_told_of_every_call_that_the_server_saw() {
    let server = Server::start().await;
    let heard = Arc::new(Heard::default());
    let client = server
        .client()
        .with_observer(Arc::clone(&heard) as Arc<dyn CallObserver>);
    server
        .reply(Reply::error(503, "busy"))
        .reply(Reply::json(200, &json!({})).header("x-ratelimit-remaining", 7));
    let path = format!("{READ}/pro_4711");
    client.send(Request::get(&path)).await.unwrap();
    let calls = heard.calls.lock().unwrap().clone();
    let told: Vec<_> = calls
        .iter()
        .map(|call| (call.method, call.endpoint, call.status, call.remaining))
        .collect();
    let provider = "/api/v2/branding/phone/providers/{id}";
    assert_eq!(
        told,
        [
            (Method::Post, "/oauth/token", Some(200), None),
            (Method::Get, provider, Some(503), None),
            (Method::Get, provider, Some(200), Some(7)),
        ]
    );
}

#[tokio::test]
async fn an_observer_is_told_of_waiting_and_of_being_held_back() {
    let server = Server::start().await;
    let heard = Arc::new(Heard::default());
    let connection = Connection {
        timing: Timing {
            max_wait: Duration::from_secs(30),
            ..Timing::default()
        },
        ..server.connection()
    };
    let client = server
        .client_with(connection)
        .with_observer(Arc::clone(&heard) as Arc<dyn CallObserver>);
    server.reply(Reply::error(429, "limit").header("retry-after", 20));
    client.send(Request::get(READ)).await.unwrap();
    let waited = heard.calls.lock().unwrap().last().unwrap().waited;
    assert!(waited >= Duration::from_secs(20), "{waited:?}");
    server.reply(Reply::error(429, "limit").header("retry-after", 600));
    client.send(Request::get(READ)).await.unwrap_err();
    assert_eq!(heard.held_back.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_observer_is_told_of_a_call_without_an_answer() {
    let server = Server::at("http://127.0.0.1:9".to_owned());
    let heard = Arc::new(Heard::default());
    let client = server
        .client()
        .with_observer(Arc::clone(&heard) as Arc<dyn CallObserver>);
    client.send(Request::get(READ)).await.unwrap_err();
    let calls = heard.calls.lock().unwrap();
    assert!(!calls.is_empty());
    assert!(calls.iter().all(|call| call.status.is_none()));
}
