//! Whose what exists is, as it is told: refused, taken over, written by others, on its way out.

use serde_json::json;

use super::*;
use crate::api::Resource;
use crate::phone::plan::Plan;

fn never(desired: &mut Desired) {
    if let Some(provider) = &mut desired.provider {
        provider.claim.adopt = Adopt::Never;
        provider.claim.known_id = None;
    }
    for connection in &mut desired.connections {
        connection.claim.adopt = Adopt::Never;
        connection.claim.known_id = None;
    }
}

fn observe() -> Policy {
    Policy {
        management: ManagementPolicy::Observe,
        ..Policy::default()
    }
}

fn after(desired: &Desired, outcome: Outcome) -> Report {
    report(&fresh(desired), desired, &Ok(outcome), at(100))
}

#[test]
fn an_observed_tenant_too_says_what_may_not_be_taken_over() {
    let mut wanted = everything();
    never(&mut wanted);
    wanted.connections[0].display_name = Some("Text me".to_owned());
    let outcome = pass(&wanted, &full_tenant(), observe(), &BTreeMap::new());
    let report = after(&wanted, outcome);
    for kind in [Kind::PhoneProvider, Kind::PasswordlessConnection] {
        let refused = status(&report, &wanted, kind);
        let reason = Some((True, Reason::AdoptionRefused));
        assert_eq!(told(refused, Stalled), reason, "{kind}");
        check(refused, Some(1)).expect("rules");
    }
}

#[test]
fn what_an_object_created_is_not_refused_to_it() {
    let mut wanted = everything();
    never(&mut wanted);
    let (report, _) = converge(&wanted, &empty_tenant());
    for status in report.patches.values() {
        assert!(status.is_ready(), "{status:#?}");
    }
    // Nor where it is the only one that wrote.
    let mut tenant = full_tenant();
    tenant.connections = Reading::Read(vec![]);
    let mut alone = desired(None, None, vec![desired_connection(&["client_web"])]);
    never(&mut alone);
    let (report, outcome) = converge(&alone, &tenant);
    assert_eq!(outcome.applied(), outcome.plan.steps.len());
    assert!(status(&report, &alone, Kind::PasswordlessConnection).is_ready());
}

#[test]
fn what_a_pass_did_not_come_to_is_no_fault_of_an_object() {
    let mut wanted = everything();
    let whole = pass(
        &wanted,
        &empty_tenant(),
        Policy::default(),
        &BTreeMap::new(),
    );
    let mut before = fresh(&wanted);
    for (key, status) in after(&wanted, whole.clone()).patches {
        before.get_mut(&key).expect("an object").status = status;
    }
    wanted.provider.as_mut().expect("a provider").enabled = false;
    let mut cut = pass(
        &wanted,
        &whole.observed,
        Policy::default(),
        &BTreeMap::new(),
    );
    cut.steps[0] = StepOutcome::Unreached(0);
    let told = report(&before, &wanted, &Ok(cut.clone()), at(200));
    assert_eq!(told.patches, BTreeMap::new());
    // One that nobody has looked at yet is under way.
    for previous in before.values_mut() {
        previous.generation = Some(2);
    }
    let told = report(&before, &wanted, &Ok(cut), at(200));
    assert!(!status(&told, &wanted, Kind::PhoneProvider).is_ready());
}

#[test]
fn an_object_that_is_going_is_done_with_what_was_never_its_own() {
    let mut wanted = everything();
    never(&mut wanted);
    wanted.provider.as_mut().expect("a provider").claim.removing = true;
    wanted.connections[0].claim.removing = true;
    let (report, outcome) = converge(&wanted, &full_tenant());
    assert_eq!(outcome.applied(), 0);
    for kind in [Kind::PhoneProvider, Kind::PasswordlessConnection] {
        assert!(status(&report, &wanted, kind).is_ready(), "{kind}");
    }
}

#[test]
fn an_object_that_never_creates_keeps_the_id_of_what_is_gone() {
    let id = |adopt: Adopt| {
        let mut wanted = everything();
        let provider = wanted.provider.as_mut().expect("a provider");
        provider.claim.adopt = adopt;
        provider.claim.known_id = Some("pro_1".to_owned());
        let mut statuses = fresh(&wanted);
        let before = PhoneProviderStatus {
            id: Some("pro_1".to_owned()),
            ..PhoneProviderStatus::default()
        };
        let owner = key(Kind::PhoneProvider, "main");
        statuses.get_mut(&owner).expect("it").status = Status::Provider(before);
        let failing = [(0, failure(Class::Transient))].into();
        let outcome = pass(&wanted, &empty_tenant(), Policy::default(), &failing);
        let report = report(&statuses, &wanted, &Ok(outcome), at(100));
        let Status::Provider(facts) = report.patches[&owner].clone() else {
            panic!("a provider");
        };
        facts.id
    };
    assert_eq!(id(Adopt::Require).as_deref(), Some("pro_1"));
    assert_eq!(id(Adopt::IfExists), None);
}

