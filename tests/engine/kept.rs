//! What a write keeps, replaces and forgets.

use serde_json::{Value, json};

use crate::{Tenant, deployed_action, sms, text, twilio};

#[test]
fn options_that_are_sent_back_as_read_stay_byte_for_byte() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let mut body = sms("sms");
    body["options"] = json!({
        "use_phone_provider": "unified",
        "name": "SMS \u{2713}",
        "totp": {"time_step": 300, "length": 6},
        "unheard_of": {"b": [1, 2.5, null], "a": "\u{1f510}", "0": {}},
        "brute_force_protection": true,
        "authParams": {"scope": "openid"},
        "disable_signup": false,
    });
    let (_, made) = tenant.post("/connections", body.clone());
    let path = format!("/connections/{}", text(&made, "id"));
    let bytes = body["options"].to_string();
    assert_eq!(made["options"].to_string(), bytes);
    let (_, changed) = tenant.patch(&path, json!({"options": made["options"]}));
    assert_eq!(changed["options"].to_string(), bytes);
    assert_eq!(tenant.get(&path).1["options"].to_string(), bytes);
}

#[test]
fn options_are_replaced_as_a_whole() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let (_, made) = tenant.post("/connections", sms("sms"));
    let path = format!("/connections/{}", text(&made, "id"));
    let (_, changed) = tenant.patch(&path, json!({"options": {"disable_signup": true}}));
    assert_eq!(changed["options"], json!({"disable_signup": true}));
    assert_eq!(changed["realms"], made["realms"]);
}

#[test]
fn a_database_loses_what_is_not_repeated_but_for_two_defaults() {
    let mut tenant = Tenant::new();
    let (_, made) = tenant.post(
        "/connections",
        json!({"name": "users", "strategy": "auth0"}),
    );
    assert_eq!(made["options"]["mfa"]["active"], true);
    let path = format!("/connections/{}", text(&made, "id"));
    let (_, changed) = tenant.patch(&path, json!({"options": {"disable_signup": true}}));
    let mut keys: Vec<&String> = changed["options"].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "authentication_methods",
            "disable_signup",
            "passkey_options"
        ]
    );
}

#[test]
fn uniqueness_of_e_mail_is_settled_when_it_is_added() {
    let email = |unique: Value| {
        let mut email = json!({"identifier": {"active": false}, "signup": {"status": "optional"}});
        if !unique.is_null() {
            email["unique"] = unique;
        }
        json!({"options": {"attributes": {
            "email": email,
            "username": {"identifier": {"active": true}},
        }}})
    };
    let mut tenant = Tenant::new();
    let mut body = email(json!(false));
    body["name"] = json!("users");
    body["strategy"] = json!("auth0");
    let (_, made) = tenant.post("/connections", body);
    let path = format!("/connections/{}", text(&made, "id"));
    for unique in [json!(true), Value::Null] {
        let (status, answer) = tenant.patch(&path, email(unique));
        assert_eq!(status, 400);
        assert_eq!(
            answer["message"],
            "cannot patch unique property on email attribute"
        );
    }
    assert_eq!(tenant.patch(&path, email(json!(false))).0, 200);
}

#[test]
fn credentials_are_never_shown_and_lists_hold_a_null() {
    let (mut tenant, provider) = Tenant::with_provider(&["text"]);
    let path = format!("/branding/phone/providers/{provider}");
    let (_, listed) = tenant.get("/branding/phone/providers");
    assert_eq!(listed["providers"][0]["credentials"], Value::Null);
    let secret = json!({"credentials": {"auth_token": "s3cret"}});
    for answer in [tenant.patch(&path, secret).1, tenant.get(&path).1] {
        assert!(answer.get("credentials").is_none());
    }
    let state = serde_json::to_string(&tenant.store).unwrap();
    assert!(!state.contains("s3cret"), "not even in the state");
}

#[test]
fn a_provider_is_switched_in_place_and_loses_its_configuration() {
    let (mut tenant, provider) = Tenant::with_provider(&["text", "voice"]);
    let path = format!("/branding/phone/providers/{provider}");
    let custom = json!({"name": "custom", "configuration": {"delivery_methods": ["text"]}, "credentials": {}});
    let (status, switched) = tenant.patch(&path, custom);
    assert_eq!(status, 200);
    assert_eq!(text(&switched, "id"), provider);
    assert_eq!(
        switched["configuration"],
        json!({"delivery_methods": ["text"]})
    );
    // Back again needs a sender.
    assert_eq!(tenant.patch(&path, json!({"name": "twilio"})).0, 400);
    let mut back = twilio(&["text"]);
    back.as_object_mut().unwrap().shift_remove("disabled");
    assert_eq!(tenant.patch(&path, back).1["name"], "twilio");
}

#[test]
fn every_change_of_a_provider_moves_its_time_even_if_it_changes_nothing() {
    let (mut tenant, provider) = Tenant::with_provider(&["text"]);
    let path = format!("/branding/phone/providers/{provider}");
    let (_, before) = tenant.get(&path);
    let (_, after) = tenant.patch(&path, json!({"disabled": false}));
    assert_ne!(before["updated_at"], after["updated_at"]);
    assert_eq!(before["created_at"], after["created_at"]);
}

