//! The rules of the definitions fire in the server as they do offline (`tests/rules.rs`).

use dialtone::api::{Auth0Tenant, PhoneIdentifier, PhoneProvider, PhoneTemplate};
use serde_json::{Value, json};

use crate::support::ControlPlane;
use crate::{provider, tenant};

/// What the offline reader says of an object, as the server would begin to say it.
fn offline(verdict: Result<(), kube::core::cel::ValidationErrors>) -> Vec<String> {
    let errors = verdict.unwrap_err().into_vec();
    errors.into_iter().map(|error| error.message).collect()
}

/// Applies an object in a namespace and gives what the server refused it with.
fn refused(plane: &ControlPlane, namespace: &str, object: &Value) -> String {
    plane
        .kubectl_reading(&["apply", "-n", namespace, "-f", "-"], &object.to_string())
        .refused()
}

fn read<T: serde::de::DeserializeOwned>(object: &Value) -> T {
    serde_json::from_value(object.clone()).unwrap()
}

#[tokio::test]
async fn the_server_refuses_what_the_offline_reader_refuses_and_in_the_same_words() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("rules").await;

    let mut both = provider("both");
    both["spec"]["custom"] = json!({"actionRef": {"name": "phone"}});
    let mut senders = provider("senders");
    senders["spec"]["twilio"]["messagingServiceSid"] = json!("MG00000000000000000000000000000000");
    for object in [both, senders] {
        let said = refused(plane, &namespace, &object);
        let expected = offline(read::<PhoneProvider>(&object).validate_cel());
        assert!(!expected.is_empty());
        for message in expected {
            assert!(said.contains(&message), "{message}: {said}");
        }
    }

    let mut hasty = tenant("hasty");
    hasty["spec"]["interval"] = json!("9s");
    let said = refused(plane, &namespace, &hasty);
    for message in offline(read::<Auth0Tenant>(&hasty).validate_cel()) {
        assert!(said.contains(&message), "{message}: {said}");
    }
}

fn template(spec: &Value) -> Value {
    let mut template = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PhoneTemplate",
        "metadata": {"name": "code"},
        "spec": spec,
    });
    template["spec"]["tenantRef"] = json!({"name": "acme"});
    template
}

#[tokio::test]
async fn a_template_keeps_its_type_and_has_its_words_in_one_place() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("rules").await;
    let words = json!({"name": "words", "key": "code"});
    let old = template(&json!({"type": "OtpVerify", "text": "{{ code }}"}));
    let twice = template(&json!({"type": "OtpVerify", "text": "{{ code }}", "textFrom": words}));
    let said = refused(plane, &namespace, &twice);
    for message in offline(read::<PhoneTemplate>(&twice).validate_cel()) {
        assert!(said.contains(&message), "{message}: {said}");
    }
    plane
        .kubectl_reading(&["apply", "-n", &namespace, "-f", "-"], &old.to_string())
        .ok();
    let moved = template(&json!({"type": "OtpEnroll", "text": "{{ code }}"}));
    let said = refused(plane, &namespace, &moved);
    let verdict = read::<PhoneTemplate>(&moved).validate_cel_update(&read(&old));
    for message in offline(verdict) {
        assert!(said.contains(&message), "{message}: {said}");
    }
}

#[tokio::test]
async fn an_identifier_that_contradicts_itself_is_refused() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("rules").await;
    let contrary = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PhoneIdentifier",
        "metadata": {"name": "number"},
        "spec": {
            "tenantRef": {"name": "acme"},
            "connection": "users",
            "profileRequired": true,
            "signup": {"status": "Optional"},
        },
    });
    let said = refused(plane, &namespace, &contrary);
    for message in offline(read::<PhoneIdentifier>(&contrary).validate_cel()) {
        assert!(said.contains(&message), "{message}: {said}");
    }
}

#[tokio::test]
async fn an_object_that_is_there_stays_with_its_tenant() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("rules").await;
    let old = provider("twilio");
    plane
        .kubectl_reading(&["apply", "-n", &namespace, "-f", "-"], &old.to_string())
        .ok();
    let mut moved = old.clone();
    moved["spec"]["tenantRef"]["name"] = json!("other");
    let said = refused(plane, &namespace, &moved);
    let verdict = read::<PhoneProvider>(&moved).validate_cel_update(&read(&old));
    for message in offline(verdict) {
        assert!(said.contains(&message), "{message}: {said}");
    }
}

#[tokio::test]
async fn a_field_that_does_not_exist_is_refused() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("rules").await;
    let mut misspelt = provider("misspelt");
    misspelt["spec"]["deliveryMethod"] = json!(["Text"]);
    let said = refused(plane, &namespace, &misspelt);
    assert!(
        said.contains(r#"unknown field "spec.deliveryMethod""#),
        "{said}"
    );
}
