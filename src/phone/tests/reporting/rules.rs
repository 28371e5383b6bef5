//! The rules for every status, whatever happened: those by which Flux and kstatus read one.

use proptest::prelude::*;

use super::*;
use crate::phone::tests::build::{any_desired, any_tenant};
use crate::phone::tests::laws::any_policy;

fn observed_generation(status: &Status) -> Option<i64> {
    match status {
        Status::Tenant(status) => status.observed_generation,
        Status::Provider(status) => status.observed_generation,
        Status::Factor(status) => status.observed_generation,
        Status::Connection(status) => status.observed_generation,
        Status::Template(status) => status.observed_generation,
        Status::Identifier(status) => status.observed_generation,
        Status::Message(status) => status.observed_generation,
    }
}

/// Checks a status that a pass left behind, by the rules of polarity: what is abnormal is there
/// only while True, and an object is Ready, on its way or stuck, and never two of these.
pub(super) fn check(status: &Status, generation: Option<i64>) -> Result<(), String> {
    let conditions = status.conditions();
    let is = |type_| condition::is_true(conditions, type_);
    let ready = condition::find(conditions, Ready).ok_or("Ready is always there")?;
    if ready.status == ConditionStatus::Unknown {
        return Err("a pass that is over knows whether an object is Ready".to_owned());
    }
    if ready.status == True && (is(Reconciling) || is(Stalled)) {
        return Err("nothing abnormal beside Ready".to_owned());
    }
    if is(Reconciling) && is(Stalled) {
        return Err("never Reconciling and Stalled".to_owned());
    }
    for abnormal in [Reconciling, Stalled, Drifted] {
        if condition::find(conditions, abnormal).is_some_and(|found| found.status != True) {
            return Err(format!("{abnormal} is there only while True"));
        }
    }
    let breaks = condition::find(conditions, BreaksDependents);
    if breaks.is_some_and(|found| found.status == ConditionStatus::False) {
        return Err("BreaksDependents is there only while True or not known".to_owned());
    }
    let mut types: Vec<ConditionType> = conditions.iter().map(|item| item.type_).collect();
    types.sort();
    types.dedup();
    if types.len() != conditions.len() {
        return Err("one condition of each type".to_owned());
    }
    let root = observed_generation(status);
    if root > generation {
        return Err("no status is about a generation that is still to come".to_owned());
    }
    if conditions
        .iter()
        .any(|item| item.observed_generation != generation || item.observed_generation != root)
    {
        return Err("status and conditions are about this generation".to_owned());
    }
    if conditions.iter().any(|item| item.message.is_empty()) {
        return Err("every condition says something".to_owned());
    }
    if conditions
        .iter()
        .any(|item| item.message.contains("15550100"))
    {
        return Err("phone numbers are masked".to_owned());
    }
    Ok(())
}

/// Takes the patches over, as an API server does.
fn take_over(statuses: &mut Statuses, report: Report) {
    for (key, status) in report.patches {
        statuses
            .get_mut(&key)
            .expect("a patch is of an object that there is")
            .status = status;
    }
}

fn any_class() -> impl Strategy<Value = Class> {
    prop_oneof![
        Just(Class::Terminal),
        Just(Class::Transient),
        Just(Class::Gone),
        Just(Class::Throttled(at(7))),
    ]
}

proptest! {

    /// Whatever happens, what is told follows the rules of polarity, and telling it again changes
    /// nothing (law 4).
    #[test]
    fn every_status_follows_the_rules_and_is_told_once(
        desired in any_desired(),
        observed in any_tenant(),
        policy in any_policy(),
        class in proptest::option::of(any_class()),
        failing in 0_usize..4,
    ) {
        let desired = Desired { suspended: policy.suspended, ..desired };
        let failing = class.into_iter().map(|class| (failing, failure(class))).collect();
        let result = Ok(pass(&desired, &observed, policy, &failing));
        let mut statuses = fresh(&desired);
        let first = report(&statuses, &desired, &result, at(100));
        prop_assert_eq!(first.patches.len(), desired.objects.len());
        take_over(&mut statuses, first);
        for (key, previous) in &statuses {
            let status = &previous.status;
            prop_assert_eq!(check(status, Some(1)), Ok(()), "{} {:#?}", key, status);
        }
        let second = report(&statuses, &desired, &result, at(200));
        prop_assert!(second.patches.is_empty(), "{:#?}", second.patches);
    }

    /// A later pass over a changed tenant follows the rules too, advances the generation, and moves
    /// the time of a condition exactly where its status moves.
    #[test]
    fn a_time_moves_with_its_status_and_the_generation_with_the_object(
        desired in any_desired(),
        (before, after) in (any_tenant(), any_tenant()),
        class in proptest::option::of(any_class()),
        failing in 0_usize..4,
    ) {
        let quiet = pass(&desired, &before, Policy::default(), &BTreeMap::new());
        let mut statuses = fresh(&desired);
        let first = report(&statuses, &desired, &Ok(quiet), at(100));
        take_over(&mut statuses, first);
        for previous in statuses.values_mut() {
            previous.generation = Some(2);
        }
        let old = statuses.clone();
        let failing = class.into_iter().map(|class| (failing, failure(class))).collect();
        let result = Ok(pass(&desired, &after, Policy::default(), &failing));
        let second = report(&statuses, &desired, &result, at(200));
        take_over(&mut statuses, second);
        for (key, previous) in &statuses {
            let status = &previous.status;
            prop_assert_eq!(check(status, Some(2)), Ok(()), "{} {:#?}", key, status);
            for now in status.conditions() {
                let then = condition::find(old[key].status.conditions(), now.type_);
                let same = then.filter(|then| then.status == now.status);
                let time = same.map_or(at(200), |then| then.last_transition_time);
                prop_assert_eq!(now.last_transition_time, time, "{} {:?}", key, now.type_);
            }
        }
    }

    /// A tenant that could not be read for now leaves what is Ready untouched to the last field,
    /// and what cannot be read at all makes every object say so by the rules.
    #[test]
    fn an_unread_tenant_takes_ready_from_nobody_for_now(
        desired in any_desired(),
        observed in any_tenant(),
        class in any_class(),
    ) {
        let outcome = pass(&desired, &observed, Policy::default(), &BTreeMap::new());
        let mut statuses = fresh(&desired);
        let first = report(&statuses, &desired, &Ok(outcome), at(100));
        take_over(&mut statuses, first);
        let was_ready = |key: &ObjectKey| statuses[key].status.is_ready();
        let told = report(&statuses, &desired, &Err(failure(class)), at(200));
        for key in &desired.objects {
            let patch = told.patches.get(key);
            // A message that was sent is not sent less by what becomes of the tenant.
            if key.kind == Kind::PhoneTestMessage && was_ready(key) {
                prop_assert_eq!(patch, None);
                continue;
            }
            if class == Class::Terminal {
                let status = patch.expect("what is stuck is told");
                prop_assert!(!status.is_ready());
            } else if was_ready(key) {
                prop_assert_eq!(patch, None);
            }
            if let Some(status) = patch {
                prop_assert_eq!(check(status, Some(1)), Ok(()), "{} {:#?}", key, status);
            }
        }
        take_over(&mut statuses, told);
        let again = report(&statuses, &desired, &Err(failure(class)), at(300));
        prop_assert!(again.patches.is_empty());
    }
}
