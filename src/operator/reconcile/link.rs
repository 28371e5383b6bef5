//! The way to a tenant, and what it was made from.

use std::sync::Arc;

use crate::api::{Auth0Tenant, Credentials, Resource};
use crate::auth0::client::HttpClient;
use crate::auth0::connect::{ConnectError, Place, connect};
use crate::auth0::pacer::Pacer;
use crate::auth0::tenant::ManagementApi;
use crate::operator::worker::Shared;
use crate::phone::desire::{References, key_of};
use crate::phone::secret::Fingerprint;

/// A client of a tenant's Management API.
pub(super) struct Link {
    /// What it was made from.
    pub(super) origin: Origin,
    /// The client.
    pub(super) api: Arc<ManagementApi<HttpClient>>,
}

/// All that a client is made from: where this changes, the client is made anew.
#[derive(PartialEq)]
pub(super) struct Origin {
    domain: String,
    endpoint: Option<String>,
    timeout: Option<String>,
    credentials: Credentials,
    /// Fingerprints of what the Secrets that the tenant names hold.
    values: Vec<Option<Fingerprint>>,
}

impl Origin {
    /// What a client of this tenant would be made from now.
    pub(super) fn of(shared: &Shared, tenant: &Auth0Tenant, references: &References) -> Self {
        let spec = &tenant.spec;
        let resource = Resource::Auth0Tenant(Box::new(tenant.clone()));
        let namespace = key_of(&resource).namespace;
        let own = resource.secret_refs().into_iter();
        let values = own.map(|(field, reference)| {
            let value = references.secret(&namespace, reference).ok()?;
            Some(shared.fingerprints.fingerprint(&field, value))
        });
        Self {
            domain: spec.domain.clone(),
            endpoint: spec.endpoint.clone(),
            timeout: spec.timeout.clone(),
            credentials: spec.credentials.clone(),
            values: values.collect(),
        }
    }
}

/// A client that asks the fence before each write and is counted.
pub(super) fn reach(
    shared: &Shared,
    tenant: &Auth0Tenant,
    references: &References,
    pacer: Arc<Pacer>,
) -> Result<ManagementApi<HttpClient>, ConnectError> {
    let place = Place::Remote(shared.settings.endpoint.as_deref());
    let client = connect(tenant, references, place, &shared.tokens, pacer)?;
    let key = key_of(&Resource::Auth0Tenant(Box::new(tenant.clone())));
    // A simulated tenant notes who calls; Auth0 has no use for it.
    let term = shared.fence.term();
    let client = client
        .with_term(term.filter(|_| shared.settings.endpoint.is_some()))
        .with_fence(Arc::clone(&shared.fence))
        .with_observer(shared.cluster.metrics().tenant(&key));
    Ok(ManagementApi::new(client))
}
