//! Tenant settings (§10).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, no_such_path, ok};
use super::page::fields;
use super::store::merge;
use super::validate::{boolean, change, nested, only, string};
use crate::auth0::exchange::{Method, Request};

/// What `GET /tenants/settings` shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    values: Map<String, Value>,
}

const WRITABLE: [&str; 43] = [
    "change_password",
    "device_flow",
    "guardian_mfa_page",
    "default_audience",
    "default_directory",
    "error_page",
    "default_token_quota",
    "flags",
    "friendly_name",
    "picture_url",
    "support_email",
    "support_url",
    "allowed_logout_urls",
    "session_lifetime",
    "session_lifetime_in_minutes",
    "idle_session_lifetime",
    "idle_session_lifetime_in_minutes",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
    "ephemeral_session_lifetime_in_minutes",
    "idle_ephemeral_session_lifetime_in_minutes",
    "sandbox_version",
    "legacy_sandbox_version",
    "default_redirection_uri",
    "enabled_locales",
    "security_headers",
    "session_cookie",
    "sessions",
    "oidc_logout",
    "customize_mfa_in_postlogin_action",
    "allow_organization_name_in_authentication_api",
    "acr_values_supported",
    "mtls",
    "pushed_authorization_requests_supported",
    "authorization_response_iss_parameter_supported",
    "skip_non_verifiable_callback_uri_confirmation_prompt",
    "resource_parameter_profile",
    "client_id_metadata_document_supported",
    "enable_ai_guide",
    "phone_consolidated_experience",
    "include_session_metadata_in_tenant_logs",
    "dynamic_client_registration_security_mode",
    "country_codes",
];

const FLAGS: [&str; 30] = [
    "change_pwd_flow_v1",
    "enable_apis_section",
    "disable_impersonation",
    "enable_client_connections",
    "enable_pipeline2",
    "allow_legacy_delegation_grant_types",
    "allow_legacy_ro_grant_types",
    "allow_legacy_tokeninfo_endpoint",
    "enable_legacy_profile",
    "enable_idtoken_api2",
    "enable_public_signup_user_exists_error",
    "enable_sso",
    "allow_changing_enable_sso",
    "disable_clickjack_protection_headers",
    "no_disclose_enterprise_connections",
    "enforce_client_authentication_on_passwordless_start",
    "enable_adfs_waad_email_verification",
    "revoke_refresh_token_grant",
    "dashboard_log_streams_next",
    "dashboard_insights_view",
    "disable_fields_map_fix",
    "mfa_show_factor_list_on_enrollment",
    "remove_alg_from_jwks",
    "improved_signup_bot_detection_in_classic",
    "genai_trial",
    "enable_dynamic_client_registration",
    "disable_management_api_sms_obfuscation",
    "trust_azure_adfs_email_verified_connection_property",
    "custom_domains_provisioning",
    // Not in the published description, and accepted as recorded.
    "use_scope_descriptions_for_consent",
];

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
                ok(fields(request, &[], Value::Object(shown)))
            }
            Method::Patch => self.change(request),
            _ => Err(no_such_path()),
        }
    }

    fn change(&mut self, request: &Request) -> Answer {
        let body = change(request, &WRITABLE)?;
        boolean(body, "phone_consolidated_experience")?;
        string(body, "friendly_name", (0, 255))?;
        let flags = nested(body, "flags")?;
        if let Some(flags) = flags {
            only(flags, &FLAGS)?;
        }
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
