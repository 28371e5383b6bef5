//! The wire format of Actions (§3).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{item, text};
use crate::auth0::exchange::{Method, Request};
use crate::phone::action::{ActionDraft, Change};
use crate::phone::observed::{Build, Content, Dependency, Observed, PhoneAction};

pub(in crate::auth0) const ACTIONS: &str = "/api/v2/actions/actions";
pub(in crate::auth0) const BINDINGS: &str =
    "/api/v2/actions/triggers/custom-phone-provider/bindings";

/// The trigger of a custom phone provider (§3.1).
pub(in crate::auth0) const TRIGGER: &str = "custom-phone-provider";

/// The request of a change that is about an Action. `None` where it is about one that does not exist
/// (any more).
pub(super) fn request(change: &Change, observed: &Observed) -> Option<Request> {
    let id = || Some(observed.action()?.id.as_str());
    Some(match change {
        Change::CreateAction(draft) => {
            let mut body = written(draft);
            let trigger = json!([{"id": TRIGGER, "version": "v1"}]);
            body.insert("supported_triggers".to_owned(), trigger);
            body.insert("deploy".to_owned(), json!(true));
            Request::new(Method::Post, ACTIONS).json(Value::Object(body))
        }
        Change::UpdateAction { id, draft, .. } => {
            Request::new(Method::Patch, item(ACTIONS, id)).json(Value::Object(written(draft)))
        }
        Change::DeployAction { .. } => {
            Request::new(Method::Post, format!("{}/deploy", item(ACTIONS, id()?)))
        }
        Change::BindAction { name } => {
            let binding = json!({
                "ref": {"type": "action_id", "value": id()?},
                "display_name": name,
            });
            // The list is replaced whole; there is one Action of this trigger (§3.6).
            Request::new(Method::Patch, BINDINGS).json(json!({"bindings": [binding]}))
        }
        Change::DeleteAction { id, .. } => {
            // Bound, it would not go; nothing uses it any more (§3.7).
            Request::new(Method::Delete, item(ACTIONS, id)).query("force", "true")
        }
        _ => return None,
    })
}

fn written(draft: &ActionDraft) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    };
    put("name", draft.name.as_ref().map(|name| json!(name)));
    put("code", draft.code.as_ref().map(|(code, _)| json!(code)));
    put("runtime", draft.runtime.as_ref().map(|it| json!(it)));
    let dependency = |item: &Dependency| {
        let mut shown = json!({"name": item.name, "version": item.version});
        if let Some(url) = &item.registry_url {
            shown["registry_url"] = json!(url);
        }
        shown
    };
    let dependencies = draft.dependencies.as_ref();
    let dependencies = dependencies.map(|all| all.iter().map(dependency).collect());
    put("dependencies", dependencies);
    let secrets = draft.secrets.as_ref().map(|secrets| {
        let secrets = secrets.values.iter();
        secrets
            .map(|(name, value)| json!({"name": name, "value": value.expose()}))
            .collect()
    });
    put("secrets", secrets);
    body
}

/// `{"actions": [...]}` of one trigger. One that cannot be read makes the list unreadable, since it
/// would be created once more if it passed for missing.
pub(in crate::auth0) fn actions(body: &Value) -> Option<Vec<PhoneAction>> {
    let items = body.get("actions")?.as_array()?;
    items.iter().map(action).collect()
}

/// The ids of the Actions that are bound.
pub(in crate::auth0) fn bound(body: &Value) -> Option<BTreeSet<String>> {
    let bindings = body.get("bindings")?.as_array()?;
    let id = |binding: &Value| text(binding.get("action")?, "id");
    Some(bindings.iter().filter_map(id).collect())
}

/// One Action (§3.4); whether it is bound is not part of it.
pub(in crate::auth0) fn action(body: &Value) -> Option<PhoneAction> {
    let deployed = body.get("deployed_version").filter(|it| it.is_object());
    let live = deployed.filter(|version| version.get("deployed") == Some(&Value::Bool(true)));
    Some(PhoneAction {
        id: text(body, "id")?,
        name: text(body, "name")?,
        draft: content(body),
        build: build(body),
        deployed: live.map(content),
        current: live.is_some() && body.get("all_changes_deployed") == Some(&Value::Bool(true)),
        bound: None,
    })
}

/// Statuses are written in either case (§3.4); one that is not known is not the end.
fn build(body: &Value) -> Build {
    let status = text(body, "status")
        .unwrap_or_default()
        .to_ascii_lowercase();
    match status.as_str() {
        "built" => Build::Built,
        "failed" => Build::Failed(messages(body)),
        _ => Build::Running,
    }
}

/// What the compiler says, wherever Auth0 puts it.
fn messages(body: &Value) -> Option<String> {
    let places = [body.get("errors"), body.pointer("/current_version/errors")];
    let errors = places.into_iter().flatten().filter_map(Value::as_array);
    let messages: Vec<String> = errors
        .flatten()
        .filter_map(|error| text(error, "msg").or_else(|| text(error, "message")))
        .collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

fn content(value: &Value) -> Content {
    let list = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let dependency = |item: &Value| {
        Some(Dependency {
            name: text(item, "name")?,
            version: text(item, "version").unwrap_or_default(),
            registry_url: text(item, "registry_url").filter(|url| !url.is_empty()),
        })
    };
    Content {
        code: text(value, "code").unwrap_or_default(),
        runtime: text(value, "runtime").unwrap_or_default(),
        dependencies: list("dependencies").filter_map(dependency).collect(),
        secrets: list("secrets")
            .filter_map(|item| text(item, "name"))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_does_not_pass_for_missing() {
        assert_eq!(actions(&json!({"actions": [{"name": "sender"}]})), None);
        assert_eq!(actions(&json!({"actions": []})), Some(Vec::new()));
        assert_eq!(bound(&json!({})), None);
    }

    #[test]
    fn a_version_that_is_on_its_way_is_not_deployed() {
        let mut body = json!({
            "id": "a", "name": "sender", "status": "BUILT", "code": "1",
            "deployed_version": {"deployed": false, "code": "1"}, "all_changes_deployed": true,
        });
        let read = action(&body).unwrap();
        assert_eq!(
            (read.deployed, read.current, read.build),
            (None, false, Build::Built)
        );
        body["deployed_version"]["deployed"] = json!(true);
        assert!(action(&body).unwrap().current);
        body["status"] = json!("retrying");
        assert_eq!(action(&body).unwrap().build, Build::Running);
    }

    #[test]
    fn the_compiler_is_heard_wherever_its_words_are() {
        let errors = json!([{"id": "x", "msg": "no such package"}, {"msg": "really"}]);
        for body in [
            json!({"id": "a", "name": "b", "status": "failed", "errors": errors}),
            json!({"id": "a", "name": "b", "status": "failed", "current_version": {"errors": errors}}),
        ] {
            let told = Some("no such package; really".to_owned());
            assert_eq!(action(&body).unwrap().build, Build::Failed(told));
        }
        let silent = json!({"id": "a", "name": "b", "status": "failed"});
        assert_eq!(action(&silent).unwrap().build, Build::Failed(None));
    }
}
