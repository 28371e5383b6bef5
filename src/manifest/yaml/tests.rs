//! What kubectl's parser makes of the same text.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn one(text: &str) -> Value {
    let (documents, error) = read(text);
    assert_eq!(error, None, "{text}");
    documents
        .into_iter()
        .next()
        .map(|document| document.value)
        .unwrap_or_default()
}

#[test]
fn plain_scalars_are_what_kubectl_makes_of_them() {
    for (text, value) in [
        ("+15550100", json!(15_550_100)),
        ("-7", json!(-7)),
        ("012", json!(10)),
        ("0x1F", json!(31)),
        ("0b11", json!(3)),
        ("1_000", json!(1000)),
        ("1.5", json!(1.5)),
        ("1e3", json!(1000.0)),
        (".5", json!(0.5)),
        ("yes", json!(true)),
        ("Off", json!(false)),
        ("n", json!(false)),
        ("~", json!(null)),
        ("2026-11-24", json!("2026-11-24")),
        ("12:30:45", json!("12:30:45")),
        ("1.2.3", json!("1.2.3")),
        ("089", json!(89.0)),
        ("yess", json!("yess")),
        ("\"+15550100\"", json!("+15550100")),
        ("'yes'", json!("yes")),
    ] {
        assert_eq!(one(&format!("a: {text}\n")), json!({"a": value}), "{text}");
    }
}

#[test]
fn keys_become_text_and_merges_and_aliases_are_followed() {
    assert_eq!(one("1: a\non: b\n"), json!({"1": "a", "true": "b"}));
    let text = "base: &b {x: 1, y: {z: 2}}\nall:\n  <<: *b\n  x: 3\nsame: *b\n";
    let value = one(text);
    assert_eq!(value["all"], json!({"x": 3, "true": {"z": 2}}));
    assert_eq!(value["same"]["x"], json!(1));
}

#[test]
fn a_key_that_is_there_twice_is_an_error_at_the_second() {
    let (_, error) = read("a: 1\nb: 2\na: 3\n");
    let error = error.expect("an error");
    assert_eq!(error.message, "the key \"a\" is there twice");
    assert_eq!(error.span, 10..11);
}

#[test]
fn documents_before_a_broken_one_are_kept() {
    let (documents, error) = read("a: 1\n---\n---\nb: [1\n");
    assert_eq!(documents.len(), 1);
    assert!(error.is_some());
}

#[test]
fn places_name_the_bytes_of_keys_and_values() {
    let text = "spec:\n  from: +1555\n  list: [a, bc]\n";
    let (documents, _) = read(text);
    let place = &documents[0].places["/spec/from"];
    assert_eq!(&text[place.value.clone()], "+1555");
    assert_eq!(place.key.clone().map(|key| &text[key]), Some("from"));
    assert_eq!(
        &text[documents[0].places["/spec/list/1"].value.clone()],
        "bc"
    );
}

#[test]
fn bombs_are_refused() {
    let deep = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
    assert!(read(&deep).1.is_some());
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let item = format!("*a{}", level - 1);
        let items = vec![item; 10].join(",");
        bomb = format!("{bomb}a{level}: &a{level} [{items}]\n");
    }
    let error = read(&bomb).1.expect("an error");
    assert!(error.message.contains("200000 values"), "{}", error.message);
    assert!(read(&" ".repeat(MOST_BYTES + 1)).1.is_some());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_at_a_place_inside_it(text in "[ -~\n\t&*\\[\\]{}:é€]{0,200}") {
        let (documents, error) = read(&text);
        for document in &documents {
            for place in document.places.values() {
                prop_assert!(place.value.end <= text.len());
            }
        }
        if let Some(error) = error {
            prop_assert!(error.span.end <= text.len());
        }
    }
}
