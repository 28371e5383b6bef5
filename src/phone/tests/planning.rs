//! What is planned, in which order.

use std::collections::BTreeSet;

use serde_json::json;

use super::build::*;
use crate::api::{Reason, UnifiedPhoneExperience};
use crate::phone::action::{CLIENTS_PER_WRITE, Cause, Change};
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desired::{ApplicationRef, AuthToken, Desired, Sender, TwilioFrom};
use crate::phone::flow::{Flow, working};
use crate::phone::observed::{Observed, ProviderName, Reading};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::Policy;

const BOTH: [DeliveryMethod; 2] = DeliveryMethod::ALL;

fn planned(desired: &Desired, observed: &Observed) -> Plan {
    plan(desired, observed, &Policy::default())
}

/// The plan as people read it: a line a step, withheld ones in brackets.
fn lines(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| {
            let summary = step.action.change.summary();
            match &step.withheld {
                None => summary,
                Some(withheld) => format!("[{summary}: {}]", withheld.reason()),
            }
        })
        .collect()
}

fn fields(plan: &Plan, step: usize) -> Vec<String> {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    plan.steps[step]
        .action
        .fields
        .iter()
        .map(|field| {
            format!(
                "{}: {} → {}",
                field.path,
                shown(&field.from),
                shown(&field.to)
            )
        })
        .collect()
}

#[test]
fn an_empty_tenant_gets_everything_in_the_documented_order() {
    let connection = desired_connection(&["client_web", "client_ios"]);
    let factor = desired_factor(&MessageType::ALL);
    let mut provider = desired_provider(&BOTH);
    provider.claim.known_id = None;
    let wanted = desired(Some(provider), Some(factor), vec![connection]);
    let made = planned(&wanted, &empty_tenant());
    assert_eq!(
        lines(&made),
        [
            "create phone provider twilio",
            "enable MFA factor phone",
            "set MFA message types to SMS and Voice",
            "create connection sms",
            "enable 2 applications for connection sms",
        ]
    );
    let needs: Vec<&[usize]> = made.steps.iter().map(|step| &step.needs[..]).collect();
    assert_eq!(needs, [&[][..], &[0], &[0, 1], &[0], &[0, 3]]);
    assert_eq!(
        fields(&made, 0),
        [
            "name: - → twilio",
            "configuration.default_from: - → +1*****00",
            "configuration.delivery_methods: - → text and voice",
            &format!("configuration.sid: - → {SID}"),
            "credentials.auth_token: - → (secret)",
        ]
    );
    assert!(made.hazards.is_empty());
    assert!(
        made.steps
            .iter()
            .all(|step| step.action.cause == Cause::Spec)
    );
}

#[test]
fn a_tenant_that_is_as_wanted_gets_nothing() {
    let connection = desired_connection(&["client_web"]);
    let factor = desired_factor(&MessageType::ALL);
    let wanted = desired(
        Some(desired_provider(&BOTH)),
        Some(factor),
        vec![connection],
    );
    let made = planned(&wanted, &full_tenant());
    assert!(made.is_empty(), "{:?}", lines(&made));
    assert!(planned(&nothing_desired(), &full_tenant()).is_empty());
}

#[test]
fn the_order_of_delivery_methods_in_the_tenant_is_no_difference() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice", "text"])));
    let made = planned(
        &desired(Some(desired_provider(&BOTH)), None, vec![]),
        &tenant,
    );
    assert!(made.is_empty(), "{:?}", lines(&made));
}

#[test]
fn a_changed_configuration_keeps_what_nobody_here_knows() {
    let mut tenant = full_tenant();
    let mut existing = provider(&["voice", "text"]);
    existing
        .configuration
        .insert("region".to_owned(), json!("ie1"));
    tenant.provider = Reading::Read(Some(existing));
    let mut wanted = desired_provider(&BOTH);
    let Sender::Twilio { from, .. } = &mut wanted.sender else {
        panic!("not Twilio")
    };
    *from = TwilioFrom::MessagingService("MG1".to_owned());
    let made = planned(&desired(Some(wanted), None, vec![]), &tenant);
    assert_eq!(lines(&made), ["update phone provider"]);
    let Change::UpdateProvider { id, patch } = &made.steps[0].action.change else {
        panic!("{:?}", made.steps[0]);
    };
    assert_eq!(id, "pro_1");
    assert_eq!(
        patch.configuration,
        Some(object(json!({
            "sid": SID,
            "mssid": "MG1",
            "delivery_methods": ["voice", "text"],
            "region": "ie1",
        })))
    );
    assert_eq!(
        (&patch.name, patch.disabled, &patch.auth_token),
        (&None, None, &None)
    );
    assert_eq!(
        fields(&made, 0),
        [
            "configuration.default_from: +1*****00 → -",
            "configuration.mssid: - → MG1"
        ]
    );
}

