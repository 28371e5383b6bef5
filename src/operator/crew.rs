//! What the replica that leads does: watches, and one worker per tenant.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::{error, info};

use super::cluster::{Cluster, ClusterError};
use super::registry::{Registry, Wakes};
use super::serve::Health;
use super::watch::{Extent, Intake, notices};
use super::worker::{self, Settings, Shared};
use crate::auth0::client::Fence;
use crate::auth0::token::TokenCache;
use crate::phone::action::ObjectKey;

/// The wait before a tenant whose pass broke down is looked at again.
const AFTER_A_FAULT: Duration = Duration::from_secs(30);

/// How often the loop says that it turns.
pub const BEAT: Duration = Duration::from_secs(5);

/// How the replica works.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// The operator's own namespace.
    pub namespace: String,
    /// What is watched.
    pub extent: Extent,
    /// How many passes run at once.
    pub concurrent: usize,
    /// What every pass goes by.
    pub settings: Settings,
    /// How long the first lists may take.
    pub sync_timeout: Duration,
    /// How long passes may take to end when the process is to end.
    pub shutdown_grace: Duration,
}

/// Whether the work came to its end in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every pass ended between two writes.
    Cleanly,
    /// A pass was still under way when the time was over.
    Late,
}

/// Works until `stop` is true.
///
/// `health` is told once everything was listed and passes begin, and that the loop turns.
///
/// # Errors
///
/// [`ClusterError`] where the key of fingerprints can neither be read nor made, or something cannot
/// be listed in time.
pub async fn lead(
    cluster: Cluster,
    conduct: Conduct,
    fence: Arc<dyn Fence>,
    mut stop: watch::Receiver<bool>,
    health: &Health,
) -> Result<Ended, ClusterError> {
    let fingerprints = cluster.fingerprint_key(&conduct.namespace).await?;
    let sources = conduct.extent.sources();
    let mut notices = notices(cluster.client(), &sources);
    let mut intake = Intake::new(sources);
    let (wakes_sender, mut wakes) = mpsc::unbounded_channel();
    let mut crew = Crew::new(Arc::new(Shared {
        cluster,
        registry: Mutex::new(Registry::default()),
        fingerprints,
        tokens: Arc::new(TokenCache::new()),
        fence,
        settings: conduct.settings,
        permits: Semaphore::new(conduct.concurrent),
        stop: stop.clone(),
        wakes: wakes_sender,
    }));
    let mut begun = false;
    let deadline = Instant::now() + conduct.sync_timeout;
    let mut beats = tokio::time::interval(BEAT);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            Some(notice) = notices.next() => {
                if let Some(source) = notice.failed() {
                    crew.shared.cluster.metrics().watch_failed(source.resource());
                }
                let wakes = intake.take(notice, &mut crew.shared.registry());
                if !intake.is_complete() {
                    health.set_waiting(&intake.waits_for());
                    continue;
                }
                if begun {
                    crew.wake(wakes);
                } else {
                    begun = true;
                    health.set_synced();
                    crew.wake_all();
                }
            }
            () = sleep_until(deadline), if !begun => {
                return Err(ClusterError::NotSynced(intake.waits_for()));
            }
            _ = beats.tick() => health.beat(),
            Some(wakes) = wakes.recv() => crew.wake(wakes),
            Some(ended) = crew.workers.join_next() => crew.dismiss(ended.ok()),
        }
    }
    drop(notices);
    Ok(crew.end(conduct.shutdown_grace).await)
}

/// The workers.
struct Crew {
    shared: Arc<Shared>,
    bells: BTreeMap<ObjectKey, Arc<Notify>>,
    workers: JoinSet<ObjectKey>,
}

impl Crew {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            bells: BTreeMap::new(),
            workers: JoinSet::new(),
        }
    }

    fn wake_all(&mut self) {
        let all: Wakes = self.shared.registry().tenants().cloned().collect();
        info!(tenants = all.len(), "everything is listed: passes begin");
        self.wake(all);
    }

    /// Has these tenants looked at. One that is another shard's, or has no objects any more, is
    /// told to its worker where there is one.
    fn wake(&mut self, wakes: Wakes) {
        for tenant in wakes {
            if let Some(bell) = self.bells.get(&tenant) {
                bell.notify_one();
            } else if self.is_ours(&tenant) {
                self.hire(tenant);
            }
        }
    }

    fn is_ours(&self, tenant: &ObjectKey) -> bool {
        let registry = self.shared.registry();
        registry.has(tenant)
            && self
                .shared
                .settings
                .shard
                .holds(&registry.tenant_labels(tenant))
    }

    fn hire(&mut self, tenant: ObjectKey) {
        let bell = Arc::new(Notify::new());
        // The first pass as well waits for a burst of changes to end.
        bell.notify_one();
        self.bells.insert(tenant.clone(), Arc::clone(&bell));
        let shared = Arc::clone(&self.shared);
        let watched = Arc::clone(&self.shared);
        self.workers.spawn(async move {
            let work = worker::run(shared, tenant.clone(), bell);
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                error!(%tenant, "a pass broke down; it is tried again later");
                tokio::select! {
                    () = tokio::time::sleep(AFTER_A_FAULT) => {}
                    () = watched.stopped() => {}
                }
            }
            tenant
        });
    }

    /// A worker ended: its tenant was gone. It may have come back since the worker looked.
    fn dismiss(&mut self, ended: Option<ObjectKey>) {
        let Some(tenant) = ended else {
            return;
        };
        self.bells.remove(&tenant);
        if !self.shared.stopping() && self.is_ours(&tenant) {
            self.hire(tenant);
        }
    }

    async fn end(mut self, grace: Duration) -> Ended {
        let all = async { while self.workers.join_next().await.is_some() {} };
        match tokio::time::timeout(grace, all).await {
            Ok(()) => Ended::Cleanly,
            Err(_) => Ended::Late,
        }
    }
}
