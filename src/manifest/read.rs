//! From paths to files: folders are read in order, hidden files are left out.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Diagnostic, SourceFile};

/// Where manifests are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with everything in it.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// Reads every file of the inputs. What cannot be read is a diagnostic, and the rest is read.
pub(super) fn files(inputs: &[Input], found: &mut Vec<Diagnostic>) -> Vec<Arc<SourceFile>> {
    let mut files = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin => {
                let mut bytes = Vec::new();
                match std::io::stdin().lock().read_to_end(&mut bytes) {
                    Ok(_) => files.extend(decode("-", bytes, found)),
                    Err(error) => {
                        found.push(Diagnostic::error(format!(
                            "cannot read standard input: {error}"
                        )));
                    }
                }
            }
            Input::Path(path) => {
                let before = files.len();
                walk(path, true, &mut files, found);
                if files.len() == before && path.is_dir() {
                    let message = format!("there are no manifests in {}", path.display());
                    let hint = "manifests are files whose names end in .yaml, .yml or .json";
                    found.push(Diagnostic::error(message).hint(hint));
                }
            }
        }
    }
    files
}

fn walk(path: &Path, named: bool, files: &mut Vec<Arc<SourceFile>>, found: &mut Vec<Diagnostic>) {
    let name = path.display().to_string();
    if path.is_dir() {
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                found.push(Diagnostic::error(format!("cannot read {name}: {error}")));
                return;
            }
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| is_manifest(path)) {
            walk(path, false, files, found);
        }
        return;
    }
    match std::fs::read(path) {
        Ok(bytes) => files.extend(decode(&name, bytes, found)),
        Err(error) if named => {
            found.push(Diagnostic::error(format!("cannot read {name}: {error}")));
        }
        // Editors put files of their own beside a manifest and take them away again.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => found.push(Diagnostic::error(format!("cannot read {name}: {error}"))),
    }
}

fn is_manifest(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if name.is_empty() || name.starts_with('.') {
        return false;
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    let kustomization = ["kustomization.yaml", "kustomization.yml"].contains(&name);
    path.is_dir() || (matches!(extension, Some("yaml" | "yml" | "json")) && !kustomization)
}

fn decode(name: &str, bytes: Vec<u8>, found: &mut Vec<Diagnostic>) -> Option<Arc<SourceFile>> {
    let Ok(text) = String::from_utf8(bytes) else {
        found.push(Diagnostic::error(format!("{name} is not text in UTF-8")));
        return None;
    };
    Some(Arc::new(SourceFile::new(name, text)))
}
