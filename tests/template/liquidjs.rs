//! LiquidJS in Node.js.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

/// What LiquidJS makes of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Output(String),
    /// It fails, while parsing or while rendering.
    Error(&'static str),
}

/// A template and its variables.
#[derive(Clone, Debug)]
pub struct Case {
    pub template: String,
    pub variables: Value,
}

/// Renders all cases with LiquidJS.
pub fn render(cases: &[Case]) -> Vec<Answer> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/liquidjs");
    let built = Command::new(folder.join("build"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "LiquidJS is not there, see above; tests/liquidjs/build gets it"
    );
    let modules = String::from_utf8(built.stdout).unwrap();
    let mut node = Command::new("node")
        .arg(folder.join("render.mjs"))
        .arg(modules.trim())
        .env("TZ", "UTC")
        .env("LC_ALL", "en_US.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = node.stdin.take().unwrap();
    let lines: Vec<String> = cases
        .iter()
        .map(|case| json!({"template": case.template, "variables": case.variables}).to_string())
        .collect();
    let writer = thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
    });
    let answers: Vec<Answer> = BufReader::new(node.stdout.take().unwrap())
        .lines()
        .map(|line| answer(&serde_json::from_str(&line.unwrap()).unwrap()))
        .collect();
    writer.join().unwrap();
    assert!(node.wait().unwrap().success(), "node failed");
    assert_eq!(answers.len(), cases.len());
    answers
}

fn answer(line: &Value) -> Answer {
    match (line["output"].as_str(), line["error"].as_str()) {
        (Some(output), _) => Answer::Output(output.to_owned()),
        (None, Some("parse")) => Answer::Error("parse"),
        (None, _) => Answer::Error("render"),
    }
}

/// Renders one case with Dialtone.
pub fn ours(case: &Case) -> Answer {
    let limits = dialtone::template::Limits::default();
    match dialtone::template::render(&case.template, &case.variables, &limits) {
        Ok(rendered) => Answer::Output(rendered.output),
        Err(error) => {
            assert_eq!(error.limit, None, "{}", case.template);
            Answer::Error(error.kind.as_str())
        }
    }
}
