//! How a simulated tenant starts.

use crate::sim::clock::Clock;
use crate::sim::limit::{RateError, Rates};
use crate::sim::state::{StateError, StateFile};

/// How a tenant starts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The tenant's domain, as in `acme.eu.auth0.com`. Where absent: the one in the state file, or
    /// else [`DEFAULT_DOMAIN`].
    pub domain: Option<String>,
    /// Names of applications that it has from the start.
    pub clients: Vec<String>,
    /// Names of database connections that it has from the start.
    pub databases: Vec<String>,
    /// Its rate limits; none by default.
    pub rates: Rates,
    /// The time it goes by.
    pub clock: Clock,
    /// Where it is kept. What the file holds is taken up, and applications are added where none
    /// has the name.
    pub state: Option<StateFile>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            domain: None,
            clients: Vec::new(),
            databases: Vec::new(),
            rates: Rates::default(),
            clock: Clock::System,
            state: None,
        }
    }
}

/// Why a simulated tenant cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The state file holds another tenant than the one asked for.
    #[error("the state file holds the tenant {found}, not {wanted}")]
    Domain {
        /// The domain asked for.
        wanted: String,
        /// The domain in the file.
        found: String,
    },
    /// The rate limits make no sense.
    #[error(transparent)]
    Rate(#[from] RateError),
}
