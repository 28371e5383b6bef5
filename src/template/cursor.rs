//! Reads a template character by character, in the way of LiquidJS.

use super::error::TemplateError;
use super::span::Span;

/// A position in a template, and where reading ends.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'s> {
    pub source: &'s str,
    pub at: usize,
    pub end: usize,
}

/// Whether a character separates words.
pub const fn is_blank(letter: char) -> bool {
    matches!(
        letter,
        '\t'..='\r'
            | ' '
            | '\u{a0}'
            | '\u{1680}'
            | '\u{180e}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// Whether a character can be part of a name.
pub const fn is_word(letter: char) -> bool {
    if letter.is_ascii() {
        letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '?')
    } else {
        !is_blank(letter) && !matches!(letter, '\u{201c}' | '\u{201d}')
    }
}

impl<'s> Cursor<'s> {
    pub const fn new(source: &'s str, span: Span) -> Self {
        Self {
            source,
            at: span.start,
            end: span.end,
        }
    }

    pub const fn is_done(&self) -> bool {
        self.at >= self.end
    }

    /// What is left to read.
    pub fn rest(&self) -> &'s str {
        self.source.get(self.at..self.end).unwrap_or_default()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// Reads a text if it comes next.
    pub fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub fn skip_blank(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.next();
        }
    }

    /// A name, which may be of no character.
    pub fn identifier(&mut self) -> Span {
        self.skip_blank();
        let start = self.at;
        while self.peek().is_some_and(is_word) {
            self.next();
        }
        Span::new(start, self.at)
    }

    /// Reads at least one character, and then until a text has been read.
    pub fn read_to(&mut self, text: &str) -> bool {
        while self.next().is_some() {
            if self.source[..self.at].ends_with(text) {
                return true;
            }
        }
        false
    }

    /// Reads to a delimiter which, where quotes count, stands in no quotes.
    pub fn read_to_delimiter(&mut self, delimiter: &str, quotes_count: bool) -> bool {
        self.skip_blank();
        while let Some(letter) = self.peek() {
            if quotes_count && matches!(letter, '"' | '\'') {
                self.quoted();
                continue;
            }
            self.next();
            if self.source[..self.at].ends_with(delimiter) {
                return true;
            }
        }
        false
    }

    /// A text in quotes with them, if one comes next. One that is not closed ends with what is read.
    pub fn quoted(&mut self) -> Option<Span> {
        self.skip_blank();
        let start = self.at;
        let quote = self.peek().filter(|letter| matches!(letter, '"' | '\''))?;
        self.next();
        let mut escaped = false;
        while let Some(letter) = self.next() {
            if letter == quote && !escaped {
                break;
            }
            escaped = !escaped && letter == '\\';
        }
        Some(Span::new(start, self.at))
    }

    /// The place that comes next: a character, or the end.
    pub fn here(&self) -> Span {
        let length = self.peek().map_or(0, char::len_utf8);
        let at = self.at.min(self.source.len());
        Span::new(at, at + length)
    }

    pub fn error(&self, message: impl Into<String>) -> TemplateError {
        TemplateError::parse(self.here(), message)
    }

    /// What comes next, for a message: the first 32 characters.
    pub fn snapshot(&self) -> String {
        excerpt(self.rest())
    }
}

/// The beginning of a text, in quotes.
pub fn excerpt(text: &str) -> String {
    let mut letters = text.chars();
    let mut shown: String = letters.by_ref().take(32).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    format!("{shown:?}")
}
