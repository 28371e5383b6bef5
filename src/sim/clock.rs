//! The time that a simulated tenant goes by: the machine's, or one that a test moves.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Where a simulated tenant gets the time from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until somebody moves it.
    Manual(ManualClock),
}

impl Clock {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(clock) => clock.now(),
        }
    }

    /// Lets time pass where that costs nothing: a manual clock moves, the machine's does not.
    pub(super) fn pass(&self, span: SignedDuration) {
        if let Self::Manual(clock) = self {
            clock.advance(span);
        }
    }
}

/// A clock that stands still until it is moved; clones share the time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it by `span`; at the end of time it stays where it is.
    pub fn advance(&self, span: SignedDuration) {
        let mut time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *time = time.saturating_add(span).unwrap_or(*time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told_and_for_all_its_clones() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let other = Clock::Manual(clock.clone());
        clock.advance(SignedDuration::from_secs(5));
        assert_eq!(other.now().as_second(), 5);
        other.pass(SignedDuration::from_millis(1500));
        assert_eq!(clock.now().as_millisecond(), 6500);
    }
}
