//! The laws of the planner over random tenants and random objects, in the model that
//! [`predict`](crate::phone::predict) makes of Auth0.

use proptest::prelude::*;

use super::build::{any_desired, any_tenant};
use crate::api::{DriftMode, ManagementPolicy};
use crate::phone::desired::Desired;
use crate::phone::flow::working;
use crate::phone::observed::{Connection, Observed, Strategy as ConnectionStrategy};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::{Policy, Withheld};
use crate::phone::predict::predict;

/// Carries out what is due, up to `limit` writes, as the effects do.
fn carry_out(
    desired: &Desired,
    observed: &Observed,
    plan: &Plan,
    limit: usize,
) -> (Desired, Observed) {
    let (mut known, mut state) = (desired.clone(), observed.clone());
    for (_, step) in plan.due().take(limit) {
        let applied = predict(&state, &step.action.change);
        known.learn(&step.action.change, &applied);
        state.absorb(applied);
    }
    (known, state)
}

/// What a tenant object may say of how its tenant is written.
pub(super) fn any_policy() -> impl Strategy<Value = Policy> {
    let management =
        prop_oneof![5 => Just(ManagementPolicy::Manage), 1 => Just(ManagementPolicy::Observe)];
    let drift = prop_oneof![
        Just(DriftMode::Correct),
        Just(DriftMode::Warn),
        Just(DriftMode::Ignore),
    ];
    (
        prop_oneof![9 => Just(false), 1 => Just(true)],
        management,
        drift,
    )
        .prop_map(|(suspended, management, drift)| Policy {
            suspended,
            management,
            drift,
        })
}

/// What is left for a second pass: nothing that is due.
fn settled(plan: &Plan) -> bool {
    plan.due().next().is_none()
}

/// A database connection without what an identifier's object owns of it, and without what has to
/// change where attributes begin.
fn unowned(desired: &Desired, mut connection: Connection) -> Connection {
    let (Some(_), Some(options)) = (desired.identifiers.first(), &mut connection.options) else {
        return connection;
    };
    let attributes = options
        .get_mut("attributes")
        .and_then(|it| it.as_object_mut());
    if let Some(attributes) = attributes {
        attributes.shift_remove("phone_number");
        let legacy = attributes
            .get("email")
            .is_none_or(|email| email["unique"] != false);
        if legacy {
            options.shift_remove("attributes");
        }
    }
    for key in ["requires_username", "validation"] {
        options.shift_remove(key);
    }
    let methods = options.get_mut("authentication_methods");
    if let Some(methods) = methods.and_then(|it| it.as_object_mut()) {
        methods.shift_remove("phone_otp");
    }
    connection
}

