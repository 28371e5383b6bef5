//! The client over real HTTP: law 7, faults, and what it leaves alone after a 429. Client and
//! simulated tenant go by one clock, which whoever sleeps moves on.

use std::sync::Arc;
use std::time::Duration;

use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::clock::{Clock, Now};
use dialtone::auth0::credential::Credential;
use dialtone::auth0::exchange::{Exchange, NoAnswer, Request, Response};
use dialtone::auth0::pacer::{Pacer, RateLimit};
use dialtone::auth0::tenant::ManagementApi;
use dialtone::auth0::token::TokenCache;
use dialtone::phone::outcome::{Class, Outcome};
use dialtone::phone::secret::Secret;
use dialtone::sim::call::Call;
use dialtone::sim::clock::ManualClock;
use dialtone::sim::fault::{Fault, Script};
use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::SimulatedTenant;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

use crate::random::{rig, run};
use crate::rig::{Rig, blank, quickstart, store_with_applications};
use crate::world::{Mode, cases, left, wanted};

/// Writes of a first converge.
const WRITES: usize = 5;

/// The simulated tenant's clock as the client's: whoever sleeps moves it on.
#[derive(Clone, Debug)]
struct SharedClock {
    start: Timestamp,
    time: ManualClock,
}

impl Clock for SharedClock {
    fn now(&self) -> Now {
        let wall = self.time.now();
        Now {
            elapsed: wall.duration_since(self.start).try_into().unwrap(),
            wall,
        }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let end = self.time.now() + SignedDuration::try_from(duration).unwrap();
        let time = self.time.clone();
        Box::pin(async move {
            time.advance(end.duration_since(time.now()).max(SignedDuration::ZERO));
        })
    }
}

/// Sends one request after the other, so that the call log shows what was sent after which answer.
struct OneByOne(HttpClient, tokio::sync::Mutex<()>);

impl Exchange for OneByOne {
    async fn send(&self, request: Request) -> Result<Response, NoAnswer> {
        let _turn = self.1.lock().await;
        self.0.send(request).await
    }

    async fn wait(&self, time: Duration) {
        self.0.wait(time).await;
    }
}

