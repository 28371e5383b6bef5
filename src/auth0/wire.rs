//! The wire format: one function per endpoint, from a change to its request and from an answer to
//! what was observed. Answers are read leniently: unknown keys are kept where they are written
//! back, and ignored elsewhere (§0).

mod action;
pub(super) mod legacy;
mod template;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::exchange::{Method, Payload, Request, Response};
use crate::phone::action::{Applied, Change, ConnectionPatch, Credential, ProviderPatch};
use crate::phone::delivery::MessageType;
use crate::phone::observed::{Application, Connection, Observed, Provider, ProviderName, Strategy};
use crate::phone::predict::predict;
pub(super) use action::{ACTIONS, BINDINGS, TRIGGER, action, actions, bound};
pub(super) use template::{TEMPLATES, templates};

pub(super) const PROVIDERS: &str = "/api/v2/branding/phone/providers";
pub(super) const SETTINGS: &str = "/api/v2/tenants/settings";
pub(super) const FACTORS: &str = "/api/v2/guardian/factors";
pub(super) const PHONE_FACTOR: &str = "/api/v2/guardian/factors/sms";
pub(super) const MESSAGE_TYPES: &str = "/api/v2/guardian/factors/phone/message-types";
pub(super) const POLICIES: &str = "/api/v2/guardian/policies";
pub(super) const CONNECTIONS: &str = "/api/v2/connections";
pub(super) const CLIENTS: &str = "/api/v2/clients";

/// The request that carries out a change. `None` where the change is about something that does not
/// exist (any more).
pub(super) fn request(change: &Change, observed: &Observed) -> Option<Request> {
    Some(match change {
        Change::CreateAction(_)
        | Change::UpdateAction { .. }
        | Change::DeployAction { .. }
        | Change::BindAction { .. }
        | Change::DeleteAction { .. } => return action::request(change, observed),
        Change::CreateProvider {
            name,
            disabled,
            configuration,
            auth_token,
        } => {
            Request::new(Method::Post, PROVIDERS).json(json!({
                "name": name.as_wire(),
                "disabled": disabled,
                "configuration": configuration,
                // Quirk: `credentials` is required for `custom` as well, as an empty object (§2.1).
                "credentials": credentials(auth_token.as_ref()),
            }))
        }
        Change::UpdateProvider { id, patch } => {
            Request::new(Method::Patch, item(PROVIDERS, id)).json(provider_patch(patch))
        }
        Change::DeleteProvider { id } => Request::new(Method::Delete, item(PROVIDERS, id)),
        Change::EnableUnified => Request::new(Method::Patch, SETTINGS)
            .json(json!({"phone_consolidated_experience": true})),
        Change::CreateTemplate {
            type_,
            disabled,
            content,
        } => template::create(*type_, *disabled, content),
        Change::UpdateTemplate {
            id,
            disabled,
            content,
            ..
        } => template::update(id, *disabled, content.as_ref()),
        Change::DeleteTemplate { id, .. } => Request::new(Method::Delete, item(TEMPLATES, id)),
        Change::SetFactor { enabled } => {
            Request::new(Method::Put, PHONE_FACTOR).json(json!({"enabled": enabled}))
        }
        Change::SetMessageTypes(types) => Request::new(Method::Put, MESSAGE_TYPES)
            .json(json!({"message_types": types_to_wire(types)})),
        Change::SetPolicies(policies) => Request::new(Method::Put, POLICIES).json(json!(policies)),
        Change::CreateConnection {
            name,
            display_name,
            options,
        } => {
            let mut body = json!({"name": name, "strategy": "sms", "options": options});
            if let Some(display_name) = display_name {
                body["display_name"] = json!(display_name);
            }
            Request::new(Method::Post, CONNECTIONS).json(body)
        }
        Change::UpdateConnection { id, patch, .. } => {
            Request::new(Method::Patch, item(CONNECTIONS, id)).json(connection_patch(patch))
        }
        Change::DeleteConnection { id, .. } => Request::new(Method::Delete, item(CONNECTIONS, id)),
        Change::SendTestMessage {
            to,
            method,
            template,
            ..
        } => {
            let place = match template {
                Some(type_) => item(TEMPLATES, observed.template(*type_)?.id.as_deref()?),
                None => item(PROVIDERS, &observed.provider()?.id),
            };
            // The default of `delivery_method` is not known, so it is always sent (§2.4).
            Request::new(Method::Post, format!("{place}/try"))
                .json(json!({"to": to.expose(), "delivery_method": method.as_wire()}))
        }
        Change::SetConnectionClients {
            connection,
            enable,
            disable,
        } => {
            let id = &observed.connection(Strategy::Sms, connection)?.id;
            let switch = |ids: &BTreeSet<String>, status: bool| -> Vec<Value> {
                ids.iter()
                    .map(|id| json!({"client_id": id, "status": status}))
                    .collect()
            };
            let body = [switch(enable, true), switch(disable, false)].concat();
            Request::new(Method::Patch, clients_of(id)).json(Value::from(body))
        }
    })
}

