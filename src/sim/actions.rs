//! Actions: drafts that are built in the background, versions, deployment, bindings (§3).

mod bindings;
mod draft;
mod trigger;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, bare_error, error, nanos, no_such_path, ok};
use super::page::{actions_page, flag, parameter};
use super::store::Store;
use super::validate::{ANY_OBJECT, Shape, body, may, must};
use crate::auth0::exchange::{Method, Request, Response};

/// All Actions and what is bound to each trigger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Actions {
    all: Vec<Action>,
    bindings: bindings::Bindings,
    /// How slow builds and deployments are.
    #[serde(default)]
    pub(super) pace: Pace,
}

/// How slow builds and deployments are, in looks at the Action (`PUT /_sim/builds`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// Looks that see a build under way.
    pub build: u32,
    /// Looks that see a deployment under way.
    pub deploy: u32,
}

/// One Action: its draft and its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Action {
    id: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// What a version is made of: name, code, runtime, dependencies, secrets without values.
    draft: Map<String, Value>,
    /// Looks since the draft was written: a build is never done in the answer to the write itself.
    #[serde(default)]
    looks: u32,
    /// Looks that are to see the build under way.
    #[serde(default)]
    slow: u32,
    /// The draft is what the deployed version was made of.
    deployed: bool,
    /// Looks that are still to see the last deployment under way.
    #[serde(default)]
    deploying: u32,
    /// Deploy as soon as it is built.
    deploy_when_built: bool,
    versions: Vec<Map<String, Value>>,
}

/// How long a build takes: short, and long enough that a client must wait for it.
const BUILD: SignedDuration = SignedDuration::from_millis(400);
/// The trigger of a custom phone provider: a tenant has one Action of it (§3.1).
const PHONE: &str = "custom-phone-provider";
const TEST: Shape = Shape::Object(&[must("payload", &ANY_OBJECT)]);
const ROLL_BACK: Shape = Shape::OrNull(&Shape::Object(&[may("update_draft", &Shape::Boolean)]));
/// A dependency of this version never resolves: the build fails.
const BROKEN_VERSION: &str = "0.0.0";

fn not_found() -> Response {
    bare_error(404, "That action does not exist.")
}

impl Action {
    fn trigger(&self) -> &str {
        self.draft["supported_triggers"][0]["id"]
            .as_str()
            .unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.draft["name"].as_str().unwrap_or_default()
    }

