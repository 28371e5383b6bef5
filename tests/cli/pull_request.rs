//! What is shipped for Git users: the workflow of GitHub Actions and the hooks of pre-commit, run as
//! their hosts run them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A simulated tenant that ends with the test.
pub struct Simulator {
    child: Child,
    pub url: String,
}

impl Simulator {
    pub fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .args([
                "simulate",
                "--listen",
                "127.0.0.1:0",
                "--domain",
                "acme.eu.auth0.com",
            ])
            .args(["--client", "web", "--client", "ios", "--client", "android"])
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

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A machine that runs jobs on a checkout, as far as the workflow knows it.
struct Runner {
    folder: TempDir,
    secrets: BTreeMap<&'static str, &'static str>,
}

/// What a job's last step printed, how it ended, and the summaries of all steps.
struct Job {
    code: i32,
    log: String,
    summary: String,
}

impl Runner {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "checkout",
            "checkout/.git",
            "checkout/manifests",
            "temp",
            "tools",
        ] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        // An image that holds the program where the real one does.
        let docker = format!(
            "#!/bin/sh\ncase $1 in\ncreate) [ -n \"$2\" ] && echo container ;;\n\
             cp) [ \"$2\" = container:/dialtone ] && cp {} \"$3\" ;;\nrm) : ;;\n*) exit 1 ;;\nesac\n",
            env!("CARGO_BIN_EXE_dialtone")
        );
        let path = folder.path().join("tools/docker");
        fs::write(&path, docker).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let secret = "example-client-secret: \"with\" $igns";
        Self {
            folder,
            secrets: [("AUTH0_CLIENT_SECRET", secret)].into(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Checks out an example, without its Secrets and with the tenant at this address.
    fn check_out(&self, example: &str, url: &str) {
        for file in ["tenant.yaml", "phone.yaml"] {
            let text = read(&format!("examples/{example}/{file}"));
            let documents = text
                .split("---\n")
                .filter(|it| !it.contains("kind: Secret"));
            let text = documents.collect::<Vec<_>>().join("---\n");
            let domain = "  domain: acme.eu.auth0.com\n";
            let text = text.replace(domain, &format!("{domain}  endpoint: {url}\n"));
            fs::write(self.path("checkout/manifests").join(file), text).unwrap();
        }
    }

    /// A value of the workflow with the secrets in their places.
    fn filled(&self, value: &str) -> String {
        let mut value = value.to_owned();
        for (name, secret) in &self.secrets {
            value = value.replace(&format!("${{{{ secrets.{name} }}}}"), secret);
        }
        assert!(!value.contains("${{"), "{value}");
        value
    }

    fn environment(&self, of: &Value) -> Vec<(String, String)> {
        let all = of["env"].as_object().into_iter().flatten();
        all.map(|(name, value)| (name.clone(), self.filled(value.as_str().unwrap())))
            .collect()
    }

    /// Runs the commands of a job's steps, as the runner does, up to the first that fails.
    fn run(&self, workflow: &Value, name: &str) -> Job {
        let job = &workflow["jobs"][name];
        let temp = self.path("temp");
        fs::remove_dir_all(&temp).unwrap();
        fs::create_dir(&temp).unwrap();
        let (path_file, summary_file) = (temp.join("path"), temp.join("summary"));
        fs::write(&path_file, "").unwrap();
        let mut summary = String::new();
        let mut ended = (0, String::new());
        for step in job["steps"].as_array().unwrap() {
            let Some(commands) = step["run"].as_str() else {
                continue;
            };
            fs::write(&summary_file, "").unwrap();
            let mut path = self.path("tools").display().to_string();
            for added in fs::read_to_string(&path_file).unwrap().lines() {
                path = format!("{added}:{path}");
            }
            let output = Command::new("bash")
                .args(["-e", "-c", commands])
                .current_dir(self.path("checkout"))
                .env("PATH", format!("{path}:{}", std::env::var("PATH").unwrap()))
                .env("RUNNER_TEMP", &temp)
                .env("GITHUB_PATH", &path_file)
                .env("GITHUB_STEP_SUMMARY", &summary_file)
                .env_remove("DIALTONE_LOG")
                .envs(self.environment(workflow))
                .envs(self.environment(step))
                .stdin(Stdio::null())
                .output()
                .unwrap();
            summary += &fs::read_to_string(&summary_file).unwrap();
            ended = (output.status.code().unwrap(), said(&output));
            if ended.0 != 0 {
                break;
            }
        }
        let (code, log) = ended;
        Job { code, log, summary }
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn workflow() -> Value {
    serde_saphyr::from_str(&read("examples/github-actions/dialtone.yaml")).unwrap()
}

#[test]
fn a_pull_request_that_disables_the_provider_shows_what_breaks() {
    let (runner, simulator, workflow) = (Runner::new(), Simulator::start(), workflow());
    let quickstart = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
    let applied = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args([
            "apply",
            "-f",
            quickstart,
            "--yes",
            "--endpoint",
            &simulator.url,
        ])
        .output()
        .unwrap();
    assert!(applied.status.success(), "{}", said(&applied));

    runner.check_out("quickstart", &simulator.url);
    for job in ["validate", "plan"] {
        let ran = runner.run(&workflow, job);
        assert_eq!(ran.code, 0, "{job}: {}", ran.log);
        assert!(!ran.log.contains("::error"), "{job}: {}", ran.log);
        assert!(!ran.summary.contains("sign-in flow"), "{}", ran.summary);
        // What is merged already is no change, although no token is at hand.
        assert!(!ran.summary.contains("credentials"), "{}", ran.summary);
    }

    runner.check_out("disable-provider", &simulator.url);
    let validate = runner.run(&workflow, "validate");
    assert_eq!(validate.code, 0, "{}", validate.log);
    let plan = runner.run(&workflow, "plan");
    assert_eq!(plan.code, 3, "{}", plan.log);
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
    let sarif = fs::read_to_string(runner.path("checkout/dialtone.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let hazards = results
        .iter()
        .filter(|it| it["properties"]["hazard"].is_string());
    assert_eq!(hazards.count(), 5, "{sarif:#}");
    for secret in runner.secrets.values() {
        assert!(!format!("{}{}{sarif}", plan.log, plan.summary).contains(secret));
    }
    // Nothing was written to the tenant.
    let phone = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args([
            "plan",
            "-f",
            quickstart,
            "--endpoint",
            &simulator.url,
            "-o",
            "json",
        ])
        .output()
        .unwrap();
    let phone: Value = serde_json::from_slice(&phone.stdout).unwrap();
    assert_eq!(phone["tenants"][0]["hazards"], serde_json::json!([]));
    assert!(
        !phone.to_string().contains("enable phone provider"),
        "{phone:#}"
    );
}

#[test]
fn the_workflow_gives_forks_no_secret_and_no_job_more_than_it_needs() {
    let workflow = workflow();
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    assert!(
        workflow["on"]["pull_request"].is_object(),
        "{:#}",
        workflow["on"]
    );
    assert_eq!(workflow["on"].as_object().unwrap().len(), 1);
    let jobs = workflow["jobs"].as_object().unwrap();
    for (name, job) in jobs {
        assert_eq!(job["permissions"]["contents"], "read", "{name}");
        let own = "github.event.pull_request.head.repo.full_name == github.repository";
        if job.to_string().contains("secrets.") {
            assert_eq!(job["if"], own, "{name}");
        } else {
            assert_eq!(job["permissions"].as_object().unwrap().len(), 1, "{name}");
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
