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
    /// A Secret or a key that is not here is kept elsewhere, and nothing is wrong with that.
    pub secrets_elsewhere: bool,
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

    /// One value of one Secret, for what Auth0 takes and never shows; none where it is kept elsewhere.
    ///
    /// # Errors
    ///
    /// As [`References::secret`].
    pub fn secret_to_write(
        &self,
        namespace: &str,
        reference: &SecretKeyRef,
    ) -> Result<Option<&Secret>, (Reason, String)> {
        match self.secret(namespace, reference) {
            Err((Reason::SecretNotFound | Reason::SecretKeyMissing, _))
                if self.secrets_elsewhere =>
            {
                Ok(None)
            }
            other => other.map(Some),
        }
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
