//! The simulated tenant as its users hold it: the store and everything around it, in memory.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::call::{Call, CallLog};
use super::clock::{Clock, ManualClock};
use super::fault::{Faults, Script};
use super::limit::{Limiter, RateError, Rates};
use super::state::{StateError, StateFile};
use super::store::Store;
use super::token::{Credentials, Scopes, TokenDesk};
use crate::auth0::exchange::{Exchange, NoAnswer, Request, Response};

mod pass;
mod setup;

pub(super) use pass::{TOKEN_PATH, error_body};
pub use setup::{Setup, SetupError};

/// A shared handle to one simulated tenant. Clones are the same tenant.
///
/// As an [`Exchange`] it answers at once and without looking at tokens: a scripted timeout or lost
/// answer comes back as [`NoAnswer`], and a delay moves a manual clock only.
#[derive(Clone, Debug)]
pub struct SimulatedTenant(Arc<Mutex<Inner>>);

/// The host name of a simulated tenant where nothing else is said.
pub const DEFAULT_DOMAIN: &str = "dialtone-sim.eu.auth0.com";

#[derive(Debug)]
struct Inner {
    /// What a reset goes back to.
    fresh: Store,
    rates: Rates,
    store: Store,
    state: Option<StateFile>,
    clock: Clock,
    faults: Faults,
    limiter: Limiter,
    calls: CallLog,
    scopes: Scopes,
    desk: TokenDesk,
    down: bool,
}

/// How a request is presented to the tenant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access<'a> {
    /// In memory: nobody asks for a token.
    Trusted,
    /// Over HTTP, with the value of the `Authorization` header.
    Header(Option<&'a str>),
}

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Delivery {
    /// An answer, after a while.
    Answer(Response, Duration),
    /// The connection stays open without an answer.
    Silence,
    /// The connection is cut.
    Cut,
    /// The connection is cut and the server goes down.
    Down,
}

impl SimulatedTenant {
    /// A tenant as `setup` says.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where the state file or the rates cannot be used.
    pub fn start(setup: Setup) -> Result<Self, SetupError> {
        let stored = setup
            .state
            .as_ref()
            .map(StateFile::tenant)
            .transpose()?
            .flatten();
        let found = stored.as_ref().map(|store| store.domain().to_owned());
        let domain = match (setup.domain, found) {
            (Some(wanted), Some(found)) if wanted != found => {
                return Err(SetupError::Domain { wanted, found });
            }
            (wanted, found) => wanted
                .or(found)
                .unwrap_or_else(|| DEFAULT_DOMAIN.to_owned()),
        };
        let mut fresh = Store::new(&domain);
        for name in &setup.clients {
            fresh.seed_client(name);
        }
        let now = setup.clock.now();
        for name in &setup.databases {
            fresh.seed_database(name, now);
        }
        let store = match stored {
            Some(mut store) => {
                pass::seed_missing(&mut store, &setup.clients, now);
                for name in &setup.databases {
                    store.seed_database(name, now);
                }
                store
            }
            None => fresh.clone(),
        };
        if let Some(state) = &setup.state {
            state.put_tenant(&store)?;
        }
        Ok(Self::around(Inner {
            limiter: Limiter::new(&setup.rates)?,
            rates: setup.rates,
            state: setup.state,
            ..Inner::plain(fresh, store, setup.clock)
        }))
    }

    /// A tenant around `store` for tests in memory: no limits, no file, and a clock that stands
    /// still until it is moved.
    #[must_use]
    pub fn in_memory(store: Store, clock: &ManualClock) -> Self {
        Self::around(Inner::plain(
            store.clone(),
            store,
            Clock::Manual(clock.clone()),
        ))
    }

    fn around(inner: Inner) -> Self {
        Self(Arc::new(Mutex::new(inner)))
    }

    /// The tenant's domain.
    #[must_use]
    pub fn domain(&self) -> String {
        self.inner().store.domain().to_owned()
    }

    /// A copy of the store as it is now.
    #[must_use]
    pub fn store(&self) -> Store {
        self.inner().store.clone()
    }

