//! Another administrator at work: before a pass, in the middle of one, and in tenants in which
//! drift is only reported.

use dialtone::sim::fault::Script;
use proptest::prelude::*;

use crate::random::{lawful, rig, run};
use crate::world::{Meddling, Mode, cases, left, meddling, wanted};

proptest! {
    #![proptest_config(cases(96))]

    /// What others changed is set right in one pass, as far as objects own it.
    #[test]
    fn drift_is_set_right_in_one_pass(
        left in left(), wanted in wanted(), others in prop::collection::vec(meddling(), 1..4),
    ) {
        run(async {
            let mut rig = rig(&left, &wanted, Mode::Manage);
            rig.settle().await;
            for other in &others {
                other.meddle(&rig.tenant);
            }
            lawful(&mut rig, &[&wanted], false).await
        })?;
    }

    /// What others change between two calls of a pass is set right by the next ones.
    #[test]
    fn drift_within_a_pass_is_set_right(
        left in left(), wanted in wanted(), other in meddling(), call in 1_u32..14,
    ) {
        run(async {
            let mut rig = rig(&left, &wanted, Mode::Manage);
            let fault = other.fault(&rig.tenant);
            rig.tenant.add_faults(fault.map(|fault| Script::nth_call(call, fault)));
            rig.settle().await;
            // The pass that was struck may have ended on what it had read before.
            rig.settle().await;
            rig.tenant.clear_faults();
            lawful(&mut rig, &[&wanted], false).await
        })?;
    }

    /// Where drift is only reported or ignored, nothing that others did is undone.
    #[test]
    fn drift_that_is_not_corrected_stays(
        left in left(), wanted in wanted(), other in meddling(), warn: bool,
    ) {
        run(async {
            let mode = if warn { Mode::DriftWarn } else { Mode::DriftIgnore };
            let mut rig = rig(&left, &wanted, mode);
            rig.settle().await;
            // An object that is not Ready yet may still be written. The flag is a precondition,
            // which `Enable` keeps whatever the mode of drift is.
            prop_assume!(rig.objects.ready() && !matches!(other, Meddling::Unified(false)));
            other.meddle(&rig.tenant);
            let meddled = rig.store();
            rig.settle().await;
            rig.settle().await;
            prop_assert_eq!(rig.store(), meddled);
            Ok(())
        })?;
    }
}
