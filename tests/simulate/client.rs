//! Dialtone's own HTTP client against the server: it must get what the tenant gives in memory.

use std::sync::Arc;
use std::time::Duration;

use dialtone::auth0::client::{Connection, HttpClient, Timing};
use dialtone::auth0::credential::{Algorithm, Credential};
use dialtone::auth0::exchange::{Exchange, Method, NoAnswer, Request};
use dialtone::auth0::pacer::{Pacer, RateLimit};
use dialtone::auth0::token::TokenCache;
use dialtone::phone::secret::Secret;
use dialtone::sim::fault::{Fault, Script};
use serde_json::json;

use crate::{SETTINGS, Tenant};

const CLIENT: &str = "planner";

fn http_client(tenant: &Tenant, credential: Credential) -> HttpClient {
    let connection = Connection {
        domain: tenant.running.tenant.domain(),
        endpoint: Some(tenant.running.url()),
        ca_bundle: None,
        credential,
        timing: Timing::from_timeout(Duration::from_secs(5)),
    };
    let limit = RateLimit::new(1000.0, 100);
    HttpClient::new(
        connection,
        Arc::new(TokenCache::new()),
        Arc::new(Pacer::new(limit)),
    )
    .unwrap()
}

fn secret(text: &str) -> Credential {
    Credential::client_secret(CLIENT, Secret::new(text)).unwrap()
}

#[tokio::test]
async fn a_signed_assertion_is_verified_with_the_registered_key() {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
    let pair = pair.unwrap();
    let tenant = Tenant::start().await;
    for (algorithm, name) in [
        (Algorithm::Rs256, "RS256"),
        (Algorithm::Rs384, "RS384"),
        (Algorithm::Ps256, "PS256"),
    ] {
        let settings = json!({
            "strictTokens": true,
            "strictAudience": true,
            "clients": [{"clientId": CLIENT, "publicKey": pair.public_key_pem(), "algorithm": name}],
        });
        let (status, _) = tenant
            .control(reqwest::Method::PUT, "/_sim/credentials", settings)
            .await;
        assert_eq!(status, 204);
        let key = Secret::new(pair.serialize_pem());
        let credential = Credential::private_key_jwt(CLIENT, key, algorithm, None).unwrap();
        let answer = http_client(&tenant, credential)
            .send(Request::get(SETTINGS))
            .await;
        assert_eq!(answer.map(|answer| answer.status), Ok(200), "{name}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_replaced_without_the_caller_noticing() {
    let tenant = Tenant::start().await;
    let client = http_client(&tenant, secret("s"));
    let read = || Request::get(SETTINGS);
    assert_eq!(
        client.send(read()).await.map(|answer| answer.status),
        Ok(200)
    );
    tenant.running.tenant.revoke_tokens();
    assert_eq!(
        client.send(read()).await.map(|answer| answer.status),
        Ok(200)
    );
    let paths: Vec<String> = tenant
        .running
        .tenant
        .calls()
        .into_iter()
        .map(|call| call.path)
        .collect();
    assert_eq!(
        paths,
        ["/oauth/token", SETTINGS, SETTINGS, "/oauth/token", SETTINGS]
    );
}

#[tokio::test]
async fn a_lost_answer_is_the_same_over_http_and_in_memory() {
    let tenant = Tenant::start().await;
    let client = http_client(&tenant, secret("s"));
    let providers = "/api/v2/branding/phone/providers";
    let create = || {
        Request::new(Method::Post, providers).json(json!({
            "name": "custom",
            "credentials": {},
            "configuration": {"delivery_methods": ["text"]},
        }))
    };
    let lost = || Script::once(Method::Post, providers, Fault::Lost { applied: true });
    tenant.running.tenant.add_faults([lost(), lost()]);
    assert_eq!(client.send(create()).await, Err(NoAnswer::Lost));
    tenant.running.tenant.clear_faults();
    tenant.running.tenant.add_faults([lost()]);
    assert_eq!(
        tenant.running.tenant.send(create()).await,
        Err(NoAnswer::Lost)
    );
}
