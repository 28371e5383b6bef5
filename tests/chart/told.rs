//! The alert rules over what a running operator tells in each state that they are for.

use serde_json::{Value, json};

use crate::alerts::hold;
use crate::exposition::{MINUTES, going_on};
use crate::helm::CHART;
use crate::operator::Operator;
use crate::release::{LOCAL, Release, values};
use crate::rig::Rig;
use crate::server::monitored;
use crate::support::{ControlPlane, wait_until};

const FACTOR: &str = "/api/v2/guardian/factors/sms";

const RULES: &str = "metrics: {prometheusRule: {enabled: true}}\n";

/// A release whose operator is looked at as Prometheus would.
struct Watched<'a> {
    release: Release<'a>,
    rig: Rig<'a>,
    operator: Operator,
    rules: Value,
}

impl<'a> Watched<'a> {
    async fn start(plane: &'a ControlPlane) -> Self {
        monitored(plane);
        let home = plane.namespace("watched").await;
        let rig = Rig::installed(plane, "alerting", &home).await;
        let release = Release::new(plane, &home);
        let more = format!("{LOCAL}{RULES}watchNamespaces: [{}]\n", rig.namespace);
        release
            .install(CHART, &values(rig.simulator.url(), &more))
            .ok();
        let operator = release.operator("dialtone", "dialtone-1");
        rig.quickstart().await;
        let rules = release.object("prometheusrule", "dialtone")["spec"].clone();
        Self {
            release,
            rig,
            operator,
            rules,
        }
    }

    async fn page(&self, operator: &Operator) -> String {
        operator.probe("/metrics").await.1
    }

    /// Waits until the page has a sample of this name that is more than zero.
    async fn told(&self, series: &str) -> String {
        wait_until(series, async || {
            let page = self.page(&self.operator).await;
            let line = page.lines().find(|line| line.starts_with(series));
            let value = line.and_then(|line| line.rsplit_once(' '));
            let more = value.is_some_and(|(_, value)| value.parse::<f64>().unwrap() > 0.0);
            if more { Ok(page) } else { Err(page) }
        })
        .await
    }

    /// Holds that these alerts are there after an hour of it, and no others.
    fn raises(&self, before: &str, after: &str, alerts: &[&str]) {
        let replica = [
            ("namespace", self.release.namespace.as_str()),
            ("job", "dialtone"),
            ("pod", "dialtone-1"),
        ];
        let expected: Vec<Value> = alerts
            .iter()
            .map(|name| json!({"labels": format!("{{alertname=\"{name}\"}}"), "value": 1}))
            .collect();
        let test = json!({
            "interval": "1m",
            "input_series": going_on(before, after, &replica),
            "promql_expr_test": [{
                "expr": "max by (alertname) (ALERTS{alertstate=\"firing\"})",
                "eval_time": format!("{MINUTES}m"),
                "exp_samples": expected,
            }],
        });
        hold(&self.rules, &json!([test]));
    }
}

#[tokio::test]
async fn each_alert_comes_of_what_a_running_operator_tells() {
    let watched = Watched::start(ControlPlane::shared()).await;
    let rig = &watched.rig;
    let before = watched.page(&watched.operator).await;
    rig.look("well").await;
    let well = watched.page(&watched.operator).await;
    watched.raises(&before, &well, &[]);

    hazard(&watched).await;
    drift(&watched).await;
    let quiet = watched.page(&watched.operator).await;
    let standby = watched.release.operator("dialtone", "dialtone-2");
    let page = watched.page(&standby).await;
    watched.raises(&page, &page, &["DialtoneNoLeader"]);
    throttled(&watched, &quiet).await;
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}

async fn hazard(watched: &Watched<'_>) {
    let rig = &watched.rig;
    let off = json!({"spec": {"enabled": false, "onBreakingChange": "Block"}});
    rig.patch("phoneprovider", "twilio", &off).ok();
    let hazards = |withheld: bool| {
        let tenant = &rig.namespace;
        format!("dialtone_plan_hazards{{tenant=\"{tenant}/acme\",withheld=\"{withheld}\"}}")
    };
    let page = watched.told(&hazards(true)).await;
    rig.look("withheld").await;
    watched.raises(&page, &page, &["DialtoneHazards", "DialtoneNotReady"]);

    let through = json!({"spec": {"onBreakingChange": "Warn"}});
    rig.patch("phoneprovider", "twilio", &through).ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let alerts = ["DialtoneBreaksDependents", "DialtoneNotReady"];
    // What was let through is done, and until the next pass it is what was planned last.
    let page = watched.told(&hazards(false)).await;
    watched.raises(&page, &page, &alerts);
    rig.look("broken").await;
    let page = watched.page(&watched.operator).await;
    watched.raises(&page, &page, &alerts);
    let on = json!({"spec": {"enabled": true}});
    rig.patch("phoneprovider", "twilio", &on).ok();
    rig.look("mended").await;
    rig.all_ready(4).await;
}

async fn drift(watched: &Watched<'_>) {
    let rig = &watched.rig;
    let warn = json!({"spec": {"drift": {"mode": "Warn"}}});
    rig.patch("auth0tenant", "acme", &warn).ok();
    rig.simulator
        .admin("PUT", FACTOR, &json!({"enabled": false}))
        .await;
    rig.look("drifted").await;
    let page = watched.told("dialtone_tenant_drift{").await;
    watched.raises(&page, &page, &["DialtoneDrift"]);
    rig.simulator
        .admin("PUT", FACTOR, &json!({"enabled": true}))
        .await;
    rig.look("undone").await;
}

async fn throttled(watched: &Watched<'_>, before: &str) {
    let rig = &watched.rig;
    let script = json!({
        "match": {}, "at": "always", "fault": {"kind": "throttle", "resetSeconds": 1},
    });
    rig.simulator
        .send(reqwest::Method::POST, "/_sim/faults", &script)
        .await;
    let ask = json!({"metadata": {"annotations": {"dialtone.dev/requestedAt": "throttled"}}});
    rig.patch("auth0tenant", "acme", &ask).ok();
    let refused = "status=\"429\"";
    let page = wait_until("a call to be refused", async || {
        let page = watched.page(&watched.operator).await;
        if page.contains(refused) {
            Ok(page)
        } else {
            Err(page)
        }
    })
    .await;
    watched.raises(before, &page, &["DialtoneThrottled"]);
    rig.simulator.heal().await;
}
