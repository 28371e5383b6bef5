//! What other people's clients ask for beyond the phone endpoints, and stumble over.

use serde_json::{Value, json};

use crate::{Tenant, sms, text, twilio};

#[test]
fn the_extra_reads_of_auth0_deploy_cli_are_answered() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let (_, made) = tenant.post("/connections", sms("sms"));
    let connection = text(&made, "id");
    assert_eq!(
        tenant.get("/connections-directory-provisionings?take=50"),
        (200, json!({"directory_provisionings": []}))
    );
    assert_eq!(tenant.get("/actions/modules").0, 404);
    let scim = format!("/connections/{connection}/scim-configuration");
    assert_eq!(tenant.get(&scim).0, 404);
    // It finds what it has just made by name.
    let (_, found) = tenant.get("/connections?name=sms&take=1&include_fields=true");
    assert_eq!(found["connections"][0]["id"], connection);
}

#[test]
fn templates_are_found_by_type_whether_or_not_they_are_stored() {
    let mut tenant = Tenant::new();
    for kind in [
        "otp_verify",
        "otp_enroll",
        "change_password",
        "blocked_account",
        "password_breach",
    ] {
        let body = json!({"type": kind, "content": {"body": {"text": "t", "voice": "v"}}});
        let (status, made) = tenant.post("/branding/phone/templates", body);
        assert_eq!(status, 201);
        for key in [
            "id",
            "tenant",
            "channel",
            "type",
            "disabled",
            "created_at",
            "updated_at",
            "content",
        ] {
            assert!(made.get(key).is_some(), "{key}");
        }
    }
    let (_, listed) = tenant.get("/branding/phone/templates");
    let listed = listed["templates"].as_array().unwrap();
    assert_eq!(listed.len(), 5);
    assert!(listed.iter().all(|item| item["id"].is_string()));
}

#[test]
fn ids_look_like_auth0s() {
    let (mut tenant, provider) = Tenant::with_provider(&["text"]);
    let (_, template) = tenant.post("/branding/phone/templates", json!({"type": "otp_verify"}));
    let (_, connection) = tenant.post("/connections", sms("sms"));
    let client = tenant.store.seed_client("web");
    for (id, prefix, length) in [
        (provider, "pro_", 22),
        (text(&template, "id"), "tem_", 22),
        (text(&connection, "id"), "con_", 16),
        (client, "", 32),
    ] {
        let rest = id.strip_prefix(prefix).unwrap();
        assert_eq!(rest.len(), length, "{id}");
        assert!(
            rest.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{id}"
        );
    }
}

#[test]
fn a_provider_is_found_by_whether_it_is_switched_off() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let count = |tenant: &mut Tenant, disabled: bool| {
        let (_, listed) = tenant.get(&format!("/branding/phone/providers?disabled={disabled}"));
        listed["providers"].as_array().unwrap().len()
    };
    assert_eq!(
        (count(&mut tenant, false), count(&mut tenant, true)),
        (1, 0)
    );
    let mut body = twilio(&["text"]);
    body["credentials"] = Value::Null;
    assert_eq!(tenant.post("/branding/phone/providers", body).0, 400);
}

#[test]
fn attack_protection_answers_for_the_notices_that_phones_get() {
    let mut tenant = Tenant::new();
    let path = "/attack-protection/brute-force-protection";
    assert_eq!(
        tenant.get(path).1["shields"],
        json!(["block", "user_notification"])
    );
    let (_, changed) = tenant.patch(path, json!({"shields": ["block"]}));
    assert_eq!(
        (&changed["shields"], &changed["max_attempts"]),
        (&json!(["block"]), &json!(10))
    );
    let path = "/attack-protection/breached-password-detection";
    assert_eq!(tenant.get(path).1["enabled"], false);
    let path = "/attack-protection/phone-provider-protection";
    assert_eq!(tenant.get(path).1, json!({"type": "default"}));
    assert_eq!(tenant.patch(path, json!({"type": "none"})).0, 400);
}
