//! What people are told about the words of templates.

use insta::assert_snapshot;

use crate::{PROVIDER, TENANT, told, told_of};

const TEMPLATE: &str = "\
apiVersion: dialtone.dev/v1alpha1
kind: PhoneTemplate
metadata: {name: code}
spec:
  tenantRef: {name: acme}
  type: OtpVerify
  text: \"{{ code }} is your code.\"
";

fn template(from: &str, to: &str) -> String {
    assert!(TEMPLATE.contains(from), "{from}");
    TEMPLATE.replace(from, to)
}

#[test]
fn liquid_is_no_placeholder() {
    assert_eq!(told(TEMPLATE), "");
}

#[test]
fn words_that_are_not_there_are_told() {
    let text = "  text: \"{{ code }} is your code.\"";
    let from = template(text, "  textFrom: {name: words, key: code}");
    assert_snapshot!(told(&from));
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words}\ndata: {other: x}\n";
    assert_snapshot!(told_of(&[TENANT, map, &from]));
}

#[test]
fn a_sender_that_a_messaging_service_overrides_is_told() {
    let service = PROVIDER.replace(
        "from: \"+15550100\"",
        "messagingServiceSid: MG00000000000000000000000000000000",
    );
    let sender = template("  type", "  from: \"+15550101\"\n  type");
    assert_eq!(told_of(&[TENANT, PROVIDER, &sender]), "");
    assert_snapshot!(told_of(&[TENANT, &service, &sender]));
}

#[test]
fn words_that_are_not_liquid_are_told_where_they_stand() {
    let block = template(
        "text: \"{{ code }} is your code.\"",
        "text: |\n    {{ code }} is your code\n    for {{ friendly_name.",
    );
    assert_snapshot!(told(&block));
    let from = template(
        "text: \"{{ code }} is your code.\"",
        "voiceFrom: {name: words, key: code}",
    );
    let map = "apiVersion: v1
kind: ConfigMap
metadata: {name: words}
data:
  code: |
    Hello.
    {% if code %} Your code is {{ code }}
";
    assert_snapshot!(told_of(&[TENANT, map, &from]));
}

#[test]
fn words_that_are_probably_not_meant_are_told_and_may_be_used() {
    let odd = template(
        "{{ code }} is your code.",
        "{{ code }} (@@code@@) is {{ cde }} your code.",
    );
    assert_snapshot!(told(&odd));
}