    /// The time that the tenant goes by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner().clock.now()
    }

    /// Changes the store directly: no call is logged, no fault strikes, no scope is asked for.
    ///
    /// # Errors
    ///
    /// [`StateError`] where the change cannot be kept; then it is undone.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Store, Timestamp) -> T,
    ) -> Result<T, StateError> {
        let mut inner = self.inner();
        let before = inner.store.clone();
        let now = inner.clock.now();
        let result = change(&mut inner.store, now);
        inner.keep(before)?;
        Ok(result)
    }

    /// Adds the applications among these names that the tenant does not have.
    ///
    /// # Errors
    ///
    /// [`StateError`] where they cannot be kept; then none is added.
    pub fn seed_clients(&self, names: &[String]) -> Result<(), StateError> {
        self.change(|store, now| pass::seed_missing(store, names, now))
    }

    /// Adds the database connections among these names that the tenant does not have.
    ///
    /// # Errors
    ///
    /// [`StateError`] where they cannot be kept; then none is added.
    pub fn seed_databases(&self, names: &[String]) -> Result<(), StateError> {
        self.change(|store, now| {
            for name in names {
                store.seed_database(name, now);
            }
        })
    }

    /// Puts everything back to how the tenant started without a state file: the store, faults,
    /// calls, tokens, scopes, credentials and rates.
    ///
    /// # Errors
    ///
    /// [`StateError`] where the state file cannot be written; then the store stays as it is.
    pub fn reset(&self) -> Result<(), StateError> {
        let mut inner = self.inner();
        let fresh = inner.fresh.clone();
        let before = std::mem::replace(&mut inner.store, fresh);
        inner.keep(before)?;
        inner.limiter = Limiter::new(&inner.rates).unwrap_or_default();
        inner.faults.clear();
        inner.calls.clear();
        inner.scopes = None;
        inner.desk = TokenDesk::default();
        inner.down = false;
        Ok(())
    }

    /// The calls so far, the oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.inner().calls.all()
    }

    /// Forgets the calls.
    pub fn clear_calls(&self) {
        self.inner().calls.clear();
    }

    /// Adds fault scripts.
    pub fn add_faults(&self, scripts: impl IntoIterator<Item = Script>) {
        self.inner().faults.add(scripts);
    }

    /// The fault scripts, each with the number of matching calls so far.
    #[must_use]
    pub fn faults(&self) -> Vec<(Script, u32)> {
        self.inner().faults.all().to_vec()
    }

    /// Removes all fault scripts.
    pub fn clear_faults(&self) {
        self.inner().faults.clear();
    }

    /// Sets the rate limits; buckets are full then.
    ///
    /// # Errors
    ///
    /// [`RateError`] where they make no sense; the limits then stay.
    pub fn set_rates(&self, rates: &Rates) -> Result<(), RateError> {
        self.inner().limiter = Limiter::new(rates)?;
        Ok(())
    }

    /// Sets the scopes that tokens given from now on carry, and those of tokens from elsewhere;
    /// `None` allows everything. As with Auth0 a token that was given keeps its scopes (§1),
    /// unless `given_too` says otherwise.
    pub fn set_scopes(&self, scopes: Option<BTreeSet<String>>, given_too: bool) {
        let mut inner = self.inner();
        inner.scopes = scopes.map(Arc::new);
        if given_too {
            let scopes = inner.scopes.clone();
            inner.desk.rescope(&scopes);
        }
    }

    /// Sets what the token endpoint accepts.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.inner().desk.configure(credentials);
    }

    /// Makes every token given so far invalid.
    pub fn revoke_tokens(&self) {
        self.inner().desk.revoke_all();
    }

    /// Lets a tenant that a scripted `kill` took down answer again.
    pub fn revive(&self) {
        self.inner().down = false;
    }

    /// Carries out one request to the Management API. `unreadable` is the answer to one whose body
    /// makes no sense, due after the checks that come before the body's.
    pub(super) fn pass(
        &self,
        request: &Request,
        unreadable: Option<Response>,
        access: Access<'_>,
        fence: Option<u64>,
    ) -> Delivery {
        self.inner().pass(request, unreadable, access, fence)
    }

    /// Answers a request to the token endpoint. `host` is the host that it was sent to.
    pub(super) fn give_token(&self, form: &Map<String, Value>, host: &str) -> Delivery {
        self.inner().give_token(form, host)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange for SimulatedTenant {
    async fn send(&self, request: Request) -> Result<Response, NoAnswer> {
        let mut inner = self.inner();
        if inner.down {
            return Err(NoAnswer::NotSent);
        }
        match inner.pass(&request, None, Access::Trusted, None) {
            Delivery::Answer(response, after) => {
                let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
                inner.clock.pass(after);
                Ok(response)
            }
            Delivery::Silence => Err(NoAnswer::TimedOut),
            Delivery::Cut | Delivery::Down => Err(NoAnswer::Lost),
        }
    }

    async fn wait(&self, time: Duration) {
        let clock = self.inner().clock.clone();
        match clock {
            Clock::System => tokio::time::sleep(time).await,
            manual @ Clock::Manual(_) => {
                manual.pass(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX));
            }
        }
    }
}

impl Inner {
    /// Keeps the store as it is now in the state file, or takes back what is not on disk.
    fn keep(&mut self, before: Store) -> Result<(), StateError> {
        let Some(state) = &self.state else {
            return Ok(());
        };
        state
            .put_tenant(&self.store)
            .inspect_err(|_| self.store = before)
    }

    fn plain(fresh: Store, store: Store, clock: Clock) -> Self {
        Self {
            fresh,
            rates: Rates::default(),
            store,
            state: None,
            clock,
            faults: Faults::default(),
            limiter: Limiter::default(),
            calls: CallLog::default(),
            scopes: None,
            desk: TokenDesk::default(),
            down: false,
        }
    }
}

#[cfg(test)]
mod tests;
