//! The operator: keeps tenants as the objects of a cluster say.
//!
//! Watches fill a [`registry::Registry`], which tells whom a change concerns; each tenant has one
//! worker, which makes one pass at a time. Only the replica that holds the Lease watches and works.

pub mod cluster;
pub mod crew;
pub mod dereference;
pub mod finalize;
pub mod leader;
pub mod logging;
pub mod metrics;
pub mod reconcile;
pub mod registry;
pub mod serve;
pub mod shard;
pub mod trace;
pub mod watch;
pub mod way;
pub mod worker;
