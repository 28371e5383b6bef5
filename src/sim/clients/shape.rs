//! What may be written of an application (§8).

use crate::sim::validate::{ANY_OBJECT, FILLED_TEXT, Field, Shape, TEXT, TEXTS, may, must};

const FILLED_TEXTS: Shape = Shape::List(&FILLED_TEXT, 0, usize::MAX);
const METADATA: Shape = Shape::Each(&Shape::Any, 10);
const NAME: Shape = Shape::Form(is_name, "client-name");

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['<', '>'])
}

const APP_TYPE: Shape = Shape::OneOf(&[
    "native",
    "spa",
    "regular_web",
    "non_interactive",
    "resource_server",
    "express_configuration",
    "rms",
    "box",
    "cloudbees",
    "concur",
    "dropbox",
    "mscrm",
    "echosign",
    "egnyte",
    "newrelic",
    "office365",
    "salesforce",
    "sentry",
    "sharepoint",
    "slack",
    "springcm",
    "zendesk",
    "zoom",
    "sso_integration",
    "oag",
]);

/// How many keys creates and changes have in common.
const SHARED: usize = 53;

/// What creates and changes have in common.
const COMMON: [Field; SHARED] = [
    may("description", &Shape::Text(0, 140)),
    may("logo_uri", &TEXT),
    may("callbacks", &TEXTS),
    may("oidc_logout", &ANY_OBJECT),
    may("oidc_backchannel_logout", &ANY_OBJECT),
    may("session_transfer", &Shape::OrNull(&ANY_OBJECT)),
    may("allowed_origins", &TEXTS),
    may("web_origins", &TEXTS),
    may("client_aliases", &FILLED_TEXTS),
    may("allowed_clients", &FILLED_TEXTS),
    may("allowed_logout_urls", &TEXTS),
    may("grant_types", &FILLED_TEXTS),
    may(
        "token_endpoint_auth_method",
        &Shape::OrNull(&Shape::OneOf(&[
            "none",
            "client_secret_post",
            "client_secret_basic",
        ])),
    ),
    may("is_token_endpoint_ip_header_trusted", &Shape::Boolean),
    may("app_type", &APP_TYPE),
    may("is_first_party", &Shape::Boolean),
    may("oidc_conformant", &Shape::Boolean),
    may("jwt_configuration", &ANY_OBJECT),
    may("encryption_key", &Shape::OrNull(&ANY_OBJECT)),
    may("sso", &Shape::Boolean),
    may("cross_origin_authentication", &Shape::Boolean),
    may("cross_origin_loc", &Shape::OrNull(&TEXT)),
    may("sso_disabled", &Shape::Boolean),
    may("custom_login_page_on", &Shape::Boolean),
    may("custom_login_page", &TEXT),
    may("custom_login_page_preview", &TEXT),
    may("form_template", &TEXT),
    may("addons", &ANY_OBJECT),
    may("client_metadata", &METADATA),
    may("mobile", &ANY_OBJECT),
    may("initiate_login_uri", &TEXT),
    may("native_social_login", &Shape::OrNull(&ANY_OBJECT)),
    may("fedcm_login", &Shape::OrNull(&ANY_OBJECT)),
    may("refresh_token", &Shape::OrNull(&ANY_OBJECT)),
    may("default_organization", &Shape::OrNull(&ANY_OBJECT)),
    may(
        "organization_usage",
        &Shape::OrNull(&Shape::OneOf(&["deny", "allow", "require"])),
    ),
    may(
        "organization_require_behavior",
        &Shape::OrNull(&Shape::OneOf(&[
            "no_prompt",
            "pre_login_prompt",
            "post_login_prompt",
        ])),
    ),
    may(
        "organization_discovery_methods",
        &Shape::OrNull(&Shape::List(
            &Shape::OneOf(&["email", "organization_name"]),
            1,
            usize::MAX,
        )),
    ),
    may("client_authentication_methods", &Shape::OrNull(&ANY_OBJECT)),
    may("require_pushed_authorization_requests", &Shape::Boolean),
    may("require_proof_of_possession", &Shape::Boolean),
    may("signed_request_object", &ANY_OBJECT),
    may("token_vault_privileged_access", &ANY_OBJECT),
    may(
        "compliance_level",
        &Shape::OrNull(&Shape::OneOf(&[
            "none",
            "fapi1_adv_pkj_par",
            "fapi1_adv_mtls_par",
            "fapi2_sp_pkj_mtls",
            "fapi2_sp_mtls_mtls",
        ])),
    ),
    may(
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        &Shape::OrNull(&Shape::Boolean),
    ),
    may("token_exchange", &Shape::OrNull(&ANY_OBJECT)),
    may(
        "par_request_expiry",
        &Shape::OrNull(&Shape::Integer(10, 600)),
    ),
    may("token_quota", &Shape::OrNull(&ANY_OBJECT)),
    may(
        "third_party_security_mode",
        &Shape::OneOf(&["strict", "permissive"]),
    ),
    may(
        "redirection_policy",
        &Shape::OneOf(&["allow_always", "open_redirect_protection"]),
    ),
    may("express_configuration", &Shape::OrNull(&ANY_OBJECT)),
    may("my_organization_configuration", &Shape::OrNull(&ANY_OBJECT)),
    may(
        "async_approval_notification_channels",
        &Shape::OrNull(&Shape::List(
            &Shape::OneOf(&["guardian-push", "email"]),
            1,
            usize::MAX,
        )),
    ),
];

/// The common keys, and two more.
const fn and(first: Field, second: Field) -> [Field; SHARED + 2] {
    let mut all = [first; SHARED + 2];
    all[1] = second;
    let mut at = 0;
    while at < SHARED {
        all[at + 2] = COMMON[at];
        at += 1;
    }
    all
}

const OF_CREATE: [Field; SHARED + 2] = and(
    must("name", &NAME),
    may("resource_server_identifier", &TEXT),
);
const OF_CHANGE: [Field; SHARED + 2] = and(may("name", &NAME), may("client_secret", &FILLED_TEXT));

/// The body of a create.
pub(super) const CREATE: Shape = Shape::Object(&OF_CREATE);

/// The body of a change.
pub(super) const CHANGE: Shape = Shape::Filled(&OF_CHANGE);
