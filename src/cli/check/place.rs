//! Where a line is, as a code host finds it: from the root of the repository.

use std::path::{Component, Path, PathBuf};

use crate::manifest::Location;

/// The folder that code hosts count paths from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    folder: PathBuf,
    current: PathBuf,
}

impl Root {
    /// The repository that the current folder is in, or the current folder where there is none.
    #[must_use]
    pub fn here() -> Self {
        let current = std::env::current_dir().unwrap_or_default();
        let mut around = current.ancestors();
        let found = around.find(|folder| folder.join(".git").exists());
        Self {
            folder: found.unwrap_or(&current).to_owned(),
            current,
        }
    }

    /// A root, and the folder that paths are relative to.
    #[cfg(test)]
    pub(super) fn new(folder: &str, current: &str) -> Self {
        Self {
            folder: folder.into(),
            current: current.into(),
        }
    }

    /// The path of a file from here, with slashes; an absolute one where it lies elsewhere.
    pub(super) fn path_of(&self, name: &str) -> String {
        let whole = plain(&self.current.join(name));
        let inside = whole.strip_prefix(&self.folder).ok().map(Path::to_owned);
        // The current folder may have been reached by a link.
        let inside = inside.or_else(|| {
            let (whole, folder) = (whole.canonicalize().ok()?, self.folder.canonicalize().ok()?);
            Some(whole.strip_prefix(folder).ok()?.to_owned())
        });
        let path = inside.unwrap_or(whole);
        let parts: Vec<_> = path
            .components()
            .filter(|part| !matches!(part, Component::RootDir))
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        let start = if path.has_root() { "/" } else { "" };
        format!("{start}{}", parts.join("/"))
    }

    /// The place of a location; standard input is no place.
    #[must_use]
    pub fn place(&self, location: &Location) -> Option<Place> {
        let file = &location.file;
        if file.name == "-" {
            return None;
        }
        let start = file.line_column(location.span.start);
        // A text of several lines is pointed at where it begins.
        let (line, column) = file.line_column(location.span.end);
        let end = if line == start.0 { column } else { start.1 };
        Some(Place {
            path: self.path_of(&file.name),
            line: start.0,
            column: start.1,
            end_column: end.max(start.1),
        })
    }
}

/// A path without `.` and `..`, as far as the path alone tells.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}

/// A place on one line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path from the root of the repository, with slashes.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1; it counts characters.
    pub column: usize,
    /// The column behind the last character.
    pub end_column: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_root_of_the_repository() {
        let root = Root::new("/repo", "/repo/deploy/phone");
        for (name, path) in [
            ("a.yaml", "deploy/phone/a.yaml"),
            ("./a.yaml", "deploy/phone/a.yaml"),
            ("../b.yaml", "deploy/b.yaml"),
            ("/repo/c.yaml", "c.yaml"),
            ("/elsewhere/d.yaml", "/elsewhere/d.yaml"),
            ("../../../e.yaml", "/e.yaml"),
        ] {
            assert_eq!(root.path_of(name), path);
        }
    }
}
