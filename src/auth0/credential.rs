//! What an application proves itself with at the token endpoint (§1).

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};

use super::random;
use crate::phone::secret::Secret;

/// Life of an assertion; Auth0 advises one minute and allows five.
const ASSERTION_SECONDS: i64 = 60;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The signature algorithms that Auth0 knows for `private_key_jwt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA PKCS #1 v1.5 with SHA-256.
    #[default]
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    Rs384,
    /// RSA PSS with SHA-256.
    Ps256,
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256 => Self::RS256,
            Algorithm::Rs384 => Self::RS384,
            Algorithm::Ps256 => Self::PS256,
        }
    }
}

/// A credential that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The client id is empty.
    #[error("the client id is empty")]
    NoClientId,
    /// The client secret or the private key is empty.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// The private key is no RSA key in PEM form. The parser's words may quote the key, so they
    /// are not passed on.
    #[error("the private key is no RSA private key in PEM form (PKCS #1 or PKCS #8, unencrypted)")]
    PrivateKey,
    /// The assertion cannot be signed with this key.
    #[error("the assertion cannot be signed with this key")]
    Signature,
    /// No random bytes for the assertion's identifier.
    #[error(transparent)]
    NoRandomness(#[from] random::NoRandomness),
}

/// An application's identity and its proof.
#[derive(Clone)]
pub struct Credential {
    client_id: String,
    proof: Proof,
}

#[derive(Clone)]
enum Proof {
    ClientSecret(Secret),
    PrivateKey {
        pem: Secret,
        signer: EncodingKey,
        algorithm: Algorithm,
        key_id: Option<String>,
    },
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: String,
    exp: i64,
    jti: String,
}

impl Credential {
    /// An application that proves itself by its client secret.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] where either is empty.
    pub fn client_secret(
        client_id: impl Into<String>,
        secret: Secret,
    ) -> Result<Self, CredentialError> {
        if secret.is_empty() {
            return Err(CredentialError::Empty("client secret"));
        }
        Self::new(client_id.into(), Proof::ClientSecret(secret))
    }

    /// An application that signs assertions with an RSA key in PEM form (`private_key_jwt`).
    ///
    /// `algorithm` must be the one registered with the application's credential; `key_id` lets
    /// Auth0 choose among several.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] where the client id is empty or the key is none.
    pub fn private_key_jwt(
        client_id: impl Into<String>,
        pem: Secret,
        algorithm: Algorithm,
        key_id: Option<String>,
    ) -> Result<Self, CredentialError> {
        if pem.is_empty() {
            return Err(CredentialError::Empty("private key"));
        }
        let signer = EncodingKey::from_rsa_pem(pem.expose().as_bytes())
            .map_err(|_| CredentialError::PrivateKey)?;
        let proof = Proof::PrivateKey {
            pem,
            signer,
            algorithm,
            key_id,
        };
        Self::new(client_id.into(), proof)
    }

    fn new(client_id: String, proof: Proof) -> Result<Self, CredentialError> {
        if client_id.is_empty() {
            return Err(CredentialError::NoClientId);
        }
        Ok(Self { client_id, proof })
    }

    /// The application's client id, which is no secret.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// A digest of everything that a token depends on besides the tenant and the client id.
    ///
    /// It tells credentials apart in memory; it is neither stored nor shown.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        let parts = match &self.proof {
            Proof::ClientSecret(secret) => ["client_secret", secret.expose(), "", ""],
            Proof::PrivateKey {
                pem,
                algorithm,
                key_id,
                ..
            } => {
                let algorithm = match algorithm {
                    Algorithm::Rs256 => "RS256",
                    Algorithm::Rs384 => "RS384",
                    Algorithm::Ps256 => "PS256",
                };
                let key_id = key_id.as_deref().unwrap_or_default();
                ["private_key", pem.expose(), algorithm, key_id]
            }
        };
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        digest
    }

    /// The body of `POST /oauth/token` for a token of `domain`'s Management API.
    ///
    /// To be made anew for every attempt: an assertion's `jti` is good for one use (§1). The
    /// assertion has no `iat`, because one more comparison of clocks is one more way to fail.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] where the assertion cannot be made.
    pub fn token_request(&self, domain: &str, now: Timestamp) -> Result<Value, CredentialError> {
        let audience = format!("https://{domain}/api/v2/");
        match &self.proof {
            Proof::ClientSecret(secret) => Ok(json!({
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": secret.expose(),
                "audience": audience,
            })),
            Proof::PrivateKey {
                signer,
                algorithm,
                key_id,
                ..
            } => {
                let mut header = Header::new((*algorithm).into());
                header.kid.clone_from(key_id);
                let claims = Claims {
                    iss: &self.client_id,
                    sub: &self.client_id,
                    aud: format!("https://{domain}/"),
                    exp: now.as_second().saturating_add(ASSERTION_SECONDS),
                    jti: random::identifier()?,
                };
                let assertion = jsonwebtoken::encode(&header, &claims, signer)
                    .map_err(|_| CredentialError::Signature)?;
                Ok(json!({
                    "grant_type": "client_credentials",
                    "client_id": self.client_id,
                    "client_assertion_type": ASSERTION_TYPE,
                    "client_assertion": assertion,
                    "audience": audience,
                }))
            }
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match &self.proof {
            Proof::ClientSecret(_) => "client_secret",
            Proof::PrivateKey { .. } => "private_key_jwt",
        };
        f.debug_struct("Credential")
            .field("client_id", &self.client_id)
            .field("method", &method)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
    use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Verified {
        iss: String,
        sub: String,
        aud: String,
        exp: i64,
        jti: String,
    }

    fn key() -> KeyPair {
        KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
    }

    #[test]
    fn a_client_secret_goes_into_the_body_with_the_canonical_audience() {
        let credential = Credential::client_secret("id", Secret::new("s3cret")).unwrap();
        let body = credential
            .token_request("acme.eu.auth0.com", Timestamp::now())
            .unwrap();
        assert_eq!(
            body,
            json!({
                "grant_type": "client_credentials",
                "client_id": "id",
                "client_secret": "s3cret",
                "audience": "https://acme.eu.auth0.com/api/v2/",
            })
        );
        assert!(!format!("{credential:?}").contains("s3cret"));
    }

    #[test]
    fn an_assertion_is_signed_single_use_and_short_lived_for_each_algorithm() {
        let pair = key();
        let public = DecodingKey::from_rsa_pem(pair.public_key_pem().as_bytes()).unwrap();
        let mut seen = BTreeSet::new();
        for algorithm in [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Ps256] {
            let pem = Secret::new(pair.serialize_pem());
            let kid = Some("kid-1".to_owned());
            let credential = Credential::private_key_jwt("id", pem, algorithm, kid).unwrap();
            for _ in 0..2 {
                let now = Timestamp::now();
                let body = credential.token_request("acme.auth0.com", now).unwrap();
                assert_eq!(body["client_assertion_type"], ASSERTION_TYPE);
                assert_eq!(body.get("client_secret"), None);
                let assertion = body["client_assertion"].as_str().unwrap();
                assert_eq!(
                    decode_header(assertion).unwrap().kid.as_deref(),
                    Some("kid-1")
                );
                let mut validation = Validation::new(algorithm.into());
                validation.set_audience(&["https://acme.auth0.com/"]);
                let claims = decode::<Verified>(assertion, &public, &validation)
                    .unwrap()
                    .claims;
                assert_eq!((claims.iss.as_str(), claims.sub.as_str()), ("id", "id"));
                assert_eq!(claims.aud, "https://acme.auth0.com/");
                assert_eq!(claims.exp, now.as_second() + 60);
                assert!(seen.insert(claims.jti));
            }
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_quoting_it() {
        let secret = || Secret::new("not a key");
        let errors = [
            Credential::client_secret("", secret()).err(),
            Credential::client_secret("id", Secret::new("")).err(),
            Credential::private_key_jwt("id", secret(), Algorithm::Rs256, None).err(),
            Credential::private_key_jwt("id", Secret::new(""), Algorithm::Rs256, None).err(),
        ];
        for error in errors {
            let text = error.expect("an error").to_string();
            assert!(!text.contains("not a key"), "{text}");
        }
    }

    #[test]
    fn the_digest_tells_credentials_apart() {
        let pem = key().serialize_pem();
        let signed = |algorithm, kid: Option<&str>| {
            let kid = kid.map(str::to_owned);
            Credential::private_key_jwt("id", Secret::new(pem.clone()), algorithm, kid).unwrap()
        };
        let secret = |text: &str| Credential::client_secret("id", Secret::new(text)).unwrap();
        let digests: BTreeSet<_> = [
            secret("a"),
            secret("b"),
            signed(Algorithm::Rs256, None),
            signed(Algorithm::Ps256, None),
            signed(Algorithm::Rs256, Some("k")),
        ]
        .iter()
        .map(Credential::digest)
        .collect();
        assert_eq!(digests.len(), 5);
        assert_eq!(secret("a").digest(), secret("a").digest());
    }
}
