//! The objects of tenants, as far as whoever asks may see them.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use futures::future::join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;

use super::access::{Access, KubectlError};
use super::named::TenantName;
use crate::api::{Kind, NamespacesFrom, Resource};
use crate::operator::cluster::bounded;
use crate::operator::registry::{NamespaceState, Registry, View};
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;

/// Where objects are looked for.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ScopeArgs {
    /// Look in all namespaces.
    #[arg(short = 'A', long)]
    all_namespaces: bool,
}

impl ScopeArgs {
    /// The scope in words.
    pub fn described(self, namespace: &str) -> String {
        if self.all_namespaces {
            return "the cluster".to_owned();
        }
        format!("namespace {namespace}")
    }
}

/// Tenants with their objects.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Everything that was read.
    pub registry: Registry,
    /// The tenants that are asked about.
    pub tenants: BTreeSet<ObjectKey>,
    /// What could not be seen of the tenants that are asked about, for people.
    unseen: Vec<String>,
    /// Kinds that may not be listed, and where, for people.
    refused: BTreeSet<String>,
    /// Tenants that are named, but may not be read, with the reason.
    pub hidden: BTreeMap<ObjectKey, String>,
    /// Tenants that will let other namespaces in, whatever the cluster has of them.
    opening: BTreeSet<ObjectKey>,
    listed: BTreeSet<String>,
    everywhere: bool,
}

impl Gathered {
    /// The tenants of a scope: those in it, and those that its objects name.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where the scope cannot be listed, or has no tenant of the name.
    pub async fn read(
        access: &Access,
        scope: &ScopeArgs,
        wanted: Option<&TenantName>,
    ) -> Result<Self, KubectlError> {
        let mut gathered = Self::default();
        let namespace = wanted.and_then(|wanted| wanted.namespace.as_deref());
        let namespace = namespace.unwrap_or_else(|| access.namespace());
        if scope.all_namespaces {
            gathered.list(access, None).await?;
        } else {
            gathered.list(access, Some(namespace)).await?;
        }
        let fits = |key: &ObjectKey| wanted.is_none_or(|wanted| wanted.fits(key));
        let found = gathered.registry.tenants().filter(|key| fits(key));
        let found: BTreeSet<ObjectKey> = found.cloned().collect();
        if let Some(wanted) = wanted.filter(|_| found.is_empty()) {
            return Err(KubectlError::NotThere(ObjectKey {
                kind: Kind::Auth0Tenant,
                namespace: namespace.to_owned(),
                name: wanted.name.clone(),
            }));
        }
        for tenant in found {
            gathered.include(access, &tenant).await?;
        }
        Ok(gathered)
    }

    /// Asks about one more tenant, and reads what belongs to it.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where the API server does not answer.
    pub async fn include(
        &mut self,
        access: &Access,
        tenant: &ObjectKey,
    ) -> Result<(), KubectlError> {
        self.tenants.insert(tenant.clone());
        if self.everywhere {
            return Ok(());
        }
        if !self.listed.contains(&tenant.namespace) {
            match access.get(tenant).await {
                Ok(Some(object)) => drop(self.registry.apply(object)),
                Ok(None) => {}
                Err(error) if error.is_refusal() => {
                    self.hidden.insert(tenant.clone(), error.to_string());
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        let place = if self.lets_others_in(tenant) {
            None
        } else {
            Some(tenant.namespace.as_str())
        };
        if place.is_some_and(|name| self.listed.contains(name)) {
            return Ok(());
        }
        match self.list(access, place).await {
            Err(KubectlError::Cluster(error)) if error.is_refusal() => {
                self.unseen
                    .push(format!("not all objects of {tenant} are seen: {error}"));
                Ok(())
            }
            other => other,
        }
    }

    /// Takes the objects of all namespaces for this tenant's from now on.
    pub fn open(&mut self, tenant: ObjectKey) {
        self.opening.insert(tenant);
    }

    /// Asks about no tenant any more, and keeps what was read.
    pub fn start_over(&mut self) {
        self.tenants.clear();
        self.unseen.clear();
        self.hidden.clear();
    }

    /// What could not be seen, for people: what is shown may lack it.
    pub fn unseen(&self) -> impl Iterator<Item = &String> {
        self.refused.iter().chain(&self.unseen)
    }

    /// What is known of one tenant.
    pub fn view(&self, tenant: &ObjectKey) -> View {
        self.registry.view(tenant)
    }

    /// Reads the labels of the namespaces from which objects name a tenant that selects them.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where the API server does not answer.
    pub async fn labels(
        &mut self,
        access: &Access,
        tenant: &ObjectKey,
    ) -> Result<(), KubectlError> {
        if self.allows(tenant) != NamespacesFrom::Selector {
            return Ok(());
        }
        let objects = self.view(tenant).resources;
        let named: BTreeSet<String> = objects.iter().map(|it| key_of(it).namespace).collect();
        for name in named {
            let api: Api<Namespace> = Api::all(access.client().clone());
            match bounded(|| format!("read namespace {name}"), api.get_opt(&name)).await {
                Ok(found) => {
                    let state = found.map(|found| NamespaceState {
                        labels: found.metadata.labels.unwrap_or_default(),
                        terminating: found.metadata.deletion_timestamp.is_some(),
                    });
                    self.registry.namespace(&name, state);
                }
                Err(error) if error.is_refusal() => self.unseen.push(format!(
                    "{tenant} selects namespaces by labels, which are not seen: {error}"
                )),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn allows(&self, tenant: &ObjectKey) -> NamespacesFrom {
        let object = self.registry.get(tenant);
        let Some(Resource::Auth0Tenant(object)) = object.as_deref() else {
            return NamespacesFrom::Same;
        };
        let allowed = object.spec.allowed_namespaces.as_ref();
        allowed.map_or(NamespacesFrom::Same, |allowed| allowed.from)
    }

    fn lets_others_in(&self, tenant: &ObjectKey) -> bool {
        self.opening.contains(tenant) || self.allows(tenant) != NamespacesFrom::Same
    }

    async fn list(&mut self, access: &Access, place: Option<&str>) -> Result<(), KubectlError> {
        let lists = join_all(Kind::ALL.map(|kind| access.list(kind, place))).await;
        let (mut refused, mut seen) = (Vec::new(), false);
        for list in lists {
            match list {
                Ok(objects) => {
                    seen = true;
                    for object in objects {
                        self.registry.apply(object);
                    }
                }
                Err(KubectlError::Cluster(error)) if error.is_refusal() => refused.push(error),
                Err(error) => return Err(error),
            }
        }
        // Who may view a namespace need not be allowed to see test messages, which hold numbers.
        if !seen && let Some(error) = refused.pop() {
            return Err(error.into());
        }
        self.refused.extend(refused.iter().map(ToString::to_string));
        match place {
            Some(name) => drop(self.listed.insert(name.to_owned())),
            None => self.everywhere = true,
        }
        Ok(())
    }
}
