//! The rules of the definitions, evaluated as the API server and the command line do: each with an
//! object that it accepts and one that it refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use dialtone::api::{
    Auth0Tenant, Kind, MfaPhoneFactor, PasswordlessConnection, PhoneIdentifier, PhoneProvider,
    PhoneTemplate, PhoneTestMessage,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const ACCOUNT: &str = "AC00000000000000000000000000000000";
const SERVICE: &str = "MG00000000000000000000000000000000";

fn object<T: DeserializeOwned>(kind: &str, spec: &Value) -> T {
    serde_json::from_value(json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": "it", "namespace": "default"},
        "spec": spec,
    }))
    .unwrap()
}

/// `base` with the fields of `changes`; a null removes a field.
fn with(base: &Value, changes: &Value) -> Value {
    let mut value = base.clone();
    for (name, change) in changes.as_object().unwrap() {
        if change.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = change.clone();
        }
    }
    value
}

/// What the rules refuse: the path and the message of each.
macro_rules! refusals {
    ($kind:ident, $spec:expr) => {
        listed(object::<$kind>(stringify!($kind), &$spec).validate_cel())
    };
    ($kind:ident, $old:expr => $new:expr) => {{
        let old = object::<$kind>(stringify!($kind), &$old);
        listed(object::<$kind>(stringify!($kind), &$new).validate_cel_update(&old))
    }};
}

fn listed(verdict: Result<(), kube::core::cel::ValidationErrors>) -> Vec<String> {
    let errors = verdict
        .err()
        .map_or_else(Vec::new, kube::core::cel::ValidationErrors::into_vec);
    errors
        .into_iter()
        .map(|error| format!("{}: {}", error.field_path, error.message))
        .collect()
}

const NOTHING: [&str; 0] = [];

fn tenant() -> Value {
    let secret = json!({"name": "auth0", "key": "secret"});
    json!({
        "domain": "acme.eu.auth0.com",
        "credentials": {"clientSecret": {"clientId": "abc", "secretRef": secret}},
    })
}

fn provider() -> Value {
    let secret = json!({"name": "twilio", "key": "token"});
    json!({
        "tenantRef": {"name": "acme"},
        "deliveryMethods": ["Text"],
        "twilio": {"accountSid": ACCOUNT, "from": "+15550100", "authTokenSecretRef": secret},
    })
}

fn custom(custom: &Value) -> Value {
    with(&provider(), &json!({"twilio": null, "custom": custom}))
}

#[test]
fn a_tenant_has_exactly_one_way_to_sign_in() {
    assert_eq!(refusals!(Auth0Tenant, tenant()), NOTHING);
    let key = json!({"clientId": "abc", "secretRef": {"name": "auth0", "key": "key"}});
    let secret = tenant()["credentials"]["clientSecret"].clone();
    let one = json!({"credentials": {"privateKeyJwt": key}});
    assert_eq!(refusals!(Auth0Tenant, with(&tenant(), &one)), NOTHING);
    let refused = ["spec.credentials: give exactly one of clientSecret and privateKeyJwt"];
    let both = json!({"credentials": {"privateKeyJwt": key, "clientSecret": secret}});
    assert_eq!(refusals!(Auth0Tenant, with(&tenant(), &both)), refused);
    let none = json!({"credentials": {}});
    assert_eq!(refusals!(Auth0Tenant, with(&tenant(), &none)), refused);
}

#[test]
fn a_tenant_is_not_asked_more_often_than_every_ten_seconds() {
    for interval in ["10s", "1h30m", "10000ms"] {
        let spec = with(&tenant(), &json!({"interval": interval}));
        assert_eq!(refusals!(Auth0Tenant, spec), NOTHING, "{interval}");
    }
    let spec = with(
        &tenant(),
        &json!({"interval": "9s", "retryInterval": "0s", "timeout": "10ms"}),
    );
    assert_eq!(
        refusals!(Auth0Tenant, spec),
        [
            "spec.interval: interval must be at least 10s",
            "spec.retryInterval: retryInterval must be at least 1s",
            "spec.timeout: timeout must be at least 1s",
        ]
    );
}

