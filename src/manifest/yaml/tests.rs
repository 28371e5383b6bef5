//! What is read, and where it stands.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn one(text: &str) -> Value {
    let (documents, error) = read(text);
    assert_eq!(error, [], "{text}");
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
        ("1e3", json!(1000)),
        ("6.0", json!(6)),
        ("-1.5e-3", json!(-0.0015)),
        ("_1", json!("_1")),
        ("!!str 012", json!("012")),
        ("!!int \"3\"", json!(3)),
        ("!!binary aGk=", json!("hi")),
        ("!mine 7", json!("7")),
        (".5", json!(0.5)),
        ("yes", json!(true)),
        ("Off", json!(false)),
        ("n", json!(false)),
        ("~", json!(null)),
        ("2026-11-24", json!("2026-11-24")),
        ("12:30:45", json!("12:30:45")),
        ("1.2.3", json!("1.2.3")),
        ("089", json!(89)),
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
    let (_, errors) = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(errors[0].message, "the key is there twice");
    assert_eq!(errors[0].span, 10..11);
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let (documents, errors) = read("a: 1\n---\n---\nb: [1\n--- # next\nc: 2\n--- d\n");
    let values: Vec<Value> = documents.into_iter().map(|one| one.value).collect();
    assert_eq!(values, [json!({"a": 1}), json!({"c": 2}), json!("d")]);
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].document, 9..19);
}

#[test]
fn directives_belong_to_the_document_that_follows() {
    let (documents, errors) = read("%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n");
    assert_eq!(errors, []);
    assert_eq!(documents.len(), 2);
}

#[test]
fn json_is_yaml() {
    let text = "{\n\t\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1e2, null, true]\n}\n";
    assert_eq!(one(text), json!({"a": "😀/", "b": [100, null, true]}));
}

#[test]
fn what_json_cannot_say_is_an_error() {
    for text in [
        "a: .nan\n",
        "[a]: b\n",
        "~: b\n",
        "a: &a [*a]\n",
        "<<: 1\n",
        "a: *b\n",
        "a: !!int b\n",
    ] {
        let (documents, errors) = read(text);
        assert_eq!((documents.len(), errors.len()), (0, 1), "{text}");
    }
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
    assert_eq!(read(&deep).1.len(), 1);
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let item = format!("*a{}", level - 1);
        let items = vec![item; 10].join(",");
        bomb = format!("{bomb}a{level}: &a{level} [{items}]\n");
    }
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a,".repeat(1000)
    );
    let keys = format!(
        "{}1{}",
        "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: ".repeat(90),
        "}".repeat(90)
    );
    let paths = keys.replace('1', &format!("[{}]", "1,".repeat(10_000)));
    for text in [bomb, long, paths] {
        let (_, errors) = read(&text);
        assert!(
            errors[0].message.starts_with("too many values"),
            "{errors:?}"
        );
    }
    assert_eq!(read(&" ".repeat(MOST_BYTES + 1)).1.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_at_a_place_inside_it(text in "[ -~\n\t&*\\[\\]{}:é€]{0,200}") {
        let (documents, errors) = read(&text);
        for document in &documents {
            for place in document.places.values() {
                prop_assert!(place.value.end <= text.len());
            }
        }
        for error in errors {
            prop_assert!(error.span.end <= text.len());
        }
    }
}
