//! One walk through every operation, each request accepted.

use dialtone::auth0::exchange::{Method, Payload, Request, Response};
use dialtone::sim::store::Store;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::description::Description;

/// A tenant, and what its answers are held against.
pub(crate) struct Walk {
    pub(crate) description: Description,
    store: Store,
    now: Timestamp,
}

impl Walk {
    pub(crate) fn start(description: Description) -> Self {
        Self {
            description,
            store: Store::new("acme.eu.auth0.com"),
            now: Timestamp::from_second(1_790_000_000).unwrap(),
        }
    }

    /// Sends a request that is accepted, and checks its answer.
    pub(crate) fn call(
        &mut self,
        method: Method,
        template: &str,
        ids: &[&str],
        body: Value,
    ) -> Value {
        let response = self.send(method, template, ids, body);
        assert!(response.status < 400, "{method} {template}: {response:?}");
        self.description.check(method, template, &response);
        match response.body {
            Payload::Json(body) => body,
            _ => Value::Null,
        }
    }

    /// Sends a request that is refused with this status, and checks the refusal.
    pub(crate) fn refused(
        &mut self,
        status: u16,
        method: Method,
        template: &str,
        ids: &[&str],
        body: Value,
    ) {
        let response = self.send(method, template, ids, body);
        assert_eq!(response.status, status, "{method} {template}: {response:?}");
        self.description.check_refusal(method, template, &response);
    }

    fn send(&mut self, method: Method, template: &str, ids: &[&str], body: Value) -> Response {
        let mut path = template.to_owned();
        for id in ids {
            let (start, end) = (path.find('{').unwrap(), path.find('}').unwrap());
            path.replace_range(start..=end, id);
        }
        let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
        let mut request = Request::new(method, format!("/api/v2{bare}"));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            request = request.query(name, value);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        self.now = self.now.checked_add(SignedDuration::from_secs(1)).unwrap();
        self.store.handle(&request, self.now)
    }
}

/// Takes every step once.
pub(crate) fn all(walk: &mut Walk) {
    let provider = providers_and_templates(walk);
    guardian_and_settings(walk);
    connections_and_clients(walk);
    actions(walk);
    let one = "/branding/phone/providers/{id}";
    walk.call(Method::Delete, one, &[&provider], Value::Null);
}

