//! From an `Auth0Tenant` to a client of its Management API.

use std::sync::Arc;

use super::client::{Connection, ConnectionError, HttpClient, Timing};
use super::credential::{Algorithm, Credential, CredentialError};
use super::pacer::{Pacer, RateLimit};
use super::token::TokenCache;
use crate::api::{self, Auth0Tenant, duration};
use crate::phone::desire::References;
use crate::phone::secret::Secret;

/// Why a tenant cannot be reached from here.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The object gives no usable credentials.
    #[error("spec.credentials: give exactly one of clientSecret and privateKeyJwt")]
    NoCredentials,
    /// A Secret or a key of it is not there.
    #[error("{field}: {message}")]
    Secret {
        /// The field that names it.
        field: &'static str,
        /// The machine's reason: the Secret is missing, or its key is.
        reason: api::Reason,
        /// For people.
        message: String,
    },
    /// The credential is none.
    #[error("spec.credentials: {0}")]
    Credential(#[from] CredentialError),
    /// The connection cannot be set up.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
}

impl ConnectError {
    /// The machine's reason.
    #[must_use]
    pub const fn reason(&self) -> api::Reason {
        match self {
            Self::Secret { reason, .. } => *reason,
            Self::NoCredentials | Self::Connection(_) => api::Reason::InvalidSpec,
            Self::Credential(_) => api::Reason::AuthenticationFailed,
        }
    }
}

/// Where a tenant is reached.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// Where its object says, or at this endpoint instead.
    Remote(Option<&'a str>),
    /// A simulated tenant at this endpoint.
    Served(&'a str),
}

/// A client of the tenant's Management API, with the credentials that its object names. Nothing is
/// sent yet.
///
/// # Errors
///
/// [`ConnectError`] where credentials or connection cannot be set up.
pub fn connect(
    tenant: &Auth0Tenant,
    references: &References,
    place: Place<'_>,
    tokens: &Arc<TokenCache>,
    pacer: Arc<Pacer>,
) -> Result<HttpClient, ConnectError> {
    let spec = &tenant.spec;
    let (endpoint, simulated) = match place {
        Place::Remote(endpoint) => (endpoint.or(spec.endpoint.as_deref()), false),
        Place::Served(endpoint) => (Some(endpoint), true),
    };
    let ca_bundle = match &spec.ca_bundle_secret_ref {
        Some(reference) if !simulated => {
            let bundle = secret(tenant, references, reference, "spec.caBundleSecretRef")?;
            Some(bundle.expose().as_bytes().to_vec())
        }
        _ => None,
    };
    let timeout = spec.timeout.as_deref().and_then(|text| duration(text).ok());
    let connection = Connection {
        domain: spec.domain.clone(),
        endpoint: endpoint.map(str::to_owned),
        ca_bundle,
        credential: credential(tenant, references)?,
        timing: timeout.map_or_else(Timing::default, Timing::from_timeout),
    };
    Ok(HttpClient::new(connection, Arc::clone(tokens), pacer)?)
}

fn secret<'a>(
    tenant: &Auth0Tenant,
    references: &'a References,
    reference: &api::SecretKeyRef,
    field: &'static str,
) -> Result<&'a Secret, ConnectError> {
    let namespace = tenant.metadata.namespace.as_deref().unwrap_or("default");
    references
        .secret(namespace, reference)
        .map_err(|(reason, message)| ConnectError::Secret {
            field,
            reason,
            message,
        })
}

fn credential(tenant: &Auth0Tenant, references: &References) -> Result<Credential, ConnectError> {
    let credentials = &tenant.spec.credentials;
    let read = |reference| secret(tenant, references, reference, "spec.credentials").cloned();
    match (&credentials.client_secret, &credentials.private_key_jwt) {
        (Some(way), None) => Ok(Credential::client_secret(
            way.client_id.clone(),
            read(&way.secret_ref)?,
        )?),
        (None, Some(way)) => {
            let algorithm = match way.algorithm {
                api::Algorithm::RS256 => Algorithm::Rs256,
                api::Algorithm::RS384 => Algorithm::Rs384,
                api::Algorithm::PS256 => Algorithm::Ps256,
            };
            let pem = read(&way.secret_ref)?;
            let id = way.client_id.clone();
            Ok(Credential::private_key_jwt(
                id,
                pem,
                algorithm,
                way.key_id.clone(),
            )?)
        }
        _ => Err(ConnectError::NoCredentials),
    }
}

/// How fast a tenant may be called, as its object says; `otherwise` where it says nothing.
#[must_use]
pub fn rate_limit(tenant: &Auth0Tenant, otherwise: RateLimit) -> RateLimit {
    let Some(wanted) = &tenant.spec.rate_limit else {
        return otherwise;
    };
    let default = RateLimit::default();
    let per_second = wanted
        .requests_per_second
        .map_or(default.per_second(), f64::from);
    let burst = wanted.burst.and_then(|burst| u32::try_from(burst).ok());
    RateLimit::new(per_second, burst.unwrap_or(default.burst()))
}
