//! The forms over whatever a plan may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

use super::annotation::{Annotation, Broken, Level};
use super::place::{Place, Root};
use super::rule::{Breaks, Rule};
use super::sheet::{Part, Places, Sheet, visible};
use super::{github, markdown, sarif};
use crate::api::Kind;
use crate::cli::aside::unmarked;
use crate::phone::acknowledgement::Acknowledgement;
use crate::phone::action::ObjectKey;
use crate::phone::flow::Flow;
use crate::phone::plan::plan;
use crate::phone::policy::Policy;
use crate::phone::tests::build::{any_desired, any_tenant};

/// What Dialtone writes of SARIF, and nothing else.
static SARIF: LazyLock<Validator> = LazyLock::new(|| {
    let text = include_str!("../../../tests/golden/sarif-2.1.0-subset.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
});

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{1,20}",
        "[<>&#@*_`|\\[\\]()!~:.\n\r %,{}\\\\a]{1,30}",
        ".{1,20}",
        // The longest name of an application, and more.
        "[a-z<@]{200,400}",
    ]
}

#[test]
fn every_rule_is_told_as_github_requires() {
    let reasons = crate::api::Reason::ALL.iter().copied().map(Rule::Object);
    let mut sheet = Sheet::of("plan");
    sheet.input = Some("manifests".to_owned());
    for rule in Rule::own().chain(reasons) {
        sheet.annotations.push(Annotation {
            level: Level::Error,
            rule,
            subject: String::new(),
            message: "this happened".to_owned(),
            advice: None,
            place: None,
            identity: String::new(),
            broken: None,
        });
    }
    let document = valid(&sheet).unwrap();
    let results = found(&document, "runs[].results[]");
    assert_eq!(results.len(), sheet.annotations.len());
    let path = "runs[].results[].locations[].physicalLocation.artifactLocation.uri";
    assert!(found(&document, path).iter().all(|uri| *uri == "manifests"));
}

#[test]
fn without_any_file_a_result_has_no_location() {
    let root = Root::new("/repo", "/repo");
    let mut sheet = Sheet::of("plan");
    sheet.reads(&["-".to_owned()], &root);
    let places = Places {
        sources: BTreeMap::new(),
        root,
    };
    sheet.incomplete(Level::Error, "", "nobody answered", &places);
    sheet.incomplete(Level::Notice, "", "nobody was asked", &places);
    let document = sarif::document(&sheet);
    let results = found(&document, "runs[].results[]");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["locations"], serde_json::json!([]));
    let notices = found(
        &document,
        "runs[].invocations[].toolExecutionNotifications[]",
    );
    assert_eq!(notices.len(), 1);
}

fn any_level() -> impl Strategy<Value = Level> {
    prop_oneof![
        Just(Level::Error),
        Just(Level::Warning),
        Just(Level::Notice)
    ]
}

prop_compose! {
    fn any_place()(path in any_text(), line in 1..9999_usize, column in 1..999_usize, length in 0..99_usize) -> Place {
        Place { path: format!("a{path}"), line, column, end_column: column + length }
    }
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let own: Vec<Rule> = Rule::own().collect();
    prop::sample::select(own)
}

fn provider(name: &str) -> ObjectKey {
    ObjectKey {
        kind: Kind::PhoneProvider,
        namespace: "team".to_owned(),
        name: name.to_owned(),
    }
}

prop_compose! {
    /// A hazard, or something else.
    fn any_annotation(most_steps: usize)(
        level in any_level(),
        rule in any_rule(),
        subject in any_text(),
        message in any_text(),
        advice in prop::option::of(any_text()),
        place in prop::option::of(any_place()),
        identity in any_text(),
        step in 0..most_steps,
        (group, one) in (any_text(), any_text()),
    ) -> Annotation {
        let broken = matches!(rule, Rule::Breaks(_)).then(|| Broken {
            step,
            flow: Flow::Passwordless {
                connection: group,
                client_id: one,
            },
            acknowledged: level == Level::Notice,
            acknowledgement: match step % 3 {
                0 => Acknowledgement::Nowhere(provider(&subject)),
                1 => Acknowledgement::On(provider(&subject)),
                _ => Acknowledgement::Before(provider(&subject)),
            },
        });
        Annotation { level, rule, subject, message, advice, place, identity, broken }
    }
}

