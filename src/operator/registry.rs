//! What the watches have told: every object by tenant, and whom a change concerns.
//!
//! A pure state machine. Watch events go in; the tenants to look at come out.

mod source;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::api::{Kind, Resource};
use crate::phone::acknowledgement::ACKNOWLEDGE;
use crate::phone::action::ObjectKey;
use crate::phone::desire::{key_of, tenant_of};
use crate::phone::report::REQUESTED_AT;

pub use source::{Mention, Mentioned, Presence, mentions};

/// The finalizer of objects whose removal Dialtone carries out in Auth0.
pub const FINALIZER: &str = "dialtone.dev/finalizer";

/// The tenants that a change concerns.
pub type Wakes = BTreeSet<ObjectKey>;

/// Everything known of the cluster that passes need, content of Secrets excepted.
#[derive(Debug, Default)]
pub struct Registry {
    objects: BTreeMap<ObjectKey, Arc<Resource>>,
    by_tenant: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
    mentions: BTreeMap<Mention, Mentioned>,
    namespaces: BTreeMap<String, NamespaceState>,
    /// The lists under way, each with the objects that were written since it began.
    lists: BTreeMap<(Kind, Option<String>), BTreeSet<ObjectKey>>,
}

/// What counts of a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamespaceState {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// It is being deleted.
    pub terminating: bool,
}

/// One tenant and its objects, as they are known.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The `Auth0Tenant`, where there is one.
    pub tenant: Option<Arc<Resource>>,
    /// An older `Auth0Tenant` that has the same domain: two would undo each other's work.
    pub rival: Option<ObjectKey>,
    /// The tenant and all objects that name it.
    pub resources: Vec<Arc<Resource>>,
    /// The labels of their namespaces, where they are known.
    pub labels: BTreeMap<String, BTreeMap<String, String>>,
    /// The namespaces of these objects that are being deleted.
    pub terminating: BTreeSet<String>,
}

impl Registry {
    /// Takes up an object as a watch shows it. An older state than the known one is passed over.
    pub fn apply(&mut self, resource: Resource) -> Wakes {
        let known = self.objects.get(&key_of(&resource));
        if known.is_some_and(|known| newer(known, &resource)) {
            return Wakes::new();
        }
        self.take(resource)
    }

    /// A list of a kind begins, in a namespace or in all: what this process writes from now on is
    /// newer than what it will show.
    pub fn begin_list(&mut self, kind: Kind, namespace: Option<&str>) {
        let list = (kind, namespace.map(str::to_owned));
        self.lists.insert(list, BTreeSet::new());
    }

    /// The list is complete.
    pub fn end_list(&mut self, kind: Kind, namespace: Option<&str>) {
        self.lists.remove(&(kind, namespace.map(str::to_owned)));
    }

    /// Takes up an object as a list shows it, even if the known state is newer: a cluster that was
    /// restored from a backup counts on from an older version. What this process wrote since a list
    /// began stays.
    pub fn listed(&mut self, resource: Resource) -> Wakes {
        let key = key_of(&resource);
        if self.lists.values().any(|written| written.contains(&key)) {
            return self.apply(resource);
        }
        self.take(resource)
    }

    fn take(&mut self, resource: Resource) -> Wakes {
        let key = key_of(&resource);
        let before = self.objects.get(&key).cloned();
        let stirs = before
            .as_ref()
            .is_none_or(|before| matters(before, &resource));
        let mut wakes = Wakes::new();
        if stirs {
            wakes.extend(self.concerned(&resource));
            wakes.extend(before.iter().flat_map(|before| self.concerned(before)));
        }
        self.keep(key, resource);
        wakes
    }

    /// Takes up an object as a write of this process left it. The finalizer that this process sets
    /// concerns nobody anew, but the answer may show a change of somebody else before the watch
    /// does. An object that is gone, or was made anew, meanwhile stays as the watch showed it.
    pub fn absorb(&mut self, resource: Resource) -> Wakes {
        let key = key_of(&resource);
        let Some(known) = self.objects.get(&key).cloned() else {
            return Wakes::new();
        };
        if known.metadata().uid != resource.metadata().uid || newer(&known, &resource) {
            return Wakes::new();
        }
        let mut wakes = Wakes::new();
        if weighty(&known) != weighty(&resource) {
            wakes.extend(self.concerned(&known));
            wakes.extend(self.concerned(&resource));
        }
        for ((kind, namespace), written) in &mut self.lists {
            let within = namespace.as_ref().is_none_or(|name| *name == key.namespace);
            if *kind == key.kind && within {
                written.insert(key.clone());
            }
        }
        self.keep(key, resource);
        wakes
    }

