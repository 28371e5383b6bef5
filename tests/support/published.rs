//! Auth0's published description of the Management API, which lies beside the checkout.

use std::path::PathBuf;

use serde_json::Value;

/// Reads the description; where there is none, says so.
#[expect(clippy::print_stderr, reason = "a test that is not run says so")]
pub fn read() -> Option<Value> {
    let shared = std::env::var("DIALTONE_SHARED").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    let path = shared.join("reference/management-api.openapi.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "not run: there is no {} (set DIALTONE_SHARED)",
            path.display()
        );
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}
