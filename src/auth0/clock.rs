//! Time as a value that is handed in, so that pacing and token life can be tested without waiting.

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Time since the clock was made; never goes back.
    pub elapsed: Duration,
    /// The time of day, which may be set forwards or back.
    pub wall: Timestamp,
}

impl Now {
    /// The time of day at a moment of the monotonic clock.
    #[must_use]
    pub fn wall_at(&self, elapsed: Duration) -> Timestamp {
        let ahead = elapsed.saturating_sub(self.elapsed);
        self.wall.checked_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// How far `wall` lies ahead, zero where it has passed.
    #[must_use]
    pub fn until(&self, wall: Timestamp) -> Duration {
        wall.duration_since(self.wall)
            .try_into()
            .unwrap_or(Duration::ZERO)
    }
}

/// Tells the time and waits.
pub trait Clock: Send + Sync + fmt::Debug {
    /// This moment.
    fn now(&self) -> Now;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The computer's clocks.
#[derive(Debug)]
pub struct SystemClock {
    origin: tokio::time::Instant,
}

impl SystemClock {
    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origin: tokio::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now {
            elapsed: self.origin.elapsed(),
            wall: Timestamp::now(),
        }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
pub(crate) mod simulated {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A clock that stands still but for sleepers, whose sleep ends at once and moves it on.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct SimulatedClock(Arc<AtomicU64>);

    impl SimulatedClock {
        pub(crate) fn advance(&self, duration: Duration) {
            self.0.fetch_add(millis(duration), Ordering::SeqCst);
        }
    }

    impl Clock for SimulatedClock {
        fn now(&self) -> Now {
            let elapsed = Duration::from_millis(self.0.load(Ordering::SeqCst));
            Now {
                elapsed,
                wall: Timestamp::from_second(1_700_000_000).unwrap() + elapsed,
            }
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            let time = Arc::clone(&self.0);
            let end = millis(self.now().elapsed + duration);
            Box::pin(async move {
                time.fetch_max(end, Ordering::SeqCst);
            })
        }
    }

    /// Rounded up, so that a sleeper does not wake too early.
    fn millis(duration: Duration) -> u64 {
        u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap()
    }
}
