//! Whoever may not do something is told what, in words.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::plugin::{constant, dialtone_as};
use crate::rig::Rig;
use crate::support::ControlPlane;

/// Somebody who may do these things to our objects of a namespace and nothing else.
pub fn account(rig: &Rig<'_>, namespace: &str, name: &str, verbs: &[&str]) -> PathBuf {
    account_for(rig, namespace, name, verbs, &["*"])
}

/// The same for some of the kinds.
fn account_for(
    rig: &Rig<'_>,
    namespace: &str,
    name: &str,
    verbs: &[&str],
    kinds: &[&str],
) -> PathBuf {
    let metadata = json!({"name": name, "namespace": namespace});
    let group = "rbac.authorization.k8s.io";
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {
            "apiVersion": format!("{group}/v1"), "kind": "Role", "metadata": metadata,
            "rules": [{"apiGroups": ["dialtone.dev"], "resources": kinds, "verbs": verbs}],
        },
        {
            "apiVersion": format!("{group}/v1"), "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
        },
    ]});
    let apply = ["apply", "-n", namespace, "-f", "-"];
    rig.plane.kubectl_reading(&apply, &list.to_string()).ok();
    rig.plane.kubeconfig_for(name, namespace)
}

#[tokio::test]
async fn a_viewer_sees_the_status_and_is_told_what_the_rest_needs() {
    let rig = Rig::new(ControlPlane::shared(), "viewer").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let viewer = account(&rig, &rig.namespace, "viewer", &["get", "list"]);
    let run = |arguments: &[&str]| dialtone_as(&rig, &viewer, arguments);
    run(&["status"]).ended(0);

    let everywhere = run(&["status", "-A"]).refused();
    assert!(everywhere.contains("in all namespaces"), "{everywhere}");
    let send = ["test-message", "phprov/twilio", "--to", "+15550123", "-y"];
    let told = [
        &["plan", "--endpoint", rig.simulator.url()][..],
        &["reconcile", "tenant/acme"],
        &["acknowledge", "phprov/twilio", "mfa", "-y"],
        &send,
    ]
    .map(|arguments| run(arguments).refused());
    for text in &told {
        assert!(text.contains("is forbidden"), "{text}");
        assert!(
            !text.contains("ApiError") && !text.contains("+15550123"),
            "{text}"
        );
    }
    let told = constant(&rig, &told.join("---\n"));
    let told = told.replace(&rig.namespace, "NAMESPACE");
    insta::assert_snapshot!("viewer", told);
}

#[tokio::test]
async fn who_may_not_see_test_messages_sees_the_rest() {
    let rig = Rig::new(ControlPlane::shared(), "reader").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    // As the chart's role for viewers has it.
    let kinds = [
        "auth0tenants",
        "phoneproviders",
        "mfaphonefactors",
        "passwordlessconnections",
        "phonetemplates",
        "phoneidentifiers",
    ];
    let verbs = ["get", "list"];
    let reader = account_for(&rig, &rig.namespace, "reader", &verbs, &kinds);
    let seen = dialtone_as(&rig, &reader, &["status"]);
    assert_eq!(seen.code, 2, "{}", seen.stderr);
    assert!(
        seen.stdout.contains("PasswordlessConnection sms"),
        "{}",
        seen.stdout
    );
    let told = "list phonetestmessages";
    assert!(seen.stderr.contains(told), "{}", seen.stderr);
    let document = dialtone_as(&rig, &reader, &["status", "-o", "json"]).ended(2);
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["ready"], false);
    assert_eq!(
        document["unseen"].as_array().unwrap().len(),
        1,
        "{document:#}"
    );
    let nothing = dialtone_as(&rig, &reader, &["status", "-n", "we/ird"]);
    assert_eq!(nothing.code, 64, "{}", nothing.stderr);
}

#[tokio::test]
async fn whoever_may_see_nothing_is_told_so() {
    let rig = Rig::new(ControlPlane::shared(), "nobody").await;
    let nobody = account(&rig, &rig.namespace, "nobody", &["watch"]);
    let told = dialtone_as(&rig, &nobody, &["status"]).refused();
    assert!(told.contains("cannot list resource"), "{told}");
}

#[tokio::test]
async fn who_may_act_needs_no_more_than_what_the_page_says() {
    let rig = Rig::new(ControlPlane::shared(), "actor").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let verbs = ["get", "list", "patch", "create", "delete"];
    let actor = account(&rig, &rig.namespace, "actor", &verbs);
    let run = |arguments: &[&str]| dialtone_as(&rig, &actor, arguments);
    run(&["reconcile", "tenant/acme", "--wait"]).ended(0);
    run(&["acknowledge", "phprov/twilio", "--all", "-y"]).ended(0);
    run(&["test-message", "phprov/twilio", "--to", "+15550123", "-y"]).ended(0);
}
