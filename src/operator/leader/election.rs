//! Who leads, decided from what was read of the Lease and when; the rules are client-go's.
//!
//! No replica compares its clock with another's: a Lease has expired when *this* replica has seen
//! it unchanged for the duration that it names, by its own monotonic clock. The times of day in the
//! Lease are for people.

use std::time::Duration;

#[cfg(test)]
mod tests;

/// How long a leader may be silent, and how often it tries not to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTiming {
    /// After this time without a sign of the leader another replica takes over. Whole seconds, at
    /// least 1.
    pub lease: Duration,
    /// After this time without a successful renewal a leader stops by itself. The distance to
    /// `lease` is what a write that is under way may take at most to arrive.
    pub renew_deadline: Duration,
    /// Between two attempts to get or to renew the Lease.
    pub retry: Duration,
}

/// A timing with which two replicas could lead at once, or none for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimingError {
    /// The Lease names its duration in whole seconds.
    #[error("the lease duration must be a whole number of seconds, at least 1")]
    Lease,
    /// The leader must stop before another one begins.
    #[error("the renew deadline must be shorter than the lease duration")]
    Deadline,
    /// There must be time for more than one attempt.
    #[error("the retry period must be more than zero and shorter than half the renew deadline")]
    Retry,
}

impl LeaseTiming {
    /// Checks that the three fit together.
    ///
    /// # Errors
    ///
    /// [`TimingError`] naming the first that does not fit.
    pub fn check(self) -> Result<Self, TimingError> {
        if self.lease.subsec_nanos() != 0
            || self.lease.is_zero()
            || i32::try_from(self.lease.as_secs()).is_err()
        {
            Err(TimingError::Lease)
        } else if self.renew_deadline >= self.lease {
            Err(TimingError::Deadline)
        } else if self.retry.is_zero() || self.retry.saturating_mul(2) >= self.renew_deadline {
            Err(TimingError::Retry)
        } else {
            Ok(self)
        }
    }

    /// The time allowed for one call to the API server: with half the deadline gone there is time
    /// for a second one.
    #[must_use]
    pub fn call(&self) -> Duration {
        self.renew_deadline / 2
    }
}

impl Default for LeaseTiming {
    /// 35 s, 30 s, 5 s: calm enough for an API server that restarts.
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(35),
            renew_deadline: Duration::from_secs(30),
            retry: Duration::from_secs(5),
        }
    }
}

/// What of a Lease matters to an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The replica that leads; empty where the Lease was given back.
    pub holder: String,
    /// The duration that the holder wrote, where it wrote a sensible one.
    pub duration: Option<Duration>,
    /// The holder's time of day at its last renewal. It is compared for being another one than
    /// before, and with nothing else.
    pub renewed: Option<jiff::Timestamp>,
    /// How often the Lease has changed hands.
    pub transitions: i32,
}

/// What a replica does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// There is no Lease: create it.
    Create,
    /// Nobody holds the Lease any more: put this replica's name into what was read.
    Take,
    /// It is this replica's: renew what was read.
    Renew,
    /// Somebody else holds it, for this long at least unless it is given back.
    Wait(Duration),
}

/// One replica's view of the Lease.
#[derive(Clone, Debug)]
pub struct Election {
    identity: String,
    lease: Duration,
    seen: Option<Seen>,
}

#[derive(Clone, Debug)]
struct Seen {
    record: Record,
    since: Duration,
}

impl Election {
    /// The view of a replica that has read nothing yet. No other may have the same identity, not
    /// even an earlier process of the same name.
    #[must_use]
    pub const fn new(identity: String, timing: LeaseTiming) -> Self {
        Self {
            identity,
            lease: timing.lease,
            seen: None,
        }
    }

    /// What was read of the Lease. `now` is the moment at which the answer had come: a moment
    /// before that could lie before a renewal that the answer shows.
    pub fn observe(&mut self, record: Option<Record>, now: Duration) {
        match (&self.seen, record) {
            (Some(seen), Some(record)) if seen.record == record => {}
            (_, Some(record)) => self.seen = Some(Seen { record, since: now }),
            (_, None) => self.seen = None,
        }
    }

    /// What to do about it at the moment `now`.
    #[must_use]
    pub fn decide(&self, now: Duration) -> Decision {
        let Some(Seen { record, since }) = &self.seen else {
            return Decision::Create;
        };
        if record.holder == self.identity {
            return Decision::Renew;
        }
        if record.holder.is_empty() {
            return Decision::Take;
        }
        let until = since.saturating_add(record.duration.unwrap_or(self.lease));
        match until.checked_sub(now) {
            Some(left) if !left.is_zero() => Decision::Wait(left),
            _ => Decision::Take,
        }
    }
}

/// How long a leader believes that it leads: from the moment at which its last successful renewal
/// was *sent*, because others count from the moment at which they see it, which is later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenure {
    until: Duration,
    ended: bool,
}

impl Tenure {
    /// A tenure that rests on a write sent at `sent`.
    #[must_use]
    pub fn new(sent: Duration, timing: LeaseTiming) -> Self {
        Self {
            until: sent.saturating_add(timing.renew_deadline),
            ended: false,
        }
    }

    /// Whether it lasts at the moment `now`.
    #[must_use]
    pub fn lasts(&self, now: Duration) -> bool {
        !self.ended && now < self.until
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn until(&self) -> Duration {
        self.until
    }

    /// Ends it for good.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// A renewal sent at `sent` is known, at the moment `now`, to have succeeded. What has ended
    /// meanwhile stays ended: somebody may have acted on that. Says whether it lasts.
    pub fn renew(&mut self, sent: Duration, now: Duration, timing: LeaseTiming) -> bool {
        if self.lasts(now) {
            self.until = self.until.max(sent.saturating_add(timing.renew_deadline));
        } else {
            self.end();
        }
        self.lasts(now)
    }
}
