//! What a replica of the operator is made of: leadership, metrics, probes, logs, traces.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

#[path = "../support/captured.rs"]
mod captured;

mod api_server;
mod leader;
mod metrics;
mod serve;
mod trace;
