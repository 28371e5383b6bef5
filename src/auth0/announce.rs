//! What is recorded before it is done, because only an answer that may be lost tells of it.

use super::pass::{Follower, Leave};
use crate::api::Reason;
use crate::phone::action::Action;
use crate::phone::outcome::{Class, Failure, StepOutcome};
use crate::phone::plan::Step;

/// Where it is recorded that something is about to be done.
pub trait Ledger: Sync {
    /// Records that this is about to be done.
    ///
    /// # Errors
    ///
    /// Where that cannot be recorded: then it is not done, and why not is for people.
    fn begin(&self, action: &Action) -> impl Future<Output = Result<(), String>> + Send;
}

/// Follows a pass as another follower does, and has the ledger record what it must before it is
/// done.
///
/// The id of what is created is known only from Auth0's answer, and so is whether a message was sent.
/// Were the answer lost, or the status that holds it, the next pass would take the object's own work
/// for somebody else's, or send the message again.
#[derive(Debug)]
pub struct Announced<'a, F, L> {
    follower: &'a F,
    ledger: &'a L,
}

impl<'a, F: Follower, L: Ledger> Announced<'a, F, L> {
    /// Follows as `follower` does.
    pub const fn new(follower: &'a F, ledger: &'a L) -> Self {
        Self { follower, ledger }
    }
}

impl<F: Follower, L: Ledger> Follower for Announced<'_, F, L> {
    async fn starting(&self, index: usize, step: &Step) -> Leave {
        let leave = self.follower.starting(index, step).await;
        if leave != Leave::Given || !step.action.change.is_recorded_first() {
            return leave;
        }
        match self.ledger.begin(&step.action).await {
            Ok(()) => Leave::Given,
            // Nothing was sent, and the tenant is as it was read.
            Err(why) => Leave::Refused(Failure {
                class: Class::Gone,
                reason: Reason::NotRecorded,
                message: format!(
                    "not done, because it cannot be recorded first that it is begun: {why}"
                ),
            }),
        }
    }

    fn finished(&self, index: usize, step: &Step, outcome: &StepOutcome) {
        self.follower.finished(index, step, outcome);
    }
}
