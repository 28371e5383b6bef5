//! Law 7: the tenant in memory and the client over real HTTP come to the same.

use std::sync::Arc;
use std::time::Duration;

use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::clock::{Clock, Now};
use dialtone::auth0::credential::Credential;
use dialtone::auth0::pacer::{Pacer, RateLimit};
use dialtone::auth0::tenant::ManagementApi;
use dialtone::auth0::token::TokenCache;
use dialtone::phone::secret::Secret;
use dialtone::sim::clock::ManualClock;
use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::SimulatedTenant;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

use crate::random::{rig, run};
use crate::rig::{Rig, blank};
use crate::world::{Mode, cases, left, wanted};

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

/// Serves a tenant on a free port.
pub(crate) async fn served(tenant: &SimulatedTenant) -> Running {
    let listen = Listen {
        addr: "127.0.0.1:0".parse().unwrap(),
        tls: None,
    };
    serve(listen, tenant.clone()).await.unwrap()
}

/// A client of a served tenant that goes by the same clock.
pub(crate) fn client(running: &Running, time: &ManualClock, limit: RateLimit) -> HttpClient {
    let connection = Connection {
        domain: "acme.eu.auth0.com".to_owned(),
        endpoint: Some(running.url()),
        ca_bundle: None,
        credential: Credential::client_secret("id", Secret::new("s")).unwrap(),
        timing: Timing::default(),
    };
    let clock = SharedClock {
        start: time.now(),
        time: time.clone(),
    };
    let pacer = Arc::new(Pacer::with_clock(limit, Arc::new(clock)));
    HttpClient::new(connection, Arc::new(TokenCache::new()), pacer).unwrap()
}

/// The store but for its times: the client's pacer moves the clock, memory has none.
fn timeless(rig: &Rig) -> Value {
    let mut store = rig.store();
    blank(&mut store, &["created_at", "updated_at", "bound_at", "built_at"]);
    store
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
            let client = client(&running, &http.clock, RateLimit::new(1000.0, 1000));
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
