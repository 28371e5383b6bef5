//! One pass over one tenant, from what the registry holds to what the objects show.

mod conclude;
mod intent;
mod link;
mod sequence;
mod situation;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, info, warn};

use super::cluster::ClusterError;
use super::dereference::dereference;
use super::finalize::Situation;
use super::metrics::PassEnd;
use super::registry::View;
use super::worker::{Shared, Watchful};
use crate::api::{Auth0Tenant, ConditionType, ManagementPolicy, Reason, Resource, condition};
use crate::auth0::announce::Announced;
use crate::auth0::client::HttpClient;
use crate::auth0::connect::{ConnectError, rate_limit};
use crate::auth0::pacer::{Pacer, RateLimit};
use crate::auth0::random;
use crate::auth0::snapshot::{self, Snapshot};
use crate::auth0::tenant::ManagementApi;
use crate::phone::action::ObjectKey;
use crate::phone::desire::{References, desire, key_of};
use crate::phone::desired::Desired;
use crate::phone::outcome::Outcome;
use crate::phone::policy::Policy;
use crate::phone::report::{
    PassResult, Previous, Report, Status, report, requested, without_tenant,
};
use crate::phone::schedule::{Cadence, next_look};
use conclude::{Concluded, Owed, Refused, Work, later};
use intent::Intents;
use link::{Link, Origin, reach};
use situation::{situation, terminal, unfit};

/// The most passes that are made at once, one after the other. What is not there by then is waited
/// for: a write that Auth0 accepts and does not keep would go on for ever.
const MOST_ROUNDS: u32 = 3;

/// When a tenant is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At this time, or when something changes.
    At(Timestamp),
    /// Never: there is nothing of it any more, or it is another replica's.
    Gone,
}

/// What is remembered of a tenant from pass to pass.
pub struct Memory {
    tenant: ObjectKey,
    link: Option<Link>,
    pacer: Arc<Pacer>,
    snapshot: Option<Snapshot>,
    failures: u32,
    /// Passes in a row that left something unwritten in the cluster.
    unwritten: u32,
    /// What these told of objects and could not write.
    owed: Owed,
    /// Passes in a row that were made at once, because the one before brought something about.
    rounds: u32,
    /// The objects that were there at the last pass.
    known: BTreeSet<ObjectKey>,
}

/// What came of a pass.
struct Passed {
    desired: Desired,
    observe_only: bool,
    result: PassResult,
    /// The statuses that were written to say what is about to be done.
    begun: BTreeMap<ObjectKey, Status>,
}

impl Passed {
    /// Whether a step was not begun although nothing stood in its way but this process.
    fn cut_short(&self) -> bool {
        self.result.as_ref().is_ok_and(Outcome::is_cut_short)
    }
}

impl Memory {
    /// Of a tenant that was not looked at yet.
    #[must_use]
    pub fn new(tenant: ObjectKey) -> Self {
        Self {
            tenant,
            link: None,
            pacer: Arc::new(Pacer::new(RateLimit::default())),
            snapshot: None,
            failures: 0,
            unwritten: 0,
            owed: Owed::new(),
            rounds: 0,
            known: BTreeSet::new(),
        }
    }

    /// What gives the calls of passes their turn.
    #[must_use]
    pub const fn pacer(&self) -> &Arc<Pacer> {
        &self.pacer
    }

    /// Lets go of what was read of the tenant once that is too old to serve: it is most of what is
    /// remembered, and tenants are idle most of the time.
    pub async fn age(&mut self) -> Infallible {
        if let Some(snapshot) = &self.snapshot {
            sleep_until(snapshot.expires()).await;
            self.snapshot = None;
        }
        std::future::pending().await
    }

