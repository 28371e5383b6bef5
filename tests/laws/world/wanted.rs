//! What the objects of one tenant may want, and what of the tenant they own.

mod identifier;
mod template;

use std::collections::BTreeSet;

use dialtone::api::{Kind, Resource};
use proptest::option::weighted;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::custom::{Custom, custom};
use super::{APPLICATIONS, CONNECTIONS, TEMPLATES, applications, client_id, some_of};
use identifier::{DATABASE, Identifier, identifier};
use template::{Template, template};

/// What all objects want together.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    enable: bool,
    provider: Option<Provider>,
    factor: Option<Factor>,
    connections: Vec<Option<Connection>>,
    templates: Vec<Option<Template>>,
    identifier: Option<Identifier>,
    /// `deletionPolicy: Delete`, for all objects.
    delete: bool,
}

/// How the tenant may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Manage,
    Observe,
    Suspend,
    DriftWarn,
    DriftIgnore,
}

#[derive(Clone, Debug)]
struct Provider {
    methods: Vec<&'static str>,
    enabled: bool,
    service: bool,
    block: bool,
    adopt: &'static str,
    custom: Option<Custom>,
}

#[derive(Clone, Debug)]
struct Factor {
    enabled: bool,
    types: Option<Vec<&'static str>>,
    policies: Option<Vec<&'static str>>,
}

#[derive(Clone, Debug)]
struct Connection {
    length: Option<u8>,
    expiry: Option<u16>,
    signup: Option<bool>,
    protection: Option<bool>,
    display_name: Option<&'static str>,
    applications: Option<Applications>,
    adopt: &'static str,
}

#[derive(Clone, Debug)]
struct Applications {
    exclusive: bool,
    by_name: bool,
    refs: Vec<usize>,
}

fn adopt() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("IfExists"), 1 => Just("Never"), 1 => Just("Require")]
}

prop_compose! {
    fn provider()(
        methods in some_of(&["Text", "Voice"], 1),
        enabled in prop::bool::weighted(0.8),
        service: bool,
        block in prop::bool::weighted(0.25),
        adopt in adopt(),
        custom in weighted(0.4, custom()),
    ) -> Provider {
        Provider { methods, enabled, service, block, adopt, custom }
    }
}

prop_compose! {
    fn factor()(
        enabled in prop::bool::weighted(0.75),
        types in prop::option::of(some_of(&["SMS", "Voice"], 1)),
        policies in prop::option::of(prop_oneof![
            Just(vec![]), Just(vec!["AllApplications"]), Just(vec!["ConfidenceScore"]),
        ]),
    ) -> Factor {
        Factor { enabled, types, policies }
    }
}

prop_compose! {
    fn wanted_applications()(
        exclusive: bool, by_name: bool, refs in applications(),
    ) -> Applications {
        Applications { exclusive, by_name, refs }
    }
}

prop_compose! {
    fn connection()(
        length in prop::option::of(4_u8..8),
        expiry in prop::option::of(60_u16..400),
        signup in prop::option::of(any::<bool>()),
        protection in prop::option::of(any::<bool>()),
        display_name in prop::option::of(prop_oneof![Just("Phone"), Just("Text message")]),
        applications in weighted(0.7, wanted_applications()),
        adopt in adopt(),
    ) -> Connection {
        Connection { length, expiry, signup, protection, display_name, applications, adopt }
    }
}

prop_compose! {
    /// Any objects.
    pub(crate) fn wanted()(
        enable: bool,
        provider in weighted(0.8, provider()),
        factor in prop::option::of(factor()),
        connections in prop::collection::vec(prop::option::of(connection()), CONNECTIONS.len()),
        templates in prop::collection::vec(prop::option::of(template()), TEMPLATES.len()),
        identifier in prop::option::of(identifier()),
        delete: bool,
    ) -> Wanted {
        Wanted { enable, provider, factor, connections, templates, identifier, delete }
    }
}

fn resource(kind: Kind, name: &str, spec: &Value) -> Resource {
    let document = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": kind.as_str(),
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    });
    Resource::from_value(kind, document).unwrap()
}

