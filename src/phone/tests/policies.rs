//! What is withheld, and why.

use super::build::*;
use crate::api::{Adopt, DriftMode, Kind, ManagementPolicy, Reason, UnifiedPhoneExperience};
use crate::phone::action::Change;
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desired::{Desired, Rejection};
use crate::phone::flow::Flow;
use crate::phone::observed::{Observed, Reading, Refusal};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::{Policy, Withheld};

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &Policy::default())
}

fn reasons(plan: &Plan) -> Vec<Option<Reason>> {
    plan.steps
        .iter()
        .map(|step| step.withheld.as_ref().map(Withheld::reason))
        .collect()
}

fn messages(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .filter_map(|step| Some(step.withheld.as_ref()?.message()))
        .collect()
}

fn everything() -> Desired {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.claim.known_id = None;
    let factor = desired_factor(&MessageType::ALL);
    desired(
        Some(provider),
        Some(factor),
        vec![desired_connection(&["client_web"])],
    )
}

#[test]
fn a_suspended_or_observed_tenant_shows_the_whole_plan_and_does_none_of_it() {
    let suspended = Policy {
        suspended: true,
        ..Policy::default()
    };
    let made = plan(&everything(), &empty_tenant(), &suspended);
    assert_eq!(reasons(&made), [Some(Reason::Suspended); 5]);
    assert_eq!(messages(&made)[0], "the tenant is suspended");
    let observe = Policy {
        management: ManagementPolicy::Observe,
        ..Policy::default()
    };
    let made = plan(&everything(), &empty_tenant(), &observe);
    assert_eq!(reasons(&made), [Some(Reason::ObserveOnly); 5]);
    assert_eq!(messages(&made)[0], "the tenant is observe-only");
}

#[test]
fn an_observed_tenant_still_tells_hazards() {
    let observe = Policy {
        management: ManagementPolicy::Observe,
        ..Policy::default()
    };
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.enabled = false;
    let made = plan(
        &desired(Some(provider), None, vec![]),
        &full_tenant(),
        &observe,
    );
    assert_eq!(made.hazards.len(), 4);
}

#[test]
fn drift_is_corrected_reported_or_ignored() {
    let mut provider = desired_provider(&[DeliveryMethod::Text]);
    provider.claim.settled = true;
    let wanted = desired(Some(provider), None, vec![]);
    let with = |drift| {
        plan(
            &wanted,
            &full_tenant(),
            &Policy {
                drift,
                ..Policy::default()
            },
        )
    };
    assert_eq!(reasons(&with(DriftMode::Correct)), [None]);
    assert_eq!(
        reasons(&with(DriftMode::Warn)),
        [Some(Reason::DriftDetected)]
    );
    assert_eq!(messages(&with(DriftMode::Warn)), ["drift is only reported"]);
    assert_eq!(
        reasons(&with(DriftMode::Ignore)),
        [Some(Reason::DriftIgnored)]
    );
    assert_eq!(messages(&with(DriftMode::Ignore)), ["drift is ignored"]);
    // A change of the object is no drift, whatever the mode.
    let mut changed = wanted.clone();
    changed.provider.as_mut().expect("a provider").claim.settled = false;
    let policy = Policy {
        drift: DriftMode::Ignore,
        ..Policy::default()
    };
    assert_eq!(reasons(&plan(&changed, &full_tenant(), &policy)), [None]);
}

#[test]
fn adoption_is_explicit() {
    let mut wanted = everything();
    wanted.factor = None;
    let provider = wanted.provider.as_mut().expect("a provider");
    provider.claim.adopt = Adopt::Never;
    provider.delivery_methods = [DeliveryMethod::Text].into();
    wanted.connections[0].claim.adopt = Adopt::Never;
    wanted.connections[0].claim.known_id = None;
    wanted.connections[0].display_name = Some("Text me".to_owned());
    let made = planned(&wanted, &full_tenant());
    assert_eq!(
        reasons(&made),
        [Some(Reason::AdoptionRefused), Some(Reason::AdoptionRefused)]
    );
    assert!(messages(&made)[0].contains("set adopt to IfExists to take it over"));
    // What is not there may be created, and what is ours already may be written.
    assert_eq!(
        reasons(&planned(&wanted, &empty_tenant()))
            .iter()
            .flatten()
            .count(),
        0
    );
    wanted.provider.as_mut().expect("a provider").claim.known_id = Some("pro_1".to_owned());
    wanted.connections[0].claim.known_id = Some("con_sms".to_owned());
    assert_eq!(
        reasons(&planned(&wanted, &full_tenant()))
            .iter()
            .flatten()
            .count(),
        0
    );
}

