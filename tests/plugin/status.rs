//! What is told of a tenant.

use std::process::Command;

use serde_json::{Value, json};

use crate::plugin::{constant, dialtone, dialtone_as, kubectl};
use crate::rig::Rig;
use crate::rights::account;
use crate::support::ControlPlane;

#[tokio::test]
async fn status_tells_the_story_of_a_tenant_before_and_after_its_provider_is_disabled() {
    let rig = Rig::new(ControlPlane::shared(), "story").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let well = dialtone(&rig, &["status"]).ended(0);
    insta::assert_snapshot!("quickstart", sorted(&constant(&rig, &well)));

    let off = json!({"spec": {"enabled": false}});
    rig.patch("phoneprovider", "twilio", &off).ok();
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let missing = ("Ready", "False", "PhoneProviderDisabled");
    rig.condition("mfaphonefactor", "phone", missing).await;
    rig.condition("passwordlessconnection", "sms", missing)
        .await;
    let ill = dialtone(&rig, &["status", "acme"]).ended(2);
    let ill = sorted(&constant(&rig, &ill));
    insta::assert_snapshot!("disabled", ill);
    let page = std::fs::read_to_string("docs/kubectl-plugin.md").unwrap();
    let shown = page
        .split("$ kubectl dialtone status acme\n")
        .nth(1)
        .unwrap();
    let shown = shown.split("```").next().unwrap();
    assert_eq!(
        sorted(&constant(&rig, shown)),
        ill,
        "docs/kubectl-plugin.md"
    );

    let unlinked = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(["kubectl", "status", "-n", &rig.namespace, "--kubeconfig"])
        .arg(rig.plane.admin_kubeconfig())
        .output()
        .unwrap();
    let unlinked = String::from_utf8(unlinked.stdout).unwrap();
    assert_eq!(sorted(&constant(&rig, &unlinked)), ill);

    let document = dialtone(&rig, &["status", "-o", "json"]).ended(2);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["ready"], false);
    let objects = document["tenants"][0]["objects"].as_array().unwrap();
    let provider = objects.iter().find(|it| it["kind"] == "PhoneProvider");
    let remarks = provider.unwrap()["remarks"].as_array().unwrap();
    let breaks = |remark: &&Value| remark["about"] == "BreaksDependents";
    assert_eq!(remarks.iter().filter(breaks).count(), 1, "{document:#}");
}