/// Sheets of every size: each thing as often as `times` says, hazards with ids of their own.
fn any_sheet() -> impl Strategy<Value = Sheet> {
    let things = prop::collection::vec(
        (
            any_annotation(40),
            prop_oneof![9 => 1..3_usize, 1 => 1..900_usize],
        ),
        0..12,
    );
    let text = prop_oneof!["[a`\n]{0,200}", "(.{0,80}\n){0,40}", "(abcdefgh\n){5000}"];
    let parts = prop::collection::vec((any_text(), any_text(), text), 0..4);
    let told = (things, parts, any::<bool>(), "[0-9a-z, ]{1,40}");
    told.prop_map(|(things, parts, failed, summary)| {
        let mut sheet = Sheet::of("plan");
        for (thing, times) in things {
            for number in 0..times {
                let mut thing = thing.clone();
                if let Some(broken) = &mut thing.broken
                    && let Flow::Passwordless { client_id, .. } = &mut broken.flow
                {
                    *client_id = format!("{client_id}-{number}");
                }
                sheet.annotations.push(thing);
            }
        }
        sheet.tenants = parts
            .into_iter()
            .map(|(heading, summary, text)| Part {
                heading,
                summary,
                text,
            })
            .collect();
        sheet.summary = summary;
        sheet.input = Some("manifests".to_owned());
        sheet.failed = failed;
        sheet.sorted()
    })
}

fn hazards(sheet: &Sheet) -> Vec<&Annotation> {
    let all = sheet.annotations.iter();
    all.filter(|it| it.broken.is_some()).collect()
}

/// What a path such as `runs[].results[].ruleId` leads to.
fn found<'v>(document: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![document];
    for part in path.split('.') {
        let (name, each) = part
            .strip_suffix("[]")
            .map_or((part, false), |name| (name, true));
        let next = found.iter().map(|value| &value[name]);
        found = if each {
            next.flat_map(|value| value.as_array().into_iter().flatten())
                .collect()
        } else {
            next.collect()
        };
    }
    found
}

/// Whether a document has everything that GitHub requires.
fn accepted(document: &Value) -> Result<(), TestCaseError> {
    let text = include_str!("../../../tests/golden/sarif-github-required.json");
    let list: Value = serde_json::from_str(text).unwrap();
    let paths = |name: &str| {
        list[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap())
    };
    for path in paths("required") {
        for value in found(document, path) {
            prop_assert!(!value.is_null() && value != "", "{path} in {document:#}");
        }
    }
    for path in paths("at least one") {
        let (around, name) = path
            .rsplit_once('.')
            .map_or(("", path), |(around, name)| (around, name));
        let holders = if around.is_empty() {
            vec![document]
        } else {
            found(document, around)
        };
        for holder in holders {
            let items = holder[name.trim_end_matches("[]")].as_array();
            prop_assert!(
                items.is_some_and(|items| !items.is_empty()),
                "{path} in {holder:#}"
            );
        }
    }
    for path in paths("at most 1024 characters") {
        for value in found(document, path) {
            prop_assert!(value.as_str().unwrap().chars().count() <= 1024, "{value}");
        }
    }
    Ok(())
}

fn valid(sheet: &Sheet) -> Result<Value, TestCaseError> {
    let document = sarif::document(sheet);
    let wrong: Vec<String> = SARIF
        .iter_errors(&document)
        .map(|it| it.to_string())
        .collect();
    prop_assert!(wrong.is_empty(), "{wrong:?}\n{document:#}");
    accepted(&document)?;
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    let mut prints = BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        prop_assert_eq!(&rules[index]["id"], &result["ruleId"]);
        let own = &result["partialFingerprints"];
        prop_assert_eq!(&own["primaryLocationLineHash"], &own["dialtone/v1"]);
        prop_assert!(prints.insert(own.to_string()), "{result:#}");
    }
    let told = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap();
    prop_assert_eq!(results.len() + told.len(), sheet.annotations.len());
    // GitHub shows results alone.
    prop_assert!(told.iter().all(|it| it["level"] == "note"), "{told:?}");
    Ok(document)
}

fn broken_of(hazard: &Annotation) -> &Broken {
    hazard.broken.as_ref().unwrap()
}

