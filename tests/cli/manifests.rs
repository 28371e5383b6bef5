//! What is wrong with manifests, as people read it.

use crate::workspace::{Workspace, dialtone};

/// Runs `validate` from inside the folder, so that paths in what it prints are short.
fn validate(workspace: &Workspace, more: &[&str]) -> crate::workspace::Run {
    let dir = workspace.dir();
    let mut run = dialtone(&[&["validate", "-f", &dir], more].concat());
    run.stdout = run.stdout.replace(&format!("{dir}/"), "");
    run
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let workspace = Workspace::example("quickstart");
    workspace.replace("phone.yaml", "from: \"+15550100\"", "from: +15550100");
    workspace.replace(
        "phone.yaml",
        "deliveryMethods: [Text, Voice]",
        "deliveryMethods: [Text, Voise]",
    );
    workspace.replace("phone.yaml", "bruteForceProtection", "bruteForceProtektion");
    workspace.replace("phone.yaml", "expiry: 3m", "expiry: 30s");
    let run = validate(&workspace, &[]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn references_that_lead_nowhere_are_told() {
    let workspace = Workspace::example("quickstart");
    workspace.replace(
        "phone.yaml",
        "{name: twilio, key: authToken}",
        "{name: twilio, key: token}",
    );
    workspace.replace(
        "phone.yaml",
        "metadata:\n  name: sms\nspec:\n  tenantRef: {name: acme}",
        "metadata:\n  name: sms\nspec:\n  tenantRef: {name: acmee}",
    );
    let run = validate(&workspace, &["--strict"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_chart_of_helm_is_left_out_of_a_folder_and_no_folder_of_manifests() {
    let workspace = Workspace::example("quickstart");
    std::fs::create_dir_all(workspace.path("chart/templates")).unwrap();
    workspace.write("chart/Chart.yaml", "apiVersion: v2\nname: chart\n");
    workspace.write("chart/templates/phone.yaml", "{{ .Values.phone }}\n");
    let run = validate(&workspace, &[]);
    assert_eq!(run.code, 0);
    let chart = workspace.path("chart").display().to_string();
    let left_out = "chart is a chart of Helm and left out: its templates are no manifests yet";
    let told = run.stdout.replace(&chart, "chart");
    assert!(told.contains(&format!("warning: {left_out}")), "{told}");
    assert!(
        told.ends_with("\n4 objects, 0 errors, 1 warning.\n"),
        "{told}"
    );
    let run = dialtone(&["validate", "-f", &chart]);
    assert_eq!(run.code, 1);
    let hint = "helm template CHART | dialtone validate -f -";
    assert!(run.stdout.contains(hint), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("\n1 error, 0 warnings.\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn nothing_at_all_is_no_valid_manifest() {
    let workspace = Workspace::empty();
    let from = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_dialtone"))
            .arg("validate")
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
            .status
            .code()
    };
    let dir = workspace.dir();
    // What was to make the manifests may have failed.
    for input in ["-", &dir] {
        assert_eq!(from(&["-f", input]), Some(1), "{input}");
        assert_eq!(from(&["-f", input, "--allow-empty"]), Some(0), "{input}");
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_passed_over_in_a_folder() {
    let workspace = Workspace::example("quickstart");
    let pipe = workspace.path("pipe.yaml");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    // Who reads a pipe that nobody writes into waits for ever.
    let run = validate(&workspace, &[]);
    assert_eq!(run.stdout, "4 objects, 0 errors, 0 warnings.\n");
}

#[test]
fn somebodys_number_is_not_shown_where_it_is_mistyped() {
    let workspace = Workspace::example("test-message");
    workspace.replace(
        "phone.yaml",
        "toSecretRef: {name: test-recipient, key: number}",
        "to: \"+1-555-012-3456\"",
    );
    let told = validate(&workspace, &[]);
    assert_eq!(told.code, 1);
    for form in ["text", "json", "github", "sarif", "markdown"] {
        let run = validate(&workspace, &["-o", form]);
        assert!(
            run.stdout.contains("this is no phone number"),
            "{}",
            run.stdout
        );
        assert!(!run.all().contains("3456"), "{}", run.all());
    }
    let dir = workspace.dir();
    let run = dialtone(&["test-message", "-f", &dir, "--to", "+1-555-012-3456"]);
    assert_eq!(run.code, 64);
    assert!(run.stderr.contains("write it in E.164"), "{}", run.stderr);
    assert!(!run.all().contains("3456"), "{}", run.all());
}

#[test]
fn an_annotation_that_means_nothing_is_told() {
    let workspace = Workspace::example("quickstart");
    workspace.replace(
        "phone.yaml",
        "  name: twilio\nspec:",
        "  name: twilio\n  annotations:\n    dialtone.dev/acknowledge-breaking: mfa, mfa/smss, passwordless/sms, passwordles\n    \
         dialtone.dev/acknowledge-breakin: mfa\n    example.com/other: x\nspec:",
    );
    workspace.replace(
        "phone.yaml",
        "  name: sms\nspec:",
        "  name: sms\n  annotations: {dialtone.dev/acknowledge-breaking: mfa}\nspec:",
    );
    let run = validate(&workspace, &[]);
    assert_eq!(run.code, 0);
    for told in [
        "warning: metadata.annotations.dialtone.dev/acknowledge-breaking: mfa/smss is the id of no sign-in flow",
        "warning: metadata.annotations.dialtone.dev/acknowledge-breaking: passwordles is the id of no",
        "annotation dialtone.dev/acknowledge-breakin means nothing to Dialtone",
        "did you mean \"dialtone.dev/acknowledge-breaking\"?",
        "annotation dialtone.dev/acknowledge-breaking counts on a PhoneProvider alone",
        "4 objects, 0 errors, 4 warnings.",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
}

#[test]
fn a_secret_of_another_namespace_is_told() {
    let workspace = Workspace::example("quickstart");
    workspace.replace(
        "tenant.yaml",
        "  name: auth0-management\n",
        "  name: auth0-management\n  namespace: identity\n",
    );
    let run = validate(&workspace, &["--strict"]);
    assert_eq!(run.code, 1);
    let told = "there is one in namespace identity: give it metadata.namespace: default";
    assert!(run.stdout.contains(told), "{}", run.stdout);
}

#[test]
fn an_object_beside_a_tenant_of_another_namespace_is_told_what_to_write() {
    let workspace = Workspace::example("quickstart");
    workspace.replace(
        "tenant.yaml",
        "name: acme",
        "name: acme\n  namespace: identity",
    );
    let run = validate(&workspace, &[]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains(
            "there is Auth0Tenant identity/acme: put this object there too, with metadata.namespace: \
             identity; or write spec.tenantRef.namespace: identity, if the tenant's \
             allowedNamespaces lets default in"
        ),
        "{}",
        run.stdout
    );
    workspace.replace(
        "phone.yaml",
        "tenantRef: {name: acme}",
        "tenantRef: {name: acme, namespace: other}",
    );
    let run = validate(&workspace, &["-n", "identity"]);
    assert!(
        run.stdout
            .contains("there is Auth0Tenant identity/acme: take namespace out of spec.tenantRef"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_file_without_its_flag_is_told_how_it_is_named() {
    for command in ["validate", "plan", "apply"] {
        for named in ["phone.yaml", "src"] {
            let run = dialtone(&[command, named]);
            assert_eq!(run.code, 64);
            let tip = format!("tip: manifests are named with -f: -f {named}\n");
            assert!(run.stderr.contains(&tip), "{}", run.stderr);
        }
    }
    for other in ["--manifests", "apply", "+15550100"] {
        let run = dialtone(&["validate", other]);
        assert_eq!(run.code, 64);
        assert!(!run.stderr.contains("named with -f"), "{}", run.stderr);
    }
}

#[test]
fn two_objects_for_one_thing_are_told() {
    let workspace = Workspace::example("quickstart");
    let phone = std::fs::read_to_string(workspace.path("phone.yaml")).unwrap();
    let first = phone.split("---\n").next().unwrap();
    workspace.write(
        "twice.yaml",
        &first.replace("name: twilio\nspec", "name: other\nspec"),
    );
    let run = validate(&workspace, &[]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("PhoneProvider default/other comes first"),
        "{}",
        run.all()
    );
}

#[test]
fn broken_yaml_is_told_and_other_files_are_still_checked() {
    let workspace = Workspace::example("quickstart");
    workspace.write("broken.yaml", "a: [1\nb: 2\n");
    workspace.replace(
        "tenant.yaml",
        "domain: acme.eu.auth0.com",
        "domain: \"https://acme\"",
    );
    let json = validate(&workspace, &["-o", "json"]).json();
    let files: Vec<&str> = json
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["file"].as_str())
        .collect();
    assert!(
        files.iter().any(|file| file.ends_with("broken.yaml")),
        "{json:#}"
    );
    assert!(
        files.iter().any(|file| file.ends_with("tenant.yaml")),
        "{json:#}"
    );
}

#[test]
fn standard_input_is_read() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(["validate", "-f", "-", "-o", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let manifest = "{\"apiVersion\": \"dialtone.dev/v1alpha1\", \"kind\": \"PhoneProvidr\"}";
    child
        .stdin
        .take()
        .unwrap()
        .write_all(manifest.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json[0]["file"], "-");
    assert_eq!(json[0]["hint"], "did you mean \"PhoneProvider\"?");
}

#[test]
fn a_tenant_with_a_mistake_stays_out_and_the_others_go_on() {
    let workspace = Workspace::example("quickstart");
    let tenant = std::fs::read_to_string(workspace.path("tenant.yaml")).unwrap();
    let other = tenant
        .replace("name: acme\n", "name: broken\n")
        .replace("acme.eu.auth0.com", "broken.eu.auth0.com");
    let other = other.split("---\n").next().unwrap().to_owned();
    workspace.write("other.yaml", &format!("{other}  suspend: maybe\n"));
    let dir = workspace.dir();
    let run = dialtone(&["up", &dir, "--once", "-o", "json"]);
    assert_eq!(run.code, 1, "{}", run.all());
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["ready"], false, "{}", run.all());
    assert_eq!(json["objects"][0]["ready"], true, "{}", run.all());
    assert_eq!(json["unseen"].as_array().unwrap().len(), 1, "{}", run.all());
    let objects = json["objects"].to_string();
    assert!(objects.contains("\"acme\""), "{objects}");
    assert!(!objects.contains("\"broken\""), "{objects}");
    // What cannot be pinned on a tenant may be about any of them.
    workspace.write("torn.yaml", "a: [1\nb: 2\n");
    let run = dialtone(&["up", &dir, "--once", "-o", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.all());
}

#[test]
fn a_command_line_that_is_not_understood_is_told_from_changes() {
    assert_eq!(dialtone(&["plan", "--no-such-flag"]).code, 64);
    assert_eq!(dialtone(&["--help"]).code, 0);
    let run = dialtone(&["--log", "dialtone=no_level", "crd"]);
    assert_eq!(run.code, 64, "{}", run.all());
}
