//! The pacer's decisions: a pure state machine over the time that it is told.
//!
//! A token bucket in units of time: a call costs one interval, credit grows as time passes, up to
//! `burst` intervals. Callers queue in order. A pause, learnt from an answer, holds everybody.

use std::collections::VecDeque;
use std::time::Duration;

use super::Signal;
use crate::auth0::clock::Now;

/// The smallest bucket of any plan (§11.1): all that is spent before the first answer is in.
const SMALLEST_BUCKET: u32 = 2;

/// Bounds of a pause that rests on `x-ratelimit-reset` or on nothing (§11.2).
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Jitter prolongs a pause by at most a fifth (§11.2), so that processes do not return as one.
const JITTER: f64 = 0.2;

/// The budget of calls to one tenant.
///
/// The default is 2 calls a second, the smallest sustained rate of any plan, and bursts of 10: a
/// first converge of 14 calls takes 2 seconds, and an idle pass fits into one burst. A tenant's
/// bucket is shared with its other tools, so a smaller bucket learnt from the headers wins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    interval: Duration,
    burst: u32,
}

impl RateLimit {
    /// `requests_per_second` sustained (0.01 to 1000; what lies outside is moved to the bound) and
    /// `burst` at once (at least 1).
    #[must_use]
    pub fn new(requests_per_second: f64, burst: u32) -> Self {
        let rate = if requests_per_second.is_nan() {
            2.0
        } else {
            requests_per_second.clamp(0.01, 1000.0)
        };
        Self {
            interval: Duration::from_secs_f64(1.0 / rate),
            burst: burst.max(1),
        }
    }

    /// Calls a second in the long run.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        1.0 / self.interval.as_secs_f64()
    }

    /// The time that one call costs.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How many calls may be made at once.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::new(2.0, 10)
    }
}

/// Whose limit an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// The Management API's, which the budget is about.
    Management,
    /// The token endpoint's: only its 429 counts, because that may be the tenant's (§1).
    Token,
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// What a caller does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Make the call; the place in the queue is gone.
    Admit,
    /// Ask again at this moment of the monotonic clock, or when something was learnt.
    WaitUntil(Duration),
}

/// The state of one tenant's pacer.
#[derive(Clone, Debug)]
pub struct PacerState {
    limit: RateLimit,
    learned: Option<u32>,
    credit: Duration,
    as_of: Duration,
    answered: bool,
    paused_until: Option<Duration>,
    strikes: u32,
    struck_at: Option<Duration>,
    queue: VecDeque<Ticket>,
    tickets: u64,
    in_flight: u32,
}

impl PacerState {
    /// A pacer that has made no call yet.
    ///
    /// Nothing is known of the tenant's plan, so only the smallest bucket is spent until the first
    /// answer is in; then the rest of the burst is released.
    #[must_use]
    pub fn new(limit: RateLimit, now: Now) -> Self {
        Self {
            limit,
            learned: None,
            credit: limit
                .interval
                .saturating_mul(SMALLEST_BUCKET.min(limit.burst)),
            as_of: now.elapsed,
            answered: false,
            paused_until: None,
            strikes: 0,
            struck_at: None,
            queue: VecDeque::new(),
            tickets: 0,
            in_flight: 0,
        }
    }

    /// Changes the budget; callers in the queue keep their places.
    pub fn set_limit(&mut self, limit: RateLimit, now: Now) {
        self.refill(now.elapsed);
        self.limit = limit;
        self.cap(self.burst());
    }

