//! What is told of what Auth0 refuses, does not honour or has lost, and the rules for all of it.

use serde_json::json;

use super::*;

/// What hides a part of a tenant.
type Break = fn(&mut Observed, Refusal);

#[test]
fn a_refused_part_stalls_the_objects_that_need_it() {
    let scope = |name: &str| Refusal::InsufficientScope(vec![name.to_owned()]);
    let wanted = {
        let mut wanted = everything();
        wanted.factor.as_mut().expect("a factor").policies = Some(vec![]);
        wanted.connections[0]
            .applications
            .as_mut()
            .expect("applications")
            .refs = vec![ApplicationRef::Name("web".to_owned())];
        wanted
    };
    let cases: [(&str, Kind, Break); 7] = [
        (
            "read:phone_providers",
            Kind::PhoneProvider,
            |tenant, refusal| {
                tenant.provider = Reading::Refused(refusal);
            },
        ),
        (
            "read:guardian_factors",
            Kind::MfaPhoneFactor,
            |tenant, refusal| {
                tenant.factor = Reading::Refused(refusal);
            },
        ),
        ("read:types", Kind::MfaPhoneFactor, |tenant, refusal| {
            tenant.message_types = Reading::Refused(refusal);
        }),
        (
            "read:mfa_policies",
            Kind::MfaPhoneFactor,
            |tenant, refusal| {
                tenant.policies = Reading::Refused(refusal);
            },
        ),
        (
            "read:connections",
            Kind::PasswordlessConnection,
            |tenant, refusal| {
                tenant.connections = Reading::Refused(refusal);
            },
        ),
        (
            "read:clients",
            Kind::PasswordlessConnection,
            |tenant, refusal| {
                tenant.applications = Reading::Refused(refusal);
            },
        ),
        (
            "read:tenant_settings",
            Kind::Auth0Tenant,
            |tenant, refusal| {
                tenant.unified = Reading::Refused(refusal);
            },
        ),
    ];
    for (name, kind, break_it) in cases {
        let mut tenant = full_tenant();
        break_it(&mut tenant, scope(name));
        let (report, _) = converge(&wanted, &tenant);
        let stalled = status(&report, &wanted, kind);
        assert_eq!(
            told(stalled, Stalled),
            Some((True, Reason::InsufficientScope)),
            "{name}"
        );
        assert!(
            message(stalled, Ready).ends_with(name),
            "{}",
            message(stalled, Ready)
        );
        for status in report.patches.values() {
            check(status, Some(1)).expect("rules");
        }
    }
    let mut tenant = full_tenant();
    tenant.connection_clients.insert(
        "con_sms".to_owned(),
        Reading::Refused(scope("read:connections")),
    );
    let (report, _) = converge(&wanted, &tenant);
    let connection = status(&report, &wanted, Kind::PasswordlessConnection);
    assert_eq!(
        told(connection, Stalled),
        Some((True, Reason::InsufficientScope))
    );
    assert!(status(&report, &wanted, Kind::MfaPhoneFactor).is_ready());
}

#[test]
fn findings_stall_their_object_and_count_the_rest() {
    let mut wanted = everything();
    wanted.connections[0]
        .applications
        .as_mut()
        .expect("applications")
        .refs = vec![
        ApplicationRef::Name("one".to_owned()),
        ApplicationRef::Name("two".to_owned()),
        ApplicationRef::Name("web".to_owned()),
    ];
    let (report, _) = converge(&wanted, &empty_tenant());
    let connection = status(&report, &wanted, Kind::PasswordlessConnection);
    assert_eq!(
        told(connection, Stalled),
        Some((True, Reason::ApplicationNotFound))
    );
    assert_eq!(
        message(connection, Ready),
        "no application is named \"one\" (and 1 more)"
    );
    wanted.connections[0]
        .applications
        .as_mut()
        .expect("applications")
        .refs
        .remove(0);
    let (report, _) = converge(&wanted, &empty_tenant());
    let connection = status(&report, &wanted, Kind::PasswordlessConnection);
    assert_eq!(
        message(connection, Ready),
        "no application is named \"two\""
    );
}

