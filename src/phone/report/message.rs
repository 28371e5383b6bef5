//! What becomes of a `PhoneTestMessage`: one attempt for each generation, and never a second one.

use jiff::Timestamp;

use super::Previous;
use super::status::Status;
use super::verdict::{Verdict, from_failure};
use crate::api::{PhoneTestMessageStatus, Reason, TestMessageAttempt, TestMessageState};
use crate::phone::action::{Change, ObjectKey};
use crate::phone::desired::Desired;
use crate::phone::outcome::{Class, Failure, Outcome, StepOutcome};
use crate::phone::policy::Withheld;

/// What to do about a message that is not sent again.
const AGAIN: &str = "set spec.nonce to another text to send another message";

/// The attempt that the status holds for this generation.
fn attempt(
    status: &PhoneTestMessageStatus,
    generation: Option<i64>,
) -> Option<&TestMessageAttempt> {
    let attempt = status.attempt.as_ref();
    attempt.filter(|attempt| Some(attempt.generation) == generation)
}

/// What came of sending in this pass.
fn result<'a>(outcome: &'a Outcome, object: &ObjectKey) -> Option<&'a StepOutcome> {
    let mut steps = outcome.plan.steps.iter().zip(&outcome.steps);
    let own = steps.find(|(step, _)| {
        matches!(&step.action.change, Change::SendTestMessage { message, .. } if message == object)
    });
    own.map(|(_, result)| result)
}

/// Whether it is told already what became of the attempt: nothing more will be.
pub(super) fn is_over(before: &Previous) -> bool {
    let Status::Message(status) = &before.status else {
        return false;
    };
    let told = status.observed_generation == before.generation && !status.conditions.is_empty();
    let attempt = attempt(status, before.generation);
    told && attempt.is_some_and(|it| it.state != TestMessageState::Sending)
}

/// The verdict on a message that was sent, or may have been.
pub(super) fn verdict(outcome: &Outcome, before: &Previous, object: &ObjectKey) -> Option<Verdict> {
    let Status::Message(status) = &before.status else {
        return None;
    };
    match result(outcome, object) {
        Some(StepOutcome::Applied) => Some(Verdict::done(
            Reason::Queued,
            "Auth0 has accepted the message for sending; whether it arrives, Auth0 does not tell",
        )),
        Some(StepOutcome::Failed(failure)) => Some(match failure.class {
            Class::Terminal => {
                let message = format!("{}; {AGAIN}", failure.message);
                Verdict::stalled(failure.reason, message)
            }
            Class::Transient => unknown(&failure.message),
            Class::Throttled(_) | Class::Pending | Class::Gone => from_failure(failure),
        }),
        Some(StepOutcome::Withheld(Withheld::ObserveOnly)) => Some(Verdict::stalled(
            Reason::ObserveOnly,
            "the tenant is observe-only: nothing is sent",
        )),
        None if attempt(status, before.generation).is_some() => {
            Some(unknown("Dialtone ended while Auth0 was being asked"))
        }
        _ => None,
    }
}

fn unknown(why: &str) -> Verdict {
    let message = format!("the message may or may not have been sent: {why}; {AGAIN}");
    Verdict::stalled(Reason::DeliveryUnknown, message)
}

/// The attempt and the recipient.
pub(super) fn facts(
    status: &mut PhoneTestMessageStatus,
    (desired, outcome): (&Desired, &Outcome),
    (object, generation): (&ObjectKey, Option<i64>),
    now: Timestamp,
) {
    let wanted = desired.messages.iter().find(|it| it.owner == *object);
    if let Some(to) = wanted.and_then(|wanted| wanted.to.as_ref()) {
        status.recipient = Some(to.masked());
    }
    let begun = attempt(status, generation).cloned();
    let state = match result(outcome, object) {
        Some(StepOutcome::Applied) => TestMessageState::Queued,
        Some(StepOutcome::Failed(Failure { class, .. })) => match class {
            Class::Terminal => TestMessageState::Failed,
            Class::Transient => TestMessageState::Unknown,
            // Auth0 says that it did not take it: it can be tried again.
            Class::Throttled(_) | Class::Pending | Class::Gone => {
                status.attempt = None;
                return;
            }
        },
        None if begun
            .as_ref()
            .is_some_and(|it| it.state == TestMessageState::Sending) =>
        {
            TestMessageState::Unknown
        }
        _ => return,
    };
    status.attempt = generation.map(|generation| TestMessageAttempt {
        generation,
        state,
        started_at: begun.map_or(now, |begun| begun.started_at),
        finished_at: Some(now),
    });
}
