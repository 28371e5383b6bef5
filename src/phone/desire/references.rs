//! What objects refer to: Secrets, `ConfigMap`s and the labels of namespaces.

use std::collections::BTreeMap;

use crate::api::{ConfigMapKeyRef, Reason, SecretKeyRef};
use crate::phone::secret::Secret;

/// What the objects refer to, read beforehand.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// Values of Secrets by namespace and name, then by key; no entry where there is no such Secret.
    pub secrets: BTreeMap<(String, String), BTreeMap<String, Secret>>,
    /// Secrets that are refused, with the reason.
    pub unreadable: BTreeMap<(String, String), String>,
    /// Texts of `ConfigMap`s, as those of Secrets.
    pub config_maps: BTreeMap<(String, String), BTreeMap<String, String>>,
    /// `ConfigMap`s that are refused, with the reason.
    pub unreadable_config_maps: BTreeMap<(String, String), String>,
    /// Labels of namespaces, for tenants that select namespaces by label.
    pub namespaces: BTreeMap<String, BTreeMap<String, String>>,
}

impl References {
    /// One value of one Secret.
    ///
    /// # Errors
    ///
    /// Reason and message where the Secret or its key is not there.
    pub fn secret(
        &self,
        namespace: &str,
        reference: &SecretKeyRef,
    ) -> Result<&Secret, (Reason, String)> {
        let SecretKeyRef { name, key } = reference;
        let place = (namespace.to_owned(), name.clone());
        if let Some(why) = self.unreadable.get(&place) {
            let told = format!("Secret {namespace}/{name} cannot be read: {why}");
            return Err((Reason::SecretUnreadable, told));
        }
        let Some(data) = self.secrets.get(&place) else {
            let message = format!("there is no Secret {namespace}/{name}");
            return Err((Reason::SecretNotFound, message));
        };
        data.get(key).ok_or_else(|| {
            (
                Reason::SecretKeyMissing,
                format!("Secret {namespace}/{name} has no key {key}"),
            )
        })
    }

    /// One text of one `ConfigMap`.
    ///
    /// # Errors
    ///
    /// Reason and message where the `ConfigMap` or its key is not there.
    pub fn config_map(
        &self,
        namespace: &str,
        reference: &ConfigMapKeyRef,
    ) -> Result<&str, (Reason, String)> {
        let ConfigMapKeyRef { name, key } = reference;
        let place = (namespace.to_owned(), name.clone());
        if let Some(why) = self.unreadable_config_maps.get(&place) {
            let told = format!("ConfigMap {namespace}/{name} cannot be read: {why}");
            return Err((Reason::ConfigMapUnreadable, told));
        }
        let Some(data) = self.config_maps.get(&place) else {
            let message = format!("there is no ConfigMap {namespace}/{name}");
            return Err((Reason::ConfigMapNotFound, message));
        };
        data.get(key).map(String::as_str).ok_or_else(|| {
            (
                Reason::ConfigMapKeyMissing,
                format!("ConfigMap {namespace}/{name} has no key {key}"),
            )
        })
    }
}
