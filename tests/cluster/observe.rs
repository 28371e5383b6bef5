//! What a running operator tells of itself: probes, metrics, logs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use data_encoding::BASE64;
use dialtone::auth0::client::endpoint;
use serde_json::{Value, json};

use crate::operator::Operator;
use crate::rig::{ACCOUNT, Rig, condition};
use crate::support::{ControlPlane, wait_until};

#[tokio::test]
async fn what_others_wrote_into_a_status_is_taken_away() {
    let rig = Rig::new(ControlPlane::shared(), "foreign").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let foreign = |type_: &str| {
        json!({
            "type": type_, "status": "True", "reason": "Somebody", "message": "was here",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        })
    };
    let mut conditions = rig.object("mfaphonefactor", "phone")["status"]["conditions"].clone();
    let all = conditions.as_array_mut().unwrap();
    all.extend([foreign("Drifted"), foreign("AnotherTool")]);
    let body = json!({"status": {"conditions": conditions}}).to_string();
    let patch = ["patch", "mfaphonefactor", "phone", "--subresource=status"];
    rig.kubectl(&[&patch[..], &["--type=merge", "-p", &body]].concat())
        .ok();
    rig.look("foreign").await;
    let object = rig.object("mfaphonefactor", "phone");
    assert_eq!(condition(&object, "Drifted"), Value::Null, "{object:#}");
    assert_eq!(condition(&object, "AnotherTool")["status"], "True");
    let before = rig.operator_writes().len();
    rig.look("again").await;
    // The acknowledgement and nothing else.
    assert_eq!(rig.operator_writes().len(), before + 1);
}

#[tokio::test]
async fn an_operator_that_may_not_list_says_what_and_gives_the_lease_back() {
    let rig = Rig::new(ControlPlane::shared(), "blind").await;
    let roles = fs::read_to_string("deploy/namespaced/rbac.yaml").unwrap();
    let blind = roles.replace("resources: [secrets]", "resources: [nothing]");
    assert_ne!(roles, blind);
    rig.apply(&blind.replace("dialtone-system", &rig.home)).ok();
    let mut operator = rig.operator("one", &["--sync-timeout", "3s"]);
    wait_until("the probe to name what is missing", async || {
        let (code, text) = operator.probe("/readyz").await;
        let named = text.contains("secrets in namespace") && text.contains("forbidden");
        (code == 503 && named).then_some(()).ok_or(text)
    })
    .await;
    let (_, metrics) = operator.probe("/metrics").await;
    let counted = "dialtone_kubernetes_watch_failures_total{resource=\"secrets\"}";
    assert!(metrics.contains(counted), "{metrics}");
    assert_eq!(operator.ended().await.code(), Some(1));
    assert!(
        operator
            .log()
            .contains("still missing: secrets in namespace")
    );
    assert_eq!(rig.holder("dialtone"), "");
}

