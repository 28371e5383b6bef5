//! The edges between modules that `src/lib.rs` allows, and a few rules about files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may use, as in the table of `src/lib.rs`.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("api", &[]),
    ("phone", &["api"]),
    ("auth0", &["api", "phone"]),
    ("sim", &["auth0", "phone"]),
    ("manifest", &["api", "phone"]),
    ("cli", &["api", "auth0", "manifest", "phone", "sim"]),
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

/// The modules that a text names as `crate::…`, outside of comments.
fn used(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| {
        line.split("crate::")
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    })
    .map(|rest| {
        rest.chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    })
    .collect()
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

#[test]
fn files_have_names_that_say_what_they_hold_and_are_of_readable_length() {
    for path in sources("src").into_iter().chain(sources("tests")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "common", "helpers", "mod"].contains(&name),
            "{}",
            path.display()
        );
        let text = fs::read_to_string(&path).unwrap();
        // Tests of one subject stay together; they are lists, and lists may be long.
        let lines = text.lines().count();
        let tests = path.components().any(|part| part.as_os_str() == "tests");
        let most = if tests { 900 } else { 500 };
        assert!(lines <= most, "{} has {lines} lines", path.display());
    }
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
