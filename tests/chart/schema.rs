//! Wrong values are refused before anything is rendered, in words that help.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::helm::{CHART, Helm};
use crate::render::{cases, documents, of_kind, rendered, template, template_with};

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(format!("{CHART}/values.schema.json")).unwrap())
        .unwrap()
}

/// The schema that a reference leads to, or the schema itself.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// The paths of all values that a schema knows; lists are not gone into.
fn known(root: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let schema = resolved(root, schema);
    let Some(properties) = schema["properties"].as_object() else {
        found.insert(path.to_owned());
        return;
    };
    assert_eq!(
        schema["additionalProperties"],
        Value::Bool(false),
        "{path} takes anything"
    );
    for (name, inner) in properties {
        known(root, inner, &format!("{path}.{name}"), found);
    }
}

/// The paths of all values that are set, as far as the schema goes into them.
fn set(values: &Value, path: &str, ends: &BTreeSet<String>, found: &mut BTreeSet<String>) {
    match values.as_object() {
        Some(inner) if !ends.contains(path) => {
            for (name, value) in inner {
                set(value, &format!("{path}.{name}"), ends, found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// The paths of all values, as `.image.tag`.
fn described() -> BTreeSet<String> {
    let schema = schema();
    let mut described = BTreeSet::new();
    known(&schema, &schema, "", &mut described);
    described
}

fn defaults() -> Value {
    let text = fs::read_to_string(format!("{CHART}/values.yaml")).unwrap();
    documents(&text).remove(0)
}

#[test]
fn every_value_has_a_schema_and_a_default() {
    let mut described = described();
    let mut set_by_default = BTreeSet::new();
    set(&self::defaults(), "", &described, &mut set_by_default);
    let defaults = set_by_default;
    // Helm sets the one, and the other has no default of its own.
    for absent in [".global", ".updateStrategy.rollingUpdate"] {
        assert!(described.remove(absent), "{absent}");
    }
    assert_eq!(described, defaults);
    assert!(defaults.len() > 100, "{}", defaults.len());
}

/// The values without one of them.
fn without(values: &Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut values = values.clone();
    let inner = values.pointer_mut(parent).unwrap();
    inner.as_object_mut().unwrap().remove(name);
    values
}

#[test]
fn every_value_is_another_in_some_case_and_makes_a_difference_there() {
    let defaults = defaults();
    let cases: Vec<(Value, String)> = cases()
        .iter()
        .map(|case| {
            let values = documents(&fs::read_to_string(case).unwrap()).remove(0);
            (values, template(case).ok())
        })
        .collect();
    let mut idle = Vec::new();
    for path in described() {
        // Nothing here reads these.
        if [".enabled", ".global"].contains(&path.as_str()) {
            continue;
        }
        let pointer = path.replace('.', "/");
        let other = |values: &Value| {
            let set = values.pointer(&pointer);
            set.is_some() && set != defaults.pointer(&pointer)
        };
        let mut cases = cases.iter().filter(|(values, _)| other(values));
        let tells = cases.any(|(values, rendered)| {
            let values = without(values, &pointer).to_string();
            let run = template_with(&values);
            // What does not go together without it is a difference as well.
            !run.success || run.stdout != *rendered
        });
        if !tells {
            idle.push(path);
        }
    }
    assert_eq!(idle, Vec::<String>::new());
}

/// Values that are wrong, and what of the message tells where and what.
const WRONG: [(&str, &[&str]); 26] = [
    ("replicaCount: 3", &["replicaCount", "not allowed"]),
    ("image: {repo: dialtone}", &["/image", "repo"]),
    (
        "metrics: {serviceMonitor: {enable: true}}",
        &["/metrics/serviceMonitor", "enable"],
    ),
    ("crds: {keep: 'yes'}", &["/crds/keep", "boolean"]),
    ("replicas: two", &["/replicas", "integer"]),
    ("replicas: -1", &["/replicas", "minimum"]),
    ("secretAccess: list", &["/secretAccess", "watch", "get"]),
    ("watchNamespaces: team-a", &["/watchNamespaces", "array"]),
    (
        "watchNamespaces: [team_a]",
        &["/watchNamespaces/0", "team_a"],
    ),
    (
        "watchNamespaces: [team-a, team-a]",
        &["/watchNamespaces", "0 and 1"],
    ),
    (
        "deletionGracePeriod: 10",
        &["/deletionGracePeriod", "string"],
    ),
    ("syncTimeout: 1d", &["/syncTimeout", "1d"]),
    ("concurrent: 0", &["/concurrent", "minimum"]),
    ("image: {digest: sha256:abc}", &["/image/digest", "abc"]),
    ("image: {tag: 1.2}", &["/image/tag", "string"]),
    ("shards: [{name: one}]", &["/shards/0", "selector"]),
    (
        "shards: [{name: One, selector: a=b}]",
        &["/shards/0/name", "One"],
    ),
    ("commonLabels: {a: 1}", &["/commonLabels/a", "string"]),
    (
        "networkPolicy: {apiServer: {ports: []}}",
        &["/networkPolicy/apiServer/ports", "minItems"],
    ),
    (
        "podDisruptionBudget: {maxUnavailable: half}",
        &["/podDisruptionBudget/maxUnavailable", "half"],
    ),
    ("log: {format: logfmt}", &["/log/format", "json"]),
    (
        "metrics: {prometheusRule: {alerts: {drift: {for: soon}}}}",
        &["/metrics/prometheusRule/alerts/drift/for", "soon"],
    ),
    ("nameOverride: a.b", &["/nameOverride", "a.b"]),
    ("fullnameOverride: a.b", &["/fullnameOverride", "a.b"]),
    ("fullnameOverride: '123'", &["/fullnameOverride", "123"]),
    (
        "tracing: {otlpEndpoint: 'collector:4318'}",
        &["/tracing/otlpEndpoint", "collector:4318"],
    ),
];

#[test]
fn wrong_values_are_refused_with_their_place() {
    let mut messages = Vec::new();
    for (values, told) in WRONG {
        let message = template_with(values).refused();
        for word in told {
            assert!(message.contains(word), "{values}: {word}: {message}");
        }
        messages.push(format!("{values}\n{}", message.trim()));
    }
    insta::assert_snapshot!("wrong_values", messages.join("\n\n"));
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    let cases = [
        (
            "serviceAccount: {create: false}",
            "serviceAccount.name: name the account to use",
        ),
        (
            "shards: [{name: one, selector: a=b}, {name: one, selector: a!=b}]",
            "two are called \"one\"",
        ),
        (
            "metrics: {serviceMonitor: {enabled: true}, podMonitor: {enabled: true}}",
            "enable either serviceMonitor or podMonitor",
        ),
        (
            "leaderElection: {leaseDuration: 1500ms}",
            "leaderElection.leaseDuration: it must be a whole number of seconds",
        ),
        (
            "leaderElection: {leaseDuration: 0s}",
            "leaderElection.leaseDuration: it must be a whole number of seconds",
        ),
        (
            "leaderElection: {leaseDuration: 30s}",
            "leaderElection.renewDeadline: it must be shorter",
        ),
        (
            "leaderElection: {leaseDuration: 2m, renewDeadline: 1m59s, retryPeriod: 59500ms}",
            "leaderElection.retryPeriod: it must be more than zero",
        ),
        (
            "shutdownGracePeriod: 45s",
            "terminationGracePeriodSeconds: it must be more than shutdownGracePeriod",
        ),
        (
            "env: [{name: POD_NAME, value: x}]",
            "env: POD_NAME is set by the chart itself",
        ),
    ];
    for (values, told) in cases {
        let message = template_with(values).refused();
        assert!(message.contains(told), "{values}: {message}");
    }
    // What just goes together.
    template_with(
        "leaderElection: {leaseDuration: 2m, renewDeadline: 1m59s, retryPeriod: 59400ms}
shutdownGracePeriod: 44s",
    )
    .ok();
}

#[test]
fn a_release_whose_name_no_service_can_have_is_refused_with_the_way_out() {
    let helm = Helm::offline();
    let run = |name: &str, more: &[&str]| helm.run(&[&["template", name, CHART], more].concat());
    for name in ["1st", "a.b"] {
        let message = run(name, &[]).refused();
        assert!(message.contains("fullnameOverride: set it"), "{message}");
        run(name, &["--set", "fullnameOverride=first"]).ok();
    }
}

#[test]
fn a_name_that_is_cut_does_not_end_with_what_ends_no_name() {
    let long = format!("{}--end", "a".repeat(38));
    let documents = rendered(&format!("fullnameOverride: {long}"));
    let deployment = &of_kind(&documents, "Deployment")[0];
    assert_eq!(deployment["metadata"]["name"], "a".repeat(38));
}

#[test]
fn a_chart_that_this_one_is_a_part_of_may_set_what_helm_lets_it() {
    template_with("{enabled: true, global: {region: eu}}").ok();
}