impl Wanted {
    /// How many writes it takes to write once more what cannot be read: a token, or the secrets of
    /// an Action, which is then built and deployed anew.
    pub(crate) fn unreadable(&self) -> usize {
        let custom = |provider: &Provider| if provider.custom.is_some() { 2 } else { 1 };
        self.provider.as_ref().map_or(0, custom)
    }

    /// The objects, the tenant first.
    pub(crate) fn resources(&self, mode: Mode) -> Vec<Resource> {
        let mut resources = vec![resource(Kind::Auth0Tenant, "acme", &self.tenant(mode))];
        let mut add = |kind, name: &str, mut spec: Value| {
            spec["tenantRef"] = json!({"name": "acme"});
            spec["deletionPolicy"] = json!(if self.delete { "Delete" } else { "Orphan" });
            resources.push(resource(kind, name, &spec));
        };
        if let Some(provider) = &self.provider {
            add(Kind::PhoneProvider, "twilio", provider.spec());
        }
        if let Some(factor) = &self.factor {
            add(Kind::MfaPhoneFactor, "phone", factor.spec());
        }
        for (name, connection) in CONNECTIONS.iter().zip(&self.connections) {
            if let Some(connection) = connection {
                add(Kind::PasswordlessConnection, name, connection.spec(name));
            }
        }
        for ((_, type_), template) in TEMPLATES.iter().zip(&self.templates) {
            if let Some(template) = template {
                add(
                    Kind::PhoneTemplate,
                    &type_.to_lowercase(),
                    template.spec(type_),
                );
            }
        }
        if let Some(identifier) = &self.identifier {
            add(Kind::PhoneIdentifier, "users", identifier.spec());
        }
        resources
    }

    fn tenant(&self, mode: Mode) -> Value {
        let mut spec = json!({
            "domain": "acme.eu.auth0.com",
            "credentials": {"clientSecret": {
                "clientId": "id",
                "secretRef": {"name": "secrets", "key": "secret"},
            }},
            "unifiedPhoneExperience": if self.enable { "Enable" } else { "Require" },
        });
        match mode {
            Mode::Manage => {}
            Mode::Observe => spec["managementPolicy"] = json!("Observe"),
            Mode::Suspend => spec["suspend"] = json!(true),
            Mode::DriftWarn => spec["drift"] = json!({"mode": "Warn"}),
            Mode::DriftIgnore => spec["drift"] = json!({"mode": "Ignore"}),
        }
        spec
    }

    /// Blanks in a store's JSON form whatever these objects may write, so that all the rest can
    /// be compared. `new` are names of connections that were not there before.
    pub(crate) fn blank_owned(&self, store: &mut Value, new: &BTreeSet<String>, deleting: bool) {
        let dependents = self.factor.is_some() || self.connections.iter().any(Option::is_some);
        if self.enable && dependents {
            store["settings"]["values"]["phone_consolidated_experience"] = json!("owned");
        }
        if self.provider.is_some() {
            store["providers"] = json!("owned");
            // One of its own, or one that it bound.
            store["actions"]["all"] = json!("owned");
            store["actions"]["bindings"] = json!("owned");
        }
        if let Some(factor) = &self.factor {
            factor.blank_owned(&mut store["guardian"]);
        }
        let stored = store["templates"]["stored"].as_array_mut().unwrap();
        stored.retain_mut(|item| {
            let type_ = item["type"].as_str().unwrap().to_owned();
            let place = TEMPLATES.iter().position(|(wire, _)| *wire == type_);
            let Some(wanted) = place.and_then(|place| self.templates[place].as_ref()) else {
                return true;
            };
            wanted.blank_owned(item);
            !(new.contains(&type_) || deleting && self.delete)
        });
        let all = store["connections"]["all"].as_array_mut().unwrap();
        let named = |name: &str| {
            let place = CONNECTIONS.iter().position(|item| *item == name)?;
            self.connections[place].as_ref()
        };
        all.retain_mut(|item| {
            let name = item["document"]["name"].as_str().unwrap().to_owned();
            if let Some(identifier) = self.identifier.as_ref().filter(|_| name == DATABASE) {
                identifier.blank_owned(item);
            }
            let Some(wanted) = named(&name) else {
                return true;
            };
            wanted.blank_owned(item);
            !(new.contains(&name) || deleting && self.delete)
        });
    }
}

