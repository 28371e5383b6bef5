//! What the state file says before something is done for an object.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::note;
use super::record::Record;
use super::workspace::TenantWork;
use crate::auth0::announce::Ledger;
use crate::phone::action::ObjectKey;

/// Records what is about to be done, see [`Announced`](crate::auth0::announce::Announced).
pub struct Intents<'a> {
    work: &'a TenantWork,
    now: Timestamp,
    kept: Mutex<(&'a mut Record, BTreeSet<ObjectKey>)>,
}

impl<'a> Intents<'a> {
    /// For one pass over these objects.
    pub const fn new(work: &'a TenantWork, record: &'a mut Record, now: Timestamp) -> Self {
        Self {
            work,
            now,
            kept: Mutex::new((record, BTreeSet::new())),
        }
    }

    /// The objects for which something was recorded.
    pub fn begun(self) -> BTreeSet<ObjectKey> {
        let kept = self.kept.into_inner();
        kept.unwrap_or_else(PoisonError::into_inner).1
    }
}

impl Ledger for Intents<'_> {
    async fn begin(&self, object: &ObjectKey) -> bool {
        let Some(resource) = self.work.resource(object) else {
            return true;
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (record, begun) = &mut *kept;
        match record.begin(resource, self.now) {
            Ok(true) => {
                begun.insert(object.clone());
                true
            }
            Ok(false) => true,
            Err(error) => {
                // A closed standard error leaves nobody to tell.
                let _ = note(&format!("nothing is done before that is recorded: {error}"));
                false
            }
        }
    }
}
