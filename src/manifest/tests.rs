//! Manifests as people write them, and what they are told.

mod mistakes;
mod references;

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::api::Resource;

const TENANT: &str = "\
apiVersion: dialtone.dev/v1alpha1
kind: Auth0Tenant
metadata: {name: acme}
spec:
  domain: acme.eu.auth0.com
  credentials:
    clientSecret:
      clientId: abc
      secretRef: {name: auth0, key: clientSecret}
---
apiVersion: v1
kind: Secret
metadata: {name: auth0}
stringData: {clientSecret: example-secret}
---
";

const PROVIDER: &str = "\
apiVersion: dialtone.dev/v1alpha1
kind: PhoneProvider
metadata: {name: twilio}
spec:
  tenantRef: {name: acme}
  deliveryMethods: [Text]
  twilio:
    accountSid: AC00000000000000000000000000000000
    from: \"+15550100\"
    authTokenSecretRef: {name: auth0, key: clientSecret}
";

fn factor(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: dialtone.dev/v1alpha1\nkind: MfaPhoneFactor\nmetadata: {{name: {name}}}\nspec: {{tenantRef: {{name: acme}}{spec}}}\n"
    )
}

/// What is told of a text, as people read it.
fn told(text: &str) -> String {
    render(&read_text("a.yaml", text, &Options::default()).1, false)
}

/// The messages alone, with severity and field.
fn messages(text: &str) -> Vec<String> {
    let (_, found) = read_text("a.yaml", text, &Options::default());
    let message = |one: Diagnostic| {
        let field = one
            .field
            .map(|field| format!("{field}: "))
            .unwrap_or_default();
        format!("{} {field}{}", one.severity.as_str(), one.message)
    };
    found.into_iter().map(message).collect()
}

#[test]
fn a_list_is_its_items_and_other_kinds_are_left_alone() {
    let item = factor("f", "").replace('\n', "\n    ");
    let text = format!(
        "apiVersion: v1\nkind: List\nitems:\n  - {item}\n  - {{apiVersion: apps/v1, kind: Deployment}}\n"
    );
    let (manifests, found) = read_text("a.yaml", &text, &Options::default());
    assert_eq!(manifests.objects.len(), 1);
    let ignored: Vec<&str> = manifests
        .ignored
        .iter()
        .map(|one| one.kind.as_str())
        .collect();
    assert_eq!(ignored, ["Deployment"]);
    let json = to_json(&found);
    assert_eq!(json[0]["line"], 7);
    assert_eq!(json[0]["message"], "there is no Auth0Tenant default/acme");
}

#[test]
fn defaults_are_filled_in_and_null_is_nothing() {
    let (manifests, _) = read_text(
        "a.yaml",
        &factor("f", ", messageTypes: null"),
        &Options::default(),
    );
    let Resource::MfaPhoneFactor(factor) = &manifests.objects[0].resource else {
        panic!("a factor");
    };
    assert!(factor.spec.enabled);
    assert_eq!(factor.spec.message_types, None);
    assert_eq!(factor.metadata.namespace.as_deref(), Some("default"));
}

#[test]
fn every_pattern_of_the_definitions_can_be_checked() {
    for kind in Kind::ALL {
        let schema = serde_json::to_value(kind.crd()).unwrap();
        let mut left = vec![&schema];
        while let Some(value) = left.pop() {
            left.extend(value.as_array().into_iter().flatten());
            left.extend(value.as_object().into_iter().flat_map(|map| map.values()));
            if let Some(pattern) = value.get("pattern").and_then(serde_json::Value::as_str) {
                assert!(regex::Regex::new(pattern).is_ok(), "{kind}: {pattern}");
            }
        }
    }
}

#[test]
fn a_thousand_manifests_are_read_in_one_go() {
    let mut text = TENANT.to_owned();
    for number in 0..1000 {
        let _ = write!(
            text,
            "---\napiVersion: dialtone.dev/v1alpha1\nkind: PasswordlessConnection\nmetadata: {{name: c{number}}}\nspec: {{tenantRef: {{name: acme}}, name: c{number}, otp: {{length: 6, expiry: 3m}}}}\n"
        );
    }
    let (manifests, found) = read_text("a.yaml", &text, &Options::default());
    assert_eq!(manifests.objects.len(), 1001);
    assert!(found.iter().all(|one| one.severity == Severity::Warning));
}

/// Manifests with something changed somewhere.
fn mangled() -> impl Strategy<Value = String> {
    let whole = format!(
        "{TENANT}{PROVIDER}---\n{}",
        factor("f", ", messageTypes: [SMS]")
    );
    let length = whole.len();
    (0..length, 0..20_usize, "[ -~\n\t&*\\[\\]{}:é€\u{1b}]{0,8}").prop_map(
        move |(at, cut, text)| {
            let end = (at + cut).min(length);
            format!("{}{text}{}", &whole[..at], &whole[end..])
        },
    )
}

proptest! {
    // Each case compiles the definitions anew.
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_read_is_told_at_places_inside_the_file(text in prop_oneof![any::<String>(), mangled()]) {
        let (_, found) = read_text("a.yaml", &text, &Options::default());
        let lines: Vec<&str> = text.split('\n').collect();
        for one in to_json(&found).as_array().into_iter().flatten() {
            if let Some(line) = one["line"].as_u64() {
                let line = lines.get(usize::try_from(line).unwrap() - 1);
                let length = line.map(|line| line.chars().count());
                let column = usize::try_from(one["column"].as_u64().unwrap()).unwrap();
                prop_assert!(length.is_some_and(|length| column <= length + 1), "{one} in {text:?}");
            }
        }
        let _ = render(&found, true);
    }
}
