//! etcd's JSON gateway: for what the API server does on its own only every five minutes.

use reqwest::Client;
use serde_json::{Value, json};

/// Compacts the history up to now, and gives the revision that is the oldest one from now on.
///
/// A server that was running keeps the versions that its watch cache has; one that is started after
/// it answers a watch from an older version with 410 Gone.
pub async fn compact(port: u16) -> i64 {
    // Another test of this process may have installed it already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = Client::builder().no_proxy().build().unwrap();
    let send = async |path: &str, body: Value| -> Value {
        let url = format!("http://127.0.0.1:{port}/v3/kv/{path}");
        let answer = client.post(url).json(&body).send().await.unwrap();
        let answer = answer.error_for_status().unwrap();
        answer.json().await.unwrap()
    };
    // The key is "a" in base64: any key will do, as each answer tells the revision.
    let range = send("range", json!({"key": "YQ=="})).await;
    let revision = range["header"]["revision"].as_str().unwrap().to_owned();
    send(
        "compaction",
        json!({"revision": revision, "physical": true}),
    )
    .await;
    revision.parse().unwrap()
}
