//! From objects to what they want.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use super::build::{SID, key};
use crate::api::{Adopt, Auth0Tenant, Kind, OnBreakingChange, Reason, Resource};
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desire::{References, desire, key_of, tenant_of};
use crate::phone::desired::{
    ApplicationRef, AuthToken, Desired, DesiredAction, Sender, TwilioFrom,
};
use crate::phone::secret::{FingerprintKey, Secret};

pub(super) fn resource(kind: Kind, name: &str, spec: &Value) -> Resource {
    let object = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": kind.as_str(),
        "metadata": {"name": name, "namespace": "acme", "generation": 3},
        "spec": spec,
    });
    Resource::from_value(kind, object).expect("an object")
}

pub(super) fn tenant(spec: Value) -> Auth0Tenant {
    let mut full = json!({
        "domain": "acme.eu.auth0.com",
        "credentials": {"clientSecret": {
            "clientId": "id",
            "secretRef": {"name": "auth0", "key": "secret"},
        }},
    });
    for (key, value) in super::build::object(spec) {
        full[key] = value;
    }
    match resource(Kind::Auth0Tenant, "acme", &full) {
        Resource::Auth0Tenant(tenant) => *tenant,
        other => panic!("{other:?}"),
    }
}

pub(super) fn provider(name: &str) -> Resource {
    resource(
        Kind::PhoneProvider,
        name,
        &json!({
            "tenantRef": {"name": "acme"},
            "deliveryMethods": ["Text", "Voice"],
            "twilio": {
                "accountSid": SID,
                "from": "+15550100",
                "authTokenSecretRef": {"name": "twilio", "key": "token"},
            },
        }),
    )
}

pub(super) fn change(resource: &mut Resource, change: impl Fn(&mut Value)) {
    let kind = resource.kind();
    let mut value = match &*resource {
        Resource::Auth0Tenant(object) => serde_json::to_value(object),
        Resource::PhoneProvider(object) => serde_json::to_value(object),
        Resource::MfaPhoneFactor(object) => serde_json::to_value(object),
        Resource::PasswordlessConnection(object) => serde_json::to_value(object),
        Resource::PhoneTemplate(object) => serde_json::to_value(object),
        Resource::PhoneIdentifier(object) => serde_json::to_value(object),
        Resource::PhoneTestMessage(object) => serde_json::to_value(object),
    }
    .expect("JSON");
    change(&mut value);
    *resource = Resource::from_value(kind, value).expect("an object");
}

pub(super) fn references() -> References {
    let data = BTreeMap::from([("token".to_owned(), Secret::new("token-1"))]);
    let labels = BTreeMap::from([("team".to_owned(), "phone".to_owned())]);
    References {
        secrets: [(("acme".to_owned(), "twilio".to_owned()), data)].into(),
        namespaces: [("other".to_owned(), labels)].into(),
        ..References::default()
    }
}

fn desired(tenant: &Auth0Tenant, resources: &[Resource]) -> Desired {
    desire(
        tenant,
        resources,
        &references(),
        &FingerprintKey::from_bytes([7; 32]),
    )
}

fn rejected(desired: &Desired) -> Vec<(String, Reason, Option<String>)> {
    desired
        .rejected
        .iter()
        .map(|item| (item.object.name.clone(), item.reason, item.field.clone()))
        .collect()
}

