//! Whatever is read, nothing panics, every place is inside the file, and no Secret is shown.

use dialtone::manifest::{render, to_json};
use proptest::prelude::*;

use crate::{PROVIDER, TENANT, read, stream};

/// A sound text with some of it cut out, doubled or overwritten.
fn mangled() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "[ -~\n\t&*{}\\[\\]:'\"]{0,6}",
        prop_oneof![
            Just("\n---\n"),
            Just("&a "),
            Just("*a"),
            Just("<<: *a\n"),
            Just("!!int "),
            Just("|\n"),
            Just("null"),
            Just("\u{feff}"),
            Just("é"),
            Just("items: "),
            Just("kind: List\n")
        ]
        .prop_map(str::to_owned),
    ];
    let edit = (any::<prop::sample::Index>(), 0_usize..30, piece);
    prop::collection::vec(edit, 0..6).prop_map(|edits| {
        let mut text = stream(&[TENANT, PROVIDER]);
        for (at, length, piece) in edits {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            let inside = text.is_char_boundary(start) && text.is_char_boundary(end);
            // What tells that it is a Secret is left alone: without it nobody can know.
            let telling = ["kind: Secret", "stringData"];
            if inside && !telling.iter().any(|word| touches(&text, word, start, end)) {
                text.replace_range(start..end, &piece);
            }
        }
        text
    })
}

fn touches(text: &str, word: &str, start: usize, end: usize) -> bool {
    let found = text.find(word);
    found.is_some_and(|at| start < at + word.len() && at < end.max(start + 1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn mangled_manifests_are_told_at_places_inside_them(text in mangled()) {
        let (_, found) = read(&text);
        let lines: Vec<&str> = text.split('\n').collect();
        for item in to_json(&found).as_array().unwrap() {
            let (Some(line), Some(column)) = (item["line"].as_u64(), item["column"].as_u64()) else {
                continue;
            };
            let line = lines.get(usize::try_from(line).unwrap() - 1);
            let length = line.map(|line| line.chars().count() as u64);
            prop_assert!(length.is_some_and(|length| column <= length + 1), "{item}");
        }
        let shown = format!("{}{}", render(&found, true), to_json(&found));
        prop_assert!(!shown.contains("PLANTED"), "{shown}");
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_, found) = read(&String::from_utf8_lossy(&bytes));
        let _ = render(&found, false);
    }
}
