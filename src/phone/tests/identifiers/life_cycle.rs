//! How the attribute begins and ends, and what hangs on it.

use serde_json::json;

use super::*;
use crate::api::Adopt;
use crate::phone::action::Cause;
use crate::phone::delivery::DeliveryMethod;

#[test]
fn the_attribute_is_removed_only_where_people_can_still_sign_in() {
    let mut wanted = desired_identifier();
    wanted.claim.removing = true;
    wanted.options.insert(PHONE_OTP.to_vec(), json!(true));
    let phone = json!({"identifier": {"active": true}});
    let both = json!({
        "attributes": {"email": email(), "phone_number": phone},
        "authentication_methods": {"phone_otp": {"enabled": true}},
    });
    let planned = made(&wanted, &tenant(both.clone()));
    assert_eq!(planned.steps[0].action.cause, Cause::Removal);
    assert_eq!(
        written(&planned),
        json!({
            "attributes": {"email": email()},
            "authentication_methods": {"phone_otp": {"enabled": false}},
        })
    );
    let alone =
        json!({"attributes": {"phone_number": phone, "email": {"identifier": {"active": false}}}});
    let planned = made(&wanted, &tenant(alone));
    assert!(planned.is_empty());
    assert_eq!(findings(&planned), [(Reason::DeletionBlocked, true)]);
    // What it did not write it does not remove.
    wanted.claim.known_id = None;
    assert!(made(&wanted, &tenant(both.clone())).is_empty());
    // Unless it was about to, and does not know what came of it.
    wanted.claim.creating = true;
    assert_eq!(made(&wanted, &tenant(both.clone())).steps.len(), 1);
    wanted.claim.known_id = Some("con_db".to_owned());
    let gone = tenant(json!({"attributes": {"email": email()}}));
    assert!(made(&wanted, &gone).is_empty() && !made(&wanted, &gone).is_blocked());
}

#[test]
fn an_attribute_that_is_there_is_taken_over_or_not_as_adopt_says() {
    let with = |active: bool| {
        tenant(json!({"attributes": {
            "email": email(), "phone_number": {"identifier": {"active": active}},
        }}))
    };
    let mut wanted = desired_identifier();
    wanted.claim.known_id = None;
    let planned = made(&wanted, &with(false));
    assert_eq!(planned.steps[0].action.cause, Cause::Adoption);
    wanted.claim.adopt = Adopt::Never;
    let withheld = |plan: &Plan| plan.steps[0].withheld.as_ref().map(Withheld::reason);
    assert_eq!(
        withheld(&made(&wanted, &with(false))),
        Some(Reason::AdoptionRefused)
    );
    wanted.claim.creating = true;
    assert_eq!(withheld(&made(&wanted, &with(false))), None);
    wanted.claim.creating = false;
    assert_eq!(
        findings(&made(&wanted, &with(true))),
        [(Reason::AdoptionRefused, true)]
    );
    // The connection is somebody else's in any case; the attribute is what is taken over.
    let without = tenant(json!({"attributes": {"email": email()}}));
    let planned = made(&wanted, &without);
    assert_eq!(planned.steps[0].action.cause, Cause::Spec);
    assert_eq!(withheld(&planned), None);
    wanted.claim.adopt = Adopt::Require;
    assert_eq!(
        withheld(&made(&wanted, &without)),
        Some(Reason::AdoptionTargetMissing)
    );
}

#[test]
fn an_identifier_comes_after_the_provider_and_lets_go_before_it() {
    let mut provider_wanted = desired_provider(&DeliveryMethod::ALL);
    provider_wanted.claim.known_id = None;
    let mut wanted = desired(Some(provider_wanted), None, Vec::new());
    wanted.identifiers = vec![desired_identifier()];
    let mut observed = tenant(json!({"attributes": {"email": email()}}));
    observed.provider = Reading::Read(None);
    let planned = plan(&wanted, &observed, &Policy::default());
    let lines = |plan: &Plan| -> Vec<String> {
        let steps = plan.steps.iter();
        steps.map(|step| step.action.change.summary()).collect()
    };
    assert_eq!(
        lines(&planned),
        ["create phone provider twilio", "update connection users"]
    );
    assert_eq!(planned.steps[1].needs, [0]);
    let active = tenant(json!({"attributes": {
        "email": email(), "phone_number": {"identifier": {"active": true}},
    }}));
    let going = wanted.provider.as_mut().unwrap();
    going.claim.known_id = Some("pro_1".to_owned());
    going.claim.removing = true;
    wanted.identifiers[0].claim.removing = true;
    let planned = plan(&wanted, &active, &Policy::default());
    assert_eq!(
        lines(&planned),
        ["update connection users", "delete phone provider"]
    );
    assert_eq!(planned.steps[1].needs, [0]);
    // Where both go in this order, only what the identifier itself ends is told, as meant.
    assert!(planned.hazards.iter().all(|hazard| hazard.intended));
    assert_eq!(planned.hazards.len(), 1);
}

#[test]
fn a_provider_that_goes_breaks_what_the_identifier_offers() {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.enabled = false;
    let mut wanted = desired(Some(provider), None, Vec::new());
    wanted.identifiers = vec![desired_identifier()];
    let active = tenant(json!({"attributes": {
        "email": email(),
        "phone_number": {"identifier": {"active": true}, "signup": {"verification": {"active": true}}},
    }}));
    let planned = plan(&wanted, &active, &Policy::default());
    let told: Vec<(String, bool)> = planned
        .hazards
        .iter()
        .map(|hazard| {
            (
                hazard.id(),
                hazard.dependent == Some(key(Kind::PhoneIdentifier, "main")),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("signup/users".to_owned(), true),
            ("password-reset/users".to_owned(), true)
        ]
    );
}
