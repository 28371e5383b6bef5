//! Test messages: one attempt for each generation, and what is told of it.

use super::*;
use crate::api::{PhoneTestMessageStatus, TestMessageState};
use crate::phone::desired::DesiredMessage;
use crate::phone::number::PhoneNumber;

fn message() -> ObjectKey {
    key(Kind::PhoneTestMessage, "main")
}

/// A provider, and a message that was not tried yet.
fn wanted() -> Desired {
    let mut wanted = desired(Some(desired_provider(&DeliveryMethod::ALL)), None, vec![]);
    wanted.objects.push(message());
    wanted.messages.push(DesiredMessage {
        owner: message(),
        to: PhoneNumber::parse("+15550123"),
        method: DeliveryMethod::Text,
        template: None,
    });
    wanted
}

fn of(status: &Status) -> &PhoneTestMessageStatus {
    match status {
        Status::Message(status) => status,
        _ => panic!("a message"),
    }
}

fn state(status: &Status) -> Option<TestMessageState> {
    of(status).attempt.as_ref().map(|attempt| attempt.state)
}

/// What is told where sending ends like this, with the intent recorded before.
fn sent(failing: Option<Class>) -> (Status, Vec<&'static str>) {
    let wanted = wanted();
    let mut before = fresh(&wanted);
    let own = before.get_mut(&message()).expect("a status");
    let made = plan(&wanted, &full_tenant(), &Policy::default());
    let index = made.steps.len() - 1;
    let change = &made.steps[index].action.change;
    assert!(own.status.begin(change, Some(1), at(50)));
    assert!(!own.status.begin(change, Some(1), at(60)));
    assert_eq!(state(&own.status), Some(TestMessageState::Sending));
    let failing = failing.map(|class| (index, failure(class)));
    let failing = failing.into_iter().collect();
    let outcome = pass(&wanted, &full_tenant(), Policy::default(), &failing);
    assert_eq!(
        outcome.plan.steps[index].action.change.summary(),
        "send a test message to +1*****23 by text"
    );
    let report = report(&before, &wanted, &Ok(outcome), at(100));
    let status = report.patches[&message()].clone();
    check(&status, Some(1)).expect("rules");
    let events = report.events.iter().filter(|it| it.object == message());
    (status, events.map(|it| it.reason.as_str()).collect())
}

#[test]
fn what_auth0_accepts_is_queued_and_no_more_is_said() {
    let (status, events) = sent(None);
    assert_eq!(told(&status, Ready), Some((True, Reason::Queued)));
    let attempt = of(&status).attempt.clone().expect("an attempt");
    assert_eq!(attempt.state, TestMessageState::Queued);
    assert_eq!((attempt.generation, attempt.started_at), (1, at(50)));
    assert_eq!(attempt.finished_at, Some(at(100)));
    assert_eq!(of(&status).recipient.as_deref(), Some("+1*****23"));
    assert_eq!(events, ["Succeeded"]);
}

#[test]
fn only_what_auth0_says_it_did_not_take_is_tried_again() {
    let (refused, _) = sent(Some(Class::Terminal));
    assert_eq!(told(&refused, Stalled), Some((True, Reason::ApiError)));
    assert_eq!(state(&refused), Some(TestMessageState::Failed));
    assert!(
        super::message(&refused, Ready).contains("spec.nonce"),
        "{refused:?}"
    );
    let (lost, _) = sent(Some(Class::Transient));
    assert_eq!(told(&lost, Stalled), Some((True, Reason::DeliveryUnknown)));
    assert_eq!(state(&lost), Some(TestMessageState::Unknown));
    for class in [Class::Throttled(at(500)), Class::Gone] {
        let (waits, _) = sent(Some(class));
        assert_eq!(told(&waits, Reconciling), Some((True, Reason::ApiError)));
        assert_eq!(state(&waits), None);
    }
}

/// The next pass over a message with this status.
fn next(status: Status, result: &PassResult, wanted: &Desired) -> Report {
    let mut before = fresh(wanted);
    before.get_mut(&message()).expect("a status").status = status;
    report(&before, wanted, result, at(200))
}

#[test]
fn what_is_over_stays_as_it_was_told_whatever_becomes_of_the_tenant() {
    let mut tried = wanted();
    tried.messages[0].to = None;
    let idle = pass(&tried, &full_tenant(), Policy::default(), &BTreeMap::new());
    let unread = Err(failure(Class::Terminal));
    for class in [None, Some(Class::Terminal), Some(Class::Transient)] {
        let (status, _) = sent(class);
        for result in [&Ok(idle.clone()), &unread] {
            let told = next(status.clone(), result, &tried);
            assert!(!told.patches.contains_key(&message()), "{class:?}");
        }
        let mut suspended = tried.clone();
        suspended.suspended = true;
        let told = next(status.clone(), &unread, &suspended);
        assert!(!told.patches.contains_key(&message()), "{class:?}");
        let previous = Previous {
            generation: Some(1),
            status,
            requested: None,
        };
        let told = without_tenant(&[(message(), previous)].into(), &tried.tenant, at(200));
        assert!(told.patches.is_empty());
    }
}

#[test]
fn an_attempt_of_which_nothing_was_heard_is_unknown_and_not_repeated() {
    let mut tried = wanted();
    let made = plan(&tried, &full_tenant(), &Policy::default());
    let sending = &made.steps.last().expect("a step").action.change;
    let mut status = blank(Kind::PhoneTestMessage);
    status.begin(sending, Some(1), at(50));
    tried.messages[0].to = None;
    let idle = pass(&tried, &full_tenant(), Policy::default(), &BTreeMap::new());
    assert!(idle.plan.is_empty());
    let after = next(status, &Ok(idle), &tried);
    let status = &after.patches[&message()];
    assert_eq!(told(status, Stalled), Some((True, Reason::DeliveryUnknown)));
    assert_eq!(state(status), Some(TestMessageState::Unknown));
}

#[test]
fn a_message_waits_for_a_provider_that_delivers_it_and_says_so() {
    let mut disabled = full_tenant();
    if let Reading::Read(Some(provider)) = &mut disabled.provider {
        provider.disabled = true;
    }
    let mut alone = wanted();
    alone.provider = None;
    for (tenant, reason) in [
        (disabled, Reason::PhoneProviderDisabled),
        (empty_tenant(), Reason::PhoneProviderMissing),
    ] {
        let (told_, outcome) = converge(&alone, &tenant);
        assert_eq!(outcome.applied(), 0);
        let status = &told_.patches[&message()];
        assert_eq!(told(status, Ready), Some((False, reason)));
        assert_eq!(state(status), None);
    }
    // It is the provider that sends: the tenant flag does not matter.
    let mut legacy = full_tenant();
    legacy.unified = Reading::Read(false);
    let (_, outcome) = converge(&alone, &legacy);
    assert_eq!(outcome.applied(), 1);
}

#[test]
fn an_observed_tenant_sends_nothing_and_the_message_is_not_ready() {
    let policy = Policy {
        management: ManagementPolicy::Observe,
        ..Policy::default()
    };
    let told_ = under(policy, &wanted(), &full_tenant());
    let status = &told_.patches[&message()];
    assert_eq!(told(status, Stalled), Some((True, Reason::ObserveOnly)));
}