#[tokio::test]
async fn calls_and_writes_are_counted_as_they_were_made() {
    let rig = Rig::new(ControlPlane::shared(), "counts").await;
    let operator = rig.operator("one", &[]);
    assert_eq!(operator.probe("/healthz").await, (200, "alive\n".into()));
    rig.quickstart().await;
    assert_eq!(
        operator.probe("/readyz").await,
        (200, "ready: leader\n".into())
    );
    for round in 0..3 {
        let path = "/api/v2/guardian/factors/sms";
        rig.simulator
            .fault("PUT", path, &json!({"kind": "status", "code": 500}))
            .await;
        rig.patch(
            "mfaphonefactor",
            "phone",
            &json!({"spec": {"enabled": round == 1}}),
        )
        .ok();
        rig.look(&format!("{round}")).await;
    }
    rig.simulator.heal().await;
    rig.patch(
        "mfaphonefactor",
        "phone",
        &json!({"spec": {"enabled": true}}),
    )
    .ok();
    rig.all_ready(4).await;
    rig.look("last").await;
    wait_until("metrics and calls to agree", async || {
        let (told, made) = (told_calls(&operator).await, made_calls(&rig).await);
        if told == made {
            return Ok(());
        }
        Err(format!("told {told:#?}, made {made:#?}"))
    })
    .await;
    let written = written(&rig);
    wait_until("metrics and the audit log to agree", async || {
        let told = told_writes(&operator).await;
        if told == written {
            return Ok(());
        }
        Err(format!("told {told:#?}, written {written:#?}"))
    })
    .await;
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn conditions_drift_and_hazards_are_told_and_go_with_their_objects() {
    let rig = Rig::new(ControlPlane::shared(), "gauges").await;
    let operator = rig.operator("one", &[]);
    rig.quickstart().await;
    conditions_agree(&rig, &operator).await;
    let tenant = format!("{{tenant=\"{}/acme\"}}", rig.namespace);
    let told = async |name: &str, labels: &str| {
        let samples = samples(&operator, name).await;
        samples.get(labels).copied()
    };
    let gauge = async |name: &str| told(name, &tenant).await;
    assert_eq!(gauge("dialtone_tenant_drift").await, Some(0));
    let warn = json!({"spec": {"drift": {"mode": "Warn"}}});
    rig.patch("auth0tenant", "acme", &warn).ok();
    let off = json!({"enabled": false});
    let path = "/api/v2/guardian/factors/sms";
    rig.simulator.admin("PUT", path, &off).await;
    rig.look("drifted").await;
    assert_eq!(gauge("dialtone_tenant_drift").await, Some(1));
    conditions_agree(&rig, &operator).await;
    rig.simulator
        .admin("PUT", path, &json!({"enabled": true}))
        .await;
    rig.look("back").await;
    assert_eq!(gauge("dialtone_tenant_drift").await, Some(0));
    let disabled = json!({"spec": {"enabled": false}});
    rig.patch("phoneprovider", "twilio", &disabled).ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let withheld = tenant.replace('}', ",withheld=\"true\"}");
    assert_eq!(told("dialtone_plan_hazards", &withheld).await, Some(0));
    conditions_agree(&rig, &operator).await;
    rig.kubectl(&["delete", "mfaphonefactor", "phone"]).ok();
    told_no_more(&operator, "name=\"phone\"").await;
    rig.kubectl(&["delete", "auth0tenant", "acme"]).ok();
    told_no_more(&operator, "tenant=").await;
    conditions_agree(&rig, &operator).await;
    rig.kubectl(&["delete", "phoneproviders,passwordlessconnections", "--all"])
        .ok();
    told_no_more(&operator, &rig.namespace).await;
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

#[tokio::test]
async fn no_log_line_holds_a_secret_or_a_phone_number() {
    let rig = Rig::new(ControlPlane::shared(), "logs").await;
    let operator = rig.operator("one", &["--log", "trace"]);
    rig.quickstart().await;
    let secret = json!({"stringData": {"authToken": "rotated-auth-token"}});
    rig.patch("secret", "twilio", &secret).ok();
    rig.look("rotated").await;
    let refused = json!({"kind": "status", "code": 400});
    for path in [
        "/api/v2/branding/phone/providers/*",
        "/api/v2/connections/*",
    ] {
        rig.simulator.fault("PATCH", path, &refused).await;
    }
    let from = json!({"spec": {"twilio": {"from": "+15550199"}}});
    rig.patch("phoneprovider", "twilio", &from).ok();
    rig.patch(
        "secret",
        "auth0-management",
        &json!({"stringData": {"clientSecret": "another-client-secret"}}),
    )
    .ok();
    rig.look("refused").await;
    let log = operator.log();
    assert!(log.contains("TRACE"), "nothing is traced");
    let lower = log.to_lowercase();
    for secret in [
        "example-client-secret",
        "another-client-secret",
        "example-auth-token",
        "rotated-auth-token",
    ] {
        let encoded = BASE64.encode(secret.as_bytes()).to_lowercase();
        for text in [secret, encoded.trim_end_matches('=')] {
            assert!(
                !lower.contains(text),
                "{text} is logged: {}",
                line(&lower, text)
            );
        }
    }
    for text in ["5550100", "5550199", "bearer ey", "access_token\":"] {
        assert!(
            !lower.contains(text),
            "{text} is logged: {}",
            line(&lower, text)
        );
    }
}

fn line<'a>(log: &'a str, text: &str) -> &'a str {
    log.lines()
        .find(|line| line.contains(text))
        .unwrap_or_default()
}

