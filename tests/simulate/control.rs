//! The control API, rate limits, and the form of answers.

use dialtone::sim::server::{Listen, ServeError, serve};
use dialtone::sim::state::StateFile;
use dialtone::sim::tenant::{Setup, SetupError, SimulatedTenant};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{SETTINGS, Tenant, send};

#[tokio::test]
async fn every_call_is_logged_without_its_body_and_control_calls_are_not() {
    let tenant = Tenant::start().await;
    let read = tenant.get(&format!(
        "{SETTINGS}?fields=friendly_name&include_fields=true"
    ));
    send(read.header("x-dialtone-fence", "12")).await;
    send(tenant.rename("hush")).await;
    send(tenant.get("/api/v2/nowhere")).await;
    let (_, calls) = send(tenant.bare(Method::GET, "/_sim/calls")).await;
    let calls = calls.as_array().unwrap();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0]["method"], "GET");
    assert_eq!(calls[0]["path"], SETTINGS);
    assert_eq!(
        calls[0]["query"],
        "fields=friendly_name&include_fields=true"
    );
    assert_eq!(calls[0]["fence"], 12);
    assert_eq!(
        (&calls[0]["wrote"], &calls[1]["wrote"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(calls[2]["status"], 404);
    assert!(calls[0]["time"].is_string());
    assert!(!Value::from(calls.clone()).to_string().contains("hush"));
    assert_eq!(
        send(tenant.bare(Method::DELETE, "/_sim/calls")).await.0,
        204
    );
    let (_, calls) = send(tenant.bare(Method::GET, "/_sim/calls")).await;
    assert_eq!(calls, json!([]));
}

#[tokio::test]
async fn every_answer_says_what_is_left_of_the_limit() {
    let tenant = Tenant::start().await;
    let rates = json!({"global": {"perSecond": 0.001, "burst": 2}});
    assert_eq!(
        tenant.control(Method::PUT, "/_sim/rate", rates).await.0,
        204
    );
    for left in ["1", "0"] {
        let answer = tenant.get("/api/v2/nowhere").send().await.unwrap();
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.headers()["x-ratelimit-limit"], "2");
        assert_eq!(answer.headers()["x-ratelimit-remaining"], left);
    }
    let answer = tenant.rename("refused").send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("x-ratelimit-reset"));
    assert_eq!(tenant.name(), None);
    assert_eq!(
        tenant.control(Method::PUT, "/_sim/rate", json!({})).await.0,
        204
    );
    assert_eq!(send(tenant.get(SETTINGS)).await.0, 200);
    let nothing = json!({"global": {"perSecond": 0, "burst": 2}});
    assert_eq!(
        tenant.control(Method::PUT, "/_sim/rate", nothing).await.0,
        400
    );
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_as_auth0_does() {
    let tenant = Tenant::start().await;
    let (status, body) = send(tenant.request(Method::PATCH, SETTINGS).body("{")).await;
    assert_eq!((status, &body["error"]), (400, &json!("Bad Request")));
    let large = "x".repeat(2 * 1024 * 1024);
    let request = tenant.request(Method::PATCH, SETTINGS).body(large);
    assert_eq!(send(request).await.0, 413);
    assert_eq!(send(tenant.get(SETTINGS)).await.0, 200);
}

#[tokio::test]
async fn the_state_can_be_read_put_back_and_reset() {
    let tenant = Tenant::with(Setup {
        clients: vec!["web".to_owned()],
        ..Setup::default()
    })
    .await;
    send(tenant.rename("before")).await;
    let (_, state) = send(tenant.bare(Method::GET, "/_sim/state")).await;
    assert_eq!(state["version"], 1);
    send(tenant.rename("after")).await;
    assert_eq!(
        tenant
            .control(Method::PUT, "/_sim/state", state.clone())
            .await
            .0,
        204
    );
    assert_eq!(tenant.name().as_deref(), Some("before"));
    let mut later = state.clone();
    later["version"] = json!(2);
    assert_eq!(
        tenant.control(Method::PUT, "/_sim/state", later).await.0,
        400
    );

    tenant.fault(json!({"fault": {"kind": "lost"}})).await;
    assert_eq!(
        tenant
            .control(Method::POST, "/_sim/reset", json!(null))
            .await
            .0,
        204
    );
    assert_ne!(tenant.name().as_deref(), Some("before"));
    assert_eq!(tenant.running.tenant.calls(), []);
    assert_eq!(send(tenant.get(SETTINGS)).await.0, 200);
}

#[tokio::test]
async fn a_restarted_tenant_is_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let setup = || Setup {
        state: Some(StateFile::load(&path).unwrap()),
        clients: vec!["web".to_owned()],
        ..Setup::default()
    };
    let first = Tenant::with(setup()).await;
    send(first.rename("kept")).await;
    first.running.stop().await;
    let other = StateFile::load(&path).unwrap();
    other.put("statuses", json!({"a": 1})).unwrap();

    let second = Tenant::with(setup()).await;
    assert_eq!(second.name().as_deref(), Some("kept"));
    send(second.rename("again")).await;
    assert_eq!(
        StateFile::load(&path).unwrap().get("statuses"),
        Some(json!({"a": 1}))
    );
}

