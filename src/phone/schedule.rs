//! When to look at a tenant again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::outcome::Class;
use crate::api::{Auth0Tenant, PhoneTestMessage, PhoneTestMessageStatus, duration};

/// After this time it is looked whether what was begun is done, where `retryInterval` is longer.
const SOON: Duration = Duration::from_secs(5);

/// How often a tenant is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Between two passes that find nothing wrong.
    pub interval: Duration,
    /// After the first failure in a row; doubled for each further one, up to the interval.
    pub retry: Duration,
}

impl Cadence {
    /// The cadence that a tenant's object sets.
    #[must_use]
    pub fn of(tenant: &Auth0Tenant) -> Self {
        let default = Self::default();
        let read = |text: &Option<String>| text.as_deref().and_then(|text| duration(text).ok());
        Self {
            interval: read(&tenant.spec.interval).unwrap_or(default.interval),
            retry: read(&tenant.spec.retry_interval).unwrap_or(default.retry),
        }
    }
}

impl Default for Cadence {
    fn default() -> Self {
        Self {
            interval: Duration::from_mins(10),
            retry: Duration::from_secs(15),
        }
    }
}

/// When a test message whose status this is is to be deleted, if ever: so long after its attempt has
/// ended as its object says.
#[must_use]
pub fn expiry(object: &PhoneTestMessage, status: &PhoneTestMessageStatus) -> Option<Timestamp> {
    let attempt = status.attempt.as_ref();
    let attempt = attempt.filter(|it| Some(it.generation) == object.metadata.generation)?;
    let wait = duration(object.spec.ttl_after_finished.as_deref()?).ok()?;
    Some(later(attempt.finished_at?, wait))
}

/// When to look again after a pass whose worst failure is `worst`.
///
/// A failing tenant is never looked at more often than a healthy one but for a logarithmic number
/// of early retries; one whose limit others use up all the time waits longer than for the next
/// reset. `jitter` is a random number from 0 to 1; it stretches the interval by up to
/// 5 %, so that many tenants do not come due together.
#[must_use]
pub fn next_look(
    now: Timestamp,
    cadence: Cadence,
    worst: Option<Class>,
    failures_in_a_row: u32,
    jitter: f64,
) -> Timestamp {
    let stretched = |wait: Duration| later(now, wait.mul_f64(1.0 + 0.05 * jitter.clamp(0.0, 1.0)));
    match worst {
        None | Some(Class::Terminal) => stretched(cadence.interval),
        // The first time the reset alone counts.
        Some(Class::Throttled(until)) if failures_in_a_row <= 1 => until.max(now),
        Some(Class::Throttled(until)) => {
            until.max(stretched(backoff(cadence, failures_in_a_row - 1)))
        }
        Some(Class::Pending) => {
            let retry = cadence.retry.min(SOON);
            stretched(backoff(Cadence { retry, ..cadence }, failures_in_a_row))
        }
        Some(Class::Transient | Class::Gone) => stretched(backoff(cadence, failures_in_a_row)),
    }
}

