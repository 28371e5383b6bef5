//! Phone identifiers: what of a connection is written, what is left, and what is refused.

mod life_cycle;

use serde_json::{Value, json};

use super::build::*;
use crate::api::{Kind, Reason, Resource};
use crate::phone::action::Change;
use crate::phone::desire::{References, desire};
use crate::phone::desired::{Desired, DesiredIdentifier};
use crate::phone::observed::{Observed, Reading};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::{Policy, Withheld};
use crate::phone::secret::FingerprintKey;

fn wanting(identifier: &DesiredIdentifier) -> Desired {
    Desired {
        identifiers: vec![identifier.clone()],
        ..nothing_desired()
    }
}

fn made(identifier: &DesiredIdentifier, observed: &Observed) -> Plan {
    plan(&wanting(identifier), observed, &Policy::default())
}

/// A tenant with a provider, and this database connection.
fn tenant(options: Value) -> Observed {
    Observed {
        provider: Reading::Read(Some(provider(&["text", "voice"]))),
        connections: Reading::Read(vec![database(options)]),
        ..empty_tenant()
    }
}

fn email() -> Value {
    json!({"identifier": {"active": true}, "unique": false, "profile_required": true})
}

/// The options that the only step writes.
fn written(plan: &Plan) -> Value {
    assert_eq!(plan.steps.len(), 1, "{plan:#?}");
    let Change::UpdateConnection { patch, .. } = &plan.steps[0].action.change else {
        panic!("{plan:#?}");
    };
    Value::Object(patch.options.clone().unwrap())
}

fn fields(plan: &Plan) -> Vec<String> {
    let fields = plan.steps[0].action.fields.iter();
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    fields
        .map(|field| {
            format!(
                "{}: {} → {}",
                field.path,
                shown(&field.from),
                shown(&field.to)
            )
        })
        .collect()
}

fn findings(plan: &Plan) -> Vec<(Reason, bool)> {
    let all = plan.findings.iter();
    all.map(|item| (item.reason, item.blocking)).collect()
}

#[test]
fn the_attribute_is_added_and_every_other_key_is_sent_back_as_it_was() {
    let before = json!({
        "unknown": {"b": 1, "a": [null, 2.5]},
        "customScripts": {"login": "function () {}"},
        "attributes": {"email": email()},
        "passwordPolicy": "good",
    });
    let planned = made(&desired_identifier(), &tenant(before.clone()));
    let mut expected = before;
    expected["attributes"]["phone_number"] = json!({"identifier": {"active": true}});
    // Not only equal: in the same order too, byte for byte.
    assert_eq!(written(&planned).to_string(), expected.to_string());
    assert_eq!(
        fields(&planned),
        ["options.attributes.phone_number.identifier.active: - → true"]
    );
}

#[test]
fn attributes_begin_with_what_identified_people_before() {
    let legacy = json!({
        "requires_username": true,
        "validation": {"username": {"min": 3, "max": 20}},
        "mfa": {"active": true},
    });
    let planned = made(&desired_identifier(), &tenant(legacy));
    let required = json!({
        "identifier": {"active": true}, "profile_required": true, "signup": {"status": "required"},
    });
    let mut username = required.clone();
    username["validation"] = json!({"min_length": 3, "max_length": 20});
    assert_eq!(
        written(&planned),
        json!({"mfa": {"active": true}, "attributes": {
            "email": required,
            "username": username,
            "phone_number": {"identifier": {"active": true}},
        }})
    );
    let shown = fields(&planned);
    let vanishing = [
        "options.requires_username: true → -",
        "options.validation: {",
    ];
    for field in vanishing {
        assert!(shown.iter().any(|it| it.starts_with(field)), "{shown:#?}");
    }
    assert!(
        shown
            .iter()
            .any(|it| it.starts_with("options.attributes.email: - → {"))
    );
    // Without user names there are none afterwards, and a harmless key stays.
    let planned = made(
        &desired_identifier(),
        &tenant(json!({"requires_username": false})),
    );
    let options = written(&planned);
    assert_eq!(options["requires_username"], false);
    assert!(options["attributes"].get("username").is_none());
}

#[test]
fn the_older_names_of_password_rules_vanish_beside_the_newer_and_are_shown() {
    let both = json!({
        "attributes": {"email": email()},
        "password_options": {"complexity": {"min_length": 8}},
        "passwordPolicy": "good",
        "password_history": {"enable": true},
    });
    let planned = made(&desired_identifier(), &tenant(both));
    let options = written(&planned);
    assert!(options.get("passwordPolicy").is_none());
    assert!(options.get("password_options").is_some());
    let shown = fields(&planned);
    assert!(shown.contains(&"options.passwordPolicy: good → -".to_owned()));
    assert!(
        shown
            .iter()
            .any(|it| it.starts_with("options.password_history: "))
    );
}

#[test]
fn options_that_cannot_be_written_back_are_left_alone() {
    let refused = |observed: &Observed| {
        let planned = made(&desired_identifier(), observed);
        assert!(planned.is_empty(), "{planned:#?}");
        findings(&planned)
    };
    let mut hidden = tenant(json!({}));
    let mut connection = database(json!({}));
    connection.options = None;
    hidden.connections = Reading::Read(vec![connection]);
    assert_eq!(refused(&hidden), [(Reason::OptionsHidden, true)]);
    let masked = tenant(json!({"attributes": {"email": email()}, "secret": "*****"}));
    assert_eq!(refused(&masked), [(Reason::OptionsHidden, true)]);
    let encrypted = tenant(json!({"configuration": {"URL": "2.0$1234"}}));
    assert_eq!(refused(&encrypted), [(Reason::OptionsEncrypted, true)]);
    let nowhere = Observed {
        connections: Reading::Read(vec![sms_connection()]),
        ..full_tenant()
    };
    assert_eq!(refused(&nowhere), [(Reason::ConnectionNotFound, true)]);
    // Nothing is encrypted in an empty object.
    let empty = tenant(json!({"configuration": {}, "attributes": {"email": email()}}));
    assert_eq!(made(&desired_identifier(), &empty).steps.len(), 1);
}

