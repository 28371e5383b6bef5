//! Stub.
#![allow(missing_docs)]
use crate::auth0::exchange::{Method, Request, Response};
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Store {
    domain: String,
    settings: serde_json::Map<String, serde_json::Value>,
    outbox: Vec<Message>,
    clients: Vec<String>,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    pub to: String,
}
impl Store {
    pub fn new(domain: &str) -> Self {
        Self {
            domain: domain.into(),
            settings: serde_json::Map::new(),
            outbox: vec![],
            clients: vec![],
        }
    }
    pub fn handle(&mut self, request: &Request, _now: jiff::Timestamp) -> Response {
        if request.path == "/api/v2/connections" {
            return Response::json(200, serde_json::json!([{"id":"con_1","options":{}}]));
        }
        if request.path != "/api/v2/tenants/settings" {
            return Response::json(
                404,
                serde_json::json!({"statusCode":404,"error":"Not Found","message":"Not Found"}),
            );
        }
        if request.method == Method::Patch
            && let Some(serde_json::Value::Object(m)) = &request.body
        {
            for (k, v) in m {
                self.settings.insert(k.clone(), v.clone());
            }
        }
        Response::json(200, self.settings.clone().into())
    }
    pub fn outbox(&self) -> &[Message] {
        &self.outbox
    }
    pub fn seed_client(&mut self, name: &str) -> String {
        self.clients.push(name.into());
        format!("client{}", self.clients.len())
    }
}
