//! What may be written of a connection (§6.2, §6.3, §7.1).

use crate::sim::validate::{ANY_OBJECT, FILLED_TEXT, Field, Shape, TEXT, TEXTS, may, must};

const DISPLAY_NAME: Shape = Shape::Text(0, 128);
const ACTIVE: Shape = Shape::Object(&[must("active", &Shape::Boolean)]);
const METADATA: Shape = Shape::Each(&Shape::OrNull(&Shape::Text(0, 255)), 10);
const CONNECTED_ACCOUNTS: Shape = Shape::Object(&[
    must("active", &Shape::Boolean),
    may("cross_app_access", &Shape::Boolean),
]);

/// `^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$`, 128 at most
fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    ends(bytes.first())
        && ends(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && !name.contains("--")
        && name.len() <= 128
}

/// The body of a create.
pub(super) const CREATE: Shape = Shape::Object(&[
    must("name", &Shape::Form(is_name, "connection-name")),
    must("strategy", &STRATEGY),
    may("display_name", &DISPLAY_NAME),
    may("options", &ANY_OBJECT),
    may("enabled_clients", &TEXTS),
    may("is_domain_connection", &Shape::Boolean),
    may("show_as_button", &Shape::Boolean),
    may("realms", &TEXTS),
    may("metadata", &METADATA),
    may("authentication", &ACTIVE),
    may("connected_accounts", &CONNECTED_ACCOUNTS),
    may("cross_app_access_requesting_app", &ACTIVE),
]);

/// The body of a change. `enabled_clients` was taken out of changes: applications are enabled one
/// by one (§6.5).
pub(super) const CHANGE: Shape = Shape::Filled(&[
    may("display_name", &DISPLAY_NAME),
    may("options", &ANY_OBJECT),
    may("is_domain_connection", &Shape::Boolean),
    may("show_as_button", &Shape::Boolean),
    may("realms", &TEXTS),
    may("metadata", &METADATA),
    may("authentication", &ACTIVE),
    may("connected_accounts", &CONNECTED_ACCOUNTS),
    may("cross_app_access_requesting_app", &ACTIVE),
]);

/// The body that enables and disables applications.
pub(super) const SWITCHES: Shape = Shape::List(
    &Shape::Object(&[must("client_id", &TEXT), must("status", &Shape::Boolean)]),
    1,
    50,
);

/// The options of a strategy. Keys that are not known are kept, as Auth0 describes it.
pub(super) fn options(strategy: &str) -> &'static Shape {
    match strategy {
        "sms" => &SMS,
        "auth0" => &DATABASE,
        _ => &ANY_OBJECT,
    }
}

/// The published patterns of Twilio's identifiers are not held to, as recorded (§6.3).
const SMS: Shape = Shape::Open(&[
    may("name", &Shape::Text(1, 255)),
    may("brute_force_protection", &Shape::Boolean),
    may("disable_signup", &Shape::Boolean),
    may(
        "totp",
        &Shape::Open(&[
            may("length", &Shape::Integer(4, 40)),
            may("time_step", &Shape::Integer(60, i64::MAX)),
        ]),
    ),
    may("upstream_params", &Shape::OrNull(&ANY_OBJECT)),
    may("non_persistent_attrs", &Shape::OrNull(&TEXTS)),
    may("provider", &Shape::OneOf(&["sms_gateway", "twilio"])),
    may("twilio_sid", &TEXT),
    may("twilio_token", &TEXT),
    may("messaging_service_sid", &TEXT),
    may("from", &Shape::Text(0, 128)),
    may("gateway_url", &Shape::Text(0, 255)),
    may("gateway_authentication", &GATEWAY_AUTHENTICATION),
    may("forward_req_info", &Shape::Boolean),
    may("template", &Shape::Text(1, 5120)),
    may("syntax", &Shape::OneOf(&["liquid", "md_with_macros"])),
]);
const GATEWAY_AUTHENTICATION: Shape = Shape::OrNull(&Shape::Open(&[
    must("method", &TEXT),
    may("subject", &TEXT),
    must("audience", &TEXT),
    must("secret", &TEXT),
    may("secret_base64_encoded", &Shape::Boolean),
]));

