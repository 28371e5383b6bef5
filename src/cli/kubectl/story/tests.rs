use std::sync::Arc;

use insta::assert_snapshot;

use super::*;
use crate::api::Kind;

const NOW: &str = "2026-01-02T04:00:00Z";

/// An object of the tenant `default/acme` in its namespace.
fn object(kind: Kind, name: &str, change: impl FnOnce(&mut Value)) -> Resource {
    let spec = match kind {
        Kind::Auth0Tenant => json!({"domain": "acme.eu.auth0.com", "credentials": {}}),
        Kind::PhoneProvider => json!({"deliveryMethods": ["Text", "Voice"]}),
        Kind::PhoneTestMessage => json!({"to": "+15550123"}),
        _ => json!({}),
    };
    let mut object = json!({
        "metadata": {"name": name, "namespace": "default", "generation": 2},
        "spec": spec,
        "status": {"observedGeneration": 2, "conditions": [condition_of("Ready", "True", "Succeeded", "up to date")]},
    });
    if kind != Kind::Auth0Tenant {
        object["spec"]["tenantRef"] = json!({"name": "acme"});
    }
    change(&mut object);
    Resource::from_value(kind, object).unwrap()
}

fn condition_of(type_: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({
        "type": type_, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-02T03:04:05Z", "observedGeneration": 2,
    })
}

fn tenant() -> Resource {
    object(Kind::Auth0Tenant, "acme", |object| {
        object["status"]["unifiedPhoneExperience"] = json!(true);
    })
}

fn provider(change: impl FnOnce(&mut Value)) -> Resource {
    object(Kind::PhoneProvider, "twilio", |object| {
        object["status"]["id"] = json!("pro_1");
        object["status"]["dependents"] = json!([
            {"id": "mfa/sms", "kind": "MfaPhoneFactor", "description": "MFA by SMS", "deliveryMethod": "Text"},
            {"id": "passwordless/sms/abc", "kind": "PasswordlessConnection",
             "description": "passwordless sign-in to web (abc) through connection sms", "deliveryMethod": "Text"},
        ]);
        change(object);
    })
}

/// What is told of these objects, where the first may be the tenant.
fn story(resources: Vec<Resource>) -> Story {
    let key = ObjectKey {
        kind: Kind::Auth0Tenant,
        namespace: "default".to_owned(),
        name: "acme".to_owned(),
    };
    let resources: Vec<Arc<Resource>> = resources.into_iter().map(Arc::new).collect();
    let tenant = resources.iter().find(|it| key_of(it) == key).cloned();
    let view = View {
        tenant,
        resources,
        ..View::default()
    };
    Story {
        tenants: vec![TenantStory::of(&key, &view, None)],
        unseen: Vec::new(),
    }
}