    /// A build with dependencies takes a while; one without is done at the first look.
    fn status(&self, now: Timestamp) -> &'static str {
        let dependencies = self.draft["dependencies"].as_array();
        let age = now.duration_since(self.updated_at);
        let installs = dependencies.is_some_and(|all| !all.is_empty()) && age < BUILD;
        let waits = installs || self.looks <= self.slow;
        let broken = dependencies
            .is_some_and(|all| all.iter().any(|item| item["version"] == BROKEN_VERSION));
        match (self.looks > 0, waits, broken) {
            (false, ..) => "pending",
            (true, true, _) => "building",
            (true, false, true) => "failed",
            (true, false, false) => "built",
        }
    }

    fn deployed_version(&self) -> Option<&Map<String, Value>> {
        self.versions
            .iter()
            .find(|version| version["deployed"] == true)
    }

    fn shown(&self, now: Timestamp) -> Value {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(self.id));
        for key in ["name", "supported_triggers"] {
            shown.insert(key.to_owned(), self.draft[key].clone());
        }
        shown.insert("created_at".to_owned(), nanos(self.created_at));
        shown.insert("updated_at".to_owned(), nanos(self.updated_at));
        for key in ["code", "dependencies", "runtime"] {
            shown.insert(key.to_owned(), self.draft[key].clone());
        }
        shown.insert("status".to_owned(), json!(self.status(now)));
        shown.insert("secrets".to_owned(), self.draft["secrets"].clone());
        self.show_versions(&mut shown);
        if self.status(now) == "failed" {
            let failed = json!({"status": "FAILED", "errors": self.errors()});
            shown.insert("current_version".to_owned(), failed);
        }
        let live = self.deployed && self.deploying == 0;
        shown.insert("all_changes_deployed".to_owned(), json!(live));
        Value::Object(shown)
    }

    /// Why the build failed, as versions tell it. Where an Action does is not recorded.
    fn errors(&self) -> Value {
        let all = self.draft["dependencies"].as_array().into_iter().flatten();
        let broken = all.filter(|item| item["version"] == BROKEN_VERSION);
        let told = broken.map(|item| {
            let name = item["name"].as_str().unwrap_or_default();
            json!({"id": "unresolved", "msg": format!("no version {BROKEN_VERSION} of {name}")})
        });
        told.collect()
    }

    /// Somebody looks.
    fn looked_at(&mut self) {
        self.deploying = self.deploying.saturating_sub(1);
        if self.looks <= self.slow {
            self.looks += 1;
        }
    }

    fn show_versions(&self, shown: &mut Map<String, Value>) {
        if let Some(version) = self.deployed_version() {
            let current = json!({
                "id": version["id"],
                "code": version["code"],
                "runtime": version["runtime"],
                "status": "BUILT",
                "number": version["number"],
                "build_time": version["built_at"],
                "created_at": version["created_at"],
                "updated_at": version["updated_at"],
            });
            shown.insert("current_version".to_owned(), current);
            shown.insert(
                "deployed_version".to_owned(),
                Value::Object(version.clone()),
            );
        }
    }

    /// Makes a version of the draft and deploys it; the answer still says `deployed: false`
    /// (§3.5).
    fn deploy(&mut self, id: &str, pace: Pace, now: Timestamp) -> Value {
        self.deploying = pace.deploy;
        for version in &mut self.versions {
            version.insert("deployed".to_owned(), json!(false));
        }
        let version = json!({
            "code": self.draft["code"],
            "dependencies": self.draft["dependencies"],
            "id": id,
            "deployed": true,
            "number": self.versions.len() + 1,
            "built_at": nanos(now),
            "secrets": self.draft["secrets"],
            "status": "built",
            "created_at": nanos(now),
            "updated_at": nanos(now),
            "runtime": self.draft["runtime"],
            "supported_triggers": self.draft["supported_triggers"],
        });
        let mut answer = version.clone();
        answer["deployed"] = json!(false);
        answer["action"] = json!({
            "id": self.id,
            "name": self.draft["name"],
            "supported_triggers": self.draft["supported_triggers"],
            "created_at": nanos(self.created_at),
            "updated_at": nanos(self.updated_at),
            "all_changes_deployed": false,
        });
        self.versions.extend(version.as_object().cloned());
        self.deployed = true;
        self.deploy_when_built = false;
        answer
    }
}

impl Actions {
    /// Whether the Action of a custom phone provider is deployed and bound.
    pub(super) fn sends_phone_messages(&self) -> bool {
        self.all.iter().any(|action| {
            action.trigger() == PHONE
                && action.deployed_version().is_some()
                && self.bindings.binds(&action.id)
        })
    }

    fn find(&mut self, id: &str) -> Result<&mut Action, Response> {
        self.all
            .iter_mut()
            .find(|action| action.id == id)
            .ok_or_else(not_found)
    }
}

impl Store {
    pub(super) fn actions(&mut self, request: &Request, path: &[&str], now: Timestamp) -> Answer {
        let pace = self.actions.pace;
        match (request.method, path) {
            (Method::Get, ["triggers"]) => ok(json!({"triggers": trigger::catalogue()})),
            (_, ["triggers", trigger, "bindings"]) => self.bindings(request, trigger, now),
            (Method::Get, ["actions"]) => self.list_actions(request, now),
            (Method::Post, ["actions"]) => self.create_action(request, now),
            (Method::Get, ["actions", id]) => {
                self.actions.find(id)?.looked_at();
                self.deploy_built(now);
                ok(self.actions.find(id)?.shown(now))
            }
            (Method::Patch, ["actions", id]) => {
                let action = self.actions.find(id)?;
                draft::change(action, request, now)?;
                action.slow = pace.build;
                ok(action.shown(now))
            }
            (Method::Delete, ["actions", id]) => self.delete_action(request, id),
            (Method::Post, ["actions", id, "deploy"]) => {
                let version = self.ids.uuid();
                let action = self.actions.find(id)?;
                built(action, now)?;
                ok(action.deploy(&version, pace, now))
            }
            (Method::Post, ["actions", id, "test"]) => {
                self.actions.find(id)?;
                body(request, &TEST)?;
                ok(json!({"payload": {}}))
            }
            (Method::Get, ["actions", id, "versions"]) => {
                let versions = &self.actions.find(id)?.versions;
                let listed = versions.iter().rev().cloned().map(Value::Object).collect();
                actions_page(request, "versions", listed)
            }
            (Method::Get, ["actions", id, "versions", version]) => {
                let versions = &self.actions.find(id)?.versions;
                let found = versions.iter().find(|item| item["id"] == *version);
                found.map_or_else(
                    || Err(bare_error(404, "That action version does not exist.")),
                    |found| ok(Value::Object(found.clone())),
                )
            }
            (Method::Post, ["actions", id, "versions", version, "deploy"]) => {
                self.roll_back(request, id, version, now)
            }
            _ => Err(no_such_path()),
        }
    }