const DATABASE: Shape = Shape::Open(&[
    may("attributes", &ATTRIBUTES),
    may("precedence", &Shape::List(&IDENTIFIER, 3, usize::MAX)),
    may("authentication_methods", &METHODS),
    may("validation", &VALIDATION),
    may("non_persistent_attrs", &Shape::OrNull(&TEXTS)),
    may("enable_script_context", &Shape::Boolean),
    may("enabledDatabaseCustomization", &Shape::Boolean),
    may("import_mode", &Shape::Boolean),
    may(
        "configuration",
        &Shape::OrNull(&Shape::Each(&Shape::OrNull(&TEXT), usize::MAX)),
    ),
    may("customScripts", &SCRIPTS),
    may("passkey_options", &PASSKEYS),
    may(
        "passwordPolicy",
        &Shape::OrNull(&Shape::OneOf(&["none", "low", "fair", "good", "excellent"])),
    ),
    may("password_complexity_options", &Shape::OrNull(&ANY_OBJECT)),
    may("password_history", &ENABLED),
    may("password_no_personal_info", &ENABLED),
    may("password_dictionary", &ENABLED),
    may("password_options", &ANY_OBJECT),
    may("disable_self_service_change_password", &Shape::Boolean),
    may("brute_force_protection", &Shape::Boolean),
    may("disable_signup", &Shape::Boolean),
    may("requires_username", &Shape::Boolean),
]);
const IDENTIFIER: Shape = Shape::OneOf(&["email", "phone_number", "username"]);
const ENABLED: Shape = Shape::OrNull(&Shape::Open(&[must("enable", &Shape::Boolean)]));
const VALIDATION: Shape = Shape::OrNull(&Shape::Object(&[may(
    "username",
    &Shape::OrNull(&Shape::Object(&[
        must("min", &Shape::Integer(1, i64::MAX)),
        must("max", &Shape::Integer(i64::MIN, 128)),
    ])),
)]));
const SCRIPTS: Shape = Shape::Each(&FILLED_TEXT, usize::MAX);
const PASSKEYS: Shape = Shape::OrNull(&Shape::Object(&[
    may(
        "challenge_ui",
        &Shape::OneOf(&["both", "autofill", "button"]),
    ),
    may("progressive_enrollment_enabled", &Shape::Boolean),
    may("local_enrollment_enabled", &Shape::Boolean),
]));

const METHOD: Shape = Shape::Object(&[may("enabled", &Shape::Boolean)]);
const METHODS: Shape = Shape::OrNull(&Shape::Object(&[
    may(
        "password",
        &Shape::Object(&[
            may("enabled", &Shape::Boolean),
            may("api_behavior", &Shape::OneOf(&["required", "optional"])),
            may("signup_behavior", &Shape::OneOf(&["allow", "block"])),
        ]),
    ),
    may("passkey", &METHOD),
    may("email_otp", &METHOD),
    may("phone_otp", &METHOD),
]));

const STATUS: Field = may(
    "status",
    &Shape::OneOf(&["required", "optional", "inactive"]),
);
const SIGNUP: Shape = Shape::Object(&[
    STATUS,
    may(
        "verification",
        &Shape::Object(&[may("active", &Shape::Boolean)]),
    ),
]);
const ATTRIBUTES: Shape = Shape::Filled(&[
    may(
        "email",
        &Shape::Object(&[
            may(
                "identifier",
                &Shape::Object(&[
                    may("active", &Shape::Boolean),
                    may("default_method", &Shape::OneOf(&["password", "email_otp"])),
                ]),
            ),
            may("unique", &Shape::Boolean),
            may("profile_required", &Shape::Boolean),
            may("verification_method", &Shape::OneOf(&["link", "otp"])),
            may("signup", &SIGNUP),
        ]),
    ),
    may(
        "phone_number",
        &Shape::Object(&[
            may(
                "identifier",
                &Shape::Object(&[
                    may("active", &Shape::Boolean),
                    may("default_method", &Shape::OneOf(&["password", "phone_otp"])),
                ]),
            ),
            may("profile_required", &Shape::Boolean),
            may("signup", &SIGNUP),
        ]),
    ),
    may("username", &USERNAME),
]);
const USERNAME: Shape = Shape::Object(&[
    may(
        "identifier",
        &Shape::Object(&[may("active", &Shape::Boolean)]),
    ),
    may("profile_required", &Shape::Boolean),
    may("signup", &Shape::Object(&[STATUS])),
    may(
        "validation",
        &Shape::Object(&[
            may("min_length", &LENGTH),
            may("max_length", &LENGTH),
            may(
                "allowed_types",
                &Shape::Object(&[
                    may("email", &Shape::Boolean),
                    may("phone_number", &Shape::Boolean),
                ]),
            ),
        ]),
    ),
]);
const LENGTH: Shape = Shape::Integer(1, 128);

const STRATEGY: Shape = Shape::OneOf(&[
    "ad",
    "adfs",
    "amazon",
    "apple",
    "dropbox",
    "bitbucket",
    "auth0-oidc",
    "auth0",
    "baidu",
    "bitly",
    "box",
    "custom",
    "daccount",
    "dwolla",
    "email",
    "evernote-sandbox",
    "evernote",
    "exact",
    "facebook",
    "fitbit",
    "github",
    "google-apps",
    "google-oauth2",
    "instagram",
    "ip",
    "line",
    "linkedin",
    "oauth1",
    "oauth2",
    "office365",
    "oidc",
    "okta",
    "paypal",
    "paypal-sandbox",
    "pingfederate",
    "planningcenter",
    "salesforce-community",
    "salesforce-sandbox",
    "salesforce",
    "samlp",
    "sharepoint",
    "shopify",
    "shop",
    "sms",
    "soundcloud",
    "thirtysevensignals",
    "twitter",
    "untappd",
    "vkontakte",
    "waad",
    "weibo",
    "windowslive",
    "wordpress",
    "yahoo",
    "yandex",
]);
