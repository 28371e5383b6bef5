//! The cases that were rendered with LiquidJS beforehand, and the templates of recorded traffic.

use std::path::PathBuf;

use serde_json::Value;

use crate::liquidjs::{Answer, Case, ours};

/// Cases that differ, and why.
const DIFFERENT: [(&str, &str); 1] = [(
    "increment",
    "increment changes the variables of the render: what was recorded are those after it. Rendered from \
     them, LiquidJS itself gives 122",
)];

#[expect(clippy::print_stderr, reason = "a test that is not run says so")]
fn read(name: &str) -> Option<Vec<Value>> {
    let shared = std::env::var("DIALTONE_SHARED").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    let path = shared.join("fixtures").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "not run: there is no {} (set DIALTONE_SHARED)",
            path.display()
        );
        return None;
    };
    let read: Value = serde_json::from_str(&text).unwrap();
    Some(read["cases"].as_array().unwrap().clone())
}

#[test]
fn the_published_cases_render_as_liquidjs_renders_them() {
    let Some(cases) = read("liquid_cases.json") else {
        return;
    };
    let mut different = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let expected = match (case["expected"].as_str(), case["error"].as_str()) {
            (Some(output), _) => Answer::Output(output.to_owned()),
            (None, Some("parse")) => Answer::Error("parse"),
            (None, _) => Answer::Error("render"),
        };
        let case = Case {
            template: case["template"].as_str().unwrap().to_owned(),
            variables: case["variables"].clone(),
        };
        let found = ours(&case);
        if found != expected {
            let known = DIFFERENT.iter().any(|(known, _)| *known == name);
            assert!(
                known && !name.starts_with("recorded"),
                "{name}: {}\n  LiquidJS: {expected:?}\n  Dialtone: {found:?}",
                case.template
            );
            different.push(name.to_owned());
        }
    }
    assert_eq!(different, DIFFERENT.map(|(name, _)| name));
    assert!(
        different.len() * 20 <= cases.len(),
        "fewer than 95 % are equal"
    );
}

#[test]
fn segments_are_counted_as_carriers_count_them() {
    use dialtone::template::segment::{count, smart};
    let Some(cases) = read("sms_segments.json") else {
        return;
    };
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let text = case["text"].as_str().unwrap();
        let counted = count(text);
        assert_eq!(counted.encoding.as_str(), case["encoding"], "{name}");
        assert_eq!(counted.segments, case["segments"], "{name}");
        assert_eq!(counted.characters, case["characters"], "{name}");
        let foreign: Vec<&str> = counted
            .foreign
            .iter()
            .map(|foreign| foreign.text.as_str())
            .collect();
        assert_eq!(Value::from(foreign), case["non_gsm"], "{name}");
        let plain = count(&smart(text));
        assert_eq!(plain.encoding.as_str(), case["smart"]["encoding"], "{name}");
        assert_eq!(plain.segments, case["smart"]["segments"], "{name}");
    }
}