    /// Takes a place at the end of the queue.
    pub fn enqueue(&mut self) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.queue.push_back(ticket);
        ticket
    }

    /// Gives a place up; says whether it was held still.
    pub fn leave(&mut self, ticket: Ticket) -> bool {
        let before = self.queue.len();
        self.queue.retain(|queued| *queued != ticket);
        self.queue.len() < before
    }

    /// Whether the caller with this place may go now, and if not, when it can at the earliest.
    ///
    /// Everybody ahead is reckoned with, so that waiting costs one wake-up and no caller overtakes
    /// another's share.
    pub fn poll(&mut self, ticket: Ticket, now: Now) -> Admission {
        self.refill(now.elapsed);
        let ahead = self.queue.iter().position(|queued| *queued == ticket);
        let Some(ahead) = ahead else {
            return Admission::WaitUntil(now.elapsed.saturating_add(self.limit.interval));
        };
        let places = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1);
        let cost = self.limit.interval.saturating_mul(places);
        let mut due = self.as_of.saturating_add(cost.saturating_sub(self.credit));
        if let Some(until) = self.paused_until {
            due = due.max(until);
        }
        if due > now.elapsed {
            return Admission::WaitUntil(due);
        }
        self.queue.remove(ahead);
        self.credit = self.credit.saturating_sub(self.limit.interval);
        self.in_flight = self.in_flight.saturating_add(1);
        Admission::Admit
    }

    /// A call ended without an answer.
    pub fn lost(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// A call that was admitted at `admitted` was answered; `jitter` is from 0 to 1.
    pub fn learn(
        &mut self,
        bucket: Bucket,
        signal: &Signal,
        admitted: Duration,
        now: Now,
        jitter: f64,
    ) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.refill(now.elapsed);
        // What was sent before the last 429 tells nothing about what came after it.
        let later = self.struck_at.is_none_or(|struck| admitted > struck);
        if signal.status == 429 {
            if later {
                self.strikes = self.strikes.saturating_add(1);
                self.struck_at = Some(now.elapsed);
            }
            let pause = pause(signal, self.strikes, now);
            let pause = pause.mul_f64(JITTER.mul_add(jitter.clamp(0.0, 1.0), 1.0));
            self.pause_until(now.elapsed.saturating_add(pause));
            return;
        }
        if later {
            self.strikes = 0;
        }
        if bucket == Bucket::Management {
            self.learn_bucket(signal, now);
        }
    }

    /// Until when everybody is held, if anybody is.
    #[must_use]
    pub fn paused_until(&self, now: Now) -> Option<Duration> {
        self.paused_until.filter(|until| *until > now.elapsed)
    }

    fn learn_bucket(&mut self, signal: &Signal, now: Now) {
        self.learned = signal.limit.map(|limit| limit.max(1)).or(self.learned);
        let released = self.withheld();
        self.answered = true;
        // During a pause the credit is that of its end, to which nothing is added.
        if self.paused_until(now).is_none() {
            self.credit = self.credit.saturating_add(released);
            let left = signal
                .remaining
                .map_or(u32::MAX, |left| left.saturating_sub(self.in_flight));
            self.cap(self.burst().min(left));
        }
        if let (Some(0), Some(reset)) = (signal.remaining, signal.reset) {
            let pause = now.until(reset).min(LONGEST_PAUSE);
            if !pause.is_zero() {
                self.pause_until(now.elapsed.saturating_add(pause));
            }
        }
    }

    /// Holds everybody; afterwards one call is free and the others follow at the sustained rate,
    /// because a reset promises no more than one.
    fn pause_until(&mut self, until: Duration) {
        if self.paused_until.is_none_or(|current| until > current) {
            self.paused_until = Some(until);
            self.as_of = until;
            self.credit = self.limit.interval;
        }
    }

    fn refill(&mut self, now: Duration) {
        let Some(passed) = now.checked_sub(self.as_of) else {
            return;
        };
        self.as_of = now;
        self.credit = self.credit.saturating_add(passed);
        self.cap(self.burst());
        // What is withheld is part of the burst, so waiting must not earn it a second time.
        let full = self.limit.interval.saturating_mul(self.limit.burst);
        self.credit = self.credit.min(full.saturating_sub(self.withheld()));
    }

    fn cap(&mut self, calls: u32) {
        self.credit = self.credit.min(self.limit.interval.saturating_mul(calls));
    }

    /// What of the burst is not spent before the first answer is in.
    const fn withheld(&self) -> Duration {
        if self.answered {
            return Duration::ZERO;
        }
        let calls = self.limit.burst.saturating_sub(SMALLEST_BUCKET);
        self.limit.interval.saturating_mul(calls)
    }

    fn burst(&self) -> u32 {
        self.learned
            .map_or(self.limit.burst, |learned| learned.min(self.limit.burst))
    }
}

/// How long a 429 holds everybody, without jitter (§11.2).
fn pause(signal: &Signal, strikes: u32, now: Now) -> Duration {
    if let Some(delay) = signal.retry_after {
        return delay.max(SHORTEST_PAUSE);
    }
    if let Some(reset) = signal.reset {
        return now.until(reset).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
    }
    let doublings = strikes.saturating_sub(1).min(6);
    SHORTEST_PAUSE
        .saturating_mul(1 << doublings)
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
