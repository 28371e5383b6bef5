//! What a plan breaks, and what depends on the provider.

mod acknowledged;
mod sequence;
mod sight;

use serde_json::json;

use super::build::*;
use crate::api::{Kind, OnBreakingChange, Reason, UnifiedPhoneExperience};
use crate::phone::acknowledgement::Acknowledgement;
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desired::{Desired, DesiredProvider};
use crate::phone::flow::{Flow, delivered, through_provider, wanted, working};
use crate::phone::hazard::{dependent, described, reason_of};
use crate::phone::observed::{Observed, Reading};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::{Policy, Withheld};

fn disabled() -> DesiredProvider {
    DesiredProvider {
        enabled: false,
        ..desired_provider(&DeliveryMethod::ALL)
    }
}

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &Policy::default())
}

fn ids(plan: &Plan) -> Vec<String> {
    plan.hazards
        .iter()
        .map(crate::phone::hazard::Hazard::id)
        .collect()
}

#[expect(
    clippy::fn_params_excessive_bools,
    reason = "each is one setting of the connection"
)]
fn identifiers(active: bool, verify: bool, otp: bool, no_reset: bool) -> Observed {
    let connection = database(json!({
        "attributes": {"phone_number": {
            "identifier": {"active": active},
            "signup": {"verification": {"active": verify}},
        }},
        "authentication_methods": {"phone_otp": {"enabled": otp}},
        "disable_self_service_change_password": no_reset,
    }));
    let mut tenant = empty_tenant();
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    tenant.connections = Reading::Read(vec![connection]);
    tenant
}

#[test]
fn disabling_the_provider_breaks_everything_that_works() {
    let made = planned(&desired(Some(disabled()), None, vec![]), &full_tenant());
    assert_eq!(
        ids(&made),
        [
            "mfa/sms",
            "mfa/voice",
            "passwordless/sms/client_ios",
            "passwordless/sms/client_web",
        ]
    );
    let first = &made.hazards[0];
    assert_eq!(
        (first.step, first.intended, first.acknowledged),
        (0, false, false)
    );
    assert_eq!(first.cause, key(Kind::PhoneProvider, "main"));
    assert_eq!(first.dependent, None);
    assert_eq!(
        first.message(),
        "breaks MFA by SMS (set up outside of Dialtone)"
    );
    assert_eq!(first.reason(), Reason::MfaPhoneFactorEnabled);
    assert_eq!(
        first.remedy,
        "keep the phone provider enabled, or take SMS out of the MFA message types first"
    );
    assert_eq!(
        made.hazards[1].remedy,
        "keep the phone provider enabled, or take Voice out of the MFA message types first"
    );
    let passwordless = &made.hazards[2];
    assert_eq!(passwordless.application.as_deref(), Some("ios"));
    assert_eq!(
        passwordless.message(),
        "breaks passwordless sign-in to ios (client_ios) through connection sms \
         (set up outside of Dialtone)"
    );
    assert_eq!(passwordless.reason(), Reason::PasswordlessConnectionEnabled);
    assert_eq!(
        passwordless.remedy,
        "keep the phone provider enabled, or disable the application for the connection first"
    );
    assert_eq!(made.hazards_of(0).count(), 4);
    assert_eq!(made.hazards_of(1).count(), 0);
}

#[test]
fn a_hazard_names_the_object_that_set_the_flow_up() {
    let factor = desired_factor(&MessageType::ALL);
    let connection = desired_connection(&["client_web", "client_ios"]);
    let wanted = desired(Some(disabled()), Some(factor), vec![connection]);
    let made = planned(&wanted, &full_tenant());
    let owners: Vec<_> = made
        .hazards
        .iter()
        .map(|hazard| hazard.dependent.clone())
        .collect();
    assert_eq!(
        owners,
        [
            Some(key(Kind::MfaPhoneFactor, "main")),
            Some(key(Kind::MfaPhoneFactor, "main")),
            Some(key(Kind::PasswordlessConnection, "main")),
            Some(key(Kind::PasswordlessConnection, "main")),
        ]
    );
    assert_eq!(made.hazards[0].message(), "breaks MFA by SMS");
    let other = Flow::Passwordless {
        connection: "other".into(),
        client_id: "x".into(),
    };
    assert_eq!(dependent(&wanted, &other), None);
}

#[test]
fn narrowing_breaks_only_what_needs_the_method() {
    let narrow = desired_provider(&[DeliveryMethod::Text]);
    let made = planned(&desired(Some(narrow), None, vec![]), &full_tenant());
    assert_eq!(ids(&made), ["mfa/voice"]);
    assert_eq!(
        made.hazards[0].remedy,
        "keep the delivery method, or take Voice out of the MFA message types first"
    );
    let voice = desired_provider(&[DeliveryMethod::Voice]);
    let made = planned(&desired(Some(voice), None, vec![]), &full_tenant());
    assert_eq!(
        ids(&made),
        [
            "mfa/sms",
            "passwordless/sms/client_ios",
            "passwordless/sms/client_web"
        ]
    );
}

#[test]
fn deleting_the_provider_breaks_as_disabling_does() {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.claim.removing = true;
    let made = planned(&desired(Some(provider), None, vec![]), &full_tenant());
    assert_eq!(made.hazards.len(), 4);
    assert!(
        made.hazards[0]
            .remedy
            .starts_with("keep the phone provider, or")
    );
}

