//! Reads manifests from files, directories and standard input, and says what is wrong with them.
//!
//! The order is that of a cluster: YAML as kubectl reads it ([`yaml`]), the structural check of an
//! API server ([`schema`]), its CEL rules, and then what no API server checks: references and
//! settings that do not fit together.

mod bundle;
mod diagnostic;
mod lint;
mod place;
mod read;
pub mod schema;
mod secrecy;
#[cfg(test)]
mod tests;
pub mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use bundle::{Ignored, Manifests, Object, Source};
pub use diagnostic::{Check, Diagnostic, Location, Severity, SourceFile, render, to_json};
pub use place::within;
pub use read::Input;

use crate::api::Kind;
use bundle::Collector;
use schema::Schema;
use secrecy::Hidden;

/// How manifests are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespace of objects that name none.
    pub namespace: String,
    /// How bad it is when a Secret is not among the manifests, or holds a placeholder: an error where
    /// its value is needed now, a warning where a cluster may have it.
    pub missing_secret: Severity,
    /// The manifests are laid over a cluster, which may have what they name: nothing is missing for
    /// not being among them.
    pub in_cluster: bool,
    /// A folder without manifests is no mistake: there may have been none yet.
    pub empty: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespace: "default".to_owned(),
            missing_secret: Severity::Error,
            in_cluster: false,
            empty: false,
        }
    }
}

/// Reads and checks manifests. All errors are told, not only the first; what is sound is returned
/// beside them.
#[must_use]
pub fn read(inputs: &[Input], options: &Options) -> (Manifests, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let files = read::files(inputs, options.empty, &mut found);
    check(&files, found, options)
}

/// Checks one text as if it were a file of this name.
#[must_use]
pub fn read_text(name: &str, text: &str, options: &Options) -> (Manifests, Vec<Diagnostic>) {
    check(
        &[Arc::new(SourceFile::new(name, text))],
        Vec::new(),
        options,
    )
}

/// A YAML document, and the file that it is in.
#[derive(Clone, Debug)]
pub struct Sourced {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The document.
    pub document: yaml::Document,
}

/// Reads documents of any kind as they stand: what they say is not checked.
#[must_use]
pub fn documents(inputs: &[Input]) -> (Vec<Sourced>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let mut documents = Vec::new();
    for file in read::files(inputs, false, &mut found) {
        let (read, errors) = yaml::read(&file.text);
        documents.extend(read.into_iter().map(|document| Sourced {
            file: Arc::clone(&file),
            document,
        }));
        for error in errors {
            let location = Location {
                file: Arc::clone(&file),
                span: error.span,
                secret: false,
            };
            let diagnostic = Diagnostic::error(error.message)
                .of(Check::Yaml)
                .at(location);
            found.push(match error.hint {
                Some(hint) => diagnostic.hint(hint),
                None => diagnostic,
            });
        }
    }
    (documents, found)
}

fn check(
    files: &[Arc<SourceFile>],
    mut found: Vec<Diagnostic>,
    options: &Options,
) -> (Manifests, Vec<Diagnostic>) {
    let schemas: BTreeMap<Kind, Schema> = Kind::ALL
        .into_iter()
        .map(|kind| (kind, Schema::of(&kind.crd())))
        .collect();
    let mut collector = Collector::new(&schemas, &options.namespace);
    let mut hidden: BTreeMap<&str, Hidden> = BTreeMap::new();
    for file in files {
        let (documents, errors) = yaml::read(&file.text);
        hidden.insert(&file.name, Hidden::of(file, &documents, &errors));
        for document in documents {
            collector.document(file, document);
        }
        for error in errors {
            collector.broken(file, error);
        }
    }
    found.extend(collector.found);
    collector.doubts.more |= options.in_cluster;
    found.extend(lint::check(
        &collector.manifests,
        &collector.doubts,
        options.missing_secret,
    ));
    for diagnostic in &mut found {
        let place = diagnostic.location.as_ref();
        if let Some(hidden) = place.and_then(|place| hidden.get(place.file.name.as_str())) {
            hidden.mark(diagnostic);
        }
    }
    diagnostic::sort(&mut found);
    (collector.manifests, found)
}
