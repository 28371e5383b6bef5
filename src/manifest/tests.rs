//! Manifests as people write them, and what they are told.

use std::fmt::Write as _;

use insta::assert_snapshot;
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
fn a_number_without_quotes_is_shown_with_quotes() {
    let text = format!("{TENANT}{PROVIDER}").replace("\"+15550100\"", "+15550100");
    assert_snapshot!(told(&text), @r#"
    error: spec.twilio.from: must be text, not a number
      --> a.yaml:24:11
       |
    24 |     from: +15550100
       |           ^^^^^^^^^
       |
       = help: YAML reads +15550100 as something else than text: write from: "+15550100"
    "#);
}

#[test]
fn a_word_that_yaml_takes_for_a_boolean_is_shown_with_quotes() {
    let text = format!("{TENANT}{PROVIDER}")
        .replace("{name: twilio}", "{name: twilio, labels: {sms: on}}");
    assert_snapshot!(told(&text), @r#"
    error: metadata.labels.sms: must be text, not true or false
      --> a.yaml:18:40
       |
    18 | metadata: {name: twilio, labels: {sms: on}}
       |                                        ^^
       |
       = help: YAML reads on as something else than text: write sms: "on"
    "#);
}

#[test]
fn all_mistakes_of_an_object_are_told() {
    let text = format!("{TENANT}{PROVIDER}")
        .replace(
            "deliveryMethods: [Text]",
            "deliverymethods: [Text]\n  enabled: 7",
        )
        .replace("AC0000", "XX");
    assert_snapshot!(told(&text), @r#"
    error: spec: "deliveryMethods" is missing
      --> a.yaml:19:1
       |
    19 | spec:
       | ^^^^

    error: spec.deliverymethods: there is no such field
      --> a.yaml:21:3
       |
    21 |   deliverymethods: [Text]
       |   ^^^^^^^^^^^^^^^
       |
       = help: did you mean "deliveryMethods"?

    error: spec.enabled: must be true or false, not a number
      --> a.yaml:22:12
       |
    22 |   enabled: 7
       |            ^

    error: spec.twilio.accountSid: "XX0000000000000000000000000000" does not have the right form
      --> a.yaml:24:17
       |
    24 |     accountSid: XX0000000000000000000000000000
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: a Twilio account SID is AC and 32 hexadecimal digits

    error: spec.twilio.accountSid: must have at least 34 characters, and has 30
      --> a.yaml:24:17
       |
    24 |     accountSid: XX0000000000000000000000000000
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_rule_of_the_definition_is_told_at_its_field() {
    let text = format!("{TENANT}{PROVIDER}").replace(
        "    from:",
        "    messagingServiceSid: MG00000000000000000000000000000000\n    from:",
    );
    assert_snapshot!(told(&text), @r#"
    error: spec.twilio: give exactly one of from and messagingServiceSid
      --> a.yaml:22:3
       |
    22 |   twilio:
       |   ^^^^^^
    "#);
}

#[test]
fn a_broken_document_is_told_and_the_others_are_checked() {
    let text = format!(
        "{TENANT}---\na: [1\nb: 2\n---\n{}",
        factor("f", ", enabld: true")
    );
    assert_snapshot!(told(&text), @r#"
    error: illegal placement of ':' indicator
      --> a.yaml:18:2
       |
    18 | b: 2
       |  ^

    error: spec.enabld: there is no such field
      --> a.yaml:23:33
       |
    23 | spec: {tenantRef: {name: acme}, enabld: true}
       |                                 ^^^^^^
       |
       = help: did you mean "enabled"?
    "#);
}

#[test]
fn lines_of_a_secret_are_never_shown() {
    let broken = "apiVersion: v1\nkind: Secret\nstringData:\n  token: hunter2: x\n";
    let bad = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {token: \"hunter2!\", other: [hunter2]}\n";
    let nameless = "{apiVersion: v1, kind: Secret, stringData: {token: hunter2}}\n";
    let kindless = "{metadata: {name: s}, stringData: {token: hunter2}}\n";
    let list = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {token: hunter2}}, {apiVersion: dialtone.dev/v1alpha1, kind: Fone}]}\n";
    for text in [broken, bad, nameless, kindless, list] {
        let (manifests, found) = read_text("a.yaml", text, &Options::default());
        assert!(!found.is_empty(), "{text}");
        let all = format!("{}{:#}{manifests:?}", render(&found, true), to_json(&found));
        assert!(
            !render(&found, false).contains("hunter2"),
            "{}",
            render(&found, false)
        );
        assert!(!to_json(&found).to_string().contains("hunter2"), "{all}");
    }
    assert_snapshot!(told(bad), @r#"
    error: data.token: is not base64: write it under stringData instead
     |
     = note: in a.yaml:4:15 (the lines of a Secret are not shown)

    error: data.other: must be text: put it in quotes
     |
     = note: in a.yaml:4:34 (the lines of a Secret are not shown)
    "#);
}

#[test]
fn the_second_of_two_objects_of_one_name_is_told_with_the_first() {
    let text = format!("{TENANT}{TENANT}");
    assert_snapshot!(told(&text), @r#"
    error: Auth0Tenant default/acme is there twice
      --> a.yaml:18:18
       |
    18 | metadata: {name: acme}
       |                  ^^^^
       |
       = help: the first is at a.yaml:3:18

    error: Secret default/auth0 is there twice
     |
     = note: in a.yaml:28:18 (the lines of a Secret are not shown)
     = help: the first is at a.yaml:13:18
    "#);
}

#[test]
fn references_are_told_with_what_is_meant() {
    let text = format!("{TENANT}{PROVIDER}")
        .replace(
            "authTokenSecretRef: {name: auth0, key: clientSecret}",
            "authTokenSecretRef: {name: auth0, key: clientSecrte}",
        )
        .replace("tenantRef: {name: acme}", "tenantRef: {name: amce}")
        .replace("secretRef: {name: auth0,", "secretRef: {name: auth1,");
    assert_snapshot!(told(&text), @r#"
    error: spec.credentials.clientSecret.secretRef: there is no Secret default/auth1
     --> a.yaml:9:7
      |
    9 |       secretRef: {name: auth1, key: clientSecret}
      |       ^^^^^^^^^
      |
      = help: did you mean "auth0"?

    error: spec.tenantRef.name: there is no Auth0Tenant default/amce
      --> a.yaml:20:21
       |
    20 |   tenantRef: {name: amce}
       |                     ^^^^
       |
       = help: did you mean "acme"?

    error: spec.twilio.authTokenSecretRef: Secret default/auth0 has no key clientSecrte
      --> a.yaml:25:5
       |
    25 |     authTokenSecretRef: {name: auth0, key: clientSecrte}
       |     ^^^^^^^^^^^^^^^^^^
       |
       = help: did you mean "clientSecret"?
    "#);
}

#[test]
fn a_tenant_with_mistakes_is_not_called_missing() {
    let text = format!("{TENANT}{PROVIDER}").replace("domain: acme", "domane: acme");
    assert_eq!(
        messages(&text),
        [
            "error spec: \"domain\" is missing",
            "error spec.domane: there is no such field"
        ]
    );
}

#[test]
fn a_tenant_lets_other_namespaces_in_only_if_it_says_so() {
    let other = PROVIDER
        .replace("{name: twilio}", "{name: twilio, namespace: web}")
        .replace(
            "tenantRef: {name: acme}",
            "tenantRef: {name: acme, namespace: default}",
        );
    let text = format!("{TENANT}{other}");
    let secret = "error spec.twilio.authTokenSecretRef: there is no Secret web/auth0";
    let refused = "error spec.tenantRef: Auth0Tenant default/acme does not let objects of namespace web in: extend its allowedNamespaces";
    assert_eq!(messages(&text), [refused, secret]);
    let open = text.replace("  domain:", "  allowedNamespaces: {from: All}\n  domain:");
    assert_eq!(messages(&open), [secret]);
}

#[test]
fn settings_that_do_not_fit_together_are_warnings() {
    let connection = "---\napiVersion: dialtone.dev/v1alpha1\nkind: PasswordlessConnection\nmetadata: {name: c}\nspec: {tenantRef: {name: acme}, name: text, displayName: \"${NAME}\"}\n";
    let text = format!(
        "{TENANT}{PROVIDER}---\n{}{connection}",
        factor("f", ", messageTypes: [SMS, Voice]")
    );
    assert_snapshot!(told(&text), @r#"
    warning: spec.messageTypes[1]: MFA by voice call needs delivery method Voice, which the PhoneProvider lacks
      --> a.yaml:30:53
       |
    30 | spec: {tenantRef: {name: acme}, messageTypes: [SMS, Voice]}
       |                                                     ^^^^^

    warning: spec.name: Universal Login and the dashboard only know a connection named "sms"
      --> a.yaml:35:39
       |
    35 | spec: {tenantRef: {name: acme}, name: text, displayName: "${NAME}"}
       |                                       ^^^^

    warning: spec.displayName: looks like a placeholder
      --> a.yaml:35:58
       |
    35 | spec: {tenantRef: {name: acme}, name: text, displayName: "${NAME}"}
       |                                                          ^^^^^^^^^
       |
       = help: nothing has put a value in the place of this
    "#);
}

#[test]
fn a_placeholder_in_a_secret_that_is_needed_is_an_error() {
    for value in ["\"##SECRET##\"", "\"${SECRET}\"", "changeme", "\"\""] {
        let text = TENANT.replace("example-secret", value);
        assert_eq!(
            messages(&text),
            [
                "error spec.credentials.clientSecret.secretRef: key clientSecret of Secret default/auth0 holds a placeholder or nothing"
            ]
        );
    }
    assert_eq!(messages(TENANT), [""; 0]);
}

#[test]
fn two_factors_of_one_tenant_are_an_error() {
    let text = format!("{TENANT}{}---\n{}", factor("f", ""), factor("g", ""));
    let told = messages(&text).join("\n");
    assert!(told.contains("MfaPhoneFactor default/f"), "{told}");
    assert!(told.starts_with("error metadata.name: "), "{told}");
}

#[test]
fn metadata_is_checked_as_well() {
    let text = factor("Phone", "").replace(
        "{name: Phone}",
        "{name: Phone, namespace: 5, annotations: {a: 1}, lables: {}}",
    );
    assert_snapshot!(told(&format!("{TENANT}{text}")), @r#"
    error: metadata.name: "Phone" does not have the right form
      --> a.yaml:18:18
       |
    18 | metadata: {name: Phone, namespace: 5, annotations: {a: 1}, lables: {}}
       |                  ^^^^^
       |
       = help: a name is lower-case letters, digits, - and .

    error: metadata.namespace: must be text, not a number
      --> a.yaml:18:36
       |
    18 | metadata: {name: Phone, namespace: 5, annotations: {a: 1}, lables: {}}
       |                                    ^
       |
       = help: YAML reads 5 as something else than text: write namespace: "5"

    error: metadata.annotations.a: must be text, not a number
      --> a.yaml:18:56
       |
    18 | metadata: {name: Phone, namespace: 5, annotations: {a: 1}, lables: {}}
       |                                                        ^
       |
       = help: YAML reads 1 as something else than text: write a: "1"

    error: metadata.lables: there is no such field
      --> a.yaml:18:60
       |
    18 | metadata: {name: Phone, namespace: 5, annotations: {a: 1}, lables: {}}
       |                                                            ^^^^^^
       |
       = help: did you mean "labels"?
    "#);
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
