//! What Argo CD and Flux make of our objects, by their own libraries.
//!
//! The libraries are Go: `tests/control-plane/gitops` asks them what the tests ask it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

/// A tenant in memory, its objects, and passes over both.
#[path = "../laws"]
mod laws {
    #[expect(dead_code, reason = "other tests use the rest of it")]
    pub mod rig;
}

#[path = "../cluster/operator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod operator;
#[path = "../cluster/rig.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod rig;
#[path = "../cluster/simulator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod simulator;

mod actions;
mod argo;
mod braces;
mod examples;
mod flux;
mod golden;
mod health;
mod libraries;
