//! What a pass changes in the cluster: finalizers, statuses, events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tracing::{debug, warn};

use super::sequence::acknowledged_last;
use crate::api::{Reason, Resource};
use crate::auth0::random;
use crate::operator::cluster::ClusterError;
use crate::operator::finalize::{self, Change, Situation, Step};
use crate::operator::registry::View;
use crate::operator::worker::Shared;
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;
use crate::phone::report::{Event, Report, Status, Statuses};
use crate::phone::schedule::expiry;

/// The wait before what the API server did not take is tried again; it doubles with each further
/// failure.
const RETRY: SignedDuration = SignedDuration::from_secs(2);

/// The most doublings: two minutes.
const MOST_DOUBLINGS: u32 = 6;

/// What came of writing to the cluster.
pub(super) struct Concluded {
    /// When something is due: what waits for the end of its grace period, or what could not be
    /// written.
    pub(super) due: Timestamp,
    /// Something could not be written.
    pub(super) unwritten: bool,
    /// The statuses that could not be: what they hold is known nowhere else.
    pub(super) owed: Owed,
}

/// Statuses that were told and could not be written, with the uid of their objects.
pub(super) type Owed = BTreeMap<ObjectKey, (Option<String>, Status)>;

/// How many statuses are written at once.
const AT_ONCE: usize = 8;

/// The objects that take no part in a pass, because their finalizer cannot be set; why.
pub(super) type Refused = BTreeMap<ObjectKey, String>;

/// What one pass has to do with, read at its beginning.
pub(super) struct Work<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) view: View,
    pub(super) previous: Statuses,
    pub(super) now: Timestamp,
    /// How many passes in a row before this one left something unwritten in the cluster.
    pub(super) unwritten: u32,
    /// The statuses that these could not write. The objects in `view` carry them already.
    pub(super) owed: Owed,
}