/// Serves a tenant on a free port.
async fn served(tenant: &SimulatedTenant) -> Running {
    let listen = Listen {
        addr: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    serve(listen, tenant.clone()).await.unwrap()
}

/// A client of a served tenant that goes by the same clock.
fn client(running: &Running, time: &ManualClock) -> HttpClient {
    client_that_waits(running, time, Timing::default())
}

fn client_that_waits(running: &Running, time: &ManualClock, timing: Timing) -> HttpClient {
    let connection = Connection {
        domain: "acme.eu.auth0.com".to_owned(),
        endpoint: Some(running.url()),
        ca_bundle: None,
        credential: Credential::client_secret("id", Secret::new("s")).unwrap(),
        timing,
    };
    let clock = SharedClock {
        start: time.now(),
        time: time.clone(),
    };
    let limit = RateLimit::new(100.0, 100);
    let pacer = Arc::new(Pacer::with_clock(limit, Arc::new(clock)));
    HttpClient::new(connection, Arc::new(TokenCache::new()), pacer).unwrap()
}

/// The store but for its times: the client's pacer moves the clock, memory has none.
fn timeless(rig: &Rig) -> Value {
    let mut store = rig.store();
    blank(
        &mut store,
        &["created_at", "updated_at", "bound_at", "built_at"],
    );
    store
}

/// Passes of one client until nothing is expected of another one.
async fn settle<E: Exchange>(rig: &mut Rig, api: &ManagementApi<E>) {
    for _ in 0..10 {
        let now = rig.clock.now();
        let (result, told) = rig.objects.pass(api, None, now).await;
        if let Some(Class::Throttled(until)) = told.worst {
            let wait = until.duration_since(rig.clock.now());
            rig.clock.advance(wait.max(SignedDuration::ZERO));
        }
        let done = |outcome: Outcome| outcome.applied() == 0 || rig.objects.ready();
        if told.worst.is_none() && result.is_ok_and(done) {
            return;
        }
    }
    panic!("not settled after ten passes: {:?}", rig.objects.reasons());
}

fn quickstart_rig() -> Rig {
    Rig::with(&quickstart(), store_with_applications())
}

/// What a first converge without faults comes to: the tenant, and the number of calls, the one
/// for a token included.
async fn calm() -> (Value, u32) {
    let mut rig = quickstart_rig();
    let running = served(&rig.tenant).await;
    let api = ManagementApi::new(client(&running, &rig.clock));
    settle(&mut rig, &api).await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    let calls = rig.tenant.calls().len();
    (rig.picture(), calls.try_into().unwrap())
}

#[tokio::test]
async fn a_first_converge_stays_within_its_budget_of_calls() {
    let (_, calls) = calm().await;
    // Six reads, five writes, one token.
    assert_eq!(calls, 12);
}

#[tokio::test]
async fn after_a_429_nothing_is_sent_before_its_reset() {
    let (expected, calls) = calm().await;
    // A reset further away than a minute is not believed: clocks may differ (§11.2).
    for reset_seconds in [2, 20, 59] {
        for call in 1..=calls {
            let mut rig = quickstart_rig();
            let throttle = Fault::Throttle { reset_seconds };
            rig.tenant.add_faults([Script::nth_call(call, throttle)]);
            let running = served(&rig.tenant).await;
            let client = client(&running, &rig.clock);
            let api = ManagementApi::new(OneByOne(client, tokio::sync::Mutex::default()));
            settle(&mut rig, &api).await;
            let what = format!("{reset_seconds} s at call {call}");
            assert!(rig.objects.ready(), "{what}: {:?}", rig.objects.reasons());
            assert_eq!(rig.picture(), expected, "{what}");
            let log = rig.tenant.calls();
            let at = log
                .iter()
                .position(|call| call.status == Some(429))
                .unwrap();
            let reset = log[at].time + SignedDuration::from_secs(reset_seconds.into());
            let early: Vec<_> = log[at + 1..].iter().filter(|it| it.time < reset).collect();
            assert!(early.is_empty(), "{what}: {early:#?}");
            // The call itself is repeated; a whole new pass is only due where the wait was long.
            assert_eq!(rig.writes(), WRITES, "{what}");
        }
    }
}

/// A write whose fate is not known is not sent again before the tenant has been read.
fn never_repeated_blindly(log: &[Call]) -> bool {
    let management = |call: &&Call| call.path.starts_with("/api/v2/");
    let unanswered = |call: &Call| call.status.is_none_or(|status| status >= 500);
    let unknown = |call: &Call| management(&call) && call.is_write() && unanswered(call);
    log.iter().enumerate().all(|(at, call)| {
        let mut then = log[at + 1..].iter().filter(management);
        let mut writes = then.by_ref().take_while(|call| call.is_write());
        !unknown(call) || writes.all(|it| (&it.method, &it.path) != (&call.method, &call.path))
    })
}

/// One fault at one call of a first converge, and all that follows.
async fn faulty(fault: Fault, call: u32, timing: Timing, expected: &Value) {
    let mut rig = quickstart_rig();
    let what = format!("{fault:?} at call {call}");
    let applied = fault.applied();
    rig.tenant.add_faults([Script::nth_call(call, fault)]);
    let running = served(&rig.tenant).await;
    let client = client_that_waits(&running, &rig.clock, timing);
    settle(&mut rig, &ManagementApi::new(client)).await;
    assert!(rig.objects.ready(), "{what}: {:?}", rig.objects.reasons());
    assert_eq!(rig.picture(), *expected, "{what}");
    // Whether a provider whose creation was not answered holds the token cannot be read.
    assert!(rig.writes() <= WRITES + usize::from(applied), "{what}");
    let log = rig.tenant.calls();
    assert!(never_repeated_blindly(&log), "{what}: {log:#?}");
}

#[tokio::test]
async fn every_fault_over_http_ends_in_the_same_tenant() {
    let (expected, calls) = calm().await;
    let status = |code, applied| Fault::Status { code, applied };
    let html = |code, applied| Fault::Html { code, applied };
    let faults = [
        Fault::Throttle { reset_seconds: 45 },
        status(500, false),
        status(502, true),
        html(503, false),
        html(503, true),
        Fault::Lost { applied: false },
        Fault::Lost { applied: true },
        Fault::Slow { ms: 1 },
    ];
    for fault in faults {
        for call in 1..=calls {
            faulty(fault.clone(), call, Timing::default(), &expected).await;
        }
    }
}

#[tokio::test]
async fn silence_at_every_call_ends_in_the_same_tenant() {
    let (expected, calls) = calm().await;
    // Silence is the one thing that takes real time: all of it is waited for at once.
    let timing = Timing {
        answer: Duration::from_millis(500),
        ..Timing::default()
    };
    for applied in [false, true] {
        let faults = (1..=calls)
            .map(|call| Box::pin(faulty(Fault::Timeout { applied }, call, timing, &expected)));
        futures::future::join_all(faults).await;
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn memory_and_http_come_to_the_same(
        left in left(), first in wanted(), then in wanted(),
    ) {
        run(async {
            let mut memory = rig(&left, &first, Mode::Manage);
            let mut http = rig(&left, &first, Mode::Manage);
            let running = served(&http.tenant).await;
            let client = client(&running, &http.clock);
            let api = ManagementApi::new(client);
            for wanted in [&first, &then] {
                memory.objects.replace(wanted.resources(Mode::Manage));
                http.objects.replace(wanted.resources(Mode::Manage));
                let in_memory = memory.pass().await.0.unwrap();
                let now = memory.clock.now();
                let over_http = http.objects.pass(&api, None, now).await.0.unwrap();
                prop_assert_eq!(&in_memory.steps, &over_http.steps);
                prop_assert_eq!(&in_memory.observed, &over_http.observed);
                // Fingerprints of secrets have another key in every process: no plan shows them.
                prop_assert_eq!(format!("{in_memory:#?}"), format!("{over_http:#?}"));
                prop_assert_eq!(timeless(&memory), timeless(&http));
                prop_assert_eq!(memory.objects.reasons(), http.objects.reasons());
            }
            running.stop().await;
            Ok(())
        })?;
    }
}