#[test]
fn what_somebody_else_changed_meanwhile_is_not_held_against_auth0() {
    let wanted = everything();
    let mut outcome = pass(&wanted, &full_tenant(), Policy::default(), &BTreeMap::new());
    let wrote = |outcome: &Outcome, kind: Kind| {
        let mut steps = outcome.plan.steps.iter();
        steps.any(|step| step.action.owner.kind == kind)
    };
    assert!(wrote(&outcome, Kind::PhoneProvider));
    assert!(!wrote(&outcome, Kind::MfaPhoneFactor));
    // The factor is found turned off, and nothing of this pass was about it.
    outcome.observed.factor = Reading::Read(false);
    outcome.remaining = plan(&wanted, &outcome.observed, &Policy::default());
    let report = after(&wanted, outcome);
    assert!(status(&report, &wanted, Kind::MfaPhoneFactor).is_ready());
}

#[test]
fn a_provider_waits_for_a_dependent_that_may_not_let_go() {
    // MFA by SMS becomes MFA by call, which nobody delivers: the provider must not go before it.
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    tenant.message_types = Reading::Read([MessageType::Sms].into());
    let mut off = desired_provider(&[DeliveryMethod::Text]);
    off.enabled = false;
    let factor = desired_factor(&[MessageType::Voice]);
    let wanted = desired(Some(off), Some(factor), vec![]);
    let (report, outcome) = converge(&wanted, &tenant);
    assert_eq!(outcome.applied(), 0);
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    let reason = Some((True, Reason::DependencyNotReady));
    assert_eq!(told(provider, Reconciling), reason);
    assert!(
        message(provider, Ready).contains("set MFA message types to Voice"),
        "{}",
        message(provider, Ready)
    );
}

#[test]
fn a_plan_is_empty_only_without_steps() {
    let made = |tenant: &Observed| plan(&everything(), tenant, &Policy::default());
    let withheld = plan(&everything(), &empty_tenant(), &observe());
    assert!(!made(&empty_tenant()).is_empty());
    assert!(!withheld.is_empty());
    assert!(Plan::default().is_empty());
}

#[test]
fn an_object_carries_its_status_or_a_blank_one() {
    let of = |kind: Kind, spec: serde_json::Value, status: Option<serde_json::Value>| {
        let object = json!({
            "apiVersion": "dialtone.dev/v1alpha1",
            "kind": kind.as_str(),
            "metadata": {"name": "main", "namespace": "acme"},
            "spec": spec,
            "status": status,
        });
        Status::of(&Resource::from_value(kind, object).expect("an object"))
    };
    let tenant = json!({"name": "acme"});
    let secret = json!({"clientId": "id", "secretRef": {"name": "auth0", "key": "secret"}});
    let specs = [
        (
            Kind::Auth0Tenant,
            json!({"domain": "acme.eu.auth0.com", "credentials": {"clientSecret": secret}}),
        ),
        (
            Kind::PhoneProvider,
            json!({"tenantRef": tenant, "deliveryMethods": ["Text"], "custom": {"actionRef": {"name": "send"}}}),
        ),
        (Kind::MfaPhoneFactor, json!({"tenantRef": tenant})),
        (Kind::PasswordlessConnection, json!({"tenantRef": tenant})),
        (
            Kind::PhoneTemplate,
            json!({"tenantRef": tenant, "type": "OtpVerify"}),
        ),
        (
            Kind::PhoneIdentifier,
            json!({"tenantRef": tenant, "connection": "users"}),
        ),
    ];
    let mut tenant = empty_tenant();
    tenant.connections = Reading::Read(vec![database(json!({}))]);
    let (told, _) = converge(&of_each_kind(), &tenant);
    for (kind, spec) in specs {
        assert_eq!(of(kind, spec.clone(), None), blank(kind), "{kind}");
        let before = status(&told, &of_each_kind(), kind);
        let json = match before {
            Status::Tenant(status) => serde_json::to_value(status),
            Status::Provider(status) => serde_json::to_value(status),
            Status::Factor(status) => serde_json::to_value(status),
            Status::Connection(status) => serde_json::to_value(status),
            Status::Template(status) => serde_json::to_value(status),
            Status::Identifier(status) => serde_json::to_value(status),
            Status::Message(status) => serde_json::to_value(status),
        };
        let carried = of(kind, spec, json.ok());
        assert!(carried.is_ready(), "{kind}");
        assert_eq!(carried, *before, "{kind}");
    }
}

/// An old connection that goes on sending through a gateway of its own is as its object says.
#[test]
fn a_connection_that_still_sends_its_own_way_is_ready_and_says_so() {
    let mut tenant = full_tenant();
    let mut own = sms_connection();
    let options = own.options.as_mut().expect("options");
    options.insert("gateway_url".to_owned(), json!("https://sms.example"));
    options.insert("provider".to_owned(), json!("sms_gateway"));
    tenant.connections = Reading::Read(vec![own.clone()]);
    let mut wanted = desired(None, None, vec![desired_connection(&["client_web"])]);
    let (told_, _) = converge(&wanted, &tenant);
    let connection = status(&told_, &wanted, Kind::PasswordlessConnection);
    assert!(connection.is_ready(), "{connection:#?}");
    let elsewhere = Some((False, Reason::LegacyOptionsPresent));
    assert_eq!(told(connection, ProviderReady), elsewhere);
    check(connection, Some(1)).expect("rules");
    // Where it is told to use the provider, it does.
    let path = vec!["use_phone_provider"];
    wanted.connections[0].options.insert(path, json!(true));
    let (told_, _) = converge(&wanted, &tenant);
    let connection = status(&told_, &wanted, Kind::PasswordlessConnection);
    assert_eq!(
        told(connection, ProviderReady),
        Some((True, Reason::Succeeded))
    );
}