#[test]
fn required_adoption_creates_nothing() {
    let mut wanted = everything();
    wanted.factor = None;
    wanted.provider.as_mut().expect("a provider").claim.adopt = Adopt::Require;
    let made = planned(&wanted, &empty_tenant());
    assert_eq!(
        reasons(&made),
        [
            Some(Reason::AdoptionTargetMissing),
            Some(Reason::DependencyNotReady),
            Some(Reason::DependencyNotReady),
        ]
    );
    assert!(messages(&made)[0].contains("set adopt to IfExists to create it"));
    assert_eq!(
        messages(&made)[1],
        "it needs \"create phone provider twilio\" of PhoneProvider acme/main first"
    );
    // One that was there and is gone is created anew.
    let claim = &mut wanted.provider.as_mut().expect("a provider").claim;
    claim.known_id = Some("pro_gone".to_owned());
    assert_eq!(
        reasons(&planned(&wanted, &empty_tenant())),
        [None, None, None]
    );
}

#[test]
fn removal_asks_nobody_for_adoption() {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.claim.removing = true;
    provider.claim.adopt = Adopt::Never;
    let made = planned(&desired(Some(provider), None, vec![]), &full_tenant());
    assert_eq!(reasons(&made), [None]);
}

/// Every write that needs a provider, against tenants that cannot serve it.
#[test]
fn what_needs_the_provider_waits_for_it() {
    let factor = desired_factor(&MessageType::ALL);
    let connection = desired_connection(&["client_web"]);
    let wanted = desired(None, Some(factor), vec![connection]);
    let none = empty_tenant();
    let mut off = empty_tenant();
    let mut disabled = provider(&["text", "voice"]);
    disabled.disabled = true;
    off.provider = Reading::Read(Some(disabled));
    let mut legacy = full_tenant();
    legacy.unified = Reading::Read(false);
    legacy.factor = Reading::Read(false);
    legacy.message_types = Reading::Read([].into());
    legacy.connections = Reading::Read(vec![]);
    for (tenant, reason, message) in [
        (
            none,
            Reason::PhoneProviderMissing,
            "needs a phone provider, and the tenant has none",
        ),
        (
            off,
            Reason::PhoneProviderDisabled,
            "needs the phone provider, which is disabled",
        ),
        (
            legacy,
            Reason::UnifiedPhoneExperienceOff,
            "unified phone experience is off",
        ),
    ] {
        let made = planned(&wanted, &tenant);
        assert_eq!(
            reasons(&made),
            [
                Some(reason),
                Some(Reason::DependencyNotReady),
                Some(reason),
                Some(Reason::DependencyNotReady),
            ]
        );
        assert!(
            messages(&made)[0].contains(message),
            "{:?}",
            messages(&made)
        );
    }
}

#[test]
fn a_missing_delivery_method_is_named() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice"])));
    tenant.message_types = Reading::Read([MessageType::Voice].into());
    let factor = desired_factor(&MessageType::ALL);
    let connection = desired_connection(&["client_android"]);
    let made = planned(&desired(None, Some(factor), vec![connection]), &tenant);
    assert_eq!(reasons(&made), [Some(Reason::DeliveryMethodMissing); 2]);
    assert_eq!(
        messages(&made)[0],
        "MFA by SMS needs delivery method Text, and the phone provider delivers Voice"
    );
    assert_eq!(
        messages(&made)[1],
        "passwordless sign-in needs delivery method Text, and the phone provider delivers Voice"
    );
}

#[test]
fn what_takes_away_needs_no_provider() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(None);
    let mut factor = desired_factor(&[]);
    factor.message_types = None;
    factor.enabled = false;
    factor.policies = Some(vec!["all-applications".to_owned()]);
    let mut connection = desired_connection(&[]);
    connection
        .applications
        .as_mut()
        .expect("applications")
        .exclusive = true;
    connection.display_name = Some("Text me".to_owned());
    let made = planned(&desired(None, Some(factor), vec![connection]), &tenant);
    assert_eq!(reasons(&made), [None; 4]);
}

