//! The Management API over HTTP: token, pacing, retries and errors below the port.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument, debug, debug_span, warn};

use super::credential::Credential;
use super::error::{Class, Kind, classify};
use super::exchange::{Exchange, NoAnswer, Request, Response};
use super::pacer::{Bucket, HeldBack, Pacer, Signal};
use super::random;
use super::retry::{self, Decision, History, Outcome};
use super::token::{AccessToken, TokenCache, TokenKey};
use crate::phone::secret::Secret;

mod address;
mod authenticate;
mod tls;
mod transport;

pub use address::AddressError;
use address::Base;
pub use tls::TlsError;
use transport::{Failure, Transport};

/// A token younger than this was refused a scope for good reason: a new one has no more of them.
const YOUNG_TOKEN: Duration = Duration::from_mins(1);

/// How long a client waits for what. The defaults are those of a timeout of 30 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For a connection, TLS included: 5 s, or the timeout if that is shorter.
    pub connect: Duration,
    /// For one answer, from connecting to its last byte: the timeout.
    pub answer: Duration,
    /// For its turn at the pacer, per call: the timeout.
    pub max_wait: Duration,
    /// For a request in all: no call is begun any more after twice the timeout.
    pub total: Duration,
}

impl Timing {
    /// The timing that follows from the time allowed for one call.
    #[must_use]
    pub fn from_timeout(timeout: Duration) -> Self {
        Self {
            connect: timeout.min(Duration::from_secs(5)),
            answer: timeout,
            max_wait: timeout,
            total: timeout.saturating_mul(2),
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::from_timeout(Duration::from_secs(30))
    }
}

/// How one tenant is reached.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The tenant's canonical domain: `acme.eu.auth0.com`. Audiences are made of it.
    pub domain: String,
    /// Where the domain is reached, if not at `https://{domain}`: `http(s)://…`, a custom domain
    /// or a simulated tenant.
    pub endpoint: Option<String>,
    /// PEM certificates to be trusted *instead of* the platform's.
    pub ca_bundle: Option<Vec<u8>>,
    /// The application's identity.
    pub credential: Credential,
    /// How long to wait for what.
    pub timing: Timing,
}

/// A connection that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The domain or the endpoint is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No trust anchors.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP client refuses its settings.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

/// One tenant's Management API over HTTP.
///
/// It sends requests one by one, in the pacer's order; concurrency is the caller's. Redirects are
/// not followed. `HTTP(S)_PROXY` and `NO_PROXY` are honoured except for loopback addresses.
/// It takes its cryptography from aws-lc-rs without a process-wide default provider.
pub struct HttpClient {
    domain: String,
    credential: Credential,
    key: TokenKey,
    transport: Transport,
    tokens: Arc<TokenCache>,
    pacer: Arc<Pacer>,
    timing: Timing,
}

impl HttpClient {
    /// A client of one tenant. `tokens` is shared by all clients of the process, `pacer` by all
    /// clients of this tenant.
    ///
    /// # Errors
    ///
    /// [`ConnectionError`] where the connection cannot be set up; nothing is sent yet.
    pub fn new(
        connection: Connection,
        tokens: Arc<TokenCache>,
        pacer: Arc<Pacer>,
    ) -> Result<Self, ConnectionError> {
        let Connection {
            domain,
            endpoint,
            ca_bundle,
            credential,
            timing,
        } = connection;
        let base = Base::new(&domain, endpoint.as_deref())?;
        if base.is_plain() && !base.is_loopback() {
            warn!(endpoint = %base, "credentials and tokens go over an unencrypted connection");
        }
        let key = TokenKey::new(&domain, base.as_str(), &credential);
        let transport = Transport::new(base, ca_bundle.as_deref(), timing)?;
        Ok(Self {
            domain,
            credential,
            key,
            transport,
            tokens,
            pacer,
            timing,
        })
    }

    /// The pacer that this client asks.
    #[must_use]
    pub fn pacer(&self) -> &Arc<Pacer> {
        &self.pacer
    }

