//! From paths to files: folders are read in order, hidden files are left out.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{Check, Diagnostic, Severity, SourceFile};

/// Where manifests are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, or a folder with everything in it.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

/// How large a file may be, in bytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Reads every file of the inputs, each once. What cannot be read is a diagnostic, and so is a folder
/// without manifests unless it may be empty; the rest is read.
pub(super) fn files(
    inputs: &[Input],
    empty: bool,
    found: &mut Vec<Diagnostic>,
) -> Vec<Arc<SourceFile>> {
    let mut files = Vec::new();
    let mut known = BTreeSet::new();
    for input in inputs {
        match input {
            Input::Stdin => {
                let bytes = limited(std::io::stdin().lock());
                let file = decode("-", bytes, found);
                // What was to make the manifests may have failed.
                let nothing = |file: &Arc<SourceFile>| file.text.trim().is_empty();
                if inputs.len() == 1 && !empty && file.as_ref().is_some_and(nothing) {
                    let message = "there are no manifests on standard input";
                    found.push(Diagnostic::error(message).of(Check::File));
                }
                files.extend(file);
            }
            Input::Path(path) => {
                let mut paths = Vec::new();
                let folder = path.is_dir();
                let told = found.len();
                if folder {
                    walk(path, true, &mut paths, found);
                } else {
                    paths.push(path.clone());
                }
                let whole = found[told..]
                    .iter()
                    .all(|it| it.severity != Severity::Error);
                if folder && paths.is_empty() && whole && !empty {
                    let message = format!("there are no manifests in {}", path.display());
                    let hint = "manifests are files whose names end in .yaml, .yml or .json";
                    found.push(Diagnostic::error(message).of(Check::File).hint(hint));
                }
                // A file that is named beside its folder is not there twice.
                paths.retain(|path| {
                    known.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
                });
                files.extend(paths.iter().filter_map(|path| file(path, folder, found)));
            }
        }
    }
    files
}

/// The manifests in a folder and the folders in it, in order. `named` is the folder that was asked for.
fn walk(folder: &Path, named: bool, paths: &mut Vec<PathBuf>, found: &mut Vec<Diagnostic>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let name = folder.display();
            let message = format!("cannot read {name}: {error}");
            found.push(Diagnostic::error(message).of(Check::File));
            return;
        }
    };
    let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    inside.sort();
    if is_chart(folder) {
        found.push(chart(folder, named));
        return;
    }
    for path in inside.into_iter().filter(|path| is_manifest(path)) {
        if path.is_file() || !path.exists() {
            paths.push(path);
        } else if path.is_dir() && !path.is_symlink() {
            // A link to a folder may lead back to where it is.
            walk(&path, false, paths, found);
        }
    }
}

/// A chart of Helm is an error where it is all that is asked for, and passed over among manifests.
fn chart(folder: &Path, named: bool) -> Diagnostic {
    let name = folder.display();
    let hint = "read what Helm makes of it: helm template CHART | dialtone validate -f -";
    let diagnostic = if named {
        Diagnostic::error(format!(
            "{name} is a chart of Helm: its templates are no manifests yet"
        ))
    } else {
        Diagnostic::warning(format!(
            "{name} is a chart of Helm and left out: its templates are no manifests yet"
        ))
    };
    diagnostic.of(Check::File).hint(hint)
}

fn is_chart(folder: &Path) -> bool {
    folder.join("Chart.yaml").is_file() && folder.join("templates").is_dir()
}

fn file(path: &Path, in_folder: bool, found: &mut Vec<Diagnostic>) -> Option<Arc<SourceFile>> {
    let bytes = std::fs::File::open(path).and_then(limited);
    // Editors put files of their own beside a manifest and take them away again.
    let vanished = |error: &io::Error| in_folder && error.kind() == io::ErrorKind::NotFound;
    if bytes.as_ref().is_err_and(vanished) {
        return None;
    }
    decode(&path.display().to_string(), bytes, found)
}

fn limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MOST_BYTES) {
        return Ok(bytes);
    }
    let message = format!("it is larger than {} MiB", MOST_BYTES / 1024 / 1024);
    Err(io::Error::other(message))
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

fn decode(
    name: &str,
    bytes: io::Result<Vec<u8>>,
    found: &mut Vec<Diagnostic>,
) -> Option<Arc<SourceFile>> {
    let shown = if name == "-" { "standard input" } else { name };
    let text = match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => return Some(Arc::new(SourceFile::new(name, text))),
        Ok(Err(_)) => format!("{shown} is not text in UTF-8"),
        Err(error) => format!("cannot read {shown}: {error}"),
    };
    found.push(Diagnostic::error(text).of(Check::File));
    None
}
