//! Blocks of code on the pages: manifests are read as the program reads them, transcripts are run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use dialtone::api::Kind;
use dialtone::manifest::{Options, Severity, read_text};
use serde_json::{Value, json};

use crate::fences::{Block, blocks};
use crate::pages::root;
use crate::transcripts::lines;

/// Pages whose transcripts are of a cluster, and are run by `cargo test --test plugin`.
const OF_A_CLUSTER: [&str; 1] = ["docs/kubectl-plugin.md"];

/// What stands for the rest of an object of which a page shows a part, by kind.
fn whole(kind: Kind) -> Value {
    let twilio = json!({
        "accountSid": "AC00000000000000000000000000000000",
        "from": "+15550100",
        "authTokenSecretRef": {"name": "twilio", "key": "authToken"},
    });
    let spec = match kind {
        Kind::PhoneProvider => json!({"deliveryMethods": ["Text"], "twilio": twilio}),
        Kind::MfaPhoneFactor | Kind::PasswordlessConnection => json!({}),
        Kind::Auth0Tenant
        | Kind::PhoneIdentifier
        | Kind::PhoneTemplate
        | Kind::PhoneTestMessage => {
            unreachable!("no page shows a part of {}", kind.as_str())
        }
    };
    let mut object = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "metadata": {"name": kind.as_str().to_lowercase()},
        "spec": spec,
    });
    object["spec"]["tenantRef"] = json!({"name": "acme"});
    object
}

/// Lays one document over another.
fn lay(over: Value, under: &mut Value) {
    match over {
        Value::Object(map) if under.is_object() => {
            for (key, value) in map {
                lay(value, &mut under[key]);
            }
        }
        value => *under = value,
    }
}

/// The tenants that objects of a page may refer to without showing them.
fn shared(namespace: &str) -> String {
    format!(
        "---
apiVersion: dialtone.dev/v1alpha1
kind: Auth0Tenant
metadata: {{name: acme, namespace: {namespace}}}
spec:
  domain: {namespace}.eu.auth0.com
  credentials: {{clientSecret: {{clientId: example, secretRef: {{name: auth0, key: secret}}}}}}
"
    )
}

/// The documents of a block, each as the program reads it; `None` where none is of our kinds.
fn completed(block: &Block) -> Option<String> {
    let ours: BTreeMap<&str, Kind> = Kind::ALL
        .iter()
        .map(|kind| (kind.as_str(), *kind))
        .collect();
    let (mut text, mut any, mut tenant) = (String::new(), false, false);
    for document in block.text.split("\n---\n") {
        let value: Result<Value, _> = serde_saphyr::from_str(document);
        assert!(value.is_ok(), "{}: {value:?}", block.place);
        let value = value.unwrap();
        let kind = value["kind"]
            .as_str()
            .and_then(|kind| ours.get(kind))
            .copied();
        any |= kind.is_some();
        tenant |= kind == Some(Kind::Auth0Tenant);
        match kind {
            Some(kind) if value["apiVersion"].is_null() => {
                let mut object = whole(kind);
                lay(value, &mut object);
                let _ = writeln!(text, "---\n{object}");
            }
            _ => {
                let _ = writeln!(text, "---\n{document}");
            }
        }
    }
    if !tenant {
        text += &shared("default");
        text += &shared("identity");
    }
    any.then_some(text)
}

#[test]
fn every_manifest_on_a_page_is_sound() {
    let mut count = 0;
    let mut wrong = Vec::new();
    // What Helm makes of the templates of a chart is read by tests/gitops/braces.rs.
    let of_a_chart =
        |block: &Block| block.text.starts_with("# templates/") && block.page == "docs/gitops.md";
    for block in blocks("yaml").iter().filter(|block| !of_a_chart(block)) {
        let Some(text) = completed(block) else {
            continue;
        };
        count += 1;
        let options = Options {
            missing_secret: Severity::Warning,
            ..Options::default()
        };
        let (manifests, found) = read_text(&block.place, &text, &options);
        assert!(!manifests.objects.is_empty(), "{}: {text}", block.place);
        let errors = found.iter().filter(|item| item.severity == Severity::Error);
        wrong.extend(
            errors.map(|item| format!("{}: {:?} {}", block.place, item.field, item.message)),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count >= 12, "only {count} blocks are of our kinds");
}

#[test]
fn every_json_document_on_a_page_is_one() {
    for block in blocks("json") {
        let value: Result<Value, _> = serde_json::from_str(&block.text);
        assert!(value.is_ok(), "{}: {value:?}", block.place);
    }
}

/// The commands of a transcript, each with what it prints.
fn steps(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut steps: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => steps.push((command, Vec::new())),
            None => steps.last_mut().unwrap().1.push(line),
        }
    }
    steps
}

/// Runs a command of a page. The tenant that it reaches is simulated: commands that name no state
/// are given that of the folder.
fn run(command: &str, folder: &Path) -> String {
    let reaching = ["plan", "apply", "export", "test-message"];
    let mut words = command.split(' ').skip(1);
    let state =
        words.next().is_some_and(|name| reaching.contains(&name)) && !command.contains("--state");
    let more = if state { " --state tenant.json" } else { "" };
    let path = std::env::var("PATH").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_dialtone")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{command}{more}")])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", program.display()))
        .env_remove("DIALTONE_LOG")
        .output()
        .unwrap();
    assert!(output.status.code().is_some(), "{command}");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(!complaints.contains("error"), "{command}: {complaints}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_transcript_is_what_is_printed() {
    let mut ran = 0;
    // The files that the pages on migration have their reader write.
    let own = blocks("yaml").into_iter().filter_map(|block| {
        let page = "docs/migration/dashboard.md";
        (block.page == page).then_some(block.text)
    });
    let own: Vec<String> = own.collect();
    for block in blocks("console") {
        let steps = steps(&block.text);
        if steps
            .iter()
            .any(|(command, _)| !command.starts_with("dialtone "))
        {
            let known = OF_A_CLUSTER.contains(&block.page.as_str());
            assert!(known, "{}: no test runs this transcript", block.place);
            continue;
        }
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path();
        symlink(root().join("examples"), folder.join("examples")).unwrap();
        run(
            "dialtone up examples/quickstart --once --state tenant.json",
            folder,
        );
        for (name, text) in ["tenant.yaml", "secret.yaml"].iter().zip(&own) {
            fs::write(folder.join(name), text).unwrap();
        }
        for (command, shown) in steps {
            let printed = run(command, folder);
            let printed = lines(&printed);
            assert_eq!(shown, printed, "{}: {command}", block.place);
            ran += 1;
        }
    }
    assert!(ran >= 5, "only {ran} commands were run");
}
