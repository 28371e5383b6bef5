//! Tokens: one for all, renewed once after a 401, new after a rotation.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use dialtone::auth0::client::Connection;
use dialtone::auth0::credential::{Algorithm, Credential};
use dialtone::auth0::error::{Class, Kind, Refusal};
use dialtone::auth0::exchange::{Exchange, Method, NoAnswer, Payload, Request};
use dialtone::phone::secret::Secret;
use futures::future::join_all;
use jsonwebtoken::{DecodingKey, Validation};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use super::support::{CLIENT_SECRET, READ, Reply, Server};

#[tokio::test]
async fn many_calls_at_once_cost_one_token_request() {
    let server = Server::start().await;
    let client = server.client();
    let answers = join_all((0..20).map(|_| client.send(Request::get(READ)))).await;
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, Payload::Json(json!({"ok": true})));
    }
    assert_eq!(server.token_calls().len(), 1);
    let calls = server.calls();
    assert_eq!(calls.len(), 20);
    let version = env!("CARGO_PKG_VERSION");
    for call in calls {
        assert_eq!(call.authorization.as_deref(), Some("Bearer token-1"));
        assert_eq!(call.user_agent, Some(format!("dialtone/{version}")));
    }
    assert_eq!(client.pacer().stats().calls, 21);
}

#[tokio::test]
async fn the_audience_is_canonical_even_where_the_endpoint_is_not() {
    let server = Server::start().await;
    server.client().send(Request::get(READ)).await.unwrap();
    assert_eq!(
        server.token_calls()[0].body,
        json!({
            "grant_type": "client_credentials",
            "client_id": "client-1",
            "client_secret": CLIENT_SECRET,
            "audience": "https://acme.eu.auth0.com/api/v2/",
        })
    );
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_all_who_used_it() {
    let server = Server::start().await;
    let client = server.client();
    client.send(Request::get(READ)).await.unwrap();
    server.revoke_tokens();
    let write = || Request::new(Method::Patch, READ).json(json!({"disabled": true}));
    let answers = join_all((0..5).map(|_| client.send(write()))).await;
    assert!(
        answers
            .into_iter()
            .all(|answer| answer.unwrap().status == 200)
    );
    assert_eq!(server.token_calls().len(), 2);
    assert_eq!(server.calls().len(), 1 + 5 + 5);
}

#[tokio::test]
async fn a_second_401_is_given_back() {
    let server = Server::start().await;
    let client = server.client();
    server
        .reply(Reply::error(401, "Invalid token"))
        .reply(Reply::error(401, "Invalid token"));
    let answer = client.send(Request::get(READ)).await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(server.calls().len(), 2);
    assert_eq!(server.token_calls().len(), 2);
}

#[tokio::test]
async fn a_rotated_secret_means_a_new_token() {
    let server = Server::start().await;
    let tokens = Arc::default();
    for (secret, requests) in [("one", 1), ("one", 1), ("two", 2), ("two", 2)] {
        let client = server.client_sharing(&tokens, secret);
        client.send(Request::get(READ)).await.unwrap();
        assert_eq!(server.token_calls().len(), requests);
    }
    assert_eq!(server.token_calls()[1].body["client_secret"], "two");
}

#[tokio::test]
async fn a_wrong_secret_costs_one_request_for_all_and_says_what_to_do() {
    let server = Server::start().await;
    let refusal = json!({"error": "access_denied", "error_description": "Unauthorized"});
    server.reply_token(Reply::json(401, &refusal));
    let client = server.client();
    let answers = join_all((0..8).map(|_| client.send(Request::get(READ)))).await;
    for answer in answers {
        let Err(NoAnswer::Prevented(error)) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(error.kind, Kind::Authentication(Refusal::Credential));
        assert_eq!(error.class, Class::Terminal);
        let text = error.to_string();
        assert!(text.contains("compare the Secret"), "{text}");
        assert!(!text.contains(CLIENT_SECRET), "{text}");
    }
    assert_eq!(server.token_calls().len(), 1);
    assert_eq!(server.calls().len(), 0);
}

#[tokio::test]
async fn a_missing_scope_drops_the_token_unless_it_is_young() {
    let server = Server::start().await;
    let client = server.client();
    let refused = || {
        Reply::error(
            403,
            "Insufficient scope, expected any of: read:phone_provider",
        )
    };
    server.reply(refused());
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 403);
    server.reply(refused());
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 403);
    assert_eq!(server.token_calls().len(), 1);
    server.clock.advance(Duration::from_mins(10));
    server.reply(refused());
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 403);
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 200);
    assert_eq!(server.token_calls().len(), 2);
}

#[tokio::test]
async fn every_attempt_has_an_assertion_of_its_own_that_the_public_key_verifies() {
    let server = Server::start().await;
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let pem = Secret::new(pair.serialize_pem());
    let credential = Credential::private_key_jwt("client-1", pem, Algorithm::Ps256, None).unwrap();
    server
        .reply_token(Reply::text(503, "<html>busy</html>"))
        .reply_token(Reply::error(429, "Global limit has been reached"));
    let client = server.client_with(Connection {
        credential,
        ..server.connection()
    });
    assert_eq!(client.send(Request::get(READ)).await.unwrap().status, 200);
    let requests = server.token_calls();
    assert_eq!(requests.len(), 3);
    let public = DecodingKey::from_rsa_pem(pair.public_key_pem().as_bytes()).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::PS256);
    validation.set_audience(&["https://acme.eu.auth0.com/"]);
    // The clock of the test stands in the past.
    validation.validate_exp = false;
    let identifiers: BTreeSet<String> = requests
        .iter()
        .map(|request| {
            let assertion = request.body["client_assertion"].as_str().unwrap();
            let claims = jsonwebtoken::decode::<Value>(assertion, &public, &validation);
            let claims = claims.unwrap().claims;
            assert_eq!(claims["iss"], claims["sub"]);
            claims["jti"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(identifiers.len(), 3);
}
