//! Requests for a pass at once, missing tenants, and what is worth an event.

use std::collections::BTreeMap;

use super::*;
use crate::api::{PhoneProvider, Resource};
use crate::phone::report::{requested, without_tenant};

fn annotated(annotations: &[(&str, &str)]) -> Resource {
    let mut provider = PhoneProvider::default();
    let owned = annotations
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    provider.metadata.annotations = Some(owned.collect());
    Resource::PhoneProvider(Box::new(provider))
}

#[test]
fn both_names_of_the_annotation_ask_and_the_later_value_counts() {
    let (ours, flux) = (
        "dialtone.dev/requestedAt",
        "reconcile.fluxcd.io/requestedAt",
    );
    let asks = |annotations: &[(&str, &str)]| requested(&annotated(annotations));
    assert_eq!(asks(&[("other", "1")]), None);
    assert_eq!(asks(&[(ours, "1")]).as_deref(), Some("1"));
    assert_eq!(asks(&[(flux, "2")]).as_deref(), Some("2"));
    assert_eq!(asks(&[(flux, "2"), (ours, "1")]).as_deref(), Some("2"));
    assert_eq!(asks(&[(flux, "2"), (ours, "3")]).as_deref(), Some("3"));
    // A status takes no more than this many characters.
    let long = "é".repeat(300);
    let kept = asks(&[(ours, &long)]).map(|value| value.chars().count());
    assert_eq!(kept, Some(253));
}

#[test]
fn a_request_is_acknowledged_once_whatever_came_of_the_pass() {
    let wanted = everything();
    let outcome = pass(
        &wanted,
        &empty_tenant(),
        Policy::default(),
        &BTreeMap::new(),
    );
    for result in [Ok(outcome), Err(failure(Class::Transient))] {
        let mut previous = fresh(&wanted);
        for before in previous.values_mut() {
            before.requested = Some("now".to_owned());
        }
        let told = report(&previous, &wanted, &result, at(100));
        for (key, before) in &mut previous {
            before.status = told.patches[key].clone();
            assert_eq!(before.status.last_handled(), Some("now"), "{key}");
        }
        if result.is_err() {
            let again = report(&previous, &wanted, &result, at(200));
            assert_eq!(again.patches, BTreeMap::new());
        }
    }
}

#[test]
fn objects_without_their_tenant_wait_for_it() {
    let wanted = everything();
    let mut previous = fresh(&wanted);
    previous.remove(&wanted.tenant);
    let told = without_tenant(&previous, &wanted.tenant, at(100));
    assert_eq!(told.patches.len(), previous.len());
    for status in told.patches.values() {
        assert_eq!(
            super::told(status, Ready),
            Some((False, Reason::TenantNotFound))
        );
        // It may be on its way: tools that wait for the object must not give up on it.
        assert_eq!(
            super::told(status, Reconciling),
            Some((True, Reason::TenantNotFound))
        );
        assert_eq!(status.observed_generation(), Some(1));
    }
    for (key, before) in &mut previous {
        before.status = told.patches[key].clone();
    }
    let again = without_tenant(&previous, &wanted.tenant, at(200));
    assert_eq!(again.patches, BTreeMap::new());
}

#[test]
fn the_same_failure_is_an_event_once() {
    let wanted = everything();
    let failing = BTreeMap::from([(0, failure(Class::Transient))]);
    let outcome = pass(&wanted, &empty_tenant(), Policy::default(), &failing);
    let mut previous = fresh(&wanted);
    let first = report(&previous, &wanted, &Ok(outcome.clone()), at(100));
    let warnings = |report: &Report| report.events.iter().filter(|event| event.warning).count();
    assert_eq!(warnings(&first), 1);
    for (key, status) in first.patches {
        previous.get_mut(&key).expect("an object").status = status;
    }
    let second = report(&previous, &wanted, &Ok(outcome), at(200));
    assert_eq!(warnings(&second), 0);
}