/// A transcript whose neighbouring lines about applications are in an order of their own: it is that
/// of their ids, which each simulated tenant makes anew.
fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let application = |line: &&str| line.contains("passwordless/sms/");
    for group in lines.chunk_by_mut(|left, right| application(left) && application(right)) {
        group.sort_unstable();
    }
    let names = regex::Regex::new(r"sign-in to (web|ios|android) ").unwrap();
    let text = lines.join("\n");
    let told = |line: &str| line.contains("BreaksDependents");
    let lines = text.lines().map(|line| {
        if told(line) {
            names.replace_all(line, "sign-in to NAME ").into_owned()
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_shown_with_the_objects_that_wait_for_it() {
    let rig = Rig::new(ControlPlane::shared(), "absent").await;
    let _operator = rig.operator("one", &[]);
    rig.kubectl(&["apply", "-f", "examples/quickstart/phone.yaml"])
        .ok();
    let waiting = ("Ready", "False", "TenantNotFound");
    for (kind, name) in [
        ("phoneprovider", "twilio"),
        ("mfaphonefactor", "phone"),
        ("passwordlessconnection", "sms"),
    ] {
        rig.condition(kind, name, waiting).await;
    }
    let story = dialtone(&rig, &["status"]).ended(2);
    insta::assert_snapshot!("absent", constant(&rig, &story));
    let unknown = dialtone(&rig, &["status", "other"]).refused();
    assert!(unknown.contains("there is no Auth0Tenant"), "{unknown}");
}

#[tokio::test]
async fn a_namespace_without_objects_says_so_and_a_command_line_that_is_wrong_ends_with_64() {
    let rig = Rig::new(ControlPlane::shared(), "empty").await;
    let nothing = dialtone(&rig, &["status"]);
    assert!(
        nothing.stderr.contains("there are no objects"),
        "{nothing:?}"
    );
    nothing.ended(0);
    let wrong = dialtone(&rig, &["status", "--no-such-flag"]);
    assert!(
        wrong.stderr.contains("Usage: kubectl dialtone status"),
        "{wrong:?}"
    );
    wrong.ended(64);
    let context = dialtone(&rig, &["status", "--context", "nowhere"]).refused();
    assert!(context.contains("no way to a cluster"), "{context}");
}

#[tokio::test]
async fn the_cluster_and_the_namespace_are_named_before_the_command_or_behind_it() {
    let rig = Rig::new(ControlPlane::shared(), "before").await;
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    rig.apply(&text).ok();
    let elsewhere = rig.plane.folder().join("missing.kubeconfig");
    let kubeconfig = rig.plane.admin_kubeconfig();
    let own = kubeconfig.to_str().unwrap();
    let before = ["-n", &rig.namespace, "--kubeconfig", own];
    for arguments in [
        [&["dialtone"], &before[..], &["status"]].concat(),
        [&["dialtone", "status"], &before[..]].concat(),
        [&["dialtone"], &before[..2], &["status"], &before[2..]].concat(),
    ] {
        let shown = kubectl(&elsewhere, &arguments).ended(2);
        let tenant = format!("{}/acme", rig.namespace);
        assert!(shown.contains(&tenant), "{arguments:?}: {shown}");
    }
}

#[tokio::test]
async fn a_tenant_is_shown_with_the_objects_of_every_namespace_that_it_lets_in() {
    let rig = Rig::new(ControlPlane::shared(), "shared").await;
    let team = rig.plane.namespace("team").await;
    let text = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    let shared = "spec:\n  allowedNamespaces: {from: All}\n";
    rig.apply(&text.replacen("spec:\n", shared, 1)).ok();
    let factor = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "MfaPhoneFactor",
        "metadata": {"name": "phone"},
        "spec": {"tenantRef": {"name": "acme", "namespace": rig.namespace}},
    });
    let apply = ["apply", "-n", &team, "-f", "-"];
    rig.plane.kubectl_reading(&apply, &factor.to_string()).ok();

    let own = dialtone(&rig, &["status"]).ended(2);
    assert!(
        own.contains(&format!("MfaPhoneFactor {team}/phone")),
        "{own}"
    );
    let theirs = dialtone(&rig, &["status", "-n", &team]).ended(2);
    assert_eq!(theirs, own);
    let all = dialtone(&rig, &["status", "-A", "acme"]).ended(2);
    assert!(
        all.contains(&own.lines().nth(2).unwrap().to_owned()),
        "{all}"
    );

    let viewer = account(&rig, &team, "viewer", &["get", "list"]);
    let part = dialtone_as(&rig, &viewer, &["status", "-n", &team]).ended(2);
    assert!(part.contains("is forbidden"), "{part}");
    assert!(
        part.contains("MfaPhoneFactor") && !part.contains("there is no"),
        "{part}"
    );
    let viewer = account(&rig, &rig.namespace, "viewer", &["get", "list"]);
    let part = dialtone_as(&rig, &viewer, &["status"]);
    let told = "not all objects of Auth0Tenant";
    assert!(
        part.stderr.contains(told) && !part.stdout.contains("phone"),
        "{part:?}"
    );
}

#[tokio::test]
async fn kubectl_completes_the_command_lines_of_the_plugin() {
    let kubeconfig = ControlPlane::shared().admin_kubeconfig();
    let complete = |words: &[&str]| {
        let words = [&["__complete", "dialtone"], words].concat();
        kubectl(&kubeconfig, &words).ended(0)
    };
    let commands = complete(&["sta"]);
    assert!(commands.starts_with("status\tShow tenants"), "{commands}");
    let kinds = complete(&["acknowledge", "phonep"]);
    assert_eq!(kinds.lines().next(), Some("phoneprovider/"), "{kinds}");
}
