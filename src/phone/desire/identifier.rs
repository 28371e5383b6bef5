//! What an identifier's object wants: the phone number attribute of a connection, path by path.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{claim, conflict, key};
use crate::api::{Kind, PhoneDefaultMethod, PhoneIdentifier, SignupStatus};
use crate::phone::action::ObjectKey;
use crate::phone::desired::{DesiredIdentifier, Rejection};

/// What an identifier's object wants.
pub(super) fn identifier(object: &PhoneIdentifier) -> DesiredIdentifier {
    let status = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    DesiredIdentifier {
        claim: claim(
            key(Kind::PhoneIdentifier, &object.metadata),
            &object.metadata,
            &status.conditions,
            status.observed_generation,
            spec.adopt,
            (status.id, status.creating),
        ),
        connection: spec.connection.clone(),
        options: options(object),
    }
}

/// The owned options in Auth0's spelling (§7.1).
fn options(object: &PhoneIdentifier) -> BTreeMap<Vec<&'static str>, Value> {
    let spec = &object.spec;
    let method = spec.default_method.map(|method| match method {
        PhoneDefaultMethod::Password => "password",
        PhoneDefaultMethod::PhoneOtp => "phone_otp",
    });
    let signup = spec.signup.clone().unwrap_or_default();
    let asked = signup.status.map(|status| match status {
        SignupStatus::Required => "required",
        SignupStatus::Optional => "optional",
        SignupStatus::Inactive => "inactive",
    });
    let attribute = |path: &[&'static str], value: Option<Value>| {
        let whole = ["attributes", "phone_number"].iter().chain(path);
        Some((whole.copied().collect(), value?))
    };
    let all = [
        attribute(&["identifier", "active"], Some(spec.identifier.into())),
        attribute(&["identifier", "default_method"], method.map(Value::from)),
        attribute(
            &["profile_required"],
            spec.profile_required.map(Value::from),
        ),
        attribute(&["signup", "status"], asked.map(Value::from)),
        attribute(
            &["signup", "verification", "active"],
            signup.verification.map(Value::from),
        ),
        spec.phone_otp.map(|on| {
            let path = vec!["authentication_methods", "phone_otp", "enabled"];
            (path, Value::from(on))
        }),
    ];
    all.into_iter().flatten().collect()
}

/// A connection has one phone number attribute: the older object has it.
pub(super) fn claim_attribute(
    identifiers: &mut Vec<DesiredIdentifier>,
    wanted: DesiredIdentifier,
    owner: &ObjectKey,
) -> Option<Rejection> {
    let mut all = identifiers.iter();
    if let Some(first) = all.find(|item| item.connection == wanted.connection) {
        return Some(conflict(owner, &first.claim.owner));
    }
    identifiers.push(wanted);
    None
}