#[test]
fn what_auth0_would_refuse_is_told_before_it_is_sent() {
    let mut wanted = desired_identifier();
    wanted.options.insert(ACTIVE.to_vec(), json!(false));
    let alone = json!({"attributes": {"phone_number": {"identifier": {"active": true}}}});
    let planned = made(&wanted, &tenant(alone));
    assert!(planned.is_empty());
    assert_eq!(findings(&planned), [(Reason::InvalidSpec, true)]);
    // The other half of the contradiction is in the tenant.
    let mut wanted = desired_identifier();
    let status = vec!["attributes", "phone_number", "signup", "status"];
    wanted.options.insert(status, json!("optional"));
    let required = json!({"attributes": {"email": email(), "phone_number": {
        "identifier": {"active": true},
        "profile_required": true,
        "signup": {"status": "required"},
    }}});
    let planned = made(&wanted, &tenant(required));
    assert_eq!(findings(&planned), [(Reason::InvalidSpec, true)]);
}

#[test]
fn nobody_is_identified_by_a_number_that_gets_no_code() {
    let mut wanted = desired_identifier();
    let options = json!({"attributes": {"email": email()}});
    let withheld = |wanted: &DesiredIdentifier, observed: &Observed| {
        let planned = made(wanted, observed);
        planned.steps[0].withheld.as_ref().map(Withheld::reason)
    };
    let mut observed = tenant(options);
    assert_eq!(withheld(&wanted, &observed), None);
    observed.provider = Reading::Read(Some(provider(&["voice"])));
    assert_eq!(
        withheld(&wanted, &observed),
        Some(Reason::DeliveryMethodMissing)
    );
    observed.provider = Reading::Read(None);
    assert_eq!(
        withheld(&wanted, &observed),
        Some(Reason::PhoneProviderMissing)
    );
    // The flag is not asked for: identifiers use the provider in every tenant.
    observed.provider = Reading::Read(Some(provider(&["text"])));
    observed.unified = Reading::Read(false);
    assert_eq!(withheld(&wanted, &observed), None);
    // To let go needs nobody.
    observed.provider = Reading::Read(None);
    observed.connections = Reading::Read(vec![database(json!({"attributes": {
        "email": email(), "phone_number": {"identifier": {"active": true}},
    }}))]);
    wanted.options.insert(ACTIVE.to_vec(), json!(false));
    assert_eq!(withheld(&wanted, &observed), None);
}

fn object(name: &str, spec: &Value) -> Resource {
    let mut spec = spec.clone();
    spec["tenantRef"] = json!({"name": "acme"});
    spec["connection"] = json!("users");
    let document = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PhoneIdentifier",
        "metadata": {"name": name, "namespace": "acme"},
        "spec": spec,
    });
    Resource::from_value(Kind::PhoneIdentifier, document).unwrap()
}

fn desired_of(objects: &[Resource]) -> Desired {
    let tenant = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "Auth0Tenant",
        "metadata": {"name": "acme", "namespace": "acme"},
        "spec": {"domain": "acme.eu.auth0.com", "credentials": {}},
    });
    let tenant = serde_json::from_value(tenant).unwrap();
    let key = FingerprintKey::from_bytes([7; 32]);
    desire(&tenant, objects, &References::default(), &key)
}

#[test]
fn only_what_an_object_says_is_owned() {
    let least = desired_of(&[object("a", &json!({}))]);
    let owned = &least.identifiers[0].options;
    assert_eq!(*owned, [(ACTIVE.to_vec(), json!(true))].into());
    assert!(least.identifiers[0].uses_phone());
    let all = desired_of(&[object(
        "a",
        &json!({
            "identifier": false,
            "defaultMethod": "PhoneOtp",
            "phoneOtp": true,
            "profileRequired": true,
            "signup": {"status": "Required", "verification": true},
        }),
    )]);
    let owned: Vec<(String, String)> = all.identifiers[0]
        .options
        .iter()
        .map(|(path, value)| (path.join("."), value.to_string()))
        .collect();
    let expected = [
        ("attributes.phone_number.identifier.active", "false"),
        (
            "attributes.phone_number.identifier.default_method",
            "\"phone_otp\"",
        ),
        ("attributes.phone_number.profile_required", "true"),
        ("attributes.phone_number.signup.status", "\"required\""),
        ("attributes.phone_number.signup.verification.active", "true"),
        ("authentication_methods.phone_otp.enabled", "true"),
    ];
    assert_eq!(
        owned,
        expected.map(|(path, value)| (path.to_owned(), value.to_owned()))
    );
    assert!(all.identifiers[0].uses_phone());
}

#[test]
fn a_connection_has_one_identifier() {
    let both = desired_of(&[object("a", &json!({})), object("b", &json!({}))]);
    assert_eq!(both.identifiers.len(), 1);
    assert_eq!(both.rejected[0].reason, Reason::Conflict);
    let scope = both.scope();
    assert!(scope.connections && scope.provider && !scope.unified && !scope.templates);
}
