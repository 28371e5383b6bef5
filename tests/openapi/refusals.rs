//! Requests that the tenant refuses, one or more for each kind of refusal.

use dialtone::auth0::exchange::Method::{Delete, Get, Patch, Post, Put};
use serde_json::{Value, json};

use crate::walk::{Walk, id};

/// Has every kind of refusal given once.
pub(crate) fn all(walk: &mut Walk) {
    // The tenant has no provider yet.
    let sms = json!({"name": "sms", "strategy": "sms", "options": {"name": "sms"}});
    walk.refused(400, Post, "/connections", &[], sms);
    providers(walk);
    templates(walk);
    guardian_and_settings(walk);
    connections_and_clients(walk);
    actions(walk);
}

fn providers(walk: &mut Walk) {
    let all = "/branding/phone/providers";
    let one = "/branding/phone/providers/{id}";
    let provider = json!({
        "name": "twilio",
        "configuration": {"sid": "AC1", "default_from": "+15550100", "delivery_methods": ["text"]},
        "credentials": {"auth_token": "t"},
    });
    walk.refused(400, Post, all, &[], json!({}));
    let mut senderless = provider.clone();
    senderless["configuration"] = json!({"sid": "AC1", "delivery_methods": ["text"]});
    walk.refused(400, Post, all, &[], senderless);
    let made = walk.call(Post, all, &[], provider.clone());
    walk.refused(409, Post, all, &[], provider);
    let own = id(&made, "id");
    walk.refused(400, Patch, one, &[&own], json!({"id": own}));
    walk.refused(400, Patch, one, &[&own], json!({}));
    let to = json!({"to": "+15550111000000000000"});
    walk.refused(400, Post, "/branding/phone/providers/{id}/try", &[&own], to);
    walk.refused(404, Get, one, &["pro_none"], Value::Null);
    walk.refused(404, Patch, one, &["pro_none"], json!({"disabled": true}));
    walk.refused(404, Delete, one, &["pro_none"], Value::Null);
}

fn templates(walk: &mut Walk) {
    let all = "/branding/phone/templates";
    let one = "/branding/phone/templates/{id}";
    walk.refused(400, Post, all, &[], json!({"type": "none"}));
    let content = json!({"from": "+15550100", "body": {"text": "t", "voice": "v"}});
    let body = json!({"type": "otp_verify", "content": content});
    walk.call(Post, all, &[], body.clone());
    walk.refused(409, Post, all, &[], body);
    walk.refused(404, Get, one, &["tem_none"], Value::Null);
    walk.refused(404, Patch, one, &["tem_none"], json!({"disabled": true}));
    walk.refused(404, Delete, one, &["tem_none"], Value::Null);
    let to = json!({"to": "+15550111"});
    let path = "/branding/phone/templates/{id}/try";
    walk.refused(404, Post, path, &["tem_none"], to);
}

fn guardian_and_settings(walk: &mut Walk) {
    let types = "/guardian/factors/phone/message-types";
    let sms = json!({"message_types": ["sms"]});
    walk.refused(404, Put, types, &[], sms);
    let on = json!({"enabled": true});
    walk.refused(400, Put, "/guardian/factors/{name}", &["fax"], on.clone());
    walk.refused(
        400,
        Put,
        "/guardian/factors/{name}",
        &["sms"],
        json!({"enabled": 1}),
    );
    walk.call(Put, "/guardian/factors/{name}", &["sms"], on);
    walk.refused(400, Put, types, &[], json!({"message_types": ["fax"]}));
    walk.refused(409, Put, types, &[], json!({"message_types": ["voice"]}));
    walk.refused(400, Put, "/guardian/policies", &[], json!(["sometimes"]));
    for part in ["phone", "sms"] {
        for name in ["selected-provider", "providers/twilio", "templates"] {
            let path = format!("/guardian/factors/{part}/{name}");
            walk.refused(403, Get, &path, &[], Value::Null);
            walk.refused(403, Put, &path, &[], json!({"provider": "twilio"}));
        }
    }
    let unknown = json!({"tenant": "acme"});
    walk.refused(400, Patch, "/tenants/settings", &[], unknown);
    let path = "/attack-protection/phone-provider-protection";
    walk.refused(400, Patch, path, &[], json!({"type": "linear"}));
}

