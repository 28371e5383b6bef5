//! What is refused for a reason that is not the form of a body, and in which words.

use serde_json::{Value, json};

use crate::{Tenant, deployed_action, sms, text, twilio};

/// Status, `errorCode` (null where there is none) and message.
fn refusal((status, body): (u16, Value)) -> (u16, Value, String) {
    assert_eq!(body["statusCode"], status, "{body}");
    assert!(body["error"].is_string(), "{body}");
    (status, body["errorCode"].clone(), text(&body, "message"))
}

#[test]
fn a_provider_needs_its_sender_and_is_alone() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let path = "/branding/phone/providers";
    let again = refusal(tenant.post(path, twilio(&["text"])));
    assert_eq!((again.0, again.1), (409, Value::Null));

    let mut tenant = Tenant::new();
    let mut body = twilio(&["text"]);
    body["configuration"]
        .as_object_mut()
        .unwrap()
        .shift_remove("default_from");
    assert_eq!(
        refusal(tenant.post(path, body)),
        (
            400,
            Value::Null,
            "Bad Operation on Notification Resource".to_owned()
        )
    );
    let mut body = twilio(&["text"]);
    body.as_object_mut().unwrap().shift_remove("credentials");
    assert_eq!(
        refusal(tenant.post(path, body)).2,
        "Payload validation error: 'Missing required property: credentials'."
    );
}

#[test]
fn what_is_not_there_is_told_in_the_words_of_each_endpoint() {
    let mut tenant = Tenant::new();
    for (path, code, message) in [
        (
            "/branding/phone/providers/pro_1",
            json!(null),
            "Notification Resource not found",
        ),
        (
            "/branding/phone/templates/tem_1",
            json!(null),
            "Notification Resource not found",
        ),
        (
            "/connections/con_1",
            json!("inexistent_connection"),
            "The connection does not exist",
        ),
        (
            "/connections/con_1/clients",
            json!("inexistent_connection"),
            "The connection does not exist",
        ),
        (
            "/clients/abc",
            json!("inexistent_client"),
            "The client does not exist",
        ),
        (
            "/clients/abc/connections",
            json!("inexistent_client"),
            "The client does not exist",
        ),
        (
            "/actions/actions/abc",
            json!(null),
            "That action does not exist.",
        ),
        ("/nothing/of/the/kind", json!(null), "Not Found"),
    ] {
        let expected = (404, code, message.to_owned());
        assert_eq!(refusal(tenant.get(path)), expected, "{path}");
    }
}

#[test]
fn deleting_twice_is_told_where_auth0_tells_it() {
    let (mut tenant, provider) = Tenant::with_provider(&["text"]);
    let path = format!("/branding/phone/providers/{provider}");
    assert_eq!(tenant.delete(&path), (204, Value::Null));
    assert_eq!(tenant.delete(&path).0, 404);

    assert_eq!(tenant.delete("/connections/con_1"), (204, Value::Null));
    assert_eq!(tenant.delete("/clients/abc"), (204, Value::Null));
    assert_eq!(tenant.delete("/actions/actions/abc").0, 404);
}

#[test]
fn a_template_of_each_type_can_be_created_once() {
    let mut tenant = Tenant::new();
    let body = json!({"type": "otp_verify", "disabled": false});
    assert_eq!(
        tenant.post("/branding/phone/templates", body.clone()).0,
        201
    );
    assert_eq!(
        refusal(tenant.post("/branding/phone/templates", body)),
        (
            409,
            Value::Null,
            "Phone template already configured for tenant".to_owned()
        )
    );
}

#[test]
fn message_types_need_the_factor_and_a_provider_that_delivers_them() {
    let path = "/guardian/factors/phone/message-types";
    let both = json!({"message_types": ["sms", "voice"]});
    let (mut tenant, provider) = Tenant::with_provider(&["text"]);
    assert_eq!(
        refusal(tenant.put(path, both.clone())),
        (
            404,
            Value::Null,
            "The phone factor does not exist.".to_owned()
        )
    );
    tenant.put("/guardian/factors/sms", json!({"enabled": true}));
    let refused = refusal(tenant.put(path, both.clone()));
    assert_eq!(refused.0, 409);
    assert_eq!(
        refused.2,
        "Message Type is not supported by the configured phone provider"
    );
    assert_eq!(tenant.put(path, json!({"message_types": ["sms"]})).0, 200);

    // Without an enabled provider the API does not look, as recorded (§5.2).
    let provider = format!("/branding/phone/providers/{provider}");
    tenant.patch(&provider, json!({"disabled": true}));
    assert_eq!(tenant.put(path, both.clone()).0, 200);
    tenant.delete(&provider);
    assert_eq!(tenant.put(path, both).0, 200);
}

