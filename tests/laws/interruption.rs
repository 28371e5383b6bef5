//! Law 2: a pass that ends early, however it does, is continued by the next one.

use std::sync::atomic::{AtomicUsize, Ordering};

use dialtone::auth0::pass::{Follower, Leave};
use dialtone::phone::plan::Step;
use dialtone::sim::fault::{Fault, Script};
use proptest::prelude::*;

use crate::random::{rig, run};
use crate::rig::Rig;
use crate::world::{Mode, cases, left, wanted};

/// Lets a number of steps pass, as a process does that is then told to stop.
struct StopsAfter(AtomicUsize);

impl Follower for StopsAfter {
    async fn starting(&self, _index: usize, _step: &Step) -> Leave {
        let left = |left: usize| left.checked_sub(1);
        let left = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left);
        left.map_or(Leave::Withdrawn, |_| Leave::Given)
    }
}

/// A pass that ends before its time, and of which nothing is told.
async fn abandoned(rig: &mut Rig, steps: usize) {
    let follower = StopsAfter(AtomicUsize::new(steps));
    let (api, now) = (rig.api(), rig.clock.now());
    rig.objects.run(&api, None, now, &follower).await.1.unwrap();
}

proptest! {
    #![proptest_config(cases(64))]

    /// The connection breaks at any call, with or without effect.
    #[test]
    fn a_pass_that_dies_is_continued(
        left in left(), wanted in wanted(), call in 1_u32..14, applied: bool,
    ) {
        run(async {
            let mut whole = rig(&left, &wanted, Mode::Manage);
            whole.settle().await;
            let mut broken = rig(&left, &wanted, Mode::Manage);
            let kill = Fault::Kill { applied };
            broken.tenant.add_faults([Script::nth_call(call, kill)]);
            broken.settle().await;
            prop_assert_eq!(broken.picture(), whole.picture());
            prop_assert_eq!(broken.objects.reasons(), whole.objects.reasons());
            // Whether a provider whose creation was not answered holds the token cannot be read.
            let twice = if applied { wanted.unreadable() } else { 0 };
            prop_assert!(broken.writes() <= whole.writes() + twice);
            Ok(())
        })?;
    }

    /// The process is stopped between two writes and its memory is lost.
    #[test]
    fn a_pass_that_is_stopped_is_continued(
        left in left(), wanted in wanted(), steps in 0_usize..7,
    ) {
        run(async {
            let mut whole = rig(&left, &wanted, Mode::Manage);
            whole.settle().await;
            let mut broken = rig(&left, &wanted, Mode::Manage);
            abandoned(&mut broken, steps).await;
            let written = broken.writes();
            broken.settle().await;
            prop_assert_eq!(broken.picture(), whole.picture());
            prop_assert_eq!(broken.objects.reasons(), whole.objects.reasons());
            let twice = if written > 0 { wanted.unreadable() } else { 0 };
            prop_assert!(broken.writes() <= whole.writes() + twice);
            Ok(())
        })?;
    }
}