#[test]
fn a_selector_of_namespaces_goes_with_from_selector_only() {
    let selector = json!({"matchLabels": {"team": "web"}});
    let good = json!({"allowedNamespaces": {"from": "Selector", "selector": selector}});
    assert_eq!(refusals!(Auth0Tenant, with(&tenant(), &good)), NOTHING);
    let all = json!({"allowedNamespaces": {"from": "All"}});
    assert_eq!(refusals!(Auth0Tenant, with(&tenant(), &all)), NOTHING);
    let extra = json!({"allowedNamespaces": {"from": "All", "selector": selector}});
    assert_eq!(
        refusals!(Auth0Tenant, with(&tenant(), &extra)),
        ["spec.allowedNamespaces: selector is only read where from is Selector"]
    );
    let missing = json!({"allowedNamespaces": {"from": "Selector"}});
    assert_eq!(
        refusals!(Auth0Tenant, with(&tenant(), &missing)),
        ["spec.allowedNamespaces: from: Selector needs a selector"]
    );
}

#[test]
fn a_provider_is_either_twilio_or_custom() {
    assert_eq!(refusals!(PhoneProvider, provider()), NOTHING);
    let reference = json!({"actionRef": {"name": "phone"}});
    assert_eq!(refusals!(PhoneProvider, custom(&reference)), NOTHING);
    let both = with(&provider(), &json!({"custom": reference}));
    let none = with(&provider(), &json!({"twilio": null}));
    for spec in [both, none] {
        assert_eq!(
            refusals!(PhoneProvider, spec),
            ["spec: give exactly one of twilio and custom"]
        );
    }
}

#[test]
fn twilio_has_either_a_number_or_a_messaging_service() {
    let service = with(
        &provider()["twilio"],
        &json!({"from": null, "messagingServiceSid": SERVICE}),
    );
    let spec = with(&provider(), &json!({"twilio": service}));
    assert_eq!(refusals!(PhoneProvider, spec), NOTHING);
    let both = with(
        &provider()["twilio"],
        &json!({"messagingServiceSid": SERVICE}),
    );
    let none = with(&provider()["twilio"], &json!({"from": null}));
    for twilio in [both, none] {
        let spec = with(&provider(), &json!({"twilio": twilio}));
        assert_eq!(
            refusals!(PhoneProvider, spec),
            ["spec.twilio: give exactly one of from and messagingServiceSid"]
        );
    }
}

#[test]
fn a_custom_provider_has_either_an_action_or_a_reference_to_one() {
    let action = json!({"name": "phone", "code": "//"});
    assert_eq!(
        refusals!(PhoneProvider, custom(&json!({"action": action}))),
        NOTHING
    );
    let both = json!({"action": action, "actionRef": {"name": "phone"}});
    for value in [both, json!({})] {
        assert_eq!(
            refusals!(PhoneProvider, custom(&value)),
            ["spec.custom: give exactly one of action and actionRef"]
        );
    }
}

#[test]
fn an_action_has_its_code_from_one_place() {
    let place = json!({"name": "code", "key": "phone.js"});
    let good = json!({"action": {"name": "phone", "codeFrom": place}});
    assert_eq!(refusals!(PhoneProvider, custom(&good)), NOTHING);
    let both = json!({"action": {"name": "phone", "code": "//", "codeFrom": place}});
    for value in [both, json!({"action": {"name": "phone"}})] {
        assert_eq!(
            refusals!(PhoneProvider, custom(&value)),
            ["spec.custom.action: give exactly one of code and codeFrom"]
        );
    }
}

