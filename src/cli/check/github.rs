//! Workflow commands of GitHub Actions, which become annotations at the lines of a pull request.

use std::io::{self, Write};

use super::annotation::{Annotation, Level, let_through};
use super::sheet::{Sheet, visible};
use crate::cli::aside::unmarked;
use crate::cli::show::counted;

/// How many hazards one annotation names: it is read at the side of a line.
const MOST_NAMED: usize = 10;

/// Writes an annotation for each thing, hazards first: GitHub shows ten of each level in a step. The
/// hazards of one action are one annotation.
pub(super) fn write(out: &mut impl Write, sheet: &Sheet) -> io::Result<()> {
    let (hazards, others): (Vec<&Annotation>, Vec<&Annotation>) =
        sheet.annotations.iter().partition(|it| it.broken.is_some());
    let key = |it: &Annotation| (it.level, it.broken.as_ref().map(|broken| broken.step));
    for together in hazards.chunk_by(|left, right| key(left) == key(right)) {
        let Some(first) = together.first() else {
            continue;
        };
        let title = format!(
            "{} breaks {}",
            first.subject,
            counted(together.len(), "sign-in flow")
        );
        command(out, first, &title, &listed(together))?;
    }
    for one in others {
        let mut message = one.sentence();
        if let Some(advice) = &one.advice {
            message = format!("{message}\n{advice}");
        }
        command(out, one, one.rule.id(), &message)?;
    }
    // A line of its own, with nothing in it that somebody else wrote.
    writeln!(out, "dialtone {}: {}.", sheet.command, sheet.summary)
}

fn listed(hazards: &[&Annotation]) -> String {
    let mut lines: Vec<String> = hazards
        .iter()
        .take(MOST_NAMED)
        .map(|hazard| match &hazard.advice {
            Some(advice) => format!("{}; {advice}", hazard.message),
            None => hazard.message.clone(),
        })
        .collect();
    if let Some(more) = hazards.len().checked_sub(MOST_NAMED).filter(|it| *it > 0) {
        lines.push(format!(
            "and {}: the summary names them",
            counted(more, "more flow")
        ));
    }
    lines.extend(let_through(hazards));
    lines.join("\n")
}

fn command(out: &mut impl Write, about: &Annotation, title: &str, message: &str) -> io::Result<()> {
    let name = match about.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &about.place {
        properties.push(format!("file={}", property(&place.path)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("col={}", place.column));
        if place.end_column > place.column {
            properties.push(format!("endColumn={}", place.end_column));
        }
    }
    properties.push(format!("title={}", property(title)));
    writeln!(out, "::{name} {}::{}", properties.join(","), data(message))
}

/// A text as the data of a command: what the runner turns back. The mark of the old form of commands is
/// broken, because a runner that does not know the command of the line looks for that one.
fn data(text: &str) -> String {
    unmarked(&visible(text))
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A text as the value of a property, where a colon and a comma mean something.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
pub(super) use tests::parse;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// A command as the runner reads it: level, properties, message.
    pub(in crate::cli::check) fn parse(line: &str) -> (String, BTreeMap<String, String>, String) {
        let rest = line.strip_prefix("::").unwrap();
        let (head, message) = rest.split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        let read = |text: &str| {
            let text = text.replace("%0D", "\r").replace("%0A", "\n");
            text.replace("%3A", ":")
                .replace("%2C", ",")
                .replace("%25", "%")
        };
        let properties = properties.split(',').map(|item| {
            let (key, value) = item.split_once('=').unwrap();
            (key.to_owned(), read(value))
        });
        (name.to_owned(), properties.collect(), read(message))
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(text in "\\PC*|[%:,=0-9AaDd#\\[\r\n]*|.*") {
            let line = format!("::error title={}::{}", property(&text), data(&text));
            prop_assert!(!line.contains(['\r', '\n']) && !line.contains("##["), "{line:?}");
            let (_, properties, message) = parse(&line);
            prop_assert_eq!(&properties["title"], &unmarked(&visible(&text)));
            prop_assert_eq!(message, unmarked(&visible(&text)));
        }
    }
}
