//! The edges between modules that `src/lib.rs` allows, and a few rules about files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may use, as in the table of `src/lib.rs`.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("api", &[]),
    ("template", &[]),
    ("phone", &["api", "template"]),
    ("auth0", &["api", "phone", "template"]),
    ("sim", &["auth0", "phone", "template"]),
    ("manifest", &["api", "phone", "template"]),
    ("operator", &["auth0", "phone", "api"]),
    (
        "cli",
        &[
            "api", "auth0", "manifest", "operator", "phone", "sim", "template",
        ],
    ),
];

fn sources(under: &str) -> Vec<PathBuf> {
    fn walk(path: &Path, found: &mut Vec<PathBuf>) {
        if path.is_dir() {
            let mut entries: Vec<PathBuf> = fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            entries.sort();
            for path in &entries {
                walk(path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.to_owned());
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(under),
        &mut found,
    );
    found
}

/// The top-level module that a file of `src` belongs to.
fn module(path: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let first = path.strip_prefix(src).unwrap().components().next().unwrap();
    first
        .as_os_str()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// A text without its comments and without what stands in string literals.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw_string(rest) {
            raw
        } else if first == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            rest[1..].find('\'').unwrap() + 2
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code
}

/// The length of the raw string literal that the text begins with.
fn raw_string(text: &str) -> Option<usize> {
    let body = text.strip_prefix('r')?.trim_start_matches('#');
    let hashes = text.len() - 1 - body.len();
    body.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = hashes + 2;
    Some(start + text[start..].find(&end).unwrap() + end.len())
}

/// The length of the string literal that the text begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The modules that a text names as `crate::…`, one by one or in a group.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code(text).split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(group) => found.extend(members(group).into_iter().map(word)),
        }
    }
    found
}

fn word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// The members of a group whose opening brace has been read.
fn members(group: &str) -> Vec<&str> {
    let (mut members, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                members.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                members.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    members.retain(|member| !member.trim().is_empty());
    members
}

#[test]
fn paths_are_found_in_groups_and_not_in_comments_or_strings() {
    let text = r##"
        // crate::comment
        use crate::{api::{Kind, Reason}, phone::plan, sim};
        fn f() -> crate::auth0::Error { "crate::string \" crate::more"; r#"crate::raw "x" "#; '"' }
        use crate::manifest; // crate::trailing
    "##;
    let found: Vec<String> = used(text).into_iter().collect();
    assert_eq!(found, ["api", "auth0", "manifest", "phone", "sim"]);
}

#[test]
fn modules_use_only_what_they_may() {
    let mut wrong = Vec::new();
    for path in sources("src") {
        let own = module(&path);
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == own) else {
            assert!(
                ["lib", "main"].contains(&own.as_str()),
                "{own} is in no row of the table"
            );
            continue;
        };
        for other in used(&fs::read_to_string(&path).unwrap()) {
            if other != own && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{}: {own} must not use {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_of_the_crate_says_the_same() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (name, allowed) in ALLOWED {
        let uses = match (name, allowed) {
            ("cli", _) => "all".to_owned(),
            (_, []) => "nothing".to_owned(),
            (_, all) => all
                .iter()
                .map(|one| format!("`{one}`"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let row = format!("//! | [`{name}`] | {uses} |");
        assert!(lib.contains(&row), "src/lib.rs lacks the row {row}");
    }
}

#[test]
fn the_core_is_pure() {
    let effects = [
        "async fn",
        ".await",
        "std::fs",
        "std::net",
        "SystemTime",
        "Instant::",
        "Timestamp::now",
    ];
    for path in sources("src/phone").into_iter().chain(sources("src/api")) {
        let text = fs::read_to_string(&path).unwrap();
        for effect in effects {
            assert!(!text.contains(effect), "{} has {effect}", path.display());
        }
    }
}

/// Files that may be longer than 400 lines, and why.
const LONG: [(&str, &str); 5] = [
    (
        "src/phone/tests/build.rs",
        "everything that tests are built from",
    ),
    ("src/phone/tests/desiring.rs", "one case after the other"),
    ("src/phone/tests/planning.rs", "one case after the other"),
    ("src/phone/tests/policies.rs", "one case after the other"),
    ("src/phone/tests/reporting.rs", "one case after the other"),
];

#[test]
fn files_have_names_that_say_what_they_hold() {
    for path in sources("src").into_iter().chain(sources("tests")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "common", "helpers", "helper", "mod"].contains(&name),
            "{}",
            path.display()
        );
    }
}

#[test]
fn files_are_of_readable_length() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = Vec::new();
    for path in sources("src").into_iter().chain(sources("tests")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap();
        if lines > 400 && !LONG.iter().any(|(excused, _)| *excused == name) {
            long.push(format!("{name}: {lines} lines"));
        }
    }
    assert!(long.is_empty(), "split, or give a reason: {long:#?}");
}

#[test]
fn design_records_are_numbered_without_gaps() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for (index, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}-", index + 1)), "{name}");
    }
}