#[test]
fn a_provider_is_read_with_its_secret() {
    let mut object = provider("main");
    change(&mut object, |value| {
        value["spec"]["enabled"] = json!(false);
        value["spec"]["adopt"] = json!("Never");
        value["spec"]["onBreakingChange"] = json!("Block");
        value["metadata"]["annotations"] =
            json!({"dialtone.dev/acknowledge-breaking": " mfa , passwordless/sms/ ,,"});
        value["status"] = json!({
            "observedGeneration": 3,
            "id": "pro_1",
            "credentialsFingerprint": "abc",
            "conditions": [{
                "type": "Ready",
                "status": "True",
                "reason": "Succeeded",
                "message": "",
                "lastTransitionTime": "2026-11-24T00:00:00Z",
            }],
        });
    });
    let made = desired(&tenant(json!({})), &[object]);
    let provider = made.provider.expect("a provider");
    assert!(!provider.enabled);
    assert!(provider.claim.settled && !provider.claim.removing);
    assert_eq!(provider.claim.adopt, Adopt::Never);
    assert_eq!(provider.claim.known_id.as_deref(), Some("pro_1"));
    assert_eq!(provider.delivery_methods, DeliveryMethod::ALL.into());
    assert_eq!(provider.on_breaking_change, OnBreakingChange::Block);
    let acknowledged: Vec<&str> = provider.acknowledged.iter().map(String::as_str).collect();
    assert_eq!(acknowledged, ["mfa", "passwordless/sms"]);
    let Sender::Twilio {
        account_sid,
        from,
        auth_token,
        applied_token,
    } = provider.sender
    else {
        panic!("not Twilio")
    };
    assert_eq!(account_sid, SID);
    assert_eq!(from, TwilioFrom::Number("+15550100".to_owned()));
    assert_eq!(auth_token, AuthToken::Given(super::build::token("token-1")));
    assert_eq!(
        applied_token
            .as_ref()
            .map(super::super::secret::Fingerprint::as_str),
        Some("abc")
    );
    assert_eq!(
        made.objects,
        [
            key(Kind::Auth0Tenant, "acme"),
            key(Kind::PhoneProvider, "main")
        ]
    );
}

#[test]
fn an_object_is_settled_when_this_generation_was_ready() {
    for (generation, ready, reason, settled) in [
        (json!(3), "True", "Succeeded", true),
        (json!(2), "True", "Succeeded", false),
        (json!(3), "False", "Succeeded", false),
        (json!(3), "True", "ObserveOnly", false),
    ] {
        let mut object = provider("main");
        change(&mut object, |value| {
            value["status"] = json!({
                "observedGeneration": generation,
                "conditions": [{
                    "type": "Ready",
                    "status": ready,
                    "reason": reason,
                    "message": "",
                    "lastTransitionTime": "2026-11-24T00:00:00Z",
                }],
            });
        });
        let made = desired(&tenant(json!({})), &[object]);
        assert_eq!(
            made.provider.expect("a provider").claim.settled,
            settled,
            "{generation} {ready} {reason}"
        );
    }
    let mut object = provider("main");
    object.metadata_mut().generation = None;
    assert!(
        !desired(&tenant(json!({})), &[object])
            .provider
            .expect("it")
            .claim
            .settled
    );
}

#[test]
fn a_messaging_service_sends_instead_of_a_number() {
    let mut object = provider("main");
    change(&mut object, |value| {
        let twilio = &mut value["spec"]["twilio"];
        twilio["messagingServiceSid"] = json!("MG1");
        twilio
            .as_object_mut()
            .expect("an object")
            .shift_remove("from");
    });
    let made = desired(&tenant(json!({})), &[object.clone()]);
    let Sender::Twilio { from, .. } = made.provider.expect("a provider").sender else {
        panic!("not Twilio")
    };
    assert_eq!(from, TwilioFrom::MessagingService("MG1".to_owned()));
    change(&mut object, |value| {
        value["spec"]["twilio"]["from"] = json!("+15550100");
    });
    let made = desired(&tenant(json!({})), &[object]);
    let twilio = Some("spec.twilio".to_owned());
    assert_eq!(
        rejected(&made),
        [("main".to_owned(), Reason::InvalidSpec, twilio)]
    );
}

