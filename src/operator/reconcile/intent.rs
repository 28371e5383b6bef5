//! What the status of an object says before something is done for it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tracing::warn;

use super::conclude::Work;
use crate::auth0::announce::Ledger;
use crate::phone::action::ObjectKey;

/// Writes into the cluster what is about to be done, see
/// [`Announced`](crate::auth0::announce::Announced).
pub(super) struct Intents<'a> {
    work: &'a Work<'a>,
    begun: Mutex<BTreeSet<ObjectKey>>,
}

impl<'a> Intents<'a> {
    pub(super) const fn new(work: &'a Work<'a>) -> Self {
        Self {
            work,
            begun: Mutex::new(BTreeSet::new()),
        }
    }

    /// The objects whose status was written.
    pub(super) fn begun(self) -> BTreeSet<ObjectKey> {
        self.begun
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for Intents<'_> {
    async fn begin(&self, object: &ObjectKey) -> bool {
        let Some(before) = self.work.previous.get(object) else {
            return true;
        };
        let mut status = before.status.clone();
        if !status.begin(before.generation, self.work.now) {
            return true;
        }
        // An object that is gone is refused too: it is to do nothing any more.
        match self.work.write_status(object, &status).await {
            Ok(()) => {
                let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
                begun.insert(object.clone());
                true
            }
            Err(error) => {
                warn!(%error, "nothing is done before that is recorded");
                false
            }
        }
    }
}
