//! What the status of an object says before something is done for it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::conclude::Work;
use crate::auth0::announce::Ledger;
use crate::phone::action::{Action, ObjectKey};
use crate::phone::report::Status;

/// Writes into the cluster what is about to be done, see
/// [`Announced`](crate::auth0::announce::Announced).
pub(super) struct Intents<'a> {
    work: &'a Work<'a>,
    begun: Mutex<BTreeMap<ObjectKey, Status>>,
    /// The API server did not answer, and is asked no more: each call would take its whole time.
    silent: AtomicBool,
}

impl<'a> Intents<'a> {
    pub(super) const fn new(work: &'a Work<'a>) -> Self {
        Self {
            work,
            begun: Mutex::new(BTreeMap::new()),
            silent: AtomicBool::new(false),
        }
    }

    /// The statuses that were written.
    pub(super) fn begun(self) -> BTreeMap<ObjectKey, Status> {
        self.begun
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, object: &ObjectKey) -> Option<Status> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.get(object).cloned()
    }
}

impl Ledger for Intents<'_> {
    async fn begin(&self, action: &Action) -> Result<(), String> {
        let object = &action.owner;
        let Some(before) = self.work.previous.get(object) else {
            return Ok(());
        };
        let known = self.known(object);
        let mut status = known.unwrap_or_else(|| before.status.clone());
        if !status.begin(&action.change, before.generation, self.work.now) {
            return Ok(());
        }
        if self.silent.load(Ordering::Relaxed) {
            return Err("the API server does not answer".to_owned());
        }
        // An object that is gone is refused too: it is to do nothing any more.
        if let Err(error) = self.work.write_status(object, &status).await {
            self.silent.fetch_or(error.is_silence(), Ordering::Relaxed);
            return Err(error.to_string());
        }
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.insert(object.clone(), status);
        Ok(())
    }
}
