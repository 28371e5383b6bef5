//! What a runner of GitHub Actions takes for commands in the output of a step: nothing but our own
//! annotations, whatever manifests and servers hold. It reads standard output and standard error alike.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::workspace::{Run, Workspace, dialtone};

/// The commands that the runner knows, in any case.
const KNOWN: [&str; 16] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "internal-set-repo-path",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// A command: its name, and the rest of what is between the marks.
type Command<'t> = (&'t str, &'t str);

fn known(between: &str) -> Option<Command<'_>> {
    let (name, rest) = between.split_once(' ').unwrap_or((between, ""));
    KNOWN
        .iter()
        .any(|it| it.eq_ignore_ascii_case(name))
        .then_some((name, rest))
}

/// `::name properties::data`, at the beginning of a line but for space.
fn new_form(line: &str) -> Option<Command<'_>> {
    let rest = line.trim_start().strip_prefix("::")?;
    known(rest.split_once("::")?.0)
}

/// `##[name properties]data`, anywhere in a line.
fn old_form(line: &str) -> Option<Command<'_>> {
    let (_, rest) = line.split_once("##[")?;
    known(rest.split_once(']')?.0)
}

/// `##vso[area.action properties]data` of Azure DevOps, anywhere in a line.
fn of_azure(line: &str) -> Option<String> {
    let line = line.to_ascii_lowercase();
    let (_, rest) = line.split_once("##vso[")?;
    rest.split_once(']').map(|(between, _)| between.to_owned())
}

/// The lines of an output, as the runner's host reads them.
fn lines(output: &str) -> impl Iterator<Item = &str> {
    output.split(['\n', '\r'])
}

/// Fails where a run gives other commands than annotations of these rules, or any on standard error.
#[track_caller]
fn assert_only_annotates(run: &Run, rules: &[&str]) {
    for line in lines(&run.stdout) {
        assert_eq!((old_form(line), of_azure(line)), (None, None), "{line}");
        let Some((name, properties)) = new_form(line) else {
            assert!(line.is_empty() || line.starts_with("dialtone "), "{line}");
            continue;
        };
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        let title = properties.rsplit_once("title=").unwrap().1;
        assert!(rules.contains(&title), "{line}");
    }
    for line in lines(&run.stderr) {
        assert_eq!((new_form(line), old_form(line)), (None, None), "{line}");
        assert_eq!(of_azure(line), None, "{line}");
    }
}

/// What somebody may write where a text goes.
const HOSTILE: [&str; 9] = [
    "##[error]x",
    "::error::x",
    "\n::set-output name=a::b",
    "\r::add-mask::x",
    "\u{85} \u{2028}::warning::x",
    "x\n  ##[set-env name=a]b",
    "###[group]x##[endgroup]",
    "%0A::error::x %0D%0A##[debug]x",
    "x ###VSO[task.setvariable variable=a]b##vso[task.complete]c",
];

#[test]
fn the_parsers_find_what_the_runner_would_obey() {
    assert_eq!(new_form("  ::Error file=a::b"), Some(("Error", "file=a")));
    assert_eq!(
        old_form("a ##[set-env name=b]c"),
        Some(("set-env", "name=b"))
    );
    for text in HOSTILE {
        // Whatever is escaped means nothing, so the last one is found by the old form alone.
        let found = lines(text).any(|line| {
            new_form(line).is_some() || old_form(line).is_some() || of_azure(line).is_some()
        });
        assert!(found, "{text:?}");
    }
}

#[test]
fn no_manifest_gives_the_runner_a_command() {
    let workspace = Workspace::example("quickstart");
    for (number, text) in HOSTILE.iter().enumerate() {
        let quoted = serde_json::to_string(text).unwrap();
        workspace.write(
            &format!("{number}.yaml"),
            &format!(
                "apiVersion: dialtone.dev/v1alpha1\nkind: PhoneProvider\nmetadata: {{name: {quoted}}}\n\
                 spec: {{tenantRef: {{name: {quoted}}}, {quoted}: {quoted}, deliveryMethods: [{quoted}]}}\n---\n\
                 apiVersion: dialtone.dev/v1alpha1\nkind: {quoted}\nmetadata: {{name: x}}\n---\n\
                 apiVersion: {quoted}\nkind: PhoneProvider\nmetadata: {{name: x}}\n"
            ),
        );
        workspace.write(
            &format!("raw-{number}.yaml"),
            &format!("a: [ # {text}\nb: {text}\n{text}\n"),
        );
    }
    workspace.write("##[error]x.yaml", "a: [");
    workspace.write("::error::x.yaml", "a: [");
    let dir = workspace.dir();
    let rules = [
        "manifest-yaml",
        "manifest-object",
        "manifest-consistency",
        "manifest-secret",
    ];
    for command in ["validate", "plan"] {
        let run = dialtone(&["--log", "trace", command, "-f", &dir, "-o", "github"]);
        assert_eq!(run.code, 1, "{}", run.all());
        assert!(
            run.stdout.matches("manifest-object").count() >= HOSTILE.len(),
            "{}",
            run.all()
        );
        assert_only_annotates(&run, &rules);
        // The annotations have it all.
        assert!(!run.stderr.contains("-->"), "{}", run.stderr);
    }
    // Nor do the complaints of the forms that have none, whose standard error the runner reads too.
    for form in ["text", "json", "sarif", "markdown"] {
        let run = dialtone(&["plan", "-f", &dir, "-o", form]);
        let stdout = String::new();
        assert!(run.stderr.len() > 1000, "{}", run.all());
        assert_only_annotates(&Run { stdout, ..run }, &[]);
    }
}

/// A server that refuses everything with these words.
fn refusing(words: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let words = serde_json::json!({
        "error": words,
        "error_description": words,
        "message": words,
        "errorCode": words,
    });
    let words = words.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 65_536];
            let _ = stream.read(&mut request);
            let _ = write!(
                stream,
                "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{words}",
                words.len()
            );
        }
    });
    url
}

#[test]
fn no_server_gives_the_runner_a_command() {
    let workspace = Workspace::example("quickstart");
    let dir = workspace.dir();
    for words in HOSTILE {
        let url = refusing(&format!("{words} refused-here"));
        for format in ["text", "json"] {
            let run = dialtone(&[
                "--log",
                "trace",
                "--log-format",
                format,
                "plan",
                "-f",
                &dir,
                "--endpoint",
                &url,
                "-o",
                "github",
            ]);
            assert_eq!(run.code, 1, "{}", run.all());
            assert!(run.stdout.contains("refused-here"), "{}", run.all());
            assert!(run.stderr.contains("refused-here"), "{}", run.all());
            assert_only_annotates(&run, &["plan-incomplete"]);
        }
    }
}

#[test]
fn no_argument_gives_the_runner_a_command() {
    for text in HOSTILE {
        for arguments in [&[text][..], &["plan", text], &["--log-format", text, "crd"]] {
            let run = dialtone(arguments);
            assert_eq!(run.code, 64, "{}", run.all());
            assert!(run.stderr.contains("error: "), "{}", run.all());
            assert_only_annotates(&run, &[]);
        }
    }
}
