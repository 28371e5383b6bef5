//! What is recorded in the cluster before something is created in Auth0.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tracing::warn;

use super::conclude::Work;
use crate::auth0::pass::Follower;
use crate::operator::worker::Watchful;
use crate::phone::action::ObjectKey;
use crate::phone::outcome::StepOutcome;
use crate::phone::plan::Step;

/// Follows a pass, and has the status of an object say that its creation begins before it does.
///
/// The id of what is created is known only from Auth0's answer. Were the answer, or the status that
/// holds it, lost with this process, the next one would take the object's own work for somebody
/// else's: `adopt: Never` would refuse it, and `deletionPolicy: Delete` would leave it behind.
pub(super) struct Announced<'a> {
    watchful: &'a Watchful,
    work: &'a Work<'a>,
    begun: Mutex<BTreeSet<ObjectKey>>,
}

impl<'a> Announced<'a> {
    pub(super) const fn new(watchful: &'a Watchful, work: &'a Work<'a>) -> Self {
        Self {
            watchful,
            work,
            begun: Mutex::new(BTreeSet::new()),
        }
    }

    /// The objects whose status says since this pass that their creation begins.
    pub(super) fn begun(self) -> BTreeSet<ObjectKey> {
        self.begun
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that what this object wants is about to be created. False where that cannot be
    /// recorded: an object that is gone is to create nothing any more.
    async fn announce(&self, object: &ObjectKey) -> bool {
        let Some(before) = self.work.previous.get(object) else {
            return true;
        };
        let mut status = before.status.clone();
        if !status.begin_creation() {
            return true;
        }
        match self.work.write_status(object, &status).await {
            Ok(()) => {
                let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
                begun.insert(object.clone());
                true
            }
            Err(error) => {
                warn!(%error, "nothing is created before that is recorded");
                false
            }
        }
    }
}

impl Follower for Announced<'_> {
    async fn starting(&self, index: usize, step: &Step) -> bool {
        let action = &step.action;
        self.watchful.starting(index, step).await
            && (!action.change.creates() || self.announce(&action.owner).await)
    }

    fn finished(&self, index: usize, step: &Step, outcome: &StepOutcome) {
        self.watchful.finished(index, step, outcome);
    }
}
