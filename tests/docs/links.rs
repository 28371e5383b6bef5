//! Links between pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::pages::{pages, root};

/// The targets of the links in a page, but for those in blocks of code.
pub fn links(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    prose
        .flat_map(|text| text.split("](").skip(1))
        .map(|rest| rest.split(')').next().unwrap())
        .collect()
}

/// The anchors of a page, as code hosts and mdBook make them of headings.
pub fn anchors(page: &str) -> BTreeSet<String> {
    let prose = page.split("```").step_by(2);
    prose
        .flat_map(str::lines)
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
            kept.map(|letter| if letter == ' ' { '-' } else { letter })
                .collect()
        })
        .collect()
}

fn broken(page: &Path, link: &str) -> Option<String> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target: PathBuf = if path.is_empty() {
        page.to_owned()
    } else {
        page.parent().unwrap().join(path)
    };
    if !target.exists() {
        return Some(format!("{}: {link} leads nowhere", page.display()));
    }
    let known =
        anchor.is_empty() || anchors(&fs::read_to_string(&target).unwrap()).contains(anchor);
    (!known).then(|| format!("{}: {link} has no such heading", page.display()))
}

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            if !link.contains("://") {
                wrong.extend(broken(&page, link));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_page_of_the_guide_is_reached_from_the_front_page() {
    let mut reached = BTreeSet::new();
    let mut open = vec![root().join("README.md")];
    while let Some(page) = open.pop() {
        let page = page.canonicalize().unwrap();
        if !reached.insert(page.clone()) || page.is_dir() {
            // A link to a folder shows all of its files.
            if let Ok(entries) = fs::read_dir(&page) {
                reached.extend(entries.map(|entry| entry.unwrap().path()));
            }
            continue;
        }
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for link in links(&fs::read_to_string(&page).unwrap()) {
            let path = link.split('#').next().unwrap();
            if !path.is_empty() && !path.contains("://") {
                open.push(page.parent().unwrap().join(path));
            }
        }
    }
    let docs = root().join("docs").canonicalize().unwrap();
    let unreached: Vec<PathBuf> = pages()
        .into_iter()
        .map(|page| page.canonicalize().unwrap())
        .filter(|page| page.starts_with(&docs) && !reached.contains(page))
        .collect();
    assert!(unreached.is_empty(), "{unreached:#?}");
}
