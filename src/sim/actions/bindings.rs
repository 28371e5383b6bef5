//! Which Actions run at a trigger, in order (§3.6).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Action, Actions, trigger};
use crate::auth0::exchange::{Method, Request, Response};
use crate::sim::answer::{Answer, bare_error, nanos, no_such_path, ok};
use crate::sim::page::actions_page;
use crate::sim::store::Store;
use crate::sim::validate::{Shape, TEXT, body, may, must};

const REFERENCE: Shape = Shape::Open(&[
    must(
        "type",
        &Shape::OneOf(&["binding_id", "action_id", "action_name"]),
    ),
    must("value", &TEXT),
]);
const BINDINGS: Shape = Shape::Object(&[must(
    "bindings",
    &Shape::List(
        &Shape::Object(&[
            must("ref", &REFERENCE),
            may("display_name", &TEXT),
            may("secrets", &Shape::Any),
        ]),
        0,
        20,
    ),
)]);

/// The bindings of all triggers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Bindings {
    by_trigger: BTreeMap<String, Vec<Binding>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Binding {
    id: String,
    action_id: String,
    display_name: String,
    bound_at: Timestamp,
}

impl Bindings {
    pub(super) fn binds(&self, action_id: &str) -> bool {
        self.by_trigger
            .values()
            .flatten()
            .any(|binding| binding.action_id == action_id)
    }

    pub(super) fn forget(&mut self, action_id: &str) {
        for bindings in self.by_trigger.values_mut() {
            bindings.retain(|binding| binding.action_id != action_id);
        }
    }

    fn of(&self, trigger: &str) -> &[Binding] {
        self.by_trigger.get(trigger).map_or(&[], Vec::as_slice)
    }
}

impl Actions {
    /// The Action that a reference of a binding names.
    fn referred(&self, kind: &str, value: &str, trigger: &str) -> Option<&Action> {
        let id = match kind {
            "binding_id" => {
                let bound = self
                    .bindings
                    .of(trigger)
                    .iter()
                    .find(|item| item.id == value)?;
                Some(bound.action_id.as_str())
            }
            "action_id" => Some(value),
            _ => None,
        };
        match id {
            Some(id) => self.all.iter().find(|action| action.id == id),
            None => self.all.iter().find(|action| action.name() == value),
        }
    }

    fn shown_bindings(&self, trigger: &str, now: Timestamp) -> Vec<Value> {
        let bindings = self.bindings.of(trigger).iter();
        bindings
            .filter_map(|binding| {
                let action = self
                    .all
                    .iter()
                    .find(|action| action.id == binding.action_id)?;
                let mut shown = action.shown(now);
                // The embedded Action says so even where all is deployed (§3.6), shows nothing of
                // the draft, and its time of change is that of its creation.
                shown["all_changes_deployed"] = json!(false);
                shown["updated_at"] = nanos(action.created_at);
                if let Some(map) = shown.as_object_mut() {
                    for key in ["code", "dependencies", "runtime", "status", "secrets"] {
                        map.shift_remove(key);
                    }
                }
                Some(json!({
                    "id": binding.id,
                    "trigger_id": trigger,
                    "action": shown,
                    "created_at": nanos(binding.bound_at),
                    "updated_at": nanos(binding.bound_at),
                    "display_name": binding.display_name,
                }))
            })
            .collect()
    }
}

impl Store {
    pub(super) fn bindings(&mut self, request: &Request, trigger: &str, now: Timestamp) -> Answer {
        if !trigger::exists(trigger) {
            return Err(bare_error(404, "The trigger does not exist."));
        }
        match request.method {
            Method::Get => actions_page(
                request,
                "bindings",
                self.actions.shown_bindings(trigger, now),
            ),
            Method::Patch => {
                let bindings = self.new_bindings(request, trigger, now)?;
                self.actions
                    .bindings
                    .by_trigger
                    .insert(trigger.to_owned(), bindings);
                ok(json!({"bindings": self.actions.shown_bindings(trigger, now)}))
            }
            _ => Err(no_such_path()),
        }
    }

    /// The whole list is replaced, and every binding gets a new id.
    fn new_bindings(
        &mut self,
        request: &Request,
        trigger: &str,
        now: Timestamp,
    ) -> Result<Vec<Binding>, Response> {
        let wanted = body(request, &BINDINGS)?["bindings"].as_array();
        let mut bindings = Vec::new();
        for item in wanted.into_iter().flatten() {
            let reference = &item["ref"];
            let kind = reference["type"].as_str().unwrap_or_default();
            let value = reference["value"].as_str().unwrap_or_default();
            let Some(action) = self.actions.referred(kind, value, trigger) else {
                return Err(super::not_found());
            };
            if action.deployed_version().is_none() {
                return Err(bare_error(
                    400,
                    "Trying to create a binding for an action that has not been deployed yet",
                ));
            }
            let display_name = item["display_name"]
                .as_str()
                .unwrap_or(action.name())
                .to_owned();
            let action_id = action.id.clone();
            let id = self.ids.uuid();
            bindings.push(Binding {
                id,
                action_id,
                display_name,
                bound_at: now,
            });
        }
        Ok(bindings)
    }
}
