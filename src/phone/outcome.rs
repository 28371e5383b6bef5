//! What came of a plan: one result per step, and the tenant as it is now.

use jiff::Timestamp;

use super::observed::Observed;
use super::plan::Plan;
use super::policy::Withheld;
use crate::api::Reason;

/// How an attempt failed, which decides when to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Trying again does not help before the object, a grant or the plan of the tenant changes.
    Terminal,
    /// Auth0's rate limit: nothing is sent before this time.
    Throttled(Timestamp),
    /// Something was begun that takes its time, and nothing is wrong: an Action is being built.
    Pending,
    /// Something that passes, and may have taken effect: an error of the service, a lost answer.
    Transient,
    /// The write certainly took no effect: what it was about is not there any more, somebody else was
    /// first, or it was never sent. Read again.
    Gone,
}

/// Why an attempt failed, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When to look again.
    pub class: Class,
    /// The machine's reason.
    pub reason: Reason,
    /// What was tried, what Auth0 answered, and what to do.
    pub message: String,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// Written.
    Applied,
    /// Tried, and failed.
    Failed(Failure),
    /// Not tried, by policy or for want of a precondition.
    Withheld(Withheld),
    /// Not tried, because the earlier step of this index failed. With its own index: the pass was
    /// ended before it.
    Unreached(usize),
}

/// What came of one pass over one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was planned.
    pub plan: Plan,
    /// What became of each step of the plan, in the same order.
    pub steps: Vec<StepOutcome>,
    /// The tenant after the pass: the snapshot with every answer taken over.
    pub observed: Observed,
    /// What the same objects would still plan for the tenant as it is now.
    pub remaining: Plan,
}

impl Outcome {
    /// The failures, in order.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Failure)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| match step {
                StepOutcome::Failed(failure) => Some((index, failure)),
                _ => None,
            })
    }

    /// Whether the pass was ended before one of its steps, by who followed it.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        self.steps
            .iter()
            .enumerate()
            .any(|(index, step)| *step == StepOutcome::Unreached(index))
    }

    /// How many writes went through.
    #[must_use]
    pub fn applied(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| matches!(step, StepOutcome::Applied))
            .count()
    }
}
