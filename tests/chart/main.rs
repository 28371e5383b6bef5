//! The Helm chart: what it renders, what a real API server makes of it, and the operator under what
//! it installs.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

#[path = "../cluster/operator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod operator;
#[path = "../cluster/rig.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod rig;
#[path = "../cluster/simulator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod simulator;

mod agreement;
mod alerts;
mod confined;
mod dashboard;
mod definitions;
mod exposition;
mod golden;
mod helm;
mod lifecycle;
mod pages;
mod release;
mod render;
mod schema;
mod selectors;
mod server;
mod told;