#[test]
fn a_provider_that_cannot_be_read_is_told_as_what_it_is() {
    let factor = desired_factor(&MessageType::ALL);
    let wanted = desired(None, Some(factor), vec![]);
    let refusals = [
        (
            Refusal::InsufficientScope(vec!["read:phone_providers".to_owned()]),
            Reason::InsufficientScope,
            "Auth0 refuses to show the phone provider: grant the Management API application \
             read:phone_providers",
        ),
        (
            Refusal::PlanUnsupported("upgrade".to_owned()),
            Reason::PlanUnsupported,
            "Auth0 does not offer the phone provider here: upgrade",
        ),
        (
            Refusal::Other("no".to_owned()),
            Reason::ApiError,
            "Auth0 refuses to show the phone provider: no",
        ),
    ];
    for (refusal, reason, message) in refusals {
        let mut tenant = empty_tenant();
        tenant.provider = Reading::Refused(refusal.clone());
        let made = planned(&wanted, &tenant);
        assert_eq!(reasons(&made)[0], Some(reason));
        assert_eq!(messages(&made)[0], message);
        let mut tenant = full_tenant();
        tenant.factor = Reading::Read(false);
        tenant.unified = Reading::Refused(refusal);
        assert_eq!(reasons(&planned(&wanted, &tenant))[0], Some(reason));
    }
}

#[test]
fn withheld_steps_hold_back_those_that_need_them_and_no_others() {
    let mut tenant = empty_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice"])));
    let mut factor = desired_factor(&[MessageType::Voice]);
    factor.policies = Some(vec!["all-applications".to_owned()]);
    let connection = desired_connection(&["client_web"]);
    let made = planned(&desired(None, Some(factor), vec![connection]), &tenant);
    assert_eq!(
        reasons(&made),
        [
            None,
            None,
            None,
            Some(Reason::DeliveryMethodMissing),
            Some(Reason::DependencyNotReady),
        ]
    );
}

#[test]
fn a_narrower_provider_does_not_wait_for_what_only_takes_more() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["text", "voice"])));
    tenant.message_types = Reading::Read([MessageType::Sms].into());
    let factor = desired_factor(&MessageType::ALL);
    let narrow = desired_provider(&[DeliveryMethod::Text]);
    let made = planned(&desired(Some(narrow), Some(factor), vec![]), &tenant);
    let provider = made.steps.last().expect("a step");
    assert!(provider.needs.is_empty());
    assert_eq!(provider.withheld, None);
}

#[test]
fn choices_are_told_from_what_cannot_be() {
    let owner = key(Kind::PhoneProvider, "main");
    let needs = Withheld::Needs {
        owner,
        summary: String::new(),
    };
    let precondition = Withheld::Precondition(Reason::PhoneProviderMissing, String::new());
    let breaking = Withheld::BreakingChange([Flow::Mfa(MessageType::Sms)].into());
    for (withheld, choice, shown) in [
        (Withheld::Suspended, true, true),
        (Withheld::ObserveOnly, true, true),
        (Withheld::Drift(DriftMode::Warn), true, false),
        (breaking.clone(), true, false),
        (Withheld::AdoptionRefused, false, false),
        (Withheld::AdoptionTargetMissing, false, false),
        (needs, false, false),
        (precondition, false, false),
    ] {
        assert_eq!(withheld.is_a_choice(), choice, "{withheld:?}");
        assert_eq!(withheld.only_shown(), shown, "{withheld:?}");
    }
    assert_eq!(breaking.reason(), Reason::BreakingChangeBlocked);
    assert_eq!(
        breaking.message(),
        "it would break MFA by SMS; acknowledge with annotation \
         dialtone.dev/acknowledge-breaking: mfa/sms"
    );
}

#[test]
fn the_flag_is_turned_on_only_for_what_needs_it() {
    let mut observed = empty_tenant();
    observed.unified = Reading::Read(false);
    let mut factor = desired_factor(&[]);
    factor.enabled = false;
    let mut leaving = desired_connection(&[]);
    leaving.claim.removing = true;
    let mut wanted = desired(None, Some(factor), vec![leaving]);
    wanted.unified = UnifiedPhoneExperience::Enable;
    let flag = |wanted: &Desired| {
        planned(wanted, &observed)
            .steps
            .iter()
            .any(|step| matches!(step.action.change, Change::EnableUnified))
    };
    assert!(!flag(&wanted));
    wanted.factor.as_mut().expect("it").enabled = true;
    assert!(flag(&wanted));
}

#[test]
fn a_rejected_object_is_a_finding_that_blocks() {
    let mut wanted = nothing_desired();
    assert!(!planned(&wanted, &empty_tenant()).is_blocked());
    wanted.rejected.push(Rejection {
        object: key(Kind::PhoneProvider, "main"),
        reason: Reason::SecretNotFound,
        message: "there is no Secret".to_owned(),
        field: Some("spec.twilio".to_owned()),
    });
    let made = planned(&wanted, &empty_tenant());
    assert!(made.is_empty() && made.is_blocked());
    assert_eq!(made.findings[0].message, "spec.twilio: there is no Secret");
}
