//! The jobs that make the workflow a check that may be required: the first sees whether there is
//! anything to check, the last says whether that was done.

use std::fs;

use serde_json::json;

use super::runner::{Runner, workflow};
use super::{Simulator, quickstart};

#[test]
fn a_job_that_may_be_required_runs_for_every_pull_request_and_after_every_other_job() {
    let workflow = workflow();
    // A workflow that is skipped by paths leaves its required checks waiting for ever.
    // One that is given another branch to go into is checked anew.
    let types = ["opened", "synchronize", "reopened", "edited"];
    let on = json!({"pull_request": {"types": types}});
    assert_eq!(workflow["on"], on);
    let jobs = workflow["jobs"].as_object().unwrap();
    let (last, others) = jobs.keys().partition::<Vec<_>, _>(|name| *name == "phone");
    assert_eq!(last.len(), 1);
    assert_eq!(jobs["phone"]["needs"], json!(others));
    // A job that is skipped counts as a success.
    assert_eq!(jobs["phone"]["if"], "${{ always() }}");
}

#[test]
fn manifests_that_a_pull_request_leaves_alone_are_not_checked() {
    let runner = Runner::new();
    runner.check_out("quickstart", "http://127.0.0.1:1");
    runner.git(&["init", "--quiet", "--initial-branch=main"]);
    runner.commit("README.md", Some("first"));
    let alone = runner.run(&workflow(), "changes");
    // Nothing tells what the pull request changes, so nothing is said to be the same.
    assert_ne!(alone.code, 0, "{}", alone.log);
    assert!(alone.outputs.is_empty(), "{:?}", alone.outputs);
    for (file, text, expected) in [
        ("README.md", Some("second"), "same"),
        ("manifests.md", Some("no manifest"), "same"),
        ("manifests/more.yaml", Some("# nothing"), "changed"),
        ("manifests/more.yaml", None, "changed"),
    ] {
        runner.git(&["checkout", "--quiet", "-b", "pull-request"]);
        runner.commit(file, text);
        runner.git(&["checkout", "--quiet", "main"]);
        // What others have merged since is not what the pull request changes.
        runner.commit("manifests/other.yaml", Some(&format!("# {file} {text:?}")));
        runner.git(&["merge", "--quiet", "--no-ff", "pull-request"]);
        let job = runner.run(&workflow(), "changes");
        assert_eq!(job.code, 0, "{}", job.log);
        assert_eq!(job.outputs["manifests"], expected, "{file}");
        runner.git(&["branch", "--quiet", "--delete", "pull-request"]);
    }
}

#[test]
fn the_required_job_passes_only_where_everything_was_checked_or_nothing_is_to_be() {
    for (manifests, validate, plan, passes, told) in [
        (
            "changed",
            "success",
            "success",
            true,
            "The manifests are valid",
        ),
        (
            "same",
            "skipped",
            "skipped",
            true,
            "there is nothing to check",
        ),
        // A fork.
        (
            "changed",
            "success",
            "skipped",
            false,
            "::error::The manifests of a fork are not planned",
        ),
        ("changed", "success", "failure", false, "::error::"),
        ("changed", "success", "cancelled", false, "::error::"),
        ("changed", "failure", "skipped", false, "::error::"),
        ("changed", "cancelled", "skipped", false, "::error::"),
        ("changed", "skipped", "skipped", false, "::error::"),
        ("same", "success", "skipped", false, "::error::"),
        // The first job failed.
        (
            "",
            "skipped",
            "skipped",
            false,
            "::error::Something was not checked: changes unknown",
        ),
    ] {
        let mut runner = Runner::new();
        runner.value("needs.changes.outputs.manifests", manifests);
        runner.value("needs.validate.result", validate);
        runner.value("needs.plan.result", plan);
        let job = runner.run(&workflow(), "phone");
        assert_eq!(job.code == 0, passes, "{}", job.log);
        assert!(job.log.contains(told), "{}", job.log);
    }
}

#[test]
fn the_plan_is_made_as_the_application_of_the_check() {
    let (mut runner, simulator) = (Runner::new(), Simulator::start());
    let clients = json!([{"clientId": "reads", "clientSecret": Runner::SECRET, "granted": true}]);
    simulator.put("/_sim/credentials", &json!({"clients": clients}));
    runner.merge_into("quickstart", &simulator.url);
    let mut plan = |client: &str| {
        runner.value("vars.AUTH0_CLIENT_ID", client);
        runner.run(&workflow(), "plan")
    };
    // The manifest names an application that the tenant does not know.
    let refused = plan("example-client-id");
    assert_eq!(refused.code, 1, "{}", refused.log);
    assert!(refused.log.contains("/oauth/token"), "{}", refused.log);
    let made = plan("reads");
    assert_eq!(made.outputs["status"], "2", "{}", made.log);
    // A variable that nobody has set is no client id.
    assert_ne!(plan("").code, 0);
}

#[test]
fn code_scanning_learns_nothing_from_a_plan_that_was_not_made() {
    let workflow = workflow();
    let steps = workflow["jobs"]["plan"]["steps"].as_array().unwrap();
    let upload = steps
        .iter()
        .find(|step| step["with"]["sarif_file"].is_string());
    let whole = "${{ !cancelled() && steps.plan.outputs.whole == 'true' }}";
    assert_eq!(upload.unwrap()["if"], whole);
    let runner = Runner::new();
    runner.merge_into("quickstart", "http://127.0.0.1:1");
    let job = runner.run(&workflow, "plan");
    assert_eq!(job.code, 1, "{}", job.log);
    assert_eq!(
        (&*job.outputs["status"], &*job.outputs["whole"]),
        ("1", "false")
    );
    let simulator = Simulator::start();
    let runner = Runner::new();
    runner.merge_into("quickstart", &simulator.url);
    let job = runner.run(&workflow, "plan");
    assert_eq!(
        (&*job.outputs["status"], &*job.outputs["whole"]),
        ("2", "true")
    );
}

#[test]
fn code_scanning_learns_nothing_from_a_hazard_beside_a_tenant_that_was_not_read() {
    let (runner, simulator, workflow) = (Runner::new(), Simulator::start(), workflow());
    simulator.apply(&quickstart());
    runner.merge_into("quickstart", &simulator.url);
    runner.check_out("disable-provider", &simulator.url);
    let outputs = || {
        let job = runner.run(&workflow, "plan");
        assert_eq!(job.code, 3, "{}", job.log);
        assert_eq!(job.outputs["status"], "3");
        job.outputs["whole"].clone()
    };
    assert_eq!(outputs(), "true");
    // Another tenant, at a port that nobody listens on, with something to read.
    let tenant = runner.file("manifests/tenant.yaml");
    let absent = tenant
        .replace("name: acme\n", "name: absent\n")
        .replace("acme.eu", "absent.eu")
        .replace(&simulator.url, "http://127.0.0.1:1");
    let factor = "apiVersion: dialtone.dev/v1alpha1\nkind: MfaPhoneFactor\nmetadata: {name: other}\n\
                  spec: {tenantRef: {name: absent}, enabled: true, messageTypes: [SMS]}\n";
    let path = runner.path("checkout/manifests/absent.yaml");
    fs::write(path, format!("{absent}---\n{factor}")).unwrap();
    assert_eq!(outputs(), "false");
}
