//! Connections and the applications enabled for them (§6, §7).

mod database;
mod enabled;
mod shape;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, error, invalid_body, millis, no_such_path, ok};
use super::page::{Limits, fields, listing, parameter};
use super::store::Store;
use super::validate::{check, object};
use crate::auth0::exchange::{Method, Request, Response};

/// All connections, in the order in which they were created.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Connections {
    all: Vec<Connection>,
}

/// One connection: its document without the deprecated list of clients, and that list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Connection {
    document: Map<String, Value>,
    clients: Vec<String>,
}

/// Shown whatever `fields` asks for, as recorded.
const ALWAYS_SHOWN: [&str; 4] = [
    "id",
    "is_domain_connection",
    "authentication",
    "connected_accounts",
];
impl Connection {
    pub(super) fn name(&self) -> &str {
        self.document["name"].as_str().unwrap_or_default()
    }

    pub(super) fn strategy(&self) -> &str {
        self.document["strategy"].as_str().unwrap_or_default()
    }

    pub(super) fn clients(&self) -> &[String] {
        &self.clients
    }

    /// An option by path.
    pub(super) fn option(&self, path: &[&str]) -> &Value {
        path.iter()
            .fold(&self.document["options"], |value, key| &value[*key])
    }

    fn shown(&self) -> Map<String, Value> {
        let mut document = self.document.clone();
        document.insert("enabled_clients".to_owned(), json!(self.clients));
        document
    }
}

impl Connections {
    pub(super) fn all(&self) -> &[Connection] {
        &self.all
    }

    fn find(&mut self, id: &str) -> Result<&mut Connection, Response> {
        self.all
            .iter_mut()
            .find(|item| item.document["id"] == id)
            .ok_or_else(not_found)
    }

    pub(super) fn forget_client(&mut self, client_id: &str) {
        for connection in &mut self.all {
            connection.clients.retain(|id| id != client_id);
        }
    }
}

fn not_found() -> Response {
    error(
        404,
        "inexistent_connection",
        "The connection does not exist",
    )
}

const LIMITS: Limits = Limits {
    per_page: 100,
    take: 50,
    least: 1,
    most: 100,
};

impl Store {
    pub(super) fn connections(
        &mut self,
        request: &Request,
        path: &[&str],
        now: Timestamp,
    ) -> Answer {
        match (request.method, path) {
            (Method::Get, []) => {
                let name = parameter(request, "name");
                let listed =
                    self.listed(request, |item| name.is_none_or(|name| item.name() == name))?;
                listing(request, "connections", listed, &LIMITS)
            }
            (Method::Post, []) => self.create_connection(request),
            (Method::Get, [id]) => {
                let shown = self.connections.find(id)?.shown();
                ok(fields(request)?.of(&shown, &ALWAYS_SHOWN))
            }
            (Method::Patch, [id]) => self.change_connection(request, id),
            (Method::Delete, [id]) => {
                let before = self.connections.all.len();
                self.connections
                    .all
                    .retain(|item| item.document["id"] != *id);
                if self.connections.all.len() == before {
                    return Ok(Response::empty(204));
                }
                Ok(Response::json(202, json!({"deleted_at": millis(now)})))
            }
            (_, [id, "clients"]) => self.connection_clients(request, id),
            _ => Err(no_such_path()),
        }
    }

    /// The connections of the strategies that the query names that pass the filter.
    fn listed(
        &self,
        request: &Request,
        passes: impl Fn(&Connection) -> bool,
    ) -> Result<Vec<Value>, Response> {
        let strategies: Vec<&str> = request
            .query
            .iter()
            .filter(|(key, _)| key == "strategy")
            .map(|(_, value)| value.as_str())
            .collect();
        let fields = fields(request)?;
        let all = self.connections.all.iter();
        Ok(all
            .filter(|item| strategies.is_empty() || strategies.contains(&item.strategy()))
            .filter(|item| passes(item))
            .map(|item| fields.of(&item.shown(), &ALWAYS_SHOWN))
            .collect())
    }

