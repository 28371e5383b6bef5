//! What the status of a `PhoneTemplate` holds, and whether its words are valid.

use super::{forgets, owns};
use crate::api::PhoneTemplateStatus;
use crate::phone::action::ObjectKey;
use crate::phone::desired::Desired;
use crate::phone::outcome::Outcome;

pub(super) fn facts(
    status: &mut PhoneTemplateStatus,
    desired: &Desired,
    outcome: &Outcome,
    object: &ObjectKey,
) {
    let wanted = desired
        .templates
        .iter()
        .find(|item| item.claim.owner == *object);
    let Some(wanted) = wanted.filter(|_| outcome.observed.templates.value().is_some()) else {
        return;
    };
    let existing = outcome.observed.template(wanted.type_);
    match existing.and_then(|template| template.id.as_ref()) {
        Some(id) => {
            let made = wanted.claim.made(id);
            if owns(outcome, &wanted.claim, made, |_| true) {
                status.id = Some(id.clone());
            }
        }
        None if forgets(&wanted.claim) => status.id = None,
        None => {}
    }
    let mut left = outcome.remaining.steps.iter();
    let as_wanted = wanted.errors.is_empty() && !left.any(|step| step.action.owner == *object);
    if as_wanted {
        status.content_fingerprint = Some(wanted.fingerprint.as_str().to_owned());
    }
}

/// Whether the words of a template are valid, with what is to be said of them; `None` for objects
/// that own none.
pub(super) fn template_valid(
    desired: &Desired,
    object: &ObjectKey,
) -> Option<Result<String, String>> {
    let mut templates = desired.templates.iter();
    let template = templates.find(|item| item.claim.owner == *object)?;
    let words = &template.content;
    if template.claim.removing || (words.text.is_none() && words.voice.is_none()) {
        return None;
    }
    Some(if !template.errors.is_empty() {
        Err(template.errors.join("; "))
    } else if template.warnings.is_empty() {
        Ok("what it says is valid Liquid".to_owned())
    } else {
        Ok(template.warnings.join("; "))
    })
}
