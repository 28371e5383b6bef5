//! A tenant as other people may have left it, set up through the Management API itself.

use dialtone::auth0::exchange::{Method, Payload};
use dialtone::sim::tenant::SimulatedTenant;
use proptest::option::weighted;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CONNECTIONS, TEMPLATES, applications, client_id, some_of};
use crate::rig::admin;

/// A tenant as other people may have left it.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    unified: bool,
    provider: Option<Provider>,
    action: Option<Action>,
    factor: bool,
    types: Vec<&'static str>,
    other_factors: Vec<&'static str>,
    policies: Vec<&'static str>,
    connections: Vec<Option<Connection>>,
    templates: Vec<Option<Template>>,
    database: Option<Database>,
}

#[derive(Clone, Debug)]
struct Provider {
    custom: bool,
    methods: Vec<&'static str>,
    disabled: bool,
}

/// An Action of the phone provider's trigger.
#[derive(Clone, Debug)]
struct Action {
    deployed: bool,
    bound: bool,
    edited: bool,
}

#[derive(Clone, Debug)]
struct Connection {
    length: u8,
    display_name: bool,
    /// It brings its own sender, as connections of older tenants do.
    own_sender: bool,
    applications: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Template {
    disabled: bool,
    from: Option<&'static str>,
    text: &'static str,
    voice: Option<&'static str>,
}

#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one setting, on its own"
)]
struct Database {
    /// It has attributes; without them it identifies people the older way.
    attributes: bool,
    names: bool,
    email: bool,
    phone: bool,
    identifier: bool,
    verification: bool,
    otp: bool,
    no_reset: bool,
}

prop_compose! {
    fn provider()(
        custom in weighted_bool(0.2),
        methods in some_of(&["text", "voice"], 1),
        disabled in weighted_bool(0.3),
    ) -> Provider {
        Provider { custom, methods, disabled }
    }
}

prop_compose! {
    fn action()(
        deployed in weighted_bool(0.8),
        bound in weighted_bool(0.8),
        edited in weighted_bool(0.2),
    ) -> Action {
        Action { deployed, bound, edited }
    }
}

prop_compose! {
    fn connection()(
        length in 4_u8..8,
        display_name: bool,
        own_sender in weighted_bool(0.2),
        applications in applications(),
    ) -> Connection {
        Connection { length, display_name, own_sender, applications }
    }
}

prop_compose! {
    fn template()(
        disabled in weighted_bool(0.3),
        from in prop::option::of(Just("+15550122")),
        text in prop_oneof![Just("Theirs {{ code }}"), Just("Code {{ code }}")],
        voice in prop::option::of(Just("They say {{ code }}")),
    ) -> Template {
        Template { disabled, from, text, voice }
    }
}

prop_compose! {
    fn database()(
        attributes in weighted_bool(0.75),
        names: bool,
        email in weighted_bool(0.7),
        phone in weighted_bool(0.75),
        identifier: bool,
        verification: bool,
        otp: bool,
        no_reset: bool,
    ) -> Database {
        Database { attributes, names, email, phone, identifier, verification, otp, no_reset }
    }
}

prop_compose! {
    /// Any tenant.
    pub(crate) fn left()(
        unified in weighted_bool(0.75),
        provider in weighted(0.8, provider()),
        action in weighted(0.4, action()),
        factor: bool,
        types in some_of(&["sms", "voice"], 0),
        other_factors in some_of(&["otp", "email", "webauthn-roaming"], 0),
        policies in some_of(&["all-applications", "confidence-score"], 0),
        connections in prop::collection::vec(prop::option::of(connection()), CONNECTIONS.len()),
        templates in prop::collection::vec(prop::option::of(template()), TEMPLATES.len()),
        database in prop::option::of(database()),
    ) -> Left {
        Left {
            unified, provider, action, factor, types, other_factors, policies, connections,
            templates, database,
        }
    }
}

fn weighted_bool(probability: f64) -> impl Strategy<Value = bool> {
    prop::bool::weighted(probability)
}

/// One request of the administrator, which must succeed; its answer.
fn does(tenant: &SimulatedTenant, method: Method, path: &str, body: Value) -> Value {
    let answer = admin(tenant, method, path, body);
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    match answer.body {
        Payload::Json(body) => body,
        _ => Value::Null,
    }
}

impl Left {
    /// Sets the tenant up as an administrator would, in an order that Auth0 accepts.
    pub(crate) fn set_up(&self, tenant: &SimulatedTenant) {
        let unified = |on: bool| {
            let body = json!({"phone_consolidated_experience": on});
            does(tenant, Method::Patch, "tenants/settings", body);
        };
        // Without the unified experience nothing below depends on what the provider delivers.
        unified(false);
        if let Some(action) = &self.action {
            action.set_up(tenant);
        }
        if let Some(provider) = &self.provider {
            provider.set_up(tenant);
        }
        self.set_up_factors(tenant);
        for (name, connection) in CONNECTIONS.iter().zip(&self.connections) {
            if let Some(connection) = connection {
                connection.set_up(tenant, name);
            }
        }
        for ((type_, _), template) in TEMPLATES.iter().zip(&self.templates) {
            if let Some(template) = template {
                template.set_up(tenant, type_);
            }
        }
        if let Some(database) = &self.database {
            database.set_up(tenant);
        }
        let protection = json!({"enabled": true, "allowlist": ["192.0.2.1"]});
        does(
            tenant,
            Method::Patch,
            "attack-protection/brute-force-protection",
            protection,
        );
        unified(self.unified);
    }

