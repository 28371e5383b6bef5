//! The whole state of one simulated tenant, and the way from a request to its answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::actions::{Actions, Pace};
use super::answer::{Answer, no_such_path, ok};
use super::attack_protection::AttackProtection;
use super::clients::Clients;
use super::connections::Connections;
use super::guardian::Guardian;
use super::id::Ids;
use super::outbox::Message;
use super::providers::Providers;
use super::settings::Settings;
use super::templates::Templates;
use crate::auth0::exchange::{Method, Request, Response};

/// One simulated tenant. The same requests at the same times give the same answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Store {
    domain: String,
    pub(super) ids: Ids,
    pub(super) settings: Settings,
    pub(super) providers: Providers,
    pub(super) templates: Templates,
    pub(super) guardian: Guardian,
    pub(super) connections: Connections,
    pub(super) clients: Clients,
    pub(super) actions: Actions,
    pub(super) attack_protection: AttackProtection,
    pub(super) outbox: Vec<Message>,
}

impl Store {
    /// A tenant as Auth0 hands out new ones: unified phone experience on, nothing configured.
    #[must_use]
    pub fn new(domain: &str) -> Self {
        let mut ids = Ids::default();
        let clients = Clients::fresh(tenant_name(domain), &mut ids);
        Self {
            domain: domain.to_owned(),
            ids,
            settings: Settings::default(),
            providers: Providers::default(),
            templates: Templates::default(),
            guardian: Guardian::default(),
            connections: Connections::default(),
            clients,
            actions: Actions::default(),
            attack_protection: AttackProtection::default(),
            outbox: Vec::new(),
        }
    }

    /// The tenant's domain.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The tenant's name: the first label of its domain.
    #[must_use]
    pub fn tenant(&self) -> &str {
        tenant_name(&self.domain)
    }

    /// Messages that would have been sent, oldest first.
    #[must_use]
    pub fn outbox(&self) -> &[Message] {
        &self.outbox
    }

    /// Adds a regular web application, as an administrator would in the dashboard; its client id.
    pub fn seed_client(&mut self, name: &str) -> String {
        let tenant = self.tenant().to_owned();
        let body = Map::from_iter([
            ("name".to_owned(), json!(name)),
            ("app_type".to_owned(), json!("regular_web")),
        ]);
        self.clients.add(&tenant, &body, &mut self.ids)
    }

    /// Adds a database connection as a new tenant has one, where there is none of this name.
    pub fn seed_database(&mut self, name: &str, now: Timestamp) {
        let body = json!({"name": name, "strategy": "auth0"});
        let request = Request::new(Method::Post, "/api/v2/connections").json(body);
        self.handle(&request, now);
    }

    /// Sets how slow builds and deployments of Actions are from now on.
    pub const fn set_pace(&mut self, pace: Pace) {
        self.actions.pace = pace;
    }

    /// Answers one request of the Management API (`/api/v2/…`).
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        let Some(path) = request.path.strip_prefix("/api/v2/") else {
            return no_such_path();
        };
        let segments: Vec<String> = path.split('/').map(decoded).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match self.route(request, &segments, now) {
            Ok(response) | Err(response) => response,
        }
    }

    fn route(&mut self, request: &Request, path: &[&str], now: Timestamp) -> Answer {
        match path {
            ["tenants", "settings"] => self.settings.handle(request),
            ["branding", "phone", "providers", rest @ ..] => self.providers(request, rest, now),
            ["branding", "phone", "templates", rest @ ..] => self.templates(request, rest, now),
            ["guardian", rest @ ..] => self.guardian(request, rest),
            ["connections", rest @ ..] => self.connections(request, rest, now),
            ["clients", id, "connections"] => self.connections_of_client(request, id),
            ["clients", rest @ ..] => self.clients(request, rest),
            ["actions", rest @ ..] => self.actions(request, rest, now),
            ["attack-protection", name] => self.attack_protection.handle(request, name),
            ["connections-directory-provisionings"] if request.method == Method::Get => {
                ok(json!({"directory_provisionings": []}))
            }
            _ => Err(no_such_path()),
        }
    }
}

fn tenant_name(domain: &str) -> &str {
    domain.split(['.', ':']).next().unwrap_or(domain)
}

fn decoded(segment: &str) -> String {
    // A path segment has no `+` for blanks: keep it through the form decoding.
    let kept = segment.replace('+', "%2B");
    url::form_urlencoded::parse(format!("x={kept}").as_bytes())
        .next()
        .map_or_else(|| segment.to_owned(), |(_, value)| value.into_owned())
}

/// Sets every key of `changes` in `target`; null removes.
pub(super) fn merge(target: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (key, value) in changes {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            target.insert(key.clone(), value.clone());
        }
    }
}
