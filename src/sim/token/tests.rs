use serde_json::json;

use super::*;

const NAMES: Names<'_> = Names {
    domain: "acme.eu.auth0.com",
    host: "127.0.0.1:18080",
};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// A 2048 bit RSA key pair in PEM, made for this test.
fn key_pair() -> (String, String) {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048);
    let pair = pair.unwrap();
    (pair.serialize_pem(), pair.public_key_pem())
}

fn claims() -> Value {
    let second = now().as_second();
    json!({
        "iss": "cid",
        "sub": "cid",
        "aud": "https://acme.eu.auth0.com/",
        "jti": "first",
        "iat": second,
        "exp": second + 60,
    })
}

fn sign(claims: &Value, algorithm: jsonwebtoken::Algorithm, key: &str) -> String {
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
    jsonwebtoken::encode(&jsonwebtoken::Header::new(algorithm), claims, &key).unwrap()
}

fn ask(desk: &mut TokenDesk, assertion: &str) -> (u16, String) {
    let form = json!({
        "grant_type": "client_credentials",
        "client_id": "cid",
        "audience": "https://acme.eu.auth0.com/api/v2/",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    });
    let answer = desk.give(form.as_object().unwrap(), NAMES, &None, now());
    let crate::auth0::exchange::Payload::Json(body) = answer.body else {
        panic!("no JSON");
    };
    let description = body["error_description"].as_str().unwrap_or_default();
    (answer.status, description.to_owned())
}

fn registered(key: Option<String>, algorithm: Option<&str>) -> TokenDesk {
    let mut desk = TokenDesk::default();
    desk.configure(Credentials {
        clients: Some(vec![ClientCredential {
            client_id: "cid".to_owned(),
            client_secret: None,
            public_key: key,
            algorithm: algorithm.map(str::to_owned),
            granted: true,
        }]),
        ..Credentials::default()
    });
    desk
}

#[test]
fn an_assertion_is_good_once() {
    let (key, _) = key_pair();
    let assertion = sign(&claims(), jsonwebtoken::Algorithm::RS256, &key);
    let mut desk = TokenDesk::default();
    assert_eq!(ask(&mut desk, &assertion).0, 200);
    let (status, text) = ask(&mut desk, &assertion);
    assert_eq!(status, 401);
    assert!(text.contains("jti"), "{text}");
}

#[test]
fn an_assertion_with_wrong_claims_is_refused() {
    let (key, _) = key_pair();
    let second = now().as_second();
    for (claim, value, word) in [
        ("exp", json!(second - 11), "expired"),
        ("exp", json!(second + 600), "5 minutes"),
        ("exp", Value::Null, "exp"),
        ("nbf", json!(second + 60), "not valid yet"),
        ("aud", json!("https://acme.eu.auth0.com"), "audience"),
        (
            "aud",
            json!("https://acme.eu.auth0.com/api/v2/"),
            "audience",
        ),
        ("iss", json!("other"), "differ"),
        ("jti", Value::Null, "jti"),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        let assertion = sign(&claims, jsonwebtoken::Algorithm::RS256, &key);
        let (status, text) = ask(&mut TokenDesk::default(), &assertion);
        assert_eq!(status, 401, "{claims}");
        assert!(text.contains(word), "{text} for {claims}");
    }
}

#[test]
fn all_three_algorithms_of_auth0_are_verified_with_the_registered_key() {
    use jsonwebtoken::Algorithm::{PS256, RS256, RS384, RS512};
    let ((private, public), (stranger, _)) = (key_pair(), key_pair());
    for algorithm in [RS256, RS384, PS256] {
        let mut desk = registered(Some(public.clone()), None);
        assert_eq!(
            ask(&mut desk, &sign(&claims(), algorithm, &stranger)).0,
            401
        );
        assert_eq!(ask(&mut desk, &sign(&claims(), algorithm, &private)).0, 200);
    }
    let mut desk = registered(Some(public), Some("RS256"));
    assert_eq!(ask(&mut desk, &sign(&claims(), RS512, &private)).0, 401);
    assert_eq!(ask(&mut desk, &sign(&claims(), RS384, &private)).0, 401);
    assert_eq!(ask(&mut desk, &sign(&claims(), RS256, &private)).0, 200);
    assert_eq!(ask(&mut desk, "not.an.assertion").0, 401);
}

#[test]
fn the_audience_may_be_any_host_unless_strict() {
    let mut desk = TokenDesk::default();
    let ask = |desk: &mut TokenDesk, audience: &str| {
        let form = json!({
            "grant_type": "client_credentials",
            "client_id": "cid",
            "client_secret": "s",
            "audience": audience,
        });
        desk.give(form.as_object().unwrap(), NAMES, &None, now())
            .status
    };
    let cases = [
        ("https://acme.eu.auth0.com/api/v2/", 200, 200),
        ("https://127.0.0.1:18080/api/v2/", 200, 200),
        ("https://other.auth0.com/api/v2/", 200, 403),
        ("https://acme.eu.auth0.com/api/v2", 403, 403),
        ("https://a/b/api/v2/", 403, 403),
        ("acme.eu.auth0.com/api/v2/", 403, 403),
    ];
    for (audience, status, _) in cases {
        assert_eq!(ask(&mut desk, audience), status, "{audience}");
    }
    desk.configure(Credentials {
        strict_audience: true,
        ..Credentials::default()
    });
    for (audience, _, status) in cases {
        assert_eq!(ask(&mut desk, audience), status, "{audience}");
    }
}

#[test]
fn settings_show_no_secret() {
    let settings: Credentials = serde_json::from_value(json!({
        "clients": [{"clientId": "cid", "clientSecret": "s3cret"}],
    }))
    .unwrap();
    assert!(!format!("{settings:?}").contains("s3cret"));
}