proptest! {

    /// Law 1: one pass converges.
    #[test]
    fn a_plan_carried_out_leaves_nothing_due(
        desired in any_desired(),
        observed in any_tenant(),
        policy in any_policy(),
    ) {
        let first = plan(&desired, &observed, &policy);
        let (known, state) = carry_out(&desired, &observed, &first, usize::MAX);
        let second = plan(&known, &state, &policy);
        prop_assert!(settled(&second), "{first:#?}\nthen\n{second:#?}");
    }

    /// Law 2: a pass that was cut short is continued by the next one, to the same tenant.
    #[test]
    fn any_prefix_of_a_plan_converges_to_the_same_tenant(
        desired in any_desired(),
        observed in any_tenant(),
        limit in 0_usize..6,
    ) {
        let policy = Policy::default();
        let whole = plan(&desired, &observed, &policy);
        let (_, wanted) = carry_out(&desired, &observed, &whole, usize::MAX);
        let (known, cut) = carry_out(&desired, &observed, &whole, limit);
        let rest = plan(&known, &cut, &policy);
        let (_, reached) = carry_out(&known, &cut, &rest, usize::MAX);
        prop_assert_eq!(reached, wanted);
    }

    /// Law 3: a suspended or observe-only tenant is never written.
    #[test]
    fn a_tenant_that_may_not_be_written_has_nothing_due(
        desired in any_desired(),
        observed in any_tenant(),
        suspended in any::<bool>(),
    ) {
        let management = ManagementPolicy::Observe;
        let policy = Policy { suspended, management, ..Policy::default() };
        let planned = plan(&desired, &observed, &policy);
        prop_assert!(settled(&planned));
        let reason = if suspended { Withheld::Suspended } else { Withheld::ObserveOnly };
        prop_assert!(planned.steps.iter().all(|step| step.withheld == Some(reason.clone())));
    }

    /// Law 5: what no object owns stays as it is.
    #[test]
    fn what_no_object_owns_is_left_alone(desired in any_desired(), observed in any_tenant()) {
        let policy = Policy::default();
        let planned = plan(&desired, &observed, &policy);
        let (_, after) = carry_out(&desired, &observed, &planned, usize::MAX);
        let databases = |tenant: &Observed| -> Vec<_> {
            let all = tenant.connections();
            let databases = all.filter(|item| item.strategy == ConnectionStrategy::Auth0);
            databases.cloned().map(|item| unowned(&desired, item)).collect()
        };
        let (left, found) = (databases(&after), databases(&observed));
        prop_assert_eq!(left, found);
        prop_assert_eq!(&after.applications, &observed.applications);
        let unwanted = |tenant: &Observed| -> Vec<_> {
            let all = tenant.templates.value().into_iter().flatten();
            let wanted = |type_| desired.templates.iter().any(|item| item.type_ == type_);
            all.filter(|(type_, _)| !wanted(**type_)).map(|(_, item)| item.clone()).collect()
        };
        prop_assert_eq!(unwanted(&after), unwanted(&observed));
        for wanted in desired.templates.iter().filter(|item| !item.claim.removing) {
            let spoken = |tenant: &Observed| {
                let content = &tenant.template(wanted.type_)?.content;
                let own = &wanted.content;
                Some([
                    content.from.clone().filter(|_| own.from.is_none()),
                    content.text.clone().filter(|_| own.text.is_none()),
                    content.voice.clone().filter(|_| own.voice.is_none()),
                ])
            };
            if spoken(&observed).is_some() {
                prop_assert_eq!(spoken(&after), spoken(&observed));
            }
        }
        if desired.provider.is_none() {
            prop_assert_eq!(&after.provider, &observed.provider);
            prop_assert_eq!(&after.actions, &observed.actions);
        }
        if desired.factor.is_none() {
            prop_assert_eq!(&after.factor, &observed.factor);
            prop_assert_eq!(&after.message_types, &observed.message_types);
            prop_assert_eq!(&after.policies, &observed.policies);
        }
        let sms = |tenant: &Observed| tenant.connection(ConnectionStrategy::Sms, "sms").cloned();
        if let (Some(before), Some(after)) = (sms(&observed), sms(&after)) {
            prop_assert_eq!(before.option(&["unknown"]), after.option(&["unknown"]));
            prop_assert_eq!(before.option(&["totp", "time_step"]), after.option(&["totp", "time_step"]));
        }
        let region = |tenant: &Observed| {
            tenant.provider().and_then(|item| item.configuration.get("region").cloned())
        };
        let same_kind = observed.provider().map(|item| &item.name) == after.provider().map(|item| &item.name);
        if same_kind && after.provider().is_some() {
            prop_assert_eq!(region(&observed), region(&after));
        }
    }

    /// Law 8: a plan has a hazard for a flow if and only if the plan ends it.
    #[test]
    fn hazards_are_the_flows_that_work_before_and_fail_after(
        desired in any_desired(),
        observed in any_tenant(),
    ) {
        let planned = plan(&desired, &observed, &Policy::default());
        prop_assume!(planned.steps.iter().all(|step| {
            !matches!(step.withheld, Some(Withheld::BreakingChange(_)))
        }));
        let (_, after) = carry_out(&desired, &observed, &planned, usize::MAX);
        let ended: Vec<_> = working(&observed).difference(&working(&after)).cloned().collect();
        let mut told: Vec<_> = planned.hazards.iter().map(|hazard| hazard.flow.clone()).collect();
        told.sort();
        prop_assert_eq!(told, ended);
    }

    /// Planning is deterministic, and its needs always point backwards.
    #[test]
    fn the_same_values_make_the_same_plan(desired in any_desired(), observed in any_tenant()) {
        let policy = Policy::default();
        let planned = plan(&desired, &observed, &policy);
        prop_assert_eq!(&planned, &plan(&desired, &observed, &policy));
        for (index, step) in planned.steps.iter().enumerate() {
            prop_assert!(step.needs.iter().all(|need| *need < index));
        }
    }

    /// No step is due whose flow-breaking is blocked, or whose need is withheld.
    #[test]
    fn nothing_due_needs_something_withheld(
        desired in any_desired(),
        observed in any_tenant(),
        policy in any_policy(),
    ) {
        let planned = plan(&desired, &observed, &policy);
        for (_, step) in planned.due() {
            for need in &step.needs {
                prop_assert!(planned.steps[*need].withheld.is_none());
            }
        }
    }
}