#[test]
fn another_provider_is_switched_in_place_and_starts_with_a_clean_configuration() {
    let mut tenant = full_tenant();
    let mut existing = provider(&["text", "voice"]);
    existing.name = ProviderName::Custom;
    existing
        .configuration
        .insert("region".to_owned(), json!("ie1"));
    tenant.provider = Reading::Read(Some(existing));
    let made = planned(
        &desired(Some(desired_provider(&BOTH)), None, vec![]),
        &tenant,
    );
    assert_eq!(lines(&made), ["switch phone provider to twilio"]);
    let Change::UpdateProvider { patch, .. } = &made.steps[0].action.change else {
        panic!("{:?}", made.steps[0]);
    };
    assert_eq!(patch.name, Some(ProviderName::Twilio));
    let configuration = patch.configuration.as_ref().expect("a configuration");
    assert!(!configuration.contains_key("region"));
    assert_eq!(fields(&made, 0)[0], "name: custom → twilio");
}

#[test]
fn a_rotated_token_is_written_alone() {
    let mut wanted = desired_provider(&BOTH);
    let Sender::Twilio { auth_token, .. } = &mut wanted.sender else {
        panic!("not Twilio")
    };
    *auth_token = AuthToken::Given(token("token-2"));
    let made = planned(&desired(Some(wanted), None, vec![]), &full_tenant());
    assert_eq!(lines(&made), ["update phone provider's credentials"]);
    let Change::UpdateProvider { patch, .. } = &made.steps[0].action.change else {
        panic!("{:?}", made.steps[0]);
    };
    assert_eq!(patch.auth_token, Some(token("token-2")));
    assert_ne!(patch.auth_token, Some(token("token-1")));
    assert_eq!(patch.configuration, None);
    assert_eq!(
        fields(&made, 0),
        ["credentials.auth_token: (secret) → (new secret)"]
    );
}

#[test]
fn a_token_that_is_kept_elsewhere_is_taken_for_the_one_that_is_there() {
    let mut wanted = desired_provider(&BOTH);
    wanted.claim.known_id = None;
    let Sender::Twilio {
        auth_token,
        applied_token,
        ..
    } = &mut wanted.sender
    else {
        panic!("not Twilio")
    };
    (*auth_token, *applied_token) = (AuthToken::Unseen, None);
    let made = planned(&desired(Some(wanted.clone()), None, vec![]), &full_tenant());
    assert!(made.is_empty() && made.findings.is_empty(), "{made:#?}");
    // It goes with what cannot be done without it.
    let created = planned(
        &desired(Some(wanted.clone()), None, vec![]),
        &empty_tenant(),
    );
    assert_eq!(lines(&created), ["create phone provider twilio"]);
    let shown = fields(&created, 0);
    assert!(shown.contains(&"credentials.auth_token: - → (secret)".to_owned()));
    let tenant = custom_tenant(vec![phone_action("code-1")]);
    let switched = planned(&desired(Some(wanted), None, vec![]), &tenant);
    assert_eq!(lines(&switched), ["switch phone provider to twilio"]);
    assert!(!switched.is_blocked(), "{switched:#?}");
}

#[test]
fn the_token_goes_with_other_changes_of_an_adopted_provider() {
    let mut wanted = desired_provider(&[DeliveryMethod::Text]);
    wanted.claim.known_id = None;
    let made = planned(&desired(Some(wanted), None, vec![]), &full_tenant());
    assert_eq!(lines(&made), ["update phone provider"]);
    assert_eq!(made.steps[0].action.cause, Cause::Adoption);
    assert_eq!(
        fields(&made, 0),
        [
            "configuration.delivery_methods: text and voice → text",
            "credentials.auth_token: (secret) → (new secret)",
        ]
    );
}

#[test]
fn a_provider_that_somebody_replaced_gets_the_token_again() {
    let mut wanted = desired_provider(&BOTH);
    wanted.claim.known_id = Some("pro_gone".to_owned());
    let made = planned(&desired(Some(wanted), None, vec![]), &full_tenant());
    assert_eq!(lines(&made), ["update phone provider's credentials"]);
}

#[test]
fn drift_and_rotation_are_two_writes_so_that_drift_can_be_withheld_alone() {
    let mut wanted = desired_provider(&[DeliveryMethod::Text]);
    wanted.claim.settled = true;
    let Sender::Twilio { auth_token, .. } = &mut wanted.sender else {
        panic!("not Twilio")
    };
    *auth_token = AuthToken::Given(token("token-2"));
    let made = planned(&desired(Some(wanted), None, vec![]), &full_tenant());
    let causes: Vec<Cause> = made.steps.iter().map(|step| step.action.cause).collect();
    assert_eq!(
        lines(&made),
        [
            "update phone provider's credentials",
            "update phone provider"
        ]
    );
    assert_eq!(causes, [Cause::Spec, Cause::Drift]);
}

