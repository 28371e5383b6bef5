//! A machine that runs the jobs of a workflow on a checkout.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::workspace::without;
use serde_json::Value;
use tempfile::TempDir;

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

pub(super) fn workflow() -> Value {
    serde_saphyr::from_str(&read("examples/github-actions/dialtone.yaml")).unwrap()
}

pub(super) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// A machine, as far as the workflow knows it.
pub(super) struct Runner {
    folder: TempDir,
    /// What stands for expressions, such as `secrets.AUTH0_CLIENT_SECRET`.
    values: BTreeMap<String, String>,
}

/// What a job's last step printed, how it ended, and the summaries and outputs of all steps.
#[derive(Default)]
pub(super) struct Job {
    pub(super) code: i32,
    pub(super) log: String,
    pub(super) summary: String,
    pub(super) outputs: BTreeMap<String, String>,
}

impl Runner {
    pub(super) const SECRET: &str = "example-client-secret: \"with\" $igns";

    pub(super) fn new() -> Self {
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
        let mut runner = Self {
            folder,
            values: BTreeMap::new(),
        };
        // An image that holds the program where the real one does.
        runner.tool(
            "docker",
            &format!(
                "case $1 in\ncreate) [ -n \"$2\" ] && echo container ;;\n\
                 cp) [ \"$2\" = container:/dialtone ] && cp {} \"$3\" ;;\nrm) : ;;\n*) exit 1 ;;\nesac\n",
                env!("CARGO_BIN_EXE_dialtone")
            ),
        );
        runner.value("vars.AUTH0_CLIENT_ID", "an-application-that-reads");
        runner.value("secrets.AUTH0_CLIENT_SECRET", Self::SECRET);
        runner
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of the checkout; nothing where there is none.
    pub(super) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path("checkout").join(name)).unwrap_or_default()
    }

    /// Installs a program.
    pub(super) fn tool(&self, name: &str, script: &str) {
        let path = self.path("tools").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Says what an expression stands for.
    pub(super) fn value(&mut self, expression: &str, value: &str) {
        self.values.insert(expression.to_owned(), value.to_owned());
    }

    /// Checks out an example, without its Secrets and with the tenant at this address.
    pub(super) fn check_out(&self, example: &str, url: &str) {
        for file in ["tenant.yaml", "phone.yaml"] {
            let text = read(&format!("examples/{example}/{file}"));
            let text = without("Secret", &text);
            let domain = "  domain: acme.eu.auth0.com\n";
            let text = text.replace(domain, &format!("{domain}  endpoint: {url}\n"));
            fs::write(self.path("checkout/manifests").join(file), text).unwrap();
        }
    }

    /// A value of the workflow with those of its expressions in their places.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (expression, value) in &self.values {
            text = text.replace(&format!("${{{{ {expression} }}}}"), value);
        }
        assert!(!text.contains("${{"), "{text}");
        text
    }

    fn environment(&self, of: &Value) -> Vec<(String, String)> {
        let all = of["env"].as_object().into_iter().flatten();
        all.map(|(name, value)| (name.clone(), self.filled(value.as_str().unwrap())))
            .collect()
    }

    /// Runs the commands of a job's steps, as the runner does, up to the first that fails.
    pub(super) fn run(&self, workflow: &Value, name: &str) -> Job {
        let temp = self.path("temp");
        fs::remove_dir_all(&temp).unwrap();
        fs::create_dir(&temp).unwrap();
        fs::write(temp.join("path"), "").unwrap();
        // The checkout is kept, as by a runner of one's own, with what Git remembers of other folders.
        let mut job = Job::default();
        for step in workflow["jobs"][name]["steps"].as_array().unwrap() {
            if step["run"].is_string() && job.code == 0 {
                self.step(workflow, step, &mut job);
            }
        }
        job
    }

    /// Runs the commands of one step.
    pub(super) fn step(&self, workflow: &Value, step: &Value, job: &mut Job) {
        let temp = self.path("temp");
        let file = |name: &str| temp.join(name);
        fs::write(file("summary"), "").unwrap();
        fs::write(file("output"), "").unwrap();
        let mut path = self.path("tools").display().to_string();
        for added in fs::read_to_string(file("path")).unwrap_or_default().lines() {
            path = format!("{added}:{path}");
        }
        let output = Command::new("bash")
            .args(["-e", "-c", step["run"].as_str().unwrap()])
            .current_dir(self.path("checkout"))
            .env("PATH", format!("{path}:{}", std::env::var("PATH").unwrap()))
            .env("RUNNER_TEMP", &temp)
            .env("GITHUB_PATH", file("path"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("GITHUB_OUTPUT", file("output"))
            .env_remove("DIALTONE_LOG")
            .envs(self.environment(workflow))
            .envs(self.environment(step))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        job.summary += &fs::read_to_string(file("summary")).unwrap();
        for line in fs::read_to_string(file("output")).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            job.outputs.insert(name.to_owned(), value.to_owned());
        }
        job.code = output.status.code().unwrap();
        job.log = said(&output);
    }

    /// Makes a repository of the checkout, with the manifests as the branch has them that pull
    /// requests go into.
    pub(super) fn merge_into(&self, example: &str, url: &str) {
        self.check_out(example, url);
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.commit("README.md", Some("first"));
        self.commit("README.md", Some("merged"));
    }

    /// Runs git in the checkout.
    pub(super) fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=somebody",
                "-c",
                "user.email=somebody@example.com",
            ])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.path("checkout"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    }

    /// Commits a file with this text, or without it its removal.
    pub(super) fn commit(&self, file: &str, text: Option<&str>) {
        let path = self.path("checkout").join(file);
        match text {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", file]);
    }
}