    /// `deploy: true` of a create takes effect when the build is done.
    fn deploy_built(&mut self, now: Timestamp) {
        let (ids, pace) = (&mut self.ids, self.actions.pace);
        for action in &mut self.actions.all {
            if action.deploy_when_built && action.status(now) == "built" {
                action.deploy(&ids.uuid(), pace, now);
            }
        }
    }

    fn list_actions(&mut self, request: &Request, now: Timestamp) -> Answer {
        for action in &mut self.actions.all {
            action.looked_at();
        }
        self.deploy_built(now);
        let trigger = parameter(request, "triggerId");
        let name = parameter(request, "actionName");
        let deployed = flag(request, "deployed")?;
        let listed = self.actions.all.iter().filter(|action| {
            trigger.is_none_or(|wanted| action.trigger() == wanted)
                && name.is_none_or(|wanted| action.name() == wanted)
                && deployed.is_none_or(|wanted| action.deployed_version().is_some() == wanted)
        });
        actions_page(
            request,
            "actions",
            listed.map(|action| action.shown(now)).collect(),
        )
    }

    fn create_action(&mut self, request: &Request, now: Timestamp) -> Answer {
        let (draft, deploy) = draft::create(request, now)?;
        let trigger = draft["supported_triggers"][0]["id"].clone();
        if trigger == PHONE
            && self
                .actions
                .all
                .iter()
                .any(|action| action.trigger() == PHONE)
        {
            return Err(error(
                403,
                "actions_cardinality_custom_phone_provider_not_allowed",
                "custom-phone-provider can only have one supported Action",
            ));
        }
        let name = draft["name"].as_str().unwrap_or_default();
        if self.actions.all.iter().any(|action| action.name() == name) {
            let message = "An action with this name already exists.";
            return Err(bare_error(409, message));
        }
        let action = Action {
            id: self.ids.uuid(),
            created_at: now,
            updated_at: now,
            draft,
            looks: 0,
            slow: self.actions.pace.build,
            deployed: false,
            deploying: 0,
            deploy_when_built: deploy,
            versions: Vec::new(),
        };
        let shown = action.shown(now);
        self.actions.all.push(action);
        Ok(Response::json(201, shown))
    }

    fn delete_action(&mut self, request: &Request, id: &str) -> Answer {
        self.actions.find(id)?;
        if self.actions.bindings.binds(id) && flag(request, "force")? != Some(true) {
            return Err(bare_error(
                409,
                "Unable to delete an action bound to a trigger.",
            ));
        }
        self.actions.bindings.forget(id);
        self.actions.all.retain(|action| action.id != id);
        Ok(Response::empty(204))
    }

    /// Deploys the content of an earlier version as a new one, and puts it into the draft where
    /// that is asked for.
    fn roll_back(&mut self, request: &Request, id: &str, version: &str, now: Timestamp) -> Answer {
        let update_draft = body(request, &ROLL_BACK)?["update_draft"] == true;
        let fresh = self.ids.uuid();
        let action = self.actions.find(id)?;
        let found = action
            .versions
            .iter()
            .find(|item| item["id"] == version)
            .cloned();
        let Some(found) = found else {
            return Err(bare_error(404, "That action version does not exist."));
        };
        let draft = action.draft.clone();
        for key in ["code", "dependencies", "runtime", "secrets"] {
            action.draft.insert(key.to_owned(), found[key].clone());
        }
        let answer = action.deploy(&fresh, Pace::default(), now);
        if !update_draft {
            action.deployed = action.draft == draft;
            action.draft = draft;
        }
        Ok(Response::json(202, answer))
    }
}

fn built(action: &Action, now: Timestamp) -> Result<(), Response> {
    if action.status(now) == "built" {
        return Ok(());
    }
    Err(bare_error(
        400,
        "A draft must be in the 'built' state before it can be deployed.",
    ))
}
