//! Multi-factor authentication (§5): factors, message types, policies, and the legacy phone
//! endpoints that the unified experience refuses.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, bare_error, error, no_such_path, ok};
use super::store::Store;
use super::validate::{Shape, TEXT, body, may, must, object};
use crate::auth0::exchange::{Method, Request, Response};

const FACTORS: [&str; 8] = [
    "sms",
    "push-notification",
    "otp",
    "email",
    "duo",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
];
const FACTOR: Shape = Shape::Object(&[must("enabled", &Shape::Boolean)]);
const MESSAGE_TYPES: Shape = Shape::Object(&[must(
    "message_types",
    &Shape::List(&Shape::OneOf(&["sms", "voice"]), 0, usize::MAX),
)]);
const POLICIES: Shape = Shape::List(
    &Shape::OneOf(&["all-applications", "confidence-score"]),
    0,
    usize::MAX,
);
const LEGACY_PROVIDER: Shape = Shape::Object(&[must(
    "provider",
    &Shape::OneOf(&["auth0", "twilio", "phone-message-hook"]),
)]);
const LONG: Shape = Shape::OrNull(&Shape::Text(0, 1000));
const LEGACY_TWILIO: Shape = Shape::Object(&[
    may("from", &Shape::OrNull(&Shape::Text(0, 64))),
    may("messaging_service_sid", &LONG),
    may("auth_token", &LONG),
    may("sid", &LONG),
]);
const LEGACY_TEMPLATES: Shape = Shape::Object(&[
    must("enrollment_message", &TEXT),
    must("verification_message", &TEXT),
]);

/// What is set up for MFA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Guardian {
    enabled: Vec<String>,
    message_types: Vec<String>,
    policies: Vec<String>,
    legacy_provider: String,
    legacy_twilio: Map<String, Value>,
    legacy_templates: Option<Map<String, Value>>,
}

impl Default for Guardian {
    fn default() -> Self {
        Self {
            enabled: Vec::new(),
            message_types: Vec::new(),
            policies: Vec::new(),
            legacy_provider: "auth0".to_owned(),
            legacy_twilio: Map::new(),
            legacy_templates: None,
        }
    }
}

impl Guardian {
    /// Whether MFA by this message type is set up.
    pub(super) fn offers(&self, message_type: &str) -> bool {
        self.enabled.iter().any(|name| name == "sms")
            && self.message_types.iter().any(|kind| kind == message_type)
    }
}

impl Store {
    pub(super) fn guardian(&mut self, request: &Request, path: &[&str]) -> Answer {
        match (request.method, path) {
            (Method::Get, ["factors"]) => {
                let factor = |name: &&str| {
                    let enabled = self.guardian.enabled.iter().any(|item| item == name);
                    json!({"name": name, "enabled": enabled, "trial_expired": false})
                };
                ok(FACTORS.iter().map(factor).collect())
            }
            (Method::Put, ["factors", name]) => self.guardian.set_factor(request, name),
            (_, ["factors", "phone", "message-types"]) => self.message_types(request),
            (Method::Get, ["policies"]) => ok(json!(self.guardian.policies)),
            (Method::Put, ["policies"]) => {
                self.guardian.policies = texts(body(request, &POLICIES)?);
                ok(json!(self.guardian.policies))
            }
            (_, ["factors", "phone" | "sms", rest @ ..]) => {
                if self.settings.unified() {
                    return Err(error(
                        403,
                        "legacy_mfa_phone_provider_not_allowed",
                        "Insufficient privileges to use this deprecated feature. To handle Phone Provider/Templates refer to Tenant Phone Settings",
                    ));
                }
                self.guardian.legacy(request, rest)
            }
            _ => Err(no_such_path()),
        }
    }

    /// Message types can be set while the factor is on, and only those that the tenant's provider
    /// delivers (§5.2).
    fn message_types(&mut self, request: &Request) -> Answer {
        match request.method {
            Method::Get => ok(json!({"message_types": self.guardian.message_types})),
            Method::Put => {
                let types = texts(&body(request, &MESSAGE_TYPES)?["message_types"]);
                if !types.is_empty() && !self.guardian.enabled.iter().any(|name| name == "sms") {
                    return Err(bare_error(404, "The phone factor does not exist."));
                }
                let methods = self.providers.delivers();
                let method = |kind: &str| if kind == "voice" { "voice" } else { "text" };
                let undeliverable = types.iter().any(|kind| !methods.contains(&method(kind)));
                if self.settings.unified() && self.providers.is_on() && undeliverable {
                    return Err(bare_error(
                        409,
                        "Message Type is not supported by the configured phone provider",
                    ));
                }
                self.guardian.message_types = types;
                ok(json!({"message_types": self.guardian.message_types}))
            }
            _ => Err(no_such_path()),
        }
    }
}

/// The strings of a list that was checked to hold nothing else.
fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Guardian {
    fn set_factor(&mut self, request: &Request, name: &str) -> Answer {
        if !FACTORS.contains(&name) {
            return Err(error(
                400,
                "invalid_uri",
                &format!("Path validation error: 'Invalid value \"{name}\"' on property name."),
            ));
        }
        let enabled = body(request, &FACTOR)?["enabled"] == true;
        self.enabled.retain(|item| item != name);
        if enabled {
            self.enabled.push(name.to_owned());
        }
        ok(json!({"enabled": enabled}))
    }

    /// The legacy endpoints of a tenant without the unified experience (§5.4).
    fn legacy(&mut self, request: &Request, path: &[&str]) -> Answer {
        match (request.method, path) {
            (Method::Get, ["selected-provider"]) => ok(json!({"provider": self.legacy_provider})),
            (Method::Put, ["selected-provider"]) => {
                let provider = &body(request, &LEGACY_PROVIDER)?["provider"];
                let provider = provider.as_str().unwrap_or_default();
                provider.clone_into(&mut self.legacy_provider);
                ok(json!({"provider": self.legacy_provider}))
            }
            (Method::Get, ["providers", "twilio"]) => ok(Value::Object(self.legacy_twilio.clone())),
            (Method::Put, ["providers", "twilio"]) => {
                let body = object(request, &LEGACY_TWILIO)?;
                self.legacy_twilio.clone_from(body);
                ok(Value::Object(body.clone()))
            }
            (Method::Get, ["templates"]) => match &self.legacy_templates {
                Some(templates) => ok(Value::Object(templates.clone())),
                None => Ok(Response::empty(204)),
            },
            (Method::Put, ["templates"]) => {
                let body = object(request, &LEGACY_TEMPLATES)?;
                self.legacy_templates = Some(body.clone());
                ok(Value::Object(body.clone()))
            }
            _ => Err(no_such_path()),
        }
    }
}
