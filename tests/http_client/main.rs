//! The HTTP client against a small server of this test's own.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

#[path = "../support/captured.rs"]
mod captured;

mod authentication;
mod failure;
mod hooks;
mod logging;
mod pacing;
mod support;
mod tls;
