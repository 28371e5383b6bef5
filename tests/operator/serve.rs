//! Probes, metrics and the log level over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use dialtone::operator::logging::{self, LogFormat, LogLevel};
use dialtone::operator::metrics::Metrics;
use dialtone::operator::serve::{Health, Role, ServeConfig, Serving, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::captured::Captured;

fn level() -> LogLevel {
    let layer = logging::layer::<Registry, _>("warn", LogFormat::Text, false, std::io::sink);
    layer.unwrap().1
}

async fn start(health: &Health, log: LogLevel) -> Serving {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = ServeConfig {
        listen: any,
        admin: Some(any),
    };
    let metrics = Metrics::new();
    metrics.leading(true);
    serve(config, metrics, health.clone(), log).await.unwrap()
}

/// The status, the head and the body of the answer to one request.
async fn ask(addr: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: it\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

async fn get(addr: SocketAddr, path: &str) -> (u16, String) {
    let (status, _, body) = ask(addr, "GET", path, "").await;
    (status, body)
}

#[tokio::test]
async fn probes_tell_whether_and_as_what_a_replica_is_ready() {
    let health = Health::new();
    let serving = start(&health, level()).await;
    let addr = serving.addr;
    assert_eq!(get(addr, "/healthz").await, (200, "alive\n".to_owned()));
    let (status, line) = get(addr, "/readyz").await;
    assert_eq!(status, 503);
    assert!(line.contains("the Lease was not looked at yet"), "{line}");
    health.set_synced();
    assert_eq!(
        get(addr, "/readyz").await,
        (200, "ready: standby\n".to_owned())
    );
    health.set_role(Role::Leader);
    assert_eq!(
        get(addr, "/readyz").await,
        (200, "ready: leader\n".to_owned())
    );
    health.set_role(Role::Stopping);
    assert_eq!(get(addr, "/readyz").await.0, 503);
    assert_eq!(get(addr, "/healthz").await.0, 200);
    assert_eq!(get(addr, "/").await.0, 404);
    assert_eq!(ask(addr, "POST", "/healthz", "").await.0, 405);
}

#[tokio::test]
async fn metrics_are_openmetrics() {
    let serving = start(&Health::new(), level()).await;
    let (status, head, page) = ask(serving.addr, "GET", "/metrics", "").await;
    assert_eq!(status, 200);
    let kind = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.contains(kind), "{head}");
    assert!(page.contains("\ndialtone_leader 1\n"), "{page}");
    assert!(page.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_log_level_is_not_served_where_everybody_comes() {
    let serving = start(&Health::new(), level()).await;
    assert_eq!(ask(serving.addr, "PUT", "/log-level", "debug").await.0, 404);
    assert_eq!(get(serving.admin.unwrap(), "/metrics").await.0, 404);
    assert!(ServeConfig::default().admin.unwrap().ip().is_loopback());
    let config = ServeConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        admin: None,
    };
    let without = serve(config, Metrics::new(), Health::new(), level()).await;
    assert_eq!(without.unwrap().admin, None);
}

#[tokio::test]
async fn the_log_level_can_be_read_and_changed_while_the_program_runs() {
    let captured = Captured::default();
    let (layer, log) = logging::layer("warn", LogFormat::Text, false, captured.clone()).unwrap();
    // A second dispatcher, or tracing would keep what this thread's says for all threads.
    let _second = tracing::Dispatch::new(Registry::default());
    let _guard = tracing::subscriber::set_default(Registry::default().with(layer));
    let serving = start(&Health::new(), log).await;
    let admin = serving.admin.unwrap();
    let told = |word: &'static str| {
        tracing::debug!(word);
        captured.text().contains(word)
    };
    assert!(!told("before"));
    assert_eq!(get(admin, "/log-level").await, (200, "warn\n".to_owned()));
    let (status, _, body) = ask(admin, "PUT", "/log-level", "info,operator=debug\n").await;
    assert_eq!((status, body.as_str()), (200, "info,operator=debug\n"));
    assert!(told("after"));
    for bad in ["debgu", "", "info,operator=loud"] {
        let (status, _, reason) = ask(admin, "PUT", "/log-level", bad).await;
        assert_eq!(status, 400, "{bad:?}");
        assert!(reason.len() > 10, "{reason}");
    }
    assert_eq!(get(admin, "/log-level").await.1, "info,operator=debug\n");
    assert!(told("still"), "what was is kept");
    let (status, _, _) = ask(admin, "PUT", "/log-level", &"x".repeat(5000)).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn lines_in_json_are_json_and_have_their_span() {
    let captured = Captured::default();
    let (layer, _log) = logging::layer("info", LogFormat::Json, true, captured.clone()).unwrap();
    let _second = tracing::Dispatch::new(Registry::default());
    let _guard = tracing::subscriber::set_default(Registry::default().with(layer));
    tracing::info_span!("pass", tenant = "default/acme").in_scope(|| {
        tracing::warn!(status = 429, "throttled");
    });
    let text = captured.text();
    let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&line["level"], &line["message"]),
        (&"WARN".into(), &"throttled".into())
    );
    assert_eq!(line["status"], 429);
    assert_eq!(line["span"]["tenant"], "default/acme");
}

#[tokio::test]
async fn lines_for_people_leave_out_what_is_for_traces() {
    let captured = Captured::default();
    let (layer, _log) = logging::layer("info", LogFormat::Text, false, captured.clone()).unwrap();
    let _second = tracing::Dispatch::new(Registry::default());
    let _guard = tracing::subscriber::set_default(Registry::default().with(layer));
    let span = tracing::info_span!(
        "auth0",
        otel.name = "GET it",
        otel.kind = "client",
        path = "/it"
    );
    span.in_scope(|| tracing::warn!("throttled"));
    let text = captured.text();
    assert!(text.contains("auth0{path=\"/it\"}"), "{text}");
    assert!(!text.contains("otel"), "{text}");
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_is_let_go() {
    let serving = start(&Health::new(), level()).await;
    let mut slow = TcpStream::connect(serving.addr).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost:")
        .await
        .unwrap();
    let mut left = Vec::new();
    // Either way of ending the connection will do; that it ends is what counts.
    let ended = tokio::time::timeout(Duration::from_mins(1), slow.read_to_end(&mut left));
    let _ = ended.await.unwrap();
    assert!(!left.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn many_idle_clients_do_not_keep_a_probe_out_for_good() {
    let serving = start(&Health::new(), level()).await;
    let mut idle = Vec::new();
    for _ in 0..130 {
        idle.push(TcpStream::connect(serving.addr).await.unwrap());
    }
    let patience = tokio::time::timeout(Duration::from_mins(1), get(serving.addr, "/healthz"));
    assert_eq!(patience.await.unwrap().0, 200);
}

#[tokio::test]
async fn after_a_stop_the_port_is_free() {
    let serving = start(&Health::new(), level()).await;
    let addr = serving.addr;
    let idle = TcpStream::connect(addr).await.unwrap();
    serving.stop(Duration::from_secs(5)).await;
    drop(idle);
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let serving = start(&Health::new(), level()).await;
    let config = ServeConfig {
        listen: serving.addr,
        admin: None,
    };
    let error = serve(config, Metrics::new(), Health::new(), level()).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&serving.addr.to_string()), "{error}");
}
