//! What a client writes of an Action (§3.3).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Action;
use crate::auth0::exchange::{Request, Response};
use crate::sim::answer::{bare_error, invalid_body, nanos};
use crate::sim::validate::{boolean, object, only, required, string, wrong_type};

const CHANGEABLE: [&str; 7] = [
    "name",
    "supported_triggers",
    "code",
    "dependencies",
    "runtime",
    "secrets",
    "modules",
];
const DEFAULT_CODE: &str = "/** no-op */";

/// The draft of a new Action, and whether it is to be deployed once it is built.
pub(super) fn create(
    request: &Request,
    now: Timestamp,
) -> Result<(Map<String, Value>, bool), Response> {
    let known: Vec<&str> = CHANGEABLE.into_iter().chain(["deploy"]).collect();
    let body = object(request, &known)?;
    required(body, "name")?;
    let triggers = required(body, "supported_triggers")?;
    if triggers.as_array().is_none_or(|all| all.len() != 1) {
        return Err(invalid_body(
            "Payload validation error: 'Array must hold exactly one item' on property supported_triggers.",
        ));
    }
    let mut draft = Map::new();
    draft.insert("code".to_owned(), json!(DEFAULT_CODE));
    draft.insert("dependencies".to_owned(), json!([]));
    draft.insert("runtime".to_owned(), json!("node22"));
    draft.insert("secrets".to_owned(), json!([]));
    write(&mut draft, body, now)?;
    Ok((draft, boolean(body, "deploy")?.unwrap_or(false)))
}

/// Changes a draft: what is not sent stays. Anything sent starts a build.
pub(super) fn change(
    action: &mut Action,
    request: &Request,
    now: Timestamp,
) -> Result<(), Response> {
    let body = object(request, &CHANGEABLE)?;
    if let Some(triggers) = body.get("supported_triggers")
        && triggers[0]["id"] != action.draft["supported_triggers"][0]["id"]
    {
        return Err(bare_error(400, "can't upgrade to this trigger."));
    }
    let mut draft = action.draft.clone();
    write(&mut draft, body, now)?;
    action.draft = draft;
    action.updated_at = now;
    action.deployed = false;
    action.polled = false;
    Ok(())
}

fn write(
    draft: &mut Map<String, Value>,
    body: &Map<String, Value>,
    now: Timestamp,
) -> Result<(), Response> {
    string(body, "name", (1, 255))?;
    string(body, "code", (0, 100_000))?;
    string(body, "runtime", (1, 64))?;
    for (key, most) in [("dependencies", 10), ("secrets", 30)] {
        if let Some(list) = body.get(key) {
            let items = list
                .as_array()
                .ok_or_else(|| wrong_type("array", list, key))?;
            if items.len() > most {
                return Err(invalid_body(&format!(
                    "Payload validation error: 'Array is too long ({}), maximum {most}' on property {key}.",
                    items.len()
                )));
            }
        }
    }
    for key in [
        "name",
        "supported_triggers",
        "code",
        "dependencies",
        "runtime",
    ] {
        if let Some(value) = body.get(key) {
            draft.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(secrets) = body.get("secrets").and_then(Value::as_array) {
        draft.insert("secrets".to_owned(), shown_secrets(secrets, now)?);
    }
    Ok(())
}

/// Values of secrets are forgotten: answers hold the name and when it was written.
fn shown_secrets(secrets: &[Value], now: Timestamp) -> Result<Value, Response> {
    let mut shown = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let map = secret
            .as_object()
            .ok_or_else(|| wrong_type("object", secret, "secrets"))?;
        only(map, &["name", "value"])?;
        let name = string(map, "name", (1, 128))?.unwrap_or_default();
        string(map, "value", (0, 4096))?;
        shown.push(json!({"name": name, "updated_at": nanos(now)}));
    }
    Ok(Value::from(shown))
}
