//! What the text of a sample costs, and which characters make it cost more.

use super::{Code, Finding, Severity};
use crate::template::segment::{self, Encoding, Foreign, Segments};
use crate::template::span::Span;

/// How many characters are named in a finding.
const NAMED: usize = 5;

/// What is to be said of a rendered message.
pub fn findings(source: &str, rendered: &str) -> Vec<Finding> {
    let whole = Span::new(0, source.len());
    let counted = segment::count(rendered);
    let mut findings = Vec::new();
    if let Some(finding) = encoding(source, rendered, &counted) {
        findings.push(finding);
    }
    if counted.segments > 1 {
        let (_, part) = counted.encoding.capacity();
        let (alone, _) = counted.encoding.capacity();
        let unit = match counted.encoding {
            Encoding::Gsm7 => "septets",
            Encoding::Ucs2 => "UTF-16 units",
        };
        findings.push(Finding {
            severity: Severity::Warning,
            code: Code::Segments,
            span: whole,
            message: format!(
                "with sample variables the message is {} characters in {}: {} segments, each of which is charged",
                counted.characters,
                counted.encoding.as_str(),
                counted.segments
            ),
            advice: Some(format!(
                "one segment holds {alone} {unit}, or {part} of a longer message"
            )),
        });
    }
    findings
}

/// Characters without which the message would be sent in the 7-bit alphabet.
fn encoding(source: &str, rendered: &str, counted: &Segments) -> Option<Finding> {
    if counted.encoding == Encoding::Gsm7 {
        return None;
    }
    let plain = segment::smart(rendered);
    let replaced = segment::count(&plain);
    let few = counted.foreign.len() <= 2;
    if replaced.encoding == Encoding::Ucs2 && !few {
        // A language of its own alphabet: there is nothing to replace.
        return None;
    }
    let first = counted.foreign.first()?;
    let at = source.find(&first.text).unwrap_or(0);
    let span = if source[at..].starts_with(&first.text) {
        Span::new(at, at + first.text.len())
    } else {
        Span::new(0, source.len())
    };
    let shown = |foreign: &Foreign| format!("{:?}", foreign.text).replace('"', "\u{60}");
    let named: Vec<String> = counted.foreign.iter().take(NAMED).map(shown).collect();
    let advice = if replaced.encoding == Encoding::Gsm7 {
        let changes: Vec<String> = counted
            .foreign
            .iter()
            .take(NAMED)
            .filter_map(|foreign| Some((foreign, foreign.replacement.as_ref()?)))
            .map(|(foreign, plain)| format!("{} by {plain:?}", shown(foreign)))
            .collect();
        let gain = if replaced.segments < counted.segments {
            format!(
                "that makes {} instead of {}",
                of_segments(replaced.segments),
                counted.segments
            )
        } else {
            "a segment then holds 160 characters instead of 70".to_owned()
        };
        format!("replace {}: {gain}", changes.join(", "))
    } else {
        "write it in another way, or accept that a segment holds 70 characters instead of 160"
            .to_owned()
    };
    Some(Finding {
        severity: Severity::Warning,
        code: Code::Encoding,
        span,
        message: format!(
            "{} {} not in the 7-bit alphabet, and {} the whole message to UCS-2",
            named.join(", "),
            if counted.foreign.len() == 1 {
                "is"
            } else {
                "are"
            },
            if counted.foreign.len() == 1 {
                "forces"
            } else {
                "force"
            }
        ),
        advice: Some(advice),
    })
}

/// A count with its noun.
pub fn of_segments(count: usize) -> String {
    if count == 1 {
        "1 segment".to_owned()
    } else {
        format!("{count} segments")
    }
}
