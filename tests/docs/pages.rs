//! The pages, as they are committed.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the package.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every page, from the root of the package.
pub fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root().to_owned(), root().join("docs"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && folder != root() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The pages for users: the front page and the guide, from the root of the package.
pub fn guide() -> Vec<String> {
    let names = pages().into_iter().map(|page| {
        let page = page.strip_prefix(root()).unwrap();
        page.to_str().unwrap().to_owned()
    });
    names
        .filter(|page| page == "README.md" || page.starts_with("docs/"))
        .collect()
}

/// The text under a heading, to the next heading of the same level or above.
pub fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| unreachable!("there is no heading {heading}"));
    let body = &page[start + heading.len() + 2..];
    let level = heading.split(' ').next().unwrap().len();
    let end = (1..=level)
        .filter_map(|level| body.find(&format!("\n{} ", "#".repeat(level))))
        .min();
    &body[..end.unwrap_or(body.len())]
}
