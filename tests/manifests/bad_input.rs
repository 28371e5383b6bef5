//! Input that is hostile, huge or cut off.

use std::fmt::Write as _;

use dialtone::manifest::to_json;

use crate::{PROVIDER, TENANT, errors, read, stream, told};

#[test]
fn ten_thousand_documents_are_read() {
    let mut text = TENANT.to_owned();
    for index in 0..10_000 {
        let provider = PROVIDER.replace("name: twilio", &format!("name: p{index}"));
        let _ = write!(text, "---\n{provider}");
    }
    let (manifests, found) = read(&text);
    assert_eq!(manifests.objects.len(), 10_001);
    // All but one of them claim what the first has.
    assert_eq!(errors(&found).len(), 9_999);
}

#[test]
fn a_document_that_no_api_server_takes_is_told() {
    let (_, found) = read(&format!("{TENANT}---\na: {}\n", "x".repeat(3 << 20)));
    assert_eq!(errors(&found), ["the document is larger than 3 MiB"]);
}

#[test]
fn a_list_is_read_item_by_item() {
    let documents = stream(&[TENANT, PROVIDER]);
    let mut text = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
    for item in documents.split("---\n") {
        let item = item.trim_end().replace('\n', "\n  ");
        let _ = writeln!(text, "- {item}");
    }
    let (manifests, found) = read(&text);
    assert_eq!(found, []);
    assert_eq!(manifests.objects.len(), 2);
    let (_, found) = read(&text.replace("[Text, Voice]", "[Text, Voise]"));
    assert_eq!(found[0].field.as_deref(), Some("spec.deliveryMethods[1]"));
    let line = to_json(&found)[0]["line"].as_u64().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[usize::try_from(line).unwrap() - 1].contains("deliveryMethods"));
}

#[test]
fn null_and_absence_are_the_same() {
    let text = PROVIDER
        .replace("  tenantRef", "  enabled: null\n  adopt: ~\n  tenantRef")
        .replace("name: twilio}", "name: twilio, namespace: null, labels: }");
    assert_eq!(told(&text), "");
}

#[test]
fn a_status_and_what_an_api_server_adds_are_passed_over() {
    let text = PROVIDER.replace(
        "metadata: {name: twilio}",
        "metadata: {name: twilio, uid: u, resourceVersion: '1', creationTimestamp: null}
status: {anything: [1]}",
    );
    assert_eq!(told(&text), "");
}

#[test]
fn other_kinds_are_counted_and_passed_over() {
    let (manifests, found) = read("apiVersion: apps/v1\nkind: Deployment\n---\n---\n# nothing\n");
    assert_eq!((manifests.ignored.len(), found.len()), (1, 0));
}

#[test]
fn the_json_form_has_every_part() {
    let (_, found) = read(&stream(&[TENANT, &PROVIDER.replace("Voice", "Voise")]));
    assert_eq!(
        to_json(&found)[0],
        serde_json::json!({
            "severity": "error",
            "file": "phone.yaml",
            "line": 18,
            "column": 27,
            "field": "spec.deliveryMethods[1]",
            "message": "must be one of Text, Voice",
            "hint": "did you mean \"Voice\"?",
        })
    );
}
