//! The token endpoint of a simulated tenant, and the check of the tokens it gave (§1, §0.2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::auth0::exchange::Response;

mod assertion;

/// How long a token lives where nothing else is said (§1).
const DEFAULT_LIFE: u32 = 86_400;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the token endpoint accepts, and how tokens are checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Credentials {
    /// The applications that get a token. Where absent: any client id with a secret that is not
    /// empty, or with an assertion of the right form.
    pub clients: Option<Vec<ClientCredential>>,
    /// Seconds that a token lives.
    pub expires_in: u32,
    /// Whether only tokens that this tenant gave are accepted. Otherwise any token is, but for
    /// those of this tenant that have expired or were revoked.
    pub strict_tokens: bool,
    /// Whether the audience must name this tenant's domain or the host that was called. Otherwise
    /// any host will do.
    pub strict_audience: bool,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            clients: None,
            expires_in: DEFAULT_LIFE,
            strict_tokens: false,
            strict_audience: false,
        }
    }
}

/// An application that gets tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientCredential {
    /// The application's id.
    pub client_id: String,
    /// Its secret; without one it cannot use a secret.
    #[serde(default, deserialize_with = "secret")]
    pub client_secret: Option<SecretString>,
    /// Its RSA public key in PEM; without one the signature of an assertion is not checked.
    #[serde(default)]
    pub public_key: Option<String>,
    /// The signature algorithm registered with the key; any of Auth0's three where absent.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// Whether it has a grant for the Management API.
    #[serde(default = "yes")]
    pub granted: bool,
}

const fn yes() -> bool {
    true
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SecretString::from))
}

/// The names under which a tenant is reached, for the checks of audiences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    /// The tenant's domain.
    pub(super) domain: &'a str,
    /// The host that the request was sent to.
    pub(super) host: &'a str,
}

/// The scopes that a token carries; `None` where it may do everything.
pub(super) type Scopes = Option<Arc<BTreeSet<String>>>;

/// Gives tokens and knows those that it gave.
#[derive(Debug, Default)]
pub(super) struct TokenDesk {
    settings: Credentials,
    tokens: BTreeMap<String, Given>,
    /// The `jti` of assertions that were used, and when they expire.
    used: BTreeMap<String, Timestamp>,
}

#[derive(Debug)]
struct Given {
    expires: Timestamp,
    revoked: bool,
    scopes: Scopes,
}