#[test]
fn a_tenant_without_the_unified_experience_says_so_where_it_is_needed() {
    let mut tenant = empty_tenant();
    tenant.unified = Reading::Read(false);
    let wanted = everything();
    let (report, _) = converge(&wanted, &tenant);
    let own = status(&report, &wanted, Kind::Auth0Tenant);
    assert_eq!(
        told(own, Stalled),
        Some((True, Reason::UnifiedPhoneExperienceOff))
    );
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(
        told(factor, Stalled),
        Some((True, Reason::UnifiedPhoneExperienceOff))
    );
    assert!(status(&report, &wanted, Kind::PhoneProvider).is_ready());
    let alone = desired(wanted.provider.clone(), None, vec![]);
    let (report, _) = converge(&alone, &tenant);
    assert!(status(&report, &alone, Kind::Auth0Tenant).is_ready());
    let connection = desired(wanted.provider.clone(), None, wanted.connections);
    let (report, _) = converge(&connection, &tenant);
    assert!(!status(&report, &connection, Kind::Auth0Tenant).is_ready());
    let mut enabling = everything();
    enabling.unified = crate::api::UnifiedPhoneExperience::Enable;
    let (report, _) = converge(&enabling, &tenant);
    assert!(status(&report, &enabling, Kind::Auth0Tenant).is_ready());
}

#[test]
fn a_write_that_auth0_does_not_honour_is_told() {
    let wanted = everything();
    let mut outcome = pass(
        &wanted,
        &empty_tenant(),
        Policy::default(),
        &BTreeMap::new(),
    );
    outcome
        .observed
        .absorb(Applied::MessageTypes([MessageType::Sms].into()));
    let mut known = wanted.clone();
    for step in &outcome.plan.steps {
        known.learn(
            &step.action.change,
            &predict(&outcome.observed, &step.action.change),
        );
    }
    outcome.remaining = plan(&known, &outcome.observed, &Policy::default());
    let report = report(&fresh(&wanted), &wanted, &Ok(outcome), at(100));
    let factor = status(&report, &wanted, Kind::MfaPhoneFactor);
    assert_eq!(
        told(factor, Stalled),
        Some((True, Reason::WriteNotHonoured))
    );
    assert_eq!(
        message(factor, Ready),
        "Auth0 accepted the write and still shows something else for message_types"
    );
    assert!(status(&report, &wanted, Kind::PhoneProvider).is_ready());
}

#[test]
fn what_is_gone_from_the_tenant_is_forgotten() {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.claim.removing = true;
    let mut connection = desired_connection(&["client_web"]);
    connection.claim.removing = true;
    let wanted = desired(Some(provider), None, vec![connection]);
    let mut statuses = fresh(&wanted);
    let mut remember = |kind: Kind, status: Status| {
        statuses.get_mut(&key(kind, "main")).expect("it").status = status;
    };
    remember(
        Kind::PhoneProvider,
        Status::Provider(PhoneProviderStatus {
            id: Some("pro_1".to_owned()),
            credentials_fingerprint: Some("abc".to_owned()),
            ..PhoneProviderStatus::default()
        }),
    );
    remember(
        Kind::PasswordlessConnection,
        Status::Connection(PasswordlessConnectionStatus {
            id: Some("con_sms".to_owned()),
            applications: vec!["client_web".to_owned()],
            ..PasswordlessConnectionStatus::default()
        }),
    );
    let outcome = pass(&wanted, &full_tenant(), Policy::default(), &BTreeMap::new());
    let report = report(&statuses, &wanted, &Ok(outcome), at(100));
    let Status::Provider(facts) = status(&report, &wanted, Kind::PhoneProvider) else {
        panic!("a provider");
    };
    assert_eq!((&facts.id, &facts.credentials_fingerprint), (&None, &None));
    let Status::Connection(facts) = status(&report, &wanted, Kind::PasswordlessConnection) else {
        panic!("a connection");
    };
    assert!(facts.id.is_none() && facts.applications.is_empty());
}

#[test]
fn applications_that_are_switched_off_are_forgotten() {
    let mut wanted = desired(None, None, vec![desired_connection(&["client_web"])]);
    let applications = wanted.connections[0]
        .applications
        .as_mut()
        .expect("applications");
    applications.enabled_before = ["client_ios".to_owned()].into();
    let mut statuses = fresh(&wanted);
    let before = PasswordlessConnectionStatus {
        id: Some("con_sms".to_owned()),
        applications: vec!["client_ios".to_owned()],
        ..PasswordlessConnectionStatus::default()
    };
    statuses
        .get_mut(&key(Kind::PasswordlessConnection, "main"))
        .expect("it")
        .status = Status::Connection(before);
    let outcome = pass(&wanted, &full_tenant(), Policy::default(), &BTreeMap::new());
    let report = report(&statuses, &wanted, &Ok(outcome), at(100));
    let Status::Connection(facts) = status(&report, &wanted, Kind::PasswordlessConnection) else {
        panic!("a connection");
    };
    assert!(facts.applications.is_empty());
}

#[test]
fn an_object_that_nobody_remembers_is_not_told_of() {
    let wanted = everything();
    let outcome = pass(
        &wanted,
        &empty_tenant(),
        Policy::default(),
        &BTreeMap::new(),
    );
    let told = report(&Statuses::new(), &wanted, &Ok(outcome), at(1));
    assert!(told.patches.is_empty());
    let condition = json!(ConditionType::BreaksDependents);
    assert_eq!(condition, "BreaksDependents");
}

