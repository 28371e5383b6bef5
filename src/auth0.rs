//! The Auth0 Management API: the port [`tenant::Tenant`], its wire format and its HTTP client.

pub mod announce;
pub mod client;
pub mod clock;
pub mod connect;
pub mod credential;
pub mod error;
pub mod exchange;
mod failure;
pub mod pacer;
pub mod pass;
pub mod random;
pub mod retry;
pub mod snapshot;
pub mod tenant;
pub mod token;
mod wire;
