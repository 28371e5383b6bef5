//! Objects and their conditions as text.

use std::io::{self, Write};

use super::{BAD, BOLD, CHANGE, DIM, GOOD, plain};
use crate::api::{Condition, ConditionStatus, ConditionType, Resource, condition};
use crate::phone::desire::key_of;
use crate::phone::report::Status;

/// Writes a table of objects, and under each what is the matter with it.
///
/// # Errors
///
/// Where nothing can be written.
pub fn write_statuses<'a>(
    out: &mut impl Write,
    resources: impl Iterator<Item = &'a Resource>,
) -> io::Result<()> {
    let rows: Vec<Row> = resources.map(Row::new).collect();
    let width = rows
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(6)
        .max(6);
    writeln!(out, "{BOLD}{:width$}  READY    REASON{BOLD:#}", "OBJECT")?;
    for row in rows {
        let style = match row.ready {
            "True" => GOOD,
            "False" => BAD,
            _ => CHANGE,
        };
        writeln!(
            out,
            "{:width$}  {style}{:7}{style:#}  {}",
            row.name, row.ready, row.reason
        )?;
        for line in row.details {
            writeln!(out, "  {DIM}{}{DIM:#}", plain(&line))?;
        }
    }
    Ok(())
}

struct Row {
    name: String,
    ready: &'static str,
    reason: &'static str,
    details: Vec<String>,
}

impl Row {
    fn new(resource: &Resource) -> Self {
        let status = Status::of(resource);
        let conditions = status.conditions();
        let ready = condition::find(conditions, ConditionType::Ready);
        let mut details: Vec<String> = Vec::new();
        if let Some(ready) = ready.filter(|ready| ready.status != ConditionStatus::True) {
            details.push(ready.message.clone());
        }
        details.extend(conditions.iter().filter_map(worth_a_line));
        Self {
            name: key_of(resource).to_string(),
            ready: ready.map_or("Unknown", |ready| shown(ready.status)),
            reason: ready.map_or("Progressing", |ready| ready.reason.as_str()),
            details,
        }
    }
}

/// Conditions beside Ready that say something that Ready does not.
fn worth_a_line(condition: &Condition) -> Option<String> {
    let told = match condition.type_ {
        ConditionType::BreaksDependents => true,
        ConditionType::Drifted => condition.status == ConditionStatus::True,
        _ => false,
    };
    told.then(|| {
        format!(
            "{} ({}): {}",
            condition.type_, condition.reason, condition.message
        )
    })
}

const fn shown(status: ConditionStatus) -> &'static str {
    match status {
        ConditionStatus::True => "True",
        ConditionStatus::False => "False",
        ConditionStatus::Unknown => "Unknown",
    }
}
