//! What is shipped for Git users: the workflow of GitHub Actions and the hooks of pre-commit, run as
//! their hosts run them.

mod comment;
mod required;
mod runner;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::workspace::without;
use runner::{Job, Runner, read, said, workflow};

/// A simulated tenant that ends with the test.
pub struct Simulator {
    child: Child,
    pub url: String,
}

impl Simulator {
    pub fn start() -> Self {
        Self::with_clients(&["web", "ios", "android"])
    }

    /// A tenant with applications of these names.
    pub fn with_clients(names: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args([
                "simulate",
                "--listen",
                "127.0.0.1:0",
                "--domain",
                "acme.eu.auth0.com",
            ])
            .args(names.iter().flat_map(|name| ["--client", *name]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(url.starts_with("http://"), "{line}");
        Self { child, url }
    }
}

/// The example that everybody starts from.
fn quickstart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart")
}

impl Simulator {
    /// Brings the tenant to what these manifests say.
    #[track_caller]
    fn apply(&self, manifests: &Path) {
        let applied = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args(["apply", "--yes", "--endpoint", &self.url, "-f"])
            .arg(manifests)
            .output()
            .unwrap();
        assert!(applied.status.success(), "{}", said(&applied));
    }

    /// Tells the tenant how to be.
    pub fn put(&self, path: &str, body: &Value) {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut way = TcpStream::connect(host).unwrap();
        let body = body.to_string();
        write!(
            way,
            "PUT {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        way.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_pull_request_that_disables_the_provider_shows_what_breaks() {
    let (runner, simulator, workflow) = (Runner::new(), Simulator::start(), workflow());
    simulator.apply(&quickstart());

    runner.merge_into("quickstart", &simulator.url);
    for job in ["validate", "plan"] {
        let ran = runner.run(&workflow, job);
        assert_eq!(ran.code, 0, "{job}: {}", ran.log);
        assert!(!ran.log.contains("::error"), "{job}: {}", ran.log);
        assert!(!ran.summary.contains("sign-in flow"), "{}", ran.summary);
        // What is merged already is no change, although no token is at hand.
        assert!(!ran.summary.contains("credentials"), "{}", ran.summary);
    }

    assert_eq!(runner.run(&workflow, "plan").outputs["status"], "0");

    runner.check_out("disable-provider", &simulator.url);
    let validate = runner.run(&workflow, "validate");
    assert_eq!(validate.code, 0, "{}", validate.log);
    let plan = runner.run(&workflow, "plan");
    assert_eq!(plan.code, 3, "{}", plan.log);
    assert_eq!(plan.outputs["status"], "3");
    let manifest = fs::read_to_string(runner.path("checkout/manifests/phone.yaml")).unwrap();
    let line = manifest
        .lines()
        .position(|line| line == "  enabled: false")
        .unwrap()
        + 1;
    let annotation =
        format!("::error file=manifests/phone.yaml,line={line},col=12,endColumn=17,title=");
    assert!(plan.log.contains(&annotation), "{}", plan.log);
    for told in [
        "### ⚠ 5 sign-in flows break",
        "MFA by SMS",
        "passwordless sign-in to ios",
    ] {
        assert!(plan.summary.contains(told), "{}", plan.summary);
    }
    assert_eq!(runner.file("summary.md"), plan.summary);
    let sarif: Value = serde_json::from_str(&runner.file("dialtone.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let hazards = results
        .iter()
        .filter(|it| it["properties"]["hazard"].is_string());
    assert_eq!(hazards.count(), 5, "{sarif:#}");
    assert_keeps_the_secret(&runner, &plan);
    // Nothing was written to the tenant.
    let phone = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(["plan", "--endpoint", &simulator.url, "-o", "json", "-f"])
        .arg(quickstart())
        .output()
        .unwrap();
    let phone: Value = serde_json::from_slice(&phone.stdout).unwrap();
    assert_eq!(phone["tenants"][0]["hazards"], json!([]));
    assert!(
        !phone.to_string().contains("enable phone provider"),
        "{phone:#}"
    );
}

#[test]
fn a_pull_request_that_takes_manifests_away_shows_what_that_deletes() {
    let (runner, simulator, workflow) = (Runner::new(), Simulator::start(), workflow());
    let reference = "  tenantRef: {name: acme}\n";
    let delete = format!("{reference}  deletionPolicy: Delete\n");
    let phone = read("examples/quickstart/phone.yaml").replace(reference, &delete);
    let applied = tempfile::tempdir().unwrap();
    fs::write(applied.path().join("phone.yaml"), &phone).unwrap();
    let tenant = read("examples/quickstart/tenant.yaml");
    fs::write(applied.path().join("tenant.yaml"), tenant).unwrap();
    simulator.apply(applied.path());
    runner.merge_into("quickstart", &simulator.url);
    runner.commit("manifests/phone.yaml", Some(&without("Secret", &phone)));
    runner.commit("manifests/phone.yaml", None);
    let tells = || {
        let plan = runner.run(&workflow, "plan");
        assert_eq!(plan.code, 3, "{}", plan.log);
        for told in ["### ⚠ 5 sign-in flows break", "delete phone provider"] {
            assert!(plan.summary.contains(told), "{}", plan.summary);
        }
    };
    tells();
    // The tenant as well, with which the folder is gone.
    runner.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    runner.git(&["rm", "--quiet", "-r", "manifests"]);
    runner.commit("README.md", Some("without manifests"));
    assert!(!runner.path("checkout/manifests").exists());
    let validate = runner.run(&workflow, "validate");
    assert_eq!(validate.code, 0, "{}", validate.log);
    tells();
}

#[test]
fn the_first_manifests_of_a_repository_are_planned_too() {
    let (runner, simulator, workflow) = (Runner::new(), Simulator::start(), workflow());
    runner.git(&["init", "--quiet", "--initial-branch=main"]);
    runner.commit("README.md", Some("first"));
    runner.check_out("quickstart", &simulator.url);
    runner.commit("README.md", Some("with manifests"));
    let plan = runner.run(&workflow, "plan");
    assert_eq!(plan.code, 0, "{}", plan.log);
    assert_eq!(plan.outputs["status"], "2", "{}", plan.log);
}

/// Fails where what anybody may read has the secret, as it is or as the manifest of the step has it.
#[track_caller]
fn assert_keeps_the_secret(runner: &Runner, job: &Job) {
    let encoded = BASE64.encode(Runner::SECRET.as_bytes());
    let files = ["dialtone.sarif", "summary.md"].map(|name| runner.file(name));
    for text in [&job.log, &job.summary, &files[0], &files[1]] {
        assert!(!text.is_empty());
        // Without its padding it may stand in the middle of something else.
        for secret in [Runner::SECRET, encoded.trim_end_matches('=')] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn a_plan_that_fails_keeps_the_secret_too() {
    let (runner, simulator, workflow) = (Runner::new(), Simulator::start(), workflow());
    let tenant = "manifests/tenant.yaml";
    for (from, to, told) in [
        // A port that nobody listens on.
        (
            simulator.url.as_str(),
            "http://127.0.0.1:1",
            "plan-incomplete",
        ),
        // Another key of the Secret, and a Secret that is there twice.
        ("key: clientSecret", "key: other", "has no key other"),
        ("kind: Auth0Tenant", "kind: Secret", "manifest-"),
        ("acme\nspec:", "acme\nsepc:", "manifest-object"),
        ("metadata:", "metadata: [", "manifest-yaml"),
    ] {
        runner.merge_into("quickstart", &simulator.url);
        let text = runner.file(tenant);
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(runner.path("checkout").join(tenant), text.replace(from, to)).unwrap();
        let job = runner.run(&workflow, "plan");
        assert_eq!(job.code, 1, "{to}: {}", job.log);
        assert!(job.log.contains(told), "{to}: {}", job.log);
        assert_keeps_the_secret(&runner, &job);
    }
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: auth0-management}\nstringData: {a: b}\n";
    runner.check_out("quickstart", &simulator.url);
    fs::write(runner.path("checkout/manifests/secret.yaml"), secret).unwrap();
    let job = runner.run(&workflow, "plan");
    assert_eq!(job.code, 1, "{}", job.log);
    assert_keeps_the_secret(&runner, &job);
}

#[test]
fn the_workflow_gives_forks_no_secret_and_no_job_more_than_it_needs() {
    let workflow = workflow();
    assert_eq!(workflow["permissions"], json!({}));
    let jobs = workflow["jobs"].as_object().unwrap();
    for (name, job) in jobs {
        let checks_out = job.to_string().contains("actions/checkout@");
        let read = if checks_out {
            json!("read")
        } else {
            Value::Null
        };
        assert_eq!(job["permissions"]["contents"], read, "{name}");
        let own = "github.event.pull_request.head.repo.full_name == github.repository";
        if job.to_string().contains("secrets.") {
            assert_eq!(job["if"], own, "{name}");
        } else {
            let permissions = job["permissions"].as_object().unwrap();
            assert_eq!(permissions.len(), usize::from(checks_out), "{name}");
        }
        for step in job["steps"].as_array().unwrap() {
            // What somebody else wrote must not become a part of a command.
            assert!(
                !step["run"].as_str().unwrap_or_default().contains("${{"),
                "{step:#}"
            );
            if step["uses"]
                .as_str()
                .is_some_and(|it| it.starts_with("actions/checkout@"))
            {
                assert_eq!(step["with"]["persist-credentials"], false);
            }
        }
    }
}

#[test]
fn the_commands_for_other_hosts_do_what_the_workflow_does() {
    let (runner, simulator) = (Runner::new(), Simulator::start());
    let page = read("docs/ci.md");
    let (_, elsewhere) = page.split_once("\n## Elsewhere\n").unwrap();
    let script = elsewhere.split("```").nth(1).unwrap();
    let script = script.strip_prefix("sh\n").unwrap();
    let run = || {
        let ran = Command::new("bash")
            .args([
                "-ec",
                &script.replace("dialtone ", concat!(env!("CARGO_BIN_EXE_dialtone"), " ")),
            ])
            .current_dir(runner.path("checkout"))
            .env("AUTH0_CLIENT_SECRET", Runner::SECRET)
            .output()
            .unwrap();
        (ran.status.code(), said(&ran))
    };
    let clients =
        json!([{"clientId": "example-client-id", "clientSecret": Runner::SECRET, "granted": true}]);
    runner.check_out("quickstart", &simulator.url);
    let base = runner.path("checkout/base/manifests");
    fs::create_dir_all(&base).unwrap();
    // Nothing was there, and everything is new.
    let (code, told) = run();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("create phone provider"), "{told}");
    simulator.apply(&quickstart());
    for file in ["tenant.yaml", "phone.yaml"] {
        let now = runner.path("checkout/manifests").join(file);
        fs::copy(now, base.join(file)).unwrap();
    }
    // What the Secret holds is what the tenant knows, to the letter.
    simulator.put("/_sim/credentials", &json!({"clients": clients}));
    let (code, told) = run();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("Plan: 0 changes."), "{told}");
    runner.check_out("disable-provider", &simulator.url);
    let (code, told) = run();
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("Plan: 1 change, 5 hazards."), "{told}");
}

#[test]
fn the_hooks_check_the_folder() {
    let hooks: Vec<Value> = serde_saphyr::from_str(&read(".pre-commit-hooks.yaml")).unwrap();
    assert_eq!(hooks.len(), 2);
    for hook in hooks {
        // Also for a commit that only takes files away, of which pre-commit names none.
        assert_eq!(hook["always_run"], true);
        let runner = Runner::new();
        runner.check_out("quickstart", "http://127.0.0.1:1");
        let mut words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(words.remove(0), "dialtone");
        words.extend(
            hook["args"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap()),
        );
        assert_eq!(hook["pass_filenames"], false);
        let run = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_dialtone"));
            command
                .args(&words)
                .current_dir(runner.path("checkout"))
                .output()
                .unwrap()
        };
        let sound = run();
        assert!(sound.status.success(), "{}", said(&sound));
        let path = runner.path("checkout/manifests/phone.yaml");
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("name: acme", "name: acmee");
        fs::write(&path, text).unwrap();
        let wrong = run();
        assert_eq!(wrong.status.code(), Some(1), "{}", said(&wrong));
    }
}