fn connections_and_clients(walk: &mut Walk) {
    let one = "/connections/{id}";
    let body = json!({"name": "users", "strategy": "auth0"});
    walk.call(Post, "/connections", &[], body.clone());
    walk.refused(409, Post, "/connections", &[], body);
    walk.refused(400, Post, "/connections", &[], json!({"name": "x"}));
    walk.refused(404, Get, one, &["con_none"], Value::Null);
    walk.refused(404, Patch, one, &["con_none"], json!({"display_name": "x"}));
    let clients = "/connections/{id}/clients";
    walk.refused(404, Get, clients, &["con_none"], Value::Null);
    let switch = json!([{"client_id": "none", "status": true}]);
    walk.refused(404, Patch, clients, &["con_none"], switch);
    walk.refused(400, Post, "/clients", &[], json!({}));
    walk.refused(404, Get, "/clients/{id}", &["none"], Value::Null);
    walk.refused(404, Patch, "/clients/{id}", &["none"], json!({"name": "x"}));
    let path = "/clients/{id}/connections";
    walk.refused(404, Get, path, &["none"], Value::Null);
}

fn actions(walk: &mut Walk) {
    let all = "/actions/actions";
    let one = "/actions/actions/{id}";
    let phone = json!([{"id": "custom-phone-provider", "version": "v1"}]);
    walk.refused(400, Post, all, &[], json!({"name": "x"}));
    walk.refused(
        400,
        Get,
        "/actions/actions?include_totals=true",
        &[],
        Value::Null,
    );
    let body = json!({"name": "phone", "supported_triggers": phone});
    let made = walk.call(Post, all, &[], body);
    let own = id(&made, "id");
    // One Action for this trigger is all that a tenant may have.
    let other = json!({"name": "other", "supported_triggers": phone});
    walk.refused(403, Post, all, &[], other);
    let login = json!([{"id": "post-login", "version": "v3"}]);
    let same = json!({"name": "phone", "supported_triggers": login});
    walk.refused(409, Post, all, &[], same);
    let bindings = "/actions/triggers/{triggerId}/bindings";
    let bind = |action: &str| {
        json!({"bindings": [
            {"ref": {"type": "action_id", "value": action}, "display_name": "phone"},
        ]})
    };
    let trigger = ["custom-phone-provider"];
    walk.refused(400, Patch, bindings, &trigger, bind(&own));
    let none = "00000000-0000-4000-8000-000000000000";
    walk.refused(404, Patch, bindings, &trigger, bind(none));
    walk.refused(404, Get, bindings, &["none"], Value::Null);
    walk.call(Get, one, &[&own], Value::Null);
    walk.call(Post, "/actions/actions/{id}/deploy", &[&own], Value::Null);
    walk.call(Patch, bindings, &trigger, bind(&own));
    walk.refused(409, Delete, one, &[&own], Value::Null);
    walk.refused(404, Get, one, &[none], Value::Null);
    walk.refused(404, Patch, one, &[none], json!({"code": "//"}));
    walk.refused(404, Delete, one, &[none], Value::Null);
    walk.refused(
        404,
        Post,
        "/actions/actions/{id}/deploy",
        &[none],
        Value::Null,
    );
    let versions = "/actions/actions/{actionId}/versions";
    walk.refused(404, Get, versions, &[none], Value::Null);
    let version = "/actions/actions/{actionId}/versions/{id}";
    walk.refused(404, Get, version, &[&own, none], Value::Null);
    let again = "/actions/actions/{actionId}/versions/{id}/deploy";
    walk.refused(404, Post, again, &[&own, none], Value::Null);
}
