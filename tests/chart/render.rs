//! What the chart renders, as documents.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::helm::{CHART, Helm};
use crate::support::kubectl::Output;

/// The release and the namespace of renders; `deploy/` has the same names.
pub const RELEASE: [&str; 3] = ["dialtone", "--namespace", "dialtone-system"];

/// The files of values that everything is tried with.
pub fn cases() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chart/values");
    let entries = fs::read_dir(folder).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 5, "{cases:?}");
    cases
}

/// The name of a case.
pub fn name(case: &Path) -> &str {
    case.file_stem().unwrap().to_str().unwrap()
}

/// Renders the chart with a file of values.
pub fn template(values: &Path) -> Output {
    let mut arguments = vec!["template"];
    arguments.extend(RELEASE);
    let values = values.display().to_string();
    arguments.extend([CHART, "--values", &values]);
    Helm::offline().run(&arguments)
}

/// Renders the chart with these values, as YAML.
pub fn template_with(values: &str) -> Output {
    let helm = Helm::offline();
    let file = helm.file("values.yaml", values);
    template(Path::new(&file))
}

/// The documents of a stream.
pub fn documents(stream: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(stream).unwrap();
    documents.into_iter().filter(|it| !it.is_null()).collect()
}

/// The documents that the chart renders with these values, as YAML.
pub fn rendered(values: &str) -> Vec<Value> {
    documents(&template_with(values).ok())
}

/// The documents of a file of the package.
pub fn committed(path: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    documents(&fs::read_to_string(path).unwrap())
}

/// Those of a kind.
pub fn of_kind<'a>(documents: &'a [Value], kind: &str) -> Vec<&'a Value> {
    documents.iter().filter(|it| it["kind"] == kind).collect()
}

/// The one of this kind and name.
#[track_caller]
pub fn one<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let found = of_kind(documents, kind);
    let found: Vec<&Value> = found
        .into_iter()
        .filter(|it| it["metadata"]["name"] == name)
        .collect();
    assert_eq!(found.len(), 1, "{kind} {name}");
    found[0]
}
