//! What is wrong with one object, drawn as people see it.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_number_without_quotes_is_shown_with_quotes() {
    let text = format!("{TENANT}{PROVIDER}").replace("\"+15550100\"", "+15550100");
    assert_snapshot!(told(&text), @r#"
    error: spec.twilio.from: must be text, not a number
     |
     = note: in a.yaml:24:11 (lines with Secrets and phone numbers are not shown)
     = help: YAML reads this as a number: put it in quotes, as in "+15550100"
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
       = help: YAML reads this as true or false: put it in quotes, as in "on"
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
        "{TENANT}---\nkind: [1\nb: 2\n---\n{}",
        factor("f", ", enabld: true")
    );
    assert_snapshot!(told(&text), @r#"
    error: this is not YAML: illegal placement of ':' indicator
      --> a.yaml:18:2
       |
    18 | b: 2
       |  ^
       |
       = help: is a [ or { before it not closed, or a comma missing?

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
     = note: in a.yaml:4:15 (lines with Secrets and phone numbers are not shown)

    error: data.other: must be text: put it in quotes
     |
     = note: in a.yaml:4:34 (lines with Secrets and phone numbers are not shown)
    "#);
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
       = help: YAML reads this as a number: put it in quotes, as in "5"

    error: metadata.annotations.a: must be text, not a number
      --> a.yaml:18:56
       |
    18 | metadata: {name: Phone, namespace: 5, annotations: {a: 1}, lables: {}}
       |                                                        ^
       |
       = help: YAML reads this as a number: put it in quotes, as in "1"

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
fn what_people_write_first_is_answered_with_what_to_write() {
    let connection = "---\napiVersion: dialtone.dev/v1alpha1\nkind: PasswordlessConnection\n\
                      metadata: {name: sms}\nspec: {tenantRef: {name: acme}, otp: {expiry: 3m}}\n";
    let whole = format!("{TENANT}{PROVIDER}{connection}");
    for (there, written, answer) in [
        (
            "domain: acme.eu.auth0.com",
            "domain: https://acme.eu.auth0.com",
            "write the host name alone, such as acme.eu.auth0.com",
        ),
        (
            "tenantRef: {name: acme}",
            "tenantRef: acme",
            "write {name: acme}",
        ),
        (
            "expiry: 3m",
            "expiry: 180",
            "write a length of time with its unit",
        ),
        (
            "authTokenSecretRef",
            "authToken",
            "did you mean \"authTokenSecretRef\"?",
        ),
        (
            "name: auth0, key: clientSecret}\n---",
            "name: auth0, key: token}\n---",
            "it has clientSecret",
        ),
    ] {
        assert!(whole.contains(there), "{there}");
        let told = told(&whole.replacen(there, written, 1));
        assert!(
            told.contains(&format!("help: {answer}")),
            "{written}: {told}"
        );
    }
}