pub(crate) fn id(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

/// Gives the id of the provider, which the steps after it need.
fn providers_and_templates(walk: &mut Walk) -> String {
    use Method::{Delete, Get, Patch, Post};
    walk.call(Get, "/branding/phone/providers", &[], Value::Null);
    let body = json!({
        "name": "twilio",
        "disabled": false,
        "configuration": {"sid": "AC1", "default_from": "+15550100", "delivery_methods": ["text", "voice"]},
        "credentials": {"auth_token": "t"},
    });
    let made = walk.call(Post, "/branding/phone/providers", &[], body);
    let provider = id(&made, "id");
    walk.call(Get, "/branding/phone/providers", &[], Value::Null);
    walk.call(
        Get,
        "/branding/phone/providers/{id}",
        &[&provider],
        Value::Null,
    );
    let patch = json!({"disabled": true});
    walk.call(Patch, "/branding/phone/providers/{id}", &[&provider], patch);
    let patch = json!({"disabled": false});
    walk.call(Patch, "/branding/phone/providers/{id}", &[&provider], patch);
    let to = json!({"to": "+15550111", "delivery_method": "text"});
    walk.call(
        Post,
        "/branding/phone/providers/{id}/try",
        &[&provider],
        to.clone(),
    );
    walk.call(Get, "/branding/phone/templates", &[], Value::Null);
    let content =
        json!({"from": "+15550100", "body": {"text": "{{ code }}", "voice": "{{ code }}"}});
    let body = json!({"type": "otp_verify", "disabled": false, "content": content});
    let made = walk.call(Post, "/branding/phone/templates", &[], body);
    let template = id(&made, "id");
    walk.call(
        Get,
        "/branding/phone/templates/{id}",
        &[&template],
        Value::Null,
    );
    let patch = json!({"disabled": true});
    walk.call(Patch, "/branding/phone/templates/{id}", &[&template], patch);
    walk.call(
        Patch,
        "/branding/phone/templates/{id}/reset",
        &[&template],
        json!({}),
    );
    walk.call(Post, "/branding/phone/templates/{id}/try", &[&template], to);
    walk.call(
        Delete,
        "/branding/phone/templates/{id}",
        &[&template],
        Value::Null,
    );
    provider
}

fn guardian_and_settings(walk: &mut Walk) {
    use Method::{Get, Patch, Put};
    walk.call(Get, "/guardian/factors", &[], Value::Null);
    walk.call(
        Put,
        "/guardian/factors/{name}",
        &["sms"],
        json!({"enabled": true}),
    );
    let types = json!({"message_types": ["sms", "voice"]});
    walk.call(Put, "/guardian/factors/phone/message-types", &[], types);
    walk.call(
        Get,
        "/guardian/factors/phone/message-types",
        &[],
        Value::Null,
    );
    walk.call(Put, "/guardian/policies", &[], json!(["all-applications"]));
    walk.call(Get, "/guardian/policies", &[], Value::Null);
    walk.call(Get, "/tenants/settings", &[], Value::Null);
    walk.call(
        Patch,
        "/tenants/settings",
        &[],
        json!({"friendly_name": "Acme"}),
    );
    walk.call(
        Get,
        "/attack-protection/phone-provider-protection",
        &[],
        Value::Null,
    );
    let kind = json!({"type": "exponential"});
    walk.call(
        Patch,
        "/attack-protection/phone-provider-protection",
        &[],
        kind,
    );
    walk.call(
        Patch,
        "/tenants/settings",
        &[],
        json!({"phone_consolidated_experience": false}),
    );
    for part in ["phone", "sms"] {
        let legacy = |name: &str| format!("/guardian/factors/{part}/{name}");
        walk.call(Get, &legacy("selected-provider"), &[], Value::Null);
        walk.call(
            Put,
            &legacy("selected-provider"),
            &[],
            json!({"provider": "twilio"}),
        );
        walk.call(Get, &legacy("providers/twilio"), &[], Value::Null);
        walk.call(
            Put,
            &legacy("providers/twilio"),
            &[],
            json!({"sid": "AC1", "auth_token": "t"}),
        );
        let messages = json!({"enrollment_message": "e", "verification_message": "v"});
        walk.call(Put, &legacy("templates"), &[], messages);
        walk.call(Get, &legacy("templates"), &[], Value::Null);
    }
    walk.call(
        Patch,
        "/tenants/settings",
        &[],
        json!({"phone_consolidated_experience": true}),
    );
}

fn connections_and_clients(walk: &mut Walk) {
    use Method::{Delete, Get, Patch, Post};
    let client = walk.call(
        Post,
        "/clients",
        &[],
        json!({"name": "web", "app_type": "spa"}),
    );
    let client = id(&client, "client_id");
    walk.call(Get, "/clients", &[], Value::Null);
    walk.call(Get, "/clients?include_totals=true&page=0", &[], Value::Null);
    walk.call(Get, "/clients?take=1", &[], Value::Null);
    walk.call(Get, "/clients/{id}", &[&client], Value::Null);
    walk.call(
        Patch,
        "/clients/{id}",
        &[&client],
        json!({"description": "The shop"}),
    );
    let options = json!({"name": "sms", "totp": {"length": 6, "time_step": 180}});
    let body = json!({"name": "sms", "strategy": "sms", "options": options});
    let sms = walk.call(Post, "/connections", &[], body);
    let sms = id(&sms, "id");
    let options = json!({"attributes": {"phone_number": {
        "identifier": {"active": true},
        "profile_required": true,
        "signup": {"status": "required", "verification": {"active": true}},
    }}});
    let body = json!({"name": "users", "strategy": "auth0", "options": options});
    walk.call(Post, "/connections", &[], body);
    walk.call(Get, "/connections", &[], Value::Null);
    walk.call(Get, "/connections?take=1", &[], Value::Null);
    walk.call(Get, "/connections?include_totals=true", &[], Value::Null);
    walk.call(Get, "/connections/{id}", &[&sms], Value::Null);
    walk.call(
        Patch,
        "/connections/{id}",
        &[&sms],
        json!({"display_name": "Text me"}),
    );
    let switch = json!([{"client_id": client, "status": true}]);
    walk.call(Patch, "/connections/{id}/clients", &[&sms], switch);
    walk.call(Get, "/connections/{id}/clients", &[&sms], Value::Null);
    walk.call(Get, "/clients/{id}/connections", &[&client], Value::Null);
    walk.call(Delete, "/connections/{id}", &[&sms], Value::Null);
    walk.call(Delete, "/clients/{id}", &[&client], Value::Null);
}

fn actions(walk: &mut Walk) {
    use Method::{Delete, Get, Patch, Post};
    walk.call(Get, "/actions/triggers", &[], Value::Null);
    let body = json!({
        "name": "phone",
        "supported_triggers": [{"id": "custom-phone-provider", "version": "v1"}],
        "code": "exports.onExecuteCustomPhoneProvider = async () => {};",
        "secrets": [{"name": "TOKEN", "value": "t"}],
    });
    let action = walk.call(Post, "/actions/actions", &[], body);
    let action = id(&action, "id");
    walk.call(Get, "/actions/actions", &[], Value::Null);
    walk.call(Get, "/actions/actions/{id}", &[&action], Value::Null);
    let version = walk.call(
        Post,
        "/actions/actions/{id}/deploy",
        &[&action],
        Value::Null,
    );
    let version = id(&version, "id");
    walk.call(Get, "/actions/actions/{id}", &[&action], Value::Null);
    walk.call(
        Get,
        "/actions/actions/{actionId}/versions",
        &[&action],
        Value::Null,
    );
    let one = "/actions/actions/{actionId}/versions/{id}";
    walk.call(Get, one, &[&action, &version], Value::Null);
    let again = "/actions/actions/{actionId}/versions/{id}/deploy";
    walk.call(Post, again, &[&action, &version], Value::Null);
    walk.call(
        Post,
        "/actions/actions/{id}/test",
        &[&action],
        json!({"payload": {}}),
    );
    let bindings = json!({"bindings": [
        {"ref": {"type": "action_id", "value": action}, "display_name": "phone"},
    ]});
    let path = "/actions/triggers/{triggerId}/bindings";
    walk.call(Patch, path, &["custom-phone-provider"], bindings);
    walk.call(Get, path, &["custom-phone-provider"], Value::Null);
    walk.call(
        Patch,
        "/actions/actions/{id}",
        &[&action],
        json!({"code": "// new"}),
    );
    walk.call(
        Patch,
        path,
        &["custom-phone-provider"],
        json!({"bindings": []}),
    );
    walk.call(Delete, "/actions/actions/{id}", &[&action], Value::Null);
}
