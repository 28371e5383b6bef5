//! What somebody else wrote, such as the name of an application, within messages of ours.

/// How many characters of a name a message has at most.
const LONGEST: usize = 100;

/// A name as a message has it: on one line, with nothing that hides or moves, and not longer than
/// people read.
#[must_use]
pub fn name(text: &str) -> String {
    let shown = |letter: char| {
        if misleads(letter) || letter == '\n' || letter == '\t' {
            '\u{fffd}'
        } else {
            letter
        }
    };
    let mut letters = text.chars().map(shown);
    let mut name: String = letters.by_ref().take(LONGEST).collect();
    if letters.next().is_some() {
        name.push('…');
    }
    name
}

/// Whether a character moves a terminal, hides, or changes the direction of writing. Lines and tabs do
/// not.
#[must_use]
pub fn misleads(letter: char) -> bool {
    let directs = matches!(letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    directs || (letter.is_control() && letter != '\n' && letter != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_what_is_seen() {
        assert_eq!(name("Zoë's app"), "Zoë's app");
        assert_eq!(
            name("a\n::error::b\u{1b}[2J\u{202e}c\td"),
            "a\u{fffd}::error::b\u{fffd}[2J\u{fffd}c\u{fffd}d"
        );
        let long = "é".repeat(LONGEST);
        assert_eq!(name(&long), long);
        assert_eq!(name(&format!("{long}é")), format!("{long}…"));
    }
}
