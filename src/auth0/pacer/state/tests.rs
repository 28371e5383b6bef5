use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn at(millis: u64) -> Now {
    let elapsed = Duration::from_millis(millis);
    Now {
        elapsed,
        wall: Timestamp::from_second(1_700_000_000).unwrap() + elapsed,
    }
}

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

/// A state whose first answer is in, so that the whole burst is open.
fn warm(limit: RateLimit) -> PacerState {
    let mut state = PacerState::new(limit, at(0));
    state.learn(Bucket::Management, &ok(), Duration::ZERO, at(0), 0.0);
    state
}

fn admitted_at_once(state: &mut PacerState, now: Now) -> u32 {
    let mut count = 0;
    loop {
        let ticket = state.enqueue();
        if state.poll(ticket, now) != Admission::Admit {
            state.leave(ticket);
            return count;
        }
        count += 1;
    }
}

fn due(state: &mut PacerState, now: Now) -> Duration {
    let ticket = state.enqueue();
    match state.poll(ticket, now) {
        Admission::Admit => now.elapsed,
        Admission::WaitUntil(due) => due,
    }
}

#[test]
fn before_the_first_answer_only_the_smallest_bucket_is_spent() {
    let mut state = PacerState::new(RateLimit::default(), at(0));
    assert_eq!(admitted_at_once(&mut state, at(0)), 2);
    state.learn(Bucket::Management, &ok(), Duration::ZERO, at(10), 0.0);
    assert_eq!(admitted_at_once(&mut state, at(10)), 8);
}

/// An object's own budget is known after its pacer: the calls that are withheld are of that budget,
/// and never all of it.
#[test]
fn a_budget_that_is_changed_before_the_first_answer_opens_the_smallest_bucket_too() {
    for (per_second, burst) in [(16.0, 50), (1000.0, 1000), (1.0, 1), (0.5, 20)] {
        let mut state = PacerState::new(RateLimit::default(), at(0));
        state.set_limit(RateLimit::new(per_second, burst), at(0));
        assert!(due(&mut state, at(0)) <= Duration::from_secs(1));
        let mut state = PacerState::new(RateLimit::default(), at(0));
        state.set_limit(RateLimit::new(per_second, burst), at(0));
        assert_eq!(admitted_at_once(&mut state, at(60_000)), burst.min(2));
    }
}

#[test]
fn the_bucket_of_the_headers_bounds_the_burst() {
    let mut state = PacerState::new(RateLimit::default(), at(0));
    let signal = Signal {
        limit: Some(5),
        remaining: Some(4),
        ..ok()
    };
    let ticket = state.enqueue();
    assert_eq!(state.poll(ticket, at(0)), Admission::Admit);
    state.learn(Bucket::Management, &signal, Duration::ZERO, at(1), 0.0);
    assert_eq!(admitted_at_once(&mut state, at(1)), 4);
    assert_eq!(admitted_at_once(&mut state, at(60_000)), 5);
}

#[test]
fn calls_in_flight_count_against_what_remains() {
    let mut state = warm(RateLimit::new(2.0, 10));
    for _ in 0..3 {
        let ticket = state.enqueue();
        assert_eq!(state.poll(ticket, at(0)), Admission::Admit);
    }
    let signal = Signal {
        remaining: Some(3),
        ..ok()
    };
    state.learn(Bucket::Management, &signal, Duration::ZERO, at(1), 0.0);
    assert_eq!(admitted_at_once(&mut state, at(1)), 1);
}

#[test]
fn a_spent_bucket_pauses_until_its_reset_before_any_429() {
    let mut state = warm(RateLimit::default());
    let signal = Signal {
        remaining: Some(0),
        reset: Some(at(7000).wall),
        ..ok()
    };
    state.learn(Bucket::Management, &signal, Duration::ZERO, at(100), 0.0);
    assert_eq!(due(&mut state, at(200)), Duration::from_secs(7));
    assert_eq!(due(&mut state, at(200)), Duration::from_millis(7500));
}

