//! Liquid and JavaScript go through Flux and Helm as they are, where the page's advice is followed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::libraries::Libraries;
use crate::support::{ControlPlane, programs};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The blocks of YAML under a heading of the page.
fn blocks(heading: &str) -> Vec<String> {
    let page = read("docs/gitops.md");
    let (_, after) = page.split_once(&format!("\n{heading}\n")).unwrap();
    let section = after.split("\n## ").next().unwrap();
    let section = section.split("\n### ").next().unwrap();
    let fenced = section.split("```yaml\n").skip(1);
    fenced
        .map(|text| text.split("```").next().unwrap().to_owned())
        .collect()
}

/// What Flux makes of manifests where a variable is to be substituted.
fn substituted(libraries: &mut Libraries, manifests: &str) -> Result<Value, String> {
    libraries.try_ask(json!({
        "do": "flux-substitute",
        "manifests": manifests,
        "namespace": "phone",
        "kustomization": {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": "phone"},
            "spec": {"postBuild": {"substitute": {"REGION": "eu"}}},
        },
    }))
}

/// The first object of manifests.
fn object(manifests: &str) -> Value {
    let first = manifests.split("\n---\n").next().unwrap();
    serde_saphyr::from_str(first).unwrap()
}

/// The code of a provider's Action.
fn code(provider: &Value) -> Value {
    provider["spec"]["custom"]["action"]["code"].clone()
}

#[tokio::test]
async fn liquid_needs_no_protection_from_flux() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    let templates = read("examples/templates/templates.yaml");
    let after = substituted(&mut libraries, &templates).unwrap();
    for (before, after) in templates.split("\n---\n").zip(after.as_array().unwrap()) {
        let before: Value = serde_saphyr::from_str(before).unwrap();
        assert_eq!(after["spec"], before["spec"]);
        assert_eq!(after["data"], before["data"]);
    }
}

#[tokio::test]
async fn code_is_kept_from_flux_by_the_annotation_or_by_two_dollars() {
    let mut libraries = Libraries::new(ControlPlane::shared());
    let provider = read("examples/custom-provider/provider.yaml");
    let wanted = code(&object(&provider));
    assert!(wanted.as_str().unwrap().contains("${response.status}"));
    // Without either it is lost.
    let lost = substituted(&mut libraries, &provider);
    assert!(lost.is_err() || code(&lost.unwrap()[0]) != wanted);

    let annotation = blocks("### Flux").remove(0);
    let annotated = provider.replacen(
        "metadata:\n",
        &format!("metadata:\n  annotations:\n    {annotation}"),
        1,
    );
    let after = substituted(&mut libraries, &annotated).unwrap();
    assert_eq!(code(&after[0]), wanted);

    let doubled = provider
        .replace("${", "$${")
        .replace("+15550100", "${REGION}");
    let after = substituted(&mut libraries, &doubled).unwrap();
    assert_eq!(code(&after[0]), wanted);
}

/// What `helm template` makes of a chart with this template and files of words and of code.
fn rendered(name: &str, template: &str) -> Result<Value, String> {
    let chart = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = chart.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let about = "apiVersion: v2\nname: phone\nversion: 0.1.0\n";
    write("Chart.yaml", about);
    write("words/enroll.liquid", WORDS);
    let provider = object(&read("examples/custom-provider/provider.yaml"));
    write("words/action.js", code(&provider).as_str().unwrap());
    write(name, template);
    let output = Command::new(programs::path("helm").unwrap())
        .args(["template", "phone"])
        .arg(chart.path())
        .env("HOME", chart.path())
        .output()
        .unwrap();
    if output.status.success() {
        let text = String::from_utf8(output.stdout).unwrap();
        Ok(serde_saphyr::from_str(text.trim_start_matches("---\n")).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

const WORDS: &str =
    "{% if code %}{{ code }} is your “code”.{% endif %}\nEnter it to add this phone.\n";

#[test]
fn liquid_goes_through_helm_as_the_page_says() {
    let [quoted, filed] = blocks("### Helm").try_into().unwrap();
    let text = |template: &str| {
        let name = template.lines().next().unwrap().trim_start_matches("# ");
        rendered(name, template).map(|it| it["spec"]["text"].clone())
    };
    let words = json!("{{ code }} is your code for {{ friendly_name }}.");
    assert_eq!(text(&quoted), Ok(words));
    assert_eq!(text(&filed), Ok(json!(WORDS)));
    // Code goes the same way.
    let with_code = filed.replace("enroll.liquid", "action.js");
    let provider = object(&read("examples/custom-provider/provider.yaml"));
    assert_eq!(text(&with_code), Ok(code(&provider)));
    // A name that is mistyped is told of, where Helm alone would give no words at all.
    let mistyped = filed.replace("Files.Get \"words/enroll", "Files.Get \"words/enrol");
    let refused = text(&mistyped).unwrap_err();
    assert!(refused.contains("is not in the chart"), "{refused}");
    // Without it Helm takes the words for its own.
    let bare = quoted.replace("{{`", "").replace("`}}", "");
    assert!(bare.contains("{{ code }} is"));
    assert!(text(&bare).unwrap_err().contains("code"), "{bare}");
}
