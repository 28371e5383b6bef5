//! One exchange with the Management API as plain values, so that the same port drives the real
//! service over HTTP and the simulated tenant in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::error::ApiError;

/// The HTTP methods that the Management API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Read; never changes anything.
    Get,
    /// Create, or start something.
    Post,
    /// Replace as a whole.
    Put,
    /// Merge at the top level.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request with this method may change the tenant.
    #[must_use]
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Get)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request. It may hold secrets in its body, so it has no `Debug` output of the body.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path from the root, percent-encoded: `/api/v2/branding/phone/providers`.
    pub path: String,
    /// Decoded query parameters in order; a name may occur more than once.
    pub query: Vec<(String, String)>,
    /// The JSON body, if there is one.
    pub body: Option<Value>,
}

impl Request {
    /// A request without query or body.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
        }
    }

    /// A read.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::Get, path)
    }

    /// The same request with one more query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

/// The body of an answer. Proxies in front of Auth0 answer HTML, so text is possible.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// No body, as with 204.
    Empty,
    /// A JSON document.
    Json(Value),
    /// Anything else, as it came.
    Text(String),
}

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Payload,
}

impl Response {
    /// An answer with a JSON body and no headers of its own.
    #[must_use]
    pub fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: BTreeMap::new(),
            body: Payload::Json(body),
        }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: BTreeMap::new(),
            body: Payload::Empty,
        }
    }
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The request surely never reached the service: it is safe to send it again.
    #[error("cannot connect")]
    NotSent,
    /// As [`NoAnswer::NotSent`], with the reason in words: no token was granted, the host is
    /// unknown, its certificate is not trusted.
    #[error("{0}")]
    Prevented(Box<ApiError>),
    /// The request was held back, or refused with 429 and so not carried out: the tenant's rate
    /// limit allows no call before `until`.
    #[error("the tenant's rate limit allows no call before {until}")]
    Throttled {
        /// When the next call may be made.
        until: Timestamp,
    },
    /// The answer did not come in time or broke off: the service may have acted on the request.
    #[error("the answer was lost")]
    Lost,
    /// No answer within the time allowed: the service may have acted on the request.
    #[error("no answer in time")]
    TimedOut,
}

/// Something that answers Management API requests: the HTTP client or the simulated tenant.
pub trait Exchange: Send + Sync {
    /// Sends one request and waits for its answer. Any HTTP status is an answer.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`] where no HTTP answer arrived.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, NoAnswer>> + Send;

    /// Lets time pass before a question is asked again. Where time is simulated nobody waits.
    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }
}
