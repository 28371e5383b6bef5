//! Cuts a template into text, outputs and tags.

use super::cursor::{Cursor, excerpt, is_blank};
use super::error::TemplateError;
use super::span::Span;

/// A piece of a template.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: TokenKind,
    /// All of it, with its delimiters.
    pub span: Span,
    /// What is inside, without blanks at the ends; of a text what is left when its neighbours have
    /// trimmed it.
    pub content: Span,
}

#[derive(Clone, Copy, Debug)]
pub enum TokenKind {
    Text,
    Output,
    /// A tag, with its name and what follows that.
    Tag {
        name: Span,
        arguments: Span,
    },
}

impl Token {
    /// The name, if it is a tag.
    pub fn tag_name<'s>(&self, source: &'s str) -> Option<&'s str> {
        match self.kind {
            TokenKind::Tag { name, .. } => Some(name.text(source)),
            _ => None,
        }
    }

    /// What follows the name of a tag, or the inside of an output.
    pub const fn inside(&self) -> Span {
        match self.kind {
            TokenKind::Tag { arguments, .. } => arguments,
            _ => self.content,
        }
    }
}

/// Cuts a template into pieces, and trims texts beside delimiters with a hyphen.
///
/// # Errors
///
/// A delimiter is not closed, or a tag has no name.
pub fn scan(source: &str, most: usize) -> Result<Vec<Token>, ScanError> {
    let mut cursor = Cursor::new(source, Span::new(0, source.len()));
    let mut tokens = Vec::new();
    let mut delimited = 0;
    let mut raw_start = None;
    while !cursor.is_done() {
        let token = match raw_start {
            Some(start) => raw(&mut cursor, start)?,
            None => token(&mut cursor)?,
        };
        match token.tag_name(source) {
            Some("raw") => raw_start = Some(token.span.start),
            Some("endraw") => raw_start = None,
            _ => {}
        }
        if !matches!(token.kind, TokenKind::Text) {
            delimited += 1;
            if delimited > most {
                return Err(ScanError::TooMany(token.span));
            }
        }
        tokens.push(token);
    }
    trim(source, &mut tokens);
    Ok(tokens)
}

/// Why a template cannot be cut.
pub enum ScanError {
    Syntax(TemplateError),
    /// There are more tags and outputs than allowed.
    TooMany(Span),
}

impl From<TemplateError> for ScanError {
    fn from(error: TemplateError) -> Self {
        Self::Syntax(error)
    }
}

fn token(cursor: &mut Cursor<'_>) -> Result<Token, TemplateError> {
    let start = cursor.at;
    let rest = cursor.rest();
    if rest.starts_with("{%") {
        if !cursor.read_to_delimiter("%}", false) {
            return Err(not_closed("tag", cursor.source, start));
        }
        return tag(cursor.source, Span::new(start, cursor.at), 2);
    }
    if rest.starts_with("{{") {
        if !cursor.read_to_delimiter("}}", true) {
            return Err(not_closed("output", cursor.source, start));
        }
        let span = Span::new(start, cursor.at);
        return Ok(Token {
            kind: TokenKind::Output,
            span,
            content: inside(cursor.source, span, 2),
        });
    }
    let stop = [rest.find("{%"), rest.find("{{")];
    let length = stop.into_iter().flatten().min().unwrap_or(rest.len());
    cursor.at += length;
    Ok(text(Span::new(start, cursor.at)))
}

const fn text(span: Span) -> Token {
    Token {
        kind: TokenKind::Text,
        span,
        content: span,
    }
}

fn not_closed(what: &str, source: &str, start: usize) -> TemplateError {
    let message = format!("{what} {} not closed", excerpt(&source[start..]));
    TemplateError::parse(Span::new(start, start + 2), message)
}

/// A tag with delimiters of this length; 0 for a line of a `liquid` tag.
pub fn tag(source: &str, span: Span, delimiter: usize) -> Result<Token, TemplateError> {
    let content = inside(source, span, delimiter);
    let mut cursor = Cursor::new(source, content);
    cursor.skip_blank();
    let name = if source[cursor.at.min(source.len())..].starts_with('#') {
        let start = cursor.at;
        cursor.at += 1;
        Span::new(start, cursor.at)
    } else {
        cursor.identifier()
    };
    if name.start == name.end {
        let message = "a tag begins with its name, and this one has none";
        return Err(TemplateError::parse(span, message));
    }
    cursor.skip_blank();
    let arguments = Span::new(cursor.at, content.end.max(cursor.at));
    Ok(Token {
        kind: TokenKind::Tag { name, arguments },
        span,
        content,
    })
}

/// What stands between delimiters, without hyphens beside them and blanks at the ends.
fn inside(source: &str, span: Span, delimiter: usize) -> Span {
    let bytes = source.as_bytes();
    let (first, after) = (span.start + delimiter, span.end.saturating_sub(delimiter));
    let mut start = first + usize::from(bytes.get(first) == Some(&b'-'));
    let hyphen = after > 0 && bytes.get(after - 1) == Some(&b'-');
    let mut end = after - usize::from(hyphen);
    while start < end {
        match source[start..end].chars().next() {
            Some(letter) if is_blank(letter) => start += letter.len_utf8(),
            _ => break,
        }
    }
    while start < end {
        match source[start..end].chars().next_back() {
            Some(letter) if is_blank(letter) => end -= letter.len_utf8(),
            _ => break,
        }
    }
    Span::new(start, end.max(start))
}

/// The text of a `raw` block up to its end, or the end itself if that comes next.
fn raw(cursor: &mut Cursor<'_>, raw_start: usize) -> Result<Token, TemplateError> {
    let (source, begin) = (cursor.source, cursor.at);
    let mut found = cursor.read_to("{%");
    let mut left = cursor.at.saturating_sub(2);
    while found && !cursor.is_done() {
        if cursor.identifier().text(source) != "endraw" {
            found = cursor.read_to("{%");
            left = cursor.at.saturating_sub(2);
            continue;
        }
        loop {
            let before = &source[..cursor.at];
            if before.ends_with("%}") {
                let end = cursor.at;
                if begin == left {
                    return tag(source, Span::new(begin, end), 2);
                }
                cursor.at = left;
                return Ok(text(Span::new(begin, left)));
            }
            if before.ends_with("{%") || cursor.next().is_none() {
                break;
            }
        }
    }
    Err(not_closed("raw", source, raw_start))
}

/// Takes blanks away beside delimiters with a hyphen; not in `raw`.
fn trim(source: &str, tokens: &mut [Token]) {
    let mut in_raw = false;
    for at in 0..tokens.len() {
        let token = tokens[at];
        if matches!(token.kind, TokenKind::Text) {
            continue;
        }
        let whole = token.span.text(source);
        if !in_raw && whole[2..].starts_with('-') && at > 0 {
            let before = &mut tokens[at - 1];
            if matches!(before.kind, TokenKind::Text) {
                let kept = before.content.text(source).trim_end_matches(is_blank);
                before.content.end = before.content.start + kept.len();
            }
        }
        match token.tag_name(source) {
            Some("raw") => in_raw = true,
            Some("endraw") => in_raw = false,
            _ => {}
        }
        if !in_raw
            && whole[..whole.len() - 2].ends_with('-')
            && let Some(after) = tokens.get_mut(at + 1)
            && matches!(after.kind, TokenKind::Text)
        {
            let kept = after.content.text(source).trim_start_matches(is_blank);
            after.content.start = after.content.end - kept.len();
        }
    }
}
