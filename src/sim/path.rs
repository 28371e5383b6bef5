//! Patterns for the paths of requests.

use serde::{Deserialize, Serialize};

/// A path pattern: `*` stands for any characters but `/`, `**` for any characters at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathPattern(String);

impl PathPattern {
    /// The pattern written as `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the whole of `path` fits the pattern.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        fits(self.0.as_bytes(), path.as_bytes())
    }
}

/// Keeps the set of pattern positions that are possible after each byte of the path, so that no
/// pattern takes more than its length times the path's.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    let mut possible = vec![false; pattern.len() + 1];
    reach(pattern, 0, &mut possible);
    for &byte in path {
        let mut next = vec![false; pattern.len() + 1];
        for (at, _) in possible.iter().enumerate().filter(|(_, is)| **is) {
            match star(pattern, at) {
                Some((_, crosses)) if crosses || byte != b'/' => reach(pattern, at, &mut next),
                None if pattern.get(at) == Some(&byte) => reach(pattern, at + 1, &mut next),
                _ => {}
            }
        }
        possible = next;
    }
    possible.last().copied().unwrap_or(false)
}

/// Marks `at` and every position that stars standing for nothing lead to.
fn reach(pattern: &[u8], mut at: usize, possible: &mut [bool]) {
    possible[at] = true;
    while let Some((length, _)) = star(pattern, at) {
        at += length;
        possible[at] = true;
    }
}

/// The length of the star at `at`, and whether it stands for `/` too.
fn star(pattern: &[u8], at: usize) -> Option<(usize, bool)> {
    match pattern.get(at..)? {
        [b'*', b'*', ..] => Some((2, true)),
        [b'*', ..] => Some((1, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_within_a_segment_and_two_cross_it() {
        for (pattern, path, expected) in [
            ("/a/b", "/a/b", true),
            ("/a/b", "/a/b/c", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/b/c", false),
            ("/a/*/c", "/a/b/c", true),
            ("/a/**", "/a/b/c", true),
            ("/a**", "/a", true),
            ("**/clients", "/api/v2/connections/con_1/clients", true),
            ("**", "", true),
            ("/a/*", "/a/", true),
            ("", "/a", false),
        ] {
            assert_eq!(
                PathPattern::new(pattern).matches(path),
                expected,
                "{pattern} on {path}"
            );
        }
    }
}