#[test]
fn an_object_stays_with_its_tenant() {
    let moved = json!({"tenantRef": {"name": "other"}});
    let changed = json!({"enabled": false});
    let refused =
        ["spec.tenantRef: tenantRef cannot be changed: delete the object and create it anew"];
    let old = provider();
    assert_eq!(
        refusals!(PhoneProvider, old => with(&old, &changed)),
        NOTHING
    );
    assert_eq!(refusals!(PhoneProvider, old => with(&old, &moved)), refused);
    let old = json!({"tenantRef": {"name": "acme"}});
    assert_eq!(
        refusals!(MfaPhoneFactor, old => with(&old, &changed)),
        NOTHING
    );
    assert_eq!(
        refusals!(MfaPhoneFactor, old => with(&old, &moved)),
        refused
    );
    let changed = json!({"signup": "Disabled"});
    assert_eq!(
        refusals!(PasswordlessConnection, old => with(&old, &changed)),
        NOTHING
    );
    assert_eq!(
        refusals!(PasswordlessConnection, old => with(&old, &moved)),
        refused
    );
}

#[test]
fn a_connection_keeps_its_name() {
    let old = json!({"tenantRef": {"name": "acme"}});
    let same = with(&old, &json!({"name": "sms"}));
    assert_eq!(refusals!(PasswordlessConnection, old => same), NOTHING);
    let renamed = with(&old, &json!({"name": "other"}));
    assert_eq!(
        refusals!(PasswordlessConnection, old => renamed),
        ["spec.name: name cannot be changed: delete the object and create it anew"]
    );
}

#[test]
fn a_code_is_good_for_a_minute_at_least() {
    let base = json!({"tenantRef": {"name": "acme"}});
    for expiry in ["60s", "3m", "1h30m"] {
        let spec = with(&base, &json!({"otp": {"expiry": expiry}}));
        assert_eq!(refusals!(PasswordlessConnection, spec), NOTHING, "{expiry}");
    }
    let spec = with(&base, &json!({"otp": {"expiry": "59s"}}));
    assert_eq!(
        refusals!(PasswordlessConnection, spec),
        ["spec.otp.expiry: expiry must be at least 60s"]
    );
    let spec = with(&base, &json!({"otp": {"length": 6}}));
    assert_eq!(refusals!(PasswordlessConnection, spec), NOTHING);
}

#[test]
fn an_application_is_named_in_one_way() {
    let refs = |refs: Value| json!({"tenantRef": {"name": "acme"}, "applications": {"refs": refs}});
    let good = refs(json!([{"name": "Shop"}, {"clientId": "abc"}]));
    assert_eq!(refusals!(PasswordlessConnection, good), NOTHING);
    for bad in [json!([{"name": "Shop", "clientId": "abc"}]), json!([{}])] {
        assert_eq!(
            refusals!(PasswordlessConnection, refs(bad)),
            ["spec.applications.refs: give exactly one of name and clientId for each application"]
        );
    }
}

#[test]
fn words_of_a_template_stand_in_one_place() {
    let base = json!({"tenantRef": {"name": "acme"}, "type": "OtpVerify"});
    let place = json!({"name": "words", "key": "code"});
    for (inline, elsewhere) in [("text", "textFrom"), ("voice", "voiceFrom")] {
        for spec in [
            with(&base, &json!({inline: "{{ code }}"})),
            with(&base, &json!({elsewhere: place})),
        ] {
            assert_eq!(refusals!(PhoneTemplate, spec), NOTHING);
        }
        let both = with(&base, &json!({inline: "{{ code }}", elsewhere: place}));
        let refused = format!("spec: give at most one of {inline} and {elsewhere}");
        assert_eq!(refusals!(PhoneTemplate, both), [refused]);
    }
}