/// Waits until no metric names this any more.
async fn told_no_more(operator: &Operator, text: &str) {
    wait_until(&format!("metrics to forget {text}"), async || {
        let page = operator.probe("/metrics").await.1;
        let found = page.lines().find(|line| line.contains(text));
        found.map_or(Ok(()), |line| Err(line.to_owned()))
    })
    .await;
}

/// The samples of a metric by their labels, zeros included.
async fn samples(operator: &Operator, name: &str) -> BTreeMap<String, u64> {
    let page = operator.probe("/metrics").await.1;
    let lines = page.lines().filter_map(|line| line.strip_prefix(name));
    lines
        .filter(|rest| rest.starts_with(['{', ' ']))
        .map(|rest| {
            let (labels, value) = rest.rsplit_once(' ').unwrap();
            (labels.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// The value of a label.
fn label(labels: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let labels = format!(",{}", labels.trim_start_matches('{'));
    let after = labels.split(&format!(",{start}")).nth(1).unwrap();
    after.split('"').next().unwrap().to_owned()
}

/// Calls by method, endpoint and class of the answer, as the metrics have them.
async fn told_calls(operator: &Operator) -> BTreeMap<String, u64> {
    let samples = samples(operator, "dialtone_auth0_requests_total").await;
    let key = |labels: &String| ["method", "endpoint", "status"].map(|it| label(labels, it));
    samples
        .iter()
        .map(|(labels, count)| (key(labels).join(" "), *count))
        .collect()
}

/// The same as the simulated tenant has them.
async fn made_calls(rig: &Rig<'_>) -> BTreeMap<String, u64> {
    let mut made = BTreeMap::new();
    for call in rig.simulator.log().await {
        let text = |key: &str| call[key].as_str().unwrap().to_owned();
        let class = format!("{}xx", call["status"].as_u64().unwrap() / 100);
        let key = format!("{} {} {class}", text("method"), endpoint(&text("path")));
        *made.entry(key).or_default() += 1;
    }
    made
}

async fn told_writes(operator: &Operator) -> BTreeMap<String, u64> {
    let samples = samples(operator, "dialtone_kubernetes_writes_total").await;
    let named = |(labels, count): (&String, &u64)| (label(labels, "what"), *count);
    let all = samples.iter().map(named);
    all.filter(|(_, count)| *count > 0).collect()
}

/// What the API server was asked to write, in the words of the metrics.
fn written(rig: &Rig<'_>) -> BTreeMap<String, u64> {
    let asked = rig.plane.audit().by_service_account(&rig.home, ACCOUNT);
    let mut written = BTreeMap::new();
    for request in asked.writes().iter() {
        let what = match request.resource.as_str() {
            "leases" => continue,
            "events" => "event",
            "secrets" => "secret",
            resource if resource.ends_with("/status") => "status",
            _ => "metadata",
        };
        *written.entry(what.to_owned()).or_default() += 1;
    }
    written
}

/// Waits until the gauge of conditions says what the objects say.
async fn conditions_agree(rig: &Rig<'_>, operator: &Operator) {
    wait_until("the gauge of conditions to agree", async || {
        let told: BTreeSet<[String; 4]> = samples(operator, "dialtone_object_condition")
            .await
            .into_iter()
            .filter(|(_, value)| *value == 1)
            .map(|(labels, _)| ["kind", "name", "type", "status"].map(|it| label(&labels, it)))
            .collect();
        let shown: BTreeSet<[String; 4]> = rig.objects().iter().flat_map(conditions).collect();
        if told == shown && !shown.is_empty() {
            return Ok(());
        }
        let difference: Vec<_> = told.symmetric_difference(&shown).collect();
        Err(format!("{difference:#?}"))
    })
    .await;
}

fn conditions(object: &Value) -> Vec<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    let all = object["status"]["conditions"].as_array();
    all.into_iter()
        .flatten()
        .map(|it| {
            [
                kind.clone(),
                name.clone(),
                text(&it["type"]),
                text(&it["status"]),
            ]
        })
        .collect()
}
