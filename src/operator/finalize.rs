//! Which objects hold a finalizer, and when it is let go. Pure.
//!
//! Only an object with `deletionPolicy: Delete` holds one: an operator that was taken out of the
//! cluster leaves nothing stuck that did not ask to be cleaned up.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::registry::FINALIZER;
use crate::api::{DeletionPolicy, Resource};

/// What the last pass found out about an object that is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation<'a> {
    /// What it set up in Auth0 is removed, or there was nothing to remove.
    Removed,
    /// Nothing is removed, by somebody's choice: the tenant is suspended or observe-only; which.
    LeftAlone(&'a str),
    /// Removal waits for something that is expected to come.
    Waiting,
    /// Removal is not possible: there is no tenant, no Secret, or no right to, or the tenant does not
    /// let the object in any more; why.
    Impossible(&'a str),
}

/// How an object's finalizer has to change before a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Add it: nothing is written for the object before it holds one.
    Add,
    /// Let it go: the object leaves Auth0 alone.
    Release,
}

/// What to do with the finalizer of an object that is going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Keep,
    /// Nothing before this time.
    KeepUntil(Timestamp),
    /// Let it go.
    Release,
    /// Let it go although what the object set up is still in Auth0; why.
    GiveUp(String),
}

/// How an object's finalizer has to change before a pass, if it has to.
#[must_use]
pub fn before_pass(resource: &Resource) -> Option<Change> {
    let wanted = resource.deletion_policy() == DeletionPolicy::Delete;
    let leaving = resource.metadata().deletion_timestamp.is_some();
    match (holds(resource), wanted, leaving) {
        (false, true, false) => Some(Change::Add),
        (true, false, _) => Some(Change::Release),
        _ => None,
    }
}

/// What to do with the finalizer of an object that is going, after a pass. `grace` is how long
/// removal is waited for where it is not possible; in a namespace that is being deleted nothing
/// that is missing comes back, so nothing is waited for.
#[must_use]
pub fn after_pass(
    resource: &Resource,
    situation: Situation<'_>,
    namespace_terminating: bool,
    grace: Duration,
    now: Timestamp,
) -> Step {
    let Some(since) = &resource.metadata().deletion_timestamp else {
        return Step::Keep;
    };
    // One that leaves Auth0 alone has been let go before the pass.
    if !holds(resource) || resource.deletion_policy() == DeletionPolicy::Orphan {
        return Step::Keep;
    }
    let grace = SignedDuration::try_from(grace).unwrap_or(SignedDuration::MAX);
    let deadline = since.0.checked_add(grace).unwrap_or(Timestamp::MAX);
    let given_up = |why: &str| {
        if now >= deadline || namespace_terminating {
            Step::GiveUp(why.to_owned())
        } else {
            Step::KeepUntil(deadline)
        }
    };
    match situation {
        Situation::Removed => Step::Release,
        Situation::LeftAlone(why) => Step::GiveUp(why.to_owned()),
        Situation::Impossible(why) => given_up(why),
        Situation::Waiting if namespace_terminating => {
            if now >= deadline {
                Step::GiveUp("its namespace is being deleted, and the time for it is over".into())
            } else {
                Step::KeepUntil(deadline)
            }
        }
        Situation::Waiting => Step::Keep,
    }
}

/// The finalizers of an object with ours added or taken away.
#[must_use]
pub fn finalizers(resource: &Resource, hold: bool) -> Vec<String> {
    let all = resource.metadata().finalizers.iter().flatten();
    let others = all.filter(|name| *name != FINALIZER).cloned();
    others.chain(hold.then(|| FINALIZER.to_owned())).collect()
}

/// Whether the object holds our finalizer.
fn holds(resource: &Resource) -> bool {
    let mut all = resource.metadata().finalizers.iter().flatten();
    all.any(|name| name == FINALIZER)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use proptest::prelude::*;

    use super::*;
    use crate::api::MfaPhoneFactor;

    const GRACE: Duration = Duration::from_mins(10);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn object(policy: DeletionPolicy, held: bool, leaving: Option<i64>) -> Resource {
        let mut factor = MfaPhoneFactor::default();
        factor.spec.deletion_policy = policy;
        factor.metadata.finalizers = held.then(|| vec!["other/one".into(), FINALIZER.into()]);
        factor.metadata.deletion_timestamp = leaving.map(|second| Time(at(second)));
        Resource::MfaPhoneFactor(Box::new(factor))
    }

    #[test]
    fn only_what_is_to_be_deleted_holds_a_finalizer() {
        use DeletionPolicy::{Delete, Orphan};
        assert_eq!(before_pass(&object(Delete, false, None)), Some(Change::Add));
        assert_eq!(before_pass(&object(Delete, true, None)), None);
        assert_eq!(before_pass(&object(Orphan, false, None)), None);
        assert_eq!(
            before_pass(&object(Orphan, true, None)),
            Some(Change::Release)
        );
        assert_eq!(
            before_pass(&object(Orphan, true, Some(1))),
            Some(Change::Release)
        );
        // The API server refuses new finalizers on what is going.
        assert_eq!(before_pass(&object(Delete, false, Some(1))), None);
    }

    #[test]
    fn removal_that_is_not_possible_is_given_up_after_the_grace_period() {
        let object = object(DeletionPolicy::Delete, true, Some(0));
        let step = |second, terminating| {
            let situation = Situation::Impossible("there is no tenant");
            after_pass(&object, situation, terminating, GRACE, at(second))
        };
        assert_eq!(step(599, false), Step::KeepUntil(at(600)));
        assert_eq!(step(600, false), Step::GiveUp("there is no tenant".into()));
        assert_eq!(step(1, true), Step::GiveUp("there is no tenant".into()));
    }

    #[test]
    fn a_blocked_removal_waits_for_ever_but_in_a_namespace_that_goes() {
        let object = object(DeletionPolicy::Delete, true, Some(0));
        let step = |second, terminating| {
            let situation = Situation::Waiting;
            after_pass(&object, situation, terminating, GRACE, at(second))
        };
        assert_eq!(step(100_000, false), Step::Keep);
        assert_eq!(step(1, true), Step::KeepUntil(at(600)));
        assert!(matches!(step(601, true), Step::GiveUp(_)));
    }

    #[test]
    fn finalizers_of_others_stay() {
        let held = object(DeletionPolicy::Delete, true, None);
        assert_eq!(finalizers(&held, false), ["other/one"]);
        assert_eq!(finalizers(&held, true), ["other/one", FINALIZER]);
        let bare = object(DeletionPolicy::Delete, false, None);
        assert_eq!(finalizers(&bare, true), [FINALIZER]);
    }

    proptest! {
        /// Namespace deletion never hangs: whatever is the matter, an object of a namespace that
        /// goes is let go when the grace period is over.
        #[test]
        fn nothing_outlives_its_namespace_for_long(kind in 0_u8..4, after in 600_i64..100_000) {
            let situation = match kind {
                0 => Situation::Removed,
                1 => Situation::LeftAlone("the tenant is suspended"),
                2 => Situation::Waiting,
                _ => Situation::Impossible("why"),
            };
            let object = object(DeletionPolicy::Delete, true, Some(0));
            let step = after_pass(&object, situation, true, GRACE, at(after));
            prop_assert!(matches!(step, Step::Release | Step::GiveUp(_)), "{step:?}");
        }
    }
}
