//! Nothing that is logged, at any level and by any crate, holds a secret.

use dialtone::auth0::client::Connection;
use dialtone::auth0::exchange::{Exchange, Method, Request};
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

use super::captured::Captured;
use super::support::{CLIENT_SECRET, READ, Reply, Server};
use super::tls;

#[tokio::test]
async fn no_log_at_trace_level_holds_a_secret() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    // While there is only one dispatcher, tracing asks a thread's own whether an event is wanted
    // and keeps the answer for all threads; other tests run on threads that have none.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_writer(std::io::sink)
            .finish(),
    );
    let guard = tracing::subscriber::set_default(subscriber);
    let (plain, (h1, h1_ca), (h2, h2_ca)) = (
        Server::start().await,
        tls::start("http/1.1"),
        tls::start("h2"),
    );
    for (server, ca_bundle) in [(plain, None), (h1, Some(h1_ca)), (h2, Some(h2_ca))] {
        let client = server.client_with(Connection {
            ca_bundle,
            ..server.connection()
        });
        let body = json!({"credentials": {"auth_token": "planted-twilio-token"}});
        let write = || Request::new(Method::Patch, READ).json(body.clone());
        let echo = "Payload validation error: 'planted-twilio-token'";
        server
            .reply(Reply::error(400, echo))
            .reply(Reply::error(429, echo))
            .reply(Reply::error(401, echo));
        for _ in 0..4 {
            client.send(write()).await.unwrap();
        }
        let refusal = json!({"error": "access_denied", "error_description": CLIENT_SECRET});
        server.revoke_tokens();
        server.reply_token(Reply::json(401, &refusal));
        client.send(write()).await.unwrap_err();
        assert!(format!("{client:?}").contains("client-1"));
    }
    drop(guard);
    let log = captured.text();
    for told in [
        "method=PATCH",
        READ,
        "status=400",
        "duration=",
        "throttled",
        "no access token",
    ] {
        assert!(log.contains(told), "{told} is not logged");
    }
    for planted in [
        CLIENT_SECRET,
        "planted-twilio-token",
        "token-1",
        "token-2",
        "Bearer",
    ] {
        let line = log.lines().find(|line| line.contains(planted));
        assert_eq!(line, None, "{planted} is logged");
    }
}
