use std::sync::atomic::AtomicUsize;

use futures::future::join_all;

use super::*;
use crate::auth0::clock::simulated::SimulatedClock;
use crate::auth0::error::Kind;
use crate::auth0::exchange::{Method, Request};

/// A token endpoint that counts.
#[derive(Default)]
struct Endpoint {
    requests: AtomicUsize,
}

impl Endpoint {
    async fn grant(&self, life: u64) -> Result<Granted, ApiError> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(Granted {
            token: Secret::new(format!("token-{number}")),
            life: Duration::from_secs(life),
        })
    }

    async fn refuse(&self) -> Result<Granted, ApiError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let request = Request::new(Method::Post, "/oauth/token");
        Err(ApiError::without_answer(&request, Kind::Server, "down"))
    }

    fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn key(secret: &str) -> TokenKey {
    let credential = Credential::client_secret("id", Secret::new(secret)).unwrap();
    TokenKey::new("acme.auth0.com", "https://acme.auth0.com", &credential)
}

fn setup() -> (TokenCache, SimulatedClock, Endpoint) {
    (
        TokenCache::new(),
        SimulatedClock::default(),
        Endpoint::default(),
    )
}

#[tokio::test]
async fn many_callers_make_one_request() {
    let (cache, clock, endpoint) = setup();
    let key = key("s");
    let all = join_all((0..100).map(|_| cache.get(&key, &clock, |_| endpoint.grant(86_400)))).await;
    assert_eq!(endpoint.count(), 1);
    for token in all {
        assert_eq!(token.unwrap().bearer().expose(), "token-0");
    }
}

#[tokio::test]
async fn many_callers_share_one_failure_and_the_next_one_tries_again() {
    let (cache, clock, endpoint) = setup();
    let key = key("s");
    let all = join_all((0..100).map(|_| cache.get(&key, &clock, |_| endpoint.refuse()))).await;
    assert_eq!(endpoint.count(), 1);
    assert!(all.iter().all(Result::is_err));
    assert!(
        cache
            .get(&key, &clock, |_| endpoint.grant(60))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_token_is_renewed_when_a_tenth_or_a_minute_is_left() {
    for (life, renewed_at) in [(86_400, 77_760), (300, 240), (20, 10)] {
        let (cache, clock, endpoint) = setup();
        let key = key("s");
        let get = || cache.get(&key, &clock, |_| endpoint.grant(life));
        get().await.unwrap();
        clock.advance(Duration::from_millis(renewed_at * 1000 - 1));
        get().await.unwrap();
        assert_eq!(endpoint.count(), 1, "{life}");
        clock.advance(Duration::from_millis(1));
        assert_eq!(get().await.unwrap().bearer().expose(), "token-1", "{life}");
    }
}

#[tokio::test]
async fn a_failed_renewal_uses_the_old_token_on_and_is_not_repeated_at_every_call() {
    let (cache, clock, endpoint) = setup();
    let key = key("s");
    cache
        .get(&key, &clock, |_| endpoint.grant(1000))
        .await
        .unwrap();
    clock.advance(Duration::from_mins(15));
    for _ in 0..10 {
        let token = cache
            .get(&key, &clock, |_| endpoint.refuse())
            .await
            .unwrap();
        assert_eq!(token.bearer().expose(), "token-0");
    }
    assert_eq!(endpoint.count(), 2);
    clock.advance(RENEWAL_PAUSE);
    cache
        .get(&key, &clock, |_| endpoint.refuse())
        .await
        .unwrap();
    assert_eq!(endpoint.count(), 3);
    clock.advance(Duration::from_secs(100));
    assert!(
        cache
            .get(&key, &clock, |_| endpoint.refuse())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn while_one_renews_the_others_use_the_old_token() {
    let (cache, clock, endpoint) = setup();
    let key = key("s");
    cache
        .get(&key, &clock, |_| endpoint.grant(1000))
        .await
        .unwrap();
    clock.advance(Duration::from_secs(950));
    let all = join_all((0..10).map(|_| {
        cache.get(&key, &clock, |urgency| {
            assert_eq!(urgency, Urgency::Early);
            endpoint.grant(1000)
        })
    }))
    .await;
    assert_eq!(endpoint.count(), 2);
    let old = all.iter().filter(|token| {
        token
            .as_ref()
            .is_ok_and(|token| token.bearer().expose() == "token-0")
    });
    assert_eq!(old.count(), 9);
}

#[tokio::test]
async fn only_the_cached_token_is_dropped_by_a_refusal() {
    let (cache, clock, endpoint) = setup();
    let key = key("s");
    let get = || cache.get(&key, &clock, |_| endpoint.grant(1000));
    let first = get().await.unwrap();
    cache.invalidate(&key, &first);
    let second = get().await.unwrap();
    assert_eq!(second.bearer().expose(), "token-1");
    cache.invalidate(&key, &first);
    assert_eq!(get().await.unwrap().bearer().expose(), "token-1");
}

#[tokio::test]
async fn a_rotated_secret_has_a_new_token_and_the_old_one_is_gone() {
    let (cache, clock, endpoint) = setup();
    let get = async |secret: &str| {
        let token = cache
            .get(&key(secret), &clock, |_| endpoint.grant(1000))
            .await;
        token.unwrap().bearer().expose().to_owned()
    };
    assert_eq!(get("old").await, "token-0");
    assert_eq!(get("new").await, "token-1");
    assert_eq!(get("new").await, "token-1");
    assert_eq!(cache.slots.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_cancelled_request_leaves_the_way_free() {
    use futures::FutureExt;

    let (cache, clock, endpoint) = setup();
    let key = key("s");
    let never = cache.get(&key, &clock, |_| std::future::pending());
    assert!(never.now_or_never().is_none());
    assert!(
        cache
            .get(&key, &clock, |_| endpoint.grant(60))
            .await
            .is_ok()
    );
}
