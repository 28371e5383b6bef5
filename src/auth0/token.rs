//! Access tokens: fetched once for all, renewed early, dropped when refused.
//!
//! A token serves a day, so a converge costs no token request and a change of the Secret costs
//! one: the cache is keyed by what the token was granted for (§1).

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use super::credential::Credential;
use super::error::ApiError;
use crate::phone::secret::Secret;

/// A token is renewed when less than this is left of it, or less than a tenth of its life.
const EARLY: Duration = Duration::from_mins(1);

/// After a renewal has failed, the token at hand serves this long before the next attempt.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);

/// What a token is granted for: the tenant, the application and its proof.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TokenKey {
    tenant: String,
    client_id: String,
    digest: [u8; 32],
}

impl TokenKey {
    /// The key of the tokens of `credential` in the tenant `domain`, reached at `base`.
    ///
    /// A token's issuer is the host that granted it, and only that host takes it (§0.2), so two
    /// endpoints of one tenant have tokens of their own.
    #[must_use]
    pub fn new(domain: &str, base: &str, credential: &Credential) -> Self {
        Self {
            tenant: format!("{domain} {base}"),
            client_id: credential.client_id().to_owned(),
            digest: credential.digest(),
        }
    }

    fn same_application(&self, other: &Self) -> bool {
        (&self.tenant, &self.client_id) == (&other.tenant, &other.client_id)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A token as the endpoint granted it.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The bearer token.
    pub token: Secret,
    /// Its life, from `expires_in`.
    pub life: Duration,
}

/// A token in use.
#[derive(Clone, Debug)]
pub struct AccessToken {
    bearer: Secret,
    serial: u64,
    fetched: Duration,
    renew_at: Duration,
    expires: Duration,
}

impl AccessToken {
    /// The bearer token, for the `Authorization` header.
    #[must_use]
    pub fn bearer(&self) -> &Secret {
        &self.bearer
    }

    /// When the token was granted, on the clock that it was fetched with.
    #[must_use]
    pub const fn fetched(&self) -> Duration {
        self.fetched
    }
}

/// How pressing a token request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// There is no token: the caller waits for this one.
    Needed,
    /// The token at hand is good still, so nothing is worth waiting for.
    Early,
}

/// The tokens of one process, shared by all its clients.
#[derive(Default)]
pub struct TokenCache {
    slots: Mutex<HashMap<TokenKey, Arc<Slot>>>,
    serial: AtomicU64,
}

/// One key's token. Whoever fetches holds the gate; the others wait there for the result.
#[derive(Default)]
struct Slot {
    gate: tokio::sync::Mutex<()>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Arc<AccessToken>>,
    attempts: u64,
    failure: Option<ApiError>,
    not_before: Duration,
}

enum Look {
    Fresh(Arc<AccessToken>),
    Ageing(Arc<AccessToken>),
    Absent { attempts: u64 },
}

impl TokenCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The token of `key`, by `fetch` where there is none or it is about to expire.
    ///
    /// However many ask at once, one request is made: the others share its token or its error.
    /// While the token at hand is good, a failed renewal is only logged.
    ///
    /// # Errors
    ///
    /// What `fetch` failed with, where there is no token that is good still.
    pub async fn get<F, R>(
        &self,
        key: &TokenKey,
        clock: &dyn Clock,
        fetch: F,
    ) -> Result<Arc<AccessToken>, ApiError>
    where
        F: FnOnce(Urgency) -> R + Send,
        R: Future<Output = Result<Granted, ApiError>> + Send,
    {
        let slot = self.slot(key);
        let now = || clock.now().elapsed;
        match slot.look(now()) {
            Look::Fresh(token) => Ok(token),
            Look::Ageing(token) => {
                let Ok(_gate) = slot.gate.try_lock() else {
                    return Ok(token);
                };
                match slot.look(now()) {
                    Look::Fresh(token) => Ok(token),
                    _ => Ok(self.renew(&slot, clock, token, fetch).await),
                }
            }
            Look::Absent { attempts } => {
                let _gate = slot.gate.lock().await;
                match slot.look(now()) {
                    Look::Fresh(token) | Look::Ageing(token) => return Ok(token),
                    Look::Absent { .. } => {}
                }
                if let Some(failure) = slot.failure_since(attempts) {
                    return Err(failure);
                }
                let granted = fetch(Urgency::Needed).await;
                granted
                    .map(|granted| self.store(&slot, granted, now()))
                    .inspect_err(|error| slot.failed(error))
            }
        }
    }

    /// Drops `token`, which was refused, unless another has taken its place already.
    pub fn invalidate(&self, key: &TokenKey, token: &AccessToken) {
        let slot = self.slots().get(key).map(Arc::clone);
        let Some(slot) = slot else {
            return;
        };
        let mut held = slot.held();
        if held
            .token
            .as_ref()
            .is_some_and(|held| held.serial == token.serial)
        {
            held.token = None;
            held.not_before = Duration::ZERO;
        }
    }

    /// The slot of `key`. A new key of the same application means that its Secret was rotated:
    /// the token of the old one goes.
    fn slot(&self, key: &TokenKey) -> Arc<Slot> {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        slots.retain(|other, _| !other.same_application(key));
        Arc::clone(slots.entry(key.clone()).or_default())
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<TokenKey, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew<F, R>(
        &self,
        slot: &Slot,
        clock: &dyn Clock,
        old: Arc<AccessToken>,
        fetch: F,
    ) -> Arc<AccessToken>
    where
        F: FnOnce(Urgency) -> R + Send,
        R: Future<Output = Result<Granted, ApiError>> + Send,
    {
        match fetch(Urgency::Early).await {
            Ok(granted) => self.store(slot, granted, clock.now().elapsed),
            Err(error) => {
                tracing::warn!(%error, "token not renewed; the one at hand is used on");
                slot.held().not_before = clock.now().elapsed.saturating_add(RENEWAL_PAUSE);
                old
            }
        }
    }

    fn store(&self, slot: &Slot, granted: Granted, now: Duration) -> Arc<AccessToken> {
        let life = granted.life;
        let early = (life / 10).max(EARLY.min(life / 2));
        let token = Arc::new(AccessToken {
            bearer: granted.token,
            serial: self.serial.fetch_add(1, Ordering::Relaxed),
            fetched: now,
            renew_at: now.saturating_add(life.saturating_sub(early)),
            expires: now.saturating_add(life),
        });
        let mut held = slot.held();
        held.attempts += 1;
        held.failure = None;
        held.not_before = Duration::ZERO;
        held.token = Some(Arc::clone(&token));
        token
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

impl Slot {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, now: Duration) -> Look {
        let held = self.held();
        match &held.token {
            Some(token) if now < token.renew_at.max(held.not_before).min(token.expires) => {
                Look::Fresh(Arc::clone(token))
            }
            Some(token) if now < token.expires => Look::Ageing(Arc::clone(token)),
            _ => Look::Absent {
                attempts: held.attempts,
            },
        }
    }

    /// The failure of an attempt that began after the caller had looked, if the last one failed.
    fn failure_since(&self, attempts: u64) -> Option<ApiError> {
        let held = self.held();
        held.failure.clone().filter(|_| held.attempts > attempts)
    }

    fn failed(&self, error: &ApiError) {
        let mut held = self.held();
        held.attempts += 1;
        held.failure = Some(error.clone());
    }
}

#[cfg(test)]
mod tests;
