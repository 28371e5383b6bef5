//! The dashboard asks for what the program tells, in queries that Prometheus takes.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::alerts::{promtool, unknown};
use crate::helm::{CHART, Helm};
use crate::render::{one, rendered};

fn dashboard() -> Value {
    let text = fs::read_to_string(format!("{CHART}/files/dashboard.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The queries of all panels, with what Grafana puts in their place.
fn queries(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels
        .filter(|panel| panel["type"] != "row")
        .flat_map(|panel| {
            let targets = panel["targets"].as_array().unwrap();
            assert!(!targets.is_empty(), "{panel:#}");
            targets
        })
        .map(|target| {
            let query = target["expr"].as_str().unwrap();
            let query = query.replace("$__rate_interval", "5m");
            query.replace("$tenant", ".*")
        })
        .collect()
}

#[test]
fn every_query_is_one_and_asks_for_what_is_told() {
    let queries = queries(&dashboard());
    assert!(queries.len() > 15, "{queries:#?}");
    assert_eq!(unknown(&queries.join("\n")), Vec::<String>::new());
    let rules: Vec<Value> = queries
        .iter()
        .enumerate()
        .map(|(number, query)| json!({"record": format!("panel:{number}"), "expr": query}))
        .collect();
    let groups = json!({"groups": [{"name": "panels", "rules": rules}]});
    let helm = Helm::offline();
    let file = helm.file("rules.yaml", &groups.to_string());
    promtool(&["check", "rules", &file]).ok();
}

#[test]
fn panels_have_places_and_numbers_of_their_own() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels.iter().map(|it| it["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let place = |key: &str| panel["gridPos"][key].as_i64().unwrap();
        assert!(place("x") + place("w") <= 24, "{panel:#}");
        for column in place("x")..place("x") + place("w") {
            for line in place("y")..place("y") + place("h") {
                assert!(taken.insert((column, line)), "{panel:#}");
            }
        }
    }
}

#[test]
fn the_config_map_holds_it_as_it_is() {
    let documents = rendered("metrics: {dashboard: {enabled: true}}");
    let map = one(&documents, "ConfigMap", "dialtone-dashboard");
    let held: Value = serde_json::from_str(map["data"]["dialtone.json"].as_str().unwrap()).unwrap();
    assert_eq!(held, dashboard());
    assert_eq!(map["metadata"]["labels"]["grafana_dashboard"], "1");
}
