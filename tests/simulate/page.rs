//! The outbox page in a real browser.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Tenant, send};

/// How long something may take to be seen.
const PATIENCE: Duration = Duration::from_mins(1);

/// Headless Chromium, driven over `WebDriver`.
struct Browser {
    driver: Child,
    session: String,
    _profile: tempfile::TempDir,
}

fn program(name: &str) {
    let found = Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(
        found.is_ok_and(|status| status.success()),
        "there is no {name} here, which this test drives: install Debian's packages chromium and \
         chromium-driver"
    );
}

async fn post(url: &str, body: &Value) -> Value {
    let answer = reqwest::Client::new().post(url).json(body).send().await;
    let answer: Value = answer.unwrap().json().await.unwrap();
    assert!(answer["value"].get("error").is_none(), "{answer:#}");
    answer["value"].clone()
}

impl Browser {
    async fn start() -> Self {
        program("chromium");
        program("chromedriver");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let port = port.unwrap();
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
        }}});
        let base = format!("http://127.0.0.1:{port}/session");
        let session = post(&base, &wanted).await;
        Self {
            driver,
            session: format!("{base}/{}", session["sessionId"].as_str().unwrap()),
            _profile: profile,
        }
    }

    async fn open(&self, url: &str) {
        post(&format!("{}/url", self.session), &json!({"url": url})).await;
    }

    async fn run(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        post(&format!("{}/execute/sync", self.session), &body).await
    }

    /// The text of what a selector finds, once it fits.
    async fn shows(&self, selector: &str, fits: impl Fn(&str) -> bool) -> String {
        let script = format!("return document.querySelector('{selector}')?.innerText ?? ''");
        let begun = Instant::now();
        loop {
            let text = self
                .run(&script)
                .await
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if fits(&text) {
                return text;
            }
            assert!(begun.elapsed() < PATIENCE, "{selector} shows {text:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its driver; a child that is gone already is no matter.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A tenant that sends text messages, with this template for codes.
async fn sending(template: &str) -> Tenant {
    let tenant = Tenant::start().await;
    let provider = json!({
        "name": "twilio",
        "disabled": false,
        "credentials": {"auth_token": "hush"},
        "configuration": {"sid": "AC1", "default_from": "+12125550100", "delivery_methods": ["text"]},
    });
    let content = json!({"body": {"text": template, "voice": "v"}});
    for (method, path, body) in [
        (Method::POST, "branding/phone/providers", provider),
        (
            Method::PUT,
            "guardian/factors/sms",
            json!({"enabled": true}),
        ),
        (
            Method::PUT,
            "guardian/factors/phone/message-types",
            json!({"message_types": ["sms"]}),
        ),
        (
            Method::POST,
            "branding/phone/templates",
            json!({"type": "otp_verify", "content": content}),
        ),
    ] {
        let call = tenant.request(method, &format!("/api/v2/{path}"));
        assert!(send(call.json(&body)).await.0 < 300, "{path}");
    }
    tenant
}

#[tokio::test]
async fn the_page_shows_state_and_messages_as_they_come() {
    let tenant = sending("<b>{{ friendly_name }}</b> {{ code }} – it’s yours").await;
    let browser = Browser::start().await;
    browser.open(&tenant.running.url()).await;
    browser
        .shows("#provider", |text| text == "twilio, enabled")
        .await;
    browser
        .shows("#flows", |text| text.contains("MFA by text message"))
        .await;
    browser
        .shows("#empty", |text| text.contains("No message yet"))
        .await;
    let mfa = json!({"flow": "mfa-sms"});
    tenant
        .control(Method::POST, "/_sim/flows", mfa.clone())
        .await;
    let shown = browser
        .shows("#messages", |text| text.contains("123456"))
        .await;
    // What a message says is shown, not carried out.
    assert!(
        shown.contains("<b>dialtone-sim</b> 123456 – it’s yours"),
        "{shown}"
    );
    assert!(shown.contains("1 segment, UCS-2"), "{shown}");
    assert!(
        shown.contains("otp_verify") && shown.contains("***"),
        "{shown}"
    );
    assert!(!shown.contains("5550123"), "{shown}");
    tenant.control(Method::POST, "/_sim/flows", mfa).await;
    browser.shows("#count", |text| text == "(2)").await;
    let off = tenant.request(Method::PUT, "/api/v2/guardian/factors/sms");
    send(off.json(&json!({"enabled": false}))).await;
    browser.shows("#factor", |text| text == "disabled").await;
    browser
        .shows("#flows", |text| text == "nothing is offered")
        .await;
}

#[tokio::test]
async fn the_page_says_when_the_tenant_is_gone() {
    let tenant = sending("{{ code }}").await;
    let browser = Browser::start().await;
    browser.open(&tenant.running.url()).await;
    browser
        .shows("#provider", |text| text == "twilio, enabled")
        .await;
    drop(tenant);
    browser
        .shows("#link", |text| text.contains("not reachable"))
        .await;
}
