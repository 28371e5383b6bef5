//! A tenant, and a good body for each operation.

use dialtone::auth0::exchange::Method;
use serde_json::{Map, Value, json};

use super::Case;
use crate::{Tenant, text, twilio};

pub(super) fn cases() -> (Tenant, Vec<Case>) {
    use Method::{Patch, Post, Put};
    let (mut tenant, provider) = Tenant::with_provider(&["text", "voice"]);
    let client = tenant.store.seed_client("web");
    let (_, made) = tenant.post("/branding/phone/templates", template());
    let stored = text(&made, "id");
    let (_, made) = tenant.post("/connections", sms("sms"));
    let connection = text(&made, "id");
    let (_, made) = tenant.post("/connections", database("users"));
    let users = text(&made, "id");
    let (_, made) = tenant.post("/actions/actions", action("phone"));
    let acted = text(&made, "id");
    tenant.get("/actions/actions");
    tenant.put("/guardian/factors/sms", json!({"enabled": true}));
    let without = |value: Value, keys: &[&str]| {
        let map: Map<String, Value> = value
            .as_object()
            .unwrap()
            .iter()
            .filter(|(key, _)| !keys.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        Value::Object(map)
    };
    let case = |method, template, id: &str, body| Case {
        method,
        template,
        path: template
            .replace("{id}", id)
            .replace("{name}", id)
            .replace("{triggerId}", id),
        body,
    };
    let to = json!({"to": "+15555550111", "delivery_method": "text"});
    let mut changed_action = action("other");
    changed_action
        .as_object_mut()
        .unwrap()
        .shift_remove("deploy");
    let mut changed_template = without(template(), &["type"]);
    changed_template["content"]
        .as_object_mut()
        .unwrap()
        .shift_remove("syntax");
    let cases = vec![
        case(
            Patch,
            "/branding/phone/providers/{id}",
            &provider,
            twilio(&["text"]),
        ),
        case(
            Post,
            "/branding/phone/providers/{id}/try",
            &provider,
            to.clone(),
        ),
        case(
            Post,
            "/branding/phone/templates",
            "",
            json!({"type": "otp_enroll", "disabled": true, "content": template()["content"]}),
        ),
        case(
            Patch,
            "/branding/phone/templates/{id}",
            &stored,
            changed_template,
        ),
        case(Post, "/branding/phone/templates/{id}/try", &stored, to),
        case(
            Put,
            "/guardian/factors/{name}",
            "sms",
            json!({"enabled": false}),
        ),
        case(
            Put,
            "/guardian/factors/phone/message-types",
            "",
            json!({"message_types": ["sms"]}),
        ),
        case(Put, "/guardian/policies", "", json!(["all-applications"])),
        case(Post, "/connections", "", sms("other")),
        case(
            Patch,
            "/connections/{id}",
            &connection,
            without(sms("sms"), &["name", "strategy"]),
        ),
        case(Post, "/connections", "", database("others")),
        case(
            Patch,
            "/connections/{id}",
            &users,
            without(database("users"), &["name", "strategy"]),
        ),
        case(
            Patch,
            "/connections/{id}/clients",
            &connection,
            json!([{"client_id": client, "status": true}]),
        ),
        case(Post, "/clients", "", application()),
        case(Patch, "/clients/{id}", &client, application()),
        case(Post, "/actions/actions", "", {
            let mut body = action("post-login");
            body["supported_triggers"] = json!([{"id": "post-login", "version": "v3"}]);
            body
        }),
        case(Patch, "/actions/actions/{id}", &acted, changed_action),
        case(
            Post,
            "/actions/actions/{id}/test",
            &acted,
            json!({"payload": {"a": 1}}),
        ),
        case(
            Patch,
            "/attack-protection/phone-provider-protection",
            "",
            json!({"type": "exponential"}),
        ),
        case(Patch, "/tenants/settings", "", settings()),
    ];
    (tenant, cases)
}

fn template() -> Value {
    json!({
        "type": "otp_verify",
        "disabled": false,
        "content": {"syntax": "liquid", "from": "+15555550100", "body": {"text": "{{ code }}", "voice": "{{ code }}"}},
    })
}

fn sms(name: &str) -> Value {
    json!({
        "name": name,
        "strategy": "sms",
        "display_name": "Text me",
        "is_domain_connection": false,
        "show_as_button": true,
        "realms": [name],
        "metadata": {"a": "b"},
        "authentication": {"active": true},
        "connected_accounts": {"active": false},
        "options": {
            "name": name,
            "brute_force_protection": true,
            "disable_signup": false,
            "totp": {"length": 6, "time_step": 180},
        },
    })
}

fn database(name: &str) -> Value {
    json!({
        "name": name,
        "strategy": "auth0",
        "options": {
            "attributes": {
                "phone_number": {
                    "identifier": {"active": true, "default_method": "password"},
                    "profile_required": true,
                    "signup": {"status": "required", "verification": {"active": true}},
                },
                "email": {
                    "identifier": {"active": true},
                    "unique": true,
                    "profile_required": false,
                    "verification_method": "link",
                    "signup": {"status": "optional", "verification": {"active": false}},
                },
                "username": {
                    "identifier": {"active": false},
                    "profile_required": false,
                    "signup": {"status": "inactive"},
                    "validation": {"min_length": 1, "max_length": 15, "allowed_types": {"email": false, "phone_number": false}},
                },
            },
            "precedence": ["phone_number", "email", "username"],
            "authentication_methods": {
                "password": {"enabled": true, "api_behavior": "required", "signup_behavior": "allow"},
                "passkey": {"enabled": false},
                "email_otp": {"enabled": false},
                "phone_otp": {"enabled": true},
            },
            "brute_force_protection": true,
            "disable_signup": false,
        },
    })
}

fn application() -> Value {
    json!({
        "name": "shop",
        "description": "The shop",
        "app_type": "regular_web",
        "callbacks": ["https://shop.example.com"],
        "grant_types": ["authorization_code"],
        "oidc_conformant": true,
        "is_first_party": true,
        "client_metadata": {"a": "b"},
    })
}

fn action(name: &str) -> Value {
    json!({
        "name": name,
        "supported_triggers": [{"id": "custom-phone-provider", "version": "v1"}],
        "code": "exports.onExecuteCustomPhoneProvider = async () => {};",
        "runtime": "node22",
        "dependencies": [{"name": "axios", "version": "1.0.0"}],
        "secrets": [{"name": "TOKEN", "value": "t"}],
        "deploy": false,
    })
}

fn settings() -> Value {
    json!({
        "friendly_name": "Acme",
        "support_email": "help@example.com",
        "support_url": "https://example.com",
        "picture_url": "https://example.com/logo.png",
        "enabled_locales": ["en"],
        "default_directory": "users",
        "customize_mfa_in_postlogin_action": true,
        "phone_consolidated_experience": true,
        "country_codes": {"list": ["US", "CA"], "mode": "allow"},
        "session_lifetime": 10,
        "flags": {"mfa_show_factor_list_on_enrollment": true},
    })
}
