//! Options of database connections: defaults, and the rules about identifiers (§7.2).

use serde_json::{Map, Value, json};

use crate::auth0::exchange::Response;
use crate::sim::answer::invalid_body;

/// The options of a new connection: what was sent, and what Auth0 adds.
pub(super) fn created(sent: Map<String, Value>) -> Result<Map<String, Value>, Response> {
    check(&sent, None)?;
    let mut options = Map::new();
    options.insert(
        "mfa".to_owned(),
        json!({"active": true, "return_enroll_settings": true}),
    );
    options.insert("passwordPolicy".to_owned(), json!("good"));
    options.insert("strategy_version".to_owned(), json!(2));
    options.insert("brute_force_protection".to_owned(), json!(true));
    options.extend(sent);
    Ok(refill(options))
}

/// The options after a change: exactly what was sent, and the two defaults that come back.
pub(super) fn changed(
    sent: Map<String, Value>,
    before: &Value,
) -> Result<Map<String, Value>, Response> {
    check(&sent, Some(before))?;
    Ok(refill(sent))
}

fn refill(mut options: Map<String, Value>) -> Map<String, Value> {
    let email = options
        .get_mut("attributes")
        .and_then(|attributes| attributes.get_mut("email"));
    if let Some(email) = email.and_then(Value::as_object_mut) {
        email.entry("unique").or_insert(json!(true));
    }
    options.entry("passkey_options").or_insert_with(|| {
        json!({
            "challenge_ui": "both",
            "progressive_enrollment_enabled": true,
            "local_enrollment_enabled": true,
        })
    });
    let methods = options
        .entry("authentication_methods")
        .or_insert_with(|| json!({}));
    if let Some(methods) = methods.as_object_mut() {
        let password = methods
            .entry("password")
            .or_insert_with(|| json!({"enabled": true}));
        if let Some(password) = password.as_object_mut() {
            password
                .entry("api_behavior")
                .or_insert_with(|| json!("required"));
            password
                .entry("signup_behavior")
                .or_insert_with(|| json!("allow"));
        }
        methods
            .entry("passkey")
            .or_insert_with(|| json!({"enabled": false}));
    }
    options
}

fn check(options: &Map<String, Value>, before: Option<&Value>) -> Result<(), Response> {
    let refuse = |message: &str| Err(invalid_body(message));
    let Some(attributes) = options.get("attributes") else {
        return Ok(());
    };
    if options.get("requires_username") == Some(&Value::Bool(true)) {
        return refuse("Cannot set both options.attributes and options.requires_username");
    }
    if options.contains_key("validation") {
        return refuse("Cannot set both options.attributes and options.validation");
    }
    let Some(attributes) = attributes.as_object() else {
        return Ok(());
    };
    for (name, attribute) in attributes {
        let inactive = attribute["signup"]["status"] == "inactive"
            || attribute["signup"]["status"] == "optional";
        if attribute["profile_required"] == true && inactive {
            return refuse(&format!("attribute {name} must also be required on signup"));
        }
    }
    if !attributes
        .values()
        .any(|attribute| attribute["identifier"]["active"] == true)
    {
        return refuse("attributes must contain one active identifier");
    }
    email_stays_unique(attributes, before)?;
    let password = &options
        .get("authentication_methods")
        .unwrap_or(&Value::Null)["password"];
    if password["signup_behavior"] == "block" && password["api_behavior"] != "optional" {
        return refuse("signup_behavior block needs api_behavior optional");
    }
    if password["enabled"] == false
        && options.get("disable_self_service_change_password") != Some(&Value::Bool(true))
    {
        return refuse("disable_self_service_change_password must be true without password");
    }
    Ok(())
}

/// Whether e-mail addresses are unique is settled when the attribute is added (§7.2); where it is
/// not said they are.
fn email_stays_unique(
    attributes: &Map<String, Value>,
    before: Option<&Value>,
) -> Result<(), Response> {
    let Some(email) = attributes.get("email") else {
        return Ok(());
    };
    let unique = email["unique"] != false;
    let stored = before
        .map(|before| &before["email"])
        .filter(|email| email.is_object());
    match stored {
        Some(stored) if (stored["unique"] != false) != unique => Err(invalid_body(
            "cannot patch unique property on email attribute",
        )),
        None if before.is_some() && !unique => {
            Err(invalid_body("cannot add non-unique email attribute"))
        }
        _ => Ok(()),
    }
}