#[test]
fn a_spent_token_bucket_does_not_hold_the_management_api() {
    let mut state = warm(RateLimit::default());
    let signal = Signal {
        limit: Some(1),
        remaining: Some(0),
        reset: Some(at(7000).wall),
        ..ok()
    };
    state.learn(Bucket::Token, &signal, Duration::ZERO, at(100), 0.0);
    assert_eq!(admitted_at_once(&mut state, at(100)), 10);
}

#[test]
fn a_429_pauses_by_retry_after_then_by_reset_then_exponentially() {
    let after = |signal: Signal| {
        let mut state = warm(RateLimit::default());
        state.learn(Bucket::Token, &signal, Duration::ZERO, at(0), 0.0);
        due(&mut state, at(0)).as_secs()
    };
    let reset = |millis: u64| Some(at(millis).wall);
    let retry_after = Some(Duration::from_mins(5));
    assert_eq!(
        after(Signal {
            retry_after,
            reset: reset(5000),
            ..throttled()
        }),
        300
    );
    assert_eq!(
        after(Signal {
            reset: reset(5000),
            ..throttled()
        }),
        5
    );
    assert_eq!(
        after(Signal {
            reset: reset(0),
            ..throttled()
        }),
        1
    );
    assert_eq!(
        after(Signal {
            reset: reset(9_000_000),
            ..throttled()
        }),
        60
    );
    let mut state = warm(RateLimit::default());
    let mut now = at(0);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        state.learn(
            Bucket::Management,
            &throttled(),
            now.elapsed + Duration::from_millis(1),
            now,
            0.0,
        );
        let until = state.paused_until(now).unwrap();
        pauses.push(until.saturating_sub(now.elapsed).as_secs());
        now = at(u64::try_from(until.as_millis()).unwrap());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn parallel_429s_count_as_one_strike_and_late_successes_do_not_end_the_pause() {
    let mut state = warm(RateLimit::default());
    for _ in 0..5 {
        state.learn(
            Bucket::Management,
            &throttled(),
            Duration::ZERO,
            at(1000),
            0.0,
        );
    }
    state.learn(Bucket::Management, &ok(), Duration::ZERO, at(1001), 0.0);
    assert_eq!(state.paused_until(at(1001)), Some(Duration::from_secs(2)));
    assert_eq!(due(&mut state, at(1001)), Duration::from_secs(2));
}

#[test]
fn a_changed_budget_takes_effect_at_once() {
    let mut state = warm(RateLimit::new(1.0, 10));
    state.set_limit(RateLimit::new(1.0, 3), at(0));
    assert_eq!(admitted_at_once(&mut state, at(0)), 3);
    state.set_limit(RateLimit::new(100.0, 3), at(0));
    assert_eq!(due(&mut state, at(0)), Duration::from_millis(10));
}

#[test]
fn a_budget_that_is_set_before_the_first_answer_lets_calls_through() {
    for (per_second, burst, at_first) in [(1.0, 1, 1), (10.0, 20, 2), (100.0, 100, 2), (0.1, 5, 2)]
    {
        let mut state = PacerState::new(RateLimit::default(), at(0));
        state.set_limit(RateLimit::new(per_second, burst), at(0));
        // Long enough for any credit to be earned.
        let later = at(3_600_000);
        assert_eq!(
            admitted_at_once(&mut state, later),
            at_first,
            "{per_second}, {burst}"
        );
    }
}

#[test]
fn absurd_budgets_are_moved_to_the_bounds() {
    for rate in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e9] {
        let limit = RateLimit::new(rate, 0);
        assert!(limit.interval() >= Duration::from_millis(1), "{rate}");
        assert!(limit.interval() <= Duration::from_secs(100), "{rate}");
        assert_eq!(limit.burst(), 1);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Enqueue,
    PollAll,
    Leave(usize),
    Answer(Signal),
    Lose,
}

fn signal() -> impl Strategy<Value = Signal> {
    let status = prop_oneof![4 => Just(200_u16), 1 => Just(429_u16), 1 => Just(500_u16)];
    let reset = prop::option::of(0_u64..20_000).prop_map(|reset| reset.map(|at_| at(at_).wall));
    let retry_after = prop::option::of((0_u64..10).prop_map(Duration::from_secs));
    let limits = (prop::option::of(0_u32..12), prop::option::of(0_u32..12));
    (status, limits, reset, retry_after).prop_map(
        |(status, (limit, remaining), reset, retry_after)| Signal {
            status,
            limit,
            remaining,
            reset,
            retry_after,
            date: None,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_u64..3000).prop_map(Step::Wait),
        4 => Just(Step::Enqueue),
        4 => Just(Step::PollAll),
        1 => (0_usize..8).prop_map(Step::Leave),
        3 => signal().prop_map(Step::Answer),
        1 => Just(Step::Lose),
    ]
}

proptest! {
    #[test]
    fn no_call_is_lent_during_a_pause_and_none_beyond_the_budget(
        rate in 1_u32..50, burst in 1_u32..12, steps in prop::collection::vec(step(), 1..120),
        jitter in 0.0..1.0,
    ) {
        let limit = RateLimit::new(f64::from(rate), burst);
        let mut state = PacerState::new(limit, at(0));
        let (mut millis, mut queue, mut flying) = (0, Vec::new(), Vec::new());
        let (mut calls, mut paused) = (Vec::new(), Duration::ZERO);
        for step in steps {
            let now = at(millis);
            match step {
                Step::Wait(more) => millis += more,
                Step::Enqueue => queue.push(state.enqueue()),
                Step::Leave(index) if index < queue.len() => {
                    prop_assert!(state.leave(queue.remove(index)));
                }
                Step::PollAll => {
                    let mut waiting = false;
                    queue.retain(|ticket| match state.poll(*ticket, now) {
                        Admission::Admit => {
                            assert!(!waiting, "overtaken");
                            assert!(now.elapsed >= paused, "lent during a pause");
                            calls.push(now.elapsed);
                            flying.push(now.elapsed);
                            false
                        }
                        Admission::WaitUntil(due) => {
                            assert!(due > now.elapsed);
                            waiting = true;
                            true
                        }
                    });
                }
                Step::Answer(signal) => if let Some(admitted) = flying.pop() {
                    let bucket = Bucket::Management;
                    state.learn(bucket, &signal, admitted, now, jitter);
                    if signal.status == 429 {
                        let at_least = signal.retry_after.unwrap_or(Duration::from_secs(1));
                        paused = paused.max(now.elapsed + at_least.max(Duration::from_secs(1)));
                    }
                },
                Step::Lose => if flying.pop().is_some() { state.lost() },
                Step::Leave(_) => {}
            }
        }
        for (index, first) in calls.iter().enumerate() {
            for (more, last) in calls[index..].iter().enumerate() {
                let window = last.saturating_sub(*first).as_secs_f64();
                let budget = f64::from(burst) + window * f64::from(rate) + 1e-6;
                prop_assert!(f64::from(u32::try_from(more + 1).unwrap()) <= budget);
            }
        }
    }

    #[test]
    fn whoever_comes_back_when_told_is_let_through(
        rate in 1_u32..50, burst in 1_u32..12, callers in 1_usize..40, pause in 0_u64..5,
    ) {
        let mut state = warm(RateLimit::new(f64::from(rate), burst));
        if pause > 0 {
            let retry_after = Some(Duration::from_secs(pause));
            let signal = Signal { retry_after, ..throttled() };
            state.learn(Bucket::Management, &signal, Duration::ZERO, at(0), 0.0);
        }
        let tickets: Vec<_> = (0..callers).map(|_| state.enqueue()).collect();
        for ticket in tickets {
            let admission = state.poll(ticket, at(0));
            let later = match admission {
                Admission::Admit => continue,
                Admission::WaitUntil(due) => Now { elapsed: due, ..at(0) },
            };
            prop_assert_eq!(state.poll(ticket, later), Admission::Admit);
        }
    }

    #[test]
    fn jitter_only_prolongs_and_by_a_fifth_at_most(seconds in 1_u64..1000, jitter in 0.0..1.0) {
        let mut state = warm(RateLimit::default());
        let retry_after = Some(Duration::from_secs(seconds));
        let signal = Signal { retry_after, ..throttled() };
        state.learn(Bucket::Management, &signal, Duration::ZERO, at(0), jitter);
        let until = due(&mut state, at(0));
        prop_assert!(until >= Duration::from_secs(seconds));
        prop_assert!(until <= Duration::from_secs(seconds).mul_f64(1.2));
    }
}
