//! Secrets and `ConfigMaps` that objects name.

use std::collections::BTreeMap;

use super::Wakes;
use crate::api::Resource;
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;

/// A Secret or a `ConfigMap` that an object names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// A Secret.
    Secret {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A `ConfigMap`.
    ConfigMap {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl Mention {
    /// Its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match self {
            Self::Secret { namespace, .. } | Self::ConfigMap { namespace, .. } => namespace,
        }
    }
}

/// Whether a Secret or a `ConfigMap` is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is there, at this version.
    At(String),
    /// It is not there.
    Absent,
}

/// Who names a Secret or a `ConfigMap`, and at which version it was last seen.
#[derive(Clone, Debug, Default)]
pub struct Mentioned {
    /// What was last told of it; nothing where no watch has told of it yet.
    pub told: Option<Presence>,
    by: BTreeMap<ObjectKey, ObjectKey>,
}

impl Mentioned {
    /// The tenants whose objects name it.
    #[must_use]
    pub fn tenants(&self) -> Wakes {
        self.by.values().cloned().collect()
    }

    pub(super) fn add(&mut self, object: &ObjectKey, tenant: &ObjectKey) {
        self.by.insert(object.clone(), tenant.clone());
    }

    /// Whether nobody names it any more.
    pub(super) fn drop(&mut self, object: &ObjectKey) -> bool {
        self.by.remove(object);
        self.by.is_empty()
    }
}

/// What an object names.
pub fn mentions(resource: &Resource) -> impl Iterator<Item = Mention> + use<> {
    let namespace = key_of(resource).namespace;
    let config_maps: Vec<Mention> = resource
        .config_map_refs()
        .into_iter()
        .map(|(_, reference)| Mention::ConfigMap {
            namespace: namespace.clone(),
            name: reference.name.clone(),
        })
        .collect();
    let secrets: Vec<Mention> = resource
        .secret_refs()
        .into_iter()
        .map(|(_, reference)| Mention::Secret {
            namespace: namespace.clone(),
            name: reference.name.clone(),
        })
        .collect();
    secrets.into_iter().chain(config_maps)
}
