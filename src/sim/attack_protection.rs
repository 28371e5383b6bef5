//! Attack protection as far as it sends phone messages (§9).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, no_such_path, ok};
use super::validate::{Shape, TEXTS, body, may, must, object};
use crate::auth0::exchange::{Method, Request};

/// The settings of the three protections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct AttackProtection {
    phone_provider: String,
    brute_force: Map<String, Value>,
    breached_password: Map<String, Value>,
}

const PHONE_PROVIDER: Shape =
    Shape::Object(&[must("type", &Shape::OneOf(&["default", "exponential"]))]);
const BRUTE_FORCE: Shape = Shape::Filled(&[
    may("enabled", &Shape::Boolean),
    may(
        "shields",
        &Shape::List(
            &Shape::OneOf(&["block", "user_notification"]),
            0,
            usize::MAX,
        ),
    ),
    may("allowlist", &TEXTS),
    may(
        "mode",
        &Shape::OneOf(&["count_per_identifier_and_ip", "count_per_identifier"]),
    ),
    may("max_attempts", &Shape::Integer(1, 100)),
]);
const BREACHED_PASSWORD: Shape = Shape::Filled(&[
    may("enabled", &Shape::Boolean),
    may(
        "shields",
        &Shape::List(
            &Shape::OneOf(&["block", "user_notification", "admin_notification"]),
            0,
            usize::MAX,
        ),
    ),
    may(
        "admin_notification_frequency",
        &Shape::List(
            &Shape::OneOf(&["immediately", "daily", "weekly", "monthly"]),
            0,
            usize::MAX,
        ),
    ),
    may("method", &Shape::OneOf(&["standard", "enhanced"])),
    may("stage", &Shape::Any),
]);

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
                let kind = &body(request, &PHONE_PROVIDER)?["type"];
                let kind = kind.as_str().unwrap_or_default();
                kind.clone_into(&mut self.phone_provider);
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
    shape: &Shape,
) -> Answer {
    match method {
        Method::Get => ok(Value::Object(values.clone())),
        Method::Patch => {
            for (key, value) in object(request, shape)? {
                values.insert(key.clone(), value.clone());
            }
            ok(Value::Object(values.clone()))
        }
        _ => Err(no_such_path()),
    }
}