    /// One pass, to the end: statuses are written when it returns.
    pub async fn pass(&mut self, shared: &Arc<Shared>, follower: &Watchful) -> Look {
        let (mut view, labels) = {
            let registry = shared.registry();
            let labels = registry.tenant_labels(&self.tenant);
            (registry.view(&self.tenant), labels)
        };
        let ours = shared.settings.shard.holds(&labels);
        self.count(shared, &view, ours);
        if view.resources.is_empty() || !ours {
            return Look::Gone;
        }
        self.recall(&mut view);
        let known = |resource: &Arc<Resource>| (key_of(resource), Previous::of(resource));
        let mut work = Work {
            previous: view.resources.iter().map(known).collect(),
            now: Timestamp::now(),
            unwritten: self.unwritten,
            owed: self.owed.clone(),
            shared,
            view,
        };
        let refused = match work.hold().await {
            Ok(refused) => refused,
            Err(error) => return self.put_off(&work, &error),
        };
        let Some(Resource::Auth0Tenant(tenant)) = work.view.tenant.as_deref().cloned() else {
            self.link = None;
            let told = without_tenant(&work.previous, &self.tenant, work.now);
            let why = format!("there is no {}", self.tenant);
            let concluded = work.conclude(told, |_| Situation::Impossible(&why)).await;
            return self.concluded(concluded, Timestamp::MAX);
        };
        let begun = Instant::now();
        let passed = match dereference(&shared.cluster, &work.view).await {
            Ok(references) => {
                self.look_anew_where_asked(&work);
                self.run(&work, (&tenant, &refused), &references, follower)
                    .await
            }
            Err(error) => return self.put_off(&work, &error),
        };
        if !shared.fence.may_write() {
            // Another replica may lead: what is told is its business.
            return Look::At(later(work.now, 1));
        }
        let metrics = shared.cluster.metrics();
        if !passed.desired.suspended {
            let result = PassEnd::of(passed.result.as_ref());
            metrics.pass(&self.tenant, result, begun.elapsed());
        }
        if let Ok(outcome) = &passed.result {
            metrics.planned(&self.tenant, &outcome.plan);
        }
        for (object, status) in &passed.begun {
            if let Some(before) = work.previous.get_mut(object) {
                before.status.clone_from(status);
            }
        }
        let told = report(&work.previous, &passed.desired, &passed.result, work.now);
        self.finish(work, &tenant, told, &passed).await
    }

    /// Something in the cluster stands in the way of a pass: nothing is told, and it is tried again
    /// soon, and later and later while it lasts.
    fn put_off(&mut self, work: &Work<'_>, error: &ClusterError) -> Look {
        if error.is_conflict() {
            debug!(%error, "changed meanwhile");
            return Look::At(later(work.now, 1));
        }
        warn!(%error, "the pass is put off");
        self.failures = self.failures.saturating_add(1);
        Look::At(later(work.now, self.failures))
    }

    /// Gives objects the statuses that could not be written: what the cluster shows of them is older.
    fn recall(&mut self, view: &mut View) {
        let mut owed = std::mem::take(&mut self.owed);
        for resource in &mut view.resources {
            let key = key_of(resource);
            let Some((uid, status)) = owed.remove(&key) else {
                continue;
            };
            if uid == resource.metadata().uid {
                status.clone().put(Arc::make_mut(resource));
                self.owed.insert(key, (uid, status));
            }
        }
    }

    /// Counts nothing any more of what is gone.
    fn count(&mut self, shared: &Shared, view: &View, ours: bool) {
        let present = view.resources.iter().map(|resource| key_of(resource));
        let present: BTreeSet<ObjectKey> = present.filter(|_| ours).collect();
        for gone in self.known.difference(&present) {
            shared.cluster.metrics().forget(gone);
        }
        self.known = present;
    }

    /// A request for a pass at once asks what the tenant is now.
    fn look_anew_where_asked(&mut self, work: &Work<'_>) {
        let asked = work.view.resources.iter().any(|resource| {
            if resource.metadata().deletion_timestamp.is_some() {
                return false;
            }
            let handled = work.previous.get(&key_of(resource));
            let handled = handled.and_then(|before| before.status.last_handled());
            requested(resource).is_some_and(|value| handled != Some(value.as_str()))
        });
        if asked {
            self.snapshot = None;
        }
    }