    async fn drive(&self, request: &Request) -> Result<Response, NoAnswer> {
        let clock = self.pacer.clock();
        let started = clock.now().elapsed;
        let mut history = History {
            left: self.timing.total,
            ..History::default()
        };
        loop {
            let token = self.token().await?;
            let max_wait = self.timing.max_wait.min(history.left);
            let call = self.call(request, Some(token.bearer()), Bucket::Management, max_wait);
            let result = call.await.map_err(throttled)?;
            let outcome = outcome(&result);
            history.note(outcome, clock.now().elapsed, started, self.timing.total);
            let decision = retry::decide(request.method, history, outcome, random::fraction());
            debug!(?decision, calls = history.calls);
            match decision {
                Decision::Retry(wait) => clock.sleep(wait).await,
                Decision::RetryPaced => {}
                Decision::RenewToken => {
                    history.renewed = true;
                    self.tokens.invalidate(&self.key, &token);
                }
                Decision::GiveUp => return self.conclude(request, result, &token),
            }
        }
    }

    /// One call in its turn.
    async fn call(
        &self,
        request: &Request,
        bearer: Option<&Secret>,
        bucket: Bucket,
        max_wait: Duration,
    ) -> Result<Result<Response, Failure>, HeldBack> {
        let permit = self.pacer.admit(max_wait).await?;
        let clock = self.pacer.clock();
        let sent = clock.now().elapsed;
        let result = self.transport.send(request, bearer).await;
        let duration = clock.now().elapsed.saturating_sub(sent);
        match &result {
            Ok(response) => {
                permit.answered(bucket, &Signal::read(response));
                if response.status == 429 {
                    warn!(path = %request.path, ?duration, "throttled by Auth0");
                } else {
                    debug!(path = %request.path, status = response.status, ?duration, "answered");
                }
            }
            Err(failure) => {
                drop(permit);
                debug!(path = %request.path, %failure, ?duration, "no answer");
            }
        }
        Ok(result)
    }

    /// What the caller gets of the last call.
    fn conclude(
        &self,
        request: &Request,
        result: Result<Response, Failure>,
        token: &AccessToken,
    ) -> Result<Response, NoAnswer> {
        let response = result.map_err(|failure| failure.no_answer(request))?;
        if response.status == 429
            && let Some(until) = self.pacer.paused_until()
        {
            return Err(NoAnswer::Throttled { until });
        }
        if response.status == 403 {
            self.forget_poor_token(request, &response, token);
        }
        Ok(response)
    }

    /// A scope that was granted meanwhile is only in a new token (§1), so one that lacks a scope
    /// is not kept for the next pass.
    fn forget_poor_token(&self, request: &Request, response: &Response, token: &AccessToken) {
        let error = classify(request, response);
        let lacks_scope = matches!(
            error.map(|error| error.kind),
            Some(Kind::InsufficientScope { .. })
        );
        let age = self
            .pacer
            .clock()
            .now()
            .elapsed
            .saturating_sub(token.fetched());
        if lacks_scope && age >= YOUNG_TOKEN {
            self.tokens.invalidate(&self.key, token);
        }
    }

    async fn token(&self) -> Result<Arc<AccessToken>, NoAnswer> {
        let clock = self.pacer.clock().as_ref();
        let token = self
            .tokens
            .get(&self.key, clock, |urgency| self.authenticate(urgency));
        token.await.map_err(|error| match error.class {
            Class::Throttled { until: Some(until) } => NoAnswer::Throttled { until },
            _ => NoAnswer::Prevented(Box::new(error)),
        })
    }
}

impl Exchange for HttpClient {
    async fn send(&self, request: Request) -> Result<Response, NoAnswer> {
        let span = debug_span!("auth0", method = %request.method, path = %request.path);
        self.drive(&request).instrument(span).await
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("domain", &self.domain)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

const fn throttled(held_back: HeldBack) -> NoAnswer {
    NoAnswer::Throttled {
        until: held_back.until,
    }
}

fn outcome(result: &Result<Response, Failure>) -> Outcome {
    match result {
        Ok(response) => Outcome::Answer {
            status: response.status,
            retry_after: Signal::read(response).retry_after,
        },
        Err(Failure::NotSent(_)) => Outcome::NotSent,
        Err(Failure::Lost | Failure::TimedOut) => Outcome::Unknown,
    }
}
