//! Test messages.

use super::template::template_type;
use super::{References, key, method, reject};
use crate::api::{Kind, PhoneTestMessage, Reason};
use crate::phone::desired::{DesiredMessage, Rejection};
use crate::phone::number::PhoneNumber;

/// What a test message wants. One that was tried needs nothing any more: its Secret may be gone.
pub(super) fn message(
    object: &PhoneTestMessage,
    references: &References,
) -> Result<DesiredMessage, Rejection> {
    let owner = key(Kind::PhoneTestMessage, &object.metadata);
    let status = object.status.as_ref();
    let attempt = status.and_then(|status| status.attempt.as_ref());
    let tried = attempt.is_some_and(|it| Some(it.generation) == object.metadata.generation);
    let to = if tried {
        None
    } else {
        recipient(object, references)
            .map_err(|(reason, message, field)| reject(&owner, reason, message, Some(field)))?
    };
    Ok(DesiredMessage {
        owner,
        to,
        method: method(object.spec.delivery_method),
        template: object.spec.template.map(template_type),
    })
}

fn recipient(
    object: &PhoneTestMessage,
    references: &References,
) -> Result<Option<PhoneNumber>, (Reason, String, &'static str)> {
    let namespace = key(Kind::PhoneTestMessage, &object.metadata).namespace;
    match (&object.spec.to, &object.spec.to_secret_ref) {
        (Some(number), None) => PhoneNumber::parse(number).map(Some).ok_or_else(|| {
            let message = "must be a phone number in E.164, such as \"+15550100\"";
            (Reason::InvalidSpec, message.to_owned(), "spec.to")
        }),
        (None, Some(reference)) => {
            let field = "spec.toSecretRef";
            let value = references.secret_to_write(&namespace, reference);
            let Some(value) = value.map_err(|(reason, message)| (reason, message, field))? else {
                return Ok(None);
            };
            // The value is not shown: it is kept in a Secret for a reason.
            PhoneNumber::parse(value.expose().trim()).map(Some).ok_or_else(|| {
                let message = format!(
                    "key {} of Secret {namespace}/{} holds no phone number in E.164, such as +15550100",
                    reference.key, reference.name
                );
                (Reason::InvalidSpec, message, field)
            })
        }
        _ => {
            let message = "give exactly one of to and toSecretRef";
            Err((Reason::InvalidSpec, message.to_owned(), "spec"))
        }
    }
}
