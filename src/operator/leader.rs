//! One leader among the replicas, by a Lease of the API server.
//!
//! [`Leadership::acquire`] waits until this replica leads and hands out a [`Held`], which renews
//! the Lease on a task of its own until it is released, dropped or lost. `Held` answers
//! [`Held::is_held`] from its own clocks: a process that was stopped for longer than the renew
//! deadline knows upon waking that it no longer leads, before any of its tasks has run. It is the
//! [`Fence`] that the Auth0 client asks before each write.
//!
//! What is left is a write that went out just before the tenure ended: it has the time between
//! renew deadline and lease duration (5 s) to arrive before another replica begins.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, info, warn};

use crate::auth0::client::Fence;
use crate::auth0::clock::{Clock, Now, SystemClock};
use crate::auth0::random;

mod attempt;
mod election;
mod record;

use attempt::{Ended, Seat};
pub use election::{Decision, Election, LeaseTiming, Record, Tenure, TimingError};

/// Attempts are up to a fifth further apart than the retry period, so that replicas do not go in
/// step.
const JITTER: f64 = 0.2;

/// Which Lease to hold, under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseConfig {
    /// The namespace of the Lease.
    pub namespace: String,
    /// The name of the Lease: one for each set of replicas of which one leads.
    pub name: String,
    /// The name of this replica, such as that of its Pod. What is written is this and a random
    /// suffix: an earlier process of the same name is somebody else.
    pub replica: String,
    /// How long to be silent, and how often to try.
    pub timing: LeaseTiming,
}

/// Why a replica cannot stand for election at all.
#[derive(Debug, thiserror::Error)]
pub enum LeaderError {
    /// The timing does not fit together.
    #[error(transparent)]
    Timing(#[from] TimingError),
    /// There is no randomness for an identity.
    #[error(transparent)]
    Identity(#[from] random::NoRandomness),
}

/// The way to a [`Held`].
#[derive(Debug)]
pub struct Leadership;

impl Leadership {
    /// Waits until this replica leads; an API server that refuses or does not answer is asked
    /// again, and warned about, for as long as it takes. `heard` is told of each attempt: why the
    /// server did not do what it was asked, or nothing where it did.
    ///
    /// Where the future is dropped before it ends, nobody leads by it: a Lease that it may have got
    /// at the last moment runs out.
    ///
    /// # Errors
    ///
    /// [`LeaderError`] at once where the configuration is no use.
    pub async fn acquire(
        client: Client,
        config: LeaseConfig,
        heard: impl Fn(Option<&str>),
    ) -> Result<Held, LeaderError> {
        let clock = Arc::new(SystemClock::new());
        Self::acquire_with_clock(client, config, clock, heard).await
    }

    /// As [`Leadership::acquire`], on a clock of the caller's.
    ///
    /// # Errors
    ///
    /// [`LeaderError`] at once where the configuration is no use.
    pub async fn acquire_with_clock(
        client: Client,
        config: LeaseConfig,
        clock: Arc<dyn Clock>,
        heard: impl Fn(Option<&str>),
    ) -> Result<Held, LeaderError> {
        let timing = config.timing.check()?;
        let identity = format!("{}_{}", config.replica, random::identifier()?);
        let mut seat = Seat::new(client, &config, identity, Arc::clone(&clock));
        loop {
            let wait = match seat.attempt(timing.call()).await {
                Ok(Ended::Held { sent }) => {
                    heard(None);
                    info!(lease = %config.name, identity = seat.identity(), "leading");
                    return Ok(Held::new(seat, sent, timing, clock));
                }
                Ok(Ended::Others { holder, left }) => {
                    heard(None);
                    debug!(lease = %config.name, %holder, ?left, "standing by");
                    left.min(later(timing.retry))
                }
                Ok(Ended::Raced) => {
                    heard(None);
                    later(timing.retry)
                }
                Err(error) => {
                    heard(Some(&error.to_string()));
                    warn!(lease = %config.name, %error, "cannot get the lease");
                    later(timing.retry)
                }
            };
            clock.sleep(wait).await;
        }
    }
}

/// Leadership that lasts as long as it is renewed. Clones share it; when the last one is dropped
/// the Lease is renewed no more and runs out.
#[derive(Clone)]
pub struct Held(Arc<Office>);

/// What clones share.
struct Office {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<Seat>>>,
    stop: watch::Sender<bool>,
    timing: LeaseTiming,
    /// How often the Lease had changed hands when this replica got it.
    term: u64,
}

/// What the renewing task shares with them.
struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    timing: LeaseTiming,
}

#[derive(Clone, Copy)]
struct State {
    tenure: Tenure,
    /// The wall clock's end of the tenure: the monotonic one stands still while a machine sleeps.
    wall_until: Timestamp,
}

impl Held {
    fn new(seat: Seat, since: Now, timing: LeaseTiming, clock: Arc<dyn Clock>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            clock,
            state: Mutex::new(State {
                tenure: Tenure::new(since.elapsed, timing),
                wall_until: later_than(since.wall, timing.renew_deadline),
            }),
            changed: watch::Sender::new(()),
            timing,
        });
        let term = seat.term();
        let task = tokio::spawn(renew(seat, Arc::clone(&shared), stopped));
        Self(Arc::new(Office {
            shared,
            task: Mutex::new(Some(task)),
            stop,
            timing,
            term,
        }))
    }

    /// Whether this replica leads at this moment. Once it is false it stays so.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.shared.lasts()
    }

    /// Ends when leadership has ended: lost, expired, or released.
    pub async fn lost(&self) {
        self.0.shared.ended().await;
    }

    /// Ends leadership and gives the Lease back, so that another replica need not wait for it to
    /// run out. Whatever was done as the leader must have ended before, because another one may
    /// begin at once. It takes no longer than one call may take; where the API server does not
    /// answer, the Lease runs out by itself.
    pub async fn release(self) {
        self.0.shared.end();
        self.0.stop.send_replace(true);
        let Some(task) = lock(&self.0.task).take() else {
            return;
        };
        let give_back = async {
            // The renewal that is under way is waited for: its answer tells the version.
            if let Ok(mut seat) = task.await {
                seat.give_back().await;
            }
        };
        if tokio::time::timeout(self.0.timing.call(), give_back)
            .await
            .is_err()
        {
            warn!("the lease could not be given back in time");
        }
    }
}

