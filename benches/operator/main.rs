//! What the operator costs, on a real API server and with simulated tenants.
//!
//! `cargo bench --bench operator -- memory`, `latency` or `reads`; all of them where none is named.
//! The results go to standard output as tables, what happens meanwhile to standard error.
//! `docs/operations.md` says what was found.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark that cannot go on has failed, and prints what it finds"
)]

#[path = "../../tests/cluster/crowd.rs"]
mod crowd;
#[path = "../../tests/cluster/operator.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod operator;
#[path = "../../tests/cluster/rig.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod rig;
#[path = "../../tests/cluster/simulator.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod simulator;
#[path = "../../tests/support/support.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod support;

mod fleet;
mod latency;
mod memory;
mod process;
mod reads;

use std::time::Instant;

#[tokio::main]
async fn main() {
    // `cargo bench` adds a flag of its own.
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|it| it == name);
    if let Some(unknown) = named.iter().find(|name| !NAMES.contains(&name.as_str())) {
        panic!("there is no {unknown}: give some of {NAMES:?}");
    }
    if wanted("memory") {
        memory::run().await;
    }
    if wanted("latency") {
        latency::run().await;
    }
    if wanted("reads") {
        reads::run().await;
    }
}

const NAMES: [&str; 3] = ["memory", "latency", "reads"];

/// Says on standard error what is being done, and when since `start`.
fn tell(start: Instant, what: &str) {
    eprintln!("{:>6.1} s  {what}", start.elapsed().as_secs_f64());
}
