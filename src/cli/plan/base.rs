//! The manifests as they were before a change, which the tenants are taken to be as: what a cluster
//! would know of the objects.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::api::{Auth0Tenant, ManagementPolicy, PhoneProvider, Resource, SecretKeyRef};
use crate::cli::failure::CliError;
use crate::cli::manifests::inputs;
use crate::cli::plan::Made;
use crate::cli::record::Record;
use crate::cli::workspace::{TenantWork, Workspace};
use crate::cli::{note, overlay};
use crate::manifest::{self, Diagnostic, Manifests, Options, Severity};
use crate::phone::action::ObjectKey;
use crate::phone::applied::remembered;
use crate::phone::desire::{References, acknowledged, desire, key_of, tenant_of};
use crate::phone::desired::Desired;
use crate::phone::observed::Observed;
use crate::phone::plan::Plan;
use crate::phone::secret::{FingerprintKey, Secret};
use crate::phone::succession::leaving;

/// The generation of an object that the change leaves as it was.
const BEFORE: i64 = 1;

/// The manifests before a change.
#[derive(Debug)]
pub struct Base {
    manifests: Manifests,
    /// What may have been among them and cannot be read, for people.
    pub unread: Option<String>,
}

impl Base {
    /// Reads them, where any are named.
    ///
    /// # Errors
    ///
    /// As [`Base::read`].
    pub fn given(paths: &[String], namespace: &str) -> Result<Option<Self>, CliError> {
        if paths.is_empty() {
            return Ok(None);
        }
        Self::read(paths, namespace).map(Some)
    }

    /// Tells of what cannot be planned: what the base may have held, and what the API server would
    /// refuse of the change.
    ///
    /// # Errors
    ///
    /// Where nothing can be printed.
    pub fn tell(&self, workspace: &Workspace, made: &mut Made) -> std::io::Result<()> {
        if let Some(unread) = &self.unread {
            made.lacks("", unread)?;
        }
        for (object, why) in self.refused(workspace) {
            made.lacks(
                &object.to_string(),
                &format!("the cluster would refuse {why}"),
            )?;
        }
        Ok(())
    }

    /// Reads them. What was wrong with one object then is no matter of the change: it counts as new.
    ///
    /// # Errors
    ///
    /// [`CliError::NoBase`] for a path that is not there: a name that is mistyped must not stand for
    /// no manifests.
    fn read(paths: &[String], namespace: &str) -> Result<Self, CliError> {
        if let Some(absent) = paths.iter().find(|path| !Path::new(path).exists()) {
            return Err(CliError::NoBase(absent.clone()));
        }
        let options = Options {
            namespace: namespace.to_owned(),
            in_cluster: true,
            empty: true,
            ..Options::default()
        };
        let (mut manifests, mut diagnostics) = manifest::read(&inputs(paths), &options);
        manifests.keep_secrets_elsewhere(&mut diagnostics);
        diagnostics.retain(|item| item.severity == Severity::Error);
        let (one, any): (Vec<_>, Vec<_>) = diagnostics.iter().partition(|it| it.tenant.is_some());
        if let Some(first) = one.first() {
            note(&format!(
                "what is wrong before the change counts as not there: {}",
                first.message
            ))?;
        }
        let unread = any.first().map(|first| {
            format!(
                "not all manifests before the change can be read, and what they held is not planned: {}",
                first.message
            )
        });
        for object in &mut manifests.objects {
            let metadata = object.resource.metadata_mut();
            metadata.generation = Some(BEFORE);
            // What is new is younger.
            metadata.creation_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
        }
        Ok(Self { manifests, unread })
    }

