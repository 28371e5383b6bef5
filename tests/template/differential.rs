//! Generated templates, rendered by Dialtone and by LiquidJS.

use crate::generate::Generator;
use crate::liquidjs::{Answer, Case, ours, render};
use crate::words::variables;

/// How many templates are made, unless `DIALTONE_TEMPLATES` says more.
const COUNT: usize = 3_000;

fn from_environment(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Asserts that every case renders as LiquidJS renders it; gives how many render at all.
fn same(cases: &[Case]) -> usize {
    let mut different = Vec::new();
    let mut rendered = 0;
    for (case, theirs) in cases.iter().zip(render(cases)) {
        let ours = ours(case);
        rendered += usize::from(matches!(theirs, Answer::Output(_)));
        if ours != theirs {
            different.push(format!(
                "{}\n  LiquidJS: {theirs:?}\n  Dialtone: {ours:?}",
                case.template
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{} of {} differ:\n{}",
        different.len(),
        cases.len(),
        different[..different.len().min(25)].join("\n")
    );
    rendered
}

/// Templates that once rendered differently, and the corners that somebody thought of.
#[test]
fn kept_cases_render_as_liquidjs_renders_them() {
    let kept = include_str!("cases.json");
    let kept: Vec<String> = serde_json::from_str(kept).unwrap();
    let case = |template| Case {
        template,
        variables: variables(),
    };
    let cases: Vec<Case> = kept.into_iter().map(case).collect();
    same(&cases);
}

#[test]
fn generated_templates_render_as_liquidjs_renders_them() {
    let count = from_environment("DIALTONE_TEMPLATES", COUNT);
    let seed = u64::try_from(from_environment("DIALTONE_SEED", 2026)).unwrap();
    let mut generator = Generator::new(seed);
    let cases: Vec<Case> = (0..count).map(|_| generator.case()).collect();
    let rendered = same(&cases);
    // A generator whose templates all fail would compare nothing.
    assert!(
        rendered * 2 > count,
        "only {rendered} of {count} templates render"
    );
}
