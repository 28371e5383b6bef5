use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn object(kind: Kind, name: &str, version: u64, extra: &serde_json::Value) -> Resource {
    let mut value = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": kind.as_str(),
        "metadata": {
            "namespace": "phone",
            "name": name,
            "uid": format!("{kind}-{name}"),
            "generation": 1,
            "resourceVersion": version.to_string(),
        },
    });
    merge(&mut value, extra);
    Resource::from_value(kind, value).unwrap()
}

fn merge(into: &mut serde_json::Value, from: &serde_json::Value) {
    match (into, from) {
        (serde_json::Value::Object(into), serde_json::Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn tenant(name: &str, version: u64, domain: &str, secret: &str) -> Resource {
    let spec = json!({"spec": {"domain": domain, "credentials": {"clientSecret": {
        "clientId": "id", "secretRef": {"name": secret, "key": "k"},
    }}}});
    object(Kind::Auth0Tenant, name, version, &spec)
}

fn factor(name: &str, tenant: &str, version: u64) -> Resource {
    let spec = json!({"spec": {"tenantRef": {"name": tenant}}});
    object(Kind::MfaPhoneFactor, name, version, &spec)
}

fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey {
        kind,
        namespace: "phone".to_owned(),
        name: name.to_owned(),
    }
}

fn acme() -> ObjectKey {
    key(Kind::Auth0Tenant, "acme")
}

fn secret(name: &str) -> Mention {
    Mention::Secret {
        namespace: "phone".to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn a_status_write_wakes_nobody() {
    let mut registry = Registry::default();
    assert_eq!(registry.apply(factor("phone", "acme", 1)), [acme()].into());
    let mut written = factor("phone", "acme", 2);
    let Resource::MfaPhoneFactor(inner) = &mut written else {
        unreachable!();
    };
    inner.status = Some(crate::api::MfaPhoneFactorStatus::default());
    assert!(registry.apply(written.clone()).is_empty());
    let labelled = object(
        Kind::MfaPhoneFactor,
        "phone",
        3,
        &json!({"spec": {"tenantRef": {"name": "acme"}}, "metadata": {"labels": {"a": "b"}}}),
    );
    assert!(registry.apply(labelled).is_empty());
}

#[test]
fn what_a_pass_must_look_at_wakes_its_tenant() {
    let changes = [
        json!({"generation": 2}),
        json!({"uid": "another"}),
        json!({"deletionTimestamp": "2026-01-01T00:00:00Z"}),
        json!({"finalizers": [FINALIZER]}),
        json!({"annotations": {ACKNOWLEDGE: "mfa"}}),
        json!({"annotations": {"dialtone.dev/requestedAt": "now"}}),
        json!({"annotations": {"reconcile.fluxcd.io/requestedAt": "now"}}),
    ];
    for change in changes {
        let mut registry = Registry::default();
        registry.apply(factor("phone", "acme", 1));
        let spec = json!({"spec": {"tenantRef": {"name": "acme"}}, "metadata": change});
        let after = object(Kind::MfaPhoneFactor, "phone", 2, &spec);
        assert_eq!(registry.apply(after), [acme()].into(), "{change}");
    }
}

#[test]
fn an_object_that_moves_wakes_both_tenants() {
    let mut registry = Registry::default();
    registry.apply(factor("phone", "acme", 1));
    let other = key(Kind::Auth0Tenant, "other");
    let spec = json!({"spec": {"tenantRef": {"name": "other"}}, "metadata": {"generation": 2}});
    let moved = object(Kind::MfaPhoneFactor, "phone", 2, &spec);
    assert_eq!(registry.apply(moved), [acme(), other.clone()].into());
    assert!(registry.view(&acme()).resources.is_empty());
    assert!(!registry.has(&acme()));
    assert_eq!(registry.view(&other).resources.len(), 1);
}

#[test]
fn an_old_state_does_not_replace_a_newer_one() {
    let mut registry = Registry::default();
    registry.apply(factor("phone", "acme", 7));
    assert!(registry.apply(factor("phone", "other", 6)).is_empty());
    assert!(registry.has(&acme()));
    // A write of a pass came before its own watch event, which changes nothing any more.
    registry.absorb(factor("phone", "acme", 9));
    assert!(registry.apply(factor("phone", "acme", 8)).is_empty());
    let held = registry.get(&key(Kind::MfaPhoneFactor, "phone")).unwrap();
    assert_eq!(held.metadata().resource_version.as_deref(), Some("9"));
}

/// A cluster that was restored from a backup counts on from an older version.
#[test]
fn a_list_is_the_truth_but_for_what_was_written_since_it_began() {
    let mut registry = Registry::default();
    registry.apply(factor("phone", "acme", 70));
    let version = |registry: &Registry| {
        let held = registry.get(&key(Kind::MfaPhoneFactor, "phone")).unwrap();
        held.metadata().resource_version.clone().unwrap()
    };
    registry.begin_list(Kind::MfaPhoneFactor, None);
    registry.listed(factor("phone", "acme", 5));
    registry.end_list(Kind::MfaPhoneFactor, None);
    assert_eq!(version(&registry), "5");
    registry.begin_list(Kind::MfaPhoneFactor, Some("phone"));
    // One of another kind that begins meanwhile changes nothing.
    registry.begin_list(Kind::PhoneProvider, None);
    registry.absorb(factor("phone", "acme", 7));
    registry.listed(factor("phone", "acme", 6));
    assert_eq!(version(&registry), "7");
    registry.end_list(Kind::MfaPhoneFactor, Some("phone"));
    registry.begin_list(Kind::MfaPhoneFactor, None);
    registry.listed(factor("phone", "acme", 6));
    assert_eq!(version(&registry), "6");
}

/// The answer to a status write shows a change of the spec that the watch has not told yet; its
/// own event is then an old one.
#[test]
fn a_change_that_a_write_shows_before_the_watch_does_is_not_lost() {
    let mut registry = Registry::default();
    registry.apply(factor("phone", "acme", 1));
    let changed = |version, finalizers: serde_json::Value, generation: i64| {
        let spec = json!({
            "spec": {"tenantRef": {"name": "acme"}},
            "metadata": {"generation": generation, "finalizers": finalizers},
        });
        object(Kind::MfaPhoneFactor, "phone", version, &spec)
    };
    assert_eq!(registry.absorb(changed(3, json!([]), 2)), [acme()].into());
    assert!(registry.apply(changed(2, json!([]), 2)).is_empty());
    // A finalizer of our own is no news.
    assert!(
        registry
            .absorb(changed(4, json!([FINALIZER]), 2))
            .is_empty()
    );
}

#[test]
fn what_is_gone_does_not_come_back_by_an_answer_that_was_late() {
    let mut registry = Registry::default();
    registry.apply(factor("phone", "acme", 1));
    registry.remove(&key(Kind::MfaPhoneFactor, "phone"));
    registry.absorb(factor("phone", "acme", 2));
    assert!(!registry.has(&acme()));
    let mut anew = factor("phone", "acme", 3);
    anew.metadata_mut().uid = Some("anew".to_owned());
    registry.apply(anew);
    registry.absorb(factor("phone", "acme", 4));
    let held = registry.get(&key(Kind::MfaPhoneFactor, "phone")).unwrap();
    assert_eq!(held.metadata().uid.as_deref(), Some("anew"));
}

#[test]
fn a_secret_wakes_those_who_name_it_and_only_when_it_changes() {
    let mut registry = Registry::default();
    assert!(registry.mentioned(&secret("auth0"), Some("1")).is_empty());
    registry.apply(tenant("acme", 1, "acme.auth0.com", "auth0"));
    assert_eq!(
        registry.mentioned(&secret("auth0"), Some("1")),
        [acme()].into()
    );
    assert!(registry.mentioned(&secret("auth0"), Some("1")).is_empty());
    assert!(
        registry
            .mentioned(&secret("unrelated"), Some("1"))
            .is_empty()
    );
    // A change of the tenant that still names it forgets nothing.
    registry.apply(tenant("acme", 2, "acme.auth0.com", "auth0"));
    assert!(registry.mentioned(&secret("auth0"), Some("1")).is_empty());
    assert_eq!(registry.mentioned(&secret("auth0"), None), [acme()].into());
    registry.apply(tenant("acme", 3, "acme.auth0.com", "renamed"));
    assert!(registry.mentioned(&secret("auth0"), Some("2")).is_empty());
    assert_eq!(registry.mentions(), [secret("renamed")].into());
}

#[test]
fn a_secret_that_goes_is_noticed_although_it_came_before_its_object() {
    let mut registry = Registry::default();
    registry.mentioned(&secret("auth0"), Some("1"));
    registry.apply(tenant("acme", 1, "acme.auth0.com", "auth0"));
    assert_eq!(registry.mentioned(&secret("auth0"), None), [acme()].into());
    assert!(registry.mentioned(&secret("auth0"), None).is_empty());
}

#[test]
fn of_two_tenants_of_one_domain_the_older_comes_first() {
    let created = |resource: &mut Resource, second: i64| {
        let time = jiff::Timestamp::from_second(second).unwrap();
        resource.metadata_mut().creation_timestamp = Some(Time(time));
    };
    let mut registry = Registry::default();
    let mut younger = tenant("acme", 1, "one.auth0.com", "s");
    created(&mut younger, 20);
    registry.apply(younger);
    assert_eq!(registry.view(&acme()).rival, None);
    let older_key = key(Kind::Auth0Tenant, "older");
    let mut older = tenant("older", 2, "one.auth0.com", "s");
    created(&mut older, 10);
    // Both are looked at: one of them is not to be worked for any more.
    assert_eq!(registry.apply(older), [acme(), older_key.clone()].into());
    assert_eq!(registry.view(&acme()).rival, Some(older_key.clone()));
    assert_eq!(registry.view(&older_key).rival, None);
    assert_eq!(registry.remove(&older_key), [acme(), older_key].into());
    assert_eq!(registry.view(&acme()).rival, None);
}

/// As one is that a manifest makes and the cluster does not have yet.
#[test]
fn a_tenant_without_an_age_is_the_youngest_of_its_domain() {
    let mut registry = Registry::default();
    registry.apply(tenant("acme", 1, "one.auth0.com", "s"));
    let mut known = tenant("known", 2, "one.auth0.com", "s");
    known.metadata_mut().creation_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
    registry.apply(known);
    let known = key(Kind::Auth0Tenant, "known");
    assert_eq!(registry.view(&acme()).rival, Some(known.clone()));
    assert_eq!(registry.view(&known).rival, None);
}

#[test]
fn a_namespace_wakes_the_tenants_that_its_objects_name() {
    let mut registry = Registry::default();
    registry.apply(factor("phone", "acme", 1));
    let labelled = NamespaceState {
        labels: BTreeMap::from([("team".to_owned(), "phone".to_owned())]),
        terminating: false,
    };
    assert_eq!(
        registry.namespace("phone", Some(labelled.clone())),
        [acme()].into()
    );
    assert!(
        registry
            .namespace("phone", Some(labelled.clone()))
            .is_empty()
    );
    assert!(
        registry
            .namespace("other", Some(labelled.clone()))
            .is_empty()
    );
    let going = NamespaceState {
        terminating: true,
        ..labelled
    };
    assert_eq!(registry.namespace("phone", Some(going)), [acme()].into());
    assert_eq!(
        registry.view(&acme()).terminating,
        ["phone".to_owned()].into()
    );
    assert_eq!(registry.namespace("phone", None), [acme()].into());
}

/// One thing that a watch may tell.
#[derive(Clone, Debug)]
enum Told {
    Tenant(u8, u8, u8),
    Factor(u8, u8),
    Gone(bool, u8),
}

fn told() -> impl Strategy<Value = Told> {
    prop_oneof![
        (0_u8..3, 0_u8..2, 0_u8..2)
            .prop_map(|(name, domain, secret)| Told::Tenant(name, domain, secret)),
        (0_u8..4, 0_u8..3).prop_map(|(name, tenant)| Told::Factor(name, tenant)),
        (any::<bool>(), 0_u8..4).prop_map(|(tenant, name)| Told::Gone(tenant, name)),
    ]
}

proptest! {
    /// Whatever came before, the registry holds what a fresh one would hold that was told only
    /// what there is now.
    #[test]
    fn indexes_never_go_astray(story in prop::collection::vec(told(), 0..40)) {
        let mut registry = Registry::default();
        let mut present: BTreeMap<ObjectKey, Resource> = BTreeMap::new();
        for (version, told) in (1_u64..).zip(story) {
            let resource = match told {
                Told::Tenant(name, domain, secret) => tenant(
                    &format!("t{name}"),
                    version,
                    &format!("d{domain}.auth0.com"),
                    &format!("s{secret}"),
                ),
                Told::Factor(name, to) => factor(&format!("f{name}"), &format!("t{to}"), version),
                Told::Gone(is_tenant, name) => {
                    let gone = if is_tenant {
                        key(Kind::Auth0Tenant, &format!("t{name}"))
                    } else {
                        key(Kind::MfaPhoneFactor, &format!("f{name}"))
                    };
                    registry.remove(&gone);
                    present.remove(&gone);
                    continue;
                }
            };
            present.insert(key_of(&resource), resource.clone());
            registry.apply(resource);
        }
        let mut fresh = Registry::default();
        for resource in present.into_values() {
            fresh.apply(resource);
        }
        prop_assert_eq!(&registry.objects, &fresh.objects);
        prop_assert_eq!(&registry.by_tenant, &fresh.by_tenant);
        prop_assert_eq!(registry.mentions(), fresh.mentions());
        for name in registry.mentions() {
            let tenants = |registry: &Registry| registry.mentions.get(&name).map(Mentioned::tenants);
            prop_assert_eq!(tenants(&registry), tenants(&fresh));
        }
    }
}