#[test]
fn a_rotated_token_of_a_settled_provider_is_no_drift() {
    let mut wanted = desired_provider(&BOTH);
    wanted.claim.settled = true;
    let Sender::Twilio { auth_token, .. } = &mut wanted.sender else {
        panic!("not Twilio")
    };
    *auth_token = AuthToken::Given(token("token-2"));
    let made = planned(&desired(Some(wanted), None, vec![]), &full_tenant());
    assert_eq!(made.steps[0].action.cause, Cause::Spec);
}

#[test]
fn drift_and_a_rotated_token_are_two_writes_of_which_one_is_no_drift() {
    let mut wanted = desired_provider(&[DeliveryMethod::Text]);
    wanted.claim.settled = true;
    let Sender::Twilio { auth_token, .. } = &mut wanted.sender else {
        panic!("not Twilio")
    };
    *auth_token = AuthToken::Given(token("token-2"));
    let made = planned(&desired(Some(wanted), None, vec![]), &full_tenant());
    let sent: Vec<_> = made
        .steps
        .iter()
        .map(|step| match &step.action.change {
            Change::UpdateProvider { patch, .. } => (
                step.action.cause,
                patch.configuration.is_some(),
                patch.auth_token.clone(),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    let rotated = (Cause::Spec, false, Some(token("token-2")));
    assert_eq!(sent.len(), 2);
    assert!(sent.contains(&(Cause::Drift, true, None)), "{sent:?}");
    assert!(sent.contains(&rotated), "{sent:?}");
}

#[test]
fn the_switch_is_turned_both_ways() {
    let mut off = desired_provider(&BOTH);
    off.enabled = false;
    let made = planned(&desired(Some(off.clone()), None, vec![]), &full_tenant());
    assert_eq!(lines(&made), ["disable phone provider"]);
    assert_eq!(fields(&made, 0), ["disabled: false → true"]);
    let mut tenant = full_tenant();
    let mut existing = provider(&["text", "voice"]);
    existing.disabled = true;
    tenant.provider = Reading::Read(Some(existing));
    assert!(planned(&desired(Some(off), None, vec![]), &tenant).is_empty());
    let made = planned(
        &desired(Some(desired_provider(&BOTH)), None, vec![]),
        &tenant,
    );
    assert_eq!(lines(&made), ["enable phone provider"]);
    assert_eq!(fields(&made, 0), ["disabled: true → false"]);
}

#[test]
fn a_provider_created_disabled_says_so() {
    let mut off = desired_provider(&BOTH);
    off.enabled = false;
    let made = planned(&desired(Some(off), None, vec![]), &empty_tenant());
    assert_eq!(lines(&made), ["create phone provider twilio, disabled"]);
    let Change::CreateProvider {
        disabled,
        auth_token,
        ..
    } = &made.steps[0].action.change
    else {
        panic!("{:?}", made.steps[0]);
    };
    assert!(disabled);
    assert_eq!(auth_token, &Some(token("token-1")));
}

#[test]
fn only_what_an_object_has_written_is_removed_with_it() {
    let mut provider = desired_provider(&BOTH);
    provider.claim.removing = true;
    let mut connection = desired_connection(&["client_web"]);
    connection.claim.removing = true;
    let mut factor = desired_factor(&MessageType::ALL);
    factor.claim.removing = true;
    let wanted = desired(Some(provider), Some(factor), vec![connection]);
    let made = planned(&wanted, &full_tenant());
    assert_eq!(
        lines(&made),
        [
            "delete connection sms and its users",
            "disable MFA factor phone",
            "delete phone provider"
        ]
    );
    assert!(
        made.steps
            .iter()
            .all(|step| step.action.cause == Cause::Removal)
    );
    assert_eq!(made.steps[2].needs, [0, 1]);
    assert_eq!(fields(&made, 0), ["name: sms → -"]);
    assert_eq!(fields(&made, 2), ["name: twilio → -"]);
    let mut strange = wanted.clone();
    for claim in [
        &mut strange.provider.as_mut().expect("a provider").claim,
        &mut strange.connections[0].claim,
    ] {
        claim.known_id = Some("another".to_owned());
    }
    assert_eq!(
        lines(&planned(&strange, &full_tenant())),
        ["disable MFA factor phone"]
    );
    assert!(planned(&wanted, &empty_tenant()).is_empty());
}

#[test]
fn a_provider_narrows_after_its_dependents_let_go() {
    let factor = desired_factor(&[MessageType::Sms]);
    let wanted = desired(
        Some(desired_provider(&[DeliveryMethod::Text])),
        Some(factor),
        vec![],
    );
    let made = planned(&wanted, &full_tenant());
    assert_eq!(
        lines(&made),
        ["set MFA message types to SMS", "update phone provider"]
    );
    assert_eq!(made.steps[1].needs, [0]);
    assert_eq!(fields(&made, 0), ["message_types: SMS and Voice → SMS"]);
}

#[test]
fn a_provider_waits_for_applications_that_are_switched_off() {
    let mut connection = desired_connection(&[]);
    let applications = connection.applications.as_mut().expect("applications");
    applications.exclusive = true;
    let provider = desired_provider(&[DeliveryMethod::Voice]);
    let wanted = desired(Some(provider), None, vec![connection]);
    let made = planned(&wanted, &full_tenant());
    assert!(matches!(
        made.steps[0].action.change,
        Change::SetConnectionClients { .. }
    ));
    assert_eq!(made.steps[1].needs, [0]);
    // Switching on lets nothing go.
    let provider = desired_provider(&[DeliveryMethod::Text]);
    let connection = desired_connection(&["client_android"]);
    let wanted = desired(Some(provider), None, vec![connection]);
    let made = planned(&wanted, &full_tenant());
    assert_eq!(made.steps.len(), 2);
    assert!(made.steps[1].needs.is_empty());
}

#[test]
fn applications_wait_for_their_own_connection_alone() {
    let first = desired_connection(&["client_web"]);
    let mut second = desired_connection(&["client_ios"]);
    second.name = "other".to_owned();
    let tenant = Observed {
        provider: Reading::Read(Some(provider(&["text"]))),
        ..empty_tenant()
    };
    let made = planned(&desired(None, None, vec![first, second]), &tenant);
    assert_eq!(
        lines(&made),
        [
            "create connection sms",
            "create connection other",
            "enable 1 application for connection sms",
            "enable 1 application for connection other",
        ]
    );
    let needs: Vec<&[usize]> = made.steps.iter().map(|step| &step.needs[..]).collect();
    assert_eq!(needs, [&[][..], &[], &[0], &[1]]);
}

#[test]
fn a_provider_widens_before_its_dependents_use_it() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    tenant.message_types = Reading::Read([MessageType::Sms].into());
    let factor = desired_factor(&MessageType::ALL);
    let made = planned(
        &desired(Some(desired_provider(&BOTH)), Some(factor), vec![]),
        &tenant,
    );
    assert_eq!(
        lines(&made),
        [
            "update phone provider",
            "set MFA message types to SMS and Voice"
        ]
    );
    assert_eq!(made.steps[1].needs, [0]);
}

#[test]
fn a_provider_that_trades_methods_passes_through_both() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["text"])));
    tenant.message_types = Reading::Read([MessageType::Sms].into());
    tenant.connections = Reading::Read(vec![]);
    let factor = desired_factor(&[MessageType::Voice]);
    let wanted = desired(
        Some(desired_provider(&[DeliveryMethod::Voice])),
        Some(factor),
        vec![],
    );
    let made = planned(&wanted, &tenant);
    assert_eq!(
        lines(&made),
        [
            "update phone provider",
            "set MFA message types to Voice",
            "update phone provider"
        ]
    );
    assert_eq!(
        fields(&made, 0),
        ["configuration.delivery_methods: text → text and voice"]
    );
    assert_eq!(made.steps[2].needs, [1]);
    let methods = |step: usize| match &made.steps[step].action.change {
        Change::UpdateProvider { patch, .. } => patch
            .configuration
            .as_ref()
            .map(|map| map["delivery_methods"].clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(methods(0), Some(json!(["text", "voice"])));
    assert_eq!(methods(2), Some(json!(["voice"])));
}

#[test]
fn a_connection_that_needs_the_new_method_makes_the_provider_pass_through_both_too() {
    let mut tenant = empty_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice"])));
    let connection = desired_connection(&["client_web"]);
    let provider = desired_provider(&[DeliveryMethod::Text]);
    let made = planned(&desired(Some(provider), None, vec![connection]), &tenant);
    assert_eq!(
        lines(&made),
        [
            "update phone provider",
            "create connection sms",
            "enable 1 application for connection sms",
            "update phone provider",
        ]
    );
}

#[test]
fn a_new_connection_needs_the_new_method_even_without_applications() {
    let mut tenant = empty_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice"])));
    let connection = desired_connection(&[]);
    let provider = desired_provider(&[DeliveryMethod::Text]);
    let made = planned(&desired(Some(provider), None, vec![connection]), &tenant);
    assert_eq!(
        lines(&made),
        [
            "update phone provider",
            "create connection sms",
            "update phone provider",
        ]
    );
}

#[test]
fn only_applications_that_are_switched_on_wait_for_the_new_method() {
    let mut tenant = full_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice"])));
    tenant.message_types = Reading::Read([].into());
    let mut connection = desired_connection(&["client_web", "client_ios", "client_android"]);
    let text = desired_provider(&[DeliveryMethod::Text]);
    let with = |connection| desired(Some(text.clone()), None, vec![connection]);
    assert_eq!(
        lines(&planned(&with(connection.clone()), &tenant)),
        [
            "update phone provider",
            "enable 1 application for connection sms",
            "update phone provider",
        ]
    );
    let applications = connection.applications.as_mut().expect("applications");
    applications.refs.truncate(1);
    applications.exclusive = true;
    assert_eq!(
        lines(&planned(&with(connection), &tenant)),
        [
            "disable 1 application for connection sms",
            "update phone provider",
        ]
    );
}

#[test]
fn a_trade_that_nobody_waits_for_is_one_write() {
    let mut tenant = empty_tenant();
    tenant.provider = Reading::Read(Some(provider(&["voice"])));
    let provider = desired_provider(&[DeliveryMethod::Text]);
    assert_eq!(
        planned(&desired(Some(provider), None, vec![]), &tenant)
            .steps
            .len(),
        1
    );
}

#[test]
fn the_flag_is_turned_on_between_provider_and_dependents_where_that_is_allowed() {
    let mut tenant = empty_tenant();
    tenant.unified = Reading::Read(false);
    let factor = desired_factor(&[MessageType::Sms]);
    let mut wanted = desired(Some(desired_provider(&BOTH)), Some(factor), vec![]);
    wanted.unified = UnifiedPhoneExperience::Enable;
    let made = planned(&wanted, &tenant);
    assert_eq!(
        lines(&made),
        [
            "create phone provider twilio",
            "turn the unified phone experience on",
            "enable MFA factor phone",
            "set MFA message types to SMS",
        ]
    );
    assert_eq!(made.steps[1].needs, [0]);
    assert_eq!(made.steps[2].needs, [0, 1]);
    assert_eq!(made.steps[1].action.owner, wanted.tenant);
    assert_eq!(
        fields(&made, 1),
        ["phone_consolidated_experience: false → true"]
    );
    wanted.factor = None;
    assert_eq!(
        lines(&planned(&wanted, &tenant)),
        ["create phone provider twilio"]
    );
    wanted.connections = vec![desired_connection(&[])];
    assert_eq!(
        lines(&planned(&wanted, &tenant))[1],
        "turn the unified phone experience on"
    );
}

#[test]
fn the_factor_is_switched_and_its_policies_are_set() {
    let mut factor = desired_factor(&[]);
    factor.message_types = None;
    factor.policies = Some(vec!["all-applications".to_owned()]);
    let wanted = desired(None, Some(factor.clone()), vec![]);
    let mut tenant = full_tenant();
    tenant.factor = Reading::Read(false);
    let made = planned(&wanted, &tenant);
    assert_eq!(
        lines(&made),
        [
            "enable MFA factor phone",
            "set MFA policy to all-applications"
        ]
    );
    assert_eq!(fields(&made, 0), ["enabled: false → true"]);
    assert_eq!(fields(&made, 1), ["policies: none → all-applications"]);
    assert!(made.steps[1].needs.is_empty());

    factor.enabled = false;
    factor.message_types = Some([MessageType::Sms].into());
    factor.policies = Some(vec![]);
    tenant.factor = Reading::Read(true);
    tenant.policies = Reading::Read(vec!["all-applications".to_owned()]);
    let made = planned(&desired(None, Some(factor), vec![]), &tenant);
    assert_eq!(
        lines(&made),
        ["set MFA policy to never", "disable MFA factor phone"]
    );
    assert_eq!(made.steps[1].needs, [0]);
}

#[test]
fn options_are_read_modified_and_written_whole() {
    let mut tenant = full_tenant();
    let mut existing = sms_connection();
    let options = existing.options.as_mut().expect("options");
    options.insert("totp".to_owned(), json!({"length": 6, "time_step": 300}));
    options.insert("unknown".to_owned(), json!({"kept": true}));
    existing.display_name = Some("Text me".to_owned());
    tenant.connections = Reading::Read(vec![existing]);
    let mut connection = desired_connection(&["client_web"]);
    connection.options.insert(vec!["totp", "length"], json!(8));
    connection
        .options
        .insert(vec!["disable_signup"], json!(true));
    connection
        .options
        .insert(vec!["brute_force_protection"], json!(true));
    let made = planned(&desired(None, None, vec![connection]), &tenant);
    assert_eq!(lines(&made), ["update connection sms"]);
    assert_eq!(
        fields(&made, 0),
        [
            "options.disable_signup: - → true",
            "options.totp.length: 6 → 8"
        ]
    );
    let Change::UpdateConnection { id, patch, .. } = &made.steps[0].action.change else {
        panic!("{:?}", made.steps[0]);
    };
    assert_eq!(id, "con_sms");
    // A change without it would reset the display name.
    assert_eq!(patch.display_name.as_deref(), Some("Text me"));
    assert_eq!(
        patch.options,
        Some(object(json!({
            "name": "sms",
            "brute_force_protection": true,
            "totp": {"length": 8, "time_step": 300},
            "unknown": {"kept": true},
            "disable_signup": true,
        })))
    );
}

#[test]
fn a_display_name_alone_leaves_the_options_out() {
    let mut connection = desired_connection(&["client_web"]);
    connection.display_name = Some("Text me".to_owned());
    let made = planned(&desired(None, None, vec![connection]), &full_tenant());
    assert_eq!(fields(&made, 0), ["display_name: - → Text me"]);
    let Change::UpdateConnection { patch, .. } = &made.steps[0].action.change else {
        panic!("{:?}", made.steps[0]);
    };
    assert_eq!(
        (patch.display_name.as_deref(), &patch.options),
        (Some("Text me"), &None)
    );
}

#[test]
fn a_nested_option_makes_its_object_where_there_is_none() {
    let mut connection = desired_connection(&["client_web"]);
    connection.options.insert(vec!["totp", "length"], json!(8));
    let mut tenant = full_tenant();
    let mut existing = sms_connection();
    existing
        .options
        .as_mut()
        .expect("options")
        .insert("totp".to_owned(), json!("nonsense"));
    tenant.connections = Reading::Read(vec![existing]);
    let made = planned(&desired(None, None, vec![connection]), &tenant);
    let Change::UpdateConnection { patch, .. } = &made.steps[0].action.change else {
        panic!("{:?}", made.steps[0]);
    };
    assert_eq!(
        patch.options.as_ref().map(|map| map["totp"].clone()),
        Some(json!({"length": 8}))
    );
}

#[test]
fn hidden_or_masked_options_are_never_written() {
    let mut connection = desired_connection(&["client_web"]);
    connection
        .options
        .insert(vec!["disable_signup"], json!(true));
    let wanted = desired(None, None, vec![connection]);
    let hidden = [
        None,
        Some(json!({"twilio_token": "*****"})),
        Some(json!({"deep": [{"secret": "***"}]})),
    ];
    for options in hidden {
        let mut tenant = full_tenant();
        let mut existing = sms_connection();
        existing.options = options.map(object);
        tenant.connections = Reading::Read(vec![existing]);
        let made = planned(&wanted, &tenant);
        assert!(made.is_empty(), "{:?}", lines(&made));
        assert_eq!(made.findings[0].reason, Reason::OptionsHidden);
        assert!(made.findings[0].blocking);
    }
    // Two stars are no mask, and options that nobody owns are no business of ours.
    let mut tenant = full_tenant();
    let mut existing = sms_connection();
    existing.options = Some(object(json!({"name": "**"})));
    tenant.connections = Reading::Read(vec![existing.clone()]);
    assert_eq!(lines(&planned(&wanted, &tenant)), ["update connection sms"]);
    existing.options = None;
    tenant.connections = Reading::Read(vec![existing]);
    let unowned = desired(None, None, vec![desired_connection(&["client_web"])]);
    assert!(planned(&unowned, &tenant).findings.is_empty());
}

#[test]
fn connections_that_nobody_manages_and_senders_of_old_ones_are_noted() {
    let mut tenant = full_tenant();
    let mut other = sms_connection();
    other.id = "con_other".to_owned();
    other.name = "sms-old".to_owned();
    let mut own = sms_connection();
    let options = own.options.as_mut().expect("options");
    options.insert("twilio_sid".to_owned(), json!("AC1"));
    options.insert("provider".to_owned(), json!("twilio"));
    tenant.connections = Reading::Read(vec![own.clone(), other.clone(), database(json!({}))]);
    let wanted = desired(None, None, vec![desired_connection(&["client_web"])]);
    let notes = |tenant: &Observed| -> Vec<(Reason, bool, String)> {
        let findings = planned(&wanted, tenant).findings.into_iter();
        findings
            .map(|item| (item.reason, item.blocking, item.message))
            .collect()
    };
    assert_eq!(
        notes(&tenant),
        [
            (
                Reason::LegacyOptionsPresent,
                false,
                "it still holds a sender of its own (provider and twilio_sid): set \
                 usePhoneProvider to true to send through the tenant's phone provider"
                    .to_owned()
            ),
            (
                Reason::ConnectionNotOffered,
                false,
                "the tenant has other sms connections: sms-old".to_owned()
            ),
        ]
    );
    own.options
        .as_mut()
        .expect("options")
        .insert("use_phone_provider".to_owned(), json!(true));
    tenant.connections = Reading::Read(vec![own]);
    assert!(notes(&tenant).is_empty());
    assert!(planned(&nothing_desired(), &tenant).findings.is_empty());
}

#[test]
fn additive_applications_only_undo_what_was_done_here() {
    let mut connection = desired_connection(&["client_android"]);
    let applications = connection.applications.as_mut().expect("applications");
    applications.enabled_before = ["client_ios".to_owned(), "client_gone".to_owned()].into();
    let made = planned(
        &desired(None, None, vec![connection.clone()]),
        &full_tenant(),
    );
    assert_eq!(
        lines(&made),
        ["enable 1 application and disable 1 application for connection sms"]
    );
    assert_eq!(
        fields(&made, 0),
        [
            "clients.client_android (android): disabled → enabled",
            "clients.client_ios (ios): enabled → disabled",
        ]
    );
    connection
        .applications
        .as_mut()
        .expect("applications")
        .exclusive = true;
    let made = planned(&desired(None, None, vec![connection]), &full_tenant());
    assert_eq!(
        lines(&made),
        ["enable 1 application and disable 2 applications for connection sms"]
    );
}

#[test]
fn an_application_that_is_not_found_stops_nothing_but_switching_off() {
    let mut connection = desired_connection(&["client_android"]);
    let applications = connection.applications.as_mut().expect("applications");
    applications.exclusive = true;
    applications
        .refs
        .push(ApplicationRef::Name("desktop".to_owned()));
    applications
        .refs
        .push(ApplicationRef::Name("ios".to_owned()));
    let made = planned(
        &desired(None, None, vec![connection.clone()]),
        &full_tenant(),
    );
    assert_eq!(lines(&made), ["enable 1 application for connection sms"]);
    assert_eq!(made.findings.len(), 1);
    assert_eq!(made.findings[0].reason, Reason::ApplicationNotFound);
    assert_eq!(
        made.findings[0].message,
        "no application is named \"desktop\""
    );

    let mut tenant = full_tenant();
    if let Reading::Read(all) = &mut tenant.applications {
        let mut twin = all[1].clone();
        twin.client_id = "client_twin".to_owned();
        all.push(twin);
    }
    connection.applications.as_mut().expect("applications").refs =
        vec![ApplicationRef::Name("ios".to_owned())];
    let made = planned(&desired(None, None, vec![connection]), &tenant);
    assert_eq!(made.findings[0].reason, Reason::ApplicationAmbiguous);
    assert_eq!(
        made.findings[0].message,
        "2 applications are named \"ios\" (client_ios, client_twin): use clientId"
    );
    assert!(made.is_empty());
}

#[test]
fn applications_are_written_fifty_at_a_time() {
    assert_eq!(CLIENTS_PER_WRITE, 50);
    for (count, writes) in [(50, 1), (51, 2), (101, 3)] {
        let ids: Vec<String> = (0..count)
            .map(|index| format!("client_{index:03}"))
            .collect();
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut tenant = full_tenant();
        tenant.connection_clients = [("con_sms".to_owned(), Reading::Read(BTreeSet::new()))].into();
        let made = planned(
            &desired(None, None, vec![desired_connection(&refs)]),
            &tenant,
        );
        assert_eq!(made.steps.len(), writes, "{count}");
        let sizes: Vec<usize> = made
            .steps
            .iter()
            .map(|step| match &step.action.change {
                Change::SetConnectionClients { enable, .. } => enable.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(sizes.iter().sum::<usize>(), count);
        assert!(sizes.iter().all(|size| *size <= 50));
        if writes > 1 {
            assert_eq!(made.steps[1].needs, [0]);
        }
    }
}

#[test]
fn what_could_not_be_read_is_not_planned() {
    let mut provider = desired_provider(&[DeliveryMethod::Text]);
    provider.enabled = false;
    let mut factor = desired_factor(&[MessageType::Sms]);
    factor.policies = Some(vec!["all-applications".to_owned()]);
    let mut connection = desired_connection(&["client_android"]);
    connection.display_name = Some("Text me".to_owned());
    let wanted = desired(Some(provider), Some(factor), vec![connection]);
    assert!(planned(&wanted, &Observed::default()).is_empty());
    let mut tenant = full_tenant();
    tenant.connection_clients.clear();
    let only = desired(None, None, vec![desired_connection(&["client_android"])]);
    assert!(planned(&only, &tenant).is_empty());
    let mut named = desired_connection(&[]);
    named.applications.as_mut().expect("applications").refs =
        vec![ApplicationRef::Name("web".to_owned())];
    let mut tenant = full_tenant();
    tenant.applications = Reading::NotRead;
    let made = planned(&desired(None, None, vec![named]), &tenant);
    assert!(made.is_empty() && made.findings.is_empty());
}

#[test]
fn a_scope_reads_what_the_objects_need_and_no_more() {
    let scope = nothing_desired().scope();
    assert_eq!(scope, crate::phone::desired::Scope::default());
    let provider = desired(Some(desired_provider(&BOTH)), None, vec![]).scope();
    assert!(provider.unified && provider.provider && provider.factor && provider.connections);
    assert!(!provider.policies && !provider.applications);
    let mut factor = desired_factor(&[]);
    let alone = desired(None, Some(factor.clone()), vec![]).scope();
    assert!(alone.unified && alone.provider && alone.factor);
    assert!(!alone.policies && !alone.connections && !alone.applications);
    factor.policies = Some(vec![]);
    assert!(desired(None, Some(factor.clone()), vec![]).scope().policies);
    let mut connection = desired_connection(&["client_web"]);
    let by_id = desired(None, None, vec![connection.clone()]).scope();
    assert!(by_id.unified && by_id.provider && by_id.connections);
    assert!(!by_id.factor && !by_id.applications);
    connection.applications.as_mut().expect("applications").refs =
        vec![ApplicationRef::Name("web".to_owned())];
    assert!(desired(None, None, vec![connection]).scope().applications);
    // Turning the flag on may break what goes the legacy way: all of it is looked at.
    let mut enabling = desired(None, Some(factor), vec![]);
    enabling.unified = UnifiedPhoneExperience::Enable;
    assert!(enabling.scope().connections);
    enabling.factor = None;
    assert_eq!(enabling.scope(), crate::phone::desired::Scope::default());

    assert!(provider.covers(alone) && !alone.covers(provider));
    assert!(!provider.covers(desired(None, None, vec![]).scope()) || provider.covers(scope));
    for name in [
        "unified",
        "provider",
        "factor",
        "policies",
        "connections",
        "applications",
    ] {
        let mut needs = crate::phone::desired::Scope::default();
        match name {
            "unified" => needs.unified = true,
            "provider" => needs.provider = true,
            "factor" => needs.factor = true,
            "policies" => needs.policies = true,
            "connections" => needs.connections = true,
            _ => needs.applications = true,
        }
        assert!(!scope.covers(needs), "{name}");
        assert!(needs.covers(needs) && needs.covers(scope), "{name}");
    }
}

#[test]
fn debug_output_shows_no_bodies() {
    let mut connection = sms_connection();
    connection.options = Some(object(json!({"twilio_token": "planted"})));
    assert_eq!(format!("{connection:?}"), "Connection(sms sms con_sms)");
    let change = Change::CreateConnection {
        name: "sms".to_owned(),
        display_name: None,
        options: object(json!({"twilio_token": "planted"})),
    };
    assert_eq!(format!("{change:?}"), "Change(create connection sms)");
}

#[test]
fn summaries_name_each_change() {
    let set = |ids: &[&str]| {
        ids.iter()
            .map(|id| (*id).to_owned())
            .collect::<BTreeSet<String>>()
    };
    let clients = |enable: &[&str], disable: &[&str]| Change::SetConnectionClients {
        connection: "sms".to_owned(),
        enable: set(enable),
        disable: set(disable),
    };
    assert_eq!(
        clients(&["a"], &[]).summary(),
        "enable 1 application for connection sms"
    );
    assert_eq!(
        clients(&[], &["a", "b"]).summary(),
        "disable 2 applications for connection sms"
    );
    assert_eq!(
        Change::DeleteConnection {
            id: "c".to_owned(),
            name: "sms".to_owned()
        }
        .summary(),
        "delete connection sms and its users"
    );
    assert_eq!(
        Change::SetPolicies(vec![]).summary(),
        "set MFA policy to never"
    );
    assert_eq!(
        Change::SetMessageTypes(BTreeSet::new()).summary(),
        "set MFA message types to none"
    );
}

#[test]
fn connections_that_one_plan_creates_are_told_apart() {
    let mut other = desired_connection(&["client_web"]);
    other.name = "sms-b2b".to_owned();
    let mut connection = desired_connection(&["client_ios"]);
    connection.name = "sms".to_owned();
    let made = planned(
        &desired(
            Some(desired_provider(&DeliveryMethod::ALL)),
            None,
            vec![connection, other],
        ),
        &empty_tenant(),
    );
    let mut state = empty_tenant();
    for step in &made.steps {
        state = state.after(&step.action.change);
    }
    let ids: Vec<String> = working(&state).iter().map(Flow::id).collect();
    assert_eq!(
        ids,
        [
            "passwordless/sms/client_ios",
            "passwordless/sms-b2b/client_web"
        ]
    );
}
