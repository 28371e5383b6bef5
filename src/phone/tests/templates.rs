//! Phone templates: what is written, what is left, and what is never sent.

use serde_json::json;

use super::build::*;
use crate::api::{Adopt, Kind, Reason, Resource};
use crate::phone::action::{Cause, Change};
use crate::phone::delivery::DeliveryMethod;
use crate::phone::desire::{References, desire};
use crate::phone::desired::{Desired, DesiredTemplate, Sender, TwilioFrom};
use crate::phone::observed::{Observed, Template, TemplateContent};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::{Policy, Withheld};
use crate::phone::secret::FingerprintKey;
use crate::template::TemplateType::{self, OtpVerify, PasswordBreach};

fn made(template: &DesiredTemplate, observed: &Observed) -> Plan {
    let wanted = Desired {
        templates: vec![template.clone()],
        ..nothing_desired()
    };
    plan(&wanted, observed, &Policy::default())
}

/// A tenant with a provider, which shows this template.
fn tenant(template: Option<Template>) -> Observed {
    showing(template.into_iter().collect(), full_tenant())
}

fn only(plan: &Plan) -> &Change {
    assert_eq!(plan.steps.len(), 1, "{plan:#?}");
    &plan.steps[0].action.change
}

fn findings(plan: &Plan) -> Vec<(Reason, bool)> {
    let all = plan.findings.iter();
    all.map(|item| (item.reason, item.blocking)).collect()
}

#[test]
fn what_is_only_listed_is_created_with_all_that_it_says_so_far() {
    let wanted = desired_template(OtpVerify);
    let planned = made(&wanted, &tenant(Some(by_default(OtpVerify, "Auth0's"))));
    let expected = Change::CreateTemplate {
        type_: OtpVerify,
        disabled: false,
        content: TemplateContent {
            voice: Some("Auth0's own call".to_owned()),
            ..words("Your code is {{ code }}")
        },
    };
    assert_eq!(*only(&planned), expected);
}

#[test]
fn what_is_not_even_listed_is_created_with_what_is_wanted() {
    let planned = made(&desired_template(PasswordBreach), &tenant(None));
    let Change::CreateTemplate { content, .. } = only(&planned) else {
        panic!("{planned:#?}");
    };
    assert_eq!(*content, words("Your code is {{ code }}"));
}

#[test]
fn what_is_stored_is_changed_and_its_other_words_are_sent_back() {
    let mut before = stored(OtpVerify, "Old {{ code }}");
    before.content.from = Some("+15550122".to_owned());
    let planned = made(&desired_template(OtpVerify), &tenant(Some(before.clone())));
    let expected = Change::UpdateTemplate {
        id: "tem_otp_verify".to_owned(),
        type_: OtpVerify,
        disabled: None,
        content: Some(TemplateContent {
            text: Some("Your code is {{ code }}".to_owned()),
            ..before.content
        }),
    };
    assert_eq!(*only(&planned), expected);
}

#[test]
fn words_as_auth0_would_choose_them_are_not_stored() {
    let listed = by_default(OtpVerify, "Your code is {{ code }}");
    assert!(made(&desired_template(OtpVerify), &tenant(Some(listed))).is_empty());
}

#[test]
fn a_switch_alone_does_not_touch_what_is_said() {
    let wanted = DesiredTemplate {
        enabled: Some(false),
        content: TemplateContent::default(),
        ..desired_template(OtpVerify)
    };
    let planned = made(&wanted, &tenant(Some(stored(OtpVerify, "Theirs"))));
    let expected = Change::UpdateTemplate {
        id: "tem_otp_verify".to_owned(),
        type_: OtpVerify,
        disabled: Some(true),
        content: None,
    };
    assert_eq!(*only(&planned), expected);
}

#[test]
fn what_is_not_liquid_is_never_sent() {
    let mut wanted = desired_template(OtpVerify);
    wanted.errors = vec!["text:1:5: it ends too early".to_owned()];
    let planned = made(&wanted, &tenant(Some(stored(OtpVerify, "Old"))));
    assert!(planned.is_empty() && planned.is_blocked());
    assert_eq!(findings(&planned), [(Reason::TemplateInvalid, true)]);
    assert!(planned.findings[0].message.contains("text:1:5"));
    // Nor does it keep the object from being removed.
    wanted.claim.removing = true;
    let planned = made(&wanted, &tenant(Some(stored(OtpVerify, "Old"))));
    assert!(matches!(only(&planned), Change::DeleteTemplate { .. }));
}

#[test]
fn only_a_template_of_its_own_is_deleted() {
    let mut wanted = desired_template(OtpVerify);
    wanted.claim.removing = true;
    let own = tenant(Some(stored(OtpVerify, "Mine")));
    let planned = made(&wanted, &own);
    assert_eq!(planned.steps[0].action.cause, Cause::Removal);
    assert!(made(&wanted, &tenant(Some(by_default(OtpVerify, "Auth0's")))).is_empty());
    wanted.claim.known_id = Some("tem_gone".to_owned());
    assert!(made(&wanted, &own).is_empty());
}

