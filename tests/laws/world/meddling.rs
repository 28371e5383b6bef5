//! What another administrator does to a tenant while Dialtone keeps it.

use dialtone::auth0::exchange::Method;
use dialtone::sim::fault::Fault;
use dialtone::sim::tenant::SimulatedTenant;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{applications, client_id, some_of};
use crate::rig::admin;

/// One change by somebody else.
#[derive(Clone, Debug)]
pub(crate) enum Meddling {
    Factor(bool),
    Types(Vec<&'static str>),
    Policies(Vec<&'static str>),
    Unified(bool),
    ProviderOff(bool),
    ProviderMethods(Vec<&'static str>),
    ProviderGone,
    ActionCode,
    ActionUnbound,
    ActionGone,
    CodeLength(usize, u8),
    DisplayName(usize),
    Clients(usize, Vec<usize>, bool),
    ConnectionGone(usize),
    NewConnection,
    Words(&'static str),
    WordsOff(bool),
    WordsGone,
    Identifier(bool),
    DatabaseGone,
}

/// Any change; connections are named by their place in the tenant.
pub(crate) fn meddling() -> impl Strategy<Value = Meddling> {
    prop_oneof![
        any::<bool>().prop_map(Meddling::Factor),
        some_of(&["sms", "voice"], 0).prop_map(Meddling::Types),
        some_of(&["all-applications"], 0).prop_map(Meddling::Policies),
        any::<bool>().prop_map(Meddling::Unified),
        any::<bool>().prop_map(Meddling::ProviderOff),
        some_of(&["text", "voice"], 1).prop_map(Meddling::ProviderMethods),
        Just(Meddling::ProviderGone),
        Just(Meddling::ActionCode),
        Just(Meddling::ActionUnbound),
        Just(Meddling::ActionGone),
        (0_usize..2, 4_u8..8).prop_map(|(at, length)| Meddling::CodeLength(at, length)),
        (0_usize..2).prop_map(Meddling::DisplayName),
        (0_usize..2, applications(), any::<bool>())
            .prop_map(|(at, clients, on)| Meddling::Clients(at, clients, on)),
        (0_usize..2).prop_map(Meddling::ConnectionGone),
        Just(Meddling::NewConnection),
        prop_oneof![Just("Hacked {{ code }}"), Just("Code {{ code }}")].prop_map(Meddling::Words),
        any::<bool>().prop_map(Meddling::WordsOff),
        Just(Meddling::WordsGone),
        any::<bool>().prop_map(Meddling::Identifier),
        Just(Meddling::DatabaseGone),
    ]
}

/// The path of the database connection, and its options.
fn database(store: &Value) -> Option<(String, Value)> {
    let mut all = store["connections"]["all"].as_array()?.iter();
    let found = all.find(|item| item["document"]["strategy"] == "auth0")?;
    let id = found["document"]["id"].as_str()?;
    Some((
        format!("connections/{id}"),
        found["document"]["options"].clone(),
    ))
}

impl Meddling {
    /// The request, where the tenant has what it is about.
    fn request(&self, store: &Value) -> Option<(Method, String, Value)> {
        let provider = || {
            let id = store["providers"]["provider"]["id"].as_str()?;
            Some(format!("branding/phone/providers/{id}"))
        };
        let action = || {
            let id = store["actions"]["all"][0]["id"].as_str()?;
            Some(format!("actions/actions/{id}"))
        };
        let connection = |at: usize| {
            let all = store["connections"]["all"].as_array()?;
            let mut sms = all
                .iter()
                .filter(|item| item["document"]["strategy"] == "sms");
            let found = &sms.nth(at)?["document"];
            Some((
                format!("connections/{}", found["id"].as_str()?),
                found.clone(),
            ))
        };
        let template = || {
            let id = store["templates"]["stored"][0]["id"].as_str()?;
            Some(format!("branding/phone/templates/{id}"))
        };
        let database = || database(store);
        Some(match self {
            Self::Identifier(active) => {
                let (path, mut options) = database()?;
                options["attributes"].get("phone_number")?;
                options["attributes"]["phone_number"]["identifier"] = json!({"active": active});
                (Method::Patch, path, json!({"options": options}))
            }
            Self::DatabaseGone => (Method::Delete, database()?.0, Value::Null),
            Self::Words(text) => {
                let body = json!({"content": {"body": {"text": text}}});
                (Method::Patch, template()?, body)
            }
            Self::WordsOff(off) => (Method::Patch, template()?, json!({"disabled": off})),
            Self::WordsGone => (Method::Delete, template()?, Value::Null),
            Self::Factor(on) => (
                Method::Put,
                "guardian/factors/sms".to_owned(),
                json!({"enabled": on}),
            ),
            Self::Types(types) => {
                let path = "guardian/factors/phone/message-types".to_owned();
                (Method::Put, path, json!({"message_types": types}))
            }
            Self::Policies(policies) => {
                (Method::Put, "guardian/policies".to_owned(), json!(policies))
            }
            Self::Unified(on) => {
                let body = json!({"phone_consolidated_experience": on});
                (Method::Patch, "tenants/settings".to_owned(), body)
            }
            Self::ProviderOff(off) => (Method::Patch, provider()?, json!({"disabled": off})),
            Self::ProviderMethods(methods) => {
                let mut configuration = store["providers"]["provider"]["configuration"].clone();
                configuration["delivery_methods"] = json!(methods);
                let body = json!({"configuration": configuration});
                (Method::Patch, provider()?, body)
            }
            Self::ProviderGone => (Method::Delete, provider()?, Value::Null),
            Self::ActionCode => {
                let code = json!({"code": "// by another hand"});
                (Method::Patch, action()?, code)
            }
            Self::ActionUnbound => {
                let path = "actions/triggers/custom-phone-provider/bindings".to_owned();
                (Method::Patch, path, json!({"bindings": []}))
            }
            Self::ActionGone => (Method::Delete, action()?, Value::Null),
            Self::CodeLength(at, length) => {
                let (path, mut document) = connection(*at)?;
                document["options"]["totp"] = json!({"length": length, "time_step": 240});
                (Method::Patch, path, json!({"options": document["options"]}))
            }
            Self::DisplayName(at) => {
                let (path, _) = connection(*at)?;
                (Method::Patch, path, json!({"display_name": "Mobile"}))
            }
            Self::Clients(at, clients, on) => {
                let (path, _) = connection(*at)?;
                let switch = |at: &usize| json!({"client_id": client_id(*at), "status": on});
                let body: Vec<Value> = clients.iter().map(switch).collect();
                (Method::Patch, format!("{path}/clients"), Value::from(body))
            }
            Self::ConnectionGone(at) => (Method::Delete, connection(*at)?.0, Value::Null),
            Self::NewConnection => {
                let body =
                    json!({"name": "sms-new", "strategy": "sms", "options": {"name": "sms-new"}});
                (Method::Post, "connections".to_owned(), body)
            }
        })
    }

    /// Does it now, if Auth0 lets it be done.
    pub(crate) fn meddle(&self, tenant: &SimulatedTenant) {
        let store = serde_json::to_value(tenant.store()).unwrap();
        if let Some((method, path, body)) = self.request(&store) {
            admin(tenant, method, &path, body);
        }
    }

    /// Does it just before some call, to what the tenant has now.
    pub(crate) fn fault(&self, tenant: &SimulatedTenant) -> Option<Fault> {
        let store = serde_json::to_value(tenant.store()).unwrap();
        let (method, path, body) = self.request(&store)?;
        let mut request = json!({"method": method.as_str(), "path": format!("/api/v2/{path}")});
        if !body.is_null() {
            request["body"] = body;
        }
        let request = serde_json::from_value(request).unwrap();
        Some(Fault::Drift { request })
    }
}