/// Whether the page tells every hazard: by its id, or counted in its group or in its sort.
fn tells(page: &str, hazards: &[&Annotation]) -> bool {
    let code = markdown::code;
    let broken = |it: &Annotation| broken_of(it).clone();
    let by_id = hazards
        .iter()
        .all(|it| page.contains(&code(&broken(it).id())));
    let mut groups: BTreeMap<(Level, usize, String), usize> = BTreeMap::new();
    let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
    for hazard in hazards {
        let Broken { step, flow, .. } = broken(hazard);
        *groups
            .entry((hazard.level, step, flow.group()))
            .or_default() += 1;
        let Rule::Breaks(sort) = hazard.rule else {
            continue;
        };
        *sorts.entry(Breaks::noun(sort)).or_default() += 1;
    }
    let mut groups = groups.iter();
    let by_group =
        groups.all(|((.., group), count)| page.contains(&format!("{count} × {}", code(group))));
    let by_sort = sorts
        .iter()
        .all(|(sort, count)| page.contains(&format!("- {count} × {sort}\n")));
    by_id || by_group || by_sort
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sarif_is_valid_whatever_names_and_messages_hold(sheet in any_sheet()) {
        valid(&sheet)?;
    }

    #[test]
    fn a_summary_is_never_too_long_and_never_loses_a_hazard(sheet in any_sheet()) {
        let page = markdown::page(&sheet);
        // A comment has at most 65,536 characters, and somebody's marker before the page.
        prop_assert!(page.len() <= 65_280, "{}", page.len());
        let hazards = hazards(&sheet);
        prop_assert!(tells(&page, &hazards), "{page}");
        prop_assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    }

    #[test]
    fn annotations_are_read_back_by_the_runner(sheet in any_sheet()) {
        let mut text = Vec::new();
        github::write(&mut text, &sheet).unwrap();
        let text = String::from_utf8(text).unwrap();
        let mut lines: Vec<&str> = text.split_terminator('\n').collect();
        lines.pop();
        let commands: Vec<_> = lines.iter().map(|line| github::parse(line)).collect();
        let steps: BTreeSet<_> = hazards(&sheet)
            .iter()
            .map(|it| (it.level, it.broken.as_ref().unwrap().step))
            .collect();
        let others = sheet.annotations.iter().filter(|it| it.broken.is_none());
        for (command, other) in commands.iter().rev().zip(others.clone().rev()) {
            let (_, properties, message) = command;
            prop_assert_eq!(properties["title"].as_str(), other.rule.id());
            let sentence = unmarked(&visible(&other.sentence()));
            prop_assert!(message.starts_with(&sentence), "{message}");
            if let Some(place) = &other.place {
                prop_assert_eq!(&properties["file"], &unmarked(&visible(&place.path)));
                prop_assert_eq!(&properties["line"], &place.line.to_string());
            }
        }
        prop_assert!(commands.len() >= steps.len() + others.count());
    }

    #[test]
    fn every_plan_is_told_in_every_form(
        desired in any_desired(),
        observed in any_tenant(),
        deny in any::<bool>(),
    ) {
        let plan = plan(&desired, &observed, &Policy::default());
        let places = Places { sources: BTreeMap::new(), root: Root::new("/", "/") };
        let mut sheet = Sheet::of("plan");
        sheet.reads(&["-".to_owned(), ".".to_owned()], &places.root);
        sheet.plan(&plan, &places, deny);
        let sheet = sheet.sorted();
        let document = valid(&sheet)?;
        let told = hazards(&sheet);
        prop_assert_eq!(told.len(), plan.hazards.len());
        prop_assert!(tells(&markdown::page(&sheet), &told));
        let errors = told.iter().any(|it| it.level == Level::Error);
        prop_assert_eq!(errors, deny && super::sheet::deny(&plan));
        // Whoever is denied reads in each form how each hazard is let through.
        let mut commands = Vec::new();
        github::write(&mut commands, &sheet).unwrap();
        let results = found(&document, "runs[].results[]");
        let results: String = results.iter().map(|it| it["message"]["text"].as_str().unwrap()).collect();
        let commands = String::from_utf8(commands).unwrap();
        for hazard in told.iter().filter(|it| it.level == Level::Error) {
            let place = match &broken_of(hazard).acknowledgement {
                Acknowledgement::On(provider) => format!("{provider}: "),
                Acknowledgement::Before(provider) => format!("{provider} before that goes: "),
                Acknowledgement::Nowhere(tenant) => format!("no PhoneProvider of {tenant}"),
            };
            for form in [&markdown::page(&sheet), &commands, &results] {
                prop_assert!(form.contains(&place), "{}: {}", place, form);
            }
        }
    }
}