    /// An object is gone.
    pub fn remove(&mut self, key: &ObjectKey) -> Wakes {
        let Some(before) = self.objects.get(key).cloned() else {
            return Wakes::new();
        };
        let wakes = self.concerned(&before);
        self.forget(key);
        wakes
    }

    /// A Secret or a `ConfigMap` is at this version now, or gone.
    pub fn mentioned(&mut self, mention: &Mention, version: Option<&str>) -> Wakes {
        let Some(known) = self.mentions.get_mut(mention) else {
            return Wakes::new();
        };
        let told = version.map_or(Presence::Absent, |version| Presence::At(version.to_owned()));
        if known.told.as_ref() == Some(&told) {
            return Wakes::new();
        }
        known.told = Some(told);
        known.tenants()
    }

    /// A namespace is as given now, or gone. Its labels decide which tenants let its objects in;
    /// while it is being deleted, nothing in it waits for what will not come back.
    pub fn namespace(&mut self, name: &str, state: Option<NamespaceState>) -> Wakes {
        if self.namespaces.get(name) == state.as_ref() {
            return Wakes::new();
        }
        match state {
            Some(state) => self.namespaces.insert(name.to_owned(), state),
            None => self.namespaces.remove(name),
        };
        let inside = self.objects.iter().filter(|(key, _)| key.namespace == name);
        inside.map(|(_, resource)| tenant_of(resource)).collect()
    }

    /// One object.
    #[must_use]
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<Resource>> {
        self.objects.get(key).cloned()
    }

    /// What is known of one tenant.
    #[must_use]
    pub fn view(&self, tenant: &ObjectKey) -> View {
        let own = self.by_tenant.get(tenant);
        let resources: Vec<Arc<Resource>> = own
            .into_iter()
            .flatten()
            .filter_map(|key| self.objects.get(key).cloned())
            .collect();
        let named = resources.iter().map(|resource| key_of(resource).namespace);
        let terminating = named.filter(|name| self.is_terminating(name)).collect();
        View {
            tenant: self.objects.get(tenant).cloned(),
            rival: self.rival(tenant),
            labels: self.labels(&resources),
            terminating,
            resources,
        }
    }

    /// The labels of the namespaces of these objects, where they are known.
    fn labels(&self, resources: &[Arc<Resource>]) -> BTreeMap<String, BTreeMap<String, String>> {
        let named: BTreeSet<String> = resources.iter().map(|it| key_of(it).namespace).collect();
        let known = named.into_iter().filter_map(|name| {
            let labels = self.namespaces.get(&name)?.labels.clone();
            Some((name, labels))
        });
        known.collect()
    }

    fn is_terminating(&self, namespace: &str) -> bool {
        let state = self.namespaces.get(namespace);
        state.is_some_and(|state| state.terminating)
    }

    /// The tenants that have objects or are one.
    pub fn tenants(&self) -> impl Iterator<Item = &ObjectKey> {
        self.by_tenant.keys()
    }

    /// Whether a tenant has objects or is one.
    #[must_use]
    pub fn has(&self, tenant: &ObjectKey) -> bool {
        self.by_tenant.contains_key(tenant)
    }

    /// The labels of an `Auth0Tenant`, by which shards divide tenants; none where there is no such
    /// tenant.
    #[must_use]
    pub fn tenant_labels(&self, tenant: &ObjectKey) -> BTreeMap<String, String> {
        self.objects
            .get(tenant)
            .and_then(|resource| resource.metadata().labels.clone())
            .unwrap_or_default()
    }

    /// Keys of a kind in a namespace, or in all: what a fresh list must name or else is gone.
    #[must_use]
    pub fn keys(&self, kind: Kind, namespace: Option<&str>) -> BTreeSet<ObjectKey> {
        let own = self.objects.keys();
        own.filter(|key| key.kind == kind && namespace.is_none_or(|name| key.namespace == name))
            .cloned()
            .collect()
    }

    /// The Secrets and `ConfigMaps` that some object names.
    #[must_use]
    pub fn mentions(&self) -> BTreeSet<Mention> {
        self.mentions.keys().cloned().collect()
    }

