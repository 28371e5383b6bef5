//! Connections: those that sign people in by SMS, and what a database says of phone numbers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Exported, object_name};
use crate::api::Kind;
use crate::phone::action::ObjectKey;
use crate::phone::delivery::listed;
use crate::phone::diff::sender_of_its_own;
use crate::phone::observed::{Connection, Observed};

/// The most applications that an object names.
const MOST_APPLICATIONS: usize = 1000;

/// A passwordless connection.
pub(super) fn passwordless(
    found: &Connection,
    observed: &Observed,
    tenant: &ObjectKey,
    taken: &mut BTreeSet<String>,
) -> Exported {
    let mut spec = Map::new();
    let mut notes = Vec::new();
    spec.insert("name".to_owned(), json!(found.name));
    if let Some(name) = &found.display_name {
        spec.insert("displayName".to_owned(), json!(name));
    }
    if found.options.is_none() {
        notes.push("Its options are hidden: grant read:connections_options to export them.".into());
    }
    let flag = |path: &[&str]| found.option(path).and_then(Value::as_bool);
    if let Some(disabled) = flag(&["disable_signup"]) {
        let signup = if disabled { "Disabled" } else { "Allowed" };
        spec.insert("signup".to_owned(), json!(signup));
    }
    if let Some(on) = flag(&["brute_force_protection"]) {
        spec.insert("bruteForceProtection".to_owned(), json!(on));
    }
    let mut otp = Map::new();
    let number = |path: &[&str]| found.option(path).and_then(Value::as_u64);
    if let Some(length) = number(&["totp", "length"]) {
        otp.insert("length".to_owned(), json!(length));
    }
    if let Some(seconds) = number(&["totp", "time_step"]) {
        otp.insert("expiry".to_owned(), json!(format!("{seconds}s")));
    }
    if !otp.is_empty() {
        spec.insert("otp".to_owned(), Value::Object(otp));
    }
    if let Some(on) = flag(&["use_phone_provider"]) {
        spec.insert("usePhoneProvider".to_owned(), json!(on));
    }
    let held = sender_of_its_own(found);
    if !held.is_empty() {
        notes.push(format!(
            "It still holds a sender of its own ({}), and may send through that instead of the \
             tenant's phone provider: usePhoneProvider: true makes it use the provider.",
            listed(&held)
        ));
    }
    match observed.clients_of(&found.id) {
        Some(clients) if clients.len() <= MOST_APPLICATIONS => {
            let refs = clients.iter().map(|id| json!({"clientId": id}));
            let refs: Vec<Value> = refs.collect();
            for id in clients {
                if let Some(name) = observed.application_name(id) {
                    notes.push(format!("{id} is {name}."));
                }
            }
            spec.insert("applications".to_owned(), json!({"refs": refs}));
        }
        Some(clients) => notes.push(format!(
            "Its {} applications are more than an object names: they stay as they are.",
            clients.len()
        )),
        None => {}
    }
    let name = object_name(&found.name, taken);
    Exported::new(Kind::PasswordlessConnection, &name, tenant, spec).noting(notes)
}

/// Phone numbers as identifiers of a database connection; none where it knows no phone numbers.
pub(super) fn identifier(
    found: &Connection,
    tenant: &ObjectKey,
    taken: &mut BTreeSet<String>,
) -> Option<Exported> {
    let attribute = found.option(&["attributes", "phone_number"])?;
    let mut spec = Map::new();
    spec.insert("connection".to_owned(), json!(found.name));
    let value = |path: &str| attribute.pointer(path);
    let active = value("/identifier/active").and_then(Value::as_bool);
    spec.insert("identifier".to_owned(), json!(active.unwrap_or(false)));
    let method = match value("/identifier/default_method").and_then(Value::as_str) {
        Some("password") => Some("Password"),
        Some("phone_otp") => Some("PhoneOtp"),
        _ => None,
    };
    if let Some(method) = method {
        spec.insert("defaultMethod".to_owned(), json!(method));
    }
    let otp = ["authentication_methods", "phone_otp", "enabled"];
    if let Some(on) = found.option(&otp).and_then(Value::as_bool) {
        spec.insert("phoneOtp".to_owned(), json!(on));
    }
    if let Some(required) = value("/profile_required").and_then(Value::as_bool) {
        spec.insert("profileRequired".to_owned(), json!(required));
    }
    let mut signup = Map::new();
    let status = match value("/signup/status").and_then(Value::as_str) {
        Some("required") => Some("Required"),
        Some("optional") => Some("Optional"),
        Some("inactive") => Some("Inactive"),
        _ => None,
    };
    if let Some(status) = status {
        signup.insert("status".to_owned(), json!(status));
    }
    if let Some(on) = value("/signup/verification/active").and_then(Value::as_bool) {
        signup.insert("verification".to_owned(), json!(on));
    }
    if !signup.is_empty() {
        spec.insert("signup".to_owned(), Value::Object(signup));
    }
    let name = object_name(&found.name, taken);
    Some(Exported::new(Kind::PhoneIdentifier, &name, tenant, spec))
}
