//! The tenant's phone provider (§2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, bare_error, millis, ok};
use super::page::flag;
use super::store::Store;
use super::validate::{Shape, TEXT, body, may, must, object, required};
use crate::auth0::exchange::{Method, Request, Response};

/// The provider, if there is one. Credentials are checked and forgotten: nothing ever shows them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Providers {
    provider: Option<Map<String, Value>>,
}

const METHOD: Shape = Shape::OneOf(&["text", "voice"]);
const NAME: Shape = Shape::OneOf(&["twilio", "custom"]);
const CREDENTIALS: Shape = Shape::Object(&[may("auth_token", &Shape::Text(1, 255))]);
/// Neither the account nor the sender is looked at (§2.1).
const CONFIGURATION: Shape = Shape::Object(&[
    may("sid", &TEXT),
    may("default_from", &TEXT),
    may("mssid", &TEXT),
    must("delivery_methods", &Shape::Set(&METHOD, 1)),
]);
const CREATE: Shape = Shape::Object(&[
    must("name", &NAME),
    may("disabled", &Shape::Boolean),
    may("configuration", &CONFIGURATION),
    must("credentials", &CREDENTIALS),
]);
const CHANGE: Shape = Shape::Filled(&[
    may("name", &NAME),
    may("disabled", &Shape::Boolean),
    may("configuration", &CONFIGURATION),
    may("credentials", &CREDENTIALS),
]);
const TRY: Shape = Shape::Object(&[
    must("to", &Shape::Text(1, 16)),
    may("delivery_method", &METHOD),
]);

impl Providers {
    /// The delivery methods of a provider that is switched on.
    pub(super) fn delivers(&self) -> Vec<&str> {
        let provider = self
            .provider
            .as_ref()
            .filter(|item| item["disabled"] != true);
        let methods =
            provider.and_then(|item| item["configuration"]["delivery_methods"].as_array());
        methods
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Whether a provider is there and switched on.
    pub(super) fn is_on(&self) -> bool {
        self.provider
            .as_ref()
            .is_some_and(|item| item["disabled"] != true)
    }

    /// Whether messages go to an Action.
    pub(super) fn is_custom(&self) -> bool {
        self.provider
            .as_ref()
            .is_some_and(|item| item["name"] == "custom")
    }

    fn find(&mut self, id: &str) -> Result<&mut Map<String, Value>, Response> {
        self.provider
            .as_mut()
            .filter(|item| item["id"] == id)
            .ok_or_else(not_found)
    }
}

fn not_found() -> Response {
    bare_error(404, "Notification Resource not found")
}

impl Store {
    pub(super) fn providers(&mut self, request: &Request, path: &[&str], now: Timestamp) -> Answer {
        match (request.method, path) {
            (Method::Get, []) => {
                let disabled = flag(request, "disabled")?;
                let listed = self
                    .providers
                    .provider
                    .iter()
                    .filter(|item| disabled.is_none_or(|wanted| item["disabled"] == wanted));
                let listed: Vec<Value> = listed
                    .map(|item| {
                        // Lists show a null where single answers have no key (§2.2).
                        let mut item = item.clone();
                        item.insert("credentials".to_owned(), Value::Null);
                        Value::Object(item)
                    })
                    .collect();
                ok(json!({"providers": listed}))
            }
            (Method::Post, []) => self.create_provider(request, now),
            (Method::Get, [id]) => ok(Value::Object(self.providers.find(id)?.clone())),
            (Method::Patch, [id]) => self.change_provider(request, id, now),
            (Method::Delete, [id]) => {
                self.providers.find(id)?;
                self.providers.provider = None;
                Ok(Response::empty(204))
            }
            (Method::Post, [id, "try"]) => {
                self.providers.find(id)?;
                self.send_test(request, &TRY, "test", now)
            }
            _ => Err(super::answer::no_such_path()),
        }
    }

    fn create_provider(&mut self, request: &Request, now: Timestamp) -> Answer {
        let body = body(request, &CREATE)?;
        let name = body["name"].as_str().unwrap_or_default();
        let configuration = body.get("configuration").cloned();
        let configuration = configuration.unwrap_or_else(|| json!({}));
        token(name, body.get("credentials"))?;
        sender(name, &configuration)?;
        if self.providers.provider.is_some() {
            return Err(bare_error(
                409,
                "Phone provider already configured for tenant",
            ));
        }
        let provider = json!({
            "id": self.ids.prefixed("pro", 22),
            "tenant": self.tenant(),
            "name": name,
            "channel": "phone",
            "disabled": body["disabled"] == true,
            "configuration": configuration,
            "created_at": millis(now),
            "updated_at": millis(now),
        });
        self.providers.provider = provider.as_object().cloned();
        Ok(Response::json(201, provider))
    }

    fn change_provider(&mut self, request: &Request, id: &str, now: Timestamp) -> Answer {
        let provider = self.providers.find(id)?;
        let body = object(request, &CHANGE)?;
        let name = body.get("name").unwrap_or(&provider["name"]);
        let name = name.as_str().unwrap_or_default();
        token(name, body.get("credentials"))?;
        let configuration = body.get("configuration");
        sender(name, configuration.unwrap_or(&provider["configuration"]))?;
        for (key, value) in body.iter().filter(|(key, _)| *key != "credentials") {
            provider.insert(key.clone(), value.clone());
        }
        provider.insert("updated_at".to_owned(), millis(now));
        ok(Value::Object(provider.clone()))
    }

    /// `try` of providers and templates: accepted for sending, whatever becomes of it (§2.4).
    pub(super) fn send_test(
        &mut self,
        request: &Request,
        shape: &Shape,
        kind: &str,
        now: Timestamp,
    ) -> Answer {
        let body = body(request, shape)?;
        let to = body["to"].as_str().unwrap_or_default();
        let method = body["delivery_method"].as_str().unwrap_or("text");
        self.deliver(to, method, kind, now);
        let message = "Test notification successfully sent for processing";
        Ok(Response::json(
            202,
            json!({"code": 202, "message": message}),
        ))
    }
}

/// The credentials of Twilio are its token; those of a custom provider are empty.
fn token(name: &str, credentials: Option<&Value>) -> Result<(), Response> {
    match credentials.and_then(Value::as_object) {
        Some(credentials) if name == "twilio" => required(credentials, "auth_token").map(|_| ()),
        _ => Ok(()),
    }
}

/// Twilio needs an account and something to send from; the refusal has no `errorCode` (§2.1).
fn sender(name: &str, configuration: &Value) -> Result<(), Response> {
    let has = |key| configuration.get(key).is_some();
    if name == "twilio" && !(has("sid") && (has("default_from") || has("mssid"))) {
        return Err(bare_error(400, "Bad Operation on Notification Resource"));
    }
    Ok(())
}
