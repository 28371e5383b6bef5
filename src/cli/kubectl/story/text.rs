//! The tree that people read.

use std::io::{self, Write};

use anstyle::Style;
use jiff::{SignedDuration, Timestamp};

use super::remark::{ACKNOWLEDGED, REQUESTED, Remark};
use super::{Entry, Story, TenantStory};
use crate::api::{ConditionStatus, ConditionType, Dependent};
use crate::cli::show::{BAD, BOLD, CHANGE, DIM, GOOD, HAZARD, plain};

/// Writes the tree of every tenant, and a line that sums them up.
///
/// # Errors
///
/// Where nothing can be written.
pub fn write(out: &mut impl Write, story: &Story, now: Timestamp) -> io::Result<()> {
    let rows: Vec<Row> = story.tenants.iter().flat_map(rows).collect();
    let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0).max(6);
    let name = widest(&mut rows.iter().map(|row| row.name.chars().count()));
    let reason = widest(&mut rows.iter().map(|row| row.reason().chars().count()));
    writeln!(
        out,
        "{BOLD}{:name$}  READY    {:reason$}  SINCE{BOLD:#}",
        "OBJECT", "REASON"
    )?;
    for row in &rows {
        let (ready, style) = row.ready();
        let since = row.entry.and_then(Entry::since);
        let since = since.map_or_else(String::new, |since| age(now.duration_since(since)));
        let line = format!(
            "{:name$}  {style}{ready:7}{style:#}  {:reason$}  {since}",
            row.name,
            row.reason()
        );
        writeln!(out, "{}", line.trim_end())?;
        row.write_details(out)?;
    }
    summary(out, story)
}

/// One object in the tree.
struct Row<'a> {
    /// The object with its place in the tree.
    name: String,
    /// What stands before the lines beneath it.
    margin: &'static str,
    /// What is told of it; a tenant that is not there has only why.
    entry: Option<&'a Entry>,
    absent: Option<&'a str>,
}

fn rows(story: &TenantStory) -> Vec<Row<'_>> {
    let last = story.objects.len().saturating_sub(1);
    let root = Row {
        name: story.key.to_string(),
        margin: if story.objects.is_empty() {
            "  "
        } else {
            "│ "
        },
        entry: story.tenant.as_ref().ok(),
        absent: story.tenant.as_ref().err().map(String::as_str),
    };
    let objects = story.objects.iter().enumerate().map(|(index, entry)| {
        let (branch, margin) = if index == last {
            ("└─", "     ")
        } else {
            ("├─", "│    ")
        };
        let key = &entry.key;
        let name = if key.namespace == story.key.namespace {
            format!("{branch} {} {}", key.kind, key.name)
        } else {
            format!("{branch} {key}")
        };
        Row {
            name,
            margin,
            entry: Some(entry),
            absent: None,
        }
    });
    std::iter::once(root).chain(objects).collect()
}

impl Row<'_> {
    fn ready(&self) -> (&'static str, Style) {
        let ready = self.entry.and_then(|entry| entry.ready.as_ref());
        match ready.map(|ready| ready.status) {
            Some(ConditionStatus::True) => ("True", GOOD),
            Some(ConditionStatus::False) => ("False", BAD),
            Some(ConditionStatus::Unknown) => ("Unknown", CHANGE),
            None => ("-", CHANGE),
        }
    }

    fn reason(&self) -> &str {
        let ready = self.entry.and_then(|entry| entry.ready.as_ref());
        ready.map_or("-", |ready| ready.reason.as_str())
    }

    fn write_details(&self, out: &mut impl Write) -> io::Result<()> {
        let margin = self.margin;
        if let Some(why) = self.absent {
            writeln!(out, "{margin}{BAD}✗{BAD:#} {}", plain(why))?;
        }
        let Some(entry) = self.entry else {
            return Ok(());
        };
        if !entry.facts.is_empty() {
            let facts = plain(&entry.facts.join(", "));
            writeln!(out, "{margin}{DIM}{facts}{DIM:#}")?;
        }
        for remark in &entry.remarks {
            let (mark, style) = sign(remark);
            let (about, message) = (remark.about, plain(&remark.message));
            writeln!(out, "{margin}{style}{mark} {about}{style:#}: {message}")?;
        }
        write_dependents(out, margin, &entry.dependents)
    }
}

fn write_dependents(
    out: &mut impl Write,
    margin: &str,
    dependents: &[Dependent],
) -> io::Result<()> {
    if dependents.is_empty() {
        return Ok(());
    }
    writeln!(out, "{margin}needed by")?;
    let width = dependents.iter().map(|it| it.id.chars().count()).max();
    let width = width.unwrap_or_default();
    for Dependent {
        id,
        description,
        delivery_method,
        ..
    } in dependents
    {
        let (id, description) = (plain(id), plain(description));
        writeln!(
            out,
            "{margin}  {id:width$}  {DIM}{description} ({delivery_method:?}){DIM:#}"
        )?;
    }
    Ok(())
}

fn sign(remark: &Remark) -> (char, Style) {
    const BREAKS: &str = ConditionType::BreaksDependents.as_str();
    const STALLED: &str = ConditionType::Stalled.as_str();
    match remark.about {
        BREAKS => ('⚠', HAZARD),
        STALLED => ('✗', BAD),
        ACKNOWLEDGED | REQUESTED => ('·', DIM),
        _ => ('!', CHANGE),
    }
}

fn summary(out: &mut impl Write, story: &Story) -> io::Result<()> {
    let all = story.entries().count();
    let waiting = story.entries().filter(|entry| !entry.is_ready()).count();
    let absent = story.tenants.iter().filter(|it| it.tenant.is_err()).count();
    writeln!(out)?;
    match (all, waiting, absent) {
        (_, 0, 0) if !story.unseen.is_empty() => write!(
            out,
            "{CHANGE}!{CHANGE:#} {all} objects that are seen are Ready; others may not be seen."
        )?,
        (_, 0, 0) => write!(out, "{GOOD}✓{GOOD:#} All {all} objects are Ready.")?,
        (_, waiting, 0) => write!(
            out,
            "{BAD}✗{BAD:#} {waiting} of {all} objects are not Ready."
        )?,
        (_, waiting, _) => write!(
            out,
            "{BAD}✗{BAD:#} {waiting} of {all} objects are not Ready, and {absent} of {} tenants not seen.",
            story.tenants.len()
        )?,
    }
    let breaks = |remark: &Remark| remark.about == ConditionType::BreaksDependents.as_str();
    if story
        .entries()
        .any(|entry| entry.remarks.iter().any(breaks))
    {
        write!(out, " {HAZARD}Sign-in is broken, see ⚠.{HAZARD:#}")?;
    }
    writeln!(out)
}

/// A time that has passed, as kubectl writes ages.
fn age(passed: SignedDuration) -> String {
    let seconds = passed.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_as_kubectl_writes_them() {
        let written = |seconds| age(SignedDuration::from_secs(seconds));
        let all: Vec<String> = [-5, 0, 119, 120, 7_199, 7_200, 172_799, 172_800]
            .into_iter()
            .map(written)
            .collect();
        assert_eq!(all, ["0s", "0s", "119s", "2m", "119m", "2h", "47h", "2d"]);
    }
}
