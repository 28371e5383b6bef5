//! What people read when a manifest is wrong. Each text is kept beside, in `snapshots`.

use insta::assert_snapshot;

use crate::{PROVIDER, TENANT, told, told_of};

fn provider(from: &str, to: &str) -> String {
    assert!(PROVIDER.contains(from), "{from}");
    told(&PROVIDER.replace(from, to))
}

#[test]
fn a_number_without_quotes_is_shown_with_its_quotes() {
    assert_snapshot!(provider("\"+15550100\"", "+15550100"));
}

#[test]
fn a_word_that_yaml_takes_for_false_is_shown_with_its_quotes() {
    assert_snapshot!(provider("name: acme", "name: no"));
}

#[test]
fn quotes_that_should_not_be_there_are_told() {
    assert_snapshot!(provider("  tenantRef", "  enabled: \"true\"\n  tenantRef"));
}

#[test]
fn one_item_in_place_of_a_list_is_shown_as_a_list() {
    assert_snapshot!(provider("[Text, Voice]", "Text"));
}

#[test]
fn a_misspelt_field_is_told_at_its_key() {
    assert_snapshot!(provider("accountSid", "acountSid"));
}

#[test]
fn an_unknown_field_is_told_with_the_fields_there_are() {
    assert_snapshot!(provider("key: authToken", "entry: authToken"));
}

#[test]
fn a_missing_field_is_told_at_what_it_is_missing_from() {
    let account = "    accountSid: AC00000000000000000000000000000000\n";
    assert_snapshot!(provider(account, ""));
}

#[test]
fn a_word_that_is_not_among_those_allowed_is_told_with_what_is_meant() {
    assert_snapshot!(provider("Voice", "voice"));
}

#[test]
fn a_value_of_the_wrong_form_is_told_with_the_form() {
    assert_snapshot!(provider("AC0000", "SK0000"));
}

#[test]
fn a_rule_of_the_definition_is_told_at_the_object_it_is_about() {
    assert_snapshot!(provider(
        "    from",
        "    messagingServiceSid: MG00000000000000000000000000000000\n    from"
    ));
}

#[test]
fn every_mistake_is_told_in_the_order_of_the_file() {
    assert_snapshot!(told(
        "apiVersion: dialtone.dev/v1alpha1
kind: PhoneProvider
metadata:
  name: Twilio
  label: {a: b}
  labels: {a: 1}
spec:
  tenantRef: acme
  enabled: maybe
  deliveryMethods: [Text, Text]
  twilio: [1]
  shout: true
"
    ));
}

#[test]
fn an_unknown_kind_is_told_with_the_kind_that_is_meant() {
    assert_snapshot!(provider("PhoneProvider", "PhoneProviders"));
}

#[test]
fn another_version_of_the_group_is_told_with_the_one_there_is() {
    assert_snapshot!(provider("v1alpha1", "v1"));
}

#[test]
fn another_group_is_told_with_the_right_one() {
    assert_snapshot!(provider("dialtone.dev", "dialtone.io"));
}

#[test]
fn something_that_is_no_object_is_told() {
    assert_snapshot!(told("services:\n  web: {image: nginx}\n"));
}

#[test]
fn a_tab_is_told_and_the_other_documents_are_checked() {
    let tab = PROVIDER.replace("  deliveryMethods", "\tdeliveryMethods");
    let other = PROVIDER
        .replace("name: twilio", "name: other")
        .replace("Voice", "Vioce");
    assert_snapshot!(told_of(&[TENANT, &tab, &other]));
}

#[test]
fn quotes_that_are_not_closed_are_told() {
    assert_snapshot!(provider("\"+15550100\"", "\"+15550100"));
}

#[test]
fn brackets_that_are_not_closed_are_told() {
    assert_snapshot!(provider("[Text, Voice]", "[Text, Voice"));
}

#[test]
fn a_line_that_is_indented_wrongly_is_told() {
    assert_snapshot!(provider("    from", "   from"));
}