#[test]
fn a_template_keeps_its_tenant_and_its_type() {
    let old = json!({"tenantRef": {"name": "acme"}, "type": "OtpVerify"});
    let changed = with(&old, &json!({"text": "{{ code }}"}));
    assert_eq!(refusals!(PhoneTemplate, old => changed), NOTHING);
    let moved = with(&old, &json!({"type": "OtpEnroll"}));
    assert_eq!(
        refusals!(PhoneTemplate, old => moved),
        ["spec.type: type cannot be changed: delete the object and create it anew"]
    );
    let moved = with(&old, &json!({"tenantRef": {"name": "other"}}));
    assert_eq!(
        refusals!(PhoneTemplate, old => moved),
        ["spec.tenantRef: tenantRef cannot be changed: delete the object and create it anew"]
    );
}

#[test]
fn who_must_have_a_number_gives_it_when_signing_up() {
    let base = json!({"tenantRef": {"name": "acme"}, "connection": "users"});
    for (required, signup) in [
        (
            json!(true),
            json!({"status": "Required", "verification": true}),
        ),
        (json!(true), json!({"verification": true})),
        (json!(true), Value::Null),
        (json!(false), json!({"status": "Inactive"})),
        (Value::Null, json!({"status": "Optional"})),
    ] {
        let spec = with(
            &base,
            &json!({"profileRequired": required, "signup": signup}),
        );
        assert_eq!(refusals!(PhoneIdentifier, spec), NOTHING, "{spec}");
    }
    for status in ["Optional", "Inactive"] {
        let spec = with(
            &base,
            &json!({"profileRequired": true, "signup": {"status": status}}),
        );
        assert_eq!(
            refusals!(PhoneIdentifier, spec),
            [
                "spec.profileRequired: profileRequired needs signup.status Required: who must have a \
              phone number gives it when signing up"
            ]
        );
    }
}

#[test]
fn an_identifier_keeps_its_tenant_and_its_connection() {
    let old = json!({"tenantRef": {"name": "acme"}, "connection": "users"});
    let changed = with(&old, &json!({"identifier": false}));
    assert_eq!(refusals!(PhoneIdentifier, old => changed), NOTHING);
    let moved = with(&old, &json!({"connection": "others"}));
    assert_eq!(
        refusals!(PhoneIdentifier, old => moved),
        ["spec.connection: connection cannot be changed: delete the object and create it anew"]
    );
    let moved = with(&old, &json!({"tenantRef": {"name": "other"}}));
    assert_eq!(
        refusals!(PhoneIdentifier, old => moved),
        ["spec.tenantRef: tenantRef cannot be changed: delete the object and create it anew"]
    );
}

/// The first manifest of a kind's page, without the Secret that may follow it.
fn example(kind: Kind) -> Value {
    let page = format!("docs/api/{}.md", kind.as_str().to_lowercase());
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let start = page.find("```yaml\n").unwrap() + "```yaml\n".len();
    let end = page[start..].find("```").unwrap();
    let first = page[start..start + end].split("---\n").next().unwrap();
    serde_saphyr::from_str(first).unwrap()
}

#[test]
fn the_example_of_each_page_is_valid() {
    for kind in Kind::ALL {
        let example = example(kind);
        assert_eq!(example["kind"], kind.as_str());
        assert_eq!(example["apiVersion"], dialtone::api::API_VERSION);
        let crd = serde_json::to_value(kind.crd()).unwrap();
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let problems: Vec<_> = jsonschema::validator_for(schema)
            .unwrap()
            .iter_errors(&example)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(problems, NOTHING);
        let spec = &example["spec"];
        let refused = match kind {
            Kind::Auth0Tenant => refusals!(Auth0Tenant, *spec),
            Kind::PhoneProvider => refusals!(PhoneProvider, *spec),
            Kind::MfaPhoneFactor => refusals!(MfaPhoneFactor, *spec),
            Kind::PasswordlessConnection => refusals!(PasswordlessConnection, *spec),
            Kind::PhoneTemplate => refusals!(PhoneTemplate, *spec),
            Kind::PhoneIdentifier => refusals!(PhoneIdentifier, *spec),
            Kind::PhoneTestMessage => refusals!(PhoneTestMessage, *spec),
        };
        assert_eq!(refused, NOTHING);
    }
}
