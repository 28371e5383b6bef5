//! What holds for every template.

use dialtone::template::segment::{self, Encoding};
use dialtone::template::{Channel, Limits, TemplateType, check, render, sample};
use proptest::prelude::*;

use crate::corpus::mutated;

fn a_type() -> impl Strategy<Value = TemplateType> {
    prop::sample::select(TemplateType::ALL.to_vec())
}

/// Checks what must hold of a template, whatever it is.
pub fn holds(template: &str, template_type: TemplateType) {
    let limits = Limits::default();
    let inside = |start: usize, end: usize| start <= end && template.get(start..end).is_some();
    for channel in [Channel::Text, Channel::Voice] {
        for finding in check(template, template_type, channel) {
            assert!(
                inside(finding.span.start, finding.span.end),
                "{template:?}: {finding:?}"
            );
            let (line, column) = finding.span.line_column(template);
            assert!(line >= 1 && column >= 1);
        }
    }
    let variables = sample::variables(template_type);
    match render(template, &variables, &limits) {
        Ok(rendered) => {
            assert!(rendered.output.len() <= limits.output);
            for warning in rendered.warnings {
                assert!(inside(warning.span.start, warning.span.end), "{template:?}");
            }
            assert!(segment::count(&rendered.output).segments >= 1);
        }
        Err(error) => {
            assert!(
                inside(error.span.start, error.span.end),
                "{template:?}: {error:?}"
            );
            assert!(!error.message.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn any_text_renders_or_is_refused(template in ".{0,200}", template_type in a_type()) {
        holds(&template, template_type);
    }

    #[test]
    fn any_bytes_render_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        holds(&String::from_utf8_lossy(&bytes), TemplateType::OtpVerify);
    }

    #[test]
    fn what_looks_like_liquid_renders_or_is_refused(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
        template_type in a_type(),
    ) {
        holds(&pieces.concat(), template_type);
    }

    #[test]
    fn a_changed_template_renders_or_is_refused(seed in any::<u64>()) {
        holds(&mutated(seed), TemplateType::ChangePassword);
    }

    #[test]
    fn plain_text_renders_as_it_is(text in "[^{]{0,300}") {
        let rendered = render(&text, &serde_json::Value::Null, &Limits::default()).unwrap();
        prop_assert_eq!(rendered.output, text);
    }

    #[test]
    fn raw_text_renders_as_it_is(text in "[^%]{0,300}") {
        let template = format!("{{% raw %}}{text}{{% endraw %}}");
        let rendered = render(&template, &serde_json::Value::Null, &Limits::default()).unwrap();
        prop_assert_eq!(rendered.output, text);
    }

    #[test]
    fn a_value_is_printed_as_it_is(text in ".{0,300}") {
        let variables = serde_json::json!({"a": text});
        let rendered = render("{{ a }}", &variables, &Limits::default()).unwrap();
        prop_assert_eq!(rendered.output, text);
    }

    #[test]
    fn rendering_twice_gives_the_same(seed in any::<u64>()) {
        let template = mutated(seed);
        let variables = sample::variables(TemplateType::OtpVerify);
        let limits = Limits::default();
        prop_assert_eq!(render(&template, &variables, &limits), render(&template, &variables, &limits));
    }

    #[test]
    fn segments_hold_what_is_counted(text in "\\PC{0,400}") {
        let counted = segment::count(&text);
        let (alone, part) = counted.encoding.capacity();
        let units = match counted.encoding {
            Encoding::Gsm7 => counted.characters,
            Encoding::Ucs2 => text.encode_utf16().count(),
        };
        prop_assert_eq!(counted.segments == 1, units <= alone || counted.characters <= 1);
        prop_assert!(counted.segments * part >= units || units <= alone);
        prop_assert!(segment::count(&segment::smart(&text)).segments <= counted.segments.max(1) * 3);
    }
}

const PIECES: [&str; 40] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{{-",
    "-}}",
    "{%-",
    "-%}",
    " if ",
    " endif ",
    " for ",
    " in ",
    " endfor ",
    " else ",
    " assign ",
    " = ",
    " case ",
    " when ",
    " endcase ",
    " raw ",
    " endraw ",
    " comment ",
    " endcomment ",
    " code ",
    " user.name ",
    "|",
    " append: ",
    " | date: '%Y' ",
    "'",
    "\"",
    "(1..3)",
    "[",
    "]",
    ".",
    ",",
    ":",
    " and ",
    " == ",
    "é",
    "\n",
];
