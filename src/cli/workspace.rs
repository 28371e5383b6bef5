//! The objects of a run: manifests read and checked, each with the status it had, by tenant.

use std::collections::BTreeMap;

use crate::api::{Auth0Tenant, Reason, Resource};
use crate::manifest::{Diagnostic, Manifests, Severity};
use crate::phone::action::ObjectKey;
use crate::phone::desire::{References, desire, key_of, tenant_of};
use crate::phone::desired::Desired;
use crate::phone::observed::Observed;
use crate::phone::plan::Plan;
use crate::phone::policy::Policy;
use crate::phone::report::{Report, Status, Statuses};
use crate::phone::succession::plans;

use super::failure::CliError;
use super::record::{Record, RecordError};

/// All tenants of a set of manifests.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The tenants, by key.
    pub tenants: BTreeMap<ObjectKey, TenantWork>,
    /// What the manifests hold that objects refer to, also where no tenant is left among them.
    pub references: References,
}

/// One tenant and the objects that name it.
#[derive(Clone, Debug)]
pub struct TenantWork {
    /// The tenant.
    pub tenant: Auth0Tenant,
    /// The tenant and its objects.
    pub resources: Vec<Resource>,
    /// What they refer to.
    pub references: References,
}

impl Workspace {
    /// Sorts objects by tenant and gives each the status it had.
    pub fn new(manifests: Manifests, record: &mut Record) -> Self {
        let mut by_tenant: BTreeMap<ObjectKey, Vec<Resource>> = BTreeMap::new();
        for object in manifests.objects {
            let mut resource = object.resource;
            record.annotate(&mut resource);
            by_tenant
                .entry(tenant_of(&resource))
                .or_default()
                .push(resource);
        }
        let tenants = by_tenant.into_iter().filter_map(|(key, mut resources)| {
            resources.sort_by_cached_key(key_of);
            let tenant = resources.iter().find_map(|resource| match resource {
                Resource::Auth0Tenant(tenant) => Some((**tenant).clone()),
                _ => None,
            })?;
            let references = manifests.references.clone();
            Some((
                key,
                TenantWork {
                    tenant,
                    resources,
                    references,
                },
            ))
        });
        Self {
            tenants: tenants.collect(),
            references: manifests.references,
        }
    }

    /// Every object, tenants before what is in them.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.tenants.values().flat_map(|work| &work.resources)
    }

    /// The tenant of this name, or the only one.
    ///
    /// # Errors
    ///
    /// [`CliError`] where there is none, or several.
    pub fn chosen(&self, name: Option<&str>) -> Result<(&ObjectKey, &TenantWork), CliError> {
        let is = |key: &ObjectKey, name: &str| match name.split_once('/') {
            Some((namespace, name)) => key.namespace == namespace && key.name == name,
            None => key.name == name,
        };
        let named = |(key, _): &(&ObjectKey, _)| name.is_none_or(|name| is(key, name));
        let mut all = self.tenants.iter().filter(named);
        match (all.next(), all.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(CliError::NoTenantNamed(name.unwrap_or_default().to_owned())),
            (Some((first, _)), Some((second, _))) => Err(CliError::SeveralTenants(
                first.to_string(),
                second.to_string(),
            )),
        }
    }
}

impl TenantWork {
    /// What the objects want together.
    #[must_use]
    pub fn wanted(&self, record: &Record) -> Desired {
        desire(
            &self.tenant,
            &self.resources,
            &self.references,
            record.fingerprint_key(),
        )
    }

    /// What would be done of it, see [`plans`].
    #[must_use]
    pub fn plans(&self, record: &Record, observed: &Observed) -> Vec<Plan> {
        let resources: Vec<&Resource> = self.resources.iter().collect();
        let key = record.fingerprint_key();
        plans(&self.tenant, &resources, &self.references, key, observed)
    }

    /// What is to be done of it: no message is sent of which the next run would not know.
    #[must_use]
    pub fn desired(&self, record: &Record) -> Desired {
        let mut desired = self.wanted(record);
        if !record.lasts() {
            let unsent = desired.messages.iter().filter(|it| it.to.is_some());
            let unsent: Vec<ObjectKey> = unsent.map(|it| it.owner.clone()).collect();
            for message in unsent {
                let why = "not sent, because nobody would remember that and each run would send \
                           it again: keep the state in a file with --state FILE";
                desired.leave_out(&message, Reason::NotRecorded, why);
            }
        }
        desired
    }

    /// How the tenant may be written.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy::of(&self.tenant)
    }

    /// What is known of the objects before a pass.
    #[must_use]
    pub fn statuses(&self) -> Statuses {
        Record::statuses(&self.resources)
    }

    /// Takes over what was recorded before it was done.
    pub fn begin(&mut self, mut begun: BTreeMap<ObjectKey, Status>) {
        for resource in &mut self.resources {
            if let Some(status) = begun.remove(&key_of(resource)) {
                status.put(resource);
            }
        }
    }

    /// Takes over what a pass told.
    ///
    /// # Errors
    ///
    /// [`RecordError`] where it cannot be remembered.
    pub fn take(&mut self, report: &Report, record: &mut Record) -> Result<(), RecordError> {
        record.take(report, &mut self.resources)
    }

    /// The object of this key.
    #[must_use]
    pub fn resource(&self, key: &ObjectKey) -> Option<&Resource> {
        self.resources
            .iter()
            .find(|resource| key_of(resource) == *key)
    }
}

/// Whether it is known of every error which tenant it is about.
#[must_use]
pub fn confined(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .filter(|item| item.severity == Severity::Error)
        .all(|item| item.tenant.is_some())
}

/// Whether manifests can be used: no diagnostic is an error.
#[must_use]
pub fn usable(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .all(|item| item.severity != Severity::Error)
}
