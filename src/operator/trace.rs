//! Traces to an OpenTelemetry collector, by OTLP over HTTP.
//!
//! What is traced has a filter of its own, so that traces are whole however little is logged.

use std::thread;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;
use url::{Host, Url};

use crate::auth0::client::{TlsError, platform_tls};

mod telling;

use telling::Telling;

/// The name of the service in traces.
pub const SERVICE: &str = "dialtone";

/// Where collectors take traces, below the address of the collector.
const PATH: &str = "v1/traces";

/// The time allowed for one export.
const EXPORT: Duration = Duration::from_secs(10);

/// Traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The address is none.
    #[error("{endpoint:?} is no address of a collector: http(s)://HOST:PORT")]
    Endpoint {
        /// What was given.
        endpoint: String,
    },
    /// No trust anchors.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
    /// The exporter refuses its settings.
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// Where traces go. Spans are sent in batches by a thread of their own.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Traces to the collector at this address, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it:
    /// `http://collector:4318`. Headers come from `OTEL_EXPORTER_OTLP_HEADERS`.
    ///
    /// # Errors
    ///
    /// [`TraceError`] where the address is none, or the client cannot be set up. Nothing is sent
    /// yet.
    pub fn to(endpoint: &str) -> Result<Self, TraceError> {
        let url = traces_url(endpoint)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client(&url)?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url.as_str())
            .with_timeout(EXPORT)
            .build()?;
        let resource = Resource::builder()
            .with_service_name(SERVICE)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(Telling::new(exporter))
            .build();
        Ok(Self { provider })
    }

    /// What hands spans over. Spans and events of this program from `info` on; what its libraries
    /// do is not traced, the export itself least of all.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target("dialtone", LevelFilter::INFO))
    }

    /// Sends what has not been sent, for this long at most, and stops.
    ///
    /// # Errors
    ///
    /// Why something may be lost.
    pub fn shut_down(self, limit: Duration) -> Result<(), OTelSdkError> {
        self.provider.shutdown_with_timeout(limit)
    }
}

/// The whole address; exporters take it as it is.
fn traces_url(endpoint: &str) -> Result<Url, TraceError> {
    let refused = || TraceError::Endpoint {
        endpoint: endpoint.to_owned(),
    };
    let mut url = Url::parse(endpoint.trim()).map_err(|_| refused())?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(refused());
    }
    let path = url.path().trim_end_matches('/');
    if !path.ends_with("/v1/traces") {
        let path = format!("{path}/{PATH}");
        url.set_path(&path);
    }
    Ok(url)
}

/// A client that blocks, because the batch processor's thread has no runtime; with the TLS of the
/// rest of the program, because the default would look for a provider that nobody has installed.
/// It is made on a thread of its own: on one of a runtime's it must not block.
fn client(url: &Url) -> Result<reqwest::blocking::Client, TraceError> {
    let tls = platform_tls(url.scheme() == "https")?;
    let mut builder = reqwest::blocking::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("dialtone/", env!("CARGO_PKG_VERSION")))
        .timeout(EXPORT);
    if is_loopback(url) {
        builder = builder.no_proxy();
    }
    let build = move || {
        builder
            .build()
            .map_err(|error| TraceError::Client(error.to_string()))
    };
    let client = thread::Builder::new()
        .spawn(build)
        .map_err(|error| TraceError::Client(error.to_string()))?
        .join();
    client.unwrap_or_else(|_| Err(TraceError::Client("its thread has died".to_owned())))
}

/// As for Auth0, a proxy is not asked for what is on this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_traces_is_added_once() {
        let rows = [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("https://c.example/otlp", "https://c.example/otlp/v1/traces"),
            ("http://c:1/v1/traces", "http://c:1/v1/traces"),
            ("http://c:1/v1/traces/", "http://c:1/v1/traces/"),
        ];
        for (endpoint, url) in rows {
            assert_eq!(traces_url(endpoint).unwrap().as_str(), url, "{endpoint}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for endpoint in ["", "collector:4318", "ftp://collector", "/v1/traces"] {
            assert!(traces_url(endpoint).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn an_exporter_for_https_can_be_made_without_a_default_provider() {
        let traces = Traces::to("https://collector.example:4318").unwrap();
        traces.shut_down(Duration::from_secs(1)).unwrap();
    }
}
