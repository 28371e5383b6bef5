//! What people read: plans, progress and statuses, coloured on a terminal only.

pub mod json;
pub mod plan;
pub mod status;

use anstyle::{AnsiColor, Style};

/// Something is created or well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something changes.
pub(crate) const CHANGE: Style = AnsiColor::Yellow.on_default();
/// Something is removed, broken or failed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// A hazard.
pub(crate) const HAZARD: Style = AnsiColor::Magenta.on_default().bold();
/// Beside the point.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A heading.
pub(crate) const BOLD: Style = Style::new().bold();

/// `1 hazard`, `2 hazards`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}