    async fn run(
        &mut self,
        work: &Work<'_>,
        (tenant, refused): (&Auth0Tenant, &Refused),
        references: &References,
        follower: &Watchful,
    ) -> Passed {
        let objects = work.view.resources.iter().map(AsRef::as_ref);
        let mut desired = desire(tenant, objects, references, &work.shared.fingerprints);
        for (object, why) in refused {
            desired.leave_out(object, Reason::FinalizerRefused, why);
        }
        let policy = Policy::of(tenant);
        let intents = Intents::new(work);
        let announced = Announced::new(follower, &intents);
        let result = if let Some(failure) = unfit(work, &desired) {
            Err(failure)
        } else {
            match self.link(work.shared, tenant, references) {
                Err(error) => Err(terminal(error.reason(), error.to_string())),
                Ok(api) => {
                    let (interval, snapshot) = (Cadence::of(tenant).interval, &mut self.snapshot);
                    snapshot::run(&*api, snapshot, &desired, &policy, interval, &announced).await
                }
            }
        };
        Passed {
            desired,
            observe_only: policy.management == ManagementPolicy::Observe,
            result,
            begun: intents.begun(),
        }
    }

    /// The way to the tenant, set up anew where its object or its credentials changed. A new
    /// credential is used from this pass on.
    fn link(
        &mut self,
        shared: &Arc<Shared>,
        tenant: &Auth0Tenant,
        references: &References,
    ) -> Result<Arc<ManagementApi<HttpClient>>, ConnectError> {
        self.pacer
            .set_limit(rate_limit(tenant, RateLimit::default()));
        let origin = Origin::of(shared, tenant, references);
        if let Some(link) = self.link.as_ref().filter(|link| link.origin == origin) {
            return Ok(Arc::clone(&link.api));
        }
        self.link = None;
        self.snapshot = None;
        let pacer = Arc::clone(&self.pacer);
        let api = Arc::new(reach(shared, tenant, references, pacer)?);
        self.link = Some(Link {
            origin,
            api: Arc::clone(&api),
        });
        Ok(api)
    }

    /// Writes what a pass told, and says when to look again.
    async fn finish(
        &mut self,
        work: Work<'_>,
        tenant: &Auth0Tenant,
        told: Report,
        passed: &Passed,
    ) -> Look {
        let progressed = passed.result.as_ref().is_ok_and(|it| it.applied() > 0);
        let after: BTreeMap<ObjectKey, Status> = work
            .previous
            .iter()
            .map(|(key, before)| {
                let now = told.patches.get(key).unwrap_or(&before.status);
                (key.clone(), now.clone())
            })
            .collect();
        let waits = after
            .values()
            .any(|status| condition::is_true(status.conditions(), ConditionType::Reconciling));
        let cut_short = passed.cut_short() && !work.shared.stopping();
        self.failures = if told.worst.is_some() || cut_short {
            self.failures.saturating_add(1)
        } else {
            0
        };
        let at_once = progressed && waits && told.worst.is_none() && self.rounds < MOST_ROUNDS;
        self.rounds = if at_once { self.rounds + 1 } else { 0 };
        let next = if at_once {
            work.now
        } else if cut_short {
            later(work.now, self.failures)
        } else {
            let cadence = Cadence::of(tenant);
            let jitter = random::fraction();
            next_look(work.now, cadence, told.worst, self.failures, jitter)
        };
        match &passed.result {
            Ok(outcome) => {
                let (planned, written) = (outcome.plan.steps.len(), outcome.applied());
                info!(planned, written, "pass done");
            }
            Err(_) if passed.desired.suspended => debug!("the tenant is suspended"),
            Err(failure) => {
                warn!(reason = %failure.reason, message = failure.message, "the tenant was not read");
            }
        }
        let ready = |key: &ObjectKey| after.get(key).is_some_and(Status::is_ready);
        let concluded = work.conclude(told, |object| situation(passed, object, ready(object)));
        let concluded = concluded.await;
        self.concluded(concluded, next)
    }

    /// When to look again: what is due in the cluster may come before the next pass.
    fn concluded(&mut self, concluded: Concluded, next: Timestamp) -> Look {
        self.owed = concluded.owed;
        self.unwritten = if concluded.unwritten {
            self.unwritten.saturating_add(1)
        } else {
            0
        };
        Look::At(concluded.due.min(next))
    }
}