/// What the answer to a change leaves behind: the answer where it shows the object, the change
/// itself where the answer is empty.
pub(super) fn applied(change: &Change, response: &Response, observed: &Observed) -> Applied {
    let told = predict(observed, change);
    let Payload::Json(body) = &response.body else {
        return told;
    };
    let shown = match &told {
        Applied::Provider(Some(_)) => provider(body).map(|item| Applied::Provider(Some(item))),
        Applied::Action(_) => action(body).map(|mut item| {
            // A new one is bound to nothing; of another it is not part of the answer.
            item.bound = Some(false);
            Applied::Action(item)
        }),
        Applied::Unified(_) => body
            .get("phone_consolidated_experience")
            .and_then(Value::as_bool)
            .map(Applied::Unified),
        Applied::Template(_) => template::template(body).map(Applied::Template),
        Applied::Factor(_) => body
            .get("enabled")
            .and_then(Value::as_bool)
            .map(Applied::Factor),
        Applied::MessageTypes(_) => message_types(body).map(Applied::MessageTypes),
        Applied::Policies(_) => policies(body).map(Applied::Policies),
        Applied::Connection(_) => connection(body).map(Applied::Connection),
        Applied::Provider(None)
        | Applied::ActionBound(_)
        | Applied::ActionDeleted(_)
        | Applied::TemplateDeleted(..)
        | Applied::ConnectionDeleted(_)
        | Applied::Queued
        | Applied::ConnectionClients { .. } => None,
    };
    shown.unwrap_or(told)
}

/// The path of one object of a collection.
pub(super) fn item(collection: &str, id: &str) -> String {
    format!("{collection}/{}", encoded(id))
}

/// The path of a connection's enabled clients (§6.5).
pub(super) fn clients_of(connection_id: &str) -> String {
    format!("{}/clients", item(CONNECTIONS, connection_id))
}

/// A path segment in which nothing can be taken for another segment.
fn encoded(segment: &str) -> String {
    url::form_urlencoded::byte_serialize(segment.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

fn credentials(auth_token: Option<&Credential>) -> Value {
    match auth_token {
        Some(token) => json!({"auth_token": token.secret.expose()}),
        None => json!({}),
    }
}

fn provider_patch(patch: &ProviderPatch) -> Value {
    let mut body = Map::new();
    if let Some(name) = &patch.name {
        body.insert("name".to_owned(), json!(name.as_wire()));
    }
    if let Some(disabled) = patch.disabled {
        body.insert("disabled".to_owned(), json!(disabled));
    }
    if let Some(configuration) = &patch.configuration {
        body.insert(
            "configuration".to_owned(),
            Value::Object(configuration.clone()),
        );
    }
    if patch.name == Some(ProviderName::Custom) {
        // An Action has no use for the token of the provider before it.
        body.insert("credentials".to_owned(), json!({}));
    }
    if let Some(token) = &patch.auth_token {
        body.insert("credentials".to_owned(), credentials(Some(token)));
    }
    Value::Object(body)
}

fn connection_patch(patch: &ConnectionPatch) -> Value {
    let mut body = Map::new();
    if let Some(display_name) = &patch.display_name {
        body.insert("display_name".to_owned(), json!(display_name));
    }
    if let Some(options) = &patch.options {
        body.insert("options".to_owned(), Value::Object(options.clone()));
    }
    Value::Object(body)
}

fn types_to_wire(types: &BTreeSet<MessageType>) -> Vec<&'static str> {
    types.iter().map(|kind| kind.as_wire()).collect()
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// `{"providers": [...]}` (§2.2). There is at most one; were there more, the first is in use.
#[expect(
    clippy::option_option,
    reason = "not the right form, or no provider, or one"
)]
pub(super) fn providers(body: &Value) -> Option<Option<Provider>> {
    match body.get("providers")?.as_array()?.first() {
        None => Some(None),
        // One that cannot be read is not none: another one would be created beside it.
        Some(first) => Some(Some(provider(first)?)),
    }
}