#[test]
fn somebody_elses_template_is_taken_over_or_not_as_adopt_says() {
    let mut wanted = desired_template(OtpVerify);
    wanted.claim.known_id = None;
    let theirs = tenant(Some(stored(OtpVerify, "Theirs")));
    let planned = made(&wanted, &theirs);
    assert_eq!(planned.steps[0].action.cause, Cause::Adoption);
    wanted.claim.adopt = Adopt::Never;
    let withheld = |plan: &Plan| plan.steps[0].withheld.as_ref().map(Withheld::reason);
    assert_eq!(
        withheld(&made(&wanted, &theirs)),
        Some(Reason::AdoptionRefused)
    );
    let as_wanted = tenant(Some(stored(OtpVerify, "Your code is {{ code }}")));
    let planned = made(&wanted, &as_wanted);
    assert_eq!(findings(&planned), [(Reason::AdoptionRefused, true)]);
    // Auth0's own words belong to nobody.
    let defaults = tenant(Some(by_default(OtpVerify, "Auth0's")));
    assert_eq!(withheld(&made(&wanted, &defaults)), None);
    wanted.claim.adopt = Adopt::Require;
    assert_eq!(
        withheld(&made(&wanted, &defaults)),
        Some(Reason::AdoptionTargetMissing)
    );
}

#[test]
fn templates_come_after_the_provider_and_go_before_it() {
    let mut provider = desired_provider(&DeliveryMethod::ALL);
    provider.claim.known_id = None;
    let mut wanted = desired(Some(provider), None, Vec::new());
    wanted.templates = vec![desired_template(OtpVerify)];
    let lines = |wanted: &Desired, observed: &Observed| -> Vec<String> {
        let planned = plan(wanted, observed, &Policy::default());
        let steps = planned.steps.iter();
        steps.map(|step| step.action.change.summary()).collect()
    };
    let expected = [
        "create phone provider twilio",
        "create phone template otp_verify",
    ];
    assert_eq!(lines(&wanted, &empty_tenant()), expected);
    let provider = wanted.provider.as_mut().unwrap();
    provider.claim.known_id = Some("pro_1".to_owned());
    provider.claim.removing = true;
    wanted.templates[0].claim.removing = true;
    let expected = [
        "delete phone template otp_verify, back to Auth0's own words",
        "delete phone provider",
    ];
    let full = tenant(Some(stored(OtpVerify, "Mine")));
    assert_eq!(lines(&wanted, &full), expected);
}

#[test]
fn words_that_nobody_will_hear_are_told_of() {
    let mut template = desired_template(OtpVerify);
    let provider = desired_provider(&DeliveryMethod::ALL);
    let shown = vec![stored(OtpVerify, "Your code is {{ code }}")];
    let nobody = showing(shown.clone(), empty_tenant());
    let planned = made(&template, &nobody);
    assert_eq!(findings(&planned), [(Reason::PhoneProviderMissing, false)]);
    // A messaging service chooses the sender, whether it is there already or is to be.
    template.content.from = Some("+15550122".to_owned());
    let found = |by_service: bool, observed: &Observed| {
        let mut provider = provider.clone();
        let Sender::Twilio { from, .. } = &mut provider.sender else {
            panic!("Twilio");
        };
        if by_service {
            *from = TwilioFrom::MessagingService("MG1".to_owned());
        }
        let mut wanted = desired(Some(provider), None, Vec::new());
        wanted.templates = vec![template.clone()];
        findings(&plan(&wanted, observed, &Policy::default()))
    };
    assert_eq!(found(true, &nobody), [(Reason::SenderNotUsed, false)]);
    assert_eq!(found(false, &nobody), []);
    let mut service = full_tenant();
    let mut there = service.provider().unwrap().clone();
    there.configuration.insert("mssid".to_owned(), json!("MG1"));
    service.provider = crate::phone::observed::Reading::Read(Some(there));
    let planned = made(&template, &showing(shown, service));
    assert_eq!(findings(&planned), [(Reason::SenderNotUsed, false)]);
}

#[test]
fn a_plan_shows_where_long_messages_begin_to_differ_and_no_number() {
    let long = "x".repeat(400);
    let mut template = desired_template(OtpVerify);
    template.content = TemplateContent {
        from: Some("+15550122".to_owned()),
        ..words(&format!("{long}\nnew"))
    };
    let planned = made(
        &template,
        &tenant(Some(stored(OtpVerify, &format!("{long}\nold")))),
    );
    let fields = &planned.steps[0].action.fields;
    assert_eq!(fields[0].path, "content.from");
    assert_eq!(fields[0].to.as_deref(), Some("+1*****22"));
    let text = [&fields[1].from, &fields[1].to].map(|it| it.as_deref().unwrap());
    assert_eq!(
        text,
        ["…xxxxxxxxxxxxxxxxxxx\\nold", "…xxxxxxxxxxxxxxxxxxx\\nnew"]
    );
}