#[test]
fn a_missing_secret_or_key_rejects_the_object_alone() {
    let field = || Some("spec.twilio.authTokenSecretRef".to_owned());
    for (name, key, reason) in [
        ("gone", "token", Reason::SecretNotFound),
        ("twilio", "gone", Reason::SecretKeyMissing),
    ] {
        let mut object = provider("main");
        change(&mut object, |value| {
            value["spec"]["twilio"]["authTokenSecretRef"] = json!({"name": name, "key": key});
        });
        let factor = resource(
            Kind::MfaPhoneFactor,
            "mfa",
            &json!({"tenantRef": {"name": "acme"}}),
        );
        let made = desired(&tenant(json!({})), &[object, factor]);
        assert_eq!(rejected(&made), [("main".to_owned(), reason, field())]);
        assert!(made.provider.is_none() && made.factor.is_some());
        assert_eq!(made.objects.len(), 3);
    }
}

#[test]
fn a_leaving_provider_needs_no_secret() {
    let mut leaving = provider("main");
    change(&mut leaving, |value| {
        value["spec"]["deletionPolicy"] = json!("Delete");
        value["metadata"]["deletionTimestamp"] = json!("2026-11-24T00:00:00Z");
    });
    let made = desire(
        &tenant(json!({})),
        &[leaving],
        &References::default(),
        &FingerprintKey::from_bytes([7; 32]),
    );
    assert_eq!(rejected(&made), []);
    assert!(made.provider.expect("it").claim.removing);
}

/// A provider with this `custom`, and what it wants.
fn custom(custom: &Value) -> Desired {
    let mut object = provider("main");
    change(&mut object, |value| {
        value["spec"]["custom"] = custom.clone();
        value["spec"]
            .as_object_mut()
            .expect("an object")
            .shift_remove("twilio");
    });
    let text = "exports.onExecuteCustomPhoneProvider = async () => {};";
    let mut references = references();
    let place = ("acme".to_owned(), "code".to_owned());
    let data = [("good.js", text), ("bad.js", "const = 1;")];
    let data = data.map(|(key, value)| (key.to_owned(), value.to_owned()));
    references.config_maps.insert(place, data.into());
    let key = FingerprintKey::from_bytes([7; 32]);
    desire(&tenant(json!({})), &[object], &references, &key)
}

#[test]
fn secrets_that_are_kept_elsewhere_are_missed_only_where_none_are() {
    let token = |secret: &str, key: &str| {
        let mut object = provider("main");
        change(&mut object, |value| {
            let reference = json!({"name": secret, "key": key});
            value["spec"]["twilio"]["authTokenSecretRef"] = reference;
        });
        object
    };
    let mut message = json!({"tenantRef": {"name": "acme"}, "deliveryMethod": "Text"});
    message["toSecretRef"] = json!({"name": "absent", "key": "number"});
    let message = resource(Kind::PhoneTestMessage, "first", &message);
    let key = FingerprintKey::from_bytes([7; 32]);
    let mut references = references();
    references.secrets_elsewhere = true;
    let refused = ("acme".to_owned(), "refused".to_owned());
    references.unreadable.insert(refused, "no right".to_owned());
    let tenant = tenant(json!({}));
    let wanted = |object| {
        let made = desire(&tenant, &[object, message.clone()], &references, &key);
        let message = made.messages.first();
        assert!(message.is_some_and(|it| it.to.is_none()), "{message:?}");
        made
    };
    let made = |object| match wanted(object).provider.expect("a provider").sender {
        Sender::Twilio { auth_token, .. } => auth_token,
        other => panic!("not Twilio: {other:?}"),
    };
    assert_eq!(made(token("absent", "token")), AuthToken::Unseen);
    assert_eq!(made(token("twilio", "absent")), AuthToken::Unseen);
    assert!(made(token("twilio", "token")).given().is_some());
    // What was refused is there, and nobody may take it for anything.
    let refused = rejected(&wanted(token("refused", "token")));
    assert_eq!(refused[0].1, Reason::SecretUnreadable);
}

fn action_of(made: Desired) -> DesiredAction {
    match made.provider.expect("a provider").sender {
        Sender::Action(action) => *action,
        other => panic!("no Action: {other:?}"),
    }
}

