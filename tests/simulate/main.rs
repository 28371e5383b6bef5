//! The simulated tenant's server over real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod client;
mod control;
mod faults;
mod page;
mod process;
mod tls;
mod tokens;

use std::net::SocketAddr;

use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::{Setup, SimulatedTenant};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// An endpoint that can be read and written.
const SETTINGS: &str = "/api/v2/tenants/settings";

/// A server of the test's own, and a client for it.
struct Tenant {
    running: Running,
    client: Client,
}

impl Tenant {
    async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    async fn with(setup: Setup) -> Self {
        let tenant = SimulatedTenant::start(setup).unwrap();
        let listen = Listen {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
        };
        Self {
            running: serve(listen, tenant).await.unwrap(),
            client: client(),
        }
    }

    /// A request without a token.
    fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.running.url());
        self.client.request(method, url)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth("anything")
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Changes the tenant's friendly name.
    fn rename(&self, name: &str) -> RequestBuilder {
        let body = serde_json::json!({"friendly_name": name});
        self.request(Method::PATCH, SETTINGS).json(&body)
    }

    /// The tenant's friendly name as it is, whatever faults there are.
    fn name(&self) -> Option<String> {
        use dialtone::auth0::exchange::{Payload, Request};
        let answer = self
            .running
            .tenant
            .change(|store, now| store.handle(&Request::get(SETTINGS), now))
            .unwrap();
        let Payload::Json(settings) = answer.body else {
            panic!("no settings");
        };
        settings.get("friendly_name")?.as_str().map(str::to_owned)
    }

    /// Sends `body` to the control API.
    async fn control(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.bare(method, path).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn fault(&self, fault: Value) {
        let (status, answer) = self.control(Method::POST, "/_sim/faults", fault).await;
        assert_eq!(status, 201, "{answer}");
    }
}

fn client() -> Client {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// Sends a request and reads its answer: status and JSON body.
async fn send(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}
