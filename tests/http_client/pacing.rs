//! The rate limit: what is learnt, and that nobody calls during a pause.

use std::sync::Arc;
use std::time::Duration;

use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::clock::Clock;
use dialtone::auth0::exchange::{Exchange, Method, NoAnswer, Request};
use dialtone::auth0::pacer::{Pacer, RateLimit};
use futures::future::join_all;
use serde_json::json;

use super::support::{READ, Reply, Server};

const RESET: u64 = 20;

fn limited(server: &Server) -> Reply {
    let reset = server.clock.now().wall.as_second() + i64::try_from(RESET).unwrap();
    Reply::error(429, "Global limit has been reached")
        .header("x-ratelimit-limit", 10)
        .header("x-ratelimit-remaining", 0)
        .header("x-ratelimit-reset", reset)
}

#[tokio::test]
async fn between_a_429_and_its_reset_there_is_no_call_not_even_by_other_clients() {
    let server = Server::start().await;
    let limit = RateLimit::new(1000.0, 1000);
    let pacer = Arc::new(Pacer::with_clock(limit, Arc::new(server.clock.clone())));
    let tokens = Arc::default();
    let client =
        || HttpClient::new(server.connection(), Arc::clone(&tokens), Arc::clone(&pacer)).unwrap();
    let (one, two) = (client(), client());
    one.send(Request::get(READ)).await.unwrap();
    server.reply(limited(&server));
    let first = one.send(Request::new(Method::Patch, READ).json(json!({})));
    assert_eq!(
        first.await.unwrap().status,
        200,
        "a 429 was not carried out: it is safe"
    );
    let after = join_all((0..10).map(|_| two.send(Request::get(READ)))).await;
    assert!(
        after
            .into_iter()
            .all(|answer| answer.unwrap().status == 200)
    );
    let calls = server.calls();
    assert_eq!(calls.len(), 1 + 2 + 10);
    let early = calls
        .iter()
        .skip(2)
        .filter(|call| call.at < Duration::from_secs(RESET));
    assert_eq!(early.count(), 0);
    assert!(
        calls
            .iter()
            .all(|call| call.at <= Duration::from_secs(RESET * 6 / 5 + 1))
    );
    assert_eq!(pacer.stats().throttled, 1);
}

#[tokio::test]
async fn a_pause_longer_than_the_patience_is_reported_at_once_with_its_end() {
    let server = Server::start().await;
    let client = server.client_with(Connection {
        timing: Timing {
            max_wait: Duration::from_secs(5),
            ..Timing::default()
        },
        ..server.connection()
    });
    server.reply(limited(&server));
    let began = server.clock.now();
    for _ in 0..3 {
        let answer = client.send(Request::get(READ)).await;
        let Err(NoAnswer::Throttled { until }) = answer else {
            panic!("{answer:?}");
        };
        assert!(until >= began.wall + Duration::from_secs(RESET));
    }
    assert_eq!(server.calls().len(), 1);
    assert!(
        server.clock.now().elapsed < Duration::from_secs(5),
        "nobody waited"
    );
}

#[tokio::test]
async fn a_limit_that_stays_is_given_back_after_a_few_tries() {
    let server = Server::start().await;
    let client = server.client();
    for _ in 0..10 {
        server.reply(Reply::error(429, "Global limit has been reached"));
    }
    let answer = client.send(Request::get(READ)).await;
    assert!(
        matches!(answer, Err(NoAnswer::Throttled { .. })),
        "{answer:?}"
    );
    assert!(server.calls().len() <= 4, "{}", server.calls().len());
}

#[tokio::test]
async fn a_throttled_token_request_holds_everything() {
    let server = Server::start().await;
    let client = server.client_with(Connection {
        timing: Timing {
            max_wait: Duration::from_secs(5),
            ..Timing::default()
        },
        ..server.connection()
    });
    let quota = json!({"error": "too_many_requests", "error_description": "Client quota exceeded"});
    server.reply_token(Reply::json(429, &quota).header("retry-after", 600));
    let answer = client.send(Request::get(READ)).await;
    let Err(NoAnswer::Throttled { until }) = answer else {
        panic!("{answer:?}");
    };
    assert!(until >= server.clock.now().wall + Duration::from_secs(590));
    assert_eq!(server.calls().len(), 0);
}

#[tokio::test]
async fn a_spent_bucket_is_not_run_into() {
    let server = Server::start().await;
    let client = server.client();
    let reset = server.clock.now().wall.as_second() + 3;
    let spent = Reply::json(200, &json!({}))
        .header("x-ratelimit-limit", 10)
        .header("x-ratelimit-remaining", 0)
        .header("x-ratelimit-reset", reset);
    server.reply(spent);
    client.send(Request::get(READ)).await.unwrap();
    client.send(Request::get(READ)).await.unwrap();
    assert!(server.calls()[1].at >= Duration::from_secs(3));
}