fn provider(value: &Value) -> Option<Provider> {
    Some(Provider {
        id: text(value, "id")?,
        name: ProviderName::from_wire(value.get("name")?.as_str()?),
        disabled: value
            .get("disabled")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        configuration: value
            .get("configuration")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default(),
    })
}

/// `phone_consolidated_experience`; an absent key means on, as Auth0's own tools read it (§5.1).
pub(super) fn unified(body: &Value) -> Option<bool> {
    let settings = body.as_object()?;
    Some(
        settings
            .get("phone_consolidated_experience")
            .and_then(Value::as_bool)
            .unwrap_or(true),
    )
}

/// The factor `sms` of `GET /guardian/factors` (§5.2).
pub(super) fn phone_factor(body: &Value) -> Option<bool> {
    let factors = body.as_array()?;
    let phone = factors
        .iter()
        .find(|factor| factor.get("name").is_some_and(|name| name == "sms"));
    Some(
        phone
            .and_then(|factor| factor.get("enabled")?.as_bool())
            .unwrap_or(false),
    )
}

/// `{"message_types": [...]}`; types that this version does not know are left out.
pub(super) fn message_types(body: &Value) -> Option<BTreeSet<MessageType>> {
    let types = body.get("message_types")?.as_array()?;
    Some(
        types
            .iter()
            .filter_map(|kind| MessageType::from_wire(kind.as_str()?))
            .collect(),
    )
}

/// A bare array of policies.
pub(super) fn policies(body: &Value) -> Option<Vec<String>> {
    let policies = body.as_array()?;
    Some(
        policies
            .iter()
            .filter_map(|policy| policy.as_str().map(str::to_owned))
            .collect(),
    )
}

/// One page of connections: in an envelope, or a bare array (§0.3). Strategies that were not asked
/// for are left out; a connection that cannot be read makes the whole page unreadable, since it
/// would be created once more if it passed for missing.
pub(super) fn connections(body: &Value) -> Option<Vec<Connection>> {
    let items = body.get("connections").unwrap_or(body).as_array()?;
    let known = |item: &&Value| {
        let strategy = item.get("strategy").and_then(Value::as_str);
        strategy.is_none_or(|name| strategy_of(name).is_some())
    };
    items.iter().filter(known).map(connection).collect()
}

fn strategy_of(name: &str) -> Option<Strategy> {
    [Strategy::Sms, Strategy::Auth0]
        .into_iter()
        .find(|strategy| strategy.as_wire() == name)
}

fn connection(value: &Value) -> Option<Connection> {
    let strategy = strategy_of(value.get("strategy")?.as_str()?)?;
    Some(Connection {
        id: text(value, "id")?,
        name: text(value, "name")?,
        strategy,
        display_name: text(value, "display_name"),
        options: value.get("options").and_then(Value::as_object).cloned(),
    })
}

/// One page of `GET /connections/{id}/clients` (§6.5).
pub(super) fn connection_clients(body: &Value) -> Option<BTreeSet<String>> {
    let clients = body.get("clients")?.as_array()?;
    clients
        .iter()
        .map(|client| text(client, "client_id"))
        .collect()
}

/// One page of `GET /clients` (§8).
pub(super) fn applications(body: &Value) -> Option<Vec<Application>> {
    let clients = body.get("clients").unwrap_or(body).as_array()?;
    let application = |client: &Value| {
        Some(Application {
            client_id: text(client, "client_id")?,
            name: text(client, "name").unwrap_or_default(),
        })
    };
    clients.iter().map(application).collect()
}

/// The place of the next page, where there is one.
pub(super) fn next(body: &Value) -> Option<String> {
    text(body, "next")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_does_not_pass_for_missing() {
        assert_eq!(providers(&json!({"providers": []})), Some(None));
        assert_eq!(providers(&json!({"providers": [{"name": "twilio"}]})), None);
        let page = |item: Value| connections(&json!({"connections": [item]}));
        assert_eq!(page(json!({"strategy": "sms", "name": "sms"})), None);
        assert_eq!(page(json!({"id": "con_1", "name": "sms"})), None);
        assert_eq!(page(json!({"strategy": "email"})), Some(Vec::new()));
        assert_eq!(connection_clients(&json!({"clients": [{}]})), None);
        assert_eq!(applications(&json!([{"name": "web"}])), None);
    }
}