impl Fence for Held {
    fn may_write(&self) -> bool {
        self.is_held()
    }

    fn term(&self) -> Option<u64> {
        Some(self.0.term)
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("is_held", &self.is_held())
            .finish_non_exhaustive()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.shared.end();
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

impl Shared {
    fn lasts(&self) -> bool {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        let lasts = state.tenure.lasts(now.elapsed) && now.wall < state.wall_until;
        if !lasts {
            // It stays so, whatever the clocks and the API server say later.
            state.tenure.end();
        }
        lasts
    }

    fn end(&self) {
        lock(&self.state).tenure.end();
        self.changed.send_replace(());
    }

    /// Reckons a renewal in that was sent at `sent`; says whether it came in time.
    fn renewed(&self, sent: Now) -> bool {
        let lasts = self.lasts() && {
            let now = self.clock.now().elapsed;
            let mut state = lock(&self.state);
            state.wall_until = later_than(sent.wall, self.timing.renew_deadline);
            state.tenure.renew(sent.elapsed, now, self.timing)
        };
        self.changed.send_replace(());
        lasts
    }

    /// How long the tenure lasts if nothing renews it.
    fn left(&self) -> Duration {
        let now = self.clock.now().elapsed;
        lock(&self.state).tenure.until().saturating_sub(now)
    }

    async fn ended(&self) {
        let mut changed = self.changed.subscribe();
        while self.lasts() {
            tokio::select! {
                // The sender lives as long as `self`.
                _ = changed.changed() => {}
                () = self.clock.sleep(self.left()) => {}
            }
        }
    }
}

/// Renews until leadership ends or it is told to stop; hands the seat back for the release.
async fn renew(mut seat: Seat, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) -> Seat {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return seat,
            () = shared.clock.sleep(later(shared.timing.retry).min(shared.left())) => {}
        }
        if !shared.lasts() {
            warn!("leadership ended: the lease was not renewed in time");
            break;
        }
        let ended = seat.renew(shared.timing.call().min(shared.left())).await;
        if *stop.borrow() {
            return seat;
        }
        match ended {
            Ok(Ended::Held { sent }) => {
                if !shared.renewed(sent) {
                    warn!("leadership ended: the lease was renewed too late");
                    break;
                }
            }
            Ok(Ended::Others { holder, .. }) => {
                warn!(%holder, "leadership ended: somebody else holds the lease");
                break;
            }
            Ok(Ended::Raced) => debug!("the lease was touched by somebody"),
            Err(error) => warn!(%error, left = ?shared.left(), "cannot renew the lease"),
        }
    }
    shared.end();
    seat
}

/// The retry period with its jitter.
fn later(retry: Duration) -> Duration {
    retry.mul_f64(JITTER.mul_add(random::fraction(), 1.0))
}

fn later_than(wall: Timestamp, by: Duration) -> Timestamp {
    wall.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
