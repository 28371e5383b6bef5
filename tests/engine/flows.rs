//! Signing somebody in: what works in which tenant.

use dialtone::sim::flow::{Flow, FlowError, flows, try_flow};
use serde_json::json;

use crate::{Tenant, deployed_action, sms, text, twilio};

/// A tenant that offers every flow, with a provider of these methods.
fn everything(methods: &[&str]) -> (Tenant, String) {
    let (mut tenant, provider) = Tenant::with_provider(&["text", "voice"]);
    tenant.put("/guardian/factors/sms", json!({"enabled": true}));
    let types = json!({"message_types": ["sms", "voice"]});
    tenant.put("/guardian/factors/phone/message-types", types);
    let client = tenant.store.seed_client("web");
    let (_, made) = tenant.post("/connections", sms("sms"));
    let path = format!("/connections/{}/clients", text(&made, "id"));
    tenant.patch(&path, json!([{"client_id": client, "status": true}]));
    let options = json!({
        "attributes": {"phone_number": {
            "identifier": {"active": true},
            "profile_required": true,
            "signup": {"status": "required", "verification": {"active": true}},
        }},
        "authentication_methods": {"phone_otp": {"enabled": true}},
    });
    tenant.post(
        "/connections",
        json!({"name": "users", "strategy": "auth0", "options": options}),
    );
    let path = format!("/branding/phone/providers/{provider}");
    tenant.patch(
        &path,
        json!({"configuration": twilio(methods)["configuration"]}),
    );
    (tenant, path)
}

/// The flows that work, by name.
fn working(tenant: &Tenant) -> Vec<&'static str> {
    let mut store = tenant.store.clone();
    let all = flows(&store).into_iter();
    let working = all.filter(|flow| try_flow(&mut store, flow, tenant.now).is_ok());
    working
        .map(|flow| match flow {
            Flow::MfaSms => "mfa by text",
            Flow::MfaVoice => "mfa by call",
            Flow::Passwordless { .. } => "passwordless",
            Flow::SignupVerification { .. } => "sign-up",
            Flow::PasswordReset { .. } => "reset",
            Flow::PhoneOtp { .. } => "phone otp",
        })
        .collect()
}

#[test]
fn each_flow_needs_an_enabled_provider_of_its_method() {
    let (tenant, _) = everything(&["text", "voice"]);
    assert_eq!(
        working(&tenant),
        [
            "mfa by text",
            "mfa by call",
            "passwordless",
            "sign-up",
            "reset",
            "phone otp"
        ]
    );
    assert_eq!(working(&everything(&["voice"]).0), ["mfa by call"]);
    assert_eq!(
        working(&everything(&["text"]).0),
        [
            "mfa by text",
            "passwordless",
            "sign-up",
            "reset",
            "phone otp"
        ]
    );
    let (mut tenant, provider) = everything(&["text", "voice"]);
    tenant.patch(&provider, json!({"disabled": true}));
    assert_eq!(working(&tenant), [""; 0]);
    tenant.delete(&provider);
    assert_eq!(flows(&tenant.store).len(), 6, "they are still offered");
    assert_eq!(working(&tenant), [""; 0]);
}

#[test]
fn without_the_unified_experience_identifiers_alone_need_the_tenants_provider() {
    let (mut tenant, provider) = everything(&["text", "voice"]);
    tenant.patch(
        "/tenants/settings",
        json!({"phone_consolidated_experience": false}),
    );
    tenant.patch(&provider, json!({"disabled": true}));
    assert_eq!(
        working(&tenant),
        ["mfa by text", "mfa by call", "passwordless"]
    );
}

#[test]
fn a_custom_provider_needs_its_action_deployed_and_bound() {
    let (mut tenant, provider) = everything(&["text"]);
    let custom = json!({"name": "custom", "configuration": {"delivery_methods": ["text"]}, "credentials": {}});
    tenant.patch(&provider, custom);
    assert_eq!(working(&tenant), [""; 0]);
    let action = deployed_action(&mut tenant);
    assert_eq!(working(&tenant), [""; 0]);
    let body = json!({"bindings": [{"ref": {"type": "action_id", "value": action}}]});
    tenant.patch("/actions/triggers/custom-phone-provider/bindings", body);
    assert_eq!(working(&tenant).len(), 5);
    tenant.delete(&format!("/actions/actions/{action}?force=true"));
    assert_eq!(working(&tenant), [""; 0]);
}

#[test]
fn a_flow_that_works_leaves_a_message_from_its_template() {
    let (mut tenant, _) = everything(&["text", "voice"]);
    let content = json!({"body": {"text": "Reset with {{ code }}", "voice": "v"}});
    tenant.post(
        "/branding/phone/templates",
        json!({"type": "change_password", "content": content}),
    );
    let flow = Flow::PasswordReset {
        connection: "users".to_owned(),
    };
    let now = tenant.now;
    assert_eq!(try_flow(&mut tenant.store, &flow, now), Ok(()));
    let sent = tenant.store.outbox().last().unwrap();
    assert_eq!(sent.body, "Reset with 123456");
    assert_eq!(sent.delivery_method, "text");
    assert_eq!(sent.message_type, "change_password");

    let stranger = Flow::PhoneOtp {
        connection: "nobody".to_owned(),
    };
    assert_eq!(
        try_flow(&mut tenant.store, &stranger, now),
        Err(FlowError::NotOffered)
    );
    assert_eq!(tenant.store.outbox().len(), 1);
}

#[test]
fn test_messages_are_accepted_whatever_becomes_of_them() {
    let (mut tenant, path) = everything(&["text", "voice"]);
    let answer =
        json!({"code": 202, "message": "Test notification successfully sent for processing"});
    let to = json!({"to": "5555550111", "delivery_method": "voice"});
    assert_eq!(tenant.post(&format!("{path}/try"), to), (202, answer));
    let sent = tenant.store.outbox().last().unwrap();
    assert_eq!(
        (sent.to.as_str(), sent.delivery_method.as_str()),
        ("5555550111", "voice")
    );
}
