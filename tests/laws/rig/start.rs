//! What rigs start from, and what of a tenant is compared.

use dialtone::sim::store::Store;
use serde_json::{Value, json};

/// Hides the values of these keys, wherever they are.
pub(crate) fn blank(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if keys.contains(&key.as_str()) {
                    *value = json!("…");
                } else {
                    blank(value, keys);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blank(item, keys)),
        _ => {}
    }
}

/// The manifests of the quickstart, the example that everybody starts from.
pub(crate) fn quickstart() -> String {
    let read = |name: &str| {
        let path = format!("{}/examples/quickstart/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    format!("{}---\n{}", read("tenant.yaml"), read("phone.yaml"))
}

/// A store with the applications that the quickstart names.
pub(crate) fn store_with_applications() -> Store {
    let mut store = Store::new("acme.eu.auth0.com");
    for name in ["web", "ios", "android"] {
        store.seed_client(name);
    }
    store
}
