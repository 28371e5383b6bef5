//! What breaks, at the top of the page, as fully as there is room for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::{code, inline};
use crate::cli::check::annotation::{Annotation, Level, let_through};
use crate::cli::check::rule::Rule;

/// The section about hazards: each with what to do instead, or with its id alone, or counted by group, or
/// counted by sort, whichever is the first that fits into `room` bytes.
pub(super) fn section(hazards: &[&Annotation], room: usize) -> String {
    let count = match hazards.len() {
        0 => return String::new(),
        1 => "1 sign-in flow breaks".to_owned(),
        many => format!("{many} sign-in flows break"),
    };
    let mut heading = format!("### ⚠ {count}\n\n");
    heading.push_str(&caution(hazards, room / 4));
    let forms: [fn(&[&Annotation]) -> String; 3] = [fully, by_id, by_group];
    let mut fitting = forms
        .iter()
        .map(|form| form(hazards))
        .filter(|text| heading.len() + text.len() <= room);
    let body = fitting.next().unwrap_or_else(|| by_sort(hazards));
    heading + &body
}

/// That the check fails, and how it is let through where there is room to say so.
fn caution(hazards: &[&Annotation], room: usize) -> String {
    if hazards.iter().all(|hazard| hazard.level != Level::Error) {
        return String::new();
    }
    let mut advice = String::new();
    for line in let_through(hazards) {
        // Writing into a string cannot fail.
        let _ = writeln!(advice, "> - {}", inline(&line));
    }
    let advice = if advice.len() > room { "" } else { &advice };
    format!("> [!CAUTION]\n> The check fails until this is avoided or acknowledged.\n{advice}\n")
}

/// The hazards of each action.
fn by_step<'a>(hazards: &'a [&'a Annotation]) -> impl Iterator<Item = &'a [&'a Annotation]> {
    let key = |it: &Annotation| (it.level, it.broken.as_ref().map(|broken| broken.step));
    hazards.chunk_by(move |left, right| key(left) == key(right))
}

/// The action, and its line.
fn cause(hazards: &[&Annotation]) -> String {
    let Some(first) = hazards.first() else {
        return String::new();
    };
    let place = first.place.as_ref().map(|place| {
        let line = format!("{}:{}", place.path, place.line);
        format!(" at {}", code(&line))
    });
    format!(
        "**{}**{}",
        inline(&first.subject),
        place.unwrap_or_default()
    )
}

fn fully(hazards: &[&Annotation]) -> String {
    let mut text = String::new();
    for together in by_step(hazards) {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{}\n", cause(together));
        for hazard in together {
            let _ = write!(text, "- {}", inline(&hazard.message));
            if let Some(broken) = &hazard.broken {
                let _ = write!(text, " ({})", code(&broken.id()));
            }
            if let Some(advice) = &hazard.advice {
                let _ = write!(text, "; {}", inline(advice));
            }
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

fn by_id(hazards: &[&Annotation]) -> String {
    briefly(hazards, |together| {
        let broken = together.iter().filter_map(|hazard| hazard.broken.as_ref());
        broken.map(|broken| code(&broken.id())).collect()
    })
}

fn by_group(hazards: &[&Annotation]) -> String {
    briefly(hazards, |together| {
        let mut groups: BTreeMap<String, usize> = BTreeMap::new();
        for broken in together.iter().filter_map(|hazard| hazard.broken.as_ref()) {
            *groups.entry(broken.flow.group()).or_default() += 1;
        }
        let counted = |(group, count): (String, usize)| format!("{count} × {}", code(&group));
        groups.into_iter().map(counted).collect()
    })
}

fn briefly(hazards: &[&Annotation], list: impl Fn(&[&Annotation]) -> Vec<String>) -> String {
    let mut text = String::new();
    for together in by_step(hazards) {
        let acknowledged = match together.first().map(|first| first.level) {
            Some(Level::Notice) => " (acknowledged)",
            _ => "",
        };
        let (cause, list) = (cause(together), list(together).join(", "));
        let _ = writeln!(text, "{cause} breaks{acknowledged} {list}\n");
    }
    text
}

fn by_sort(hazards: &[&Annotation]) -> String {
    let mut sorts: BTreeMap<Rule, usize> = BTreeMap::new();
    for hazard in hazards {
        *sorts.entry(hazard.rule).or_default() += 1;
    }
    let mut text = String::new();
    for (rule, count) in sorts {
        let what = match rule {
            Rule::Breaks(sort) => sort.noun(),
            other => other.id(),
        };
        let _ = writeln!(text, "- {count} × {what}");
    }
    let acknowledged = hazards
        .iter()
        .filter(|it| it.level == Level::Notice)
        .count();
    if acknowledged > 0 {
        let _ = writeln!(text, "\n{acknowledged} of them are acknowledged.");
    }
    text + "\n"
}