#[test]
fn what_an_object_ends_itself_is_told_as_intended() {
    let mut factor = desired_factor(&MessageType::ALL);
    factor.enabled = false;
    let wanted = desired(
        Some(desired_provider(&DeliveryMethod::ALL)),
        Some(factor),
        vec![],
    );
    let made = planned(&wanted, &full_tenant());
    assert_eq!(ids(&made), ["mfa/sms", "mfa/voice"]);
    assert!(made.hazards.iter().all(|hazard| hazard.intended));
    assert_eq!(made.hazards[0].remedy, "keep the MFA factor phone enabled");
}

#[test]
fn phone_identifiers_depend_on_text_whatever_the_flag_says() {
    let mut tenant = identifiers(true, true, true, false);
    for unified in [true, false] {
        tenant.unified = Reading::Read(unified);
        let made = planned(&desired(Some(disabled()), None, vec![]), &tenant);
        assert_eq!(
            ids(&made),
            ["signup/users", "password-reset/users", "phone-otp/users"]
        );
        assert_eq!(made.hazards[0].reason(), Reason::PhoneIdentifierActive);
        assert!(
            made.hazards[0]
                .remedy
                .ends_with("switch the phone identifier off first")
        );
    }
    let flows =
        |tenant: &Observed| -> Vec<String> { wanted(tenant).iter().map(Flow::id).collect() };
    assert_eq!(
        flows(&identifiers(false, true, true, false)),
        ["signup/users"]
    );
    assert_eq!(
        flows(&identifiers(true, false, false, false)),
        ["password-reset/users"]
    );
    assert_eq!(
        flows(&identifiers(true, false, true, true)),
        ["phone-otp/users"]
    );
    assert!(flows(&identifiers(false, false, true, false)).is_empty());
}

#[test]
fn a_legacy_tenant_does_not_need_the_provider_for_mfa_and_passwordless() {
    let mut tenant = full_tenant();
    tenant.unified = Reading::Read(false);
    assert!(
        planned(&desired(Some(disabled()), None, vec![]), &tenant)
            .hazards
            .is_empty()
    );
    let mfa = Flow::Mfa(MessageType::Sms);
    assert!(!through_provider(&tenant, &mfa));
    tenant.provider = Reading::Read(None);
    assert!(delivered(&tenant, &mfa));
    let reset = Flow::PasswordReset {
        connection: "users".to_owned(),
    };
    assert!(through_provider(&tenant, &reset));
    assert!(!delivered(&tenant, &reset));
    // An unknown flag is taken as on, as Auth0's own tools take it.
    tenant.unified = Reading::NotRead;
    assert!(through_provider(&tenant, &mfa));
}

#[test]
fn turning_the_flag_on_breaks_what_the_provider_cannot_deliver() {
    let mut tenant = full_tenant();
    tenant.unified = Reading::Read(false);
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    let narrow = desired_provider(&[DeliveryMethod::Text]);
    let connection = desired_connection(&["client_web"]);
    let mut wanted = desired(Some(narrow), None, vec![connection]);
    wanted.unified = UnifiedPhoneExperience::Enable;
    let made = planned(&wanted, &tenant);
    assert_eq!(ids(&made), ["mfa/voice"]);
    assert_eq!(made.hazards[0].cause, wanted.tenant);
    assert!(
        made.hazards[0]
            .remedy
            .starts_with("give the phone provider the delivery method first")
    );
}

#[test]
fn nothing_works_without_factor_types_or_provider() {
    let tenant = full_tenant();
    assert_eq!(working(&tenant).len(), 4);
    let mut off = tenant.clone();
    off.factor = Reading::Read(false);
    assert_eq!(working(&off).len(), 2);
    let mut none = tenant.clone();
    none.message_types = Reading::Read([MessageType::Voice].into());
    assert!(!working(&none).contains(&Flow::Mfa(MessageType::Sms)));
    let mut unread = tenant;
    unread.provider = Reading::NotRead;
    assert!(working(&unread).is_empty());
}

#[test]
fn flows_are_described_and_have_reasons() {
    let connection = "users".to_owned();
    for (flow, text, reason) in [
        (
            Flow::Mfa(MessageType::Sms),
            "MFA by SMS",
            Reason::MfaPhoneFactorEnabled,
        ),
        (
            Flow::Mfa(MessageType::Voice),
            "MFA by voice call",
            Reason::MfaPhoneFactorEnabled,
        ),
        (
            Flow::Passwordless {
                connection: "sms".into(),
                client_id: "c".into(),
            },
            "passwordless sign-in to c through connection sms",
            Reason::PasswordlessConnectionEnabled,
        ),
        (
            Flow::SignupVerification {
                connection: connection.clone(),
            },
            "phone verification at sign-up to connection users",
            Reason::PhoneIdentifierActive,
        ),
        (
            Flow::PasswordReset {
                connection: connection.clone(),
            },
            "password reset by phone in connection users",
            Reason::PhoneIdentifierActive,
        ),
        (
            Flow::PhoneOtp { connection },
            "sign-in by phone code in connection users",
            Reason::PhoneIdentifierActive,
        ),
    ] {
        assert_eq!(described(&flow, None), text);
        assert_eq!(reason_of(&flow), reason);
        let voice = flow == Flow::Mfa(MessageType::Voice);
        assert_eq!(flow.needs() == DeliveryMethod::Voice, voice);
    }
}
