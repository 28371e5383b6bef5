//! What is told of a phone identifier.

use serde_json::json;

use super::*;
use crate::phone::desired::DesiredIdentifier;

fn only(identifier: DesiredIdentifier) -> Desired {
    let mut wanted = nothing_desired();
    wanted.objects.push(identifier.claim.owner.clone());
    wanted.identifiers.push(identifier);
    wanted
}

fn tenant(attributes: &serde_json::Value) -> Observed {
    Observed {
        connections: Reading::Read(vec![database(json!({ "attributes": attributes }))]),
        ..full_tenant()
    }
}

fn told_of(wanted: &Desired, observed: &Observed) -> Status {
    let (report, _) = converge(wanted, observed);
    status(&report, wanted, Kind::PhoneIdentifier).clone()
}

fn id(status: &Status) -> Option<&str> {
    let Status::Identifier(status) = status else {
        panic!("{status:?}");
    };
    status.id.as_deref()
}

#[test]
fn an_identifier_that_is_written_is_ready_and_knows_its_connection() {
    let mut wanted = desired_identifier();
    wanted.claim.known_id = None;
    let status = told_of(
        &only(wanted),
        &tenant(&json!({"email": {"identifier": {"active": true}}})),
    );
    assert_eq!(told(&status, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(
        told(&status, ProviderReady),
        Some((True, Reason::Succeeded))
    );
    assert_eq!(id(&status), Some("con_db"));
}

#[test]
fn an_identifier_without_a_provider_waits_for_it() {
    let mut observed = tenant(&json!({"email": {"identifier": {"active": true}}}));
    observed.provider = Reading::Read(None);
    let status = told_of(&only(desired_identifier()), &observed);
    let missing = Some((False, Reason::PhoneProviderMissing));
    assert_eq!(told(&status, Ready), missing);
    assert_eq!(told(&status, ProviderReady), missing);
    assert!(told(&status, Reconciling).is_some());
    assert_eq!(id(&status), None);
}

#[test]
fn a_removal_that_would_lock_people_out_says_so() {
    let mut wanted = desired_identifier();
    wanted.claim.removing = true;
    let wanted = only(wanted);
    let alone = tenant(&json!({"phone_number": {"identifier": {"active": true}}}));
    let status = told_of(&wanted, &alone);
    assert_eq!(told(&status, Ready), Some((False, Reason::DeletionBlocked)));
    assert_eq!(
        told(&status, Stalled),
        Some((True, Reason::DeletionBlocked))
    );
    assert!(message(&status, Ready).contains("only active identifier"));
    let both = tenant(&json!({
        "phone_number": {"identifier": {"active": true}},
        "email": {"identifier": {"active": true}},
    }));
    let status = told_of(&wanted, &both);
    assert_eq!(told(&status, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(told(&status, ProviderReady), None);
    assert_eq!(id(&status), None);
}

#[test]
fn connections_that_auth0_does_not_show_are_told_with_the_scope() {
    let scopes = vec!["read:connections".to_owned()];
    let observed = Observed {
        connections: Reading::Refused(Refusal::InsufficientScope(scopes)),
        ..full_tenant()
    };
    let status = told_of(&only(desired_identifier()), &observed);
    assert_eq!(
        told(&status, Ready),
        Some((False, Reason::InsufficientScope))
    );
}
