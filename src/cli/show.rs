//! What people read: plans, progress and statuses, coloured on a terminal only.

pub mod json;
pub mod plan;
pub mod status;

use anstyle::{AnsiColor, Style};

use crate::phone::foreign::misleads;

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

/// Somebody else's text as one line. Whoever may write an annotation could otherwise have the terminal
/// of whoever reads it do something.
#[must_use]
pub fn plain(text: &str) -> String {
    lines(text).replace(['\n', '\t'], "\u{fffd}")
}

/// The same for a text that may have several lines.
#[must_use]
pub fn lines(text: &str) -> String {
    let shown = |letter| if misleads(letter) { '\u{fffd}' } else { letter };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_terminal_is_text() {
        assert_eq!(
            plain("a\u{1b}[2J\nb\u{9b}c\td"),
            "a\u{fffd}[2J\u{fffd}b\u{fffd}c\u{fffd}d"
        );
        assert_eq!(lines("a\r\nb\u{7}"), "a\u{fffd}\nb\u{fffd}");
        assert_eq!(plain("a\u{202e}b\u{200b}"), "a\u{fffd}b\u{fffd}");
    }
}
