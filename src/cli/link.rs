//! How the command line reaches a tenant: over HTTP, or a simulated one in this process.

use std::sync::Arc;

use crate::api::{self, Auth0Tenant, duration};
use crate::auth0::client::{Connection, ConnectionError, HttpClient, Timing};
use crate::auth0::credential::{Algorithm, Credential, CredentialError};
use crate::auth0::pacer::{Pacer, RateLimit};
use crate::auth0::tenant::{ManagementApi, Tenant};
use crate::auth0::token::TokenCache;
use crate::phone::action::{Applied, Change};
use crate::phone::desire::References;
use crate::phone::desired::Scope;
use crate::phone::observed::Observed;
use crate::phone::outcome::Failure;
use crate::phone::secret::Secret;
use crate::sim::tenant::SimulatedTenant;

/// Calls a second to a simulated tenant whose object sets no limit: there is nobody to spare.
const SIMULATED: (f64, u32) = (1000.0, 100);

/// Why a tenant cannot be reached from here.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The object gives no usable credentials.
    #[error("spec.credentials: give exactly one of clientSecret and privateKeyJwt")]
    NoCredentials,
    /// A Secret or a key of it is not there.
    #[error("spec.credentials: {0}")]
    Secret(String),
    /// The credential is none.
    #[error("spec.credentials: {0}")]
    Credential(#[from] CredentialError),
    /// The connection cannot be set up.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
}

/// Where a tenant is.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// Where its object says, or at this endpoint instead.
    Remote(Option<&'a str>),
    /// A simulated tenant at this endpoint.
    Served(&'a str),
}

/// A tenant to read and write.
pub enum Link {
    /// Over HTTP.
    Http(Box<ManagementApi<HttpClient>>),
    /// In this process.
    Memory(ManagementApi<SimulatedTenant>),
}

impl Link {
    /// Over HTTP, with the credentials that the object names.
    ///
    /// # Errors
    ///
    /// [`LinkError`] where credentials or connection cannot be set up. Nothing is sent yet.
    pub fn http(
        tenant: &Auth0Tenant,
        references: &References,
        place: Place<'_>,
        tokens: &Arc<TokenCache>,
    ) -> Result<Self, LinkError> {
        let namespace = tenant.metadata.namespace.as_deref().unwrap_or("default");
        let secret = |reference: &api::SecretKeyRef| -> Result<Secret, LinkError> {
            let found = references.secret(namespace, reference);
            found
                .cloned()
                .map_err(|(_, message)| LinkError::Secret(message))
        };
        let spec = &tenant.spec;
        let (endpoint, simulated) = match place {
            Place::Remote(endpoint) => (endpoint.or(spec.endpoint.as_deref()), false),
            Place::Served(endpoint) => (Some(endpoint), true),
        };
        let ca_bundle = match &spec.ca_bundle_secret_ref {
            Some(reference) if !simulated => Some(secret(reference)?.expose().as_bytes().to_vec()),
            _ => None,
        };
        let timeout = spec.timeout.as_deref().and_then(|text| duration(text).ok());
        let connection = Connection {
            domain: spec.domain.clone(),
            endpoint: endpoint.map(str::to_owned),
            ca_bundle,
            credential: credential(tenant, secret)?,
            timing: timeout.map_or_else(Timing::default, Timing::from_timeout),
        };
        let pacer = Arc::new(Pacer::new(rate_limit(tenant, simulated)));
        let client = HttpClient::new(connection, Arc::clone(tokens), pacer)?;
        Ok(Self::Http(Box::new(ManagementApi::new(client))))
    }

    /// A simulated tenant in this process.
    #[must_use]
    pub const fn memory(tenant: SimulatedTenant) -> Self {
        Self::Memory(ManagementApi::new(tenant))
    }
}

fn credential(
    tenant: &Auth0Tenant,
    secret: impl Fn(&api::SecretKeyRef) -> Result<Secret, LinkError>,
) -> Result<Credential, LinkError> {
    let credentials = &tenant.spec.credentials;
    match (&credentials.client_secret, &credentials.private_key_jwt) {
        (Some(way), None) => Ok(Credential::client_secret(
            way.client_id.clone(),
            secret(&way.secret_ref)?,
        )?),
        (None, Some(way)) => {
            let algorithm = match way.algorithm {
                api::Algorithm::RS256 => Algorithm::Rs256,
                api::Algorithm::RS384 => Algorithm::Rs384,
                api::Algorithm::PS256 => Algorithm::Ps256,
            };
            let pem = secret(&way.secret_ref)?;
            let id = way.client_id.clone();
            Ok(Credential::private_key_jwt(
                id,
                pem,
                algorithm,
                way.key_id.clone(),
            )?)
        }
        _ => Err(LinkError::NoCredentials),
    }
}

fn rate_limit(tenant: &Auth0Tenant, simulated: bool) -> RateLimit {
    let default = RateLimit::default();
    let Some(wanted) = &tenant.spec.rate_limit else {
        return if simulated {
            RateLimit::new(SIMULATED.0, SIMULATED.1)
        } else {
            default
        };
    };
    let per_second = wanted
        .requests_per_second
        .map_or(default.per_second(), f64::from);
    let burst = wanted.burst.and_then(|burst| u32::try_from(burst).ok());
    RateLimit::new(per_second, burst.unwrap_or(default.burst()))
}

impl Tenant for Link {
    async fn snapshot(&self, scope: Scope) -> Result<Observed, Failure> {
        match self {
            Self::Http(api) => api.snapshot(scope).await,
            Self::Memory(api) => api.snapshot(scope).await,
        }
    }

    async fn apply(&self, change: &Change, observed: &Observed) -> Result<Applied, Failure> {
        match self {
            Self::Http(api) => api.apply(change, observed).await,
            Self::Memory(api) => api.apply(change, observed).await,
        }
    }
}
