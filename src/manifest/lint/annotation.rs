//! Annotations of ours that mean nothing as they are written.

use super::{Diagnostic, Object, Severity, at, meant};
use crate::api::{GROUP, Resource};
use crate::manifest::yaml::escaped;
use crate::phone::acknowledgement::{ACKNOWLEDGE, may_name};
use crate::phone::desire::acknowledged;
use crate::phone::report::REQUESTED_AT;
use crate::phone::spelling::nearest;

pub(super) fn check(object: &Object, found: &mut Vec<Diagnostic>) {
    let metadata = object.resource.metadata();
    let known = [ACKNOWLEDGE, REQUESTED_AT[0]];
    let annotations = metadata.annotations.iter().flatten();
    let ours = annotations.filter(|(key, _)| key.split('/').next() == Some(GROUP));
    for (key, _) in ours {
        let warn = |message: String, hint: Option<String>| Diagnostic {
            severity: Severity::Warning,
            hint,
            ..at(
                object,
                &format!("/metadata/annotations/{}", escaped(key)),
                message,
            )
        };
        if !known.contains(&key.as_str()) {
            let message = format!("annotation {key} means nothing to Dialtone");
            found.push(warn(message, meant(nearest(key, known.into_iter()))));
        } else if key == ACKNOWLEDGE && !matches!(object.resource, Resource::PhoneProvider(_)) {
            let message = format!("annotation {ACKNOWLEDGE} counts on a PhoneProvider alone");
            found.push(warn(message, None));
        } else if key == ACKNOWLEDGE {
            for name in acknowledged(metadata).iter().filter(|name| !may_name(name)) {
                let message =
                    format!("{name} is the id of no sign-in flow, and of no group of them");
                let hint = "docs/hazards.md lists them: mfa/sms, passwordless/CONNECTION, …";
                found.push(warn(message, Some(hint.to_owned())));
            }
        }
    }
}
