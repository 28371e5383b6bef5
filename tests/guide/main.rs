//! The guide as a newcomer reads it: every command on its pages is run as it is written, in a shell, with
//! a real API server, a simulated tenant in place of Auth0, and the operator that the pages start.
//!
//! `exceptions.rs` lists the commands that are not run, each with the reason.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../docs/fences.rs"]
mod fences;
#[path = "../docs/pages.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod pages;
#[path = "../cluster/simulator.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod simulator;
#[path = "../support/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

mod commands;
mod exceptions;
mod reader;
mod sittings;
