//! A simulated tenant beside the cluster.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::wait_until;

/// The writes of a first converge of the quickstart, in their order.
pub const WRITES: [(&str, &str); 5] = [
    ("POST", "/api/v2/branding/phone/providers"),
    ("PUT", "/api/v2/guardian/factors/sms"),
    ("PUT", "/api/v2/guardian/factors/phone/message-types"),
    ("POST", "/api/v2/connections"),
    ("PATCH", "/api/v2/connections/*/clients"),
];

/// A simulated tenant, served by a process of its own.
pub struct Simulator {
    child: Child,
    url: String,
}

impl Simulator {
    pub fn start() -> Self {
        Self::with(&["--client", "web", "--client", "ios", "--client", "android"])
    }

    pub fn with(arguments: &[&str]) -> Self {
        Self::of("acme.eu.auth0.com", arguments)
    }

    /// One of this domain.
    pub fn of(domain: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args(["simulate", "--listen", "127.0.0.1:0"])
            .args(["--domain", domain])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let mut words = line.split_whitespace();
        let url = words.find(|word| word.starts_with("http")).unwrap();
        Self {
            child,
            url: url.to_owned(),
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        response.json().await.unwrap()
    }

    pub async fn send(&self, method: reqwest::Method, path: &str, body: &Value) {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.url));
        let response = request.json(body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {response:?}");
    }

    /// What another administrator does, with a token of their own.
    pub async fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let client = reqwest::Client::new();
        let grant = json!({
            "grant_type": "client_credentials",
            "client_id": "another-administrator",
            "client_secret": "secret",
            "audience": "https://acme.eu.auth0.com/api/v2/",
        });
        let token = client
            .post(format!("{}/oauth/token", self.url))
            .json(&grant);
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        let request = client
            .request(method.parse().unwrap(), format!("{}{path}", self.url))
            .bearer_auth(token["access_token"].as_str().unwrap());
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{method} {path}: {response:?}"
        );
        let text = response.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The calls so far, as `METHOD PATH`, those for tokens excepted.
    pub async fn calls(&self) -> Vec<String> {
        let calls = self.get("/_sim/calls").await;
        let text = |call: &Value, key: &str| call[key].as_str().unwrap_or_default().to_owned();
        let calls = calls.as_array().unwrap().iter();
        calls
            .filter(|call| call["path"] != "/oauth/token")
            .map(|call| format!("{} {}", text(call, "method"), text(call, "path")))
            .collect()
    }

    pub async fn writes(&self) -> Vec<String> {
        let calls = self.calls().await.into_iter();
        calls.filter(|call| !call.starts_with("GET ")).collect()
    }

    /// The calls so far, as the simulated tenant tells of them.
    pub async fn log(&self) -> Vec<Value> {
        let calls = self.get("/_sim/calls").await;
        calls.as_array().unwrap().clone()
    }

    /// The tenures that the operators' calls name, those for tokens included.
    pub async fn terms(&self) -> BTreeSet<u64> {
        let calls = self.log().await;
        calls
            .iter()
            .filter_map(|call| call["fence"].as_u64())
            .collect()
    }

    /// Has a fault strike the first call of this method and path.
    pub async fn fault(&self, method: &str, path: &str, fault: &Value) {
        let script = json!({"match": {"method": method, "path": path}, "fault": fault});
        self.send(reqwest::Method::POST, "/_sim/faults", &script)
            .await;
    }

    /// The tenant as it is stored.
    pub async fn tenant(&self) -> Value {
        self.get("/_sim/state").await["tenant"].clone()
    }

    /// No faults any more.
    pub async fn heal(&self) {
        self.send(reqwest::Method::DELETE, "/_sim/faults", &Value::Null)
            .await;
    }

    /// Waits until a fault of this kind has struck, and gives the call.
    pub async fn struck(&self, kind: &str) -> Value {
        wait_until(&format!("a call to meet the fault {kind}"), async || {
            let calls = self.log().await;
            let struck = calls.iter().find(|call| call["fault"] == kind);
            struck.cloned().ok_or(calls.len())
        })
        .await
    }

    pub async fn forget_calls(&self) {
        self.send(reqwest::Method::DELETE, "/_sim/calls", &Value::Null)
            .await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