impl Work<'_> {
    /// Gives objects that are to be removed with their deletion the finalizer, and takes it from
    /// those that are not any more, before anything is written for them. Returns those for which
    /// that is refused: they take no part in this pass, and the others go on.
    ///
    /// # Errors
    ///
    /// Where an object was changed meanwhile: the pass would begin with what is not true any more.
    pub(super) async fn hold(&self) -> Result<Refused, ClusterError> {
        let mut refused = Refused::new();
        for resource in &self.view.resources {
            let Some(change) = finalize::before_pass(resource) else {
                continue;
            };
            match self.set_finalizer(resource, change == Change::Add).await {
                Ok(()) => {}
                Err(error) if error.is_conflict() => return Err(error),
                Err(error) => {
                    warn!(%error, "the object takes no part in this pass");
                    refused.insert(key_of(resource), error.to_string());
                }
            }
        }
        Ok(refused)
    }

    async fn set_finalizer(&self, resource: &Resource, hold: bool) -> Result<(), ClusterError> {
        if !self.shared.fence.may_write() {
            return Ok(());
        }
        let key = key_of(resource);
        let version = resource.metadata().resource_version.as_deref();
        let all = finalize::finalizers(resource, hold);
        match self
            .shared
            .cluster
            .set_finalizers(&key, version, &all)
            .await
        {
            Ok(written) => {
                self.shared.absorb(written);
                Ok(())
            }
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes statuses, events and finalizers, and says when what could not be written, or what
    /// waits for the end of its grace period, is due.
    pub(super) async fn conclude<'a>(
        self,
        mut told: Report,
        situation: impl Fn(&ObjectKey) -> Situation<'a>,
    ) -> Concluded {
        for (key, (_, status)) in &self.owed {
            let owed = || status.clone();
            told.patches.entry(key.clone()).or_insert_with(owed);
        }
        let metrics = self.shared.cluster.metrics();
        for (key, before) in &self.previous {
            let now = told.patches.get(key).unwrap_or(&before.status);
            metrics.conditions(key, now.conditions());
        }
        let (released, mut due, mut unwritten) = self.let_go(situation).await;
        for event in &told.events {
            self.record(event).await;
        }
        told.patches.retain(|key, _| !released.contains(key));
        let expiring = self.expiring(&told);
        let owed = self.tell_all(told.patches).await;
        if !owed.is_empty() {
            due = due.min(self.again());
            unwritten = true;
        }
        for (key, expiry) in expiring {
            if owed.contains_key(&key) {
                continue;
            }
            due = due.min(if expiry > self.now {
                expiry
            } else {
                self.delete(&key)
                    .await
                    .map_or(Timestamp::MAX, |error| self.soon(&error))
            });
        }
        Concluded {
            due,
            unwritten,
            owed,
        }
    }

    /// The test messages that do not stay for ever, and until when they stay.
    fn expiring(&self, told: &Report) -> Vec<(ObjectKey, Timestamp)> {
        let all = self.view.resources.iter().filter_map(|resource| {
            let Resource::PhoneTestMessage(message) = resource.as_ref() else {
                return None;
            };
            let key = key_of(resource);
            let status = told.patches.get(&key).or_else(|| {
                let before = self.previous.get(&key)?;
                Some(&before.status)
            });
            let Some(Status::Message(status)) = status else {
                return None;
            };
            let stays = message.metadata.deletion_timestamp.is_none();
            expiry(message, status)
                .filter(|_| stays)
                .map(|time| (key, time))
        });
        all.collect()
    }

    /// Deletes an object that is still as this process knows it, and as the pass knew it: another
    /// generation is another request.
    async fn delete(&self, key: &ObjectKey) -> Option<ClusterError> {
        let current = self.shared.registry().get(key)?;
        let mut known = self.view.resources.iter();
        let known = known.find(|resource| key_of(resource) == *key)?;
        let same = known.metadata().generation == current.metadata().generation;
        if !same || !self.shared.fence.may_write() {
            return None;
        }
        match self.shared.cluster.delete(key, current.metadata()).await {
            Ok(()) => {
                debug!(object = %key, "its time is over");
                None
            }
            Err(error) if error.is_not_found() => None,
            Err(error) => Some(error),
        }
    }

    /// Writes statuses, and returns those that could not be. An API server that does not answer is
    /// asked no more: each call would take its whole time.
    async fn tell_all(&self, patches: BTreeMap<ObjectKey, Status>) -> Owed {
        let silent = AtomicBool::new(false);
        let silent = &silent;
        let mut owed = Owed::new();
        for some in acknowledged_last(&self.previous, patches) {
            let writes = some.into_iter().map(|(key, status)| async move {
                let told =
                    !silent.load(Ordering::Relaxed) && self.tell(&key, &status, silent).await;
                (!told).then(|| (key.clone(), (self.uid(&key), status)))
            });
            let all = futures::stream::iter(writes).buffer_unordered(AT_ONCE);
            let untold: Owed = all.filter_map(std::future::ready).collect().await;
            owed.extend(untold);
        }
        owed
    }

    /// Lets those go whose removal is done or given up. Returns them, when the next one is due, and
    /// whether one could not be let go.
    async fn let_go<'a>(
        &self,
        situation: impl Fn(&ObjectKey) -> Situation<'a>,
    ) -> (Vec<ObjectKey>, Timestamp, bool) {
        let mut due = Timestamp::MAX;
        let mut released = Vec::new();
        let mut unwritten = false;
        let grace = self.shared.settings.deletion_grace_period;
        for resource in &self.view.resources {
            let key = key_of(resource);
            let terminating = self.view.terminating.contains(&key.namespace);
            let step =
                finalize::after_pass(resource, situation(&key), terminating, grace, self.now);
            let why = match step {
                Step::KeepUntil(time) => {
                    due = due.min(time);
                    continue;
                }
                Step::Release => None,
                Step::GiveUp(why) => Some(why),
                Step::Keep => continue,
            };
            match self.release(resource).await {
                Err(error) => {
                    due = due.min(self.soon(&error));
                    unwritten = true;
                }
                Ok(()) => {
                    if let Some(why) = why {
                        self.give_up(resource, &why).await;
                    }
                }
            }
            released.push(key);
        }
        (released, due, unwritten)
    }

    /// Writes one status. False where it has to be tried again.
    async fn tell(&self, key: &ObjectKey, status: &Status, silent: &AtomicBool) -> bool {
        if !self.shared.fence.may_write() {
            // Another replica may lead, and have told something newer.
            return false;
        }
        match self.write_status(key, status).await {
            Ok(()) => true,
            Err(error) if error.is_not_found() => {
                debug!(%error, "no status written");
                true
            }
            Err(error) => {
                silent.fetch_or(error.is_silence(), Ordering::Relaxed);
                self.soon(&error);
                false
            }
        }
    }

    pub(super) async fn write_status(
        &self,
        key: &ObjectKey,
        status: &Status,
    ) -> Result<(), ClusterError> {
        let uid = self.uid(key);
        let cluster = &self.shared.cluster;
        let written = cluster.write_status(key, uid.as_deref(), status).await?;
        self.shared.absorb(written);
        Ok(())
    }

    /// Lets an object go as it is now, which may not be as it was when the pass began.
    async fn release(&self, resource: &Resource) -> Result<(), ClusterError> {
        let key = key_of(resource);
        let current = self.shared.registry().get(&key);
        let current = current.as_deref().unwrap_or(resource);
        self.set_finalizer(current, false).await
    }

    async fn give_up(&self, resource: &Resource, why: &str) {
        let key = key_of(resource);
        warn!(object = %key, why, "left in Auth0");
        let event = Event {
            object: key,
            warning: true,
            reason: Reason::Orphaned,
            action: "Delete".to_owned(),
            message: format!("what it set up is left in Auth0: {why}"),
        };
        self.record(&event).await;
    }

    /// An event that cannot be recorded is lost: nothing depends on it, and a namespace that is
    /// being deleted takes none.
    async fn record(&self, event: &Event) {
        if !self.shared.fence.may_write() {
            return;
        }
        let uid = self.uid(&event.object);
        if let Err(error) = self.shared.cluster.record(event, uid).await {
            if self.view.terminating.contains(&event.object.namespace) {
                debug!(%error, "event lost");
            } else {
                warn!(%error, "event lost");
            }
        }
    }

    fn uid(&self, key: &ObjectKey) -> Option<String> {
        let mut all = self.view.resources.iter();
        let resource = all.find(|resource| key_of(resource) == *key)?;
        resource.metadata().uid.clone()
    }

    fn soon(&self, error: &ClusterError) -> Timestamp {
        if error.is_conflict() {
            debug!(%error, "changed meanwhile");
        } else {
            warn!(%error, "not written");
        }
        self.again()
    }

    fn again(&self) -> Timestamp {
        later(self.now, self.unwritten.saturating_add(1))
    }
}

/// When to try again what has failed this many times in a row: up to half as much later again, so
/// that tenants that failed together do not try together.
pub(super) fn later(now: Timestamp, failures: u32) -> Timestamp {
    let doublings = failures.saturating_sub(1).min(MOST_DOUBLINGS);
    let wait = RETRY.saturating_mul(1 << doublings);
    let jitter = wait.as_secs_f64() * 0.5 * random::fraction();
    let wait = SignedDuration::try_from_secs_f64(wait.as_secs_f64() + jitter).unwrap_or(wait);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