fn object(spec: &serde_json::Value, status: &serde_json::Value) -> Resource {
    let mut spec = spec.clone();
    spec["tenantRef"] = json!({"name": "acme"});
    spec["type"] = json!("OtpVerify");
    let document = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PhoneTemplate",
        "metadata": {"name": "code", "namespace": "acme", "generation": 1},
        "spec": spec,
        "status": status,
    });
    Resource::from_value(Kind::PhoneTemplate, document).unwrap()
}

fn desired_of(objects: &[Resource], words: &str) -> Desired {
    let tenant = json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "Auth0Tenant",
        "metadata": {"name": "acme", "namespace": "acme"},
        "spec": {"domain": "acme.eu.auth0.com", "credentials": {}},
    });
    let data = [("text".to_owned(), words.to_owned())].into();
    let references = References {
        config_maps: [(("acme".to_owned(), "words".to_owned()), data)].into(),
        ..References::default()
    };
    let key = FingerprintKey::from_bytes([7; 32]);
    let tenant = serde_json::from_value(tenant).unwrap();
    desire(&tenant, objects, &references, &key)
}

#[test]
fn words_come_without_the_line_break_at_their_end() {
    let from = json!({"textFrom": {"name": "words", "key": "text"}, "voice": "Hello\r\n"});
    let wanted = desired_of(&[object(&from, &json!({}))], "One\ntwo\n\n");
    let content = &wanted.templates[0].content;
    assert_eq!(content.text.as_deref(), Some("One\ntwo"));
    assert_eq!(content.voice.as_deref(), Some("Hello"));
    assert_eq!(content.from, None);
}

#[test]
fn new_words_in_a_config_map_are_no_drift() {
    let spec = json!({"textFrom": {"name": "words", "key": "text"}});
    let first = desired_of(&[object(&spec, &json!({}))], "One");
    let ready = json!({
        "observedGeneration": 1,
        "contentFingerprint": first.templates[0].fingerprint.as_str(),
        "conditions": [{
            "type": "Ready", "status": "True", "reason": "Succeeded", "message": "",
            "lastTransitionTime": "2026-01-02T03:04:05Z",
        }],
    });
    let settled = |words| {
        desired_of(&[object(&spec, &ready)], words).templates[0]
            .claim
            .settled
    };
    assert!(settled("One"));
    assert!(!settled("Two"));
}

#[test]
fn words_that_are_not_there_are_told_of_with_their_field() {
    for (name, key, reason) in [
        ("nothing", "text", Reason::ConfigMapNotFound),
        ("words", "nothing", Reason::ConfigMapKeyMissing),
    ] {
        let spec = json!({"textFrom": {"name": name, "key": key}});
        let wanted = desired_of(&[object(&spec, &json!({}))], "One");
        assert!(wanted.templates.is_empty());
        let rejection = &wanted.rejected[0];
        assert_eq!(rejection.reason, reason);
        assert_eq!(rejection.field.as_deref(), Some("spec.textFrom"));
    }
}

#[test]
fn a_tenant_has_one_template_of_a_type() {
    let mut second = object(&json!({"text": "Two"}), &json!({}));
    second.metadata_mut().name = Some("other".to_owned());
    let wanted = desired_of(&[object(&json!({"text": "One"}), &json!({})), second], "");
    assert_eq!(wanted.templates.len(), 1);
    assert_eq!(wanted.rejected[0].reason, Reason::Conflict);
    assert_eq!(wanted.rejected[0].object.name, "other");
}

#[test]
fn templates_are_one_read_beside_the_provider() {
    let wanted = Desired {
        templates: TemplateType::ALL.map(desired_template).into(),
        ..nothing_desired()
    };
    let scope = wanted.scope();
    assert!(scope.templates && scope.provider);
    assert!(!scope.connections && !scope.factor && !scope.unified);
    assert!(!nothing_desired().scope().covers(scope));
}

#[test]
fn what_is_wrong_with_words_is_told_with_channel_line_and_column() {
    let spec = json!({
        "text": "Hello\n{% if code %} {{ code }}",
        "voice": "Your code is {{ code }} or {{ cod }}",
    });
    let wanted = desired_of(&[object(&spec, &json!({}))], "");
    let template = &wanted.templates[0];
    assert_eq!(template.errors.len(), 1, "{:#?}", template.errors);
    assert!(
        template.errors[0].starts_with("text:2:1: "),
        "{:#?}",
        template.errors
    );
    assert!(
        template
            .warnings
            .iter()
            .any(|it| it.starts_with("voice:1:31: ")),
        "{:#?}",
        template.warnings
    );
    // What is wrong with one channel keeps the whole template back.
    let planned = plan(&wanted, &tenant(None), &Policy::default());
    assert!(planned.is_empty() && planned.is_blocked());
}
