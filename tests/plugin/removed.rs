//! Plans of manifests from which some were taken away.

use serde_json::json;

use crate::plan::plan;
use crate::rig::Rig;
use crate::support::ControlPlane;

/// The manifests of the quickstart as they were, and without those of one kind.
struct Change {
    before: tempfile::TempDir,
    after: tempfile::TempDir,
}

impl Change {
    fn taking_away(kind: &str) -> Self {
        let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["tenant.yaml", "phone.yaml"] {
            let text = std::fs::read_to_string(format!("examples/quickstart/{name}")).unwrap();
            std::fs::write(before.path().join(name), &text).unwrap();
            let rest = text
                .split("---\n")
                .filter(|it| !it.contains(&format!("kind: {kind}\n")));
            let rest: Vec<&str> = rest.collect();
            std::fs::write(after.path().join(name), rest.join("---\n")).unwrap();
        }
        Self { before, after }
    }

    fn arguments(&self) -> [&str; 4] {
        let (before, after) = (self.before.path(), self.after.path());
        let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
        ["-f", after, "--base", before]
    }
}

#[tokio::test]
async fn a_manifest_that_was_taken_away_is_planned_as_the_cluster_would_delete_its_object() {
    let rig = Rig::new(ControlPlane::shared(), "removed").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.look("settled").await;
    let change = Change::taking_away("PhoneProvider");
    let arguments = change.arguments();

    // What the object set up stays in Auth0.
    let orphaned = plan(&rig, &arguments).ended(0);
    assert!(orphaned.contains("as the objects say"), "{orphaned}");

    // The policy is that of the cluster: the manifests of before have the other one.
    let delete = json!({"spec": {"deletionPolicy": "Delete"}});
    rig.patch("phoneprovider", "twilio", &delete).ok();
    rig.all_ready(4).await;
    let unseen = plan(&rig, &arguments[..2]).ended(0);
    assert!(unseen.contains("as the objects say"), "{unseen}");
    let deleted = plan(&rig, &arguments).ended(2);
    assert!(deleted.contains("delete phone provider"), "{deleted}");
    assert!(deleted.contains("breaks MFA by SMS"), "{deleted}");
    plan(&rig, &[&arguments[..], &["--deny-hazards"]].concat()).ended(3);
    assert_eq!(
        rig.object("phoneprovider", "twilio")["metadata"]["deletionTimestamp"],
        json!(null)
    );

    // Under a new name it is made anew when the old one is gone.
    let path = change.after.path().join("renamed.yaml");
    let text = std::fs::read_to_string(change.before.path().join("phone.yaml")).unwrap();
    let provider = text
        .split("---\n")
        .find(|it| it.contains("kind: PhoneProvider\n"));
    let renamed = provider
        .unwrap()
        .replacen("  name: twilio\n", "  name: alpha\n", 1);
    std::fs::write(&path, renamed).unwrap();
    let in_turn = plan(&rig, &arguments).ended(2);
    let deleted = in_turn.find("delete phone provider").unwrap();
    let created = in_turn.find("create phone provider twilio").unwrap();
    assert!(deleted < created, "{in_turn}");
    std::fs::remove_file(path).unwrap();

    // A manifest with a mistake is there, and so is its object.
    let path = change.after.path().join("phone.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("messageTypes", "messageKinds", 1)).unwrap();
    let mistaken = plan(&rig, &arguments);
    assert!(!mistaken.stdout.contains("delete"), "{mistaken:?}");
    mistaken.ended(1);
}

#[tokio::test]
async fn a_tenant_that_was_taken_away_is_planned_for_what_is_deleted_in_it_and_else_is_gone() {
    let rig = Rig::new(ControlPlane::shared(), "removed-tenant").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.look("settled").await;
    let before = "examples/quickstart";
    let after = tempfile::tempdir().unwrap();
    let arguments = ["-f", after.path().to_str().unwrap(), "--base", before];
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n";
    std::fs::write(after.path().join("other.yaml"), namespace).unwrap();

    let gone = plan(&rig, &arguments);
    assert!(gone.stderr.contains("goes with its objects"), "{gone:?}");
    gone.ended(0);
    let delete = json!({"spec": {"deletionPolicy": "Delete"}});
    rig.patch("phoneprovider", "twilio", &delete).ok();
    rig.all_ready(4).await;
    let deleted = plan(&rig, &arguments).ended(2);
    assert!(deleted.contains("delete phone provider"), "{deleted}");

    // What the cluster never had is not planned.
    let never = std::fs::read_to_string("examples/quickstart/tenant.yaml").unwrap();
    let base = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(base.path(), never.replace("name: acme", "name: never")).unwrap();
    let path = base.path().to_str().unwrap();
    let nothing = plan(&rig, &["-f", arguments[1], "--base", path]);
    assert!(!nothing.stderr.contains("there is no"), "{nothing:?}");
    nothing.ended(0);
}
