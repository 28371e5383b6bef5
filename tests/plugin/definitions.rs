//! A cluster that does not know our kinds.

use std::process::Command;

use crate::plugin::dialtone;
use crate::rig::Rig;
use crate::support::ControlPlane;

#[tokio::test]
async fn without_the_definitions_it_is_said_once_that_they_are_missing() {
    let plane = &ControlPlane::dedicated().await;
    let rig = Rig::new(plane, "unknown").await;
    let definitions = concat!(env!("CARGO_MANIFEST_DIR"), "/crds");
    plane.kubectl(&["delete", "-k", definitions]).ok();
    crate::support::wait_until("the kinds to be gone", async || {
        let found = plane.kubectl(&["get", "--raw", "/apis/dialtone.dev/v1alpha1"]);
        if found.success {
            Err(found.stdout)
        } else {
            Ok(())
        }
    })
    .await;
    let listed = dialtone(&rig, &["status"]).refused();
    assert!(listed.contains("the cluster does not know"), "{listed}");
    let one = dialtone(&rig, &["reconcile", "tenant/acme"]).refused();
    assert!(one.contains("does not know this kind"), "{one}");
    assert!(!one.contains("there is no Auth0Tenant"), "{one}");

    let operator = Command::new(env!("CARGO_BIN_EXE_dialtone"))
        .args(["run", "--namespace", &rig.home, "--sync-timeout", "3s"])
        .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .env("KUBECONFIG", plane.admin_kubeconfig())
        .output()
        .unwrap();
    let told = String::from_utf8([operator.stdout, operator.stderr].concat()).unwrap();
    assert!(!told.contains("page not found"), "{told}");
    let error = told
        .lines()
        .find(|line| line.starts_with("error:"))
        .unwrap();
    for part in [
        "auth0tenants, ",
        "phonetestmessages",
        "install the definitions",
    ] {
        assert_eq!(error.matches(part).count(), 1, "{part}: {error}");
    }
}