#[test]
fn a_custom_provider_is_an_action_of_its_own_or_one_by_name() {
    let named = custom(&json!({"actionRef": {"name": "sms"}})).provider;
    assert_eq!(
        named.expect("a provider").sender,
        Sender::ActionNamed("sms".to_owned())
    );
    let secret = json!({"name": "KEY", "valueFrom": {"name": "twilio", "key": "token"}});
    let from = json!({"name": "code", "key": "good.js"});
    let mut wanted = json!({"action": {"name": "sms", "codeFrom": from, "secrets": [secret]}});
    let action = action_of(custom(&wanted));
    assert!(action.code.starts_with("exports."));
    let secrets = action.secrets.expect("secrets");
    assert_eq!(secrets.values.len(), 1);
    assert_eq!((action.runtime, action.dependencies), (None, None));
    // The same value under another name is another set of secrets.
    wanted["action"]["secrets"][0]["name"] = json!("OTHER");
    let renamed = action_of(custom(&wanted)).secrets.expect("secrets");
    assert_ne!(renamed.fingerprint, secrets.fingerprint);
}

#[test]
fn an_action_that_cannot_be_made_is_told_with_its_field() {
    let from = |name: &str, key: &str| json!({"codeFrom": {"name": name, "key": key}});
    let secret = json!({"name": "KEY", "valueFrom": {"name": "none", "key": "none"}});
    let good = json!({"name": "code", "key": "good.js"});
    let rows = [
        (from("none", "x"), Reason::ConfigMapNotFound, "codeFrom"),
        (from("code", "x"), Reason::ConfigMapKeyMissing, "codeFrom"),
        (
            from("code", "bad.js"),
            Reason::ActionCodeInvalid,
            "codeFrom",
        ),
        (json!({"code": "x"}), Reason::ActionCodeInvalid, "code"),
        (json!({}), Reason::InvalidSpec, ""),
        (
            json!({"codeFrom": good, "secrets": [secret]}),
            Reason::SecretNotFound,
            "secrets[0].valueFrom",
        ),
    ];
    for (mut action, reason, field) in rows {
        action["name"] = json!("sms");
        let made = custom(&json!({"action": action}));
        let path = format!("spec.custom.action.{field}");
        let path = path.trim_end_matches('.').to_owned();
        assert_eq!(rejected(&made), [("main".to_owned(), reason, Some(path))]);
    }
    let made = custom(&json!({}));
    assert_eq!(rejected(&made)[0].1, Reason::InvalidSpec);
    let made = custom(&json!({"action": {"name": "sms", "code": "\nlet x = ;"}}));
    assert_eq!(
        made.rejected[0].message,
        "line 2, column 9 of the code: Unexpected token"
    );
}

#[test]
fn the_older_of_two_claims_wins() {
    let at = |seconds| Some(Time(jiff::Timestamp::from_second(seconds).expect("a time")));
    let mut old = provider("z-old");
    old.metadata_mut().creation_timestamp = at(1);
    let mut young = provider("a-young");
    young.metadata_mut().creation_timestamp = at(2);
    let unborn = provider("a-unborn");
    let made = desired(&tenant(json!({})), &[unborn, young, old]);
    assert_eq!(
        made.provider.as_ref().expect("a provider").claim.owner.name,
        "z-old"
    );
    let names: Vec<String> = rejected(&made).into_iter().map(|item| item.0).collect();
    assert_eq!(names, ["a-young", "a-unborn"]);
    assert_eq!(made.rejected[0].reason, Reason::Conflict);
    assert_eq!(
        made.rejected[0].message,
        "PhoneProvider acme/z-old comes first, by age and then by name, and manages the same thing: delete one of them"
    );
    // Without times the name decides, so that the verdict does not depend on the order of reading.
    let made = desired(&tenant(json!({})), &[provider("b"), provider("a")]);
    assert_eq!(made.provider.expect("a provider").claim.owner.name, "a");
}

