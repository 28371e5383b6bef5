//! A summary in Markdown for a pull request: what breaks, what is wrong, what changes.

mod escape;
mod hazards;

use super::annotation::{Annotation, Level};
use super::sheet::{Part, Sheet};
#[cfg(test)]
pub(super) use escape::code;
use escape::{fenced, inline};

/// How long a comment of GitHub may be. It counts characters; this counts bytes, which are never
/// fewer.
pub(super) const LIMIT: usize = 65_536;
/// What is kept for the line that says what was cut, for the ends of what was opened, and for what
/// whoever comments puts before the page.
const RESERVE: usize = 512;

/// What can be left out where the page is full.
#[derive(Default)]
struct Cut {
    problems: usize,
    lines: usize,
    tenants: usize,
}

/// The whole page, never longer than [`LIMIT`].
pub(super) fn page(sheet: &Sheet) -> String {
    let mut page = format!("## {}\n\n", inline(&title(sheet)));
    let (hazards, problems): (Vec<&Annotation>, Vec<&Annotation>) =
        sheet.annotations.iter().partition(|it| it.broken.is_some());
    let mut cut = Cut::default();
    // Hazards come first and are never left out: they are told more briefly instead.
    let room = LIMIT - RESERVE - page.len();
    page.push_str(&hazards::section(&hazards, room));
    write_problems(&mut page, &problems, &mut cut);
    write_changes(&mut page, &sheet.tenants, &mut cut);
    page.push_str(&cut.told(sheet.command));
    page
}

fn title(sheet: &Sheet) -> String {
    let failed = if sheet.failed { "failed. " } else { "" };
    format!("dialtone {}: {failed}{}", sheet.command, sheet.summary)
}

/// Adds a piece, if there is room for it and for what `after` needs.
fn fits(page: &mut String, piece: &str, after: usize) -> bool {
    let room = page.len() + piece.len() + after + RESERVE <= LIMIT;
    if room {
        page.push_str(piece);
    }
    room
}

fn write_problems(page: &mut String, problems: &[&Annotation], cut: &mut Cut) {
    if problems.is_empty() {
        return;
    }
    let heading = "### Errors, warnings and notes\n\n";
    if !fits(page, heading, 0) {
        cut.problems = problems.len();
        return;
    }
    for problem in problems {
        if cut.problems > 0 || !fits(page, &line(problem), 1) {
            cut.problems += 1;
        }
    }
    page.push('\n');
}

fn line(problem: &Annotation) -> String {
    let level = match problem.level {
        Level::Error => "**error**",
        Level::Warning => "**warning**",
        Level::Notice => "note",
    };
    let mut line = format!("- {level} ");
    if let Some(place) = &problem.place {
        line.push_str(&escape::code(&format!("{}:{}", place.path, place.line)));
        line.push(' ');
    }
    line.push_str(&inline(&problem.sentence()));
    if let Some(advice) = &problem.advice {
        line.push_str("; ");
        line.push_str(&inline(advice));
    }
    line.push('\n');
    line
}

fn write_changes(page: &mut String, tenants: &[Part], cut: &mut Cut) {
    if tenants.is_empty() {
        return;
    }
    if !fits(page, "### What changes\n\n", 0) {
        cut.tenants = tenants.len();
        return;
    }
    for (index, tenant) in tenants.iter().enumerate() {
        if cut.lines > 0 || !write_tenant(page, tenant, &mut cut.lines) {
            cut.tenants = tenants.len() - index;
            return;
        }
    }
}

/// Writes a tenant's plan as far as there is room; `false` where there is none even for a line.
fn write_tenant(page: &mut String, tenant: &Part, cut: &mut usize) -> bool {
    let close = "\n</details>\n\n";
    let open = format!(
        "<details><summary>{}: {}</summary>\n\n",
        inline(&tenant.heading),
        inline(&tenant.summary)
    );
    let fence = fenced(&tenant.text);
    let lines: Vec<&str> = fence.text.lines().collect();
    let begin = format!("{}text\n", fence.mark);
    let end = format!("{}\n{close}", fence.mark);
    let around = page.len() + open.len() + begin.len() + end.len() + RESERVE;
    let Some(room) = LIMIT.checked_sub(around) else {
        return false;
    };
    let mut body = String::new();
    let mut shown = 0;
    for line in &lines {
        if body.len() + line.len() + 1 > room {
            break;
        }
        body.push_str(line);
        body.push('\n');
        shown += 1;
    }
    if shown == 0 && !lines.is_empty() {
        return false;
    }
    *cut = lines.len() - shown;
    for piece in [&open, &begin, &body, &end] {
        page.push_str(piece);
    }
    true
}

impl Cut {
    /// What was left out, and where it is.
    fn told(&self, command: &str) -> String {
        let parts = [
            (self.problems, "errors, warnings and notes"),
            (self.lines, "lines of the plan above"),
            (self.tenants, "tenants"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if parts.is_empty() {
            return String::new();
        }
        format!(
            "**Cut here**, since a comment holds 65,536 characters: {}. `dialtone {command}` prints \
             everything.\n",
            parts.join(", ")
        )
    }
}
