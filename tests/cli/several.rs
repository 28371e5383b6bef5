//! Plans of several tenants: what keeps one of them from being planned is no matter of the others.

use serde_json::Value;

use crate::pull_request::Simulator;
use crate::workspace::{Run, Workspace, dialtone};

/// A tenant whose provider is disabled, and before it in the order of names one that nobody answers
/// for and one whose Secret is kept elsewhere.
struct Several {
    workspace: Workspace,
    _simulator: Simulator,
}

/// Something without which a tenant need not be read.
const FACTOR: &str = "apiVersion: dialtone.dev/v1alpha1\nkind: MfaPhoneFactor\nmetadata: {name: other}\n\
                      spec: {tenantRef: {name: absent}, enabled: true, messageTypes: [SMS]}\n";

impl Several {
    fn new() -> Self {
        let simulator = Simulator::start();
        let workspace = Workspace::example("quickstart");
        let endpoint = |url: &str| format!("  domain: acme.eu.auth0.com\n  endpoint: {url}\n");
        let domain = "  domain: acme.eu.auth0.com\n";
        workspace.replace("tenant.yaml", domain, &endpoint(&simulator.url));
        let apply = dialtone(&["apply", "-f", &workspace.dir(), "--yes"]);
        assert_eq!(apply.code, 0, "{}", apply.all());
        let tenant = std::fs::read_to_string(workspace.path("tenant.yaml")).unwrap();
        let tenant = tenant.split("---\n").next().unwrap();
        let other = |name: &str, url: &str| {
            let tenant = tenant.replace("name: acme\n", &format!("name: {name}\n"));
            let tenant = tenant.replace("acme.eu", &format!("{name}.eu"));
            tenant.replace(&simulator.url, url)
        };
        // A port that nobody listens on.
        let absent = other("absent", "http://127.0.0.1:1");
        workspace.write("absent.yaml", &format!("{absent}---\n{FACTOR}"));
        let locked = other("locked", &simulator.url);
        workspace.write(
            "locked.yaml",
            &locked.replace("auth0-management", "elsewhere"),
        );
        Self {
            workspace,
            _simulator: simulator,
        }
    }

    /// Without the other two.
    fn alone() -> Self {
        let several = Self::new();
        for name in ["absent.yaml", "locked.yaml"] {
            std::fs::remove_file(several.workspace.path(name)).unwrap();
        }
        several
    }

    fn disable(&self) {
        let from = "  deliveryMethods";
        let to = "  enabled: false\n  deliveryMethods";
        self.workspace.replace("phone.yaml", from, to);
    }

    fn plan(&self, more: &[&str]) -> Run {
        let dir = self.workspace.dir();
        dialtone(&[&["plan", "-f", &dir, "--secrets-elsewhere"], more].concat())
    }
}

const LOCKED: &str = "Auth0Tenant default/locked: spec.credentials: there is no Secret";

#[test]
fn tenants_that_cannot_be_read_hide_no_hazard_of_another() {
    let several = Several::new();
    several.disable();
    let (sarif, page) = ("plan.sarif", "plan.md");
    let (sarif, page) = (several.workspace.file(sarif), several.workspace.file(page));
    let run = several.plan(&[
        "--deny-hazards",
        "-o",
        "github",
        "--report",
        &format!("sarif={sarif}"),
        "--report",
        &format!("markdown={page}"),
    ]);
    assert_eq!(run.code, 3, "{}", run.all());
    assert!(
        run.stdout.contains("breaks 5 sign-in flows::"),
        "{}",
        run.all()
    );
    for tenant in ["absent", "locked"] {
        let told = format!("title=plan-incomplete::Auth0Tenant default/{tenant}: ");
        assert!(run.stdout.contains(&told), "{}", run.all());
    }
    assert!(run.stderr.contains(LOCKED), "{}", run.all());
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("5 hazards, 2 tenants not planned"), "{page}");
    assert!(page.contains("### ⚠ 5 sign-in flows break"), "{page}");
    assert!(!page.contains("no plan was made"), "{page}");
    let sarif: Value = serde_json::from_slice(&std::fs::read(sarif).unwrap()).unwrap();
    // Who shows these takes none of the tenants that were not read for mended.
    assert_eq!(
        sarif["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let of = |rule: &str| results.iter().filter(|it| it["ruleId"] == rule).count();
    assert_eq!(
        (of("plan-incomplete"), of("breaks-passwordless")),
        (2, 3),
        "{sarif:#}"
    );
}

#[test]
fn a_plan_that_lacks_a_tenant_is_no_all_clear() {
    let several = Several::new();
    let run = several.plan(&["--deny-hazards"]);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.stdout
            .ends_with("Plan: 1 change, 2 tenants not planned.\n"),
        "{}",
        run.all()
    );
    let run = several.plan(&["-o", "json"]);
    assert_eq!(run.code, 1, "{}", run.all());
    let document = run.json();
    assert_eq!(document["tenants"].as_array().unwrap().len(), 1);
    let unseen = document["unseen"].as_array().unwrap();
    assert_eq!(unseen.len(), 2, "{document:#}");
    assert!(
        unseen[1].as_str().unwrap().starts_with(LOCKED),
        "{document:#}"
    );
}

