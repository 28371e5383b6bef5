//! What may be written of the tenant settings (§10).

use crate::sim::validate::{ANY_OBJECT, Field, Shape, TEXT, TEXTS, may, must};

const LIFETIME: Shape = Shape::Integer(1, i64::MAX);
const PAGE: Shape = Shape::OrNull(&Shape::Object(&[
    may("enabled", &Shape::Boolean),
    may("html", &TEXT),
]));
const ERROR_PAGE: Shape = Shape::OrNull(&Shape::Object(&[
    may("html", &TEXT),
    may("show_log_link", &Shape::Boolean),
    may("url", &TEXT),
]));
const DEVICE_FLOW: Shape = Shape::OrNull(&Shape::Object(&[
    may("charset", &Shape::OneOf(&["base20", "digits"])),
    may("mask", &Shape::Text(0, 20)),
]));
const SESSION_COOKIE: Shape = Shape::OrNull(&Shape::Object(&[must(
    "mode",
    &Shape::OneOf(&["persistent", "non-persistent"]),
)]));
const SESSIONS: Shape = Shape::OrNull(&Shape::Object(&[may(
    "oidc_logout_prompt_enabled",
    &Shape::Boolean,
)]));
const OIDC_LOGOUT: Shape = Shape::Object(&[may(
    "rp_logout_end_session_endpoint_discovery",
    &Shape::Boolean,
)]);
const MTLS: Shape = Shape::OrNull(&Shape::Object(&[may(
    "enable_endpoint_aliases",
    &Shape::Boolean,
)]));
const COUNTRY_CODES: Shape = Shape::OrNull(&Shape::Object(&[
    may("list", &Shape::List(&COUNTRY, 0, usize::MAX)),
    may("mode", &Shape::OneOf(&["allow", "deny"])),
]));
const COUNTRY: Shape = Shape::Form(is_country, "country-code");

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

const fn flag(name: &'static str) -> Field {
    may(name, &Shape::Boolean)
}

const LOCALE: Shape = Shape::OneOf(&[
    "am", "ar", "ar-EG", "ar-SA", "az", "bg", "bn", "bs", "ca-ES", "cnr", "cs", "cy", "da", "de",
    "el", "en", "en-CA", "es", "es-419", "es-AR", "es-MX", "et", "eu-ES", "fa", "fi", "fr",
    "fr-CA", "fr-FR", "gl-ES", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka",
    "kk", "kn", "ko", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "nb", "nl", "nn", "no", "pa",
    "pl", "pt", "pt-BR", "pt-PT", "ro", "ru", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te",
    "th", "tl", "tr", "uk", "ur", "vi", "zgh", "zh-CN", "zh-HK", "zh-MO", "zh-TW",
]);

const FLAGS: Shape = Shape::Object(&[
    flag("change_pwd_flow_v1"),
    flag("enable_apis_section"),
    flag("disable_impersonation"),
    flag("enable_client_connections"),
    flag("enable_pipeline2"),
    flag("allow_legacy_delegation_grant_types"),
    flag("allow_legacy_ro_grant_types"),
    flag("allow_legacy_tokeninfo_endpoint"),
    flag("enable_legacy_profile"),
    flag("enable_idtoken_api2"),
    flag("enable_public_signup_user_exists_error"),
    flag("enable_sso"),
    flag("allow_changing_enable_sso"),
    flag("disable_clickjack_protection_headers"),
    flag("no_disclose_enterprise_connections"),
    flag("enforce_client_authentication_on_passwordless_start"),
    flag("enable_adfs_waad_email_verification"),
    flag("revoke_refresh_token_grant"),
    flag("dashboard_log_streams_next"),
    flag("dashboard_insights_view"),
    flag("disable_fields_map_fix"),
    flag("mfa_show_factor_list_on_enrollment"),
    flag("remove_alg_from_jwks"),
    flag("improved_signup_bot_detection_in_classic"),
    flag("genai_trial"),
    flag("enable_dynamic_client_registration"),
    flag("disable_management_api_sms_obfuscation"),
    flag("trust_azure_adfs_email_verified_connection_property"),
    flag("custom_domains_provisioning"),
    // Not in the published description, and accepted as recorded.
    flag("use_scope_descriptions_for_consent"),
]);

/// The body of a change.
pub(super) const CHANGE: Shape = Shape::Filled(&[
    may("change_password", &PAGE),
    may("device_flow", &DEVICE_FLOW),
    may("guardian_mfa_page", &PAGE),
    may("default_audience", &TEXT),
    may("default_directory", &TEXT),
    may("error_page", &ERROR_PAGE),
    may("default_token_quota", &Shape::OrNull(&ANY_OBJECT)),
    may("flags", &FLAGS),
    may("friendly_name", &TEXT),
    may("picture_url", &TEXT),
    may("support_email", &TEXT),
    may("support_url", &TEXT),
    may("allowed_logout_urls", &TEXTS),
    may("session_lifetime", &LIFETIME),
    may("session_lifetime_in_minutes", &LIFETIME),
    may("idle_session_lifetime", &LIFETIME),
    may("idle_session_lifetime_in_minutes", &LIFETIME),
    may("ephemeral_session_lifetime", &LIFETIME),
    may("idle_ephemeral_session_lifetime", &LIFETIME),
    may("ephemeral_session_lifetime_in_minutes", &LIFETIME),
    may("idle_ephemeral_session_lifetime_in_minutes", &LIFETIME),
    may("sandbox_version", &Shape::Text(0, 8)),
    may("legacy_sandbox_version", &Shape::Text(0, 8)),
    may("default_redirection_uri", &TEXT),
    may("enabled_locales", &Shape::List(&LOCALE, 1, usize::MAX)),
    may("security_headers", &Shape::OrNull(&ANY_OBJECT)),
    may("session_cookie", &SESSION_COOKIE),
    may("sessions", &SESSIONS),
    may("oidc_logout", &OIDC_LOGOUT),
    may(
        "customize_mfa_in_postlogin_action",
        &Shape::OrNull(&Shape::Boolean),
    ),
    may(
        "allow_organization_name_in_authentication_api",
        &Shape::OrNull(&Shape::Boolean),
    ),
    may("acr_values_supported", &Shape::OrNull(&TEXTS)),
    may("mtls", &MTLS),
    may(
        "pushed_authorization_requests_supported",
        &Shape::OrNull(&Shape::Boolean),
    ),
    may(
        "authorization_response_iss_parameter_supported",
        &Shape::OrNull(&Shape::Boolean),
    ),
    may(
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        &Shape::OrNull(&Shape::Boolean),
    ),
    may(
        "resource_parameter_profile",
        &Shape::OneOf(&["audience", "compatibility"]),
    ),
    may("client_id_metadata_document_supported", &Shape::Boolean),
    may("enable_ai_guide", &Shape::Boolean),
    may("phone_consolidated_experience", &Shape::Boolean),
    may("include_session_metadata_in_tenant_logs", &Shape::Boolean),
    may(
        "dynamic_client_registration_security_mode",
        &Shape::OneOf(&["strict", "permissive"]),
    ),
    may("country_codes", &COUNTRY_CODES),
]);
