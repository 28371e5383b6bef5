//! The laws over random tenants and random objects, which change and are deleted in the end.

use std::collections::BTreeSet;

use dialtone::auth0::exchange::Exchange;
use dialtone::auth0::tenant::{ManagementApi, Tenant as _};
use dialtone::phone::flow::Flow;
use dialtone::phone::observed::Reading;
use dialtone::phone::outcome::{Outcome, StepOutcome};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use crate::rig::{Objects, Rig};
use crate::world::{Left, Mode, Wanted, bare_store, cases, left, wanted};

pub(crate) type Checked = Result<(), TestCaseError>;

pub(crate) fn rig(left: &Left, wanted: &Wanted, mode: Mode) -> Rig {
    let rig = Rig::around(Objects::of(wanted.resources(mode)), bare_store());
    left.set_up(&rig.tenant);
    rig.tenant.clear_calls();
    rig
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The connections by name, and the templates by type.
fn named(store: &Value) -> BTreeSet<String> {
    let connections = store["connections"]["all"].as_array().unwrap().iter();
    let templates = store["templates"]["stored"].as_array().unwrap().iter();
    connections
        .map(|item| &item["document"]["name"])
        .chain(templates.map(|item| &item["type"]))
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// What none of these objects owns of two states of one tenant.
pub(crate) fn unowned(before: &Value, after: &Value, by: &[&Wanted], deleting: bool) -> [Value; 2] {
    let had = named(before);
    let new: BTreeSet<String> = named(after).difference(&had).cloned().collect();
    [before, after].map(|store| {
        let mut store = store.clone();
        // Counts what was ever created.
        store["ids"] = Value::Null;
        for wanted in by {
            wanted.blank_owned(&mut store, &new, deleting);
        }
        store
    })
}

/// Law 8: a plan tells a hazard if and only if signing in works before it and fails after it, in
/// the tenant itself. Where a break is blocked it is told as well, and does not happen.
fn foretold(outcome: &Outcome, before: &BTreeSet<Flow>, after: &BTreeSet<Flow>) -> Checked {
    let lost: BTreeSet<&Flow> = before.difference(after).collect();
    let told: BTreeSet<&Flow> = outcome
        .plan
        .hazards
        .iter()
        .filter(|hazard| outcome.steps[hazard.step] == StepOutcome::Applied)
        .map(|hazard| &hazard.flow)
        .collect();
    prop_assert_eq!(told, lost, "{:#?}", outcome.plan);
    Ok(())
}

/// The snapshot that a pass carried along is what a fresh one shows.
async fn as_fresh<E: Exchange>(api: &ManagementApi<E>, rig: &Rig, outcome: &Outcome) -> Checked {
    let mut fresh = api.snapshot(rig.objects.desired().scope()).await.unwrap();
    if fresh.actions == Reading::NotRead {
        // They were read for a provider that is no Action any more.
        fresh.actions.clone_from(&outcome.observed.actions);
    }
    prop_assert_eq!(&outcome.observed, &fresh);
    Ok(())
}

/// Laws 1, 4, 5 and 8 for one pass over the tenant as it is.
pub(crate) async fn lawful(rig: &mut Rig, by: &[&Wanted], deleting: bool) -> Checked {
    let (before, worked) = (rig.store(), rig.working());
    let (result, _) = rig.pass().await;
    let outcome = result.unwrap();
    prop_assert_eq!(outcome.failures().count(), 0, "{:#?}", outcome.steps);
    let due = outcome.remaining.due().next();
    prop_assert!(due.is_none(), "{:#?}", outcome.remaining);
    let [before, after] = unowned(&before, &rig.store(), by, deleting);
    prop_assert_eq!(before, after);
    foretold(&outcome, &worked, &rig.working())?;
    as_fresh(&rig.api(), rig, &outcome).await?;
    let reached = rig.store();
    // One list of clients is read for each sms connection, and ten other endpoints at most.
    let sms = reached["connections"]["all"].as_array().unwrap().iter();
    let most = 10
        + sms
            .filter(|item| item["document"]["strategy"] == "sms")
            .count();
    for _ in 0..2 {
        rig.tenant.clear_calls();
        let before = rig.objects.resources.clone();
        let (_, told) = rig.pass().await;
        prop_assert!(
            told.patches.is_empty(),
            "{:#?}",
            rig.objects.changed_since(&before)
        );
        prop_assert!(told.events.is_empty(), "{:#?}", told.events);
        let calls = rig.tenant.calls();
        prop_assert!(calls.iter().all(|call| !call.is_write()), "{:#?}", calls);
        prop_assert!(calls.len() <= most && each_once(&calls), "{:#?}", calls);
    }
    prop_assert_eq!(rig.store(), reached);
    Ok(())
}

fn each_once(calls: &[dialtone::sim::call::Call]) -> bool {
    let endpoints: BTreeSet<&str> = calls.iter().map(|call| call.path.as_str()).collect();
    endpoints.len() == calls.len()
}

/// Whether a call is one that the unified experience refuses, or that any law forbids.
fn legacy(path: &str) -> bool {
    let after = ["factors/phone/", "factors/sms/"]
        .iter()
        .find_map(|part| path.split_once(part));
    after.is_some_and(|(_, rest)| rest != "message-types")
}

proptest! {
    #![proptest_config(cases(96))]

    /// Laws 1, 4, 5 and 8, for the first objects, for others in their place, and for their deletion.
    #[test]
    fn each_pass_converges_and_leaves_the_rest_alone(
        left in left(), first in wanted(), then in wanted(),
    ) {
        run(async {
            let mut rig = rig(&left, &first, Mode::Manage);
            lawful(&mut rig, &[&first], false).await?;
            rig.objects.replace(then.resources(Mode::Manage));
            lawful(&mut rig, &[&first, &then], false).await?;
            let now = rig.clock.now();
            rig.objects.delete_all(now);
            lawful(&mut rig, &[&first, &then], true).await
        })?;
    }

    /// Law 3: a tenant that is only looked at, or not even that, stays exactly as it is; and the
    /// endpoints of the time before the unified experience are never called.
    #[test]
    fn an_observed_or_suspended_tenant_stays_as_it_is(left in left(), wanted in wanted()) {
        run(async {
            for mode in [Mode::Observe, Mode::Suspend, Mode::Manage] {
                let mut rig = rig(&left, &wanted, mode);
                let before = rig.store();
                rig.pass().await.0.unwrap();
                rig.pass().await.0.unwrap();
                let calls = rig.tenant.calls();
                prop_assert!(!calls.iter().any(|call| legacy(&call.path)), "{:#?}", calls);
                if mode == Mode::Manage {
                    continue;
                }
                prop_assert_eq!(rig.store(), before);
                let writes = calls.iter().filter(|call| call.is_write()).count();
                prop_assert_eq!(writes, 0);
                prop_assert!(mode == Mode::Observe || calls.is_empty());
            }
            Ok(())
        })?;
    }
}
