//! What is told of a template.

use super::*;
use crate::phone::desired::DesiredTemplate;

use ConditionType::TemplateValid;

fn only(template: DesiredTemplate) -> Desired {
    let mut wanted = nothing_desired();
    wanted.objects.push(template.claim.owner.clone());
    wanted.templates.push(template);
    wanted
}

fn template_status(desired: &Desired, observed: &Observed) -> Status {
    let (told, _) = converge(desired, observed);
    status(&told, desired, Kind::PhoneTemplate).clone()
}

fn fields(status: &Status) -> (Option<&str>, bool) {
    let Status::Template(status) = status else {
        panic!("{status:?}");
    };
    (status.id.as_deref(), status.content_fingerprint.is_some())
}

#[test]
fn a_template_that_is_stored_is_ready_and_remembered() {
    let mut wanted = desired_template(TemplateType::OtpVerify);
    wanted.claim.known_id = None;
    wanted.warnings = vec!["text:1:1: it needs two segments".to_owned()];
    let status = template_status(&only(wanted), &full_tenant());
    assert_eq!(told(&status, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(
        told(&status, TemplateValid),
        Some((True, Reason::Succeeded))
    );
    assert!(message(&status, TemplateValid).contains("two segments"));
    let (id, fingerprint) = fields(&status);
    assert!(id.is_some() && fingerprint);
}

#[test]
fn a_template_that_is_not_liquid_is_stalled_with_its_place() {
    let mut wanted = desired_template(TemplateType::OtpVerify);
    wanted.errors = vec!["text:2:7: it ends too early".to_owned()];
    let status = template_status(&only(wanted), &full_tenant());
    let invalid = Some((False, Reason::TemplateInvalid));
    assert_eq!(told(&status, Ready), invalid);
    assert_eq!(told(&status, TemplateValid), invalid);
    assert!(message(&status, TemplateValid).contains("text:2:7"));
    assert!(told(&status, Stalled).is_some());
    assert!(!fields(&status).1);
}

#[test]
fn a_template_without_words_of_its_own_says_nothing_of_them() {
    let mut wanted = desired_template(TemplateType::OtpVerify);
    wanted.content.text = None;
    wanted.enabled = Some(false);
    let status = template_status(&only(wanted), &full_tenant());
    assert_eq!(told(&status, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(told(&status, TemplateValid), None);
}

#[test]
fn templates_that_auth0_does_not_show_are_told_with_the_scope() {
    let scopes = vec!["read:phone_templates".to_owned()];
    let observed = Observed {
        templates: Reading::Refused(Refusal::InsufficientScope(scopes)),
        ..full_tenant()
    };
    let wanted = only(desired_template(TemplateType::OtpVerify));
    let status = template_status(&wanted, &observed);
    assert_eq!(
        told(&status, Ready),
        Some((False, Reason::InsufficientScope))
    );
    assert!(message(&status, Ready).contains("read:phone_templates"));
    // What is remembered stays.
    assert_eq!(fields(&status), (None, false));
}

#[test]
fn a_template_that_was_deleted_is_forgotten() {
    let mut wanted = desired_template(TemplateType::OtpVerify);
    wanted.claim.removing = true;
    let there = vec![stored(TemplateType::OtpVerify, "Mine")];
    let wanted = only(wanted);
    let (told_of, outcome) = converge(&wanted, &showing(there, full_tenant()));
    assert_eq!(outcome.applied(), 1);
    let status = status(&told_of, &wanted, Kind::PhoneTemplate);
    assert_eq!(told(status, Ready), Some((True, Reason::Succeeded)));
    assert_eq!(fields(status).0, None);
}