/// An OAuth error: status, `error`, `error_description`.
type Refusal = (u16, &'static str, String);

impl TokenDesk {
    pub(super) fn configure(&mut self, settings: Credentials) {
        self.settings = settings;
    }

    /// Makes every token given so far invalid.
    pub(super) fn revoke_all(&mut self) {
        for token in self.tokens.values_mut() {
            token.revoked = true;
        }
    }

    /// Lets tokens given so far carry `scopes`.
    pub(super) fn rescope(&mut self, scopes: &Scopes) {
        for token in self.tokens.values_mut() {
            token.scopes.clone_from(scopes);
        }
    }

    /// Answers `POST /oauth/token`.
    pub(super) fn give(
        &mut self,
        form: &Map<String, Value>,
        names: Names<'_>,
        scopes: &Scopes,
        now: Timestamp,
    ) -> Response {
        match self.admit(form, names, now) {
            Ok(()) => self.issue(scopes, now),
            Err((status, error, description)) => Response::json(
                status,
                json!({"error": error, "error_description": description}),
            ),
        }
    }

    fn issue(&mut self, scopes: &Scopes, now: Timestamp) -> Response {
        let mut bytes = [0_u8; 32];
        if aws_lc_rs::rand::fill(&mut bytes).is_err() {
            return Response::json(
                500,
                json!({"error": "server_error", "error_description": "no randomness"}),
            );
        }
        let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let token = format!("sim.{}", digits.concat());
        let life = self.settings.expires_in;
        let mut answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": life});
        if let Some(scopes) = scopes {
            let list: Vec<&str> = scopes.iter().map(String::as_str).collect();
            answer["scope"] = list.join(" ").into();
        }
        let expires = now
            .saturating_add(SignedDuration::from_secs(i64::from(life)))
            .unwrap_or(Timestamp::MAX);
        self.tokens.insert(
            token,
            Given {
                expires,
                revoked: false,
                scopes: scopes.clone(),
            },
        );
        Response::json(200, answer)
    }

    fn admit(
        &mut self,
        form: &Map<String, Value>,
        names: Names<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let field = |name: &str| {
            form.get(name)
                .and_then(Value::as_str)
                .filter(|it| !it.is_empty())
        };
        match field("grant_type") {
            Some("client_credentials") => {}
            Some(other) => {
                let text = format!("Grant type '{other}' not allowed for the client.");
                return Err((403, "unauthorized_client", text));
            }
            None => return Err(missing("grant_type")),
        }
        let audience = field("audience").ok_or_else(|| missing("audience"))?;
        let client_id = match (field("client_assertion"), field("client_id")) {
            (Some(assertion), stated) => {
                if field("client_assertion_type") != Some(ASSERTION_TYPE) {
                    return Err(missing("client_assertion_type"));
                }
                self.admit_assertion(assertion, stated, names, now)?
            }
            (None, Some(client_id)) => {
                self.admit_secret(client_id, field("client_secret"))?;
                client_id.to_owned()
            }
            (None, None) => return Err(missing("client_id")),
        };
        if !self.is_management_api(audience, names) {
            let text = format!("Service not enabled within domain: {audience}");
            return Err((403, "access_denied", text));
        }
        if self
            .client(&client_id)
            .is_some_and(|client| !client.granted)
        {
            let text = format!(
                "Client is not authorized to access \"{audience}\". You need to create a \
                 \"client-grant\" associated to this API."
            );
            return Err((403, "access_denied", text));
        }
        Ok(())
    }

    fn admit_secret(&self, client_id: &str, secret: Option<&str>) -> Result<(), Refusal> {
        let right = match (&self.settings.clients, self.client(client_id), secret) {
            (None, _, secret) => secret.is_some(),
            (Some(_), Some(client), Some(secret)) => client
                .client_secret
                .as_ref()
                .is_some_and(|right| right.expose_secret() == secret),
            (Some(_), _, _) => false,
        };
        if right { Ok(()) } else { Err(unauthorized()) }
    }

    /// The client id that a valid assertion stands for. Each assertion is good once.
    fn admit_assertion(
        &mut self,
        assertion: &str,
        stated: Option<&str>,
        names: Names<'_>,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let problem = |text: &str| (401, "invalid_client", text.to_owned());
        let claims = assertion::claims(assertion, now).map_err(problem)?;
        let client_id = claims.client_id;
        if stated.is_some_and(|stated| stated != client_id) {
            return Err(problem(
                "client_id does not match the subject of the assertion",
            ));
        }
        if !self.is_host(&claims.audience, names, "/") {
            return Err(problem("The audience of the assertion is not this tenant"));
        }
        if self.settings.clients.is_some() {
            let client = self.client(&client_id).ok_or_else(unauthorized)?;
            assertion::verify(
                assertion,
                client.algorithm.as_deref(),
                client.public_key.as_deref(),
            )
            .map_err(problem)?;
        }
        self.used.retain(|_, expires| *expires > now);
        if self.used.insert(claims.id, claims.expires).is_some() {
            return Err(problem("The jti of the assertion has been used before"));
        }
        Ok(client_id)
    }

    fn client(&self, client_id: &str) -> Option<&ClientCredential> {
        let clients = self.settings.clients.as_ref()?;
        clients.iter().find(|client| client.client_id == client_id)
    }

    fn is_management_api(&self, audience: &str, names: Names<'_>) -> bool {
        self.is_host(audience, names, "/api/v2/")
    }

    /// Whether `url` is a host that stands for this tenant, followed by `path`.
    fn is_host(&self, url: &str, names: Names<'_>, path: &str) -> bool {
        let Some((scheme, rest)) = url.split_once("://") else {
            return false;
        };
        let Some(host) = rest.strip_suffix(path) else {
            return false;
        };
        let any = !self.settings.strict_audience && !host.is_empty() && !host.contains('/');
        (any || host == names.domain || host == names.host) && matches!(scheme, "https" | "http")
    }

    /// The scopes of the token in an `Authorization` header, or the answer that refuses it.
    /// `current` are those of tokens that are not from here.
    pub(super) fn check(
        &self,
        header: Option<&str>,
        current: &Scopes,
        now: Timestamp,
    ) -> Result<Scopes, Response> {
        let Some(header) = header else {
            return Err(invalid_token("Invalid token"));
        };
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => "",
        };
        if token.is_empty() || token.contains(char::is_whitespace) {
            return Err(Response::json(
                400,
                json!({
                    "statusCode": 400,
                    "error": "Bad Request",
                    "message": "Bad HTTP authentication header format",
                    "errorCode": "Bearer",
                }),
            ));
        }
        match self.tokens.get(token) {
            Some(given) if given.revoked => Err(invalid_token("Invalid token")),
            Some(given) if given.expires <= now => Err(invalid_token(
                "Expired token received for JSON Web Token validation",
            )),
            Some(given) => Ok(given.scopes.clone()),
            None if self.settings.strict_tokens => Err(invalid_token("Invalid token")),
            None => Ok(current.clone()),
        }
    }
}

fn missing(name: &str) -> Refusal {
    let text = format!("Missing required parameter: {name}");
    (400, "invalid_request", text)
}

fn unauthorized() -> Refusal {
    (401, "access_denied", "Unauthorized".to_owned())
}

fn invalid_token(message: &str) -> Response {
    Response::json(
        401,
        json!({
            "statusCode": 401,
            "error": "Unauthorized",
            "message": message,
            "attributes": {"error": message},
        }),
    )
}

#[cfg(test)]
mod tests;
