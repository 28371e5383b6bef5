//! What is told of each object.

mod blind;
mod creations;
mod identifiers;
mod messages;
mod ownership;
mod refusals;
mod requests;
mod rules;
mod templates;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::build::*;
use crate::api::{
    Adopt, Auth0TenantStatus, Condition, ConditionStatus, ConditionType, DriftMode, Kind,
    ManagementPolicy, MfaPhoneFactorStatus, OnBreakingChange, PasswordlessConnectionStatus,
    PhoneIdentifierStatus, PhoneProviderStatus, PhoneTemplateStatus, PhoneTestMessageStatus,
    Reason, condition,
};
use crate::phone::action::{Applied, ObjectKey};
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desired::{ApplicationRef, AuthToken, Desired, Rejection, Sender};
use crate::phone::observed::{Observed, Reading, Refusal};
use crate::phone::outcome::{Class, Failure, Outcome, StepOutcome};
use crate::phone::plan::plan;
use crate::phone::policy::Policy;
use crate::phone::predict::predict;
use crate::phone::report::{
    PassResult, Previous, Report, Status, Statuses, report, without_tenant,
};
use crate::template::TemplateType;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn blank(kind: Kind) -> Status {
    match kind {
        Kind::Auth0Tenant => Status::Tenant(Auth0TenantStatus::default()),
        Kind::PhoneProvider => Status::Provider(PhoneProviderStatus::default()),
        Kind::MfaPhoneFactor => Status::Factor(MfaPhoneFactorStatus::default()),
        Kind::PasswordlessConnection => Status::Connection(PasswordlessConnectionStatus::default()),
        Kind::PhoneTemplate => Status::Template(PhoneTemplateStatus::default()),
        Kind::PhoneIdentifier => Status::Identifier(PhoneIdentifierStatus::default()),
        Kind::PhoneTestMessage => Status::Message(PhoneTestMessageStatus::default()),
    }
}

pub(super) fn fresh(desired: &Desired) -> Statuses {
    let previous = |key: &ObjectKey| {
        (
            key.clone(),
            Previous {
                generation: Some(1),
                status: blank(key.kind),
                requested: None,
            },
        )
    };
    desired.objects.iter().map(previous).collect()
}

/// A pass over the model of Auth0, in which the writes named in `failing` fail.
pub(super) fn pass(
    desired: &Desired,
    observed: &Observed,
    policy: Policy,
    failing: &BTreeMap<usize, Failure>,
) -> Outcome {
    let made = plan(desired, observed, &policy);
    let (mut known, mut state) = (desired.clone(), observed.clone());
    let mut steps: Vec<StepOutcome> = Vec::new();
    for (index, step) in made.steps.iter().enumerate() {
        let unmet = step.needs.iter().copied().find(|need| {
            matches!(
                steps[*need],
                StepOutcome::Failed(_) | StepOutcome::Unreached(_)
            )
        });
        steps.push(if let Some(withheld) = &step.withheld {
            StepOutcome::Withheld(withheld.clone())
        } else if let Some(need) = unmet {
            StepOutcome::Unreached(need)
        } else if let Some(failure) = failing.get(&index) {
            StepOutcome::Failed(failure.clone())
        } else {
            let applied = predict(&state, &step.action.change);
            known.learn(&step.action.change, &applied);
            state.absorb(applied);
            StepOutcome::Applied
        });
    }
    let remaining = plan(&known, &state, &policy);
    Outcome {
        plan: made,
        steps,
        observed: state,
        remaining,
    }
}

fn converge(desired: &Desired, observed: &Observed) -> (Report, Outcome) {
    let outcome = pass(desired, observed, Policy::default(), &BTreeMap::new());
    let told = report(&fresh(desired), desired, &Ok(outcome.clone()), at(100));
    (told, outcome)
}

fn status<'a>(report: &'a Report, desired: &Desired, kind: Kind) -> &'a Status {
    let key = desired
        .objects
        .iter()
        .find(|key| key.kind == kind)
        .expect("an object");
    report.patches.get(key).expect("a patch")
}

