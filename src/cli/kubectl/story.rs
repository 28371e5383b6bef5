//! What a tenant's objects tell of it, from their statuses alone. Pure.

mod remark;
#[cfg(test)]
mod tests;
mod text;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api::{
    Condition, ConditionStatus, ConditionType, Dependent, ManagementPolicy, Resource, condition,
};
use crate::cli::show;
use crate::operator::registry::View;
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;
use crate::phone::report::Status;
use remark::{Remark, remarks};
pub use text::write;

/// What is told of several tenants.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The tenants.
    pub tenants: Vec<TenantStory>,
    /// What could not be seen.
    pub unseen: Vec<String>,
}

/// What is told of one tenant.
#[derive(Clone, Debug)]
pub struct TenantStory {
    /// The tenant.
    key: ObjectKey,
    /// Its object, or why nothing is known of it.
    tenant: Result<Entry, String>,
    /// The objects that name it, the provider first.
    objects: Vec<Entry>,
}

/// What is told of one object.
#[derive(Clone, Debug)]
struct Entry {
    key: ObjectKey,
    ready: Option<Condition>,
    /// What it is in Auth0, for people.
    facts: Vec<String>,
    /// What is worth knowing, each with what it is about.
    remarks: Vec<Remark>,
    /// What needs it: of a provider.
    dependents: Vec<Dependent>,
    /// The object itself, as JSON shows it.
    json: Value,
}

impl Story {
    /// Whether every object is Ready, every tenant there, and nothing hidden that may not be.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.unseen.is_empty() && self.tenants.iter().all(TenantStory::is_ready)
    }

    /// The documented form (docs/kubectl-plugin.md).
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "ready": self.is_ready(),
            "tenants": self.tenants.iter().map(TenantStory::to_json).collect::<Vec<_>>(),
            "unseen": self.unseen,
        })
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.tenants.iter().flat_map(TenantStory::entries)
    }
}

impl TenantStory {
    /// What the objects of a tenant say. `hidden` is why its own object may not be read.
    #[must_use]
    pub fn of(key: &ObjectKey, view: &View, hidden: Option<&str>) -> Self {
        let tenant = view.tenant.as_deref().map(Entry::of);
        let mut objects: Vec<Entry> = view
            .resources
            .iter()
            .filter(|resource| key_of(resource) != *key)
            .map(|resource| Entry::of(resource))
            .collect();
        objects.sort_by(|left, right| left.key.cmp(&right.key));
        let absent = || match hidden {
            Some(why) => why.to_owned(),
            None => format!("there is no {key}: its objects wait for it"),
        };
        Self {
            key: key.clone(),
            tenant: tenant.ok_or_else(absent),
            objects,
        }
    }

    fn is_ready(&self) -> bool {
        self.tenant.is_ok() && self.entries().all(Entry::is_ready)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.tenant.iter().chain(&self.objects)
    }

    fn to_json(&self) -> Value {
        let (tenant, absent) = match &self.tenant {
            Ok(entry) => (entry.to_json(), None),
            Err(why) => (show::json::object(&self.key), Some(why)),
        };
        json!({
            "ready": self.is_ready(),
            "tenant": tenant,
            "absent": absent,
            "objects": self.objects.iter().map(Entry::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Entry {
    fn of(resource: &Resource) -> Self {
        let status = Status::of(resource);
        let ready = condition::find(status.conditions(), ConditionType::Ready).cloned();
        Self {
            key: key_of(resource),
            ready,
            facts: facts(resource),
            remarks: remarks(resource, &status),
            dependents: match status {
                Status::Provider(status) => status.dependents,
                _ => Vec::new(),
            },
            json: show::json::resource(resource),
        }
    }

    /// Ready, for the spec that it has now.
    fn is_ready(&self) -> bool {
        let ready = self.ready.as_ref();
        let ready = ready.is_some_and(|ready| ready.status == ConditionStatus::True);
        ready && !self.remarks.iter().any(|remark| remark.unfinished)
    }

    fn since(&self) -> Option<Timestamp> {
        self.ready.as_ref().map(|ready| ready.last_transition_time)
    }

    fn to_json(&self) -> Value {
        let mut shown = self.json.clone();
        shown["ready"] = json!(self.is_ready());
        shown["remarks"] = self
            .remarks
            .iter()
            .map(|remark| json!({"about": remark.about, "message": remark.message}))
            .collect();
        shown
    }
}

/// What an object is in Auth0, as far as its status remembers.
fn facts(resource: &Resource) -> Vec<String> {
    let id = |id: &Option<String>| id.iter().map(|id| format!("id {id}")).collect();
    match (resource, Status::of(resource)) {
        (Resource::Auth0Tenant(tenant), Status::Tenant(status)) => {
            let mut facts = vec![tenant.spec.domain.clone()];
            facts.extend(status.unified_phone_experience.map(|on| {
                let state = if on { "on" } else { "off" };
                format!("unified phone experience {state}")
            }));
            if tenant.spec.management_policy == ManagementPolicy::Observe {
                facts.push("observe-only: nothing is written".to_owned());
            }
            if tenant.spec.suspend {
                facts.push("suspended: neither read nor written".to_owned());
            }
            facts
        }
        (_, Status::Provider(status)) => {
            let action = status.action.map(|action| format!("Action {}", action.id));
            let ids: Vec<String> = id(&status.id);
            ids.into_iter().chain(action).collect()
        }
        (_, Status::Connection(status)) => {
            let mut facts: Vec<String> = id(&status.id);
            if !status.applications.is_empty() {
                let count = show::counted(status.applications.len(), "application");
                facts.push(format!("{count} enabled by it"));
            }
            facts
        }
        (_, Status::Template(status)) => id(&status.id),
        (_, Status::Identifier(status)) => id(&status.id),
        (_, Status::Message(status)) => {
            let to = status.recipient.map(|to| format!("to {to}"));
            let state = status.attempt.map(|attempt| format!("{:?}", attempt.state));
            to.into_iter().chain(state).collect()
        }
        _ => Vec::new(),
    }
}
