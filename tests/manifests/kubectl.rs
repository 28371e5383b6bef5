//! Readings of `sigs.k8s.io/yaml` 1.6.0, which is kubectl's reader, beside ours.

use dialtone::manifest::yaml;
use serde_json::Value;

/// Each row is a text and what kubectl makes of it, or a text alone that kubectl refuses.
const READINGS: &str = include_str!("../golden/yaml_as_kubectl_reads_it.json");

/// Whole numbers are the same number with and without a point.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, l)| right.get(key).is_some_and(|r| same(l, r)))
        }
        _ => left == right,
    }
}

#[test]
fn every_text_is_read_as_kubectl_reads_it() {
    let rows: Vec<Vec<Value>> = serde_json::from_str(READINGS).unwrap();
    assert!(rows.len() > 800);
    for row in rows {
        let text = row[0].as_str().unwrap();
        let (documents, errors) = yaml::read(text);
        let ours = documents
            .first()
            .map_or(Value::Null, |document| document.value.clone());
        match row.get(1) {
            Some(kubectl) => {
                assert_eq!(errors, [], "{text:?}");
                assert!(same(&ours, kubectl), "{text:?}: {ours} and not {kubectl}");
            }
            None => assert!(!errors.is_empty(), "{text:?} is read as {ours}"),
        }
    }
}
