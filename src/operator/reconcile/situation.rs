//! What a pass means for objects that are going, and when none is made.

use super::Passed;
use super::conclude::Work;
use crate::api::Reason;
use crate::operator::finalize::Situation;
use crate::phone::action::ObjectKey;
use crate::phone::desired::Desired;
use crate::phone::outcome::{Class, Failure, Outcome};

/// What is known of the removal of an object after a pass.
pub(super) fn situation<'a>(passed: &'a Passed, object: &ObjectKey, ready: bool) -> Situation<'a> {
    let Passed {
        desired, result, ..
    } = passed;
    if desired.suspended {
        return Situation::LeftAlone("the tenant is suspended");
    }
    let mut rejected = desired.rejected.iter();
    let rejection = rejected.find(|rejection| rejection.object == *object);
    match (rejection, result) {
        // What came second set nothing up.
        (Some(rejection), _) if rejection.reason == Reason::Conflict => Situation::Removed,
        (Some(rejection), _) => Situation::Impossible(&rejection.message),
        (None, _) if passed.observe_only => Situation::LeftAlone("the tenant is observe-only"),
        (None, Ok(_)) if ready => Situation::Removed,
        (None, Ok(outcome)) => {
            removal_refused(outcome, object).map_or(Situation::Waiting, Situation::Impossible)
        }
        (None, Err(failure)) if failure.class == Class::Terminal => {
            Situation::Impossible(&failure.message)
        }
        (None, Err(_)) => Situation::Waiting,
    }
}

/// Why Auth0 will not remove what the object set up, where it refuses it for good.
fn removal_refused<'a>(outcome: &'a Outcome, object: &ObjectKey) -> Option<&'a str> {
    let own = outcome.failures().filter(|(index, failure)| {
        let step = outcome.plan.steps.get(*index);
        let owned = step.is_some_and(|step| step.action.owner == *object);
        owned && failure.class == Class::Terminal
    });
    own.map(|(_, failure)| failure.message.as_str()).next()
}

/// Why the tenant is not even tried.
pub(super) fn unfit(work: &Work<'_>, desired: &Desired) -> Option<Failure> {
    if desired.suspended {
        return Some(terminal(
            Reason::Suspended,
            "the tenant is suspended".into(),
        ));
    }
    let rival = work.view.rival.as_ref()?;
    let message = format!("{rival} comes first, by age and then by name, and has the same domain");
    Some(terminal(Reason::Conflict, message))
}

pub(super) const fn terminal(reason: Reason, message: String) -> Failure {
    Failure {
        class: Class::Terminal,
        reason,
        message,
    }
}