#[test]
fn factors_and_connections_are_claimed_once_too() {
    let factor = |name| {
        resource(
            Kind::MfaPhoneFactor,
            name,
            &json!({"tenantRef": {"name": "acme"}}),
        )
    };
    let connection = |name, connection: &str| {
        let spec = json!({"tenantRef": {"name": "acme"}, "name": connection});
        resource(Kind::PasswordlessConnection, name, &spec)
    };
    let made = desired(
        &tenant(json!({})),
        &[
            factor("a"),
            factor("b"),
            connection("a", "sms"),
            connection("b", "sms"),
            connection("c", "other"),
        ],
    );
    let conflicts: Vec<(Kind, String)> = made
        .rejected
        .iter()
        .map(|item| (item.object.kind, item.object.name.clone()))
        .collect();
    assert_eq!(
        conflicts,
        [
            (Kind::MfaPhoneFactor, "b".to_owned()),
            (Kind::PasswordlessConnection, "b".to_owned()),
        ]
    );
    let names: Vec<&str> = made
        .connections
        .iter()
        .map(|item| item.name.as_str())
        .collect();
    assert_eq!(names, ["sms", "other"]);
}

#[test]
fn an_orphaned_object_takes_no_part_and_a_deleting_one_removes() {
    let gone = |policy: &str| {
        let mut object = provider("main");
        change(&mut object, |value| {
            value["spec"]["deletionPolicy"] = json!(policy);
        });
        object.metadata_mut().deletion_timestamp = Some(Time(jiff::Timestamp::UNIX_EPOCH));
        object
    };
    let orphan = desired(&tenant(json!({})), &[gone("Orphan")]);
    assert!(orphan.provider.is_none() && orphan.rejected.is_empty());
    assert_eq!(orphan.objects, [key(Kind::Auth0Tenant, "acme")]);
    let delete = desired(&tenant(json!({})), &[gone("Delete")]);
    assert!(delete.provider.expect("a provider").claim.removing);
    let mut others = Vec::new();
    for (kind, spec) in [
        (
            Kind::MfaPhoneFactor,
            json!({"tenantRef": {"name": "acme"}, "deletionPolicy": "Delete"}),
        ),
        (
            Kind::PasswordlessConnection,
            json!({"tenantRef": {"name": "acme"}, "deletionPolicy": "Delete"}),
        ),
    ] {
        let mut object = resource(kind, "main", &spec);
        object.metadata_mut().deletion_timestamp = Some(Time(jiff::Timestamp::UNIX_EPOCH));
        others.push(object);
    }
    let made = desired(&tenant(json!({})), &others);
    assert!(made.factor.expect("a factor").claim.removing);
    assert!(made.connections[0].claim.removing);
}

