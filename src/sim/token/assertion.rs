//! The signed assertion by which an application proves who it is (`private_key_jwt`, §1).

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// How far ahead an assertion may expire.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// How much the clocks may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(10);

/// What an assertion says, after the checks that need no key.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) client_id: String,
    pub(super) audience: String,
    pub(super) id: String,
    pub(super) expires: Timestamp,
}

#[derive(Deserialize)]
struct Raw {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<String>,
    jti: Option<String>,
    exp: Option<i64>,
    iat: Option<i64>,
    nbf: Option<i64>,
}

/// Reads an assertion and checks its form and times, or says what is wrong.
pub(super) fn claims(assertion: &str, now: Timestamp) -> Result<Claims, &'static str> {
    algorithm(assertion)?;
    let raw: Raw = jsonwebtoken::dangerous::insecure_decode_claims(assertion)
        .map_err(|_| "The assertion's claims cannot be read")?;
    let time = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| "A time is out of range");
    let expires = time(raw.exp.ok_or("The assertion has no exp")?)?;
    if expires <= now - SKEW {
        return Err("The assertion has expired");
    }
    if expires > now + LONGEST_LIFE + SKEW {
        return Err("The assertion lives for more than 5 minutes");
    }
    for begin in [raw.iat, raw.nbf].into_iter().flatten() {
        if time(begin)? > now + SKEW {
            return Err("The assertion is not valid yet");
        }
    }
    let client_id = raw.sub.ok_or("The assertion has no sub")?;
    if raw.iss.as_ref() != Some(&client_id) {
        return Err("iss and sub of the assertion differ");
    }
    Ok(Claims {
        client_id,
        audience: raw.aud.ok_or("The assertion has no aud")?,
        id: raw.jti.ok_or("The assertion has no jti")?,
        expires,
    })
}

/// Checks the algorithm, where one is registered, and the signature, where a key is.
pub(super) fn verify(
    assertion: &str,
    registered: Option<&str>,
    key: Option<&str>,
) -> Result<(), &'static str> {
    let algorithm = algorithm(assertion)?;
    if registered.is_some_and(|name| name != format!("{algorithm:?}")) {
        return Err("The assertion's algorithm is not the registered one");
    }
    let Some(pem) = key else {
        return Ok(());
    };
    let key = DecodingKey::from_rsa_pem(pem.as_bytes())
        .map_err(|_| "The registered public key cannot be read")?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<serde_json::Value>(assertion, &key, &validation)
        .map(drop)
        .map_err(|_| "The assertion's signature is invalid")
}

fn algorithm(assertion: &str) -> Result<Algorithm, &'static str> {
    let header = jsonwebtoken::decode_header(assertion)
        .map_err(|_| "The assertion's header cannot be read")?;
    match header.alg {
        accepted @ (Algorithm::RS256 | Algorithm::RS384 | Algorithm::PS256) => Ok(accepted),
        _ => Err("The assertion's algorithm must be RS256, RS384 or PS256"),
    }
}
