//! Lost, late, cut-off and strange answers: reads are repeated, writes never.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dialtone::auth0::client::{Connection, Timing};
use dialtone::auth0::error::{Class, Kind, classify};
use dialtone::auth0::exchange::{Exchange, Method, NoAnswer, Payload, Request};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::{READ, Reply, Server};

const GRANT: &str = r#"{"access_token":"token-1","expires_in":86400}"#;

fn write() -> Request {
    Request::new(Method::Patch, READ).json(json!({"disabled": true}))
}

/// A server that grants a token and then breaks every other connection off after `part`.
async fn breaking(part: &'static str) -> (Server, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::at(format!("http://{}", listener.local_addr().unwrap()));
    let broken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&broken);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 65_536];
            let read = stream.read(&mut buffer).await.unwrap();
            let answer = if buffer[..read].starts_with(b"POST /oauth/token") {
                let length = GRANT.len();
                format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{GRANT}"
                )
            } else {
                count.fetch_add(1, Ordering::SeqCst);
                part.to_owned()
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (server, broken)
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_but_a_write_is_not_repeated() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"prov";
    for part in ["", "HTTP/1.1 2", cut] {
        let (server, broken) = breaking(part).await;
        let client = server.client();
        assert_eq!(
            client.send(Request::get(READ)).await,
            Err(NoAnswer::Lost),
            "{part}"
        );
        assert_eq!(broken.swap(0, Ordering::SeqCst), 3, "{part}");
        assert_eq!(client.send(write()).await, Err(NoAnswer::Lost), "{part}");
        assert_eq!(broken.load(Ordering::SeqCst), 1, "{part}");
    }
}

#[tokio::test]
async fn an_error_whose_body_is_cut_off_is_an_answer_still() {
    let (server, _) =
        breaking("HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n{\"st").await;
    let answer = server.client().send(write()).await.unwrap();
    assert_eq!(answer.status, 400);
    let error = classify(&write(), &answer).unwrap();
    assert_eq!(error.kind, Kind::NotJson);
}

#[tokio::test]
async fn an_answer_that_comes_late_is_no_answer() {
    let server = Server::start().await;
    let client = server.client_with(Connection {
        timing: Timing {
            answer: Duration::from_millis(500),
            ..Timing::default()
        },
        ..server.connection()
    });
    server.reply(Reply::hang());
    assert_eq!(client.send(write()).await, Err(NoAnswer::TimedOut));
    assert_eq!(server.calls().len(), 1);
    server.reply(Reply::hang());
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 200);
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn a_refused_connection_was_surely_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::at(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let client = server.client();
    let answer = client.send(write()).await;
    let Err(NoAnswer::Prevented(error)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        (&error.kind, error.class),
        (&Kind::NotSent, Class::Transient)
    );
    assert!(error.message.contains("refused"), "{error}");
    assert_eq!(client.pacer().stats().calls, 3);
}

#[tokio::test]
async fn a_page_of_a_proxy_is_summarised_and_a_read_is_repeated() {
    let server = Server::start().await;
    let client = server.client();
    let page = "<html><head><title>502 Bad Gateway</title></head><body>planted</body></html>";
    server.reply(Reply::text(502, page));
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 200);
    assert_eq!(server.calls().len(), 2);
    server.reply(Reply::text(502, page));
    let answer = client.send(write()).await.unwrap();
    assert_eq!(server.calls().len(), 3);
    let error = classify(&write(), &answer).unwrap();
    assert_eq!(
        (&error.kind, error.class),
        (&Kind::Server, Class::Transient)
    );
    assert_eq!(error.message, "an HTML page titled \"502 Bad Gateway\"");
}

#[tokio::test]
async fn a_conflict_is_not_repeated() {
    let server = Server::start().await;
    server.reply(Reply::error(
        409,
        "A connection with the same name already exists",
    ));
    assert_eq!(server.client().send(write()).await.unwrap().status, 409);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::start().await;
    server.reply(Reply::text(302, "").header("location", format!("{}/elsewhere", server.endpoint)));
    let answer = server.client().send(Request::get(READ)).await.unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let server = Server::start().await;
    server.reply(Reply::text(200, vec![b'['; 9 * 1024 * 1024]));
    let answer = server.client().send(Request::get(READ)).await.unwrap();
    let Payload::Text(text) = &answer.body else {
        panic!("not cut off");
    };
    assert!(text.len() <= 8 * 1024 * 1024);
    let error = classify(&Request::get(READ), &answer).unwrap();
    assert_eq!(error.kind, Kind::NotJson);
    assert!(error.to_string().len() < 500);
}

#[tokio::test]
async fn no_content_is_an_empty_payload_and_the_query_arrives_as_given() {
    let server = Server::start().await;
    server.reply(Reply::text(204, ""));
    let request = Request::get("/api/v2/connections").query("strategy", "sms");
    let answer = server
        .client()
        .send(request.query("q", "a b&c"))
        .await
        .unwrap();
    assert_eq!((answer.status, answer.body), (204, Payload::Empty));
    assert_eq!(server.calls()[0].method, "GET");
    assert_eq!(server.calls()[0].path, "/api/v2/connections");
}
