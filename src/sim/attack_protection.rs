//! Attack protection as far as it sends phone messages (§9).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, no_such_path, ok};
use super::validate::{change, object, one_of, required};
use crate::auth0::exchange::{Method, Request};

/// The settings of the three protections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct AttackProtection {
    phone_provider: String,
    brute_force: Map<String, Value>,
    breached_password: Map<String, Value>,
}

const BRUTE_FORCE: [&str; 5] = ["enabled", "shields", "allowlist", "mode", "max_attempts"];
const BREACHED_PASSWORD: [&str; 5] = [
    "enabled",
    "shields",
    "admin_notification_frequency",
    "method",
    "stage",
];

impl Default for AttackProtection {
    fn default() -> Self {
        let brute_force = json!({
            "enabled": true,
            "shields": ["block", "user_notification"],
            "mode": "count_per_identifier_and_ip",
            "allowlist": [],
            "max_attempts": 10,
        });
        let breached_password = json!({
            "enabled": false,
            "shields": [],
            "admin_notification_frequency": [],
            "method": "standard",
            "stage": {"pre-user-registration": {"shields": []}},
        });
        Self {
            phone_provider: "default".to_owned(),
            brute_force: brute_force.as_object().cloned().unwrap_or_default(),
            breached_password: breached_password.as_object().cloned().unwrap_or_default(),
        }
    }
}

impl AttackProtection {
    pub(super) fn handle(&mut self, request: &Request, name: &str) -> Answer {
        match (request.method, name) {
            (Method::Get, "phone-provider-protection") => ok(json!({"type": self.phone_provider})),
            (Method::Patch, "phone-provider-protection") => {
                let body = object(request, &["type"])?;
                let kind = required(body, "type")?;
                self.phone_provider = one_of(kind, &["default", "exponential"], "type")?;
                ok(json!({"type": self.phone_provider}))
            }
            (method, "brute-force-protection") => {
                settings(request, method, &mut self.brute_force, &BRUTE_FORCE)
            }
            (method, "breached-password-detection") => settings(
                request,
                method,
                &mut self.breached_password,
                &BREACHED_PASSWORD,
            ),
            _ => Err(no_such_path()),
        }
    }
}

fn settings(
    request: &Request,
    method: Method,
    values: &mut Map<String, Value>,
    known: &[&str],
) -> Answer {
    match method {
        Method::Get => ok(Value::Object(values.clone())),
        Method::Patch => {
            for (key, value) in change(request, known)? {
                values.insert(key.clone(), value.clone());
            }
            ok(Value::Object(values.clone()))
        }
        _ => Err(no_such_path()),
    }
}
