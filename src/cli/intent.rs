//! What the state file says before something is done for an object.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::record::Record;
use super::workspace::TenantWork;
use crate::auth0::announce::Ledger;
use crate::phone::action::{Action, ObjectKey};
use crate::phone::report::Status;

/// Records what is about to be done, see [`Announced`](crate::auth0::announce::Announced).
pub struct Intents<'a> {
    work: &'a TenantWork,
    now: Timestamp,
    kept: Mutex<(&'a mut Record, BTreeMap<ObjectKey, Status>)>,
}

impl<'a> Intents<'a> {
    /// For one pass over these objects.
    pub const fn new(work: &'a TenantWork, record: &'a mut Record, now: Timestamp) -> Self {
        Self {
            work,
            now,
            kept: Mutex::new((record, BTreeMap::new())),
        }
    }

    /// The statuses that were recorded.
    pub fn begun(self) -> BTreeMap<ObjectKey, Status> {
        let kept = self.kept.into_inner();
        kept.unwrap_or_else(PoisonError::into_inner).1
    }
}

impl Ledger for Intents<'_> {
    async fn begin(&self, action: &Action) -> Result<(), String> {
        let object = &action.owner;
        let Some(resource) = self.work.resource(object) else {
            return Ok(());
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (record, begun) = &mut *kept;
        let known = begun.get(object).cloned();
        let mut status = known.unwrap_or_else(|| Status::of(resource));
        if status.begin(&action.change, resource.metadata().generation, self.now) {
            record
                .begin(object, &status)
                .map_err(|error| error.to_string())?;
            begun.insert(object.clone(), status);
        }
        Ok(())
    }
}
