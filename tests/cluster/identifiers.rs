//! Phone identifiers of a database connection that somebody else set up.

use serde_json::{Value, json};

use crate::rig::{Rig, condition};
use crate::support::{ControlPlane, wait_until};

const KIND: &str = "phoneidentifier";
const OBJECT: &str = "
apiVersion: dialtone.dev/v1alpha1
kind: PhoneIdentifier
metadata: {name: number}
spec:
  tenantRef: {name: acme}
  connection: users
  signup: {status: Optional, verification: true}
  deletionPolicy: Delete
";

/// The options of the database connection.
async fn options(rig: &Rig<'_>) -> Value {
    let tenant = rig.simulator.tenant().await;
    let mut all = tenant["connections"]["all"].as_array().unwrap().iter();
    let found = all.find(|item| item["document"]["name"] == "users");
    found.unwrap()["document"]["options"].clone()
}

#[tokio::test]
async fn the_last_identifier_is_kept_and_another_one_lets_it_go() {
    let rig = Rig::new(ControlPlane::shared(), "identifiers").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.apply(OBJECT).ok();
    let missing = ("Ready", "False", "ConnectionNotFound");
    rig.condition(KIND, "number", missing).await;

    let email = json!({"identifier": {"active": true}});
    let made = json!({"name": "users", "strategy": "auth0", "options": {
        "attributes": {"email": email},
        "customScripts": {"login": "function login() {}"},
    }});
    let made = rig
        .simulator
        .admin("POST", "/api/v2/connections", &made)
        .await;
    let path = format!("/api/v2/connections/{}", made["id"].as_str().unwrap());
    rig.look("made").await;
    let ready = ("Ready", "True", "Succeeded");
    let object = rig.condition(KIND, "number", ready).await;
    assert_eq!(object["status"]["id"], made["id"]);
    let mut written = options(&rig).await;
    let scripts = json!({"login": "function login() {}"});
    assert_eq!(written["customScripts"], scripts);
    wait_until("the provider to know its dependent", async || {
        let provider = rig.object("phoneprovider", "twilio");
        let dependents = provider["status"]["dependents"].to_string();
        if dependents.contains("signup/users") {
            Ok(())
        } else {
            Err(dependents)
        }
    })
    .await;

    // Somebody makes it the only identifier: it cannot go.
    written["attributes"]["email"]["identifier"] = json!({"active": false});
    rig.simulator
        .admin("PATCH", &path, &json!({"options": written}))
        .await;
    rig.look("alone").await;
    rig.kubectl(&["delete", KIND, "number", "--wait=false"])
        .ok();
    wait_until("the deletion to be blocked", async || {
        let ready = condition(&rig.object(KIND, "number"), "Ready");
        let blocked = ready["reason"] == "DeletionBlocked";
        if blocked { Ok(()) } else { Err(ready) }
    })
    .await;
    assert!(options(&rig).await["attributes"]["phone_number"].is_object());

    written["attributes"]["email"]["identifier"] = json!({"active": true});
    rig.simulator
        .admin("PATCH", &path, &json!({"options": written}))
        .await;
    rig.look("mended").await;
    rig.kubectl(&["wait", "--for=delete", KIND, "number", "--timeout=20s"])
        .ok();
    let left = options(&rig).await;
    assert!(left["attributes"].get("phone_number").is_none(), "{left:#}");
    assert_eq!(left["customScripts"], scripts);
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}
