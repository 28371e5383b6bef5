//! Applications (§8).

mod shape;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, error, no_such_path, ok};
use super::id::Ids;
use super::page::{Limits, fields, flag, listing};
use super::store::{Store, merge};
use super::validate::object;
use crate::auth0::exchange::{Method, Request, Response};

/// All applications, in the order in which they were created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Clients {
    all: Vec<Map<String, Value>>,
}

/// Default lifetimes of refresh tokens and of idle ones, in seconds, as recorded.
const SHORT: (u32, u32) = (2_592_000, 1_296_000);
/// The same for applications that are created with a way to authenticate.
const LONG: (u32, u32) = (31_557_600, 2_592_000);

impl Clients {
    /// The applications of a new tenant: the global one alone.
    pub(super) fn fresh(tenant: &str, ids: &mut Ids) -> Self {
        let mut clients = Self { all: Vec::new() };
        let name = Map::from_iter([("name".to_owned(), json!("All Applications"))]);
        clients.add(tenant, &name, ids);
        if let Some(global) = clients.all.first_mut() {
            global.insert("global".to_owned(), json!(true));
        }
        clients
    }

    /// Adds an application with the defaults that Auth0 gives; its client id.
    pub(super) fn add(&mut self, tenant: &str, body: &Map<String, Value>, ids: &mut Ids) -> String {
        let id = ids.opaque(32);
        let confidential = body.contains_key("token_endpoint_auth_method");
        let (life, idle_life) = if confidential { LONG } else { SHORT };
        let defaults = json!({
            "tenant": tenant,
            "global": false,
            "is_token_endpoint_ip_header_trusted": false,
            "name": "",
            "is_first_party": true,
            "oidc_conformant": false,
            "sso_disabled": false,
            "cross_origin_auth": false,
            "cross_origin_authentication": false,
            "signing_keys": [{"cert": "simulated", "pkcs7": "simulated", "subject": "deprecated"}],
            "client_id": id,
            "callback_url_template": false,
            "client_secret": ids.opaque(64),
            "jwt_configuration": {"lifetime_in_seconds": 36000, "secret_encoded": false},
            "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
            "custom_login_page_on": true,
            "refresh_token": {
                "expiration_type": "non-expiring",
                "leeway": 0,
                "infinite_token_lifetime": true,
                "infinite_idle_token_lifetime": true,
                "token_lifetime": life,
                "idle_token_lifetime": idle_life,
                "rotation_type": "non-rotating",
            },
        });
        let mut client = defaults.as_object().cloned().unwrap_or_default();
        write(&mut client, body);
        self.all.push(client);
        id
    }

    /// Whether an application of this id exists, the global one aside.
    pub(super) fn has(&self, id: &str) -> bool {
        self.all
            .iter()
            .any(|client| client["client_id"] == id && client["global"] != true)
    }

    fn find(&mut self, id: &str) -> Result<&mut Map<String, Value>, Response> {
        self.all
            .iter_mut()
            .find(|client| client["client_id"] == id)
            .ok_or_else(not_found)
    }
}

/// Writes merge at the top level; `client_metadata` merges key by key, and null removes.
fn write(client: &mut Map<String, Value>, body: &Map<String, Value>) {
    let metadata = client
        .get("client_metadata")
        .and_then(Value::as_object)
        .cloned();
    let jwt = client
        .get("jwt_configuration")
        .and_then(Value::as_object)
        .cloned();
    merge(client, body);
    // An empty address is not stored.
    if client
        .get("initiate_login_uri")
        .is_some_and(|uri| uri == "")
    {
        client.shift_remove("initiate_login_uri");
    }
    for (key, before) in [("client_metadata", metadata), ("jwt_configuration", jwt)] {
        if let (Some(mut all), Some(Value::Object(sent))) = (before, body.get(key)) {
            merge(&mut all, sent);
            client.insert(key.to_owned(), Value::Object(all));
        }
    }
}

pub(super) fn not_found() -> Response {
    error(404, "inexistent_client", "The client does not exist")
}

impl Store {
    pub(super) fn clients(&mut self, request: &Request, path: &[&str]) -> Answer {
        match (request.method, path) {
            (Method::Get, []) => {
                let global = flag(request, "is_global")?;
                let first_party = flag(request, "is_first_party")?;
                let app_type = super::page::parameter(request, "app_type");
                let listed = self.clients.all.iter().filter(|client| {
                    global.is_none_or(|wanted| client["global"] == wanted)
                        && first_party.is_none_or(|wanted| client["is_first_party"] == wanted)
                        && app_type.is_none_or(|types| {
                            types.split(',').any(|kind| {
                                client.get("app_type").is_some_and(|value| value == kind)
                            })
                        })
                });
                let fields = fields(request)?;
                let listed: Vec<Value> = listed.map(|client| fields.of(client, &[])).collect();
                listing(
                    request,
                    "clients",
                    listed,
                    &Limits {
                        per_page: 50,
                        take: 50,
                        least: 0,
                        most: 100,
                    },
                )
            }
            (Method::Post, []) => {
                let body = object(request, &shape::CREATE)?;
                let tenant = self.tenant().to_owned();
                let id = self.clients.add(&tenant, body, &mut self.ids);
                let mut shown = self.clients.find(&id)?.clone();
                // Only the answer to a create shows this, as recorded.
                shown.insert("encrypted".to_owned(), json!(true));
                Ok(Response::json(201, Value::Object(shown)))
            }
            (Method::Get, [id]) => ok(fields(request)?.of(self.clients.find(id)?, &[])),
            (Method::Patch, [id]) => {
                let client = self.clients.find(id)?;
                write(client, object(request, &shape::CHANGE)?);
                ok(Value::Object(client.clone()))
            }
            (Method::Delete, [id]) => {
                self.clients.all.retain(|client| client["client_id"] != *id);
                self.connections.forget_client(id);
                Ok(Response::empty(204))
            }
            _ => Err(no_such_path()),
        }
    }
}