fn told(status: &Status, type_: ConditionType) -> Option<(ConditionStatus, Reason)> {
    condition::find(status.conditions(), type_).map(|found| (found.status, found.reason))
}

fn message(status: &Status, type_: ConditionType) -> String {
    condition::find(status.conditions(), type_)
        .map(|it| it.message.clone())
        .unwrap_or_default()
}

use rules::check;

use ConditionStatus::{False, True};
use ConditionType::{BreaksDependents, Drifted, ProviderReady, Ready, Reconciling, Stalled};

fn everything() -> Desired {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.claim.known_id = None;
    let factor = desired_factor(&MessageType::ALL);
    let mut connection = desired_connection(&["client_web", "client_ios"]);
    connection.claim.known_id = None;
    desired(Some(provider), Some(factor), vec![connection])
}

/// One object of each kind.
fn of_each_kind() -> Desired {
    let mut all = everything();
    let mut template = desired_template(TemplateType::OtpVerify);
    template.claim.known_id = None;
    all.objects.push(template.claim.owner.clone());
    all.templates.push(template);
    let mut identifier = desired_identifier();
    identifier.claim.known_id = None;
    all.objects.push(identifier.claim.owner.clone());
    all.identifiers.push(identifier);
    all
}

fn failure(class: Class) -> Failure {
    Failure {
        class,
        reason: Reason::ApiError,
        message: "it broke".to_owned(),
    }
}

#[test]
fn a_first_converge_makes_everything_ready_and_remembers_it() {
    let wanted = everything();
    let (report, _) = converge(&wanted, &empty_tenant());
    assert_eq!(report.patches.len(), 4);
    for (key, status) in &report.patches {
        assert_eq!(
            told(status, Ready),
            Some((True, Reason::Succeeded)),
            "{key}"
        );
        assert!(status.is_ready());
        check(status, Some(1)).unwrap_or_else(|_| panic!("{}", key.to_string()));
    }
    let Status::Provider(provider) = status(&report, &wanted, Kind::PhoneProvider) else {
        panic!("a provider");
    };
    assert_eq!(provider.observed_generation, Some(1));
    assert!(provider.id.is_some());
    assert_eq!(
        provider.credentials_fingerprint.as_deref(),
        Some(token("token-1").fingerprint.as_str())
    );
    let dependents: Vec<(&str, &str)> = provider
        .dependents
        .iter()
        .map(|item| (item.id.as_str(), item.description.as_str()))
        .collect();
    assert_eq!(
        dependents,
        [
            ("mfa/sms", "MFA by SMS"),
            ("mfa/voice", "MFA by voice call"),
            (
                "passwordless/sms/client_ios",
                "passwordless sign-in to ios (client_ios) through connection sms"
            ),
            (
                "passwordless/sms/client_web",
                "passwordless sign-in to web (client_web) through connection sms"
            ),
        ]
    );
    let kinds = serde_json::to_value(&provider.dependents).expect("JSON");
    assert_eq!(kinds[0]["kind"], "MfaPhoneFactor");
    assert_eq!(kinds[1]["deliveryMethod"], "Voice");
    assert_eq!(kinds[2]["kind"], "PasswordlessConnection");
    assert_eq!(kinds[2]["deliveryMethod"], "Text");
    let Status::Connection(connection) = status(&report, &wanted, Kind::PasswordlessConnection)
    else {
        panic!("a connection");
    };
    assert!(connection.id.is_some());
    assert_eq!(connection.applications, ["client_ios", "client_web"]);
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(told(factor, ProviderReady), Some((True, Reason::Succeeded)));
    assert_eq!(
        told(status(&report, &wanted, Kind::PhoneProvider), ProviderReady),
        None
    );
    let Status::Tenant(tenant) = status(&report, &wanted, Kind::Auth0Tenant) else {
        panic!("a tenant");
    };
    assert_eq!(tenant.unified_phone_experience, Some(true));
    assert_eq!(report.worst, None);
    let events: Vec<(&str, bool, Reason)> = report
        .events
        .iter()
        .map(|event| (event.message.as_str(), event.warning, event.reason))
        .collect();
    assert_eq!(events.len(), 5);
    assert_eq!(
        events[0],
        ("create phone provider twilio", false, Reason::Succeeded)
    );
}

