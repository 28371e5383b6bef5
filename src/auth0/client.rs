//! The Management API over HTTP: token, pacing, retries and errors below the port.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument, debug, field, info_span, warn};

use super::credential::Credential;
use super::error::{ApiError, Class, Kind, classify};
use super::exchange::{Exchange, NoAnswer, Request, Response};
use super::pacer::{Bucket, HeldBack, Pacer, Signal};
use super::random;
use super::retry::{self, Decision, History, Outcome};
use super::token::{AccessToken, TokenCache, TokenKey};
use crate::phone::secret::Secret;

mod address;
mod authenticate;
mod fence;
mod observe;
mod tls;
mod transport;

pub use address::AddressError;
use address::Base;
pub use fence::Fence;
pub use observe::{Call, CallObserver, OTHER, endpoint};
pub use tls::{TlsError, platform_tls};
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
    fence: Option<Arc<dyn Fence>>,
    observer: Option<Arc<dyn CallObserver>>,
}

/// Why a call was not made at all.
enum Unmade {
    HeldBack(HeldBack),
    Fenced,
}

impl Unmade {
    fn no_answer(self, request: &Request) -> NoAnswer {
        match self {
            Self::HeldBack(HeldBack { until }) => NoAnswer::Throttled { until },
            Self::Fenced => NoAnswer::Prevented(Box::new(ApiError::without_answer(
                request,
                Kind::Fenced,
                "",
            ))),
        }
    }
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
            fence: None,
            observer: None,
        })
    }

    /// The same client with a fence that is asked before each write goes out, the first time and
    /// each time that it is repeated. Where it says no, nothing is sent, and the error is of
    /// [`Kind::Fenced`]. Token requests change nothing in the tenant and are not asked for.
    #[must_use]
    pub fn with_fence(mut self, fence: Arc<dyn Fence>) -> Self {
        self.fence = Some(fence);
        self
    }

    /// The same client, whose calls name this tenure in the header `x-dialtone-fence`: simulated
    /// tenants note it, so that their log tells replicas apart. Auth0 does not know it.
    #[must_use]
    pub const fn with_term(mut self, term: Option<u64>) -> Self {
        self.transport.set_term(term);
        self
    }

    /// The same client with somebody who is told of every call, token requests included.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn CallObserver>) -> Self {
        self.observer = Some(observer);
        self
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
            // Where it is known already that nothing may be sent, no token is fetched for it.
            self.pass_fence(request, Bucket::Management)
                .map_err(|unmade| unmade.no_answer(request))?;
            let token = self.token().await?;
            let max_wait = self.timing.max_wait.min(history.left);
            let call = self.call(request, Some(token.bearer()), Bucket::Management, max_wait);
            let result = call.await.map_err(|unmade| unmade.no_answer(request))?;
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
    ) -> Result<Result<Response, Failure>, Unmade> {
        let clock = self.pacer.clock();
        let enqueued = clock.now().elapsed;
        let permit = self.pacer.admit(max_wait).await.map_err(|held_back| {
            if let Some(observer) = &self.observer {
                observer.held_back();
            }
            Unmade::HeldBack(held_back)
        })?;
        self.pass_fence(request, bucket)?;
        let sent = clock.now().elapsed;
        let mut call = observe::begun(request, sent.saturating_sub(enqueued));
        let result = self.transport.send(request, bearer).await;
        let duration = clock.now().elapsed.saturating_sub(sent);
        call.duration = duration;
        match &result {
            Ok(response) => {
                let signal = Signal::read(response);
                permit.answered(bucket, &signal);
                call.status = Some(response.status);
                call.remaining = signal.remaining.filter(|_| bucket == Bucket::Management);
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
        if let Some(observer) = &self.observer {
            observer.called(&call);
        }
        Ok(result)
    }

    fn pass_fence(&self, request: &Request, bucket: Bucket) -> Result<(), Unmade> {
        let writes = bucket == Bucket::Management && request.method.writes();
        match &self.fence {
            Some(fence) if writes && !fence.may_write() => Err(Unmade::Fenced),
            _ => Ok(()),
        }
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
        let span = info_span!(
            "auth0",
            otel.name = format!("{} {}", request.method, endpoint(&request.path)),
            otel.kind = "client",
            otel.status_code = field::Empty,
            method = %request.method,
            path = %request.path,
            status = field::Empty,
        );
        let record = span.clone();
        // On the heap: the futures of callers hold it, and several of them.
        let answer = Box::pin(self.drive(&request)).instrument(span).await;
        if let Ok(response) = &answer {
            record.record("status", response.status);
        }
        if answer
            .as_ref()
            .map_or(true, |response| response.status >= 400)
        {
            record.record("otel.status_code", "ERROR");
        }
        answer
    }

    async fn wait(&self, time: Duration) {
        self.pacer.clock().sleep(time).await;
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