    /// The names of the namespaces that are known.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<String> {
        self.namespaces.keys().cloned().collect()
    }

    /// The tenant of an object, and where it is a tenant itself, those that have its domain.
    fn concerned(&self, resource: &Resource) -> Wakes {
        let mut wakes = Wakes::from([tenant_of(resource)]);
        if let Resource::Auth0Tenant(tenant) = resource {
            wakes.extend(
                self.of_domain(&tenant.spec.domain)
                    .map(|(key, _)| key.clone()),
            );
        }
        wakes
    }

    fn of_domain<'a>(
        &'a self,
        domain: &'a str,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Resource)> {
        let tenants = self.objects.iter();
        tenants.filter_map(move |(key, resource)| match resource.as_ref() {
            Resource::Auth0Tenant(tenant) if tenant.spec.domain == domain => {
                Some((key, resource.as_ref()))
            }
            _ => None,
        })
    }

    /// The tenant that comes first among those of the same domain, where that is another one.
    fn rival(&self, tenant: &ObjectKey) -> Option<ObjectKey> {
        let Resource::Auth0Tenant(own) = self.objects.get(tenant)?.as_ref() else {
            return None;
        };
        let first = self
            .of_domain(&own.spec.domain)
            .min_by_key(|(key, resource)| {
                // One that the cluster does not have yet will be the youngest.
                let created = resource.metadata().creation_timestamp.as_ref();
                (created.map_or(Timestamp::MAX, |time| time.0), *key)
            });
        first
            .map(|(key, _)| key.clone())
            .filter(|first| first != tenant)
    }

    /// Puts an object in the place of what was known of it. What both name stays as it was seen.
    fn keep(&mut self, key: ObjectKey, resource: Resource) {
        let named: BTreeSet<Mention> = source::mentions(&resource).collect();
        let tenant = tenant_of(&resource);
        let before = self.objects.insert(key.clone(), Arc::new(resource));
        if let Some(before) = before {
            self.unlink(&key, &before, &named);
        }
        for mention in named {
            let mentioned = self.mentions.entry(mention).or_default();
            mentioned.add(&key, &tenant);
        }
        self.by_tenant.entry(tenant).or_default().insert(key);
    }

    fn forget(&mut self, key: &ObjectKey) {
        if let Some(before) = self.objects.remove(key) {
            self.unlink(key, &before, &BTreeSet::new());
        }
    }

    /// Takes an object out of the indexes, but for what it still names.
    fn unlink(&mut self, key: &ObjectKey, before: &Resource, named: &BTreeSet<Mention>) {
        for mention in source::mentions(before).filter(|mention| !named.contains(mention)) {
            if let Some(mentioned) = self.mentions.get_mut(&mention)
                && mentioned.drop(key)
            {
                self.mentions.remove(&mention);
            }
        }
        let tenant = tenant_of(before);
        if let Some(own) = self.by_tenant.get_mut(&tenant) {
            own.remove(key);
            if own.is_empty() {
                self.by_tenant.remove(&tenant);
            }
        }
    }
}

/// Whether the known state is of a later version than the given one. Versions of one kind are
/// numbers that only grow; what cannot be read as one decides nothing.
fn newer(known: &Resource, given: &Resource) -> bool {
    let version = |resource: &Resource| -> Option<u64> {
        resource.metadata().resource_version.as_ref()?.parse().ok()
    };
    version(known)
        .zip(version(given))
        .is_some_and(|(known, given)| known > given)
}

/// Whether a change of an object is one that a pass must look at: not the status, which passes
/// write themselves, nor what other tools keep in metadata.
fn matters(before: &Resource, after: &Resource) -> bool {
    let held = |resource: &Resource| {
        let mut all = resource.metadata().finalizers.iter().flatten();
        all.any(|name| name == FINALIZER)
    };
    held(before) != held(after) || weighty(before) != weighty(after)
}

/// What a pass goes by, our own finalizer excepted.
fn weighty(resource: &Resource) -> impl PartialEq + use<> {
    let metadata = resource.metadata();
    let annotation = |name: &str| {
        let all = metadata.annotations.as_ref();
        all.and_then(|all| all.get(name)).cloned()
    };
    let labels = (resource.kind() == Kind::Auth0Tenant).then(|| metadata.labels.clone());
    (
        metadata.uid.clone(),
        metadata.generation,
        metadata.deletion_timestamp.is_some(),
        labels,
        annotation(ACKNOWLEDGE),
        REQUESTED_AT.map(annotation),
    )
}
