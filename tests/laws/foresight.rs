//! Law 8 where chance seldom leads: breaks that one step makes and a later one would mend.

use std::collections::BTreeSet;

use dialtone::auth0::exchange::Method;
use dialtone::phone::outcome::StepOutcome;
use serde_json::json;

use crate::rig::{Rig, quickstart, store_with_applications};

#[tokio::test]
async fn a_break_that_only_a_blocked_step_would_mend_is_told() {
    let manifests = quickstart()
        .replace(
            "  domain: acme",
            "  unifiedPhoneExperience: Enable\n  domain: acme",
        )
        .replace(
            "deliveryMethods: [Text, Voice]",
            "deliveryMethods: [Text]\n  onBreakingChange: Block",
        )
        .replace("  messageTypes: [SMS, Voice]\n", "")
        .replace(
            "  name: twilio\nspec:",
            "  name: twilio\n  annotations: {dialtone.dev/acknowledge-breaking: mfa/sms}\nspec:",
        );
    // Without the connection nothing waits for text messages, and the provider is last to change.
    let (manifests, _) = manifests.rsplit_once("---\n").unwrap();
    let mut rig = Rig::with(manifests, store_with_applications());
    let put = |path: &str, body| assert_eq!(rig.admin(Method::Put, path, body).status, 200);
    let flag = json!({"phone_consolidated_experience": false});
    assert_eq!(
        rig.admin(Method::Patch, "tenants/settings", flag).status,
        200
    );
    put("guardian/factors/sms", json!({"enabled": true}));
    put(
        "guardian/factors/phone/message-types",
        json!({"message_types": ["sms", "voice"]}),
    );
    let provider = json!({
        "name": "twilio",
        "configuration": {"sid": "AC1", "default_from": "+15550111", "delivery_methods": ["voice"]},
        "credentials": {"auth_token": "old"},
    });
    assert_eq!(
        rig.admin(Method::Post, "branding/phone/providers", provider)
            .status,
        201
    );
    let before = rig.working();
    let outcome = rig.pass().await.0.unwrap();
    let after = rig.working();
    let lost: BTreeSet<_> = before.difference(&after).collect();
    let told: BTreeSet<_> = outcome
        .plan
        .hazards
        .iter()
        .filter(|hazard| outcome.steps[hazard.step] == StepOutcome::Applied)
        .map(|hazard| &hazard.flow)
        .collect();
    assert_eq!(told, lost, "{outcome:#?}");
    assert_eq!(lost.len(), 1, "{outcome:#?}");
}
