//! Templates whose words live in a `ConfigMap`.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::simulator::Simulator;
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

/// Words that would exhaust a program which rendered them without counting.
fn hostile() -> Vec<(&'static str, String)> {
    let double = "{% assign a = a | append: a %}".repeat(40);
    vec![
        (
            "OtpVerify",
            format!(
                "{}{}",
                "{% if a %}".repeat(20_000),
                "{% endif %}".repeat(20_000)
            ),
        ),
        (
            "OtpEnroll",
            format!(
                "{{% if {}a %}}{{{{ code }}}}{{% endif %}}",
                "a and ".repeat(50_000)
            ),
        ),
        (
            "ChangePassword",
            "{{ code }}{% for i in (1..1000000000) %}x{% endfor %}".to_owned(),
        ),
        (
            "BlockedAccount",
            format!("{{% assign a = \"xxxxxxxxxxxxxxxx\" %}}{double}{{{{ a }}}}"),
        ),
        ("PasswordBreach", "x".repeat(900_000)),
    ]
}

#[tokio::test]
async fn words_that_ask_for_too_much_hurt_nobody() {
    let rig = Rig::new(ControlPlane::shared(), "hostile").await;
    let other = Simulator::with(&["--client", "web", "--client", "ios", "--client", "android"]);
    // One pass at a time: a pass that did not end would keep the other tenant waiting.
    let operator = rig.operator_for_all("one", &["--concurrent", "1"], None);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let tenant = |name: &str, url: &str| {
        let text = read("examples/quickstart/tenant.yaml");
        let text = text.replace("auth0-management", &format!("{name}-management"));
        let endpoint = format!("  endpoint: {url}\n  credentials:");
        text.replace("acme", name)
            .replace("  credentials:", &endpoint)
    };
    rig.apply(&tenant("evil", rig.simulator.url())).ok();
    for (type_, words) in hostile() {
        let name = type_.to_lowercase();
        let map = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": name}, "data": {"words": words},
        });
        let template = json!({
            "apiVersion": "dialtone.dev/v1alpha1", "kind": "PhoneTemplate",
            "metadata": {"name": name},
            "spec": {
                "tenantRef": {"name": "evil"},
                "type": type_,
                "textFrom": {"name": name, "key": "words"},
            },
        });
        // Server-side: the annotation of a client-side apply does not hold so much.
        let arguments = ["apply", "--server-side", "-n", &rig.namespace, "-f", "-"];
        rig.plane.kubectl_reading(&arguments, &map.to_string()).ok();
        rig.apply(&template.to_string()).ok();
    }
    rig.apply(&tenant("good", other.url())).ok();
    let phone = read("examples/quickstart/phone.yaml");
    rig.apply(&phone.replace("name: acme", "name: good")).ok();
    let ready = ("Ready", "True", "Succeeded");
    rig.condition("phoneprovider", "twilio", ready).await;
    rig.condition("passwordlessconnection", "sms", ready).await;
    for (type_, _) in hostile() {
        let invalid = ("TemplateValid", "False", "TemplateInvalid");
        let object = rig.condition(KIND, &type_.to_lowercase(), invalid).await;
        let message = object["status"]["conditions"].to_string();
        assert!(
            message.contains("limit") || message.contains("long"),
            "{object:#}"
        );
    }
    // Nothing of it reached the tenant, and the process is the same.
    assert_eq!(texts(&rig).await, Vec::<Value>::new());
    assert_eq!(operator.log().matches("leading").count(), 1);
    rig.simulator.forget_calls().await;
    let otp = json!({"spec": {"otp": {"length": 7}}});
    rig.patch("passwordlessconnection", "sms", &otp).ok();
    rig.condition("passwordlessconnection", "sms", ready).await;
}
