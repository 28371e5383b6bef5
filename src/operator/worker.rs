//! One worker per tenant: one pass at a time, again when something changed or when it is time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::Instrument;

use super::cluster::Cluster;
use super::reconcile::{Look, Memory};
use super::registry::{Registry, Wakes};
use super::shard::Shard;
use crate::api::Resource;
use crate::auth0::client::Fence;
use crate::auth0::pacer::Pacer;
use crate::auth0::pass::{Follower, Leave};
use crate::auth0::token::TokenCache;
use crate::phone::action::ObjectKey;
use crate::phone::plan::Step;
use crate::phone::secret::FingerprintKey;

/// A burst of changes is taken up when it has been quiet for this long.
const QUIET: Duration = Duration::from_millis(200);

/// Changes are taken up after this time even if it does not become quiet.
const UNREST: Duration = Duration::from_secs(1);

/// The longest sleep: beyond it a timer serves nobody.
const LONGEST_SLEEP: Duration = Duration::from_hours(24);

/// The longest that the last calls wait for their turn once the process is to end.
const LAST_TURN: Duration = Duration::from_secs(2);

/// What the flags of `dialtone run` set for every pass.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Every tenant is reached here instead of where its object says.
    pub endpoint: Option<String>,
    /// How long a removal that is not possible is waited for.
    pub deletion_grace_period: Duration,
    /// The tenants that are this replica's.
    pub shard: Shard,
}

/// What all workers share.
pub struct Shared {
    /// The API server.
    pub cluster: Cluster,
    /// What the watches told.
    pub registry: Mutex<Registry>,
    /// The key of fingerprints.
    pub fingerprints: FingerprintKey,
    /// Tokens for the Management API.
    pub tokens: Arc<TokenCache>,
    /// Whether this replica may write.
    pub fence: Arc<dyn Fence>,
    /// Flags.
    pub settings: Settings,
    /// How many passes run at once.
    pub permits: Semaphore,
    /// True once the process is to end.
    pub stop: watch::Receiver<bool>,
    /// Where tenants are named that are to be looked at.
    pub wakes: mpsc::UnboundedSender<Wakes>,
}

impl Shared {
    /// The registry. A panic elsewhere while it was held leaves it as it was.
    pub fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up an object as a write of this process left it.
    pub fn absorb(&self, written: Resource) {
        let wakes = self.registry().absorb(written);
        if !wakes.is_empty() {
            // Nobody listens any more: the process ends.
            let _ = self.wakes.send(wakes);
        }
    }

    /// Whether the process is to end.
    #[must_use]
    pub fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Ends when the process is to end.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // A sender that is gone means the same.
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

/// Ends a pass between two writes when the process is to end or leads no more.
pub struct Watchful {
    shared: Arc<Shared>,
    begun: AtomicBool,
}

impl Watchful {
    /// For one pass.
    #[must_use]
    pub const fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            begun: AtomicBool::new(false),
        }
    }

    /// Whether a write was begun: such a pass ends by itself and reports what it did.
    fn has_begun(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }
}

impl Follower for Watchful {
    async fn starting(&self, _index: usize, _step: &Step) -> Leave {
        if self.shared.stopping() || !self.shared.fence.may_write() {
            return Leave::Withdrawn;
        }
        self.begun.store(true, Ordering::SeqCst);
        Leave::Given
    }
}

/// Works for one tenant until it is gone or the process is to end, and returns its key.
pub async fn run(shared: Arc<Shared>, tenant: ObjectKey, bell: Arc<Notify>) -> ObjectKey {
    let mut memory = Memory::new(tenant.clone());
    // The bell is rung for the first pass.
    let mut due = Instant::now() + LONGEST_SLEEP;
    loop {
        tokio::select! {
            () = shared.stopped() => return tenant,
            () = bell.notified() => settle(&bell).await,
            () = sleep_until(due) => {}
            never = memory.age() => match never {},
        }
        let permit = tokio::select! {
            () = shared.stopped() => return tenant,
            permit = shared.permits.acquire() => permit,
        };
        if permit.is_err() {
            return tenant;
        }
        let follower = Watchful::new(Arc::clone(&shared));
        let span = tracing::info_span!("pass", tenant = %tenant);
        let pacer = Arc::clone(memory.pacer());
        let pass = memory.pass(&shared, &follower).instrument(span);
        let look = tokio::select! {
            look = pass => look,
            () = abandoned(&shared, &follower, &pacer) => return tenant,
        };
        match look {
            Look::Gone => return tenant,
            Look::At(time) => due = instant(time),
        }
    }
}

/// The process is to end and this pass has written nothing: it can be dropped where it is. One
/// that has written ends by itself, and waits for no rate limit any more.
async fn abandoned(shared: &Shared, follower: &Watchful, pacer: &Pacer) {
    shared.stopped().await;
    if follower.has_begun() {
        pacer.hurry(LAST_TURN);
        std::future::pending::<()>().await;
    }
}

/// Waits until no more changes come in.
async fn settle(bell: &Notify) {
    let quiet = async { while timeout(QUIET, bell.notified()).await.is_ok() {} };
    // Where it does not become quiet, the changes so far are taken up.
    let _ = timeout(UNREST, quiet).await;
}

/// The monotonic time at which a wall clock will show this.
fn instant(time: Timestamp) -> Instant {
    let wait = time.duration_since(Timestamp::now());
    let wait = Duration::try_from(wait).unwrap_or_default();
    Instant::now() + wait.min(LONGEST_SLEEP)
}