#[test]
fn a_reset_template_keeps_its_id_and_sender() {
    let mut tenant = Tenant::new();
    let content = json!({"from": "+15555550100", "body": {"text": "t", "voice": "v"}});
    let body = json!({"type": "otp_enroll", "content": content});
    let (_, made) = tenant.post("/branding/phone/templates", body);
    assert_eq!(made["content"]["syntax"], "liquid");
    let path = format!("/branding/phone/templates/{}", text(&made, "id"));
    let (status, reset) = tenant.patch(&format!("{path}/reset"), json!({}));
    assert_eq!(status, 200);
    assert_eq!(reset["id"], made["id"]);
    assert_eq!(reset["content"]["from"], "+15555550100");
    assert!(
        reset["content"]["body"]["text"]
            .as_str()
            .unwrap()
            .starts_with("{{ code | escape }}")
    );

    assert_eq!(tenant.delete(&path).0, 204);
    let (_, listed) = tenant.get("/branding/phone/templates");
    let defaults = listed["templates"].as_array().unwrap();
    assert_eq!(defaults.len(), 4, "one for each type but password_breach");
    assert!(
        defaults
            .iter()
            .all(|item| item.get("id").is_none() && item["content"]["from"] == "")
    );
}

#[test]
fn a_setting_that_is_set_to_null_disappears_and_flags_merge() {
    let mut tenant = Tenant::new();
    let codes = json!({"list": ["US"], "mode": "allow"});
    tenant.patch("/tenants/settings", json!({"country_codes": codes}));
    tenant.patch("/tenants/settings", json!({"flags": {"enable_sso": false}}));
    let (_, settings) = tenant.get("/tenants/settings");
    assert_eq!(settings["country_codes"], codes);
    assert_eq!(settings["flags"]["enable_sso"], false);
    assert_eq!(settings["flags"]["disable_impersonation"], true);
    tenant.patch("/tenants/settings", json!({"country_codes": null}));
    let (_, settings) = tenant.get("/tenants/settings");
    assert!(settings.get("country_codes").is_none());
}

#[test]
fn bindings_are_replaced_and_renewed() {
    let mut tenant = Tenant::new();
    let action = deployed_action(&mut tenant);
    let path = "/actions/triggers/custom-phone-provider/bindings";
    let body = json!({"bindings": [{"ref": {"type": "action_id", "value": action}, "display_name": "phone"}]});
    let (_, first) = tenant.patch(path, body.clone());
    let (_, second) = tenant.patch(path, body);
    assert_ne!(first["bindings"][0]["id"], second["bindings"][0]["id"]);
    assert_eq!(second["bindings"][0]["action"]["id"], action);
    assert_eq!(
        second["bindings"][0]["action"]["all_changes_deployed"],
        false
    );
    assert_eq!(
        tenant.patch(path, json!({"bindings": []})).1,
        json!({"bindings": []})
    );
}

#[test]
fn a_change_of_an_action_keeps_what_is_not_sent_and_the_deployed_version() {
    let mut tenant = Tenant::new();
    let action = deployed_action(&mut tenant);
    let path = format!("/actions/actions/{action}");
    let (_, before) = tenant.get(&path);
    let (_, changed) = tenant.patch(&path, json!({"code": "// new"}));
    assert_eq!(changed["status"], "pending");
    assert_eq!(changed["all_changes_deployed"], false);
    assert_eq!(changed["secrets"], before["secrets"]);
    assert_eq!(changed["deployed_version"], before["deployed_version"]);
    assert!(!before.to_string().contains("s3cret"));

    // Rolling back to the first version leaves the draft, unless it is to follow.
    let version = text(&before["deployed_version"], "id");
    let roll_back = format!("{path}/versions/{version}/deploy");
    let (status, rolled) = tenant.post(&roll_back, json!({}));
    assert_eq!((status, &rolled["number"]), (202, &json!(2)));
    assert_eq!(tenant.get(&path).1["code"], "// new");
    tenant.post(&roll_back, json!({"update_draft": true}));
    let (_, after) = tenant.get(&path);
    assert_eq!(after["code"], before["code"]);
    assert_eq!(after["all_changes_deployed"], true);
}

#[test]
fn a_deleted_application_leaves_every_connection() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let client = tenant.store.seed_client("web");
    let (_, made) = tenant.post("/connections", sms("sms"));
    let path = format!("/connections/{}/clients", text(&made, "id"));
    tenant.patch(&path, json!([{"client_id": client, "status": true}]));
    assert_eq!(
        tenant.get(&path).1["clients"],
        json!([{"client_id": client}])
    );
    tenant.delete(&format!("/clients/{client}"));
    assert_eq!(tenant.get(&path).1["clients"], json!([]));
}

#[test]
fn the_same_requests_give_the_same_answers_and_a_tenant_survives_its_state() {
    let script = |tenant: &mut Tenant| {
        let (_, provider) = tenant.post("/branding/phone/providers", twilio(&["text"]));
        let action = deployed_action(tenant);
        tenant.post("/connections", sms("sms"));
        (provider, action)
    };
    let (mut one, mut two) = (Tenant::new(), Tenant::new());
    assert_eq!(script(&mut one), script(&mut two));
    let text = serde_json::to_string(&one.store).unwrap();
    two.store = serde_json::from_str(&text).unwrap();
    for path in [
        "/branding/phone/providers",
        "/connections",
        "/clients",
        "/actions/actions",
        "/tenants/settings",
    ] {
        assert_eq!(one.get(path), two.get(path), "{path}");
    }
}
