//! What Auth0 refuses stops the objects that need it, and no others.

use std::collections::BTreeSet;

use dialtone::auth0::exchange::{Method, Payload};
use dialtone::sim::fault::{At, Fault, Script};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use crate::random::{rig, run, unowned};
use crate::rig::{Rig, quickstart, store_with_applications};
use crate::world::{Mode, cases, left, wanted};

const SCOPES: &str = "read:phone_providers create:phone_providers update:phone_providers \
                      delete:phone_providers read:guardian_factors update:guardian_factors \
                      read:mfa_policies update:mfa_policies read:connections create:connections \
                      update:connections read:connections_options update:connections_options \
                      read:clients read:tenant_settings update:tenant_settings";

fn without(missing: &str) -> BTreeSet<String> {
    SCOPES
        .split_whitespace()
        .filter(|scope| *scope != missing)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn without_the_factors_scope_only_the_factor_stalls() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    rig.tenant
        .set_scopes(Some(without("read:guardian_factors")), true);
    rig.settle().await;
    let reasons = rig.objects.reasons();
    assert_eq!(reasons["MfaPhoneFactor default/phone"], "InsufficientScope");
    let stalled = rig.objects.stalled();
    assert_eq!(stalled.len(), 1, "{stalled:?}");
    let told = &stalled["MfaPhoneFactor default/phone"];
    assert!(told.contains("read:guardian_factors"), "{told}");
    assert_eq!(reasons["PhoneProvider default/twilio"], "Succeeded");
    assert_eq!(reasons["PasswordlessConnection default/sms"], "Succeeded");
    // Granting it is all that is needed.
    rig.tenant.set_scopes(None, true);
    rig.settle().await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
}

#[tokio::test]
async fn a_provider_that_blocks_is_not_disabled_while_nobody_sees_who_needs_it() {
    let before = "  deliveryMethods:";
    let blocks = quickstart().replace(before, &format!("  onBreakingChange: Block\n{before}"));
    // What is seen is let through.
    let named = "  name: twilio\nspec:";
    let seen = "  annotations: {dialtone.dev/acknowledge-breaking: \"mfa, passwordless\"}";
    let off = blocks
        .replace(before, &format!("  enabled: false\n{before}"))
        .replace(named, &format!("{seen}\n{named}"));
    for scope in [
        "read:guardian_factors",
        "read:connections",
        "read:tenant_settings",
    ] {
        let mut rig = Rig::with(&blocks, store_with_applications());
        rig.settle().await;
        rig.tenant.set_scopes(Some(without(scope)), true);
        rig.objects.edit(&off);
        rig.settle().await;
        let told = &rig.objects.stalled()["PhoneProvider default/twilio"];
        assert!(told.contains(scope), "{told}");
        rig.tenant.set_scopes(None, true);
        rig.settle().await;
        let reasons = rig.objects.reasons();
        assert_eq!(reasons["PhoneProvider default/twilio"], "Succeeded");
        assert_eq!(
            reasons["MfaPhoneFactor default/phone"],
            "PhoneProviderDisabled"
        );
    }
}

#[tokio::test]
async fn a_write_without_its_scope_names_it() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    rig.tenant
        .set_scopes(Some(without("create:phone_providers")), true);
    let (result, _) = rig.pass().await;
    let outcome = result.unwrap();
    let (_, failure) = outcome.failures().next().unwrap();
    assert!(
        failure.message.contains("create:phone_providers"),
        "{}",
        failure.message
    );
    assert_eq!(
        rig.objects.reasons()["PhoneProvider default/twilio"],
        "InsufficientScope"
    );
    assert_eq!(
        rig.objects.reasons()["MfaPhoneFactor default/phone"],
        "DependencyNotReady"
    );
}

#[tokio::test]
async fn options_that_are_hidden_are_never_written() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    rig.settle().await;
    let body = json!({"options": {"name": "sms", "unknown_to_us": 1, "totp": {"length": 4}}});
    let store = serde_json::to_value(rig.tenant.store()).unwrap();
    let id = store["connections"]["all"][0]["document"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // Auth0 refuses keys that it does not know, so the stranger is one that it does.
    let body = match body {
        Value::Object(mut map) => {
            map["options"] = json!({"name": "sms", "template": "@@password@@", "totp": {"length": 4, "time_step": 60}});
            Value::Object(map)
        }
        other => other,
    };
    let path = format!("connections/{id}");
    assert_eq!(rig.admin(Method::Patch, &path, body).status, 200);
    rig.tenant
        .set_scopes(Some(without("read:connections_options")), true);
    let before = rig.writes();
    rig.settle().await;
    assert_eq!(
        rig.objects.reasons()["PasswordlessConnection default/sms"],
        "OptionsHidden"
    );
    assert_eq!(rig.writes(), before);
    rig.tenant.set_scopes(None, true);
    rig.settle().await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    let Payload::Json(connection) = rig.admin(Method::Get, &path, Value::Null).body else {
        panic!("a connection");
    };
    assert_eq!(connection["options"]["template"], "@@password@@");
    assert_eq!(
        connection["options"]["totp"],
        json!({"length": 6, "time_step": 180})
    );
}

#[tokio::test]
async fn hidden_options_keep_nothing_else_from_being_written() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    rig.settle().await;
    let hidden = without("read:connections_options");
    rig.tenant.set_scopes(Some(hidden), true);
    let edited = quickstart()
        .replace("length: 6", "length: 8")
        .replace("      - name: android\n", "")
        .replace("messageTypes: [SMS, Voice]", "messageTypes: [SMS]");
    rig.objects.edit(&edited);
    rig.settle().await;
    let store = rig.store();
    let connection = &store["connections"]["all"][0];
    assert_eq!(connection["document"]["options"]["totp"]["length"], 6);
    assert_eq!(connection["clients"].as_array().unwrap().len(), 2);
    assert_eq!(store["guardian"]["message_types"], json!(["sms"]));
    let reasons = rig.objects.reasons();
    assert_eq!(
        reasons["PasswordlessConnection default/sms"],
        "OptionsHidden"
    );
    assert_eq!(reasons["MfaPhoneFactor default/phone"], "Succeeded");
}

