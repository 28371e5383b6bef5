//! What is recorded before it is done, because only an answer that may be lost tells of it.

use super::pass::Follower;
use crate::phone::action::ObjectKey;
use crate::phone::outcome::StepOutcome;
use crate::phone::plan::Step;

/// Where it is recorded that something is about to be done.
pub trait Ledger: Sync {
    /// Records that what this object wants is about to be done. False where that cannot be recorded:
    /// then it is not done.
    fn begin(&self, object: &ObjectKey) -> impl Future<Output = bool> + Send;
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
    async fn starting(&self, index: usize, step: &Step) -> bool {
        let action = &step.action;
        self.follower.starting(index, step).await
            && (!action.change.is_recorded_first() || self.ledger.begin(&action.owner).await)
    }

    fn finished(&self, index: usize, step: &Step, outcome: &StepOutcome) {
        self.follower.finished(index, step, outcome);
    }
}