    fn set_up_factors(&self, tenant: &SimulatedTenant) {
        let factor = |name: &str, enabled: bool| {
            let path = format!("guardian/factors/{name}");
            does(tenant, Method::Put, &path, json!({"enabled": enabled}));
        };
        for name in &self.other_factors {
            factor(name, true);
        }
        factor("sms", true);
        let types = json!({"message_types": self.types});
        does(
            tenant,
            Method::Put,
            "guardian/factors/phone/message-types",
            types,
        );
        factor("sms", self.factor);
        does(
            tenant,
            Method::Put,
            "guardian/policies",
            json!(self.policies),
        );
    }
}

impl Provider {
    fn set_up(&self, tenant: &SimulatedTenant) {
        let mut body = json!({
            "name": "twilio",
            "disabled": self.disabled,
            "configuration": {"sid": "AC1", "default_from": "+15550111", "delivery_methods": self.methods},
            "credentials": {"auth_token": "old"},
        });
        if self.custom {
            body["name"] = json!("custom");
            body["configuration"] = json!({"delivery_methods": self.methods});
            body["credentials"] = json!({});
        }
        does(tenant, Method::Post, "branding/phone/providers", body);
    }
}

impl Action {
    fn set_up(&self, tenant: &SimulatedTenant) {
        let trigger = "custom-phone-provider";
        let body = json!({
            "name": "sender",
            "supported_triggers": [{"id": trigger, "version": "v1"}],
            "code": "exports.onExecuteCustomPhoneProvider = async () => {};",
        });
        let made = does(tenant, Method::Post, "actions/actions", body);
        let path = format!("actions/actions/{}", made["id"].as_str().unwrap());
        does(tenant, Method::Get, &path, Value::Null);
        if self.deployed {
            does(tenant, Method::Post, &format!("{path}/deploy"), Value::Null);
        }
        if self.deployed && self.bound {
            let reference = json!({"type": "action_id", "value": made["id"]});
            let binding = json!({"ref": reference, "display_name": "sender"});
            let path = format!("actions/triggers/{trigger}/bindings");
            does(tenant, Method::Patch, &path, json!({"bindings": [binding]}));
        }
        if self.edited {
            does(tenant, Method::Patch, &path, json!({"code": "// by hand"}));
        }
    }
}

impl Connection {
    fn set_up(&self, tenant: &SimulatedTenant, name: &str) {
        let mut options = json!({
            "name": name,
            "totp": {"length": self.length, "time_step": 300},
            "syntax": "liquid",
            "template": "Your code is {{ code }}",
            "authParams": {"scope": "openid"},
        });
        if self.own_sender {
            options["twilio_sid"] = json!("AC9");
            options["from"] = json!("+15550109");
        }
        let mut body = json!({"name": name, "strategy": "sms", "options": options});
        if self.display_name {
            body["display_name"] = json!("Phone");
        }
        let made = does(tenant, Method::Post, "connections", body);
        let switches: Vec<Value> = self
            .applications
            .iter()
            .map(|index| json!({"client_id": client_id(*index), "status": true}))
            .collect();
        if !switches.is_empty() {
            let clients = format!("connections/{}/clients", made["id"].as_str().unwrap());
            does(tenant, Method::Patch, &clients, Value::from(switches));
        }
    }
}

impl Template {
    fn set_up(&self, tenant: &SimulatedTenant, type_: &str) {
        let mut content = json!({"body": {"text": self.text}});
        if let Some(voice) = self.voice {
            content["body"]["voice"] = json!(voice);
        }
        if let Some(from) = self.from {
            content["from"] = json!(from);
        }
        let body = json!({"type": type_, "disabled": self.disabled, "content": content});
        does(tenant, Method::Post, "branding/phone/templates", body);
    }
}

impl Database {
    fn set_up(&self, tenant: &SimulatedTenant) {
        let mut options = json!({
            "authentication_methods": {"phone_otp": {"enabled": self.otp}},
            "disable_self_service_change_password": self.no_reset,
            "customScripts": {"login": "function login() {}"},
        });
        if self.attributes {
            // Somebody has to be able to sign in.
            let alone = !(self.phone && self.identifier);
            let email = json!({
                "identifier": {"active": self.email || alone},
                "verification_method": "link",
            });
            options["attributes"] = json!({ "email": email });
            if self.phone {
                options["attributes"]["phone_number"] = json!({
                    "identifier": {"active": self.identifier},
                    "signup": {"status": "required", "verification": {"active": self.verification}},
                });
            }
        } else if self.names {
            options["requires_username"] = json!(true);
            options["validation"] = json!({"username": {"min": 2, "max": 20}});
        }
        let body = json!({"name": "users", "strategy": "auth0", "options": options});
        does(tenant, Method::Post, "connections", body);
    }
}