#[tokio::test]
async fn a_state_file_of_another_tenant_is_not_taken_up() {
    let dir = tempfile::tempdir().unwrap();
    let start = |domain: Option<&str>| {
        let state = StateFile::load(dir.path().join("state.json")).unwrap();
        SimulatedTenant::start(Setup {
            domain: domain.map(str::to_owned),
            state: Some(state),
            ..Setup::default()
        })
    };
    assert_eq!(
        start(Some("acme.eu.auth0.com")).unwrap().domain(),
        "acme.eu.auth0.com"
    );
    let error = start(Some("other.eu.auth0.com")).unwrap_err();
    assert!(matches!(error, SetupError::Domain { .. }), "{error}");
    assert_eq!(start(None).unwrap().domain(), "acme.eu.auth0.com");
}

#[tokio::test]
async fn a_write_that_cannot_be_kept_fails_and_is_undone() {
    let dir = tempfile::tempdir().unwrap();
    let gone = dir.path().join("gone");
    std::fs::create_dir(&gone).unwrap();
    let tenant = Tenant::with(Setup {
        state: Some(StateFile::load(gone.join("state.json")).unwrap()),
        ..Setup::default()
    })
    .await;
    let before = tenant.name();
    std::fs::remove_dir_all(&gone).unwrap();
    assert_eq!(send(tenant.rename("lost")).await.0, 500);
    std::fs::create_dir(&gone).unwrap();
    assert_eq!(tenant.name(), before);
}

#[tokio::test]
async fn many_writers_at_once_are_all_served_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let tenant = Tenant::with(Setup {
        state: Some(StateFile::load(&path).unwrap()),
        ..Setup::default()
    })
    .await;
    let writes = (0..64).map(|number| send(tenant.rename(&format!("name {number}"))));
    for (status, body) in futures::future::join_all(writes).await {
        assert_eq!(status, 200, "{body}");
    }
    let calls = tenant.running.tenant.calls();
    assert_eq!(calls.iter().filter(|call| call.wrote).count(), 64);
    let kept = StateFile::load(&path).unwrap().tenant().unwrap().unwrap();
    let kept = serde_json::to_value(kept).unwrap();
    assert_eq!(
        kept,
        serde_json::to_value(tenant.running.tenant.store()).unwrap()
    );
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_use_the_control_api() {
    let tenant = Tenant::start().await;
    let foreign = tenant
        .bare(Method::POST, "/_sim/reset")
        .header("origin", "http://evil.example");
    assert_eq!(send(foreign).await.0, 403);
    let own = tenant.running.url();
    let page = tenant
        .bare(Method::POST, "/_sim/reset")
        .header("origin", own);
    assert_eq!(send(page).await.0, 204);
    let outbox = tenant.bare(Method::GET, "/").send().await.unwrap();
    assert!(outbox.text().await.unwrap().contains("/_sim/outbox"));
}

#[tokio::test]
async fn an_address_in_use_is_a_clear_error() {
    let tenant = Tenant::start().await;
    let listen = Listen {
        addr: tenant.running.addr,
        tls: None,
    };
    let other = SimulatedTenant::start(Setup::default()).unwrap();
    let error = serve(listen, other).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&tenant.running.addr.to_string()));
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_one_after_the_other() {
    let tenant = Tenant::start().await;
    let mut stream = TcpStream::connect(tenant.running.addr).await.unwrap();
    let request = format!("GET {SETTINGS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\n");
    let both = format!("{request}\r\n{request}connection: close\r\n\r\n");
    stream.write_all(both.as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
}

#[tokio::test]
async fn flows_are_tried_and_their_messages_are_in_the_outbox() {
    let tenant = Tenant::start().await;
    let (_, offered) = send(tenant.bare(Method::GET, "/_sim/flows")).await;
    assert_eq!(offered, json!([]));
    let mfa = json!({"flow": "mfa-sms"});
    let (status, trial) = tenant
        .control(Method::POST, "/_sim/flows", mfa.clone())
        .await;
    assert_eq!((status, &trial["works"]), (200, &json!(false)));
    assert!(trial["problem"].is_string());

    let provider = json!({
        "name": "twilio",
        "disabled": false,
        "credentials": {"auth_token": "hush"},
        "configuration": {"sid": "AC1", "default_from": "+12125550100", "delivery_methods": ["text"]},
    });
    let create = tenant
        .request(Method::POST, "/api/v2/branding/phone/providers")
        .json(&provider);
    assert_eq!(send(create).await.0, 201);
    let enable = tenant.request(Method::PUT, "/api/v2/guardian/factors/sms");
    assert_eq!(send(enable.json(&json!({"enabled": true}))).await.0, 200);
    let types = tenant.request(Method::PUT, "/api/v2/guardian/factors/phone/message-types");
    assert_eq!(
        send(types.json(&json!({"message_types": ["sms"]}))).await.0,
        200
    );

    let (_, trial) = tenant.control(Method::POST, "/_sim/flows", mfa).await;
    assert_eq!(trial, json!({"flow": "mfa-sms", "works": true}));
    let (_, outbox) = send(tenant.bare(Method::GET, "/_sim/outbox")).await;
    assert_eq!(outbox.as_array().unwrap().len(), 1);
    assert_eq!(outbox[0]["type"], "otp_verify");
    assert_eq!(outbox[0]["deliveryMethod"], "text");
    assert!(outbox[0]["to"].as_str().unwrap().contains('*'), "{outbox}");

    let (_, phone) = send(tenant.bare(Method::GET, "/_sim/phone")).await;
    assert_eq!(
        phone["provider"],
        json!({"name": "twilio", "enabled": true, "deliveryMethods": ["text"]})
    );
    assert_eq!(phone["factor"], true);
    assert_eq!(phone["messageTypes"], json!(["sms"]));
    assert_eq!(phone["flows"], json!([{"flow": "mfa-sms", "works": true}]));
}
