//! Changes of a provider while it is not seen who needs it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::phone::observed::Refusal;
use crate::phone::policy::unjudged;

/// The parts by which flows are judged, each with what hides it.
type Hidden = (&'static str, fn(&mut Observed, Refusal));

const PARTS: [Hidden; 5] = [
    ("the tenant settings", |tenant, refusal| {
        tenant.unified = Reading::Refused(refusal);
    }),
    ("the MFA factors", |tenant, refusal| {
        tenant.factor = Reading::Refused(refusal);
    }),
    ("the MFA message types", |tenant, refusal| {
        tenant.message_types = Reading::Refused(refusal);
    }),
    ("connections", |tenant, refusal| {
        tenant.connections = Reading::Refused(refusal);
    }),
    ("the applications of connection sms", |tenant, refusal| {
        let clients = tenant.connection_clients.values_mut();
        clients.for_each(|it| *it = Reading::Refused(refusal.clone()));
    }),
];

fn scope() -> Refusal {
    Refusal::InsufficientScope(vec!["read:something".to_owned()])
}

/// A provider that blocks what breaks flows, and lets all through that is seen.
fn blocking(mut provider: DesiredProvider) -> DesiredProvider {
    provider.on_breaking_change = OnBreakingChange::Block;
    let all = [
        "mfa",
        "passwordless",
        "signup",
        "password-reset",
        "phone-otp",
    ];
    provider.acknowledged = all.map(str::to_owned).into();
    provider
}

fn withheld(plan: &Plan) -> Option<(Reason, String)> {
    let withheld = plan.steps.iter().find_map(|it| it.withheld.as_ref())?;
    Some((withheld.reason(), withheld.message()))
}

#[test]
fn what_may_break_flows_that_are_not_seen_is_withheld_where_the_object_blocks() {
    let wanted = desired(Some(blocking(disabled())), None, vec![]);
    assert_eq!(withheld(&planned(&wanted, &full_tenant())), None);
    for (what, hide) in PARTS {
        let mut tenant = full_tenant();
        hide(&mut tenant, scope());
        let (reason, message) = withheld(&planned(&wanted, &tenant)).expect(what);
        assert_eq!(reason, Reason::InsufficientScope, "{what}");
        let told = format!("Auth0 refuses to show {what}: grant");
        assert!(message.contains(&told), "{message}");
        assert!(message.contains("onBreakingChange to Warn"), "{message}");
        // What Auth0 does not offer nobody uses.
        let mut tenant = full_tenant();
        hide(&mut tenant, Refusal::PlanUnsupported("no".to_owned()));
        assert_eq!(withheld(&planned(&wanted, &tenant)), None, "{what}");
        // Who only wants to be warned is not held up.
        let warned = desired(Some(disabled()), None, vec![]);
        hide(&mut tenant, scope());
        assert_eq!(withheld(&planned(&warned, &tenant)), None, "{what}");
    }
}

#[test]
fn who_does_not_go_through_the_provider_need_not_be_seen() {
    let wanted = desired(Some(blocking(disabled())), None, vec![]);
    for (what, hide) in PARTS {
        let mut tenant = full_tenant();
        tenant.unified = Reading::Read(false);
        hide(&mut tenant, scope());
        let by_number = ["the tenant settings", "connections"].contains(&what);
        let blind = withheld(&planned(&wanted, &tenant)).is_some();
        assert_eq!(blind, by_number, "{what}");
    }
}

#[test]
fn options_that_are_not_seen_may_identify_people_by_their_number() {
    let wanted = desired(Some(blocking(disabled())), None, vec![]);
    let mut tenant = identifiers(true, false, false, false);
    assert_eq!(withheld(&planned(&wanted, &tenant)), None);
    let Reading::Read(connections) = &mut tenant.connections else {
        panic!("connections");
    };
    connections[0].options = None;
    let made = planned(&wanted, &tenant);
    let (reason, message) = withheld(&made).expect("withheld");
    assert_eq!(reason, Reason::OptionsHidden);
    assert!(message.contains("read:connections_options"), "{message}");
    let unseen = made.unseen.concat();
    assert!(unseen.contains("the options of connection"), "{unseen}");
    // An object that is not about the provider needs them as little as before.
    let other = planned(&desired(None, None, vec![]), &tenant);
    assert_eq!(other.unseen, [""; 0]);
}

#[test]
fn what_takes_nothing_away_is_done_blindly() {
    let mut tenant = full_tenant();
    tenant.factor = Reading::Refused(scope());
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    let wider = blocking(desired_provider(&DeliveryMethod::ALL));
    let made = planned(&desired(Some(wider), None, vec![]), &tenant);
    assert!(!made.is_empty());
    assert_eq!(withheld(&made), None);
}

proptest! {
    /// Whatever the tenant and the objects are: a provider that blocks takes no delivery away while
    /// it is not seen who needs it.
    #[test]
    fn nothing_is_taken_away_blindly(
        desired in any_desired(),
        observed in any_tenant(),
        part in 0..PARTS.len(),
    ) {
        let mut desired = desired;
        if let Some(provider) = &mut desired.provider {
            *provider = blocking(provider.clone());
        }
        let (_, hide) = PARTS[part];
        let mut observed = observed;
        hide(&mut observed, scope());
        let hidden = !unjudged(&observed).is_empty();
        let made = planned(&desired, &observed);
        let owner = desired.provider.as_ref().map(|it| &it.claim.owner);
        let mut state = observed.clone();
        for (_, step) in made.due() {
            let next = state.after(&step.action.change);
            let lost: BTreeSet<DeliveryMethod> =
                state.delivers().difference(&next.delivers()).copied().collect();
            let own = Some(&step.action.owner) == owner;
            prop_assert!(!(hidden && own) || lost.is_empty(), "{:?}", step.action.change);
            state = next;
        }
    }
}