    /// Adds the objects whose manifests were taken away, as a cluster has them while they are being
    /// deleted. Those with `deletionPolicy: Orphan`, and those of tenants that are not written, go
    /// without a trace.
    pub fn add_removed(
        &self,
        workspace: &mut Workspace,
        diagnostics: &[Diagnostic],
        now: Timestamp,
    ) {
        let present = workspace.resources().map(key_of).collect();
        for resource in self.removed(&present, diagnostics) {
            let key = tenant_of(resource);
            // The tenant may go as well, and goes last then.
            let tenant = workspace.tenants.get(&key).map(|work| &work.tenant);
            let Some(leaving) = tenant
                .or_else(|| self.tenant(&key))
                .and_then(|tenant| leaving(resource, tenant, now))
            else {
                continue;
            };
            if !workspace.tenants.contains_key(&key)
                && let Some(work) = self.work(&key, workspace)
            {
                workspace.tenants.insert(key.clone(), work);
            }
            if let Some(work) = workspace.tenants.get_mut(&key) {
                work.resources.push(leaving);
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

    /// Lets through what a provider acknowledged whose manifest is taken away, and which goes at once,
    /// so that the plan does not know of it.
    pub fn acknowledge(
        &self,
        tenant: &ObjectKey,
        gone: impl Fn(&ObjectKey) -> bool,
        plans: &mut [Plan],
    ) {
        let provider = self.resources().find(|resource| {
            let provider = matches!(resource, Resource::PhoneProvider(_));
            provider && tenant_of(resource) == *tenant && gone(&key_of(resource))
        });
        let Some(provider) = provider else {
            return;
        };
        let (key, acknowledged) = (key_of(provider), acknowledged(provider.metadata()));
        for hazard in plans.iter_mut().flat_map(|plan| &mut plan.hazards) {
            hazard.acknowledge(&key, &acknowledged);
        }
    }

    fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.manifests.objects.iter().map(|object| &object.resource)
    }

    fn tenant(&self, key: &ObjectKey) -> Option<&Auth0Tenant> {
        self.resources().find_map(|resource| match resource {
            Resource::Auth0Tenant(tenant) if key_of(resource) == *key => Some(&**tenant),
            _ => None,
        })
    }

    /// A tenant that only the base has.
    fn work(&self, key: &ObjectKey, workspace: &Workspace) -> Option<TenantWork> {
        let tenant = self.tenant(key)?;
        Some(TenantWork {
            resources: vec![Resource::Auth0Tenant(Box::new(tenant.clone()))],
            references: self.references(&workspace.references),
            tenant: tenant.clone(),
        })
    }

    /// What the objects of a tenant wanted before.
    #[must_use]
    pub fn desired(&self, work: &TenantWork, key: &FingerprintKey) -> Desired {
        let references = self.references(&work.references);
        let tenant = self.tenant(&key_of_tenant(work));
        let tenant = tenant.unwrap_or(&work.tenant);
        desire(tenant, self.resources(), &references, key)
    }

    /// What was referred to before. What the base has not is that of now: a rotation is not seen in
    /// manifests.
    fn references(&self, now: &References) -> References {
        let own = &self.manifests.references;
        let mut all = now.clone();
        for (place, data) in &own.secrets {
            let known: &mut BTreeMap<_, _> = all.secrets.entry(place.clone()).or_default();
            known.extend(data.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        all.config_maps.extend(own.config_maps.clone());
        all.namespaces.extend(own.namespaces.clone());
        all.secrets_elsewhere = true;
        all
    }

    /// What the API server would refuse of the change, by object.
    fn refused(&self, workspace: &Workspace) -> Vec<(ObjectKey, String)> {
        let before = self.by_key();
        let refused = workspace.resources().filter_map(|resource| {
            let key = key_of(resource);
            let before = *before.get(&key)?;
            let why = overlay::applied(resource, Some(before), Some(before)).err()?;
            Some((key, why))
        });
        refused.collect()
    }

    /// The object that this names, as the base has it.
    #[must_use]
    pub fn object(&self, key: &ObjectKey) -> Option<&Resource> {
        self.resources().find(|it| key_of(it) == *key)
    }

    fn by_key(&self) -> BTreeMap<ObjectKey, &Resource> {
        let all = self.resources();
        all.map(|resource| (key_of(resource), resource)).collect()
    }

    /// Gives each object of a tenant the status and the generation that it would have in a cluster.
    /// Which objects are known then.
    pub fn remind(
        &self,
        work: &mut TenantWork,
        before: &Desired,
        observed: &Observed,
        now: Timestamp,
    ) -> BTreeSet<ObjectKey> {
        let tenant = self.tenant(&key_of_tenant(work));
        if !tenant.is_some_and(|tenant| is_of(tenant, &work.tenant)) {
            return BTreeSet::new();
        }
        let new = Record::statuses(self.resources());
        let mut statuses = remembered(&new, before, observed, now);
        let mut known = BTreeSet::new();
        let objects = self.by_key();
        for resource in &mut work.resources {
            let key = key_of(resource);
            let (Some(status), Some(before)) = (statuses.remove(&key), objects.get(&key)) else {
                continue;
            };
            let mut then = (*before).clone();
            status.clone().put(&mut then);
            if resource.metadata().deletion_timestamp.is_some() {
                status.put(resource);
            } else if let Ok(after) = overlay::applied(resource, Some(before), Some(&then)) {
                *resource = after;
                renew(&mut work.references, before, resource);
            }
            known.insert(key);
        }
        known
    }
}

/// Puts a value that was never written where an object names another Secret than before and nobody
/// sees what is in it: it is not the one that the tenant holds.
fn renew(references: &mut References, before: &Resource, after: &Resource) {
    let (Resource::PhoneProvider(before), Resource::PhoneProvider(provider)) = (before, after)
    else {
        return;
    };
    if !references.secrets_elsewhere || secrets_of(before) == secrets_of(provider) {
        return;
    }
    let namespace = key_of(after).namespace;
    for (_, reference) in after.secret_refs() {
        let place = (namespace.clone(), reference.name.clone());
        let data = references.secrets.entry(place).or_default();
        data.entry(reference.key.clone())
            .or_insert_with(|| Secret::new("not seen"));
    }
}

/// What a provider takes from Secrets, by what it is for: the order of an Action's secrets means nothing.
fn secrets_of(provider: &PhoneProvider) -> BTreeMap<Option<&str>, &SecretKeyRef> {
    let twilio = provider.spec.twilio.as_ref();
    let token = twilio.and_then(|twilio| twilio.auth_token_secret_ref.as_ref());
    let secrets = provider.spec.own_action();
    let secrets = secrets.and_then(|action| action.secrets.as_ref());
    let secrets = secrets.into_iter().flatten();
    let secrets = secrets.map(|secret| (Some(secret.name.as_str()), &secret.value_from));
    let token = token.into_iter().map(|token| (None, token));
    token.chain(secrets).collect()
}

/// Whether what was set up by this tenant's object is in the tenant that is meant now.
fn is_of(before: &Auth0Tenant, now: &Auth0Tenant) -> bool {
    let place = |tenant: &Auth0Tenant| (tenant.spec.domain.clone(), tenant.spec.endpoint.clone());
    let wrote = before.spec.management_policy == ManagementPolicy::Manage;
    wrote && place(before) == place(now)
}

fn key_of_tenant(work: &TenantWork) -> ObjectKey {
    key_of(&Resource::Auth0Tenant(Box::new(work.tenant.clone())))
}
