//! Where a place in a text is in the file that holds the text.

use super::diagnostic::Location;
use crate::template::Span;

/// The place of a span of a text that stands in a file, indented or in quotes perhaps; the place of
/// the whole text where the file has it in another form, as with escapes.
#[must_use]
pub fn within(whole: &Location, text: &str, span: Span) -> Location {
    let written = whole.file.text.get(whole.span.clone()).unwrap_or_default();
    let found = written
        .find(text)
        .map(|start| start + span.start)
        .or_else(|| in_block(written, text, span));
    let Some(start) = found.map(|at| whole.span.start + at) else {
        return whole.clone();
    };
    // A place on one line: what is under it is shown with it.
    let length = span.text(text).lines().next().map_or(0, str::len);
    Location {
        span: start..start + length,
        ..whole.clone()
    }
}

/// The byte of `written` at which a span of `text` begins, where each line of the text is a line of
/// it with something in front.
fn in_block(written: &str, text: &str, span: Span) -> Option<usize> {
    let (line, _) = span.line_column(text);
    let lines: Vec<&str> = text.lines().take(line).collect();
    let mut starts = Vec::new();
    let mut start = 0;
    for each in written.split_inclusive('\n') {
        starts.push((start, each.trim_end()));
        start += each.len();
    }
    let fits = |window: &[(usize, &str)]| {
        let mut pairs = window.iter().zip(&lines);
        pairs.all(|((_, written), line)| written.trim_start() == line.trim())
    };
    let window = starts.windows(lines.len()).find(|window| fits(window))?;
    let (start, written) = window.last()?;
    let last = lines.last()?;
    let before = text.get(..span.start)?;
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    Some(start + written.rfind(last.trim_end())? + column)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::manifest::diagnostic::SourceFile;

    /// What is found at the place of `needle` of a text that a file has in some form.
    fn found(file: &str, text: &str, needle: &str) -> String {
        let start = text.find(needle).unwrap();
        let whole = Location {
            span: 0..file.len(),
            file: Arc::new(SourceFile::new("a.yaml", file)),
            secret: false,
        };
        let place = within(&whole, text, Span::new(start, start + needle.len()));
        place.file.text[place.span].to_owned()
    }

    #[test]
    fn a_place_in_a_text_is_a_place_in_the_file() {
        assert_eq!(found("\"Hi {{ x }}\"", "Hi {{ x }}", "x }}"), "x }}");
        assert_eq!(found("Hi {{ x }}", "Hi {{ x }}", "{{ x"), "{{ x");
        let block = "|\n    One\n    two {{ x }}\n      three\n";
        let text = "One\ntwo {{ x }}\n  three";
        for needle in ["One", "{{ x }}", "three", "  three"] {
            assert_eq!(found(block, text, needle), needle);
        }
    }

    #[test]
    fn a_text_that_is_written_otherwise_is_pointed_at_as_a_whole() {
        let folded = ">\n    One\n    two\n";
        assert_eq!(found(folded, "One two", "two"), folded);
        let escaped = "\"a\\nb\"";
        assert_eq!(found(escaped, "a\nb", "b"), escaped);
    }
}