#[test]
fn a_tenant_that_cannot_be_read_keeps_no_other_from_being_applied() {
    let several = Several::new();
    // Of this one the manifests have the Secret, but nobody answers for it.
    std::fs::remove_file(several.workspace.path("locked.yaml")).unwrap();
    several
        .workspace
        .replace("phone.yaml", "length: 6", "length: 8");
    let apply = ["apply", "-f", &several.workspace.dir(), "--yes"];
    let run = dialtone(&apply);
    assert_eq!(run.code, 1, "{}", run.all());
    let told = "Auth0Tenant default/absent: ";
    assert!(run.stderr.contains(told), "{}", run.all());
    assert!(
        run.stdout.contains("changes, 1 tenant not planned"),
        "{}",
        run.all()
    );
    assert!(
        run.stdout.contains("PasswordlessConnection"),
        "{}",
        run.all()
    );
    assert!(!run.stdout.contains("default/absent"), "{}", run.all());
    let again = dialtone(&[&apply[..], &["-o", "json"]].concat());
    assert_eq!(again.code, 1, "{}", again.all());
    let again = again.json();
    assert_eq!(again["ready"], false);
    let unseen = again["unseen"].to_string();
    assert!(unseen.contains(told), "{unseen}");
    assert_eq!(again["plans"].as_array().unwrap().len(), 1, "{again:#}");
}

/// The tenant of an example is nobody's: its domain cannot be reached without a simulator.
#[test]
fn who_tries_an_example_on_the_real_tenant_is_told_of_the_simulated_one() {
    let workspace = Workspace::example("quickstart");
    workspace.replace("tenant.yaml", "acme.eu.auth0.com", "acme.auth0.invalid");
    let dir = workspace.dir();
    for (command, told) in [
        (
            &["plan", "-f", &dir][..],
            "to plan against a simulated tenant",
        ),
        (
            &["apply", "-f", &dir, "--yes"],
            "to apply to a simulated tenant",
        ),
    ] {
        let run = dialtone(command);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.all());
        assert!(run.stderr.contains(told), "{}", run.all());
        assert!(
            run.stderr.ends_with("error: no plan was made\n"),
            "{}",
            run.all()
        );
        let away = ["--endpoint", "http://127.0.0.1:1"];
        let run = dialtone(&[command, &away].concat());
        assert_eq!(run.code, 1, "{}", run.all());
        assert!(!run.stderr.contains("simulated"), "{}", run.all());
    }
}

#[test]
fn where_no_tenant_can_be_read_no_plan_is_made() {
    let several = Several::new();
    for file in ["tenant.yaml", "phone.yaml"] {
        std::fs::remove_file(several.workspace.path(file)).unwrap();
    }
    let run = several.plan(&["-o", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.all());
    assert!(run.stderr.contains(LOCKED), "{}", run.all());
    assert!(
        run.stderr.ends_with("error: no plan was made\n"),
        "{}",
        run.all()
    );
}

#[test]
fn a_summary_says_that_it_lacks_what_has_an_error() {
    let several = Several::alone();
    let lost = FACTOR.replace("absent", "nobody");
    several.workspace.write("lost.yaml", &lost);
    let run = several.plan(&[]);
    assert_eq!(run.code, 1, "{}", run.all());
    let summary = "Plan: 1 change, incomplete because of errors.";
    assert!(run.stdout.contains(summary), "{}", run.all());
    let dir = several.workspace.dir();
    let run = dialtone(&["apply", "-f", &dir, "--yes"]);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.stdout.contains(", incomplete because of errors."),
        "{}",
        run.all()
    );
}

#[test]
fn what_is_only_observed_is_applied_with_a_word_about_it() {
    let several = Several::alone();
    let told = "Auth0Tenant default/acme is observe-only, so nothing was written to it: take \
                spec.managementPolicy out of its manifest to have it written.";
    let tenant = &several.workspace;
    tenant.replace(
        "tenant.yaml",
        "spec:\n",
        "spec:\n  managementPolicy: Observe\n",
    );
    several.disable();
    let apply = || dialtone(&["apply", "-f", &tenant.dir(), "--yes"]);
    let run = apply();
    assert!(
        run.stdout.ends_with(&format!("\n{told}\n")),
        "{}",
        run.all()
    );
    tenant.replace("tenant.yaml", "  managementPolicy: Observe\n", "");
    let run = apply();
    assert!(!run.stdout.contains("observe-only"), "{}", run.all());
}