#[test]
fn other_namespaces_are_let_in_by_the_tenant_alone() {
    let mut object = provider("main");
    change(&mut object, |value| {
        value["metadata"]["namespace"] = json!("other");
        value["spec"]["tenantRef"]["namespace"] = json!("acme");
        value["spec"]["twilio"]["authTokenSecretRef"] = json!({"name": "twilio", "key": "token"});
    });
    let selector = |selector: Value| json!({"from": "Selector", "selector": selector});
    let expression = |key: &str, operator: &str, values: &[&str]| {
        let mut requirement = json!({"key": key, "operator": operator});
        if !values.is_empty() {
            requirement["values"] = json!(values);
        }
        selector(json!({"matchExpressions": [requirement]}))
    };
    let cases = [
        (Value::Null, false),
        (json!({"from": "Same"}), false),
        (json!({"from": "All"}), true),
        (selector(json!({"matchLabels": {"team": "phone"}})), true),
        (selector(json!({"matchLabels": {"team": "web"}})), false),
        (
            selector(json!({"matchLabels": {"team": "phone", "more": "x"}})),
            false,
        ),
        (selector(json!({})), true),
        (expression("team", "In", &["web", "phone"]), true),
        (expression("team", "In", &["web"]), false),
        (expression("gone", "In", &["web"]), false),
        (expression("team", "NotIn", &["web"]), true),
        (expression("team", "NotIn", &["phone"]), false),
        (expression("gone", "NotIn", &["phone"]), true),
        (expression("team", "Exists", &[]), true),
        (expression("gone", "Exists", &[]), false),
        (expression("team", "DoesNotExist", &[]), false),
        (expression("gone", "DoesNotExist", &[]), true),
        (expression("team", "Near", &["phone"]), false),
    ];
    for (allowed, expected) in cases {
        let spec = if allowed.is_null() {
            json!({})
        } else {
            json!({"allowedNamespaces": allowed})
        };
        let mut object = object.clone();
        let made = desired(&tenant(spec.clone()), std::slice::from_ref(&object));
        let refused = made
            .rejected
            .iter()
            .any(|item| item.reason == Reason::NamespaceNotAllowed);
        assert_eq!(!refused, expected, "{spec}");
        assert_eq!(made.objects.len(), 2);
        // The tenant's own namespace needs no permission.
        change(&mut object, |value| {
            value["metadata"]["namespace"] = json!("acme");
        });
        assert!(desired(&tenant(spec), &[object]).provider.is_some());
    }
    let unknown = {
        let mut object = object.clone();
        change(&mut object, |value| {
            value["metadata"]["namespace"] = json!("unlabelled");
        });
        object
    };
    let spec = json!({"allowedNamespaces": selector(json!({}))});
    let made = desired(&tenant(spec), &[unknown]);
    assert_eq!(rejected(&made)[0].2.as_deref(), Some("spec.tenantRef"));
}

#[test]
fn objects_of_another_tenant_are_not_ours() {
    let mut object = provider("main");
    change(&mut object, |value| {
        value["spec"]["tenantRef"]["name"] = json!("another");
    });
    assert_eq!(tenant_of(&object), key(Kind::Auth0Tenant, "another"));
    let made = desired(&tenant(json!({})), &[object]);
    assert!(made.provider.is_none() && made.objects.len() == 1);
    let tenant = Resource::Auth0Tenant(Box::new(tenant(json!({}))));
    assert_eq!(tenant_of(&tenant), key_of(&tenant));
    let mut nameless = provider("main");
    nameless.metadata_mut().namespace = None;
    assert_eq!(key_of(&nameless).namespace, "default");
}

#[test]
fn a_factor_is_read() {
    let spec = json!({
        "tenantRef": {"name": "acme"},
        "enabled": false,
        "messageTypes": ["SMS", "Voice"],
        "policies": ["AllApplications"],
    });
    let made = desired(
        &tenant(json!({})),
        &[resource(Kind::MfaPhoneFactor, "mfa", &spec)],
    );
    let factor = made.factor.expect("a factor");
    assert!(!factor.enabled);
    assert_eq!(factor.message_types, Some(MessageType::ALL.into()));
    assert_eq!(factor.policies, Some(vec!["all-applications".to_owned()]));
    let spec = json!({"tenantRef": {"name": "acme"}, "policies": ["ConfidenceScore"]});
    let made = desired(
        &tenant(json!({})),
        &[resource(Kind::MfaPhoneFactor, "mfa", &spec)],
    );
    let factor = made.factor.expect("a factor");
    assert!(factor.enabled && factor.message_types.is_none());
    assert_eq!(factor.policies, Some(vec!["confidence-score".to_owned()]));
}

