//! `dialtone render`, as people and programs use it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// All that was printed.
    fn all(&self) -> String {
        format!("exit {}\n{}{}", self.code, self.stdout, self.stderr)
    }
}

/// A folder for one test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program in the folder.
    fn render(&self, args: &[&str], input: &str) -> Run {
        let mut program = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .arg("render")
            .args(args)
            .current_dir(self.0.path())
            .env_remove("DIALTONE_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input closes it.
        let _ = program.stdin.take().unwrap().write_all(input.as_bytes());
        let output = program.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

const MANIFEST: &str = r#"apiVersion: dialtone.dev/v1alpha1
kind: PhoneTemplate
metadata: {name: verify}
spec:
  tenantRef: {name: acme}
  type: OtpVerify
  from: "+15550100"
  text: |
    {% if locale contains 'fr' %}{{ code }} est votre code{% else %}{{ code }} is your code
    {%- endif %} for {{ friendly_name }}.
  voice: "Your code is {{ pause }} {{ code | split: '' | join: ' ' }}"
  preview:
    variables:
      friendly_name: Söhne
      user.name: Zoë
---
apiVersion: dialtone.dev/v1alpha1
kind: PhoneTemplate
metadata: {name: blocked}
spec:
  tenantRef: {name: acme}
  type: BlockedAccount
  textFrom: {name: texts, key: blocked.liquid}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data:
  blocked.liquid: We blocked {{ user.source_ip }}. It’s for your safety.
"#;

#[test]
fn templates_of_manifests_are_shown_with_what_they_cost() {
    let folder = Folder::new();
    folder.write("templates.yaml", MANIFEST);
    let run = folder.render(&["-f", "templates.yaml"], "");
    assert_eq!(run.code, 0, "{}", run.all());
    insta::assert_snapshot!(run.all());
    let json = folder.render(&["-f", "-", "-o", "json"], MANIFEST);
    insta::assert_snapshot!(json.all());
}

#[test]
fn own_variables_take_the_place_of_samples_and_of_the_manifests() {
    let folder = Folder::new();
    folder.write("templates.yaml", MANIFEST);
    folder.write("fr.yaml", "locale: fr-CA\nfriendly_name: Ligne\n");
    let run = folder.render(
        &[
            "-f",
            "templates.yaml",
            "--variables",
            "fr.yaml",
            "-o",
            "json",
        ],
        "",
    );
    let text = &run.json()["templates"][0]["text"];
    assert_eq!(text["output"], "123456 est votre code for Ligne.");
}

#[test]
fn what_is_wrong_is_said_with_its_place_in_the_manifest() {
    let folder = Folder::new();
    let broken = MANIFEST
        .replace("{{ friendly_name }}", "{{ freindly_name | shout }} {code}")
        .replace("We blocked", "We {% if %}")
        .replace(
            "textFrom: {name: texts",
            "voiceFrom: {name: gone, key: x}\n  textFrom: {name: texts",
        );
    folder.write("templates.yaml", broken);
    let run = folder.render(&["-f", "templates.yaml"], "");
    assert_eq!(run.code, 1, "{}", run.all());
    insta::assert_snapshot!(run.all());
}

#[test]
fn a_folder_without_templates_is_an_error() {
    let folder = Folder::new();
    folder.write(
        "other.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    );
    let run = folder.render(&["-f", "."], "");
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("there is no PhoneTemplate in the manifests"),
        "{}",
        run.all()
    );
}

#[test]
fn plain_liquid_is_rendered_for_programs() {
    let folder = Folder::new();
    folder.write("a.liquid", "{{ code }} for {{ who.name }}…{{ 1 | shout }}");
    folder.write("vars.json", r#"{"code": "482913", "who": {"name": "Zoë"}}"#);
    let run = folder.render(
        &[
            "--liquid",
            "a.liquid",
            "--variables",
            "vars.json",
            "-o",
            "json",
        ],
        "",
    );
    assert_eq!(run.code, 0, "{}", run.all());
    let expected = json!({
        "output": "482913 for Zoë…1",
        "encoding": "UCS-2",
        "segments": 1,
        "characters": 16,
        "warnings": [{
            "line": 1,
            "column": 38,
            "message": "there is no filter \"shout\": the value is printed unfiltered"
        }],
    });
    assert_eq!(run.json(), expected);
    let text = folder.render(
        &["--liquid", "-", "--variables", "vars.json"],
        "{{ code }}\n",
    );
    insta::assert_snapshot!(text.all());
}

#[test]
fn an_error_of_plain_liquid_says_where() {
    let folder = Folder::new();
    for (template, kind, line, column) in [
        ("a\n {% if x %}", "parse", 2, 2),
        ("{{ '%' | url_decode }}", "render", 1, 10),
        ("{% include 'x' %}", "render", 1, 1),
    ] {
        let run = folder.render(&["--liquid", "-", "-o", "json"], template);
        assert_eq!(run.code, 1, "{}", run.all());
        let error = &run.json()["error"];
        assert_eq!(error["kind"], kind, "{template}");
        assert_eq!(
            (&error["line"], &error["column"]),
            (&json!(line), &json!(column)),
            "{template}"
        );
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
    let run = folder.render(&["--liquid", "-"], "a\n {% if x %}");
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.all());
}

#[test]
fn a_template_that_asks_for_too_much_is_refused_by_name() {
    let folder = Folder::new();
    let nested = "{% if true %}".repeat(20_000);
    for (template, limit) in [
        (nested.as_str(), "tags"),
        ("{% for i in (1..1000000000) %}{% endfor %}", "steps"),
        (&*"x".repeat(2 << 20), "length"),
    ] {
        let run = folder.render(&["--liquid", "-", "-o", "json"], template);
        assert_eq!(run.code, 1);
        let message = run.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.ends_with(&format!("(limit: {limit})")), "{message}");
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = Folder::new();
    folder.write("bytes.liquid", [b'a', 0xff]);
    folder.write("list.json", "[1]");
    folder.write("broken.yaml", "a: [");
    folder.write("ok.liquid", "x");
    for (args, message) in [
        (&["--liquid", "gone.liquid"][..], "cannot read gone.liquid"),
        (&["--liquid", "bytes.liquid"], "bytes.liquid is not UTF-8"),
        (
            &["--liquid", "ok.liquid", "--variables", "list.json"],
            "list.json has to be an object",
        ),
        (
            &["--liquid", "ok.liquid", "--variables", "broken.yaml"],
            "broken.yaml:1:",
        ),
    ] {
        let run = folder.render(args, "");
        assert_eq!(run.code, 1);
        assert!(run.stderr.contains(message), "{}", run.all());
    }
    // Neither manifests nor Liquid, and both.
    assert_eq!(folder.render(&[], "").code, 64);
    assert_eq!(folder.render(&["--liquid", "a", "-f", "b"], "").code, 64);
}

#[test]
fn control_characters_do_not_reach_a_terminal() {
    let folder = Folder::new();
    let run = folder.render(&["--liquid", "-"], "{{ '\\u001b[31m' }}");
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.all());
}
