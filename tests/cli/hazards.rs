//! What a change breaks is told before it is made.

use crate::workspace::{Workspace, dialtone, without};

fn converged() -> Workspace {
    let workspace = Workspace::example("quickstart");
    let up = dialtone(&[
        "up",
        &workspace.dir(),
        "--once",
        "--state",
        &workspace.file("state"),
    ]);
    assert_eq!(up.code, 0, "{}", up.all());
    workspace
}

fn plan(workspace: &Workspace, more: &[&str]) -> crate::workspace::Run {
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    dialtone(&[&["plan", "-f", &dir, "--state", &state], more].concat())
}

fn disable(workspace: &Workspace) {
    workspace.replace(
        "phone.yaml",
        "  deliveryMethods",
        "  enabled: false\n  deliveryMethods",
    );
}

#[test]
fn disabling_the_provider_names_message_types_connection_and_applications() {
    let workspace = converged();
    disable(&workspace);
    let planned = plan(&workspace, &[]);
    assert_eq!(planned.code, 2, "{}", planned.all());
    insta::assert_snapshot!(planned.stdout);
    assert_eq!(plan(&workspace, &["--deny-hazards"]).code, 3);
    let json = plan(&workspace, &["-o", "json"]).json();
    let tenant = &json["tenants"][0];
    assert_eq!(tenant["hazards"].as_array().unwrap().len(), 5);
    assert_eq!(tenant["hazards"][0]["id"], "mfa/sms");
    assert_eq!(tenant["hazards"][0]["dependent"]["kind"], "MfaPhoneFactor");
    assert_eq!(tenant["actions"][0]["hazards"].as_array().unwrap().len(), 5);
}

#[test]
fn a_factor_that_was_switched_on_by_hand_counts_too() {
    let workspace = converged();
    let phone = std::fs::read_to_string(workspace.path("phone.yaml")).unwrap();
    workspace.write("phone.yaml", &without("MfaPhoneFactor", &phone));
    disable(&workspace);
    let planned = plan(&workspace, &[]);
    assert!(
        planned
            .stdout
            .contains("breaks MFA by SMS (set up outside of Dialtone)"),
        "{}",
        planned.all()
    );
}

#[test]
fn block_withholds_the_write_until_it_is_acknowledged() {
    let workspace = converged();
    disable(&workspace);
    workspace.replace(
        "phone.yaml",
        "  enabled: false",
        "  enabled: false\n  onBreakingChange: Block",
    );
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    let blocked = dialtone(&[
        "apply", "-f", &dir, "--state", &state, "--yes", "-o", "json",
    ]);
    assert_eq!(blocked.code, 1, "{}", blocked.all());
    let result = blocked.json();
    assert_eq!(result["writes"], 0);
    let provider = &result["objects"][1];
    assert_eq!(provider["reason"], "BreakingChangeBlocked");
    let acknowledge = "  name: twilio\n  annotations:\n    \
                       dialtone.dev/acknowledge-breaking: mfa,passwordless/sms\nspec:\n  tenantRef";
    workspace.replace(
        "phone.yaml",
        "  name: twilio\nspec:\n  tenantRef",
        acknowledge,
    );
    let applied = dialtone(&[
        "apply", "-f", &dir, "--state", &state, "--yes", "-o", "json",
    ]);
    let result = applied.json();
    assert_eq!(result["writes"], 1, "{}", applied.all());
    let reasons: Vec<&str> = result["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "Succeeded",
            "Succeeded",
            "PhoneProviderDisabled",
            "PhoneProviderDisabled"
        ]
    );
    let conditions = result["objects"][1]["status"]["conditions"]
        .as_array()
        .unwrap();
    let breaks = conditions
        .iter()
        .find(|item| item["type"] == "BreaksDependents")
        .unwrap();
    assert_eq!(breaks["reason"], "MfaPhoneFactorEnabled");
}

#[test]
fn the_example_of_a_disabled_provider_plans_its_hazards() {
    let workspace = converged();
    let state = workspace.file("state");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/disable-provider");
    let planned = dialtone(&["plan", "-f", example, "--state", &state]);
    assert_eq!(planned.code, 2, "{}", planned.all());
    assert!(
        planned.stdout.contains("Plan: 1 change, 5 hazards."),
        "{}",
        planned.all()
    );
}

/// What cannot be seen is no all-clear.
#[test]
fn a_plan_that_sees_nothing_says_so() {
    let workspace = Workspace::example("quickstart");
    let state = workspace.file("state");
    let up = dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
    assert_eq!(up.code, 0, "{}", up.all());
    workspace.replace(
        "tenant.yaml",
        "spec:\n  domain",
        "spec:\n  suspend: true\n  domain",
    );
    let plan = dialtone(&["plan", "-f", &workspace.dir(), "--state", &state]);
    assert!(
        plan.stderr.contains("is suspended: it was not read"),
        "{}",
        plan.all()
    );
}
