//! The simulated tenant: answers the Management API as Auth0 did in the recordings.
//!
//! [`store::Store`] is the engine: state, request and time in, answer out. [`tenant`] adds faults,
//! rate limits and a call log and offers the same port as the HTTP client; [`server`] puts all of
//! it behind HTTP for other people's clients.

pub mod actions;
mod answer;
mod attack_protection;
pub mod call;
mod clients;
pub mod clock;
mod connections;
mod control;
pub mod fault;
pub mod flow;
mod guardian;
mod id;
pub mod limit;
pub mod outbox;
mod page;
pub mod path;
mod providers;
mod scope;
pub mod server;
mod settings;
pub mod state;
pub mod store;
mod templates;
pub mod tenant;
pub mod tls;
pub mod token;
mod validate;
