//! What is acknowledged, where, and what that lets through.

use std::collections::BTreeSet;

use super::*;

#[test]
fn a_hazard_tells_where_it_is_acknowledged() {
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    let advised = |provider: Option<DesiredProvider>| {
        let wanted = desired(provider, Some(factor.clone()), vec![]);
        let made = planned(&wanted, &full_tenant());
        let flows = made.hazards.iter().map(|it| it.flow.clone()).collect();
        made.hazards[0].acknowledgement.advice(&flows)
    };
    assert_eq!(
        advised(Some(provider.clone())),
        "to let it through, add to the annotation dialtone.dev/acknowledge-breaking of \
         PhoneProvider acme/main: mfa/sms,mfa/voice"
    );
    provider.claim.removing = true;
    assert_eq!(
        advised(Some(provider)),
        "to let it through, add to the annotation dialtone.dev/acknowledge-breaking of \
         PhoneProvider acme/main before that goes: \
         mfa/sms,mfa/voice,passwordless/sms/client_ios,passwordless/sms/client_web"
    );
    assert_eq!(
        advised(None),
        "nothing here lets it through, for no PhoneProvider of Auth0Tenant acme/acme takes part \
         whose annotation dialtone.dev/acknowledge-breaking could name: mfa/sms,mfa/voice"
    );
}

#[test]
fn a_provider_that_goes_without_a_trace_has_acknowledged_what_it_names() {
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let names = BTreeSet::from(["mfa/sms".to_owned()]);
    let gone = key(Kind::PhoneProvider, "gone");
    let acknowledged = |provider: Option<DesiredProvider>| {
        let wanted = desired(provider, Some(factor.clone()), vec![]);
        let made = planned(&wanted, &full_tenant());
        let hazards = made.hazards.into_iter().map(|mut hazard| {
            hazard.acknowledge(&gone, &names);
            (hazard.acknowledged, hazard.acknowledgement)
        });
        hazards.collect::<Vec<_>>()
    };
    let before = || Acknowledgement::Before(gone.clone());
    assert_eq!(acknowledged(None), [(true, before()), (false, before())]);
    // One that stays decides by itself.
    let stays = || Acknowledgement::On(key(Kind::PhoneProvider, "main"));
    assert_eq!(
        acknowledged(Some(desired_provider(&DeliveryMethod::ALL))),
        [(false, stays()), (false, stays())]
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