#[test]
fn the_legacy_phone_endpoints_are_refused_under_the_unified_experience_alone() {
    let mut tenant = Tenant::new();
    let paths = ["phone", "sms"].into_iter().flat_map(|part| {
        ["selected-provider", "providers/twilio", "templates"]
            .map(|name| format!("/guardian/factors/{part}/{name}"))
    });
    let paths: Vec<String> = paths.collect();
    for path in &paths {
        for refused in [tenant.get(path), tenant.put(path, json!({}))] {
            let (status, code, _) = refusal(refused);
            assert_eq!(
                (status, code),
                (403, json!("legacy_mfa_phone_provider_not_allowed"))
            );
        }
    }
    tenant.patch(
        "/tenants/settings",
        json!({"phone_consolidated_experience": false}),
    );
    for path in &paths {
        assert!(tenant.get(path).0 < 300, "{path}");
    }
    let twilio =
        json!({"from": "+1", "messaging_service_sid": null, "auth_token": "t", "sid": "AC1"});
    tenant.put("/guardian/factors/phone/providers/twilio", twilio.clone());
    assert_eq!(
        tenant.get("/guardian/factors/sms/providers/twilio"),
        (200, twilio)
    );
}

#[test]
fn a_passwordless_connection_needs_a_provider_that_texts() {
    let mut tenant = Tenant::new();
    assert_eq!(
        refusal(tenant.post("/connections", sms("sms"))).2,
        "No phone provider configured for the tenant"
    );
    let mut own = sms("own");
    own["options"]["twilio_sid"] = json!("AC1");
    assert_eq!(tenant.post("/connections", own).0, 201);

    let (mut tenant, _) = Tenant::with_provider(&["voice"]);
    assert_eq!(
        refusal(tenant.post("/connections", sms("sms"))).2,
        "Passwordless connection cannot be made as delivery method (sms/text) is not supported by the configured Tenant phone provider"
    );
    tenant.patch(
        "/tenants/settings",
        json!({"phone_consolidated_experience": false}),
    );
    assert_eq!(tenant.post("/connections", sms("sms")).0, 201);
}

#[test]
fn applications_are_enabled_only_while_a_provider_texts_and_disabled_always() {
    let (mut tenant, provider) = Tenant::with_provider(&["text"]);
    let client = tenant.store.seed_client("web");
    let (_, made) = tenant.post("/connections", sms("sms"));
    let path = format!("/connections/{}/clients", text(&made, "id"));
    let on = json!([{"client_id": client, "status": true}]);
    assert_eq!(tenant.patch(&path, on.clone()), (204, Value::Null));

    let provider = format!("/branding/phone/providers/{provider}");
    let mut voice = twilio(&["voice"])["configuration"].clone();
    voice["delivery_methods"] = json!(["voice"]);
    tenant.patch(&provider, json!({"configuration": voice}));
    assert_eq!(
        refusal(tenant.patch(&path, on.clone())).2,
        "Passwordless cannot be enabled for a client, as delivery method (sms/text) is not supported by the configured Tenant phone provider"
    );
    tenant.patch(&provider, json!({"disabled": true}));
    assert_eq!(
        refusal(tenant.patch(&path, on)).2,
        "Tenant Phone Provider not set. Connection can not be enable on a client."
    );
    let off = json!([{"client_id": client, "status": false}]);
    assert_eq!(tenant.patch(&path, off).0, 204);
}

#[test]
fn an_unknown_application_leaves_the_connection_as_it_is() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let client = tenant.store.seed_client("web");
    let (_, made) = tenant.post("/connections", sms("sms"));
    let path = format!("/connections/{}/clients", text(&made, "id"));
    let body =
        json!([{"client_id": client, "status": true}, {"client_id": "nobody", "status": true}]);
    assert_eq!(refusal(tenant.patch(&path, body)).1, "inexistent_client");
    assert_eq!(tenant.get(&path), (200, json!({"clients": []})));
}

#[test]
fn names_of_connections_are_taken_once() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    tenant.post("/connections", sms("sms"));
    let again = refusal(tenant.post("/connections", json!({"name": "sms", "strategy": "auth0"})));
    assert_eq!(again.0, 409);
    assert_eq!(again.2, "A connection with the same name already exists");
}