/// Doubles with every failure in a row, up to the interval.
fn backoff(cadence: Cadence, failures_in_a_row: u32) -> Duration {
    let doublings = failures_in_a_row.saturating_sub(1).min(31);
    cadence
        .retry
        .saturating_mul(1 << doublings)
        .min(cadence.interval)
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| now.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The class that decides when to look again: the soonest reason to.
#[must_use]
pub fn worst(classes: impl IntoIterator<Item = Class>) -> Option<Class> {
    classes
        .into_iter()
        .reduce(|left, right| match (left, right) {
            (Class::Throttled(a), Class::Throttled(b)) => Class::Throttled(a.max(b)),
            (first, second) if rank(first) >= rank(second) => first,
            (_, second) => second,
        })
}

/// How soon a reason makes it worth to look again; of two of the same the first counts.
const fn rank(class: Class) -> u8 {
    match class {
        Class::Terminal => 0,
        Class::Pending => 1,
        Class::Transient | Class::Gone => 2,
        Class::Throttled(_) => 3,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a valid time")
    }

    fn seconds(now: Timestamp, then: Timestamp) -> i64 {
        then.duration_since(now).as_secs()
    }

    #[test]
    fn a_healthy_tenant_waits_its_interval_and_up_to_five_percent() {
        let cadence = Cadence::default();
        assert_eq!(seconds(at(0), next_look(at(0), cadence, None, 0, 0.0)), 600);
        assert_eq!(seconds(at(0), next_look(at(0), cadence, None, 0, 1.0)), 630);
        assert_eq!(seconds(at(0), next_look(at(0), cadence, None, 0, 7.0)), 630);
    }

    #[test]
    fn a_terminal_failure_waits_as_long_as_health_does() {
        let next = next_look(at(0), Cadence::default(), Some(Class::Terminal), 9, 0.0);
        assert_eq!(seconds(at(0), next), 600);
    }

    #[test]
    fn transient_failures_double_their_wait_up_to_the_interval() {
        let wait = |failures| {
            let next = next_look(
                at(0),
                Cadence::default(),
                Some(Class::Transient),
                failures,
                0.0,
            );
            seconds(at(0), next)
        };
        let waits: Vec<i64> = (0..10).map(wait).collect();
        assert_eq!(waits, [15, 15, 30, 60, 120, 240, 480, 600, 600, 600]);
        assert_eq!(wait(u32::MAX), 600);
        let gone = next_look(at(0), Cadence::default(), Some(Class::Gone), 1, 0.0);
        assert_eq!(seconds(at(0), gone), 15);
    }

    #[test]
    fn what_takes_its_time_is_looked_at_soon_and_then_later() {
        let wait = |failures| {
            let class = Some(Class::Pending);
            seconds(
                at(0),
                next_look(at(0), Cadence::default(), class, failures, 0.0),
            )
        };
        let waits: Vec<i64> = (1..9).map(wait).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 600]);
    }

    #[test]
    fn a_throttled_tenant_waits_for_the_reset_and_never_looks_into_the_past() {
        let class = Some(Class::Throttled(at(42)));
        assert_eq!(next_look(at(0), Cadence::default(), class, 1, 0.5), at(42));
        assert_eq!(next_look(at(50), Cadence::default(), class, 1, 0.5), at(50));
    }

    #[test]
    fn a_tenant_that_is_throttled_again_and_again_waits_longer_than_for_the_reset() {
        let class = Some(Class::Throttled(at(20)));
        let next = |failures| next_look(at(0), Cadence::default(), class, failures, 0.0);
        let waits: Vec<Timestamp> = (1..=4).map(next).collect();
        assert_eq!(waits, [at(20), at(20), at(30), at(60)]);
        assert_eq!(next(u32::MAX), at(600));
    }

    #[test]
    fn the_class_that_decides_is_throttling_then_what_passes_then_what_does_not() {
        use Class::{Gone, Pending, Terminal, Throttled, Transient};
        assert_eq!(worst([]), None);
        assert_eq!(worst([Pending, Terminal]), Some(Pending));
        assert_eq!(worst([Terminal, Pending]), Some(Pending));
        assert_eq!(worst([Pending, Transient]), Some(Transient));
        assert_eq!(worst([Terminal, Terminal]), Some(Terminal));
        assert_eq!(worst([Terminal, Transient]), Some(Transient));
        assert_eq!(worst([Transient, Terminal]), Some(Transient));
        assert_eq!(worst([Gone, Terminal]), Some(Gone));
        assert_eq!(
            worst([Transient, Throttled(at(3)), Gone]),
            Some(Throttled(at(3)))
        );
        assert_eq!(
            worst([Throttled(at(3)), Throttled(at(9))]),
            Some(Throttled(at(9)))
        );
        assert_eq!(
            worst([Throttled(at(9)), Throttled(at(3))]),
            Some(Throttled(at(9)))
        );
    }

    proptest! {
        /// Law 6: calls while failing ≤ calls while healthy, plus a logarithmic term.
        #[test]
        fn a_failing_tenant_makes_hardly_more_passes_than_a_healthy_one(
            interval in 10_u64..100_000,
            retry in 1_u64..1000,
            jitter in 0.0_f64..1.0,
        ) {
            let cadence = Cadence {
                interval: Duration::from_secs(interval),
                retry: Duration::from_secs(retry),
            };
            let horizon = at(i64::try_from(interval * 50).expect("it fits"));
            let passes = |worst: Option<Class>| {
                let (mut now, mut count) = (at(0), 0_u32);
                while now < horizon && count < 1000 {
                    count += 1;
                    now = next_look(now, cadence, worst, count, jitter);
                }
                count
            };
            let extra = f64::from(passes(Some(Class::Transient))) - f64::from(passes(None));
            let doublings = (cadence.interval.as_secs_f64() / cadence.retry.as_secs_f64()).log2();
            prop_assert!(extra <= doublings.max(0.0) + 4.0, "{extra} more than {doublings}");
        }
    }
}
