//! Plans as text: each action with what it changes and, beside it, what it breaks.

use std::io::{self, Write};

use super::{BAD, BOLD, CHANGE, DIM, GOOD, HAZARD, counted, lines, plain};
use crate::phone::action::{Cause, Change, FieldChange};
use crate::phone::hazard::Hazard;
use crate::phone::plan::{Plan, Step};

/// Writes one tenant's plan.
///
/// # Errors
///
/// Where nothing can be written.
pub fn write_plan(out: &mut impl Write, tenant: &str, plan: &Plan) -> io::Result<()> {
    writeln!(out, "{BOLD}{tenant}{BOLD:#}")?;
    if plan.is_empty() && !plan.is_blocked() {
        writeln!(out, "  {GOOD}✓{GOOD:#} the tenant is as the objects say")?;
    }
    for (index, step) in plan.steps.iter().enumerate() {
        write_step(out, step)?;
        for hazard in plan.hazards_of(index) {
            write_hazard(out, hazard)?;
        }
    }
    for finding in &plan.findings {
        let mark = if finding.blocking { BAD } else { CHANGE };
        writeln!(
            out,
            "  {mark}!{mark:#} {}: {}",
            finding.owner,
            lines(&finding.message)
        )?;
    }
    for part in &plan.unseen {
        writeln!(out, "  {BAD}!{BAD:#} not seen: {part}")?;
    }
    Ok(())
}

fn write_step(out: &mut impl Write, step: &Step) -> io::Result<()> {
    let (mark, style) = sign(&step.action.change);
    let cause = match step.action.cause {
        Cause::Spec => "",
        Cause::Drift => ", drift",
        Cause::Adoption => ", taken over",
        Cause::Removal => ", removed with its object",
    };
    if let Some(withheld) = &step.withheld {
        writeln!(
            out,
            "  {DIM}·{DIM:#} {} {DIM}({}{cause}){DIM:#}",
            step.action.change.summary(),
            step.action.owner
        )?;
        writeln!(
            out,
            "      {CHANGE}withheld{CHANGE:#}: {}",
            lines(&withheld.message())
        )?;
    } else {
        writeln!(
            out,
            "  {style}{mark}{style:#} {} {DIM}({}{cause}){DIM:#}",
            step.action.change.summary(),
            step.action.owner
        )?;
    }
    step.action
        .fields
        .iter()
        .try_for_each(|field| write_field(out, field))
}

fn write_field(out: &mut impl Write, field: &FieldChange) -> io::Result<()> {
    let path = plain(&field.path);
    let shown = |value: &Option<String>| value.as_deref().map(lines);
    match (shown(&field.from), shown(&field.to)) {
        (None, Some(to)) => writeln!(out, "      {path}: {GOOD}{to}{GOOD:#}"),
        (Some(from), None) => writeln!(out, "      {path}: {BAD}{from}{BAD:#} → absent"),
        (Some(from), Some(to)) => {
            writeln!(out, "      {path}: {BAD}{from}{BAD:#} → {GOOD}{to}{GOOD:#}")
        }
        (None, None) => Ok(()),
    }
}

fn write_hazard(out: &mut impl Write, hazard: &Hazard) -> io::Result<()> {
    let state = match (hazard.acknowledged, hazard.intended) {
        (true, _) => " (acknowledged)",
        (false, true) => " (asked for by the object itself)",
        (false, false) => "",
    };
    let message = plain(&hazard.message());
    writeln!(out, "    {HAZARD}⚠ {message}{HAZARD:#}{state}")?;
    writeln!(
        out,
        "      {DIM}{} · to avoid it: {}{DIM:#}",
        plain(&hazard.id()),
        hazard.remedy
    )
}

const fn sign(change: &Change) -> (char, anstyle::Style) {
    match change {
        Change::CreateProvider { .. }
        | Change::CreateConnection { .. }
        | Change::CreateTemplate { .. } => ('+', GOOD),
        Change::DeleteProvider { .. }
        | Change::DeleteConnection { .. }
        | Change::DeleteTemplate { .. } => ('-', BAD),
        _ => ('~', CHANGE),
    }
}

/// What no plan tells of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gaps {
    /// How many tenants have no plan.
    pub tenants: usize,
    /// Manifests have errors, or something else keeps the plans from being whole, and was told.
    pub errors: bool,
}

/// Writes the line that sums up all plans, and what they lack.
///
/// # Errors
///
/// Where nothing can be written.
pub fn write_summary<'a>(
    out: &mut impl Write,
    plans: impl Iterator<Item = &'a Plan>,
    gaps: Gaps,
) -> io::Result<()> {
    let parts = counts(plans, gaps).into_iter();
    let parts = parts.map(|(style, part)| format!("{style}{part}{style:#}"));
    writeln!(out, "Plan: {}.", parts.collect::<Vec<_>>().join(", "))
}

/// The same without colours: `1 change, 5 hazards`.
pub fn summary<'a>(plans: impl Iterator<Item = &'a Plan>, gaps: Gaps) -> String {
    let parts = counts(plans, gaps).into_iter().map(|(_, part)| part);
    parts.collect::<Vec<_>>().join(", ")
}

fn counts<'a>(plans: impl Iterator<Item = &'a Plan>, gaps: Gaps) -> Vec<(anstyle::Style, String)> {
    let (mut due, mut withheld, mut hazards, mut unseen) = (0, 0, 0, false);
    for plan in plans {
        unseen |= !plan.unseen.is_empty();
        due += plan.due().count();
        withheld += plan.steps.len() - plan.due().count();
        hazards += plan.hazards.len();
    }
    let plain = anstyle::Style::new();
    let mut parts = vec![(plain, counted(due, "change"))];
    if withheld > 0 {
        parts.push((plain, format!("{withheld} withheld")));
    }
    if hazards > 0 {
        parts.push((HAZARD, counted(hazards, "hazard")));
    }
    if gaps.tenants > 0 {
        let tenants = counted(gaps.tenants, "tenant");
        parts.push((BAD, format!("{tenants} not planned")));
    }
    if gaps.errors {
        parts.push((BAD, "incomplete because of errors".to_owned()));
    }
    if unseen {
        parts.push((BAD, "not everything seen".to_owned()));
    }
    parts
}
