//! What `docs/templates.md` says, held against the code.

use std::collections::BTreeSet;

use dialtone::template::{Code, DOCUMENTED_FILTERS, LONGEST, Limit, Limits, TemplateType, sample};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/templates.md");

/// The text under a heading.
fn section(heading: &str) -> &'static str {
    let start = PAGE.find(&format!("\n## {heading}\n")).unwrap() + heading.len() + 5;
    let body = &PAGE[start..];
    &body[..body.find("\n## ").unwrap_or(body.len())]
}

/// The words in ticks of a text.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of a table, by cells.
fn rows(text: &'static str) -> Vec<Vec<&'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect();
    text.lines()
        .filter(|line| line.starts_with("| `"))
        .map(cells)
        .collect()
}

#[test]
fn the_page_has_every_limit_with_its_value() {
    let limits = Limits::default();
    let told: Vec<(String, String)> = rows(section("Limits"))
        .iter()
        .map(|cells| (cells[0].replace('`', ""), cells[1].replace(',', "")))
        .collect();
    let known: Vec<(String, String)> = Limit::ALL
        .iter()
        .map(|limit| (limit.to_string(), limits.of(*limit).to_string()))
        .collect();
    assert_eq!(told, known);
}

#[test]
fn the_page_has_every_rule_and_no_other() {
    let told: BTreeSet<String> = rows(section("Findings"))
        .iter()
        .map(|cells| cells[0].replace('`', ""))
        .collect();
    let known: BTreeSet<String> = Code::ALL
        .iter()
        .map(|code| code.as_str().to_owned())
        .collect();
    assert_eq!(told, known);
    let longest = LONGEST.to_string();
    let (thousands, rest) = longest.split_at(longest.len() - 3);
    assert!(section("Findings").contains(&format!("{thousands},{rest} characters")));
}

#[test]
fn the_page_has_every_filter_that_auth0_lists_and_no_other() {
    let dialect = section("The dialect");
    let start = dialect.find("Filters that Auth0 lists").unwrap();
    let end = dialect.find("A filter that LiquidJS has").unwrap();
    let told: BTreeSet<&str> = ticked(&dialect[start..end]).into_iter().collect();
    assert_eq!(told, DOCUMENTED_FILTERS.iter().copied().collect());
}

/// The paths of all values in an object.
fn paths(value: &Value, prefix: &str, found: &mut Vec<String>) {
    match value.as_object().filter(|object| !object.is_empty()) {
        Some(object) => {
            for (name, value) in object {
                let dot = if prefix.is_empty() { "" } else { "." };
                paths(value, &format!("{prefix}{dot}{name}"), found);
            }
        }
        None => found.push(prefix.to_owned()),
    }
}

#[test]
fn the_page_has_every_variable_and_each_is_known_to_the_check() {
    let told: BTreeSet<&str> = ticked(section("Variables")).into_iter().collect();
    let mut known = Vec::new();
    paths(&sample::variables(TemplateType::OtpVerify), "", &mut known);
    for path in &known {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        assert!(told.contains(first), "{path}");
        assert!(rest.is_empty() || told.contains(rest), "{path}");
        let template = format!("{{{{ code }}}}{{{{ {path} }}}}");
        let channel = dialtone::template::Channel::Voice;
        let findings = dialtone::template::check(&template, TemplateType::OtpVerify, channel);
        assert_eq!(findings, [], "{path}");
    }
}
