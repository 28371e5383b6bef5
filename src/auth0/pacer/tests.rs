use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;

use super::*;
use crate::auth0::clock::simulated::SimulatedClock;

fn ok() -> Signal {
    Signal {
        status: 200,
        ..Signal::default()
    }
}

fn throttled() -> Signal {
    Signal {
        status: 429,
        ..Signal::default()
    }
}

fn pacer(limit: RateLimit) -> (Pacer, SimulatedClock) {
    let clock = SimulatedClock::default();
    (Pacer::with_clock(limit, Arc::new(clock.clone())), clock)
}

#[tokio::test]
async fn fourteen_calls_take_two_seconds_by_default() {
    let (pacer, clock) = pacer(RateLimit::default());
    let first = pacer.admit(Duration::from_secs(30)).await.unwrap();
    first.answered(Bucket::Management, &ok());
    let calls = (0..13).map(|_| async {
        let permit = pacer.admit(Duration::from_secs(30)).await.unwrap();
        permit.answered(Bucket::Management, &ok());
    });
    join_all(calls).await;
    assert_eq!(clock.now().elapsed, Duration::from_secs(2));
    assert_eq!(pacer.stats().calls, 14);
    assert!(pacer.stats().waited > Duration::ZERO);
}

#[tokio::test]
async fn whoever_would_wait_too_long_is_told_at_once_and_when_to_come_again() {
    let (pacer, clock) = pacer(RateLimit::default());
    let permit = pacer.admit(Duration::ZERO).await.unwrap();
    let retry_after = Some(Duration::from_secs(50));
    permit.answered(
        Bucket::Management,
        &Signal {
            retry_after,
            ..throttled()
        },
    );
    let until = pacer.paused_until().unwrap();
    let refused = pacer.admit(Duration::from_secs(30)).await.err().unwrap();
    assert_eq!(refused, HeldBack { until });
    assert!(until >= clock.now().wall + Duration::from_secs(50));
    assert_eq!(clock.now().elapsed, Duration::ZERO, "nobody waited");
    let stats = pacer.stats();
    assert_eq!((stats.calls, stats.throttled, stats.held_back), (1, 1, 1));
    clock.advance(Duration::from_mins(1));
    assert!(pacer.admit(Duration::ZERO).await.is_ok());
    assert_eq!(pacer.paused_until(), None);
}

/// A clock that only a test moves on; whoever sleeps looks at it when polled.
#[derive(Debug)]
struct Standstill(SimulatedClock);

impl Clock for Standstill {
    fn now(&self) -> Now {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> futures::future::BoxFuture<'static, ()> {
        let clock = self.0.clone();
        let end = clock.now().elapsed + duration;
        Box::pin(std::future::poll_fn(move |_| {
            if clock.now().elapsed < end {
                std::task::Poll::Pending
            } else {
                std::task::Poll::Ready(())
            }
        }))
    }
}

#[tokio::test]
async fn callers_that_queued_before_a_429_are_held_by_it() {
    let clock = SimulatedClock::default();
    let limit = RateLimit::new(1.0, 1);
    let pacer = Pacer::with_clock(limit, Arc::new(Standstill(clock.clone())));
    let wait = Duration::from_mins(2);
    let flying = pacer.admit(wait).await.unwrap();
    let mut queued = [pacer.admit(wait), pacer.admit(wait)].map(Box::pin);
    for caller in &mut queued {
        assert!(caller.as_mut().now_or_never().is_none());
    }
    let retry_after = Some(Duration::from_secs(30));
    let signal = Signal {
        retry_after,
        ..throttled()
    };
    flying.answered(Bucket::Management, &signal);
    for _ in 0..30 {
        for caller in &mut queued {
            assert!(
                caller.as_mut().now_or_never().is_none(),
                "lent during a pause"
            );
        }
        clock.advance(Duration::from_secs(1));
    }
    clock.advance(Duration::from_secs(6));
    let [first, second] = &mut queued;
    assert!(first.as_mut().now_or_never().is_some());
    clock.advance(Duration::from_secs(1));
    assert!(second.as_mut().now_or_never().is_some());
}

#[tokio::test]
async fn a_waiting_caller_hears_at_once_of_what_was_learnt() {
    let clock = SimulatedClock::default();
    let pacer = Pacer::with_clock(RateLimit::default(), Arc::new(Standstill(clock)));
    let wait = Duration::from_secs(30);
    let first = pacer.admit(wait).await.unwrap();
    let _second = pacer.admit(wait).await.unwrap();
    let mut third = std::pin::pin!(pacer.admit(wait));
    assert!(third.as_mut().now_or_never().is_none());
    first.answered(Bucket::Management, &ok());
    assert!(third.as_mut().now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn a_cancelled_caller_gives_its_place_up() {
    let clock = SimulatedClock::default();
    let pacer = Pacer::with_clock(RateLimit::new(1.0, 1), Arc::new(Standstill(clock.clone())));
    let wait = Duration::from_secs(30);
    let _permit = pacer.admit(wait).await.unwrap();
    assert!(pacer.admit(wait).now_or_never().is_none());
    clock.advance(Duration::from_secs(1));
    assert!(pacer.admit(Duration::ZERO).await.is_ok());
}

#[tokio::test]
async fn in_a_hurry_nobody_waits_for_long_not_even_those_who_wait_already() {
    let clock = SimulatedClock::default();
    let pacer = Pacer::with_clock(RateLimit::default(), Arc::new(Standstill(clock)));
    let permit = pacer.admit(Duration::ZERO).await.unwrap();
    permit.answered(Bucket::Management, &throttled());
    let until = pacer.paused_until().unwrap();
    let mut waiting = Box::pin(pacer.admit(Duration::from_secs(30)));
    assert!(waiting.as_mut().now_or_never().is_none());
    pacer.hurry(Duration::ZERO);
    let held_back = waiting.as_mut().now_or_never().unwrap().err();
    assert_eq!(held_back, Some(HeldBack { until }));
}
