//! What is wrong between objects.

use insta::assert_snapshot;

use super::*;

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
     = note: in a.yaml:28:18 (lines with Secrets and phone numbers are not shown)
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
    let selector = "{from: Selector, selector: {matchLabels: {team: web}}}";
    let open = text.replace(
        "  domain:",
        &format!("  allowedNamespaces: {selector}\n  domain:"),
    );
    assert_eq!(messages(&open), [refused, secret]);
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {team: web}}\n";
    let open = format!("{open}---\n{namespace}");
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
fn a_test_message_that_would_be_sent_again_and_again_is_warned_of() {
    let message = "---\napiVersion: dialtone.dev/v1alpha1\nkind: PhoneTestMessage\nmetadata: {name: first}\n\
                   spec:\n  tenantRef: {name: acme}\n  to: \"+15550123\"\n  deliveryMethod: Text\n";
    assert_eq!(told(&format!("{TENANT}{message}")), "");
    let text = format!("{TENANT}{message}  ttlAfterFinished: 1h\n");
    let told = messages(&text).join("\n");
    assert!(
        told.starts_with("warning spec.ttlAfterFinished: "),
        "{told}"
    );
}