/// A tenant in which many applications use one connection.
fn crowded(count: usize) -> Observed {
    let clients = (0..count)
        .map(|index| format!("client_{index:04}"))
        .collect();
    Observed {
        connection_clients: [("con_sms".to_owned(), Reading::Read(clients))].into(),
        ..full_tenant()
    }
}

#[test]
fn a_tenant_with_very_many_applications_still_has_a_status_that_can_be_stored() {
    let mut off = desired_provider(&DeliveryMethod::ALL);
    off.enabled = false;
    let wanted = desired(Some(off.clone()), None, vec![]);
    let (report, _) = converge(&wanted, &crowded(3000));
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    let text = message(provider, BreaksDependents);
    assert!(text.ends_with(" and 2982 more"), "{text}");
    let Status::Provider(facts) = provider else {
        panic!("a provider");
    };
    assert_eq!(facts.dependents.len(), 256);
    off.on_breaking_change = OnBreakingChange::Block;
    let wanted = desired(Some(off.clone()), None, vec![]);
    let (report, _) = converge(&wanted, &crowded(3000));
    let text = message(status(&report, &wanted, Kind::PhoneProvider), Ready);
    assert!(
        text.ends_with("acknowledge-breaking: mfa/sms,mfa/voice,passwordless/sms"),
        "{text}"
    );
    // What the message asks for lets the change through.
    let groups = ["mfa/sms", "mfa/voice", "passwordless/sms"];
    off.acknowledged = groups.map(str::to_owned).into();
    let wanted = desired(Some(off), None, vec![]);
    let (report, _) = converge(&wanted, &crowded(3000));
    assert!(status(&report, &wanted, Kind::PhoneProvider).is_ready());
}

#[test]
fn what_a_change_breaks_is_named_one_by_one_up_to_twenty() {
    let text = |count: usize| {
        let mut off = desired_provider(&DeliveryMethod::ALL);
        off.enabled = false;
        off.on_breaking_change = OnBreakingChange::Block;
        let wanted = desired(Some(off), None, vec![]);
        // Beside MFA by SMS and by call.
        let (report, _) = converge(&wanted, &crowded(count - 2));
        message(status(&report, &wanted, Kind::PhoneProvider), Ready)
    };
    let all = text(20);
    assert!(!all.contains("more"), "{all}");
    assert!(all.ends_with("passwordless/sms/client_0016,passwordless/sms/client_0017"));
    assert!(text(21).contains("and 1 more;"), "{}", text(21));
    assert!(text(21).ends_with("mfa/sms,mfa/voice,passwordless/sms"));
}

#[test]
fn a_message_that_is_too_long_is_cut_where_it_is_told() {
    let wanted = everything();
    let long = Failure {
        message: "x".repeat(40_000),
        ..failure(Class::Terminal)
    };
    let failing = [(0, long)].into();
    let outcome = pass(&wanted, &empty_tenant(), Policy::default(), &failing);
    let report = report(&fresh(&wanted), &wanted, &Ok(outcome), at(1));
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    for condition in provider.conditions() {
        assert!(condition.message.len() <= 4096, "{:?}", condition.type_);
    }
}

#[test]
fn a_provider_whose_dependents_are_not_seen_says_so() {
    let wanted = desired(Some(desired_provider(&DeliveryMethod::ALL)), None, vec![]);
    let mut tenant = full_tenant();
    let scope = Refusal::InsufficientScope(vec!["read:guardian_factors".to_owned()]);
    tenant.factor = Reading::Refused(scope);
    let (report, _) = converge(&wanted, &tenant);
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(told(provider, Ready), Some((True, Reason::Succeeded)));
    let breaks = condition::find(provider.conditions(), BreaksDependents).expect("a condition");
    assert_eq!(
        (breaks.status, breaks.reason),
        (ConditionStatus::Unknown, Reason::InsufficientScope)
    );
    assert!(
        breaks.message.contains("read:guardian_factors"),
        "{}",
        breaks.message
    );
    // What is seen to be broken is told first.
    let Reading::Read(Some(existing)) = &mut tenant.provider else {
        panic!("a provider");
    };
    existing.disabled = true;
    let mut off = desired_provider(&DeliveryMethod::ALL);
    off.enabled = false;
    let wanted = desired(Some(off), None, vec![]);
    let (report, _) = converge(&wanted, &tenant);
    let provider = status(&report, &wanted, Kind::PhoneProvider);
    assert_eq!(
        told(provider, BreaksDependents),
        Some((True, Reason::PasswordlessConnectionEnabled))
    );
}
