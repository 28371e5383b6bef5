//! The simulated tenant: answers the Management API as Auth0 did in the recordings.

mod actions;
mod answer;
mod attack_protection;
mod clients;
mod connections;
pub mod flow;
mod guardian;
mod id;
pub mod outbox;
mod page;
mod providers;
mod settings;
pub mod store;
mod templates;
mod validate;
