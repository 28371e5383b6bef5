//! What a client writes of an Action (§3.3).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Action;
use crate::auth0::exchange::{Request, Response};
use crate::sim::answer::{bare_error, nanos};
use crate::sim::validate::{Shape, TEXT, TEXTS, may, must, object};

const CODE: Shape = Shape::Text(0, 100_000);
const TRIGGER: Shape = Shape::Object(&[
    must("id", &Shape::Form(super::trigger::exists, "trigger-id")),
    may("version", &TEXT),
    may("status", &TEXT),
    may("runtimes", &TEXTS),
    may("default_runtime", &TEXT),
    may("compatible_triggers", &Shape::Any),
    may(
        "binding_policy",
        &Shape::OneOf(&["trigger-bound", "entity-bound"]),
    ),
]);
const TRIGGERS: Shape = Shape::List(&TRIGGER, 1, 1);
const DEPENDENCIES: Shape = Shape::List(
    &Shape::Object(&[
        may("name", &TEXT),
        may("version", &TEXT),
        may("registry_url", &TEXT),
    ]),
    0,
    10,
);
const SECRETS: Shape = Shape::List(
    &Shape::Open(&[
        may("name", &Shape::Text(1, 128)),
        may("value", &Shape::Text(0, 4096)),
    ]),
    0,
    30,
);
const CREATE: Shape = Shape::Object(&[
    must("name", &TEXT),
    must("supported_triggers", &TRIGGERS),
    may("code", &CODE),
    may("dependencies", &DEPENDENCIES),
    may("runtime", &TEXT),
    may("secrets", &SECRETS),
    may("modules", &Shape::Any),
    may("deploy", &Shape::Boolean),
]);
const CHANGE: Shape = Shape::Object(&[
    may("name", &TEXT),
    may("supported_triggers", &TRIGGERS),
    may("code", &CODE),
    may("dependencies", &DEPENDENCIES),
    may("runtime", &TEXT),
    may("secrets", &SECRETS),
    may("modules", &Shape::Any),
]);
const DEFAULT_CODE: &str = "/** no-op */";

/// The draft of a new Action, and whether it is to be deployed once it is built.
pub(super) fn create(
    request: &Request,
    now: Timestamp,
) -> Result<(Map<String, Value>, bool), Response> {
    let body = object(request, &CREATE)?;
    let mut draft = Map::new();
    draft.insert("code".to_owned(), json!(DEFAULT_CODE));
    draft.insert("dependencies".to_owned(), json!([]));
    draft.insert("runtime".to_owned(), json!("node22"));
    draft.insert("secrets".to_owned(), json!([]));
    write(&mut draft, body, now);
    let deploy = body.get("deploy").is_some_and(|it| *it == true);
    Ok((draft, deploy))
}

/// Changes a draft: what is not sent stays. Anything sent starts a build.
pub(super) fn change(
    action: &mut Action,
    request: &Request,
    now: Timestamp,
) -> Result<(), Response> {
    let body = object(request, &CHANGE)?;
    if let Some(triggers) = body.get("supported_triggers")
        && triggers[0]["id"] != action.draft["supported_triggers"][0]["id"]
    {
        return Err(bare_error(400, "can't upgrade to this trigger."));
    }
    write(&mut action.draft, body, now);
    action.updated_at = now;
    action.deployed = false;
    action.looks = 0;
    Ok(())
}

fn write(draft: &mut Map<String, Value>, body: &Map<String, Value>, now: Timestamp) {
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
        // Values are forgotten: answers hold the name and when it was written.
        let shown = secrets
            .iter()
            .map(|secret| json!({"name": secret["name"], "updated_at": nanos(now)}));
        draft.insert("secrets".to_owned(), shown.collect());
    }
}
