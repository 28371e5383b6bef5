//! A tenant, and a good body for each operation.

use dialtone::auth0::exchange::Method;
use serde_json::{Value, json};

use super::Case;
use crate::{Tenant, deployed_action, text, twilio};

/// What the cases are about.
struct Ids {
    provider: String,
    template: String,
    connection: String,
    users: String,
    client: String,
    action: String,
}

/// A tenant in which every case's good body is accepted.
pub(super) fn cases() -> (Tenant, Vec<Case>) {
    let (mut tenant, provider) = Tenant::with_provider(&["text", "voice"]);
    let client = tenant.store.seed_client("web");
    let (_, template) = tenant.post("/branding/phone/templates", template());
    let (_, connection) = tenant.post("/connections", sms("sms"));
    let (_, users) = tenant.post("/connections", database("users"));
    let action = deployed_action(&mut tenant);
    tenant.put("/guardian/factors/sms", json!({"enabled": true}));
    let ids = Ids {
        provider,
        template: text(&template, "id"),
        connection: text(&connection, "id"),
        users: text(&users, "id"),
        client,
        action,
    };
    let mut all = phone_cases(&ids);
    all.extend(connection_cases(&ids));
    all.extend(other_cases(&ids));
    (tenant, all)
}

fn case(method: Method, template: &'static str, id: &str, body: Value) -> Case {
    let path = ["{id}", "{name}", "{triggerId}"]
        .into_iter()
        .fold(template.to_owned(), |path, name| path.replace(name, id));
    Case {
        method,
        template,
        path,
        body,
    }
}

/// An object without these keys.
fn without(mut value: Value, keys: &[&str]) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.retain(|key, _| !keys.contains(&key.as_str()));
    }
    value
}

fn phone_cases(ids: &Ids) -> Vec<Case> {
    use Method::{Patch, Post, Put};
    let to = json!({"to": "+15555550111", "delivery_method": "text"});
    let provider = "/branding/phone/providers/{id}";
    let try_provider = "/branding/phone/providers/{id}/try";
    let templates = "/branding/phone/templates";
    let stored = "/branding/phone/templates/{id}";
    let try_template = "/branding/phone/templates/{id}/try";
    let message_types = "/guardian/factors/phone/message-types";
    let mut created = template();
    created["type"] = json!("otp_enroll");
    let mut changed = without(template(), &["type"]);
    changed["content"] = without(changed["content"].take(), &["syntax"]);
    let providers = "/branding/phone/providers";
    vec![
        // There is one already: a good body is a conflict.
        case(Post, providers, "", twilio(&["text"])),
        case(Patch, provider, &ids.provider, twilio(&["text"])),
        case(Post, try_provider, &ids.provider, to.clone()),
        case(Post, templates, "", created),
        case(Patch, stored, &ids.template, changed),
        case(Post, try_template, &ids.template, to),
        case(
            Put,
            "/guardian/factors/{name}",
            "sms",
            json!({"enabled": false}),
        ),
        case(Put, message_types, "", json!({"message_types": ["sms"]})),
        case(Put, "/guardian/policies", "", json!(["all-applications"])),
    ]
}

fn connection_cases(ids: &Ids) -> Vec<Case> {
    use Method::{Patch, Post};
    let (all, one) = ("/connections", "/connections/{id}");
    let fixed = ["name", "strategy"];
    let switch = json!([{"client_id": ids.client, "status": true}]);
    vec![
        case(Post, all, "", sms("other")),
        case(Patch, one, &ids.connection, without(sms("sms"), &fixed)),
        case(Post, all, "", database("others")),
        case(Patch, one, &ids.users, without(database("users"), &fixed)),
        case(Patch, "/connections/{id}/clients", &ids.connection, switch),
    ]
}

fn other_cases(ids: &Ids) -> Vec<Case> {
    use Method::{Patch, Post};
    let mut created = action("post-login");
    created["supported_triggers"] = json!([{"id": "post-login", "version": "v3"}]);
    let changed = without(action("other"), &["deploy"]);
    let one = "/actions/actions/{id}";
    let payload = json!({"payload": {"a": 1}});
    let reference = json!({"type": "action_id", "value": ids.action});
    let bind = json!({"bindings": [{"ref": reference, "display_name": "phone"}]});
    let bindings = "/actions/triggers/{triggerId}/bindings";
    let protection = "/attack-protection/phone-provider-protection";
    vec![
        case(Post, "/clients", "", application()),
        case(Patch, "/clients/{id}", &ids.client, application()),
        case(Post, "/actions/actions", "", created),
        case(Patch, one, &ids.action, changed),
        case(Post, "/actions/actions/{id}/test", &ids.action, payload),
        case(Patch, bindings, "custom-phone-provider", bind),
        case(Patch, protection, "", json!({"type": "exponential"})),
        case(Patch, "/tenants/settings", "", settings()),
    ]
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