    fn create_connection(&mut self, request: &Request) -> Answer {
        let body = object(request, &shape::CREATE)?;
        let name = body["name"].as_str().unwrap_or_default();
        let strategy = body["strategy"].as_str().unwrap_or_default();
        let sent = body.get("options").unwrap_or(&json!({})).clone();
        check(&sent, shape::options(strategy), "options")?;
        if self.connections.all.iter().any(|item| item.name() == name) {
            let message = "A connection with the same name already exists";
            return Err(error(409, "connection_conflict", message));
        }
        let sent = sent.as_object().cloned().unwrap_or_default();
        let options = match strategy {
            "sms" => {
                self.deliverable(&sent)?;
                with_default(sent, "brute_force_protection", json!(true))
            }
            "auth0" => database::created(sent)?,
            _ => sent,
        };
        let document = json!({
            "id": self.ids.prefixed("con", 16),
            "options": options,
            "strategy": strategy,
            "name": name,
            "is_domain_connection": false,
            "authentication": {"active": true},
            "connected_accounts": {"active": false},
            "realms": [name],
        });
        let mut document = document.as_object().cloned().unwrap_or_default();
        for (key, value) in body.iter().filter(|(key, _)| {
            !["options", "name", "strategy", "enabled_clients"].contains(&key.as_str())
        }) {
            document.insert(key.clone(), value.clone());
        }
        let clients = self.known_clients(body);
        let connection = Connection { document, clients };
        let shown = connection.shown();
        self.connections.all.push(connection);
        Ok(Response::json(201, Value::Object(shown)))
    }

    fn known_clients(&self, body: &Map<String, Value>) -> Vec<String> {
        let list = body.get("enabled_clients").and_then(Value::as_array);
        let ids = list.into_iter().flatten().filter_map(Value::as_str);
        ids.filter(|id| self.clients.has(id))
            .map(str::to_owned)
            .collect()
    }

    /// A tenant with the unified experience refuses passwordless connections that its provider
    /// could not serve (§6.4). A connection that brings its own sender is left to the legacy way,
    /// as recorded.
    fn deliverable(&self, options: &Map<String, Value>) -> Result<(), Response> {
        let own_sender = options.contains_key("twilio_sid") || options.contains_key("gateway_url");
        if !self.settings.unified() || own_sender {
            return Ok(());
        }
        if !self.providers.is_on() {
            return Err(invalid_body("No phone provider configured for the tenant"));
        }
        if !self.providers.delivers().contains(&"text") {
            return Err(invalid_body(
                "Passwordless connection cannot be made as delivery method (sms/text) is not supported by the configured Tenant phone provider",
            ));
        }
        Ok(())
    }

    fn change_connection(&mut self, request: &Request, id: &str) -> Answer {
        let connection = self.connections.find(id)?;
        let body = object(request, &shape::CHANGE)?;
        let sent = body.get("options");
        if let Some(sent) = sent {
            check(sent, shape::options(connection.strategy()), "options")?;
        }
        let sent = sent.and_then(Value::as_object).cloned();
        let options = match (connection.strategy(), sent) {
            ("auth0", Some(sent)) => {
                Some(database::changed(sent, connection.option(&["attributes"]))?)
            }
            (_, sent) => sent,
        };
        for (key, value) in body.iter().filter(|(key, _)| *key != "options") {
            connection.document.insert(key.clone(), value.clone());
        }
        // A change without it resets the display name to the name (§6.2), which is not shown.
        if !body.contains_key("display_name") {
            connection.document.shift_remove("display_name");
        }
        if let Some(options) = options {
            // The whole object is replaced: what the client does not repeat is gone (§7.4).
            connection
                .document
                .insert("options".to_owned(), Value::Object(options));
        }
        ok(Value::Object(connection.shown()))
    }
}

fn with_default(mut map: Map<String, Value>, key: &str, value: Value) -> Map<String, Value> {
    map.entry(key).or_insert(value);
    map
}
