//! Where a place in a template is in the manifest that holds the template.

use std::ops::Range;

use crate::template::Span;

/// The bytes of a file that a span of a template is written in. Where the value is written in a way that
/// does not tell (folded, or with escapes), the whole value.
pub fn in_file(file: &str, value: &Range<usize>, template: &str, span: Span) -> Range<usize> {
    let Some(raw) = file.get(value.clone()) else {
        return value.clone();
    };
    let (line, offset) = line_of(template, span.start);
    let wanted = template.lines().nth(line).unwrap_or_default();
    if wanted.is_empty() {
        return value.clone();
    }
    let mut first = None;
    for (start, text) in lines(raw) {
        // The first line of the template says where the others are to be.
        let begins = template.lines().next().unwrap_or_default();
        if first.is_none() && text.contains(begins) {
            first = Some(start);
        }
    }
    let Some(first) = first else {
        return value.clone();
    };
    let Some((start, text)) = lines(&raw[first..]).nth(line) else {
        return value.clone();
    };
    let Some(indent) = text.find(wanted) else {
        return value.clone();
    };
    let at = value.start + first + start + indent + offset;
    let rest = wanted.len() - offset.min(wanted.len());
    at..at + (span.end - span.start).min(rest)
}

/// The number of a line, and the bytes on it before a place.
fn line_of(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    (
        line,
        before.len() - before.rfind('\n').map_or(0, |end| end + 1),
    )
}

/// The lines of a text, each with its first byte.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line)
    })
}

#[cfg(test)]
mod tests {
    use super::in_file;
    use crate::template::Span;

    fn found<'f>(file: &'f str, template: &str, part: &str) -> &'f str {
        let value = file.find("text: ").map_or(0, |at| at + 6)..file.len();
        let start = template.find(part).unwrap();
        let range = in_file(file, &value, template, Span::new(start, start + part.len()));
        &file[range]
    }

    #[test]
    fn a_place_is_found_in_every_way_to_write_a_text() {
        let template = "a {{ code }}\n\n  b {{ x }}\n";
        let block = "spec:\n  text: |\n    a {{ code }}\n\n      b {{ x }}\n";
        assert_eq!(found(block, template, "x"), "x");
        assert_eq!(found(block, template, "code"), "code");
        assert_eq!(found("text: a {{ code }}", "a {{ code }}", "code"), "code");
        assert_eq!(
            found("text: 'é {{ code }}'", "é {{ code }}", "code"),
            "code"
        );
        assert_eq!(
            found("text: 'it''s {{ code }}'", "it's {{ code }}", "code"),
            "'it''s {{ code }}'"
        );
    }
}
