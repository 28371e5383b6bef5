//! `support/kstatus.rs` tells each way in which a status can be wrong.

use serde_json::{Value, json};

use crate::support::kstatus::{violations, violations_in_passing};

fn condition(kind: &str, status: &str, observed: i64) -> Value {
    json!({"type": kind, "status": status, "observedGeneration": observed})
}

/// An object of generation 2 with conditions that observed it.
fn object(conditions: &[(&str, &str)]) -> Value {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(kind, status)| condition(kind, status, 2))
        .collect();
    json!({
        "metadata": {"generation": 2},
        "status": {"observedGeneration": 2, "conditions": conditions},
    })
}

/// The numbers of the rules that an object breaks.
fn numbers(violations: &[String]) -> Vec<&str> {
    let number = |text: &'_ String| text.find(':');
    violations
        .iter()
        .map(|text| &text[..number(text).unwrap()])
        .collect()
}

#[track_caller]
fn breaks(object: &Value, expected: &[&str]) {
    let violations = violations(object);
    assert_eq!(numbers(&violations), expected, "{violations:#?}");
}

#[track_caller]
fn breaks_in_passing(object: &Value, expected: &[&str]) {
    let violations = violations_in_passing(object);
    assert_eq!(numbers(&violations), expected, "{violations:#?}");
}

#[test]
fn good_statuses_break_no_rule() {
    let good: [&[(&str, &str)]; 5] = [
        &[("Ready", "True")],
        &[("Ready", "False"), ("Reconciling", "True")],
        &[("Ready", "False"), ("Stalled", "True")],
        // What our own conditions say does not make an object unready.
        &[("Ready", "True"), ("Drifted", "True")],
        &[("Ready", "True"), ("BreaksDependents", "True")],
    ];
    for conditions in good {
        breaks(&object(conditions), &[]);
        breaks_in_passing(&object(conditions), &[]);
    }
}

#[test]
fn f1_f3_and_f4_nothing_abnormal_stands_beside_ready() {
    let reconciling = object(&[("Ready", "True"), ("Reconciling", "True")]);
    breaks(&reconciling, &["F1", "F3"]);
    let stalled = object(&[("Ready", "True"), ("Stalled", "True")]);
    breaks(&stalled, &["F1", "F4"]);
}

#[test]
fn f2_there_is_a_ready_condition() {
    breaks(&object(&[]), &["F2"]);
    breaks(&json!({"metadata": {"generation": 1}}), &["F2"]);
    breaks_in_passing(&object(&[("Reconciling", "True")]), &["F2"]);
}

#[test]
fn f3_ready_is_false_while_reconciling_but_in_the_middle_of_a_pass() {
    let unknown = object(&[("Ready", "Unknown"), ("Reconciling", "True")]);
    breaks(&unknown, &["F3"]);
    breaks_in_passing(&unknown, &[]);
    let ready = object(&[("Ready", "True"), ("Reconciling", "True")]);
    breaks_in_passing(&ready, &[]);
}

#[test]
fn f4_ready_is_false_while_stalled() {
    let unknown = object(&[("Ready", "Unknown"), ("Stalled", "True")]);
    breaks(&unknown, &["F4", "F11"]);
    breaks_in_passing(&unknown, &["F4", "F11"]);
}

#[test]
fn f5_an_object_is_not_both_reconciling_and_stalled() {
    let both = object(&[
        ("Ready", "False"),
        ("Reconciling", "True"),
        ("Stalled", "False"),
    ]);
    breaks(&both, &["F5"]);
    breaks_in_passing(&both, &["F5"]);
}

#[test]
fn f6_no_generation_is_observed_before_it_is_there() {
    let mut early = object(&[("Ready", "False")]);
    early["status"]["observedGeneration"] = json!(3);
    breaks(&early, &["F6"]);
    breaks_in_passing(&early, &["F6"]);
}

#[test]
fn f7_ready_is_of_the_present_generation() {
    let mut stale = object(&[("Ready", "True")]);
    stale["status"]["observedGeneration"] = json!(1);
    breaks(&stale, &["F7", "F9"]);
    let mut unready = object(&[("Ready", "False")]);
    unready["status"]["observedGeneration"] = json!(1);
    breaks(&unready, &[]);
    // As the definitions have it for an object that nobody has looked at.
    unready["status"]["observedGeneration"] = json!(-1);
    breaks(&unready, &[]);
}

#[test]
fn f8_so_is_every_condition_beside_it() {
    let mut stale = object(&[("Ready", "True")]);
    let conditions = stale["status"]["conditions"].as_array_mut().unwrap();
    conditions.push(condition("ProviderReady", "True", 1));
    breaks(&stale, &["F8", "F9"]);
    let conditions = stale["status"]["conditions"].as_array_mut().unwrap();
    conditions[1] = json!({"type": "ProviderReady", "status": "True"});
    breaks(&stale, &["F8", "F9"]);
}

#[test]
fn f9_conditions_and_status_are_of_one_generation() {
    let mut apart = object(&[("Ready", "True")]);
    apart["status"]["conditions"][0]["observedGeneration"] = json!(3);
    breaks(&apart, &["F9"]);
}

#[test]
fn f11_unknown_means_that_work_is_under_way() {
    let lost = object(&[("Ready", "Unknown")]);
    breaks(&lost, &["F11"]);
    breaks_in_passing(&lost, &["F11"]);
}
