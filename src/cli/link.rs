//! How the command line reaches a tenant: over HTTP, or a simulated one in this process.

use std::sync::Arc;

use crate::api::Auth0Tenant;
use crate::auth0::client::HttpClient;
use crate::auth0::connect::{ConnectError, Place, connect, rate_limit};
use crate::auth0::pacer::{Pacer, RateLimit};
use crate::auth0::tenant::{ManagementApi, Tenant};
use crate::auth0::token::TokenCache;
use crate::phone::action::{Applied, Change};
use crate::phone::desire::References;
use crate::phone::desired::Scope;
use crate::phone::export::Legacy;
use crate::phone::observed::Observed;
use crate::phone::outcome::Failure;
use crate::sim::tenant::SimulatedTenant;

/// Calls a second to a simulated tenant whose object sets no limit: there is nobody to spare.
const SIMULATED: (f64, u32) = (1000.0, 100);

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
    /// [`ConnectError`] where credentials or connection cannot be set up. Nothing is sent yet.
    pub fn http(
        tenant: &Auth0Tenant,
        references: &References,
        place: Place<'_>,
        tokens: &Arc<TokenCache>,
    ) -> Result<Self, ConnectError> {
        let otherwise = match place {
            Place::Remote(_) => RateLimit::default(),
            Place::Served(_) => RateLimit::new(SIMULATED.0, SIMULATED.1),
        };
        let pacer = Arc::new(Pacer::new(rate_limit(tenant, otherwise)));
        let client = connect(tenant, references, place, tokens, pacer)?;
        Ok(Self::Http(Box::new(ManagementApi::new(client))))
    }

    /// A simulated tenant in this process.
    #[must_use]
    pub const fn memory(tenant: SimulatedTenant) -> Self {
        Self::Memory(ManagementApi::new(tenant))
    }
}

impl Link {
    /// The phone settings of MFA from before the unified phone experience, where Auth0 shows them.
    ///
    /// # Errors
    ///
    /// A failure that passes, such as no answer.
    pub async fn legacy(&self) -> Result<Option<Legacy>, Failure> {
        match self {
            Self::Http(api) => api.legacy().await,
            Self::Memory(api) => api.legacy().await,
        }
    }
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