#[test]
fn actions_are_built_before_they_are_deployed_and_deployed_before_they_are_bound() {
    let mut tenant = Tenant::new();
    let body = json!({"name": "phone", "supported_triggers": [{"id": "custom-phone-provider", "version": "v1"}]});
    let (_, made) = tenant.post("/actions/actions", body.clone());
    assert_eq!(made["status"], "pending");
    let path = format!("/actions/actions/{}", text(&made, "id"));
    let deploy = format!("{path}/deploy");
    assert_eq!(
        refusal(tenant.post(&deploy, Value::Null)).2,
        "A draft must be in the 'built' state before it can be deployed."
    );
    let second = json!({"name": "other", "supported_triggers": body["supported_triggers"]});
    let second = refusal(tenant.post("/actions/actions", second));
    assert_eq!(
        second.1,
        "actions_cardinality_custom_phone_provider_not_allowed"
    );

    let bindings = "/actions/triggers/custom-phone-provider/bindings";
    let bind = json!({"bindings": [{"ref": {"type": "action_name", "value": "phone"}}]});
    assert_eq!(refusal(tenant.patch(bindings, bind.clone())).0, 400);
    assert_eq!(tenant.get(&path).1["status"], "built");
    assert_eq!(tenant.post(&deploy, Value::Null).1["deployed"], false);
    assert_eq!(tenant.get(&path).1["deployed_version"]["deployed"], true);
    assert_eq!(tenant.patch(bindings, bind).0, 200);

    let bound = refusal(tenant.delete(&path));
    assert_eq!(bound.2, "Unable to delete an action bound to a trigger.");
    assert_eq!(tenant.delete(&format!("{path}?force=true")).0, 204);
    assert_eq!(tenant.get(bindings).1["bindings"], json!([]));
}

#[test]
fn the_trigger_of_an_action_stays() {
    let mut tenant = Tenant::new();
    let action = deployed_action(&mut tenant);
    let body = json!({"supported_triggers": [{"id": "post-login", "version": "v3"}]});
    let refused = refusal(tenant.patch(&format!("/actions/actions/{action}"), body));
    assert_eq!(refused.2, "can't upgrade to this trigger.");
}

#[test]
fn a_build_that_cannot_resolve_its_dependencies_fails_for_good() {
    let mut tenant = Tenant::new();
    let body = json!({
        "name": "phone",
        "supported_triggers": [{"id": "custom-phone-provider", "version": "v1"}],
        "dependencies": [{"name": "axios", "version": "0.0.0"}],
    });
    let (_, made) = tenant.post("/actions/actions", body);
    let path = format!("/actions/actions/{}", text(&made, "id"));
    assert_eq!(tenant.get(&path).1["status"], "failed");
    assert_eq!(tenant.post(&format!("{path}/deploy"), Value::Null).0, 400);
}

#[test]
fn identifiers_keep_the_rules_of_databases() {
    let phone = |profile: bool, status: &str, active: bool| {
        json!({"phone_number": {
            "identifier": {"active": active},
            "profile_required": profile,
            "signup": {"status": status},
        }})
    };
    let good = phone(true, "required", true);
    for (options, message) in [
        (
            json!({"attributes": phone(true, "inactive", true)}),
            "attribute phone_number must also be required on signup",
        ),
        (
            json!({"attributes": phone(false, "inactive", false)}),
            "attributes must contain one active identifier",
        ),
        (
            json!({"attributes": good, "requires_username": true}),
            "Cannot set both options.attributes and options.requires_username",
        ),
        (
            json!({"attributes": good, "validation": {"username": {"min": 1, "max": 15}}}),
            "Cannot set both options.attributes and options.validation",
        ),
    ] {
        let mut tenant = Tenant::new();
        let body = json!({"name": "users", "strategy": "auth0", "options": options});
        let expected = (400, json!("invalid_body"), message.to_owned());
        assert_eq!(refusal(tenant.post("/connections", body)), expected);
    }
}

#[test]
fn applications_are_not_enabled_by_changing_a_connection() {
    let (mut tenant, _) = Tenant::with_provider(&["text"]);
    let (_, made) = tenant.post("/connections", sms("sms"));
    let path = format!("/connections/{}", text(&made, "id"));
    let refused = refusal(tenant.patch(&path, json!({"enabled_clients": []})));
    assert_eq!((refused.0, refused.1), (400, json!("invalid_body")));
}

#[test]
fn settings_that_are_only_shown_cannot_be_written() {
    let mut tenant = Tenant::new();
    let (_, shown) = tenant.get("/tenants/settings");
    for body in [
        json!({"sandbox_versions_available": shown["sandbox_versions_available"]}),
        json!({"flags": {"universal_login": true}}),
        json!({}),
    ] {
        let refused = refusal(tenant.patch("/tenants/settings", body));
        assert_eq!((refused.0, refused.1), (400, json!("invalid_body")));
    }
}
