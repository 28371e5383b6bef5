//! Which applications may use a connection (§6.5).

use serde_json::json;

use super::shape;
use crate::auth0::exchange::{Method, Request, Response};
use crate::sim::answer::{Answer, invalid_body, no_such_path};
use crate::sim::clients;
use crate::sim::page::{checkpoint, take};
use crate::sim::store::Store;
use crate::sim::validate::body;

impl Store {
    pub(super) fn connection_clients(&mut self, request: &Request, id: &str) -> Answer {
        match request.method {
            Method::Get => {
                let take = take(request, 50, 1000)?;
                let clients = &self.connections.find(id)?.clients;
                let listed = clients.iter().map(|id| json!({"client_id": id})).collect();
                checkpoint(request, "clients", listed, take)
            }
            Method::Patch => self.switch_clients(request, id),
            _ => Err(no_such_path()),
        }
    }

    /// Applications that are not named keep their state (§6.5). A list with an unknown client
    /// changes nothing.
    fn switch_clients(&mut self, request: &Request, id: &str) -> Answer {
        self.connections.find(id)?;
        let items = body(request, &shape::SWITCHES)?.as_array();
        let mut switches = Vec::new();
        for item in items.into_iter().flatten() {
            let client = item["client_id"].as_str().unwrap_or_default().to_owned();
            let on = item["status"] == true;
            if !self.clients.has(&client) {
                return Err(clients::not_found());
            }
            switches.push((client, on));
        }
        let connection = self.connections.find(id)?;
        let sms = connection.strategy() == "sms";
        let own_sender = !connection.option(&["twilio_sid"]).is_null()
            || !connection.option(&["gateway_url"]).is_null();
        if sms && !own_sender && self.settings.unified() && switches.iter().any(|(_, on)| *on) {
            self.enableable()?;
        }
        let connection = self.connections.find(id)?;
        for (client, on) in switches {
            connection.clients.retain(|id| *id != client);
            if on {
                connection.clients.push(client);
            }
        }
        Ok(Response::empty(204))
    }

    fn enableable(&self) -> Result<(), Response> {
        if !self.providers.is_on() {
            return Err(invalid_body(
                "Tenant Phone Provider not set. Connection can not be enable on a client.",
            ));
        }
        if !self.providers.delivers().contains(&"text") {
            return Err(invalid_body(
                "Passwordless cannot be enabled for a client, as delivery method (sms/text) is not supported by the configured Tenant phone provider",
            ));
        }
        Ok(())
    }

    /// `GET /clients/{id}/connections`
    pub(in crate::sim) fn connections_of_client(&mut self, request: &Request, id: &str) -> Answer {
        if request.method != Method::Get {
            return Err(no_such_path());
        }
        if !self.clients.has(id) {
            return Err(clients::not_found());
        }
        let take = take(request, 50, 100)?;
        let listed = self.listed(request, |item| item.clients.iter().any(|it| it == id))?;
        checkpoint(request, "connections", listed, take)
    }
}