#[test]
fn a_missing_colon_is_told() {
    assert_snapshot!(provider("deliveryMethods:", "deliveryMethods"));
}

#[test]
fn a_key_that_is_there_twice_is_told() {
    assert_snapshot!(provider(
        "  deliveryMethods",
        "  tenantRef: {name: other}\n  deliveryMethods"
    ));
}

#[test]
fn two_objects_without_a_line_between_them_are_told() {
    assert_snapshot!(told_of(&[&format!("{PROVIDER}{PROVIDER}")]));
}

#[test]
fn a_secret_is_never_shown() {
    assert_snapshot!(told(
        "apiVersion: v1
kind: Secret
metadata: {name: other}
data: {authToken: PLANTED-3}
---
kind: Secret
stringData: {authToken: \"PLANTED-4}
---
kind: Secret
stringData: {authToken: PLANTED-5}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {authToken: PLANTED-6}
"
    ));
}

#[test]
fn a_line_that_holds_a_secret_and_something_else_is_not_shown() {
    assert_snapshot!(told_of(&[
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\
         {\"apiVersion\": \"dialtone.dev/v1alpha1\", \"kind\": \"PhoneProvider\"}, \
         {\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \
         \"stringData\": {\"a\": \"PLANTED\"}}]}\n"
    ]));
}

#[test]
fn a_reference_that_is_misspelt_is_told_with_what_is_meant() {
    let text = PROVIDER
        .replace("{name: acme}", "{name: acne}")
        .replace("name: keys", "name: key");
    assert_snapshot!(told(&text));
}

#[test]
fn a_key_that_a_secret_does_not_have_is_told_with_those_it_has() {
    assert_snapshot!(provider("key: authToken", "key: token"));
}

#[test]
fn a_reference_to_another_namespace_is_told_with_what_to_write() {
    assert_snapshot!(provider("name: twilio}", "name: twilio, namespace: team}"));
}

#[test]
fn a_namespace_that_a_tenant_does_not_let_in_is_told() {
    let text = PROVIDER
        .replace("name: twilio}", "name: twilio, namespace: team}")
        .replace("{name: acme}", "{name: acme, namespace: default}");
    assert_snapshot!(told(&text));
}

#[test]
fn a_secret_value_that_nobody_meant_is_told() {
    let placeholder = TENANT.replace("PLANTED-1", "\"##CLIENT_SECRET##\"");
    let line_break = placeholder.replace("PLANTED-2", "\"PLANTED-2\\n\"");
    assert_snapshot!(told_of(&[&line_break, PROVIDER]));
}

#[test]
fn a_field_that_holds_a_placeholder_is_told() {
    let tenant = TENANT.replace("clientId: c", "clientId: \"${CLIENT_ID}\"");
    assert_snapshot!(told_of(&[&tenant]));
}

#[test]
fn an_object_that_is_there_twice_is_told_with_the_first_place() {
    assert_snapshot!(told_of(&[TENANT, PROVIDER, PROVIDER]));
}

#[test]
fn two_objects_for_one_thing_are_told() {
    assert_snapshot!(told_of(&[
        TENANT,
        PROVIDER,
        &PROVIDER.replace("name: twilio", "name: two")
    ]));
}

#[test]
fn two_tenants_for_one_domain_are_told() {
    let other = TENANT.split("---\n").next().unwrap();
    assert_snapshot!(told(&other.replace("name: acme", "name: again")));
}

#[test]
fn settings_that_the_provider_cannot_serve_are_told() {
    let voice = PROVIDER.replace("[Text, Voice]", "[Voice]");
    let factor = "apiVersion: dialtone.dev/v1alpha1
kind: MfaPhoneFactor
metadata: {name: phone}
spec: {tenantRef: {name: acme}, messageTypes: [Voice, SMS]}
";
    let connection = "apiVersion: dialtone.dev/v1alpha1
kind: PasswordlessConnection
metadata: {name: text}
spec: {tenantRef: {name: acme}, name: text}
";
    assert_snapshot!(told_of(&[TENANT, &voice, factor, connection]));
}
