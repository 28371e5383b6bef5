//! The forms for pull requests: annotations, SARIF and a summary.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::pull_request::Simulator;
use crate::workspace::{Run, Workspace, without};

/// A repository with the manifests of an example in `manifests`, and a tenant that is as the
/// quickstart says.
struct Repository(Workspace);

impl Repository {
    fn new(example: &str) -> Self {
        let repository = Self(Workspace::example(example));
        fs::create_dir(repository.0.file(".git")).unwrap();
        let quickstart = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
        let up = repository.run(&["up", quickstart, "--once", "--state", "state"]);
        assert_eq!(up.code, 0, "{}", up.all());
        repository
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.0.file(name)).unwrap()
    }

    /// Runs the program in the root of the repository.
    fn run(&self, args: &[&str]) -> Run {
        self.run_in(".", args)
    }

    fn run_in(&self, folder: &str, args: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args(args)
            .current_dir(Path::new(&self.0.file(".")).join(folder))
            .env_remove("DIALTONE_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn plan(&self, more: &[&str]) -> Run {
        self.run(&[&["plan", "-f", "manifests", "--state", "state"], more].concat())
    }
}

/// SARIF without what changes with each release.
fn steady(sarif: &str) -> String {
    sarif.replace(&format!("\"{}\"", env!("CARGO_PKG_VERSION")), "\"VERSION\"")
}

#[test]
fn one_plan_serves_annotations_sarif_and_the_summary() {
    let repository = Repository::new("disable-provider");
    let run = repository.plan(&[
        "--deny-hazards",
        "-o",
        "github",
        "--report",
        "sarif=plan.sarif",
        "--report",
        "markdown=plan.md",
        "--report",
        "text=plan.txt",
        "--report",
        "json=plan.json",
    ]);
    assert_eq!(run.code, 3, "{}", run.all());
    insta::assert_snapshot!("annotations", run.stdout);
    insta::assert_snapshot!("sarif", steady(&repository.file("plan.sarif")));
    insta::assert_snapshot!("summary", repository.file("plan.md"));
    // The other forms are those that -o prints.
    let text = repository.plan(&["--deny-hazards"]).stdout;
    assert_eq!(repository.file("plan.txt"), text);
    assert!(
        text.contains("Denied: to let it through, add to the annotation"),
        "{text}"
    );
    assert_eq!(
        repository.file("plan.json"),
        repository.plan(&["-o", "json"]).stdout
    );
}

#[test]
fn a_hazard_points_at_the_line_that_causes_it() {
    let repository = Repository::new("quickstart");
    let line_of = |text: &str| {
        let manifest = repository.file("manifests/phone.yaml");
        manifest
            .lines()
            .position(|line| line.contains(text))
            .unwrap()
            + 1
    };
    for (from, to) in [
        ("deliveryMethods: [Text, Voice]", "deliveryMethods: [Text]"),
        ("messageTypes: [SMS, Voice]", "messageTypes: [SMS]"),
        (
            "  messageTypes: [SMS, Voice]",
            "  enabled: false\n  messageTypes: [SMS, Voice]",
        ),
        ("      - name: android\n", "  # removed\n"),
    ] {
        let before = repository.file("manifests/phone.yaml");
        let (from, to) = match from {
            "      - name: android\n" => {
                let from = "  applications:\n    refs:\n      - name: web\n      - name: ios\n      - name: android\n";
                (
                    from,
                    "  applications:\n    mode: Exclusive\n    refs: [{name: web}, {name: ios}]\n",
                )
            }
            other => (other, to),
        };
        repository.0.replace("phone.yaml", from, to);
        let run = repository.plan(&["-o", "github"]);
        let caused = to.trim_start().split(['\n', ':']).next().unwrap();
        let expected = format!(
            "::warning file=manifests/phone.yaml,line={},",
            line_of(&format!("  {caused}:"))
        );
        assert!(
            run.stdout.starts_with(&expected),
            "{expected}\n{}",
            run.all()
        );
        repository.0.write("phone.yaml", &before);
    }
}

