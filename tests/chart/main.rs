//! The Helm chart: what it renders, and what a real API server makes of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

mod agreement;
mod definitions;
mod golden;
mod helm;
mod render;
mod schema;
mod selectors;
mod server;