#[tokio::test]
async fn what_the_plan_lacks_stalls_its_own_object_alone() {
    // An answer 403 that names no scope is a plan's or a feature's (§0.2).
    let gate = |method: &str, path: &str| Script {
        matching: serde_json::from_value(json!({"method": method, "path": path})).unwrap(),
        at: At::ALWAYS,
        times: None,
        fault: Fault::Status {
            code: 403,
            applied: false,
        },
    };
    let (factor, sms) = (
        "MfaPhoneFactor default/phone",
        "PasswordlessConnection default/sms",
    );
    for (method, path, stalled) in [
        ("GET", "/api/v2/guardian/factors", factor),
        (
            "PUT",
            "/api/v2/guardian/factors/phone/message-types",
            factor,
        ),
        ("POST", "/api/v2/connections", sms),
        (
            "POST",
            "/api/v2/branding/phone/providers",
            "PhoneProvider default/twilio",
        ),
    ] {
        let mut rig = Rig::with(&quickstart(), store_with_applications());
        rig.tenant.add_faults([gate(method, path)]);
        rig.settle().await;
        let told = rig.objects.stalled();
        let names: Vec<&str> = told.keys().map(String::as_str).collect();
        assert_eq!(names, [stalled], "{method} {path}: {told:?}");
        assert_eq!(
            rig.objects.reasons()[stalled],
            "PlanUnsupported",
            "{method} {path}"
        );
    }
}

proptest! {
    #![proptest_config(cases(48))]

    /// Whatever scopes the token lacks: what can be done is done once, what cannot is told once,
    /// and what is not the objects' own stays as it is.
    #[test]
    fn a_token_with_few_scopes_does_what_it_may(
        left in left(), wanted in wanted(),
        missing in subsequence(SCOPES.split_whitespace().collect::<Vec<_>>(), 1..=4),
    ) {
        run(async {
            let mut rig = rig(&left, &wanted, Mode::Manage);
            let granted = SCOPES.split_whitespace().filter(|scope| !missing.contains(scope));
            rig.tenant.set_scopes(Some(granted.map(str::to_owned).collect()), true);
            let before = rig.store();
            rig.settle().await;
            // What was refused may by now be withheld: the provider changes last.
            rig.pass().await.0.unwrap();
            let [before, after] = unowned(&before, &rig.store(), &[&wanted], false);
            prop_assert_eq!(before, after);
            let (reached, objects) = (rig.store(), rig.objects.resources.clone());
            rig.pass().await.0.unwrap();
            // Of a creation that is tried again it is told that it is begun, and then that it is not.
            let changed = rig.objects.changed_since(&objects);
            prop_assert!(changed.is_empty(), "{:#?}", changed);
            prop_assert_eq!(rig.store(), reached);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn no_legacy_endpoint_is_ever_called() {
    let mut rig = Rig::with(&quickstart(), store_with_applications());
    rig.settle().await;
    let legacy = ["selected-provider", "providers/twilio", "/templates"];
    for call in rig.tenant.calls() {
        let guardian = call.path.contains("guardian");
        assert!(
            !guardian || !legacy.iter().any(|part| call.path.contains(part)),
            "{call:?}"
        );
    }
}

#[tokio::test]
async fn of_two_objects_for_one_thing_the_younger_is_never_written() {
    let younger = |kind: &str, spec: &str| {
        format!(
            "---\napiVersion: dialtone.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: younger}}\n\
             spec: {{tenantRef: {{name: acme}}, {spec}}}\n"
        )
    };
    let twilio = "deliveryMethods: [Voice], twilio: {accountSid: AC11111111111111111111111111111111, \
                  from: \"+15550111\", authTokenSecretRef: {name: twilio, key: authToken}}";
    for (kind, spec) in [
        ("PhoneProvider", twilio),
        ("MfaPhoneFactor", "messageTypes: [Voice]"),
        ("PasswordlessConnection", "otp: {length: 12}"),
    ] {
        let mut rig = Rig::with(&quickstart(), store_with_applications());
        rig.settle().await;
        let (picture, before) = (rig.picture(), rig.writes());
        let both = format!("{}{}", quickstart(), younger(kind, spec));
        let name = format!("{kind} default/younger");
        let young = rig.clock.now();
        rig.objects.edit_unchecked(&both, young);
        rig.pass().await.0.unwrap();
        rig.pass().await.0.unwrap();
        assert_eq!(rig.writes(), before, "{kind}");
        assert_eq!(rig.picture(), picture, "{kind}");
        let reasons = rig.objects.reasons();
        assert_eq!(reasons[&name], "Conflict", "{reasons:?}");
        let others = reasons.iter().filter(|(key, _)| **key != name);
        assert!(
            others.map(|(_, reason)| reason).all(|it| it == "Succeeded"),
            "{reasons:?}"
        );
    }
}

#[tokio::test]
async fn an_observed_or_suspended_tenant_is_never_written() {
    for setting in ["managementPolicy: Observe", "suspend: true"] {
        let manifests =
            quickstart().replace("  domain: acme", &format!("  {setting}\n  domain: acme"));
        let mut rig = Rig::with(&manifests, store_with_applications());
        rig.pass().await.0.unwrap();
        rig.pass().await.0.unwrap();
        assert!(
            rig.tenant.calls().iter().all(|call| !call.is_write()),
            "{setting}"
        );
    }
}