#[test]
fn a_connection_is_read_option_by_option() {
    let spec = json!({
        "tenantRef": {"name": "acme"},
        "displayName": "Text me",
        "signup": "Disabled",
        "bruteForceProtection": false,
        "usePhoneProvider": true,
        "otp": {"length": 8, "expiry": "3m"},
        "adopt": "Require",
        "applications": {"mode": "Exclusive", "refs": [{"name": "web"}, {"clientId": "abc"}]},
    });
    let mut object = resource(Kind::PasswordlessConnection, "sms", &spec);
    change(&mut object, |value| {
        value["status"] = json!({"id": "con_1", "applications": ["abc"]});
    });
    let made = desired(&tenant(json!({})), &[object]);
    let connection = &made.connections[0];
    assert_eq!(connection.name, "sms");
    assert_eq!(connection.display_name.as_deref(), Some("Text me"));
    assert_eq!(connection.claim.adopt, Adopt::Require);
    assert_eq!(connection.claim.known_id.as_deref(), Some("con_1"));
    let options: BTreeMap<String, Value> = connection
        .options
        .iter()
        .map(|(path, value)| (path.join("."), value.clone()))
        .collect();
    assert_eq!(
        json!(options),
        json!({
            "brute_force_protection": false,
            "disable_signup": true,
            "totp.length": 8,
            "totp.time_step": 180,
            "use_phone_provider": true,
        })
    );
    let applications = connection.applications.as_ref().expect("applications");
    assert!(applications.exclusive);
    assert_eq!(
        applications.refs,
        [
            ApplicationRef::Name("web".into()),
            ApplicationRef::ClientId("abc".into())
        ]
    );
    assert_eq!(applications.enabled_before, ["abc".to_owned()].into());
}

#[test]
fn signup_can_be_allowed_and_lists_can_be_additive() {
    let spec = json!({
        "tenantRef": {"name": "acme"},
        "signup": "Allowed",
        "applications": {"refs": []},
    });
    let made = desired(
        &tenant(json!({})),
        &[resource(Kind::PasswordlessConnection, "sms", &spec)],
    );
    let connection = &made.connections[0];
    assert_eq!(connection.options[&vec!["disable_signup"]], json!(false));
    assert!(
        !connection
            .applications
            .as_ref()
            .expect("applications")
            .exclusive
    );
}

#[test]
fn what_a_connection_cannot_mean_is_told_with_its_field() {
    let rejection = |more: Value| {
        let mut spec = json!({"tenantRef": {"name": "acme"}});
        for (key, value) in super::build::object(more) {
            spec[key] = value;
        }
        let object = resource(Kind::PasswordlessConnection, "sms", &spec);
        desired(&tenant(json!({})), &[object])
            .rejected
            .first()
            .cloned()
    };
    for (expiry, good) in [
        ("60s", true),
        ("59s", false),
        ("1m1ms", false),
        ("1m", true),
        ("soon", false),
    ] {
        let found = rejection(json!({"otp": {"expiry": expiry}}));
        assert_eq!(found.is_none(), good, "{expiry}");
        if let Some(found) = found {
            assert_eq!(found.field.as_deref(), Some("spec.otp.expiry"));
            assert_eq!(found.reason, Reason::InvalidSpec);
        }
    }
    let found = rejection(json!({"applications": {"refs": [{"name": "a"}, {}]}}));
    let found = found.expect("a rejection");
    assert_eq!(found.field.as_deref(), Some("spec.applications.refs[1]"));
    let both = json!({"applications": {"refs": [{"name": "a", "clientId": "b"}]}});
    assert!(rejection(both).is_some());
}

#[test]
fn a_secret_is_found_by_namespace_name_and_key() {
    let references = references();
    let reference = |name: &str, key: &str| crate::api::SecretKeyRef {
        name: name.to_owned(),
        key: key.to_owned(),
    };
    let found = references.secret("acme", &reference("twilio", "token"));
    assert_eq!(found.map(Secret::expose).ok(), Some("token-1"));
    let missing = references
        .secret("other", &reference("twilio", "token"))
        .expect_err("none");
    assert_eq!(
        missing,
        (
            Reason::SecretNotFound,
            "there is no Secret other/twilio".to_owned()
        )
    );
    let missing = references
        .secret("acme", &reference("twilio", "x"))
        .expect_err("none");
    assert_eq!(
        missing,
        (
            Reason::SecretKeyMissing,
            "Secret acme/twilio has no key x".to_owned()
        )
    );
}
