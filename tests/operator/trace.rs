//! The program's traces, as a collector receives them.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum_server::tls_rustls::RustlsConfig;
use dialtone::sim::tls::server_config;
use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;

/// A collector: what it was sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Collector {
    fn router(&self) -> Router {
        Router::new()
            .route("/v1/traces", post(take))
            .with_state(self.clone())
    }

    /// Over HTTP.
    async fn start(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        addr
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.0.lock().unwrap().clone()
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.requests().into_iter();
        requests
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }
}

async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let kind = headers.get("content-type").unwrap();
    assert_eq!(kind, "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    collector.0.lock().unwrap().push(request);
    StatusCode::OK
}

fn program(endpoint: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialtone"));
    command
        .args(["up", "examples/quickstart", "--once"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env_remove("DIALTONE_LOG")
        .stdin(Stdio::null());
    command
}

async fn run(mut command: Command) -> Output {
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap());
    ran.await.unwrap()
}

#[tokio::test]
async fn each_request_to_auth0_is_a_span_of_the_service_dialtone_whatever_is_logged() {
    let collector = Collector::default();
    let addr = collector.start().await;
    let mut command = program(&format!("http://{addr}"));
    command.args(["--log", "off"]);
    let ran = run(command).await;
    assert!(ran.status.success(), "{ran:?}");

    let spans = collector.spans();
    let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    for name in [
        "GET /api/v2/branding/phone/providers",
        "POST /api/v2/branding/phone/providers",
        "PUT /api/v2/guardian/factors/sms",
        "PATCH /api/v2/connections/{id}/clients",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let client = SpanKind::Client as i32;
    assert!(spans.iter().all(|span| span.kind == client));
    let attributes: BTreeSet<&str> = spans
        .iter()
        .flat_map(|span| &span.attributes)
        .map(|attribute| attribute.key.as_str())
        .collect();
    for key in ["method", "path", "status"] {
        assert!(
            attributes.contains(key),
            "{key} is not among {attributes:?}"
        );
    }

    let requests = collector.requests();
    let resources: Vec<_> = requests.iter().flat_map(|it| &it.resource_spans).collect();
    for resource in resources {
        let attributes = &resource.resource.as_ref().unwrap().attributes;
        let name = attributes
            .iter()
            .find(|it| it.key == "service.name")
            .unwrap();
        let value = name.value.as_ref().unwrap().value.as_ref().unwrap();
        assert_eq!(*value, Value::StringValue("dialtone".to_owned()));
    }

    let everything = format!("{requests:?}");
    for planted in [
        "example-client-secret",
        "example-auth-token",
        "15550100",
        "Bearer",
        "access_token",
    ] {
        assert!(!everything.contains(planted), "{planted} is in a trace");
    }
}

#[tokio::test]
async fn a_collector_is_reached_over_https_with_the_platforms_trust() {
    let dir = tempfile::tempdir().unwrap();
    let config = server_config(dir.path(), Timestamp::now()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let collector = Collector::default();
    let tls = RustlsConfig::from_config(Arc::new(config));
    let running = axum_server::from_tcp_rustls(listener, tls).unwrap();
    tokio::spawn(running.serve(collector.router().into_make_service()));
    let mut command = program(&format!("https://{addr}"));
    command.env("SSL_CERT_FILE", dir.path().join("ca.pem"));
    let ran = run(command).await;
    assert!(ran.status.success(), "{ran:?}");
    assert!(!collector.spans().is_empty(), "{ran:?}");
}

#[tokio::test]
async fn a_collector_that_is_away_or_hangs_keeps_nobody() {
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints = [
        "http://127.0.0.1:9".to_owned(),
        format!("http://{}", hanging.local_addr().unwrap()),
    ];
    let messages = ["traces cannot be sent", "the last traces may be lost"];
    for (endpoint, message) in endpoints.into_iter().zip(messages) {
        let ran = tokio::time::timeout(Duration::from_mins(1), run(program(&endpoint)));
        let ran = ran.await.unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(told.contains(message), "{told}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_anything_is_done() {
    let ran = run(program("collector:4318")).await;
    assert_eq!(ran.status.code(), Some(64));
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(told.contains("--otlp-endpoint"), "{told}");
    let empty = run(program("")).await;
    assert!(
        empty.status.success(),
        "a variable set to nothing is not set"
    );
}
