//! The simulated tenant: answers the Management API as Auth0 did in the recordings.

pub mod call;
pub mod clock;
mod control;
pub mod fault;
pub mod limit;
pub mod path;
mod scope;
pub mod server;
pub mod state;
pub mod store;
pub mod tenant;
pub mod tls;
pub mod token;
