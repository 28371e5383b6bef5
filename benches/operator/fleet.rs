//! Many tenants: a simulator process and an `Auth0Tenant` for each.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::crowd;
use crate::simulator::Simulator;

/// Where Linux distributions keep the certificates that they trust.
const PLATFORM: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Simulated tenants, each in a process of its own.
pub struct Fleet {
    simulators: Vec<Simulator>,
    trusted: PathBuf,
}

impl Fleet {
    /// So many tenants that are reached by HTTPS, as Auth0 is; `folder` keeps their authority.
    pub fn start(folder: &Path, count: usize) -> Self {
        let tls = folder.join("simulators").display().to_string();
        let simulator = |number| Simulator::of(&domain(number), &["--tls", &tls]);
        let simulators = (0..count).map(simulator).collect();
        // Trusted like Auth0's: as one authority among those of the platform.
        let mut trusted = fs::read_to_string(PLATFORM).unwrap_or_default();
        trusted += &fs::read_to_string(Path::new(&tls).join("ca.pem")).unwrap();
        let file = folder.join("trusted.pem");
        fs::write(&file, trusted).unwrap();
        Self {
            simulators,
            trusted: file,
        }
    }

    /// The file of certificates by which the tenants are trusted.
    pub fn trusted(&self) -> &Path {
        &self.trusted
    }

    /// The objects of every tenant, of which each has `each`: the `Auth0Tenant`, a provider, and
    /// connections.
    pub fn objects(&self, each: std::ops::Range<usize>) -> Vec<Value> {
        let tenants = self.simulators.iter().enumerate();
        let objects = tenants.flat_map(|(number, simulator)| {
            each.clone().map(move |place| match place {
                0 => tenant(number, simulator.url()),
                1 => provider(number),
                _ => crowd::connection(&name(number), place),
            })
        });
        objects.collect()
    }
}

/// The Secret that all tenants and providers name.
pub fn credentials() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "credentials"},
        "stringData": {"clientSecret": "example-secret", "authToken": "example-token"},
    })
}

fn name(number: usize) -> String {
    format!("tenant-{number}")
}

fn domain(number: usize) -> String {
    format!("tenant-{number}.eu.auth0.com")
}

fn tenant(number: usize, url: &str) -> Value {
    json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "Auth0Tenant",
        "metadata": {"name": name(number)},
        "spec": {
            "domain": domain(number),
            "endpoint": url,
            "credentials": {"clientSecret": {
                "clientId": "example-client-id",
                "secretRef": {"name": "credentials", "key": "clientSecret"},
            }},
            // Simulators have no limit, and nobody is to wait for one here.
            "rateLimit": {"requestsPerSecond": 200, "burst": 1000},
        },
    })
}

fn provider(number: usize) -> Value {
    json!({
        "apiVersion": "dialtone.dev/v1alpha1",
        "kind": "PhoneProvider",
        "metadata": {"name": name(number)},
        "spec": {
            "tenantRef": {"name": name(number)},
            "deliveryMethods": ["Text", "Voice"],
            "twilio": {
                "accountSid": "AC00000000000000000000000000000000",
                "from": "+15550100",
                "authTokenSecretRef": {"name": "credentials", "key": "authToken"},
            },
        },
    })
}
