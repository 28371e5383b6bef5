//! What the control API and the outbox page show of a tenant's phone messages.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::auth0::exchange::{Payload, Request};
use crate::phone::number::masked;
use crate::sim::flow::{Flow, flows, try_flow};
use crate::sim::outbox::Message;
use crate::sim::store::Store;
use crate::template::segment::count;

/// A message of the outbox, with its recipient masked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownMessage {
    to: String,
    #[serde(rename = "type")]
    message_type: String,
    delivery_method: String,
    text: String,
    time: Timestamp,
    /// How a carrier sends it; a call has no such thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<usize>,
}

/// A flow and whether it works.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Trial {
    #[serde(flatten)]
    flow: Flow,
    works: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// How phone messages are set up.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Phone {
    domain: String,
    provider: Option<Provider>,
    factor: bool,
    message_types: Value,
    flows: Vec<Trial>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: Value,
    enabled: bool,
    delivery_methods: Value,
}

pub(super) fn messages(store: &Store) -> Vec<ShownMessage> {
    let shown = |message: &Message| {
        let counted = (message.delivery_method == "text").then(|| count(&message.body));
        ShownMessage {
            to: masked(&message.to),
            message_type: message.message_type.clone(),
            delivery_method: message.delivery_method.clone(),
            text: message.body.clone(),
            time: message.accepted_at,
            encoding: counted.as_ref().map(|it| it.encoding.as_str()),
            segments: counted.map(|it| it.segments),
        }
    };
    store.outbox().iter().map(shown).collect()
}

/// Every flow that the tenant offers; nothing is sent.
pub(super) fn trials(store: &Store, now: Timestamp) -> Vec<Trial> {
    flows(store)
        .into_iter()
        .map(|flow| trial(&mut store.clone(), flow, now))
        .collect()
}

/// Tries one flow. If it works a message is sent.
pub(super) fn trial(store: &mut Store, flow: Flow, now: Timestamp) -> Trial {
    let problem = try_flow(store, &flow, now).err();
    Trial {
        flow,
        works: problem.is_none(),
        problem: problem.map(|problem| problem.to_string()),
    }
}

/// Reads the set-up as an administrator would, from a copy of the tenant.
pub(super) fn phone(mut store: Store, now: Timestamp) -> Phone {
    let flows = trials(&store, now);
    let domain = store.domain().to_owned();
    let mut read = |path: &str| match store.handle(&Request::get(path), now).body {
        Payload::Json(body) => body,
        Payload::Empty | Payload::Text(_) => Value::Null,
    };
    let mut providers = read("/api/v2/branding/phone/providers");
    let provider = providers["providers"].get_mut(0).map(|item| Provider {
        name: item["name"].take(),
        enabled: item["disabled"] != true,
        delivery_methods: item["configuration"]["delivery_methods"].take(),
    });
    let factors = read("/api/v2/guardian/factors");
    let sms = factors
        .as_array()
        .and_then(|factors| factors.iter().find(|factor| factor["name"] == "sms"));
    Phone {
        domain,
        provider,
        factor: sms.is_some_and(|factor| factor["enabled"] == true),
        message_types: read("/api/v2/guardian/factors/phone/message-types")["message_types"].take(),
        flows,
    }
}
