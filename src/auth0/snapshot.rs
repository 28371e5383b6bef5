//! Snapshots that serve for more than one pass.

use std::time::Duration;

use tokio::time::Instant;

use super::pass::{self, Follower};
use super::tenant::Tenant;
use crate::phone::desired::{Desired, Scope};
use crate::phone::observed::Observed;
use crate::phone::policy::Policy;
use crate::phone::report::PassResult;

/// A snapshot is written from for this long at most. Auth0 replaces a provider's configuration and
/// a connection's options as a whole, so an old one would undo what somebody else changed there.
const FRESH: Duration = Duration::from_secs(15);

/// One read of a tenant, what it covers, and when it was taken.
#[derive(Clone, Debug)]
pub struct Snapshot {
    observed: Observed,
    scope: Scope,
    taken: Instant,
}

impl Snapshot {
    /// A snapshot that was taken just now.
    #[must_use]
    pub fn new(observed: Observed, scope: Scope) -> Self {
        Self {
            observed,
            scope,
            taken: Instant::now(),
        }
    }

    /// When it is too old to be written from.
    #[must_use]
    pub fn expires(&self) -> Instant {
        self.taken + FRESH
    }
}

/// One pass, from the last snapshot where that covers these objects and is fresh: younger than
/// 15 s and than `interval`. Leaves a snapshot behind where the pass left no doubt of the tenant.
///
/// # Errors
///
/// Why the tenant could not be read. Failed writes are part of the outcome.
pub async fn run<T: Tenant>(
    tenant: &T,
    snapshot: &mut Option<Snapshot>,
    desired: &Desired,
    policy: &Policy,
    interval: Duration,
    follower: &impl Follower,
) -> PassResult {
    let scope = desired.scope();
    let known = snapshot
        .take()
        .filter(|known| known.scope.covers(scope) && known.taken.elapsed() < interval.min(FRESH));
    let (fresh, taken, covered) = match known {
        Some(known) => (Some(known.observed), known.taken, known.scope),
        None => (None, Instant::now(), scope),
    };
    // Boxed: its state is large, and every caller's would be with it.
    let result = Box::pin(pass::run(tenant, desired, policy, fresh, follower)).await;
    if let Ok(outcome) = &result
        && outcome.failures().next().is_none()
        && !desired.suspended
    {
        *snapshot = Some(Snapshot {
            observed: outcome.observed.clone(),
            scope: covered,
            taken,
        });
    }
    result
}
