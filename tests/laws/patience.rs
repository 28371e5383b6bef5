//! Law 6: a tenant that fails for a whole day is called hardly more than a healthy one.

use dialtone::auth0::exchange::Method;
use dialtone::phone::outcome::Class;
use dialtone::phone::schedule::{Cadence, next_look};
use dialtone::sim::fault::{At, Fault, Script};
use jiff::SignedDuration;
use serde_json::json;

use crate::rig::{Rig, quickstart, store_with_applications};

/// What a day of looking at one tenant came to.
#[derive(Debug)]
struct Day {
    passes: usize,
    reads: usize,
    writes: usize,
    worst: Option<Class>,
}

/// Looks at the tenant for a day, as often as the schedule says.
async fn a_day(mut rig: Rig) -> Day {
    let end = rig.clock.now() + SignedDuration::from_hours(24);
    let (mut passes, mut failures, mut worst) = (0, 0, None);
    while rig.clock.now() < end {
        worst = rig.pass().await.1.worst;
        passes += 1;
        failures = if worst.is_some() { failures + 1 } else { 0 };
        let now = rig.clock.now();
        let next = next_look(now, Cadence::default(), worst, failures, 0.5);
        rig.clock.advance(next.duration_since(now));
    }
    let calls = rig.tenant.calls();
    let writes = calls.iter().filter(|call| call.is_write()).count();
    Day {
        passes,
        reads: calls.len() - writes,
        writes,
        worst,
    }
}

fn rig() -> Rig {
    Rig::with(&quickstart(), store_with_applications())
}

fn always(matching: serde_json::Value, fault: Fault) -> Script {
    Script {
        matching: serde_json::from_value(matching).unwrap(),
        at: At::ALWAYS,
        times: None,
        fault,
    }
}

#[tokio::test]
async fn a_day_of_failure_costs_hardly_more_calls_than_a_day_of_health() {
    let healthy = a_day(rig()).await;
    assert_eq!(healthy.worst, None);
    assert_eq!(healthy.writes, 5);
    // From the first retry to the interval: 15 s, 30 s, … 600 s.
    let cadence = Cadence::default();
    let doublings = cadence.interval.div_duration_f64(cadence.retry).log2();
    let extra = (0..20).filter(|step| f64::from(*step) < doublings + 3.0);
    let extra = extra.count();
    let (all, status) = (json!({}), |code| Fault::Status {
        code,
        applied: false,
    });
    let post = |path: &str| json!({"method": "POST", "path": path});
    let providers = "/api/v2/branding/phone/providers";
    let scripts = [
        (
            "every call throttled for 30 s",
            always(all.clone(), Fault::Throttle { reset_seconds: 30 }),
        ),
        (
            "every call throttled for 1 s",
            always(all.clone(), Fault::Throttle { reset_seconds: 1 }),
        ),
        (
            "every write throttled",
            always(
                json!({"method": "PUT"}),
                Fault::Throttle { reset_seconds: 1 },
            ),
        ),
        (
            "every call 503",
            always(
                all.clone(),
                Fault::Html {
                    code: 503,
                    applied: false,
                },
            ),
        ),
        (
            "every call times out",
            always(all.clone(), Fault::Timeout { applied: false }),
        ),
        (
            "one read fails",
            always(json!({"path": "/api/v2/guardian/factors"}), status(500)),
        ),
        (
            "the provider's creation fails",
            always(post(providers), status(500)),
        ),
        (
            "the provider's creation is refused",
            always(post(providers), status(400)),
        ),
        (
            "the connection's creation is not answered",
            always(post("/api/v2/connections"), Fault::Lost { applied: false }),
        ),
        ("nobody may", always(all.clone(), status(403))),
        ("nobody is known", always(all, status(401))),
    ];
    for (name, script) in scripts {
        let rig = rig();
        rig.tenant.add_faults([script]);
        let day = a_day(rig).await;
        let most_passes = healthy.passes + extra;
        assert!(
            day.passes <= most_passes,
            "{name}: {day:?}, healthy {healthy:?}"
        );
        let most_reads = healthy.reads + 7 * extra;
        assert!(
            day.reads <= most_reads,
            "{name}: {day:?}, healthy {healthy:?}"
        );
        // Only the write that fails is tried again, once a pass.
        assert!(day.writes <= healthy.writes + day.passes, "{name}: {day:?}");
    }
}

#[tokio::test]
async fn a_tenant_that_is_down_is_asked_once_a_pass() {
    let rig = rig();
    let kill = Fault::Kill { applied: false };
    rig.tenant
        .add_faults([Script::once(Method::Get, "/api/v2/guardian/factors", kill)]);
    let day = a_day(rig).await;
    assert_eq!(day.worst, Some(Class::Gone));
    assert!(day.passes <= 144 + 9, "{day:?}");
}
