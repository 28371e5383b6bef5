//! The definitions, the examples and what tests stand on, in a real API server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/support.rs"]
mod support;

mod audit;
mod collection;
mod columns;
mod definitions;
mod examples;
mod letting_go;
mod restart;
mod rules;
mod status_rules;
mod tokens;

use serde_json::{Value, json};

/// A tenant object as users write it.
fn tenant(name: &str) -> Value {
    json!({
        "apiVersion": dialtone::api::API_VERSION,
        "kind": "Auth0Tenant",
        "metadata": {"name": name},
        "spec": {
            "domain": "acme.eu.auth0.com",
            "credentials": {"clientSecret": {
                "clientId": "example-client-id",
                "secretRef": {"name": "auth0-management", "key": "clientSecret"},
            }},
        },
    })
}

/// A provider object as users write it.
fn provider(name: &str) -> Value {
    json!({
        "apiVersion": dialtone::api::API_VERSION,
        "kind": "PhoneProvider",
        "metadata": {"name": name},
        "spec": {
            "tenantRef": {"name": "acme"},
            "deliveryMethods": ["Text", "Voice"],
            "twilio": {
                "accountSid": "AC00000000000000000000000000000000",
                "from": "+15550100",
                "authTokenSecretRef": {"name": "twilio", "key": "authToken"},
            },
        },
    })
}
