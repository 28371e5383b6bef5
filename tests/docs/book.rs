//! The book that is made of the pages.

use std::collections::BTreeSet;
use std::fs;

use dialtone::api::Reason;

use crate::links::{anchors, links};
use crate::pages::{guide, read, root, section};

#[test]
fn every_page_of_the_guide_is_a_chapter_and_every_chapter_a_page() {
    let summary = read("docs/SUMMARY.md");
    let mut chapters = BTreeSet::new();
    for chapter in links(&summary) {
        let page = format!("docs/{chapter}");
        assert!(root().join(&page).is_file(), "{page} is not there");
        assert!(chapters.insert(page), "{chapter} is there twice");
    }
    let guide: BTreeSet<String> = guide()
        .into_iter()
        .filter(|page| !["README.md", "docs/SUMMARY.md"].contains(&page.as_str()))
        .collect();
    assert_eq!(chapters, guide);
}

#[test]
fn every_reason_has_its_entry_in_the_runbook_and_every_entry_its_reason() {
    let page = read("docs/runbook.md");
    let entries: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    let known: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(entries.iter().copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(entries.len(), known.len(), "an entry is there twice");
    for reason in entries {
        let entry = section(&page, &format!("### `{reason}`"));
        let mut from = 0;
        for part in ["\n- **Look:** ", "\n- **Do:** ", "\n- **Mended:** "] {
            let at = entry[from..].find(part);
            assert!(at.is_some(), "{reason}: {part:?} is missing");
            from += at.unwrap();
        }
        let meaning = entry.split("\n- ").next().unwrap().trim();
        assert!(
            meaning.len() > 20,
            "{reason}: it does not say what it means"
        );
        assert!(anchors(&page).contains(&reason.to_lowercase()), "{reason}");
    }
}

#[test]
fn every_example_is_in_the_list_of_examples() {
    let page = read("docs/examples.md");
    let listed: BTreeSet<&str> = links(&page)
        .into_iter()
        .filter_map(|link| link.strip_prefix("../examples/"))
        .collect();
    let mut folders = BTreeSet::new();
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        folders.insert(entry.unwrap().file_name().into_string().unwrap());
    }
    let folders: BTreeSet<&str> = folders.iter().map(String::as_str).collect();
    assert_eq!(listed, folders);
}
