//! A tenant as manifests: applied to the same tenant, they change nothing.

use std::fs;

use crate::workspace::{Workspace, dialtone};

/// Exports the tenant in a state file, and plans what came out for it.
fn exported(from: &Workspace, state: &str) -> String {
    let run = dialtone(&["export", "-f", &from.dir(), "--state", state]);
    assert_eq!(run.code, 0, "{}", run.all());
    let again = Workspace::empty();
    again.write("exported.yaml", &run.stdout);
    fs::copy(from.path("tenant.yaml"), again.path("tenant.yaml")).unwrap();
    let plan = dialtone(&["plan", "-f", &again.dir(), "--state", state]);
    assert_eq!(plan.code, 0, "{}\n{}", run.stdout, plan.all());
    run.stdout
}

#[test]
fn every_example_comes_back_as_manifests_that_change_nothing() {
    let examples = [
        ("quickstart", "kind: PasswordlessConnection"),
        ("templates", "kind: PhoneTemplate"),
        ("phone-identifier", "kind: PhoneIdentifier"),
        ("custom-provider", "onExecuteCustomPhoneProvider"),
        ("mfa", "policies:\n  - AllApplications"),
        ("passwordless", "expiry: 300s"),
    ];
    for (name, telling) in examples {
        let workspace = Workspace::example(name);
        let state = workspace.file("state");
        let up = dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
        assert_eq!(up.code, 0, "{name}: {}", up.all());
        let manifests = exported(&workspace, &state);
        assert!(manifests.contains(telling), "{name}: {manifests}");
        assert!(!manifests.contains("example-auth-token"), "{manifests}");
    }
}

/// Both are applied into the same namespace, by whoever applies them.
#[test]
fn objects_name_the_namespace_that_the_manifest_of_the_tenant_names() {
    let workspace = Workspace::example("quickstart");
    let (dir, state) = (workspace.dir(), workspace.file("state"));
    let up = dialtone(&["up", &dir, "--once", "--state", &state]);
    assert_eq!(up.code, 0, "{}", up.all());
    let export = |more: &[&str]| {
        let run = dialtone(&[&["export", "-f", &dir, "--state", &state], more].concat());
        assert_eq!(run.code, 0, "{}", run.all());
        assert!(run.stdout.matches("kind: ").count() > 2, "{}", run.all());
        run.stdout
    };
    for more in [&[][..], &["-n", "identity"]] {
        let open = export(more);
        assert!(!open.contains("namespace:"), "{open}");
    }
    let named = "metadata:\n  namespace: identity\n";
    workspace.replace("tenant.yaml", "metadata:\n", named);
    let placed = export(&[]);
    let objects = placed.matches("kind: ").count();
    assert_eq!(
        placed.matches("  namespace: identity\n").count(),
        objects,
        "{placed}"
    );
}

#[test]
fn a_tenant_without_phone_settings_is_little() {
    let workspace = Workspace::example("mfa");
    let state = workspace.file("state");
    for name in ["factor.yaml", "provider.yaml"] {
        fs::remove_file(workspace.path(name)).unwrap();
    }
    let up = dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
    assert_eq!(up.code, 0, "{}", up.all());
    let manifests = exported(&workspace, &state);
    assert_eq!(manifests.matches("kind: ").count(), 1, "{manifests}");
    assert!(manifests.contains("enabled: false"), "{manifests}");
}

/// What was set by hand and cannot be said is told of, and the rest comes out all the same.
#[test]
fn what_no_object_can_say_is_told_of() {
    let workspace = Workspace::example("mfa");
    let state = workspace.file("state");
    dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
    let text = fs::read_to_string(&state).unwrap();
    let odd = text.replace("AC00000000000000000000000000000000", "odd");
    assert_ne!(text, odd);
    fs::write(&state, odd).unwrap();
    let run = dialtone(&["export", "-f", &workspace.dir(), "--state", &state]);
    assert_eq!(run.code, 1, "{}", run.all());
    assert!(
        run.stderr.contains("spec.twilio.accountSid"),
        "{}",
        run.all()
    );
    assert!(run.stdout.contains("kind: MfaPhoneFactor"), "{}", run.all());
}

/// The old settings of MFA become a proposal, with each place marked that has no translation.
#[test]
fn a_tenant_of_old_gets_a_proposal() {
    let workspace = Workspace::example("mfa");
    let state = workspace.file("state");
    for name in ["factor.yaml", "provider.yaml"] {
        fs::remove_file(workspace.path(name)).unwrap();
    }
    dialtone(&["up", &workspace.dir(), "--once", "--state", &state]);
    let text = fs::read_to_string(&state).unwrap();
    let mut stored: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tenant = &mut stored["tenant"];
    tenant["settings"]["values"]["phone_consolidated_experience"] = false.into();
    let guardian = &mut tenant["guardian"];
    guardian["legacy_provider"] = "twilio".into();
    guardian["legacy_twilio"] = serde_json::json!({
        "sid": "AC00000000000000000000000000000000", "from": "+15550100", "auth_token": "in-clear",
    });
    guardian["legacy_templates"] = serde_json::json!({
        "enrollment_message": "{{code}} enrols you at {{tenant.friendly_name}}",
        "verification_message": "{{code}}, {{message_type}}",
    });
    fs::write(&state, stored.to_string()).unwrap();
    let run = dialtone(&["export", "-f", &workspace.dir(), "--state", &state]);
    assert_eq!(run.code, 0, "{}", run.all());
    for told in [
        "authTokenSecretRef",
        "text: \"{{code}} enrols you at {{friendly_name}}\"",
        "tenant.friendly_name is called friendly_name now",
        "Look at line 1, column",
        "message_type",
    ] {
        assert!(run.stdout.contains(told), "{told}: {}", run.all());
    }
    assert!(!run.all().contains("in-clear"), "{}", run.all());
}