#[test]
fn an_acknowledged_hazard_is_a_notice_and_suppressed() {
    let repository = Repository::new("disable-provider");
    repository.0.replace(
        "phone.yaml",
        "  name: twilio\nspec:\n  tenantRef",
        "  name: twilio\n  annotations: {dialtone.dev/acknowledge-breaking: \"mfa,passwordless\"}\nspec:\n  tenantRef",
    );
    let run = repository.plan(&[
        "--deny-hazards",
        "-o",
        "github",
        "--report",
        "sarif=plan.sarif",
    ]);
    assert_eq!(run.code, 2, "{}", run.all());
    assert!(
        run.stdout
            .starts_with("::notice file=manifests/phone.yaml,"),
        "{}",
        run.all()
    );
    let sarif: Value = serde_json::from_str(&repository.file("plan.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        assert_eq!(result["level"], "note");
        assert_eq!(result["suppressions"][0]["kind"], "inSource");
    }
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let repository = Repository::new("disable-provider");
    let prints = || {
        let run = repository.plan(&["-o", "sarif"]);
        let sarif = run.json();
        let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
        let part = |name: &str| {
            results
                .iter()
                .map(|it| it[name].clone())
                .collect::<Vec<_>>()
        };
        (part("partialFingerprints"), part("locations"))
    };
    let (before, lines) = prints();
    let manifest = repository.file("manifests/phone.yaml");
    repository
        .0
        .write("phone.yaml", &format!("# moved\n{manifest}"));
    let (after, moved) = prints();
    assert_eq!(before, after);
    assert_ne!(lines, moved);
}

#[test]
fn mistakes_are_told_in_every_form() {
    let repository = Repository::new("quickstart");
    repository
        .0
        .replace("phone.yaml", "from: \"+15550100\"", "from: +15550100");
    repository
        .0
        .replace("phone.yaml", "expiry: 3m", "expiry: 30s");
    let odd = "apiVersion: dialtone.dev/v1alpha1\nkind: \"<img src=x> @octocat `|` [a](b)\\n::error::%\"\n";
    repository.0.write("odd,name:1.yaml", odd);
    let run = repository.run(&[
        "validate",
        "-f",
        "manifests",
        "-o",
        "github",
        "--report",
        "markdown=validate.md",
        "--report",
        "sarif=validate.sarif",
    ]);
    assert_eq!(run.code, 1, "{}", run.all());
    insta::assert_snapshot!("mistakes_annotations", run.stdout);
    insta::assert_snapshot!("mistakes_summary", repository.file("validate.md"));
    insta::assert_snapshot!("mistakes_sarif", steady(&repository.file("validate.sarif")));
}

#[test]
fn paths_count_from_the_root_of_the_repository() {
    let repository = Repository::new("disable-provider");
    let arguments = ["plan", "-f", ".", "--state", "../state", "-o", "github"];
    let run = repository.run_in("manifests", &arguments);
    assert!(
        run.stdout
            .starts_with("::warning file=manifests/phone.yaml,"),
        "{}",
        run.all()
    );
}

#[test]
fn a_plan_that_is_not_made_says_why_in_every_form() {
    let repository = Repository::new("quickstart");
    let forms = |more: &[&str]| {
        let args = [
            "plan",
            "-f",
            "manifests",
            "-o",
            "github",
            "--report",
            "markdown=plan.md",
            "--report",
            "sarif=plan.sarif",
            "--report",
            "text=plan.txt",
        ];
        let run = repository.run(&[&args, more].concat());
        assert_eq!(run.code, 1, "{}", run.all());
        let sarif: Value = serde_json::from_str(&repository.file("plan.sarif")).unwrap();
        assert_eq!(
            sarif["runs"][0]["invocations"][0]["executionSuccessful"],
            false
        );
        assert!(!Path::new(&repository.0.file("plan.txt")).exists());
        assert!(
            repository
                .file("plan.md")
                .contains("failed. no plan was made")
        );
        run
    };
    // A port that nobody listens on.
    let run = forms(&["--endpoint", "http://127.0.0.1:1"]);
    let told = "::error file=manifests/tenant.yaml,line=5,col=9,endColumn=13,title=plan-incomplete::\
                Auth0Tenant default/acme: ";
    assert!(run.stdout.starts_with(told), "{}", run.all());
    repository.0.write("broken.yaml", "a: [1\nb: 2\n");
    let run = forms(&["--state", "state"]);
    let told = "::error file=manifests/broken.yaml,line=2,";
    assert!(run.stdout.starts_with(told), "{}", run.all());
}

/// Takes the Secrets out of a file of manifests.
fn without_secrets(repository: &Repository, file: &str) {
    let manifest = repository.file(&format!("manifests/{file}"));
    repository.0.write(file, &without("Secret", &manifest));
}

#[test]
fn a_plan_needs_no_secret_that_auth0_does_not_show() {
    let repository = Repository::new("quickstart");
    // The status knows nothing of the token, as on the machine that checks a pull request.
    let simulated = Simulator::start();
    let endpoint = ["--endpoint", simulated.url.as_str()];
    let apply = ["apply", "-f", "manifests", "--yes"];
    let applied = repository.run(&[&apply[..], &endpoint].concat());
    assert_eq!(applied.code, 0, "{}", applied.all());
    let plan = |more: &[&str]| {
        let plan = ["plan", "-f", "manifests"];
        repository.run(&[&plan[..], &endpoint, more].concat())
    };
    let told = plan(&[]);
    assert_eq!(told.code, 2, "{}", told.all());
    assert!(told.stdout.contains("credentials"), "{}", told.all());

    without_secrets(&repository, "phone.yaml");
    let missed = plan(&[]);
    assert_eq!(missed.code, 1, "{}", missed.all());
    assert!(
        missed.stderr.contains("--secrets-elsewhere"),
        "{}",
        missed.all()
    );
    let silent = plan(&["--secrets-elsewhere"]);
    assert_eq!(silent.code, 0, "{}", silent.all());
    assert_eq!(silent.stderr, "", "{}", silent.all());

    // An encrypted one and a placeholder are as good as none.
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: twilio}\n";
    for data in [
        "data: {authToken: 'ENC[AES256_GCM,data:3+bG,iv:q1c=,tag:8Y0=,type:str]'}\nsops: {version: 3.9.0}\n",
        "stringData: {authToken: 'ENC[AES256_GCM,data:3+bG,iv:q1c=,tag:8Y0=,type:str]'}\n",
        "stringData: {authToken: changeme}\n",
    ] {
        repository
            .0
            .write("secret.yaml", &format!("{secret}{data}"));
        let missed = plan(&[]);
        assert_eq!(missed.code, 1, "{}", missed.all());
        let silent = plan(&["--secrets-elsewhere"]);
        assert_eq!(silent.code, 0, "{data}: {}", silent.all());
    }

    // One that is encrypted there may be given as well, before or after; two that are not may not.
    let own = "apiVersion: v1\nkind: Secret\nmetadata: {name: auth0-management}\n";
    let encrypted = format!("{own}stringData: {{clientSecret: 'ENC[AES256_GCM,data:3+bG]'}}\n");
    let given = format!("{own}stringData: {{clientSecret: example-client-secret}}\n");
    without_secrets(&repository, "tenant.yaml");
    for (first, last, code) in [
        (&encrypted, &given, 0),
        (&given, &encrypted, 0),
        (&given, &given, 1),
        // Nothing gives what is encrypted.
        (&encrypted, &own.to_owned(), 1),
        (&own.to_owned(), &encrypted, 1),
    ] {
        repository.0.write("a-first.yaml", first);
        repository.0.write("z-last.yaml", last);
        let both = plan(&["--secrets-elsewhere"]);
        assert_eq!(both.code, code, "{first}{last}{}", both.all());
        let twice = both.stderr.contains("auth0-management is there twice");
        assert_eq!(twice, code == 1, "{first}{last}{}", both.all());
    }
    repository.0.write("a-first.yaml", "");
    repository.0.write("z-last.yaml", "");

    // Without its own credentials a tenant cannot be read.
    let locked = plan(&["--secrets-elsewhere"]);
    assert_eq!(locked.code, 1, "{}", locked.all());
    assert!(
        locked
            .stderr
            .contains("there is no Secret default/auth0-management"),
        "{}",
        locked.all()
    );
}

#[test]
fn secrets_that_are_elsewhere_are_not_missed() {
    let repository = Repository::new("quickstart");
    without_secrets(&repository, "phone.yaml");
    let validate = ["validate", "-f", "manifests", "--strict", "-o", "github"];
    let run = repository.run(&validate);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.stdout.starts_with("::error ") && run.stdout.contains("title=manifest-secret"),
        "{}",
        run.all()
    );
    let run = repository.run(&[&validate[..], &["--secrets-elsewhere"]].concat());
    assert_eq!(run.code, 0, "{}", run.all());
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let repository = Repository::new("quickstart");
    let run = repository.plan(&["--report", "sarif=absent/plan.sarif"]);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.stderr
            .contains("cannot write the report absent/plan.sarif: "),
        "{}",
        run.all()
    );
    for wrong in ["plan.sarif", "xml=plan.xml", "sarif="] {
        let run = repository.plan(&["--report", wrong]);
        assert_eq!(run.code, 64, "{}", run.all());
        assert!(run.stderr.contains("FORMAT=FILE"), "{}", run.all());
    }
}