#[test]
fn each_connection_remembers_its_own_applications() {
    let mut second = desired_connection(&["client_android"]);
    second.claim.owner.name = "second".to_owned();
    second.claim.known_id = None;
    second.name = "other".to_owned();
    let mut wanted = everything();
    wanted.objects.push(second.claim.owner.clone());
    wanted.connections.push(second);
    // The first is there already, so that the two do not share the id of what is yet unborn.
    let mut tenant = full_tenant();
    tenant
        .connection_clients
        .insert("con_sms".to_owned(), Reading::Read([].into()));
    let (report, _) = converge(&wanted, &tenant);
    let applications = |name: &str| {
        let status = &report.patches[&key(Kind::PasswordlessConnection, name)];
        let Status::Connection(status) = status else {
            panic!("a connection")
        };
        status.applications.clone()
    };
    assert_eq!(applications("main"), ["client_ios", "client_web"]);
}

#[test]
fn a_pass_that_changed_nothing_tells_nothing() {
    let wanted = everything();
    let (first, outcome) = converge(&wanted, &empty_tenant());
    let mut known = wanted.clone();
    let mut statuses = fresh(&wanted);
    for (key, status) in first.patches {
        statuses.get_mut(&key).expect("it").status = status;
    }
    for step in &outcome.plan.steps {
        known.learn(
            &step.action.change,
            &predict(&outcome.observed, &step.action.change),
        );
    }
    let idle = pass(
        &known,
        &outcome.observed,
        Policy::default(),
        &BTreeMap::new(),
    );
    assert!(idle.plan.is_empty());
    let second = report(&statuses, &known, &Ok(idle), at(999));
    assert_eq!(second, Report::default());
}

#[test]
fn a_transition_keeps_its_time_until_the_status_changes() {
    let wanted = desired(None, Some(desired_factor(&MessageType::ALL)), vec![]);
    let mut statuses = fresh(&wanted);
    let key = wanted.objects[1].clone();
    let ready = |statuses: &Statuses| {
        let found = condition::find(statuses[&key].status.conditions(), Ready).cloned();
        found.map(|found: Condition| (found.status, found.last_transition_time, found.reason))
    };
    let mut off = provider(&["text", "voice"]);
    off.disabled = true;
    let tenants = [
        (1, Reading::Read(None)),
        (2, Reading::Read(Some(off))),
        (3, Reading::Read(Some(provider(&["text", "voice"])))),
    ];
    let mut seen = Vec::new();
    for (second, provider) in tenants {
        let tenant = Observed {
            provider,
            ..full_tenant()
        };
        let outcome = pass(&wanted, &tenant, Policy::default(), &BTreeMap::new());
        let made = report(&statuses, &wanted, &Ok(outcome), at(second));
        for (key, status) in made.patches {
            check(&status, Some(1)).expect("rules");
            statuses.get_mut(&key).expect("it").status = status;
        }
        seen.push(ready(&statuses).expect("Ready"));
    }
    assert_eq!(
        seen,
        [
            (False, at(1), Reason::PhoneProviderMissing),
            (False, at(1), Reason::PhoneProviderDisabled),
            (True, at(3), Reason::Succeeded),
        ]
    );
}

