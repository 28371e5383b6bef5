//! What the pages show of the program's output.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::pages::{read, root, section};

struct Ran {
    stdout: String,
    stderr: String,
}

fn dialtone(arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(arguments)
        .current_dir(root())
        .env_remove("DIALTONE_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The block of code that has this line.
fn block<'a>(page: &'a str, line: &str) -> &'a str {
    let found = page
        .split("```")
        .skip(1)
        .step_by(2)
        .find(|block| block.contains(line));
    let (_, body) = found.unwrap().split_once('\n').unwrap();
    body
}

/// The lines of a text, with ports left out.
pub fn lines(text: &str) -> Vec<String> {
    let without_port = |line: &str| match line.split_once("127.0.0.1:") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
            format!("{before}127.0.0.1:PORT{rest}")
        }
        None => line.to_owned(),
    };
    text.lines().map(without_port).collect()
}

/// Fails unless the lines that are shown are printed, in this order.
fn in_order(shown: &[String], printed: &[String]) {
    let mut rest = printed.iter();
    for line in shown {
        assert!(
            rest.any(|printed| printed == line),
            "{line:?} is not printed there: {printed:#?}"
        );
    }
}

#[test]
fn the_front_page_shows_what_is_printed() {
    let page = read("README.md");
    let scratch = tempfile::tempdir().unwrap();
    let state = scratch.path().join("tenant.json").display().to_string();

    let up = dialtone(&["up", "examples/quickstart", "--once", "--state", &state]);
    let shown = lines(block(&page, "create phone provider twilio"));
    let (steps, results): (Vec<String>, Vec<String>) =
        shown.into_iter().partition(|line| line.starts_with("  ✓ "));
    in_order(&results, &lines(&up.stdout));
    assert_eq!(steps, lines(&up.stderr));

    let plan = dialtone(&["plan", "-f", "examples/disable-provider", "--state", &state]);
    let shown: Vec<String> = lines(block(&page, "$ dialtone plan"))
        .into_iter()
        .filter(|line| !line.starts_with('$') && line.trim() != "…")
        .collect();
    in_order(&shown, &lines(&plan.stdout));
    let pictured: Vec<String> = texts(&read("docs/pictures/plan.svg"));
    let printed: Vec<&str> = plan.stdout.lines().map(str::trim).collect();
    assert_eq!(
        pictured[1..],
        printed,
        "make the picture anew: docs/pictures/make"
    );
}

/// The lines of text of a picture.
fn texts(picture: &str) -> Vec<String> {
    let lines = picture.lines().filter(|line| line.starts_with("<text "));
    let plain = lines.map(|line| {
        let pieces = line
            .split('<')
            .filter_map(|tag| Some(tag.split_once('>')?.1));
        pieces.collect::<String>()
    });
    plain.collect()
}

#[test]
fn the_front_page_and_the_script_run_the_same_tests() {
    let page = read("README.md");
    let script = read(".ci/run");
    let tests = "cargo test --locked";
    assert!(block(&page, tests).lines().any(|line| line == tests));
    assert!(script.lines().any(|line| line == tests));
    assert!(page.contains("\ncargo run -- up examples/quickstart --once\n"));
}

/// The names of all keys of a document; a status is the kind's own matter.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                if key != "status" {
                    keys(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_json_forms_is_explained() {
    let page = read("docs/cli.md");
    let text = section(&page, "## JSON");
    let scratch = tempfile::tempdir().unwrap();
    let state = scratch.path().join("tenant.json").display().to_string();
    let up = [
        "up",
        "examples/quickstart",
        "--once",
        "--state",
        &state,
        "-o",
        "json",
    ];
    let plan = [
        "plan",
        "-f",
        "examples/disable-provider",
        "--state",
        &state,
        "-o",
        "json",
    ];
    let blocked = ["up", "examples/disable-provider", "--once", "-o", "json"];
    let unusable = ["validate", "-f", "README.md", "-o", "json"];
    let mut found = BTreeSet::new();
    for arguments in [&up[..], &plan, &blocked, &unusable] {
        let ran = dialtone(arguments);
        keys(&serde_json::from_str(&ran.stdout).unwrap(), &mut found);
    }
    assert!(found.len() > 30, "{found:?}");
    let explained: BTreeSet<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .flat_map(|code| code.split(|letter: char| !letter.is_alphanumeric()))
        .collect();
    let unexplained: Vec<&String> = found
        .iter()
        .filter(|key| !explained.contains(key.as_str()))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
}

/// What `docs/migration` promises: looking, taking over and naming the Secret at last.
#[test]
fn a_tenant_is_handed_over_without_a_write_but_that_of_the_token() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name).display().to_string();
    let (state, kept, manifests) = (path("tenant.json"), path("kept.json"), path("manifests"));
    dialtone(&["up", "examples/quickstart", "--once", "--state", &state]);
    fs::create_dir(&manifests).unwrap();
    let tenant = read("examples/quickstart/tenant.yaml");
    let observed = tenant.replace("\n  domain:", "\n  managementPolicy: Observe\n  domain:");
    fs::write(path("manifests/tenant.yaml"), &observed).unwrap();
    let exported = dialtone(&["export", "-f", &manifests, "--state", &state]).stdout;
    fs::write(path("manifests/phone.yaml"), &exported).unwrap();
    // The objects are new to the one who takes over: their status is not that of who set it up.
    let mut known: Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
    known["statuses"] = Value::Object(serde_json::Map::new());
    fs::write(&kept, known.to_string()).unwrap();
    let applied = || {
        let run = dialtone(&[
            "apply", "-f", &manifests, "--state", &kept, "--yes", "-o", "json",
        ]);
        let result: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(result["ready"], true, "{result:#}");
        let drifted = run.stdout.contains("\"Drifted\"");
        (result["writes"].as_u64().unwrap(), drifted)
    };
    assert_eq!(applied(), (0, false));
    fs::write(path("manifests/tenant.yaml"), &tenant).unwrap();
    assert_eq!(applied(), (0, false));
    let from = "    from: \"+15550100\"\n";
    let named = format!("{from}    authTokenSecretRef: {{name: twilio, key: authToken}}\n");
    assert!(exported.contains(from), "{exported}");
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: twilio}\nstringData: {authToken: hush}\n";
    let whole = exported.replace(from, &named) + secret;
    fs::write(path("manifests/phone.yaml"), whole).unwrap();
    assert_eq!(applied(), (1, false));
}
