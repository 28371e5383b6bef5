//! The simulated tenant's engine: what it answers, refuses, pages and keeps.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod description;
mod flows;
mod kept;
mod pages;
mod peers;
#[path = "../support/published.rs"]
mod published;
mod refusals;
mod strictness;

use dialtone::auth0::exchange::{Method, Payload, Request};
use dialtone::sim::store::Store;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A tenant that two seconds pass in between any two requests, so that builds are done.
#[derive(Clone)]
struct Tenant {
    store: Store,
    now: Timestamp,
}

impl Tenant {
    fn new() -> Self {
        Self {
            store: Store::new("acme.eu.auth0.com"),
            now: Timestamp::from_second(1_790_000_000).unwrap(),
        }
    }

    /// A new tenant with a provider of these delivery methods.
    fn with_provider(methods: &[&str]) -> (Self, String) {
        let mut tenant = Self::new();
        let (_, made) = tenant.post("/branding/phone/providers", twilio(methods));
        let id = text(&made, "id");
        (tenant, id)
    }

    /// Status and body of the answer; null where there is no body. `path` may have a query.
    fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::new(method, format!("/api/v2{bare}"));
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            request = request.query(&name, value);
        }
        request.body = body;
        self.now = self.now.checked_add(SignedDuration::from_secs(2)).unwrap();
        let answer = self.store.handle(&request, self.now);
        match answer.body {
            Payload::Empty => (answer.status, Value::Null),
            Payload::Json(body) => (answer.status, body),
            Payload::Text(text) => (answer.status, json!(text)),
        }
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        self.send(Method::Get, path, None)
    }

    fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::Post, path, Some(body))
    }

    fn put(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::Put, path, Some(body))
    }

    fn patch(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::Patch, path, Some(body))
    }

    fn delete(&mut self, path: &str) -> (u16, Value) {
        self.send(Method::Delete, path, None)
    }
}

fn twilio(methods: &[&str]) -> Value {
    json!({
        "name": "twilio",
        "disabled": false,
        "configuration": {
            "sid": "AC00000000000000000000000000000000",
            "default_from": "+15555550100",
            "delivery_methods": methods,
        },
        "credentials": {"auth_token": "t"},
    })
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

/// A passwordless connection of this name.
fn sms(name: &str) -> Value {
    json!({
        "name": name,
        "strategy": "sms",
        "options": {"name": name, "totp": {"length": 6, "time_step": 180}},
    })
}

/// The id of a new Action of the custom phone provider that is deployed.
fn deployed_action(tenant: &mut Tenant) -> String {
    let body = json!({
        "name": "phone",
        "supported_triggers": [{"id": "custom-phone-provider", "version": "v1"}],
        "code": "exports.onExecuteCustomPhoneProvider = async () => {};",
        "secrets": [{"name": "TOKEN", "value": "s3cret"}],
    });
    let (_, made) = tenant.post("/actions/actions", body);
    let id = text(&made, "id");
    tenant.get(&format!("/actions/actions/{id}"));
    let (status, _) = tenant.send(Method::Post, &format!("/actions/actions/{id}/deploy"), None);
    assert_eq!(status, 200);
    id
}
