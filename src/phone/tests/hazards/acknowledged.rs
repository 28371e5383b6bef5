//! What is acknowledged, where, and what that lets through.

use super::*;

#[test]
fn a_hazard_tells_where_it_is_acknowledged() {
    let factor = || {
        let mut factor = desired_factor(&MessageType::ALL);
        factor.enabled = false;
        Some(factor)
    };
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    let advised = |provider: Option<DesiredProvider>| {
        let made = planned(&desired(provider, factor(), vec![]), &full_tenant());
        let place = made.hazards[0].acknowledgement.clone();
        let advice = place.advice(&["mfa/sms", "mfa/voice"]);
        (place, advice)
    };
    let main = || key(Kind::PhoneProvider, "main");
    let annotation = "dialtone.dev/acknowledge-breaking";
    assert_eq!(
        advised(Some(provider.clone())),
        (
            Acknowledgement::On(main()),
            format!(
                "to let it through, add to the annotation {annotation} of {}: mfa/sms,mfa/voice",
                main()
            )
        )
    );
    provider.claim.removing = true;
    let (place, advice) = advised(Some(provider));
    assert_eq!(place, Acknowledgement::OnBefore(main()));
    assert!(
        advice.contains("in a change before the one that takes that away: mfa/sms,mfa/voice"),
        "{advice}"
    );
    let (place, advice) = advised(None);
    assert_eq!(place.provider(), None);
    assert!(advice.starts_with("nothing lets it through"), "{advice}");
    let many: Vec<String> = (0..21)
        .map(|n| format!("passwordless/sms/client{n}"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let advice = Acknowledgement::On(main()).advice(&many);
    assert!(
        advice.ends_with(": the ids of the hazards, or their groups"),
        "{advice}"
    );
}

#[test]
fn an_acknowledgement_names_a_flow_or_its_group() {
    let flow = Flow::Passwordless {
        connection: "sms".into(),
        client_id: "client_ios".into(),
    };
    for text in [
        "passwordless/sms/client_ios",
        "passwordless/sms",
        "passwordless",
    ] {
        assert!(flow.acknowledged_by(text), "{text}");
    }
    for text in [
        "passwordless/sm",
        "passwordless/sms/client_web",
        "mfa",
        "sms",
    ] {
        assert!(!flow.acknowledged_by(text), "{text}");
    }
}

#[test]
fn block_withholds_until_every_flow_is_acknowledged() {
    let mut provider = disabled();
    provider.on_breaking_change = OnBreakingChange::Block;
    provider.acknowledged = ["mfa".to_owned()].into();
    let blocked = planned(
        &desired(Some(provider.clone()), None, vec![]),
        &full_tenant(),
    );
    let Some(Withheld::BreakingChange(open)) = &blocked.steps[0].withheld else {
        panic!("{:?}", blocked.steps[0]);
    };
    let open: Vec<String> = open.iter().map(Flow::id).collect();
    assert_eq!(
        open,
        ["passwordless/sms/client_ios", "passwordless/sms/client_web"]
    );
    // What it would break is told all the same.
    assert_eq!(blocked.hazards.len(), 4);
    let acknowledged: Vec<bool> = blocked
        .hazards
        .iter()
        .map(|hazard| hazard.acknowledged)
        .collect();
    assert_eq!(acknowledged, [true, true, false, false]);

    provider.acknowledged.insert("passwordless/sms".to_owned());
    let through = planned(&desired(Some(provider), None, vec![]), &full_tenant());
    assert_eq!(through.steps[0].withheld, None);
}

#[test]
fn block_concerns_the_provider_alone() {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.on_breaking_change = OnBreakingChange::Block;
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let made = planned(
        &desired(Some(provider), Some(factor), vec![]),
        &full_tenant(),
    );
    assert_eq!(made.due().count(), 1);
}
