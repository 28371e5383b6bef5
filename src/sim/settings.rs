//! Tenant settings (§10).

mod shape;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, no_such_path, ok};
use super::page::fields;
use super::store::merge;
use super::validate::object;
use crate::auth0::exchange::{Method, Request};

/// What `GET /tenants/settings` shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    values: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        let values = json!({
            "enabled_locales": ["en"],
            "flags": {
                "allow_changing_enable_sso": false,
                "disable_impersonation": true,
                "enable_sso": true,
                "universal_login": true,
                "revoke_refresh_token_grant": false,
                "disable_clickjack_protection_headers": false,
            },
            "sandbox_version": "22",
            "oidc_logout": {"rp_logout_end_session_endpoint_discovery": true},
            "universal_login": {},
            "resource_parameter_profile": "audience",
            "phone_consolidated_experience": true,
            "client_id_metadata_document_supported": false,
        });
        Self {
            values: values.as_object().cloned().unwrap_or_default(),
        }
    }
}

impl Settings {
    /// Whether the unified phone experience is on.
    pub(super) fn unified(&self) -> bool {
        self.values
            .get("phone_consolidated_experience")
            .is_none_or(|value| *value != false)
    }

    pub(super) fn friendly_name(&self) -> Option<&str> {
        self.values.get("friendly_name")?.as_str()
    }

    pub(super) fn handle(&mut self, request: &Request) -> Answer {
        match request.method {
            Method::Get => {
                let mut shown = self.values.clone();
                shown.insert("sandbox_versions_available".to_owned(), json!(["22", "18"]));
                ok(fields(request)?.of(&shown, &[]))
            }
            Method::Patch => self.change(request),
            _ => Err(no_such_path()),
        }
    }

    fn change(&mut self, request: &Request) -> Answer {
        let body = object(request, &shape::CHANGE)?;
        let flags = body.get("flags").and_then(Value::as_object);
        let before = self.values.get("flags").cloned();
        merge(&mut self.values, body);
        // Flags merge one level deeper than everything else.
        if let (Some(flags), Some(Value::Object(mut all))) = (flags, before) {
            merge(&mut all, flags);
            self.values.insert("flags".to_owned(), Value::Object(all));
        }
        // A write shows two flags that reads do not, and not what a read adds.
        let mut shown = self.values.clone();
        if let Some(Value::Object(flags)) = shown.get_mut("flags") {
            let locked = "cannot_change_enforce_client_authentication_on_passwordless_start";
            flags.insert(locked.to_owned(), json!(true));
            flags
                .entry("enforce_client_authentication_on_passwordless_start")
                .or_insert(json!(true));
        }
        ok(Value::Object(shown))
    }
}
