//! The manifests as they were before a change, which the tenants are taken to be as: what a cluster
//! would know of the objects.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::api::{DeletionPolicy, Resource};
use crate::cli::manifests::inputs;
use crate::cli::note;
use crate::cli::record::Record;
use crate::cli::workspace::{TenantWork, Workspace};
use crate::manifest::{self, Diagnostic, Manifests, Options, Severity};
use crate::phone::action::ObjectKey;
use crate::phone::applied::remembered;
use crate::phone::desire::{References, desire, key_of, tenant_of};
use crate::phone::desired::Desired;
use crate::phone::observed::Observed;
use crate::phone::secret::FingerprintKey;

/// The generation of an object that the change leaves as it was.
const BEFORE: i64 = 1;

/// The manifests before a change.
#[derive(Debug, Default)]
pub struct Base {
    manifests: Manifests,
}

impl Base {
    /// Reads them. What was wrong with them then is no matter of the change: such an object counts as
    /// new. A folder that was not there had none.
    ///
    /// # Errors
    ///
    /// Where nothing can be printed.
    pub fn read(path: &str, namespace: &str) -> std::io::Result<Self> {
        let options = Options {
            namespace: namespace.to_owned(),
            in_cluster: true,
            ..Options::default()
        };
        if !Path::new(path).exists() {
            note(&format!(
                "there is no {path}: nothing counts as there before"
            ))?;
            return Ok(Self::default());
        }
        let (mut manifests, mut diagnostics) =
            manifest::read(&inputs(&[path.to_owned()]), &options);
        manifests.keep_secrets_elsewhere(&mut diagnostics);
        if let Some(first) = diagnostics
            .iter()
            .find(|item| item.severity == Severity::Error)
        {
            note(&format!(
                "what cannot be read of {path} counts as not there before: {}",
                first.message
            ))?;
        }
        for object in &mut manifests.objects {
            object.resource.metadata_mut().generation = Some(BEFORE);
        }
        Ok(Self { manifests })
    }

    /// Adds the objects whose manifests were taken away, as a cluster has them while they are being
    /// deleted. Those with `deletionPolicy: Orphan` go without a trace.
    pub fn add_removed(
        &self,
        workspace: &mut Workspace,
        diagnostics: &[Diagnostic],
        now: Timestamp,
    ) {
        let present = workspace.resources().map(key_of).collect();
        let removed = self.removed(&present, diagnostics).into_iter();
        for resource in removed.filter(|it| it.deletion_policy() == DeletionPolicy::Delete) {
            let mut leaving = resource.clone();
            leaving.metadata_mut().deletion_timestamp = Some(Time(now));
            let key = tenant_of(resource);
            match workspace.tenants.get_mut(&key) {
                Some(work) => work.resources.push(leaving),
                // The tenant goes as well, and may go last.
                None => {
                    if let Some(work) = self.work(&key, leaving, workspace) {
                        workspace.tenants.insert(key, work);
                    }
                }
            }
        }
    }

    /// The objects whose manifests were taken away: that are not `present`, and of no tenant that an
    /// error is about, whose manifests are all left out.
    #[must_use]
    pub fn removed(
        &self,
        present: &BTreeSet<ObjectKey>,
        diagnostics: &[Diagnostic],
    ) -> Vec<&Resource> {
        let errors = diagnostics.iter();
        let errors = errors.filter(|item| item.severity == Severity::Error);
        let unsound: BTreeSet<_> = errors.filter_map(|item| item.tenant.as_ref()).collect();
        let gone = |resource: &&Resource| {
            !present.contains(&key_of(resource)) && !unsound.contains(&tenant_of(resource))
        };
        self.resources().filter(gone).collect()
    }

    fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.manifests.objects.iter().map(|object| &object.resource)
    }

    /// A tenant that only the base has, with one object of it.
    fn work(
        &self,
        key: &ObjectKey,
        leaving: Resource,
        workspace: &Workspace,
    ) -> Option<TenantWork> {
        let tenant = self.resources().find_map(|resource| match resource {
            Resource::Auth0Tenant(tenant) if key_of(resource) == *key => Some((**tenant).clone()),
            _ => None,
        })?;
        let known = workspace.tenants.values().next();
        Some(TenantWork {
            resources: vec![Resource::Auth0Tenant(Box::new(tenant.clone())), leaving],
            references: known
                .map(|work| work.references.clone())
                .unwrap_or_default(),
            tenant,
        })
    }

    /// What the objects of a tenant wanted before.
    #[must_use]
    pub fn wanted(&self, work: &TenantWork, key: &FingerprintKey) -> Desired {
        let tenant = self.resources().find_map(|resource| match resource {
            Resource::Auth0Tenant(tenant) if key_of(resource) == key_of_tenant(work) => {
                Some(&**tenant)
            }
            _ => None,
        });
        let references = self.references(&work.references);
        desire(
            tenant.unwrap_or(&work.tenant),
            self.resources(),
            &references,
            key,
        )
    }

    /// What was referred to before. Secrets that the base has not are those of now: a rotation is not
    /// seen in manifests.
    fn references(&self, now: &References) -> References {
        let own = &self.manifests.references;
        let mut secrets = now.secrets.clone();
        for (place, data) in &own.secrets {
            let all: &mut BTreeMap<_, _> = secrets.entry(place.clone()).or_default();
            all.extend(data.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        let mut namespaces = now.namespaces.clone();
        namespaces.extend(own.namespaces.clone());
        References {
            secrets,
            namespaces,
            ..own.clone()
        }
    }

    /// Gives each object of a tenant the status and the generation that it would have in a cluster.
    pub fn remind(
        &self,
        work: &mut TenantWork,
        before: &Desired,
        observed: &Observed,
        now: Timestamp,
    ) {
        let new = Record::statuses(self.resources());
        let mut statuses = remembered(&new, before, observed, now);
        let specs: BTreeMap<ObjectKey, &Resource> = self
            .resources()
            .map(|resource| (key_of(resource), resource))
            .collect();
        for resource in &mut work.resources {
            let key = key_of(resource);
            let Some(status) = statuses.remove(&key) else {
                continue;
            };
            let same = specs
                .get(&key)
                .is_some_and(|before| same_spec(before, resource));
            resource.metadata_mut().generation = Some(if same { BEFORE } else { BEFORE + 1 });
            status.put(resource);
        }
    }
}

fn same_spec(before: &Resource, after: &Resource) -> bool {
    match (before.to_value(), after.to_value()) {
        (Ok(before), Ok(after)) => before["spec"] == after["spec"],
        _ => false,
    }
}

fn key_of_tenant(work: &TenantWork) -> ObjectKey {
    key_of(&Resource::Auth0Tenant(Box::new(work.tenant.clone())))
}
