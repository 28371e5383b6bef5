//! The pacer: one per tenant, asked before every call, token requests included.
//!
//! Decisions are made by [`PacerState`]; here is only the waiting. All clients of a tenant share
//! one pacer, because Auth0 counts per tenant, and a 429 to one of them concerns all (§11).

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::clock::{Clock, Now, SystemClock};
use super::random;

mod signal;
mod state;
#[cfg(test)]
mod tests;

pub use signal::Signal;
pub use state::{Admission, Bucket, PacerState, RateLimit, Ticket};

/// Counters of one pacer, from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacerStats {
    /// Calls admitted.
    pub calls: u64,
    /// Calls answered with 429.
    pub throttled: u64,
    /// Calls not admitted because their turn lay too far ahead.
    pub held_back: u64,
    /// Time that admitted calls waited, summed.
    pub waited: Duration,
}

/// The caller's turn lies further ahead than it is willing to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tenant's rate limit allows no call before {until}")]
pub struct HeldBack {
    /// When the turn would come.
    pub until: Timestamp,
}

/// Lets calls to one tenant through, in order and within its limits.
pub struct Pacer {
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    learned: Notify,
}

struct Inner {
    state: PacerState,
    stats: PacerStats,
    /// The longest that anybody waits, where there is little time left.
    patience: Option<Duration>,
}

impl Pacer {
    /// A pacer on the computer's clocks.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self::with_clock(limit, Arc::new(SystemClock::new()))
    }

    /// A pacer on a clock of the caller's.
    #[must_use]
    pub fn with_clock(limit: RateLimit, clock: Arc<dyn Clock>) -> Self {
        let state = PacerState::new(limit, clock.now());
        Self {
            clock,
            inner: Mutex::new(Inner {
                state,
                stats: PacerStats::default(),
                patience: None,
            }),
            learned: Notify::new(),
        }
    }

    /// The clock that this pacer goes by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Changes the budget, for callers that wait already too.
    pub fn set_limit(&self, limit: RateLimit) {
        let now = self.clock.now();
        self.lock().state.set_limit(limit, now);
        self.learned.notify_waiters();
    }

    /// From now on nobody waits longer than `patience`, those who wait already included: the
    /// process is to end. Who would is told when to come again, as ever.
    pub fn hurry(&self, patience: Duration) {
        self.lock().patience = Some(patience);
        self.learned.notify_waiters();
    }

    /// The counters as they are now.
    #[must_use]
    pub fn stats(&self) -> PacerStats {
        self.lock().stats
    }

    /// Until when a pause holds everybody, if one does.
    #[must_use]
    pub fn paused_until(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let until = self.lock().state.paused_until(now)?;
        Some(now.wall_at(until))
    }

    /// Waits for this caller's turn, `max_wait` at most.
    ///
    /// Where the turn is known to lie further ahead, it says so at once instead of waiting in vain.
    ///
    /// # Errors
    ///
    /// [`HeldBack`] with the moment at which to come again.
    pub async fn admit(&self, max_wait: Duration) -> Result<Permit<'_>, HeldBack> {
        let enqueued = self.clock.now().elapsed;
        let place = Place::take(self);
        loop {
            let mut learned = pin!(self.learned.notified());
            // Registered before the state is read, or what is learnt in between would go unheard.
            learned.as_mut().enable();
            let now = self.clock.now();
            let due = match self.ask(&place, enqueued, now) {
                Admission::Admit => return Ok(place.admitted(now)),
                Admission::WaitUntil(due) => due,
            };
            let patience = self.lock().patience;
            let too_late = patience.is_some_and(|it| due.saturating_sub(now.elapsed) > it);
            if too_late || due.saturating_sub(enqueued) > max_wait {
                self.lock().stats.held_back += 1;
                return Err(HeldBack {
                    until: now.wall_at(due),
                });
            }
            let sleep = self.clock.sleep(due.saturating_sub(now.elapsed));
            tokio::select! {
                () = learned => {}
                () = sleep => {}
            }
        }
    }

    fn ask(&self, place: &Place<'_>, enqueued: Duration, now: Now) -> Admission {
        let mut inner = self.lock();
        let admission = inner.state.poll(place.ticket, now);
        if admission == Admission::Admit {
            inner.stats.calls += 1;
            inner.stats.waited += now.elapsed.saturating_sub(enqueued);
        }
        admission
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pacer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pacer")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// A place in the queue, given up when dropped: a caller may be cancelled while it waits.
struct Place<'a> {
    pacer: &'a Pacer,
    ticket: Ticket,
}

impl<'a> Place<'a> {
    fn take(pacer: &'a Pacer) -> Self {
        let ticket = pacer.lock().state.enqueue();
        Self { pacer, ticket }
    }

    fn admitted(self, now: Now) -> Permit<'a> {
        Permit {
            pacer: self.pacer,
            admitted: now.elapsed,
            open: true,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let left = self.pacer.lock().state.leave(self.ticket);
        if left {
            self.pacer.learned.notify_waiters();
        }
    }
}

/// Leave to make one call. Dropped without [`Permit::answered`], the call counts as lost.
#[must_use = "a permit is spent whether a call is made or not"]
pub struct Permit<'a> {
    pacer: &'a Pacer,
    admitted: Duration,
    open: bool,
}

impl Permit<'_> {
    /// Tells the pacer what the answer says about the limit.
    pub fn answered(mut self, bucket: Bucket, signal: &Signal) {
        self.open = false;
        let now = self.pacer.clock.now();
        let jitter = random::fraction();
        let mut inner = self.pacer.lock();
        if signal.status == 429 {
            inner.stats.throttled += 1;
        }
        inner
            .state
            .learn(bucket, signal, self.admitted, now, jitter);
        drop(inner);
        self.pacer.learned.notify_waiters();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.open {
            self.pacer.lock().state.lost();
        }
    }
}
