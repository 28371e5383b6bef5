//! SARIF 2.1.0: results as code scanning and other tools take them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};

use super::annotation::{Annotation, Level, let_through};
use super::place::Place;
use super::rule::Rule;
use super::sheet::{Sheet, visible};
use crate::phone::acknowledgement::ACKNOWLEDGE;

/// The names of the fingerprint: with the version of what goes into it, and the one by which GitHub
/// tells the alerts of a rule and a file apart. Where that is missing, the action that uploads results
/// puts a hash of the line there, and all hazards of a line become one alert.
const FINGERPRINTS: [&str; 2] = ["dialtone/v1", "primaryLocationLineHash"];

/// The whole document. What is worth knowing and has no line is told of the run; everything else is a
/// result.
pub(super) fn document(sheet: &Sheet) -> Value {
    let (told, loose): (Vec<&Annotation>, Vec<&Annotation>) = sheet
        .annotations
        .iter()
        .partition(|it| it.place.is_some() || it.broken.is_some() || it.level < Level::Notice);
    let rules: BTreeSet<Rule> = sheet.annotations.iter().map(|it| it.rule).collect();
    let rules: Vec<Rule> = rules.into_iter().collect();
    let mut known = BTreeMap::new();
    let results: Vec<Value> = told
        .into_iter()
        .map(|annotation| result(annotation, sheet, &rules, &mut known))
        .collect();
    let notifications: Vec<Value> = loose
        .into_iter()
        .map(|annotation| notification(annotation, &rules))
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "dialtone",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().copied().map(rule).collect::<Vec<_>>(),
            }},
            // Results of one command take the place of those that it had before, and of no others.
            "automationDetails": {"id": format!("dialtone-{}/", sheet.command)},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !sheet.failed && !sheet.partial,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    })
}

fn rule(rule: Rule) -> Value {
    let (means, advice) = rule.explained().unwrap_or_default();
    let help = [means.as_str(), advice.as_str()]
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| sentence(text))
        .collect::<Vec<_>>()
        .join(" ");
    json!({
        "id": rule.id(),
        "shortDescription": {"text": sentence(&means).replace('`', "")},
        "fullDescription": {"text": help.replace('`', "")},
        "help": {"text": help.replace('`', ""), "markdown": help},
    })
}

/// A piece of a table as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let rest = letters.as_str();
    let end = if rest.ends_with('.') { "" } else { "." };
    first.map_or_else(String::new, |first| {
        format!("{}{rest}{end}", first.collect::<String>())
    })
}

fn result(
    annotation: &Annotation,
    sheet: &Sheet,
    rules: &[Rule],
    known: &mut BTreeMap<(Rule, String), usize>,
) -> Value {
    let mut result = message(annotation, rules);
    result.insert("locations".to_owned(), locations(annotation, sheet));
    let seen = known
        .entry((annotation.rule, annotation.identity.clone()))
        .or_default();
    *seen += 1;
    let identity = format!("{}\n{}\n{seen}", annotation.rule.id(), annotation.identity);
    let hash = digest(&SHA256, identity.as_bytes());
    let hash = HEXLOWER.encode(hash.as_ref());
    let prints: Map<String, Value> = FINGERPRINTS
        .map(|name| (name.to_owned(), json!(hash)))
        .into_iter()
        .collect();
    result.insert("partialFingerprints".to_owned(), json!(prints));
    if let Some(broken) = &annotation.broken {
        result.insert("properties".to_owned(), json!({"hazard": broken.id()}));
        if broken.acknowledged {
            let justification = format!("named by the annotation {ACKNOWLEDGE}");
            let suppression = json!([{"kind": "inSource", "justification": justification}]);
            result.insert("suppressions".to_owned(), suppression);
        }
    }
    Value::Object(result)
}

fn notification(annotation: &Annotation, rules: &[Rule]) -> Value {
    let mut map = message(annotation, rules);
    let index = map.shift_remove("ruleIndex");
    map.shift_remove("ruleId");
    let associated = json!({"id": annotation.rule.id(), "index": index});
    map.insert("associatedRule".to_owned(), associated);
    Value::Object(map)
}

fn message(annotation: &Annotation, rules: &[Rule]) -> Map<String, Value> {
    let mut text = annotation.sentence();
    if annotation.broken.is_some() {
        text = format!("{} {text}", annotation.subject);
    }
    if let Some(advice) = &annotation.advice {
        text = format!("{text}; {advice}");
    }
    for advice in let_through(&[annotation]) {
        text = format!("{text}; {advice}");
    }
    let level = match annotation.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "note",
    };
    let map = [
        ("ruleId", json!(annotation.rule.id())),
        (
            "ruleIndex",
            json!(rules.binary_search(&annotation.rule).ok()),
        ),
        ("level", json!(level)),
        ("message", json!({"text": unlinked(&visible(&text))})),
    ];
    map.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// A text in which nothing is a link, as `[words](target)` would be (§3.11.6).
fn unlinked(text: &str) -> String {
    if text.contains("](") {
        text.replace('\\', "\\\\")
            .replace('[', "\\[")
            .replace(']', "\\]")
    } else {
        text.to_owned()
    }
}

/// The line, or the beginning of what was read: GitHub refuses a document in which a result has no
/// location.
fn locations(annotation: &Annotation, sheet: &Sheet) -> Value {
    let begin = |path: &String| Place {
        path: path.clone(),
        line: 1,
        column: 1,
        end_column: 1,
    };
    let place = annotation.place.clone();
    let place = place.or_else(|| sheet.input.as_ref().map(begin));
    place.iter().map(location).collect()
}

fn location(place: &Place) -> Value {
    let artifact = if place.path.starts_with('/') {
        json!({"uri": format!("file:///{}", uri(&place.path))})
    } else {
        json!({"uri": uri(&place.path), "uriBaseId": "%SRCROOT%"})
    };
    json!({"physicalLocation": {
        "artifactLocation": artifact,
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.line,
            "endColumn": place.end_column,
        },
    }})
}

/// A path as a reference: what may not stand in one, or would mean something in it, is
/// percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references_that_keep_every_letter() {
        for (path, expected) in [
            ("a/b.yaml", "a/b.yaml"),
            ("a b/50%.yaml", "a%20b/50%25.yaml"),
            ("a/c:d?#.yaml", "a/c%3Ad%3F%23.yaml"),
            ("é[1].yaml", "%C3%A9%5B1%5D.yaml"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
