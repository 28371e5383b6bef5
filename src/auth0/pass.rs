//! One pass over one tenant: observe, plan, apply. Every host runs this same loop.

use super::tenant::Tenant;
use crate::phone::desired::Desired;
use crate::phone::observed::Observed;
use crate::phone::outcome::{Failure, Outcome, StepOutcome};
use crate::phone::plan::{Plan, Step, plan};
use crate::phone::policy::Policy;
use crate::phone::report::PassResult;

/// Follows a pass, and may end it between two writes or keep it from one.
pub trait Follower: Sync {
    /// A step is about to be carried out, if this gives it leave.
    fn starting(&self, _index: usize, _step: &Step) -> impl Future<Output = Leave> + Send {
        std::future::ready(Leave::Given)
    }

    /// A step was carried out, or was not.
    fn finished(&self, _index: usize, _step: &Step, _outcome: &StepOutcome) {}
}

/// Whether a step may be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It may.
    Given,
    /// Not this one, and not those that need it.
    Refused(Failure),
    /// The pass ends before it: leadership was lost, or the process is asked to stop.
    Withdrawn,
}

/// Follows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unfollowed;

impl Follower for Unfollowed {}

/// Reads the tenant, unless a snapshot is at hand, and makes it what the objects want. A suspended
/// tenant is not even read.
///
/// # Errors
///
/// Why the tenant could not be read. Failed writes are part of the outcome.
pub async fn run<T: Tenant>(
    tenant: &T,
    desired: &Desired,
    policy: &Policy,
    snapshot: Option<Observed>,
    follower: &impl Follower,
) -> PassResult {
    let observed = match snapshot {
        Some(observed) => observed,
        None if desired.suspended => Observed::default(),
        None => tenant.snapshot(desired.scope()).await?,
    };
    let plan = plan(desired, &observed, policy);
    Ok(apply(tenant, desired, policy, plan, observed, follower).await)
}

/// Carries out a plan step by step. A step that fails stops those that need it, and no others.
pub async fn apply<T: Tenant>(
    tenant: &T,
    desired: &Desired,
    policy: &Policy,
    plan_made: Plan,
    mut observed: Observed,
    follower: &impl Follower,
) -> Outcome {
    let mut known = desired.clone();
    let mut steps: Vec<StepOutcome> = Vec::with_capacity(plan_made.steps.len());
    let mut stopped = false;
    for (index, step) in plan_made.steps.iter().enumerate() {
        let unmet = step
            .needs
            .iter()
            .copied()
            .find(|need| stops(steps.get(*need)));
        let outcome = if let Some(withheld) = &step.withheld {
            StepOutcome::Withheld(withheld.clone())
        } else if let Some(need) = unmet {
            StepOutcome::Unreached(need)
        } else if stopped {
            StepOutcome::Unreached(index)
        } else {
            match follower.starting(index, step).await {
                Leave::Given => match tenant.apply(&step.action.change, &observed).await {
                    Ok(applied) => {
                        known.learn(&step.action.change, &applied);
                        observed.absorb(applied);
                        StepOutcome::Applied
                    }
                    Err(failure) => StepOutcome::Failed(failure),
                },
                Leave::Refused(failure) => StepOutcome::Failed(failure),
                Leave::Withdrawn => {
                    stopped = true;
                    StepOutcome::Unreached(index)
                }
            }
        };
        follower.finished(index, step, &outcome);
        steps.push(outcome);
    }
    let remaining = plan(&known, &observed, policy);
    Outcome {
        plan: plan_made,
        steps,
        observed,
        remaining,
    }
}

/// Whether what came of an earlier step keeps a later one from being carried out.
const fn stops(earlier: Option<&StepOutcome>) -> bool {
    matches!(
        earlier,
        Some(StepOutcome::Failed(_) | StepOutcome::Unreached(_))
    )
}
