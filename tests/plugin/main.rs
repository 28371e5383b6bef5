//! The plugin of kubectl, called by kubectl itself, on a real API server with an operator that runs.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../cluster/operator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod operator;
#[path = "../cluster/rig.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod rig;
#[path = "../cluster/simulator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod simulator;
#[path = "../support/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

mod acts;
mod definitions;
mod messages;
mod plan;
mod plugin;
mod proxy;
mod removed;
mod rights;
mod status;
