//! Changes of a provider while it is not seen who needs it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::phone::observed::{Refusal, Strategy as ConnectionStrategy};

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

#[test]
fn what_is_not_lost_need_not_be_seen() {
    let both = provider(&["text", "voice"]);
    let narrowed = |to: DeliveryMethod, hide: fn(&mut Observed, Refusal)| {
        let wanted = desired(Some(blocking(desired_provider(&[to]))), None, vec![]);
        let mut tenant = full_tenant();
        tenant.provider = Reading::Read(Some(both.clone()));
        hide(&mut tenant, scope());
        withheld(&planned(&wanted, &tenant)).is_some()
    };
    for (what, hide) in PARTS {
        let by_call = !["connections", "the applications of connection sms"].contains(&what);
        assert_eq!(narrowed(DeliveryMethod::Text, hide), by_call, "{what}");
        assert!(narrowed(DeliveryMethod::Voice, hide), "{what}");
    }
    let off: fn(&mut Observed, Refusal) = |tenant, refusal| {
        tenant.factor = Reading::Read(false);
        tenant.message_types = Reading::Refused(refusal);
    };
    assert!(!narrowed(DeliveryMethod::Text, off));
}

/// The delivery methods that flows may need which nobody sees.
fn may_need(tenant: &Observed) -> BTreeSet<DeliveryMethod> {
    fn refused<T>(part: &Reading<T>) -> bool {
        matches!(
            part,
            Reading::Refused(Refusal::InsufficientScope(_) | Refusal::Other(_))
        )
    }
    let mut needs = BTreeSet::new();
    let unified_off = matches!(tenant.unified, Reading::Read(false));
    let factor_off = matches!(tenant.factor, Reading::Read(false));
    let factor = refused(&tenant.factor) || (refused(&tenant.message_types) && !factor_off);
    if refused(&tenant.unified) || (factor && !unified_off) {
        needs.extend(DeliveryMethod::ALL);
    }
    let clients = tenant.connections().any(|it| {
        let clients = tenant.connection_clients.get(&it.id);
        clients.is_some_and(refused)
    });
    let options = tenant
        .connections()
        .any(|it| it.strategy == ConnectionStrategy::Auth0 && it.options.is_none());
    if refused(&tenant.connections) || (clients && !unified_off) || options {
        needs.insert(DeliveryMethod::Text);
    }
    needs
}

proptest! {
    /// Whatever the tenant and the objects are: a provider that blocks takes no delivery away that
    /// flows may need which nobody sees, and is not held up by what they do not need.
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
        let mut state = observed;
        hide(&mut state, scope());
        let made = planned(&desired, &state);
        let owner = desired.provider.as_ref().map(|it| &it.claim.owner);
        for step in &made.steps {
            let next = state.after(&step.action.change);
            let lost = &state.delivers() - &next.delivers();
            let blind = !lost.is_disjoint(&may_need(&state));
            let own = Some(&step.action.owner) == owner;
            match &step.withheld {
                None => {
                    prop_assert!(!(blind && own), "{:?}", step.action.change);
                    state = next;
                }
                Some(why) if why.message().contains("what needs the phone provider is not seen") => {
                    prop_assert!(blind && own, "{:?}", step.action.change);
                }
                Some(_) => {}
            }
        }
    }
}
