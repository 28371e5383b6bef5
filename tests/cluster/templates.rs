//! Templates whose words live in a `ConfigMap`.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};

const KIND: &str = "phonetemplate";
const WORDS: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data: {code: '{{ code }} is your code.'}
---
apiVersion: dialtone.dev/v1alpha1
kind: PhoneTemplate
metadata: {name: code}
spec:
  tenantRef: {name: acme}
  type: OtpVerify
  textFrom: {name: words, key: code}
  deletionPolicy: Delete
";

/// The text messages of the stored templates.
async fn texts(rig: &Rig<'_>) -> Vec<Value> {
    let tenant = rig.simulator.tenant().await;
    let stored = tenant["templates"]["stored"].as_array().unwrap().iter();
    stored
        .map(|item| item["content"]["body"]["text"].clone())
        .collect()
}

#[tokio::test]
async fn new_words_in_a_config_map_are_used_at_once_and_go_with_their_object() {
    let rig = Rig::new(ControlPlane::shared(), "templates").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.apply(WORDS).ok();
    let ready = ("Ready", "True", "Succeeded");
    let object = rig.condition(KIND, "code", ready).await;
    assert_eq!(
        crate::rig::condition(&object, "TemplateValid")["status"],
        "True"
    );
    assert_eq!(texts(&rig).await, ["{{ code }} is your code."]);

    let held = object["status"]["contentFingerprint"].clone();
    rig.simulator.forget_calls().await;
    let words = json!({"data": {"code": "{{ code }}, and nothing else."}});
    rig.patch("configmap", "words", &words).ok();
    wait_until("the new words to be remembered", async || {
        let now = rig.object(KIND, "code")["status"]["contentFingerprint"].clone();
        if now == held { Err(now) } else { Ok(()) }
    })
    .await;
    assert_eq!(texts(&rig).await, ["{{ code }}, and nothing else."]);
    let writes = rig.simulator.writes().await;
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(
        writes[0].starts_with("PATCH /api/v2/branding/phone/templates/"),
        "{writes:?}"
    );

    rig.patch("configmap", "words", &json!({"data": {"code": null}}))
        .ok();
    let missing = ("Ready", "False", "ConfigMapKeyMissing");
    rig.condition(KIND, "code", missing).await;
    assert_eq!(rig.simulator.writes().await.len(), 1);

    rig.kubectl(&["delete", KIND, "code", "--timeout=20s"]).ok();
    assert_eq!(texts(&rig).await, Vec::<Value>::new());
    assert_eq!(rig.forbidden(), Vec::<String>::new());
}
