//! Passes over one tenant until nothing more is to be expected of another one.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::intent::Intents;
use super::link::Link;
use super::record::{Record, RecordError};
use super::workspace::TenantWork;
use crate::api::{ConditionType, condition};
use crate::auth0::announce::Announced;
use crate::auth0::pass::Follower;
use crate::auth0::random;
use crate::auth0::snapshot::{self, Snapshot};
use crate::phone::action::ObjectKey;
use crate::phone::desired::Scope;
use crate::phone::observed::Observed;
use crate::phone::outcome::{Class, Failure};
use crate::phone::plan::Plan;
use crate::phone::report::{Event, PassResult, Status, report};
use crate::phone::schedule::{Cadence, next_look};

/// What came of a tenant in one run.
#[derive(Clone, Debug, Default)]
pub struct Converged {
    /// Writes that went through.
    pub writes: usize,
    /// Passes made.
    pub passes: usize,
    /// The last plan.
    pub plan: Plan,
    /// What happened.
    pub events: Vec<Event>,
    /// Why the tenant could not be read at last.
    pub failure: Option<Failure>,
}

impl Converged {
    /// Adds what came of a run after this one.
    pub fn follow(&mut self, next: Self) {
        self.writes += next.writes;
        self.passes += next.passes;
        self.plan = next.plan;
        self.events.extend(next.events);
        self.failure = next.failure;
    }
}

/// What came of each tenant in one run.
pub type Results = BTreeMap<ObjectKey, Converged>;

/// One tenant, reached and remembered.
pub struct Host {
    /// How it is reached.
    pub link: Link,
    /// The snapshot of the last pass, where that left no doubt.
    pub snapshot: Option<Snapshot>,
}

impl Host {
    /// A tenant that has not been read yet.
    #[must_use]
    pub const fn new(link: Link) -> Self {
        Self {
            link,
            snapshot: None,
        }
    }

    /// A tenant that was read just now.
    #[must_use]
    pub fn with_snapshot(link: Link, observed: Observed, scope: Scope) -> Self {
        Self {
            link,
            snapshot: Some(Snapshot::new(observed, scope)),
        }
    }

    /// Passes until the tenant is as its objects say, or until a further pass would find the same.
    /// Waits between passes for what passes by itself, up to `patience` in all.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where statuses cannot be remembered.
    pub async fn converge(
        &mut self,
        work: &mut TenantWork,
        record: &mut Record,
        follower: &impl Follower,
        patience: Duration,
    ) -> Result<Converged, RecordError> {
        let deadline = Instant::now() + patience;
        let mut converged = Converged::default();
        let mut failures = 0;
        loop {
            let now = Timestamp::now();
            let (result, begun) = self.pass((&*work, now), record, follower).await;
            work.begin(begun);
            converged.passes += 1;
            let now = Timestamp::now();
            let told = report(&work.statuses(), &work.desired(record), &result, now);
            work.take(&told, record)?;
            converged.events.extend(told.events.iter().cloned());
            let progressed = note(result, &mut converged);
            let waits = waits(work);
            let worst = told.worst;
            let again = match worst {
                Some(Class::Terminal) | None => progressed && waits,
                Some(_) => true,
            };
            if !again {
                return Ok(converged);
            }
            failures = if worst.is_some() { failures + 1 } else { 0 };
            let wait = pause(now, worst, failures, cadence(work));
            if Instant::now() + wait > deadline {
                return Ok(converged);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// One pass, with the last snapshot where that is still good for these objects.
    async fn pass(
        &mut self,
        (work, now): (&TenantWork, Timestamp),
        record: &mut Record,
        follower: &impl Follower,
    ) -> (PassResult, BTreeMap<ObjectKey, Status>) {
        let (desired, policy) = (work.desired(record), work.policy());
        let interval = cadence(work).interval;
        let snapshot = &mut self.snapshot;
        let intents = Intents::new(work, record, now);
        let announced = Announced::new(follower, &intents);
        let pass = snapshot::run(
            &self.link, snapshot, &desired, &policy, interval, &announced,
        );
        let result = pass.await;
        (result, intents.begun())
    }
}

/// Takes the result of a pass into the sum; whether it wrote anything.
fn note(result: PassResult, converged: &mut Converged) -> bool {
    match result {
        Ok(outcome) => {
            let applied = outcome.applied();
            converged.writes += applied;
            converged.failure = None;
            // The plan that wrote something tells more than the empty one after it.
            if applied > 0 || converged.plan.is_empty() {
                converged.plan = outcome.plan;
            }
            applied > 0
        }
        Err(failure) => {
            converged.failure = Some(failure);
            false
        }
    }
}

/// Whether an object waits for something that another pass may bring.
fn waits(work: &TenantWork) -> bool {
    work.resources.iter().any(|resource| {
        condition::is_true(
            Status::of(resource).conditions(),
            ConditionType::Reconciling,
        )
    })
}

/// How often the tenant is looked at.
#[must_use]
pub fn cadence(work: &TenantWork) -> Cadence {
    Cadence::of(&work.tenant)
}

/// The wait before the next pass: at once after progress, else as the schedule says.
fn pause(now: Timestamp, worst: Option<Class>, failures: u32, cadence: Cadence) -> Duration {
    if worst.is_none() {
        return Duration::ZERO;
    }
    // Somebody is watching: the first retry comes sooner than in a cluster.
    let cadence = Cadence {
        retry: cadence.retry.min(Duration::from_secs(1)),
        ..cadence
    };
    let next = next_look(now, cadence, worst, failures, random::fraction());
    Duration::try_from(next.duration_since(now)).unwrap_or_default()
}
