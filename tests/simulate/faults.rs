//! Scripted faults, each as a client meets it.

use std::time::Duration;

use dialtone::sim::server::Ended;
use reqwest::Method;
use serde_json::json;

use crate::{SETTINGS, Tenant, send};

#[tokio::test]
async fn a_status_strikes_the_call_that_the_script_names_and_no_other() {
    let tenant = Tenant::start().await;
    tenant
        .fault(json!({
            "match": {"method": "patch", "path": "/api/v2/tenants/*"},
            "at": 2,
            "fault": {"kind": "status", "code": 503},
        }))
        .await;
    assert_eq!(send(tenant.rename("one")).await.0, 200);
    assert_eq!(send(tenant.get(SETTINGS)).await.0, 200);
    let (status, body) = send(tenant.rename("two")).await;
    assert_eq!((status, &body["statusCode"]), (503, &json!(503)));
    assert_eq!(tenant.name().as_deref(), Some("one"));
    assert_eq!(send(tenant.rename("three")).await.0, 200);
}

#[tokio::test]
async fn a_status_may_hide_a_write_that_took_effect() {
    let tenant = Tenant::start().await;
    let fault = json!({"kind": "status", "code": 504, "applied": true});
    tenant.fault(json!({"fault": fault})).await;
    assert_eq!(send(tenant.rename("one")).await.0, 504);
    assert_eq!(tenant.name().as_deref(), Some("one"));
    let calls = tenant.running.tenant.calls();
    assert!(calls[0].wrote);
    assert_eq!(calls[0].fault.as_deref(), Some("status"));
}

#[tokio::test]
async fn a_proxys_page_is_html() {
    let tenant = Tenant::start().await;
    tenant
        .fault(json!({"fault": {"kind": "html", "code": 502}}))
        .await;
    let answer = tenant.get(SETTINGS).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(kind.starts_with("text/html"), "{kind}");
    assert!(answer.text().await.unwrap().contains("<html>"));
}

#[tokio::test]
async fn a_throttled_call_says_when_to_come_back() {
    let tenant = Tenant::start().await;
    tenant
        .fault(json!({"fault": {"kind": "throttle", "resetSeconds": 7}}))
        .await;
    let before = tenant.running.tenant.now().as_second();
    let answer = tenant.get(SETTINGS).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    let reset: i64 = answer.headers()["x-ratelimit-reset"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(reset >= before + 7, "{reset} is too early");
    assert_eq!(answer.headers()["x-ratelimit-remaining"], "0");
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["errorCode"], "too_many_requests");
    assert_eq!(body["message"], "Global limit has been reached");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_write() {
    let tenant = Tenant::start().await;
    tenant
        .fault(json!({"match": {"method": "PATCH"}, "fault": {"kind": "lost"}}))
        .await;
    let error = tenant.rename("kept").send().await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_eq!(tenant.name().as_deref(), Some("kept"));
    let call = tenant.running.tenant.calls().pop().unwrap();
    assert_eq!((call.status, call.wrote), (None, true));
}

#[tokio::test]
async fn a_call_without_an_answer_ends_when_the_client_gives_up() {
    let tenant = Tenant::start().await;
    tenant.fault(json!({"fault": {"kind": "timeout"}})).await;
    let request = tenant.rename("never").timeout(Duration::from_millis(200));
    let error = request.send().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(tenant.name(), None);
}

#[tokio::test]
async fn a_server_stops_while_a_call_gets_no_answer() {
    let tenant = Tenant::start().await;
    tenant.fault(json!({"fault": {"kind": "timeout"}})).await;
    let request = tenant.get(SETTINGS).send();
    let handle = tenant.running.tenant.clone();
    let held = tokio::spawn(request);
    while handle.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    tenant.running.stop().await;
    assert!(held.await.unwrap().is_err());
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    let tenant = Tenant::start().await;
    tenant
        .fault(json!({"fault": {"kind": "slow", "ms": 20}}))
        .await;
    assert_eq!(send(tenant.rename("late")).await.0, 200);
    assert_eq!(
        tenant.running.tenant.calls()[0].fault.as_deref(),
        Some("slow")
    );
}

#[tokio::test]
async fn drift_reaches_the_tenant_before_the_call() {
    let tenant = Tenant::start().await;
    let write = json!({"method": "PATCH", "path": SETTINGS, "body": {"friendly_name": "theirs"}});
    tenant
        .fault(json!({"at": 2, "fault": {"kind": "drift", "request": write}}))
        .await;
    assert_eq!(send(tenant.rename("ours")).await.0, 200);
    let (_, settings) = send(tenant.get(SETTINGS)).await;
    assert_eq!(settings["friendly_name"], "theirs");
    assert_eq!(tenant.running.tenant.calls().len(), 2);
}

#[tokio::test]
async fn a_kill_takes_the_server_down() {
    let mut tenant = Tenant::start().await;
    tenant
        .fault(json!({"at": 2, "fault": {"kind": "kill"}}))
        .await;
    assert_eq!(send(tenant.rename("one")).await.0, 200);
    assert!(tenant.rename("two").send().await.is_err());
    assert_eq!(tenant.running.ended().await, Ended::Killed);
    assert_eq!(tenant.name().as_deref(), Some("two"));
    let addr = tenant.running.addr;
    tenant.running.stop().await;
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn faults_can_be_listed_and_cleared() {
    let tenant = Tenant::start().await;
    let lost = json!({"kind": "lost"});
    tenant
        .fault(json!([{"at": "always", "fault": lost}, {"fault": lost}]))
        .await;
    assert!(tenant.get(SETTINGS).send().await.is_err());
    let (_, scripts) = send(tenant.bare(Method::GET, "/_sim/faults")).await;
    assert_eq!(scripts[0]["seen"], 1);
    assert_eq!(scripts[0]["at"], "always");
    assert_eq!(
        send(tenant.bare(Method::DELETE, "/_sim/faults")).await.0,
        204
    );
    assert_eq!(send(tenant.get(SETTINGS)).await.0, 200);
    let (status, answer) = tenant
        .control(
            Method::POST,
            "/_sim/faults",
            json!({"fault": {"kind": "status", "code": 1}}),
        )
        .await;
    assert_eq!(status, 400, "{answer}");
}
