//! When a call is made again: only where that surely does no harm.
//!
//! Auth0 knows no idempotency keys (§0), so a write whose fate is unknown is never repeated: the
//! next pass reads the tenant again and plans anew. A conflict is not repeated either, because the
//! same request would meet the same state.

use std::time::Duration;

use super::exchange::Method;

/// Calls that a request may cost because of transient failures.
const ATTEMPTS: u32 = 3;

/// 429s after which a request is given back to its caller.
const THROTTLES: u32 = 3;

/// The first backoff; it doubles with each attempt.
const BACKOFF: Duration = Duration::from_millis(500);

/// How one call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status; `retry_after` is its header of that name.
    Answer {
        /// The HTTP status.
        status: u16,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The request surely was not sent.
    NotSent,
    /// The answer was lost or late.
    Unknown,
}

/// What a request has been through, this call included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Calls made.
    pub calls: u32,
    /// Calls that failed transiently.
    pub failures: u32,
    /// Calls answered with 429.
    pub throttles: u32,
    /// Whether the token was renewed because of a 401.
    pub renewed: bool,
    /// Time left until the caller wants to know.
    pub left: Duration,
}

impl History {
    /// Reckons one more call in, which ended as `outcome` at the moment `now` of a request that
    /// began at `started` and has `total` time.
    pub fn note(&mut self, outcome: Outcome, now: Duration, started: Duration, total: Duration) {
        self.calls += 1;
        match outcome {
            Outcome::Answer { status: 429, .. } => self.throttles += 1,
            Outcome::Answer {
                status: 408 | 500..,
                ..
            }
            | Outcome::NotSent
            | Outcome::Unknown => self.failures += 1,
            Outcome::Answer { .. } => {}
        }
        self.left = total.saturating_sub(now.saturating_sub(started));
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Call again after this time.
    Retry(Duration),
    /// Call again in one's turn: the pacer knows when.
    RetryPaced,
    /// Call again with a new token.
    RenewToken,
    /// Hand the outcome to the caller, be it good or bad.
    GiveUp,
}

/// Whether and how a request is made again. `jitter` is from 0 to 1.
#[must_use]
pub fn decide(method: Method, history: History, outcome: Outcome, jitter: f64) -> Decision {
    match outcome {
        // Neither was carried out, so any method may be repeated.
        Outcome::Answer { status: 401, .. } if !history.renewed => Decision::RenewToken,
        Outcome::Answer { status: 429, .. } if history.throttles < THROTTLES => {
            Decision::RetryPaced
        }
        Outcome::NotSent => again(history, None, jitter),
        Outcome::Answer {
            status: 408 | 500..,
            retry_after,
        } if !method.writes() => again(history, retry_after, jitter),
        Outcome::Unknown if !method.writes() => again(history, None, jitter),
        Outcome::Answer { .. } | Outcome::Unknown => Decision::GiveUp,
    }
}

/// Exponential backoff with up to 50 % jitter, if attempts and time are left for it.
fn again(history: History, at_least: Option<Duration>, jitter: f64) -> Decision {
    if history.failures >= ATTEMPTS {
        return Decision::GiveUp;
    }
    let doublings = history.failures.saturating_sub(1).min(8);
    let backoff = BACKOFF
        .saturating_mul(1 << doublings)
        .mul_f64(0.5_f64.mul_add(jitter.clamp(0.0, 1.0), 1.0))
        .max(at_least.unwrap_or_default());
    if backoff < history.left {
        Decision::Retry(backoff)
    } else {
        Decision::GiveUp
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const METHODS: [Method; 5] = [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ];

    fn first() -> History {
        History {
            calls: 1,
            failures: 1,
            throttles: 1,
            renewed: false,
            left: Duration::from_mins(1),
        }
    }

    fn answer(status: u16) -> Outcome {
        Outcome::Answer {
            status,
            retry_after: None,
        }
    }

    #[test]
    fn each_outcome_of_a_first_call_has_its_decision() {
        let wait = Decision::Retry(BACKOFF);
        let rows = [
            (answer(200), Decision::GiveUp, Decision::GiveUp),
            (answer(204), Decision::GiveUp, Decision::GiveUp),
            (answer(302), Decision::GiveUp, Decision::GiveUp),
            (answer(400), Decision::GiveUp, Decision::GiveUp),
            (answer(401), Decision::RenewToken, Decision::RenewToken),
            (answer(403), Decision::GiveUp, Decision::GiveUp),
            (answer(404), Decision::GiveUp, Decision::GiveUp),
            (answer(408), wait, Decision::GiveUp),
            (answer(409), Decision::GiveUp, Decision::GiveUp),
            (answer(429), Decision::RetryPaced, Decision::RetryPaced),
            (answer(500), wait, Decision::GiveUp),
            (answer(502), wait, Decision::GiveUp),
            (answer(503), wait, Decision::GiveUp),
            (answer(524), wait, Decision::GiveUp),
            (Outcome::NotSent, wait, wait),
            (Outcome::Unknown, wait, Decision::GiveUp),
        ];
        for (outcome, read, write) in rows {
            for method in METHODS {
                let expected = if method.writes() { write } else { read };
                assert_eq!(
                    decide(method, first(), outcome, 0.0),
                    expected,
                    "{method} {outcome:?}"
                );
            }
        }
    }

    #[test]
    fn a_second_401_and_a_fourth_429_are_given_back() {
        let renewed = History {
            renewed: true,
            ..first()
        };
        assert_eq!(
            decide(Method::Get, renewed, answer(401), 0.0),
            Decision::GiveUp
        );
        let throttled = History {
            throttles: THROTTLES,
            ..first()
        };
        assert_eq!(
            decide(Method::Get, throttled, answer(429), 0.0),
            Decision::GiveUp
        );
    }

    #[test]
    fn retry_after_of_a_503_is_honoured() {
        let outcome = Outcome::Answer {
            status: 503,
            retry_after: Some(Duration::from_secs(7)),
        };
        assert_eq!(
            decide(Method::Get, first(), outcome, 0.5),
            Decision::Retry(Duration::from_secs(7))
        );
    }

    proptest! {
        #[test]
        fn a_write_of_unknown_fate_is_never_repeated(
            status in prop_oneof![Just(408_u16), 500_u16..600],
            method in prop::sample::select(&METHODS[1..]),
            failures in 0_u32..5, throttles in 0_u32..5, renewed: bool, left in 0_u64..100,
            jitter in 0.0..1.0,
        ) {
            let left = Duration::from_secs(left);
            let history = History { calls: 1, failures, throttles, renewed, left };
            for outcome in [answer(status), answer(409), Outcome::Unknown] {
                prop_assert_eq!(decide(method, history, outcome, jitter), Decision::GiveUp);
            }
        }

        #[test]
        fn retries_end_and_stay_within_the_time_left(
            left in 0_u64..10_000, jitter in 0.0..1.0,
            outcomes in prop::collection::vec(
                prop_oneof![
                    Just(Outcome::NotSent), Just(Outcome::Unknown),
                    (400_u16..600).prop_map(answer),
                ],
                20,
            ),
        ) {
            let mut history = History { left: Duration::from_millis(left), ..History::default() };
            let total = history.left;
            let mut now = Duration::ZERO;
            for outcome in outcomes {
                history.note(outcome, now, Duration::ZERO, total);
                match decide(Method::Get, history, outcome, jitter) {
                    Decision::Retry(wait) => {
                        prop_assert!(wait < history.left);
                        now += wait;
                    }
                    Decision::RenewToken => history.renewed = true,
                    Decision::RetryPaced => {}
                    Decision::GiveUp => break,
                }
            }
            prop_assert!(history.calls <= ATTEMPTS + THROTTLES + 1);
        }
    }
}
