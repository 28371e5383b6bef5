//! Generated templates, rendered by Dialtone and by LiquidJS.

use crate::generate::Generator;
use crate::liquidjs::{Answer, Case, ours, render};

/// How many templates are made, unless `DIALTONE_TEMPLATES` says more.
const COUNT: usize = 3_000;

fn from_environment(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// A known difference, by what the template has in it.
fn is_known(_case: &Case, _theirs: &Answer, _ours: &Answer) -> bool {
    false
}

#[test]
fn generated_templates_render_as_liquidjs_renders_them() {
    let count = from_environment("DIALTONE_TEMPLATES", COUNT);
    let seed = u64::try_from(from_environment("DIALTONE_SEED", 2026)).unwrap();
    let mut generator = Generator::new(seed);
    let cases: Vec<Case> = (0..count).map(|_| generator.case()).collect();
    let mut different = Vec::new();
    let mut rendered = 0;
    for (case, theirs) in cases.iter().zip(render(&cases)) {
        let ours = ours(case);
        rendered += usize::from(matches!(theirs, Answer::Output(_)));
        if ours != theirs && !is_known(case, &theirs, &ours) {
            different.push(format!(
                "{}\n  LiquidJS: {theirs:?}\n  Dialtone: {ours:?}",
                case.template
            ));
        }
    }
    // A generator whose templates all fail would compare nothing.
    assert!(
        rendered * 2 > count,
        "only {rendered} of {count} templates render"
    );
    assert!(
        different.is_empty(),
        "{} of {count} differ:\n{}",
        different.len(),
        different[..different.len().min(25)].join("\n")
    );
}