fn told(resources: Vec<Resource>) -> String {
    let mut out = Vec::new();
    let story = story(resources);
    write(&mut out, &story, NOW.parse().unwrap()).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

#[test]
fn a_tenant_that_is_well_is_shown_with_what_needs_its_provider() {
    let all = vec![
        tenant(),
        object(Kind::MfaPhoneFactor, "phone", |_| ()),
        provider(|_| ()),
    ];
    assert!(story(all.clone()).is_ready());
    assert_snapshot!(told(all), @r"
    OBJECT                    READY    REASON     SINCE
    Auth0Tenant default/acme  True     Succeeded  55m
    │ acme.eu.auth0.com, unified phone experience on
    ├─ PhoneProvider twilio   True     Succeeded  55m
    │    id pro_1
    │    needed by
    │      mfa/sms               MFA by SMS (Text)
    │      passwordless/sms/abc  passwordless sign-in to web (abc) through connection sms (Text)
    └─ MfaPhoneFactor phone   True     Succeeded  55m

    ✓ All 3 objects are Ready.
    ");
}

#[test]
fn what_is_broken_drifted_or_not_looked_at_is_told_at_its_object() {
    let broken = provider(|object| {
        object["status"]["conditions"]
            .as_array_mut()
            .unwrap()
            .push(condition_of(
                "BreaksDependents",
                "True",
                "MfaPhoneFactorEnabled",
                "the phone provider is disabled, which breaks MFA by SMS",
            ));
        object["metadata"]["annotations"] = json!({
            "dialtone.dev/acknowledge-breaking": "mfa",
            "dialtone.dev/requestedAt": "2026-01-02T03:59:00Z",
        });
    });
    let stalled = object(Kind::MfaPhoneFactor, "phone", |object| {
        let message = "MFA by SMS needs the phone provider, which is disabled";
        object["status"]["conditions"] = json!([
            condition_of("Ready", "False", "PhoneProviderDisabled", message),
            condition_of("Stalled", "True", "PhoneProviderDisabled", message),
            condition_of("ProviderReady", "False", "PhoneProviderDisabled", message),
        ]);
    });
    let changed = object(Kind::PasswordlessConnection, "sms", |object| {
        object["metadata"]["generation"] = json!(3);
        object["metadata"]["namespace"] = json!("team");
        object["spec"] = json!({"tenantRef": {"name": "acme", "namespace": "default"}});
        object["status"]["conditions"]
            .as_array_mut()
            .unwrap()
            .push(condition_of(
                "Drifted",
                "True",
                "DriftDetected",
                "options.disable_signup is true",
            ));
    });
    let new = object(Kind::PhoneTemplate, "codes", |object| {
        object["spec"]["type"] = json!("OtpVerify");
        object["status"] = json!({"observedGeneration": -1});
    });
    let all = vec![tenant(), broken, stalled, changed, new];
    assert!(!story(all.clone()).is_ready());
    assert_snapshot!(told(all), @r"
    OBJECT                              READY    REASON                 SINCE
    Auth0Tenant default/acme            True     Succeeded              55m
    │ acme.eu.auth0.com, unified phone experience on
    ├─ PhoneProvider twilio             True     Succeeded              55m
    │    id pro_1
    │    ⚠ BreaksDependents: the phone provider is disabled, which breaks MFA by SMS
    │    · Acknowledged: may break without being withheld: mfa
    │    · Requested: a pass was asked for at 2026-01-02T03:59:00Z: not done yet
    │    needed by
    │      mfa/sms               MFA by SMS (Text)
    │      passwordless/sms/abc  passwordless sign-in to web (abc) through connection sms (Text)
    ├─ MfaPhoneFactor phone             False    PhoneProviderDisabled  55m
    │    ✗ Stalled: MFA by SMS needs the phone provider, which is disabled
    ├─ PasswordlessConnection team/sms  True     Succeeded              55m
    │    ! Pending: this is generation 3, and the last pass saw 2
    │    ! Drifted: options.disable_signup is true
    └─ PhoneTemplate codes              -        -
         ! Pending: no pass has looked at it yet: does the operator run, and see this namespace?

    ✗ 3 of 5 objects are not Ready. Sign-in is broken, see ⚠.
    ");
}

#[test]
fn a_tenant_that_is_not_there_is_shown_with_the_objects_that_wait_for_it() {
    let waiting = provider(|object| {
        object["status"]["conditions"] = json!([
            condition_of(
                "Ready",
                "False",
                "TenantNotFound",
                "there is no Auth0Tenant default/acme"
            ),
            condition_of(
                "Reconciling",
                "True",
                "TenantNotFound",
                "there is no Auth0Tenant default/acme"
            ),
        ]);
        object["status"]["dependents"] = json!([]);
    });
    assert_snapshot!(told(vec![waiting]), @r"
    OBJECT                    READY    REASON          SINCE
    Auth0Tenant default/acme  -        -
    │ ✗ there is no Auth0Tenant default/acme: its objects wait for it
    └─ PhoneProvider twilio   False    TenantNotFound  55m
         id pro_1
         ! Reconciling: there is no Auth0Tenant default/acme

    ✗ 1 of 1 objects are not Ready, and 1 of 1 tenants not seen.
    ");
}

#[test]
fn a_suspended_tenant_and_objects_in_conflict_or_going_are_told() {
    let suspended = object(Kind::Auth0Tenant, "acme", |object| {
        object["spec"]["suspend"] = json!(true);
        object["status"]["conditions"] = json!([condition_of(
            "Ready",
            "True",
            "Suspended",
            "the tenant is suspended"
        ),]);
    });
    let second = object(Kind::PhoneProvider, "second", |object| {
        let message = "PhoneProvider default/twilio comes first";
        object["status"]["conditions"] = json!([
            condition_of("Ready", "False", "Conflict", message),
            condition_of("Stalled", "True", "Conflict", message),
        ]);
    });
    let going = object(Kind::PhoneIdentifier, "users", |object| {
        object["spec"]["connection"] = json!("users");
        object["metadata"]["deletionTimestamp"] = json!("2026-01-02T03:50:00Z");
        object["metadata"]["finalizers"] = json!(["dialtone.dev/finalizer"]);
    });
    let message = object(Kind::PhoneTestMessage, "first", |object| {
        object["status"]["recipient"] = json!("+1*****23");
        object["status"]["attempt"] = json!({
            "generation": 2, "state": "Queued", "startedAt": "2026-01-02T03:04:05Z",
        });
        object["status"]["conditions"] =
            json!([condition_of("Ready", "True", "Queued", "accepted")]);
    });
    let all = vec![suspended, second, going, message];
    let shown = told(all.clone());
    assert!(
        !shown.contains("+15550123") && !story(all).to_json().to_string().contains("+15550123")
    );
    assert_snapshot!(shown, @r"
    OBJECT                     READY    REASON     SINCE
    Auth0Tenant default/acme   True     Suspended  55m
    │ acme.eu.auth0.com, suspended: neither read nor written
    ├─ PhoneProvider second    False    Conflict   55m
    │    ✗ Stalled: PhoneProvider default/twilio comes first
    ├─ PhoneIdentifier users   True     Succeeded  55m
    │    ! Deleted: deleted at 2026-01-02T03:50:00Z, and held by dialtone.dev/finalizer
    └─ PhoneTestMessage first  True     Queued     55m
         to +1*****23, Queued

    ✗ 2 of 4 objects are not Ready.
    ");
}

#[test]
fn nothing_that_somebody_writes_into_an_object_reaches_the_terminal_but_as_text() {
    let sly = object(Kind::MfaPhoneFactor, "phone", |object| {
        let sly = "\u{1b}[2J\u{1b}]0;title\u{7}now\nAuth0Tenant default/other";
        object["metadata"]["annotations"] = json!({"dialtone.dev/requestedAt": sly});
        object["status"]["conditions"][0]["reason"] = json!("Progressing");
        object["status"]["conditions"][0]["message"] = json!(sly);
    });
    let mut out = Vec::new();
    write(&mut out, &story(vec![tenant(), sly]), NOW.parse().unwrap()).unwrap();
    let shown = String::from_utf8(out).unwrap();
    assert!(
        !shown.contains("\u{1b}[2J") && !shown.contains('\u{7}'),
        "{shown:?}"
    );
    assert!(
        !shown
            .lines()
            .any(|line| line.starts_with("Auth0Tenant default/other")),
        "{shown}"
    );
}

#[test]
fn a_tenant_that_may_not_be_read_is_not_called_missing() {
    let key = key_of(&tenant());
    let told = TenantStory::of(&key, &View::default(), Some("read it: forbidden"));
    assert_eq!(told.to_json()["absent"], "read it: forbidden");
    assert!(!told.is_ready());
}

#[test]
fn what_may_not_be_seen_is_not_called_ready() {
    let mut story = story(vec![tenant()]);
    story.unseen.push("list them: forbidden".to_owned());
    assert!(!story.is_ready());
    assert_eq!(story.to_json()["ready"], false);
    let mut out = Vec::new();
    write(&mut out, &story, NOW.parse().unwrap()).unwrap();
    let told = String::from_utf8(out).unwrap();
    assert!(
        !told.contains("All 1") && told.contains("may not be seen"),
        "{told}"
    );
}

#[test]
fn the_json_form_has_the_remarks_of_the_tree() {
    let changed = object(Kind::MfaPhoneFactor, "phone", |object| {
        object["metadata"]["generation"] = json!(3);
    });
    let document = story(vec![tenant(), changed]).to_json();
    assert_eq!(document["ready"], false);
    let shown = &document["tenants"][0];
    assert_eq!(shown["tenant"]["ready"], true);
    assert_eq!(shown["absent"], Value::Null);
    let object = &shown["objects"][0];
    assert_eq!(
        (&object["name"], &object["ready"]),
        (&json!("phone"), &json!(false))
    );
    assert_eq!(object["reason"], "Succeeded");
    assert_eq!(object["remarks"][0]["about"], "Pending");
}
