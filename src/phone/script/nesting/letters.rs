//! Letters of words, and the letters of a regular expression.

/// Whether a letter may belong to a name or a keyword.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '_' | '$' | '#' | '\\')
        || (!letter.is_ascii() && !letter.is_whitespace() && letter != '\u{feff}')
}

/// The length of the regular expression that a text begins with, without its flags.
pub(super) fn regular_expression(text: &str) -> Option<usize> {
    let (mut escaped, mut class) = (false, false);
    for (index, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return Some(index + 1),
            _ => {}
        }
    }
    None
}
