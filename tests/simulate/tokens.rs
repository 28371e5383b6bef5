//! The token endpoint, and what tokens allow.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{SETTINGS, Tenant, send};

const AUDIENCE: &str = "https://acme.eu.auth0.com/api/v2/";

fn credentials(secret: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": "cid",
        "client_secret": secret,
        "audience": AUDIENCE,
    })
}

async fn token(tenant: &Tenant) -> String {
    let request = tenant
        .bare(Method::POST, "/oauth/token")
        .json(&credentials("s"));
    let (status, answer) = send(request).await;
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_given_for_json_and_for_a_form() {
    let tenant = Tenant::start().await;
    let (status, answer) = send(
        tenant
            .bare(Method::POST, "/oauth/token")
            .json(&credentials("s")),
    )
    .await;
    assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")));
    assert_eq!(answer["expires_in"], 86_400);
    let (status, _) = send(
        tenant
            .bare(Method::POST, "/oauth/token")
            .form(&credentials("s")),
    )
    .await;
    assert_eq!(status, 200);
    let calls = tenant.running.tenant.calls();
    assert_eq!(calls[0].path, "/oauth/token");
}

#[tokio::test]
async fn wrong_credentials_get_the_errors_of_oauth() {
    let tenant = Tenant::start().await;
    let settings = json!({"clients": [
        {"clientId": "cid", "clientSecret": "right"},
        {"clientId": "ungranted", "clientSecret": "right", "granted": false},
    ]});
    assert_eq!(
        tenant
            .control(Method::PUT, "/_sim/credentials", settings)
            .await
            .0,
        204
    );
    let mut ungranted = credentials("right");
    ungranted["client_id"] = json!("ungranted");
    let mut foreign = credentials("right");
    foreign["audience"] = json!("https://acme.eu.auth0.com/userinfo");
    let mut password = credentials("right");
    password["grant_type"] = json!("password");
    for (body, status, error) in [
        (credentials("right"), 200, Value::Null),
        (credentials("wrong"), 401, json!("access_denied")),
        (ungranted, 403, json!("access_denied")),
        (foreign, 403, json!("access_denied")),
        (password, 403, json!("unauthorized_client")),
        (json!([]), 400, json!("invalid_request")),
    ] {
        let answer = send(tenant.bare(Method::POST, "/oauth/token").json(&body)).await;
        assert_eq!((answer.0, &answer.1["error"]), (status, &error), "{body}");
    }
}

#[tokio::test]
async fn a_request_without_a_good_token_is_refused() {
    let tenant = Tenant::start().await;
    let (status, body) = send(tenant.bare(Method::GET, SETTINGS)).await;
    assert_eq!((status, &body["message"]), (401, &json!("Invalid token")));
    let malformed = tenant
        .bare(Method::GET, SETTINGS)
        .header("authorization", "Bearer");
    let (status, body) = send(malformed).await;
    assert_eq!((status, &body["errorCode"]), (400, &json!("Bearer")));
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_a_new_one_is_not() {
    let tenant = Tenant::start().await;
    let old = token(&tenant).await;
    assert_eq!(
        send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&old))
            .await
            .0,
        200
    );
    assert_eq!(
        tenant
            .control(Method::POST, "/_sim/revoke", json!(null))
            .await
            .0,
        204
    );
    let (status, body) = send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&old)).await;
    assert_eq!(
        (status, &body["attributes"]["error"]),
        (401, &json!("Invalid token"))
    );
    let new = token(&tenant).await;
    assert_eq!(
        send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&new))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn an_expired_token_is_refused_and_strictness_refuses_others() {
    let tenant = Tenant::start().await;
    let settings = json!({"expiresIn": 0, "strictTokens": true});
    assert_eq!(
        tenant
            .control(Method::PUT, "/_sim/credentials", settings)
            .await
            .0,
        204
    );
    let expired = token(&tenant).await;
    let (status, body) = send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&expired)).await;
    assert_eq!(status, 401);
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("Expired token"),
        "{body}"
    );
    assert_eq!(send(tenant.get(SETTINGS)).await.0, 401);
}

#[tokio::test]
async fn a_token_carries_the_scopes_that_were_granted_when_it_was_given() {
    let tenant = Tenant::start().await;
    let narrow = json!({"scopes": ["read:clients"]});
    assert_eq!(
        tenant.control(Method::PUT, "/_sim/scopes", narrow).await.0,
        204
    );
    let old = token(&tenant).await;
    let (status, body) = send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&old)).await;
    assert_eq!(
        (status, &body["errorCode"]),
        (403, &json!("insufficient_scope"))
    );
    assert_eq!(
        body["message"],
        "Insufficient scope, expected any of: read:tenant_settings"
    );

    let wide = json!({"scopes": ["read:tenant_settings"]});
    tenant
        .control(Method::PUT, "/_sim/scopes", wide.clone())
        .await;
    assert_eq!(
        send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&old))
            .await
            .0,
        403
    );
    let new = token(&tenant).await;
    assert_eq!(
        send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&new))
            .await
            .0,
        200
    );

    let too = json!({"scopes": wide["scopes"], "givenToo": true});
    tenant.control(Method::PUT, "/_sim/scopes", too).await;
    assert_eq!(
        send(tenant.bare(Method::GET, SETTINGS).bearer_auth(&old))
            .await
            .0,
        200
    );
}
