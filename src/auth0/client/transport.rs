//! One HTTP exchange: a request out, an answer or the reason for none in.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use serde_json::Value;

use super::address::Base;
use super::{ConnectionError, Timing, tls};
use crate::auth0::error::{ApiError, Kind};
use crate::auth0::exchange::{Method, NoAnswer, Payload, Request, Response};
use crate::phone::secret::Secret;

/// The longest body that is read; a page of a hundred clients is some 200 KiB.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// Shorter than the idle time of usual load balancers, so that a write does not meet a connection
/// that is being closed.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

/// Auth0 speaks HTTP/2, for which one connection does. Where something between speaks HTTP/1.1, the
/// reads of a pass open some at once, of which only one is kept for the writes after them.
const MOST_IDLE: usize = 1;

/// The header that names a tenure.
const TERM: &str = "x-dialtone-fence";

const USER_AGENT: &str = concat!("dialtone/", env!("CARGO_PKG_VERSION"));

/// Why one exchange brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Surely not sent, and why.
    NotSent(String),
    /// Broken off after sending had begun.
    Lost,
    /// No answer in time.
    TimedOut,
}

impl Failure {
    pub(super) fn no_answer(self, request: &Request) -> NoAnswer {
        match self {
            Self::NotSent(cause) => NoAnswer::Prevented(Box::new(ApiError::without_answer(
                request,
                Kind::NotSent,
                &cause,
            ))),
            Self::Lost => NoAnswer::Lost,
            Self::TimedOut => NoAnswer::TimedOut,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(cause) => write!(f, "not sent: {cause}"),
            Self::Lost => f.write_str("the answer was lost"),
            Self::TimedOut => f.write_str("no answer in time"),
        }
    }
}

/// The HTTP client of one address.
pub(super) struct Transport {
    http: reqwest::Client,
    base: Base,
    term: Option<u64>,
}

impl Transport {
    pub(super) fn new(
        base: Base,
        ca_bundle: Option<&[u8]>,
        timing: Timing,
    ) -> Result<Self, ConnectionError> {
        let tls = tls::settings(ca_bundle, !base.is_plain())?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .connect_timeout(timing.connect)
            .pool_idle_timeout(LONGEST_IDLE)
            .pool_max_idle_per_host(MOST_IDLE)
            .timeout(timing.answer);
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| ConnectionError::Setup(cause(&error)))?;
        let term = None;
        Ok(Self { http, base, term })
    }

    /// Names this tenure in each request from now on.
    pub(super) const fn set_term(&mut self, term: Option<u64>) {
        self.term = term;
    }

    /// Sends a request, with a bearer token where there is one.
    pub(super) async fn send(
        &self,
        request: &Request,
        bearer: Option<&Secret>,
    ) -> Result<Response, Failure> {
        let url = self
            .base
            .join(&request.path, &request.query)
            .ok_or_else(|| Failure::NotSent("the path is no path".to_owned()))?;
        let mut builder = self.http.request(method(request.method), url);
        if let Some(bearer) = bearer {
            let mut value = HeaderValue::try_from(format!("Bearer {}", bearer.expose()))
                .map_err(|_| Failure::NotSent("the token is no header value".to_owned()))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(term) = self.term {
            builder = builder.header(TERM, term);
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        let answer = builder.send().await.map_err(|error| failure(&error))?;
        read(answer).await
    }
}

async fn read(mut answer: reqwest::Response) -> Result<Response, Failure> {
    let status = answer.status().as_u16();
    let headers: BTreeMap<String, String> = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let response = |body| Response {
        status,
        headers,
        body,
    };
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_BODY => {
                let cut = Payload::Text(String::from_utf8_lossy(&body).into_owned());
                return Ok(response(cut));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            // An error's status says what to do even where its body is cut off.
            Err(_) if status >= 400 => break,
            Err(error) => return Err(failure(&error)),
        }
    }
    Ok(response(payload(&body)))
}

/// JSON is what parses as JSON: proxies send pages as anything.
fn payload(body: &[u8]) -> Payload {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Payload::Empty;
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => Payload::Json(value),
        Err(_) => Payload::Text(String::from_utf8_lossy(body).into_owned()),
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

/// Only a failure before the connection stood proves that nothing was sent. A connection that
/// timed out is one of them, so it is asked for first.
fn failure(error: &reqwest::Error) -> Failure {
    if error.is_connect() || error.is_builder() {
        Failure::NotSent(cause(error))
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::Lost
    }
}

/// The innermost cause in its own words; the outer layers only repeat that something failed.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(next) = innermost.and_then(std::error::Error::source) {
        innermost = Some(next);
    }
    let text = innermost.map_or_else(|| "unknown cause".to_owned(), ToString::to_string);
    let text = if error.is_dns() {
        format!("the host is unknown: {text}")
    } else {
        text
    };
    text.chars().take(300).collect()
}
