//! The operator on a real API server, as a process under the shipped roles.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

mod access;
mod adoption;
mod converge;
mod crash;
mod crowd;
mod custom;
mod deletion;
mod identifiers;
mod messages;
mod observe;
mod operator;
mod refusals;
mod replicas;
mod restart;
mod rig;
mod rotation;
mod scale;
mod shutdown;
mod simulator;
mod templates;
mod tenants;
mod warnings;