#[test]
fn dependents_of_a_disabled_provider_say_so_and_it_says_what_it_breaks() {
    let mut wanted = everything();
    wanted.provider.as_mut().expect("a provider").enabled = false;
    let (report, outcome) = converge(&wanted, &full_tenant());
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(told(provider, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(
        told(provider, BreaksDependents),
        Some((True, Reason::MfaPhoneFactorEnabled))
    );
    assert_eq!(
        message(provider, BreaksDependents),
        "not delivered: MFA by SMS, MFA by voice call, passwordless sign-in to ios (client_ios) through \
         connection sms and passwordless sign-in to web (client_web) through connection sms"
    );
    for kind in [Kind::MfaPhoneFactor, Kind::PasswordlessConnection] {
        let dependent = status(&report, &wanted, kind);
        assert_eq!(
            told(dependent, Ready),
            Some((False, Reason::PhoneProviderDisabled))
        );
        assert_eq!(
            told(dependent, Stalled),
            Some((True, Reason::PhoneProviderDisabled))
        );
        assert_eq!(
            told(dependent, ProviderReady),
            Some((False, Reason::PhoneProviderDisabled))
        );
        check(dependent, Some(1)).expect("rules");
    }
    let warnings: Vec<Reason> = report
        .events
        .iter()
        .filter(|event| event.warning)
        .map(|event| {
            assert_eq!(event.object, key(Kind::PhoneProvider, "main"));
            event.reason
        })
        .collect();
    assert_eq!(warnings.len(), outcome.plan.hazards.len());
    assert_eq!(warnings[0], Reason::MfaPhoneFactorEnabled);
}

#[test]
fn a_missing_provider_may_be_on_its_way() {
    let wanted = desired(None, Some(desired_factor(&MessageType::ALL)), vec![]);
    let (report, _) = converge(&wanted, &empty_tenant());
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(
        told(factor, Reconciling),
        Some((True, Reason::PhoneProviderMissing))
    );
    assert_eq!(told(factor, Stalled), None);
}

#[test]
fn objects_that_need_nothing_of_the_provider_do_not_speak_of_it() {
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let wanted = desired(None, Some(factor), vec![]);
    let (report, _) = converge(&wanted, &empty_tenant());
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(told(factor, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(told(factor, ProviderReady), None);
}

#[test]
fn an_absent_list_of_message_types_needs_what_the_tenant_has() {
    let mut factor = desired_factor(&[]);
    factor.message_types = None;
    let wanted = desired(None, Some(factor), vec![]);
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    let (report, _) = converge(&wanted, &tenant);
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(
        told(factor, Ready),
        Some((False, Reason::DeliveryMethodMissing))
    );
    assert!(message(factor, Ready).contains("MFA by SMS and Voice"));
}

#[test]
fn failures_are_told_by_what_is_to_be_expected() {
    for (class, abnormal) in [
        (Class::Terminal, Stalled),
        (Class::Transient, Reconciling),
        (Class::Gone, Reconciling),
        (Class::Throttled(at(500)), Reconciling),
    ] {
        let wanted = everything();
        let failing = [(0, failure(class))].into();
        let outcome = pass(&wanted, &empty_tenant(), Policy::default(), &failing);
        let report = report(&fresh(&wanted), &wanted, &Ok(outcome), at(100));
        let provider = status(&report, &wanted, Kind::PhoneProvider);
        assert_eq!(told(provider, Ready), Some((False, Reason::ApiError)));
        assert_eq!(told(provider, abnormal), Some((True, Reason::ApiError)));
        assert_eq!(message(provider, Ready), "it broke");
        let Status::Provider(facts) = provider else {
            panic!("a provider")
        };
        // The generation advances although it failed, or nobody would learn that it did.
        assert_eq!(facts.observed_generation, Some(1));
        assert_eq!((&facts.id, &facts.credentials_fingerprint), (&None, &None));
        let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
        assert_eq!(
            told(factor, Reconciling),
            Some((True, Reason::DependencyNotReady))
        );
        assert_eq!(
            message(factor, Ready),
            "waits for \"create phone provider twilio\" of PhoneProvider acme/main"
        );
        assert_eq!(report.worst, Some(class));
        let warnings: Vec<&str> = report
            .events
            .iter()
            .filter(|event| event.warning)
            .map(|event| event.message.as_str())
            .collect();
        assert_eq!(warnings, ["it broke"]);
        for status in report.patches.values() {
            check(status, Some(1)).expect("rules");
        }
    }
}

#[test]
fn one_failure_leaves_the_others_their_own_story() {
    let wanted = everything();
    let failing = [(3, failure(Class::Terminal))].into();
    let outcome = pass(&wanted, &empty_tenant(), Policy::default(), &failing);
    assert_eq!((outcome.applied(), outcome.failures().count()), (3, 1));
    assert_eq!(outcome.failures().next().map(|(index, _)| index), Some(3));
    let report = report(&fresh(&wanted), &wanted, &Ok(outcome), at(100));
    assert!(status(&report, &wanted, Kind::PhoneProvider).is_ready());
    assert!(status(&report, &wanted, Kind::MfaPhoneFactor).is_ready());
    assert!(!status(&report, &wanted, Kind::PasswordlessConnection).is_ready());
    assert!(status(&report, &wanted, Kind::Auth0Tenant).is_ready());
}

#[test]
fn a_tenant_that_cannot_be_read_for_now_leaves_ready_objects_alone() {
    let wanted = everything();
    let (first, _) = converge(&wanted, &empty_tenant());
    let mut statuses = fresh(&wanted);
    for (key, status) in first.patches {
        statuses.get_mut(&key).expect("it").status = status;
    }
    for class in [Class::Transient, Class::Gone, Class::Throttled(at(500))] {
        let told = report(&statuses, &wanted, &Err(failure(class)), at(200));
        assert!(told.patches.is_empty(), "{class:?}");
        assert_eq!(told.worst, Some(class));
    }
    let terminal = Err(failure(Class::Terminal));
    let told_all = report(&statuses, &wanted, &terminal, at(200));
    assert_eq!(told_all.patches.len(), 4, "what does not pass is told");
    // A changed object cannot stay Ready on the word of an older pass.
    for previous in statuses.values_mut() {
        previous.generation = Some(2);
    }
    let result: PassResult = Err(failure(Class::Transient));
    let report = report(&statuses, &wanted, &result, at(200));
    assert_eq!(report.patches.len(), 4);
    for status in report.patches.values() {
        assert_eq!(
            told(status, Reconciling),
            Some((True, Reason::ProgressingWithRetry))
        );
        check(status, Some(2)).expect("rules");
    }
}

#[test]
fn refused_credentials_stall_the_tenant_and_all_its_objects() {
    let mut wanted = everything();
    let conflict = key(Kind::MfaPhoneFactor, "second");
    wanted.objects.push(conflict.clone());
    wanted.rejected.push(Rejection {
        object: conflict.clone(),
        reason: Reason::Conflict,
        message: "older".to_owned(),
        field: None,
    });
    let refused = Failure {
        class: Class::Terminal,
        reason: Reason::AuthenticationFailed,
        message: "wrong secret".to_owned(),
    };
    let report = report(&fresh(&wanted), &wanted, &Err(refused), at(100));
    let tenant = status(&report, &wanted, Kind::Auth0Tenant);
    assert_eq!(
        told(tenant, Stalled),
        Some((True, Reason::AuthenticationFailed))
    );
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(
        told(provider, Stalled),
        Some((True, Reason::TenantNotReady))
    );
    assert_eq!(
        message(provider, Ready),
        "Auth0Tenant acme/acme is not ready: wrong secret"
    );
    assert_eq!(
        told(&report.patches[&conflict], Stalled),
        Some((True, Reason::Conflict))
    );
    for status in report.patches.values() {
        check(status, Some(1)).expect("rules");
    }
}

#[test]
fn a_rejected_object_is_told_why() {
    let mut wanted = everything();
    let second = key(Kind::PhoneProvider, "second");
    wanted.objects.push(second.clone());
    wanted.rejected.push(Rejection {
        object: second.clone(),
        reason: Reason::Conflict,
        message: "the other is older".to_owned(),
        field: None,
    });
    let (report, _) = converge(&wanted, &empty_tenant());
    let status = &report.patches[&second];
    assert_eq!(told(status, Stalled), Some((True, Reason::Conflict)));
    assert_eq!(message(status, Ready), "the other is older");
    let Status::Provider(facts) = status else {
        panic!("a provider")
    };
    assert!(facts.id.is_none() && facts.dependents.is_empty());
}

#[test]
fn withheld_changes_are_told_by_kind() {
    let block = |wanted: &mut Desired| {
        let provider = wanted.provider.as_mut().expect("a provider");
        provider.enabled = false;
        provider.on_breaking_change = OnBreakingChange::Block;
    };
    let mut wanted = everything();
    block(&mut wanted);
    let (report, _) = converge(&wanted, &full_tenant());
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(
        told(provider, Stalled),
        Some((True, Reason::BreakingChangeBlocked))
    );
    let Status::Provider(facts) = provider else {
        panic!("a provider")
    };
    // What it was not allowed to write is not its own.
    assert_eq!(facts.id, None);
    assert!(status(&report, &wanted, Kind::MfaPhoneFactor).is_ready());
    assert!(report.events.iter().all(|event| !event.warning));

    let mut wanted = everything();
    wanted.provider.as_mut().expect("a provider").claim.adopt = Adopt::Require;
    let (report, _) = converge(&wanted, &empty_tenant());
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(
        told(provider, Stalled),
        Some((True, Reason::AdoptionTargetMissing))
    );
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(
        told(factor, Reconciling),
        Some((True, Reason::PhoneProviderMissing))
    );
}

fn under(policy: Policy, wanted: &Desired, tenant: &Observed) -> Report {
    let outcome = pass(wanted, tenant, policy, &BTreeMap::new());
    report(&fresh(wanted), wanted, &Ok(outcome), at(100))
}

#[test]
fn suspended_objects_keep_what_was_known_and_say_that_nobody_looks() {
    let wanted = Desired {
        suspended: true,
        ..everything()
    };
    let policy = Policy {
        suspended: true,
        ..Policy::default()
    };
    let first = under(policy, &wanted, &empty_tenant());
    for status in first.patches.values() {
        assert_eq!(told(status, Ready), Some((False, Reason::Suspended)));
        assert_eq!(
            (told(status, Stalled), told(status, Reconciling)),
            (None, None)
        );
        check(status, Some(1)).expect("rules");
    }
    assert_eq!(first.patches.len(), 4);

    let (ready, _) = converge(&everything(), &empty_tenant());
    let mut statuses = fresh(&wanted);
    for (key, status) in ready.patches {
        statuses.get_mut(&key).expect("it").status = status;
    }
    let failing = [(0, failure(Class::Terminal))].into();
    let broken = pass(&everything(), &empty_tenant(), Policy::default(), &failing);
    let broken = report(&statuses, &everything(), &Ok(broken), at(100));
    let provider = key(Kind::PhoneProvider, "main");
    statuses.get_mut(&provider).expect("it").status = broken.patches[&provider].clone();
    for previous in statuses.values_mut() {
        previous.generation = Some(2);
    }
    let outcome = pass(&wanted, &empty_tenant(), policy, &BTreeMap::new());
    let resting = report(&statuses, &wanted, &Ok(outcome.clone()), at(200));
    let factor = status(&resting, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(told(factor, Ready), Some((True, Reason::Suspended)));
    assert_eq!(told(factor, ProviderReady), Some((True, Reason::Succeeded)));
    assert_eq!(message(factor, Ready), "the tenant is suspended");
    // The change that came while it rests has not been acted on.
    check(factor, Some(1)).expect("rules");
    let tenant = status(&resting, &wanted, Kind::Auth0Tenant);
    assert_eq!(told(tenant, Ready), Some((True, Reason::Suspended)));
    check(tenant, Some(2)).expect("rules");
    let provider_status = &resting.patches[&provider];
    assert_eq!(
        told(provider_status, Ready),
        Some((False, Reason::Suspended))
    );
    assert_eq!(told(provider_status, Stalled), None);
    for (key, status) in resting.patches {
        statuses.get_mut(&key).expect("it").status = status;
    }
    let again = report(&statuses, &wanted, &Ok(outcome), at(300));
    assert!(again.patches.is_empty());
}

#[test]
fn observed_objects_are_ready_with_their_drift() {
    let observe = Policy {
        management: ManagementPolicy::Observe,
        ..Policy::default()
    };
    let mut wanted = everything();
    let report = under(observe, &wanted, &full_tenant());
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(told(provider, Ready), Some((True, Reason::ObserveOnly)));
    assert_eq!(
        message(provider, Ready),
        "observe-only: 1 differences are reported, none is written"
    );
    assert_eq!(told(provider, Drifted), Some((True, Reason::ObserveOnly)));
    assert_eq!(
        message(provider, Drifted),
        "the tenant differs in credentials.auth_token"
    );
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(told(factor, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(told(factor, Drifted), None);
    wanted.factor = None;
    for status in report.patches.values() {
        check(status, Some(1)).expect("rules");
    }
}

#[test]
fn drift_is_told_or_kept_quiet_as_the_tenant_says() {
    let mut provider = desired_provider(&[DeliveryMethod::Text]);
    provider.claim.settled = true;
    let wanted = desired(Some(provider), None, vec![]);
    for (drift, condition) in [
        (DriftMode::Warn, Some((True, Reason::DriftDetected))),
        (DriftMode::Ignore, None),
        (DriftMode::Correct, None),
    ] {
        let policy = Policy {
            drift,
            ..Policy::default()
        };
        let report = under(policy, &wanted, &full_tenant());
        let provider = status(&report, &wanted, Kind::PhoneProvider);
        assert_eq!(told(provider, Drifted), condition, "{drift:?}");
        assert!(provider.is_ready());
        let corrected = report
            .events
            .iter()
            .any(|event| event.reason == Reason::DriftDetected);
        assert_eq!(corrected, drift == DriftMode::Correct);
    }
}

#[test]
fn taking_over_is_told_as_such() {
    let mut wanted = everything();
    wanted
        .provider
        .as_mut()
        .expect("a provider")
        .delivery_methods = [DeliveryMethod::Text].into();
    wanted.factor = None;
    let (report, _) = converge(&wanted, &full_tenant());
    let adopted: Vec<&str> = report
        .events
        .iter()
        .filter(|event| event.reason == Reason::Adopted)
        .map(|event| event.message.as_str())
        .collect();
    // With how it was, so that who did not mean to take it over can put it back.
    assert_eq!(
        adopted,
        [
            "took over: update phone provider; before: configuration.delivery_methods was text and \
             voice, credentials.auth_token was (secret)"
        ]
    );
    let Status::Provider(facts) = status(&report, &wanted, Kind::PhoneProvider) else {
        panic!("a provider");
    };
    assert_eq!(facts.id.as_deref(), Some("pro_1"));
}

#[test]
fn what_is_found_as_wanted_is_the_objects_own_from_then_on() {
    let mut wanted = everything();
    wanted.connections[0].claim.known_id = None;
    let (report, outcome) = converge(&wanted, &full_tenant());
    assert!(
        outcome
            .plan
            .steps
            .iter()
            .all(|step| step.action.owner.kind == Kind::PhoneProvider)
    );
    let Status::Connection(facts) = status(&report, &wanted, Kind::PasswordlessConnection) else {
        panic!("a connection");
    };
    assert_eq!(facts.id.as_deref(), Some("con_sms"));
    // Applications that somebody else enabled are not ours to switch off one day.
    assert!(facts.applications.is_empty());
}

#[test]
fn an_object_that_is_going_takes_nothing_over_that_it_would_then_delete() {
    let mut wanted = everything();
    wanted.provider.as_mut().expect("a provider").claim.removing = true;
    wanted.provider.as_mut().expect("a provider").claim.known_id = None;
    wanted.connections[0].claim.removing = true;
    wanted.connections[0].claim.known_id = None;
    let (report, outcome) = converge(&wanted, &full_tenant());
    assert_eq!(outcome.applied(), 0);
    let Status::Provider(facts) = status(&report, &wanted, Kind::PhoneProvider) else {
        panic!("a provider");
    };
    assert_eq!(facts.id, None);
    let Status::Connection(facts) = status(&report, &wanted, Kind::PasswordlessConnection) else {
        panic!("a connection");
    };
    assert_eq!(facts.id, None);
}

#[test]
fn what_may_not_be_taken_over_is_not_remembered() {
    for differs in [false, true] {
        let mut wanted = everything();
        wanted.provider.as_mut().expect("a provider").claim.adopt = Adopt::Never;
        let connection = &mut wanted.connections[0];
        connection.claim.adopt = Adopt::Never;
        connection.display_name = differs.then(|| "Text me".to_owned());
        let (report, _) = converge(&wanted, &full_tenant());
        for kind in [Kind::PhoneProvider, Kind::PasswordlessConnection] {
            let refused = status(&report, &wanted, kind);
            let reason = Some((True, Reason::AdoptionRefused));
            assert_eq!(told(refused, Stalled), reason, "{kind} {differs}");
            check(refused, Some(1)).expect("rules");
            let id = match refused {
                Status::Provider(facts) => &facts.id,
                Status::Connection(facts) => &facts.id,
                other => panic!("{other:?}"),
            };
            assert_eq!(*id, None, "{kind} {differs}");
        }
        assert!(status(&report, &wanted, Kind::MfaPhoneFactor).is_ready());
    }
    // What it creates itself is its own.
    let mut wanted = everything();
    wanted.provider.as_mut().expect("a provider").claim.adopt = Adopt::Never;
    wanted.connections[0].claim.adopt = Adopt::Never;
    let (report, _) = converge(&wanted, &empty_tenant());
    let Status::Provider(facts) = status(&report, &wanted, Kind::PhoneProvider) else {
        panic!("a provider");
    };
    assert!(facts.id.is_some());
    let Status::Connection(facts) = status(&report, &wanted, Kind::PasswordlessConnection) else {
        panic!("a connection");
    };
    assert!(facts.id.is_some());
}

#[test]
fn a_connection_that_lacks_an_application_is_taken_over_all_the_same() {
    let mut connection = desired_connection(&["client_web"]);
    connection.claim.known_id = None;
    let applications = connection.applications.as_mut().expect("applications");
    let missing = ApplicationRef::Name("desktop".to_owned());
    applications.refs.push(missing);
    let wanted = desired(None, None, vec![connection]);
    let (report, _) = converge(&wanted, &full_tenant());
    let told_of = status(&report, &wanted, Kind::PasswordlessConnection);
    let reason = Some((True, Reason::ApplicationNotFound));
    assert_eq!(told(told_of, Stalled), reason);
    let Status::Connection(facts) = told_of else {
        panic!("a connection");
    };
    assert_eq!(facts.id.as_deref(), Some("con_sms"));
}

#[test]
fn a_fingerprint_is_remembered_where_its_token_was_written() {
    let remembered = |wanted: &Desired, failing: &BTreeMap<usize, Failure>| {
        let outcome = pass(wanted, &full_tenant(), Policy::default(), failing);
        let report = report(&fresh(wanted), wanted, &Ok(outcome), at(100));
        match status(&report, wanted, Kind::PhoneProvider) {
            Status::Provider(facts) => facts.credentials_fingerprint.clone(),
            other => panic!("{other:?}"),
        }
    };
    let mut rotated = desired_provider(&DeliveryMethod::ALL);
    let Sender::Twilio { auth_token, .. } = &mut rotated.sender else {
        panic!("not Twilio")
    };
    *auth_token = AuthToken::Given(token("token-2"));
    let rotated = desired(Some(rotated), None, vec![]);
    let written = Some(token("token-2").fingerprint.as_str().to_owned());
    assert_eq!(remembered(&rotated, &BTreeMap::new()), written);
    let failing = [(0, failure(Class::Transient))].into();
    assert_eq!(remembered(&rotated, &failing), None);
    // Another change of the provider writes no token, nor does that of another object.
    let narrower = desired_provider(&[DeliveryMethod::Text]);
    let factor = desired_factor(&[MessageType::Sms]);
    let wanted = desired(Some(narrower), Some(factor), vec![]);
    assert_eq!(remembered(&wanted, &BTreeMap::new()), None);
}
