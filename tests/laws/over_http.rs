//! Faults at each call again, as the HTTP client meets them: cut connections, silence, error pages.

use std::sync::Arc;
use std::time::Duration;

use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::credential::Credential;
use dialtone::auth0::pacer::{Pacer, RateLimit};
use dialtone::auth0::tenant::ManagementApi;
use dialtone::auth0::token::TokenCache;
use dialtone::phone::secret::Secret;
use dialtone::sim::fault::{Fault, Script};
use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::{Setup, SimulatedTenant};
use jiff::Timestamp;

use crate::rig::{Objects, picture, quickstart};

/// The token and the eleven calls of a first converge.
const CALLS: u32 = 12;

async fn served() -> Running {
    let clients = ["web", "ios", "android"].map(str::to_owned).to_vec();
    let domain = Some("acme.eu.auth0.com".to_owned());
    let tenant = SimulatedTenant::start(Setup {
        domain,
        clients,
        ..Setup::default()
    })
    .unwrap();
    serve(
        Listen {
            addr: "127.0.0.1:0".parse().unwrap(),
            tls: None,
        },
        tenant,
    )
    .await
    .unwrap()
}

/// A client that is out of patience soon, so that silence does not take long to test.
fn client(running: &Running) -> ManagementApi<HttpClient> {
    let connection = Connection {
        domain: "acme.eu.auth0.com".to_owned(),
        endpoint: Some(running.url()),
        ca_bundle: None,
        credential: Credential::client_secret("id", Secret::new("s")).unwrap(),
        timing: Timing::from_timeout(Duration::from_millis(150)),
    };
    let pacer = Arc::new(Pacer::new(RateLimit::new(1000.0, 100)));
    ManagementApi::new(HttpClient::new(connection, Arc::new(TokenCache::new()), pacer).unwrap())
}

async fn settled(running: &Running) -> Objects {
    let mut objects = Objects::new(&quickstart());
    let api = client(running);
    for _ in 0..6 {
        let (_, told) = Box::pin(objects.pass(&api, None, Timestamp::now())).await;
        if objects.ready() && told.worst.is_none() {
            break;
        }
    }
    objects
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_meets_every_fault_at_every_call_and_ends_in_the_same_tenant() {
    let calm = served().await;
    assert!(settled(&calm).await.ready());
    let expected = picture(&calm.tenant.store());
    calm.stop().await;
    for fault in [
        Fault::Status {
            code: 500,
            applied: false,
        },
        Fault::Status {
            code: 502,
            applied: true,
        },
        Fault::Html {
            code: 503,
            applied: true,
        },
        Fault::Lost { applied: true },
        Fault::Timeout { applied: true },
        Fault::Timeout { applied: false },
    ] {
        for call in 1..=CALLS {
            let running = served().await;
            running
                .tenant
                .add_faults([Script::nth_call(call, fault.clone())]);
            let objects = settled(&running).await;
            let what = format!("{fault:?} at call {call}: {:?}", objects.reasons());
            assert!(objects.ready(), "{what}");
            assert_eq!(picture(&running.tenant.store()), expected, "{what}");
            let writes = running
                .tenant
                .calls()
                .iter()
                .filter(|call| call.wrote)
                .count();
            // One more where the provider was created unanswered: its token is written again.
            assert!((5..=6).contains(&writes), "{writes} writes: {what}");
            running.stop().await;
        }
    }
}