impl Provider {
    fn spec(&self) -> Value {
        let mut spec = json!({
            "enabled": self.enabled,
            "deliveryMethods": self.methods,
            "onBreakingChange": if self.block { "Block" } else { "Warn" },
            "adopt": self.adopt,
        });
        match &self.custom {
            Some(custom) => spec["custom"] = custom.spec(),
            None => spec["twilio"] = self.twilio(),
        }
        spec
    }

    fn twilio(&self) -> Value {
        let mut twilio = json!({
            "accountSid": "AC00000000000000000000000000000000",
            "authTokenSecretRef": {"name": "secrets", "key": "token"},
        });
        if self.service {
            twilio["messagingServiceSid"] = json!("MG00000000000000000000000000000000");
        } else {
            twilio["from"] = json!("+15550100");
        }
        twilio
    }
}

impl Factor {
    fn spec(&self) -> Value {
        let mut spec = json!({"enabled": self.enabled});
        if let Some(types) = &self.types {
            spec["messageTypes"] = json!(types);
        }
        if let Some(policies) = &self.policies {
            spec["policies"] = json!(policies);
        }
        spec
    }

    fn blank_owned(&self, guardian: &mut Value) {
        let enabled = guardian["enabled"].as_array_mut().unwrap();
        enabled.retain(|name| name != "sms");
        if self.types.is_some() {
            guardian["message_types"] = json!("owned");
        }
        if self.policies.is_some() {
            guardian["policies"] = json!("owned");
        }
    }
}

impl Connection {
    fn spec(&self, name: &str) -> Value {
        let mut spec = json!({"name": name, "adopt": self.adopt, "otp": {}});
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                spec[key] = value;
            }
        };
        let signup = |allowed| json!(if allowed { "Allowed" } else { "Disabled" });
        set("signup", self.signup.map(signup));
        set("bruteForceProtection", self.protection.map(Value::from));
        set("displayName", self.display_name.map(Value::from));
        set(
            "applications",
            self.applications.as_ref().map(Applications::spec),
        );
        if let Some(length) = self.length {
            spec["otp"]["length"] = json!(length);
        }
        if let Some(expiry) = self.expiry {
            spec["otp"]["expiry"] = json!(format!("{expiry}s"));
        }
        spec
    }

    fn blank_owned(&self, connection: &mut Value) {
        let document = &mut connection["document"];
        if self.display_name.is_some() {
            document["display_name"] = json!("owned");
        }
        let owned: [(&[&str], bool); 4] = [
            (&["totp", "length"], self.length.is_some()),
            (&["totp", "time_step"], self.expiry.is_some()),
            (&["disable_signup"], self.signup.is_some()),
            (&["brute_force_protection"], self.protection.is_some()),
        ];
        for (path, _) in owned.iter().filter(|(_, owned)| *owned) {
            let place = path
                .iter()
                .fold(&mut document["options"], |value, key| &mut value[*key]);
            *place = json!("owned");
        }
        if let Some(applications) = &self.applications {
            let clients = connection["clients"].as_array_mut().unwrap();
            clients.retain(|client| {
                let listed = applications.refs.iter().any(|at| client == client_id(*at));
                !applications.exclusive && !listed
            });
        }
    }
}

impl Applications {
    fn spec(&self) -> Value {
        let refs: Vec<Value> = self
            .refs
            .iter()
            .map(|index| {
                if self.by_name {
                    json!({"name": APPLICATIONS[*index]})
                } else {
                    json!({"clientId": client_id(*index)})
                }
            })
            .collect();
        json!({"mode": if self.exclusive { "Exclusive" } else { "Additive" }, "refs": refs})
    }
}
