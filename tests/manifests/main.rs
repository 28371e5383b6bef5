//! Manifests as they are read, and what people are told about them.

mod bad_input;
mod golden;
mod kubectl;
mod properties;
mod templates;
mod tenants;

use dialtone::manifest::{Diagnostic, Manifests, Options, Severity, read_text, render};

/// A tenant with its Secret, which everything else may name.
pub(crate) const TENANT: &str = "\
apiVersion: dialtone.dev/v1alpha1
kind: Auth0Tenant
metadata: {name: acme}
spec:
  domain: acme.eu.auth0.com
  credentials: {clientSecret: {clientId: c, secretRef: {name: keys, key: clientSecret}}}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {clientSecret: PLANTED-1, authToken: PLANTED-2}
";

/// A phone provider of the tenant.
pub(crate) const PROVIDER: &str = "\
apiVersion: dialtone.dev/v1alpha1
kind: PhoneProvider
metadata: {name: twilio}
spec:
  tenantRef: {name: acme}
  deliveryMethods: [Text, Voice]
  twilio:
    accountSid: AC00000000000000000000000000000000
    from: \"+15550100\"
    authTokenSecretRef: {name: keys, key: authToken}
";

/// Reads one text as `phone.yaml`.
pub(crate) fn read(text: &str) -> (Manifests, Vec<Diagnostic>) {
    read_text("phone.yaml", text, &Options::default())
}

/// Documents as one stream.
pub(crate) fn stream(documents: &[&str]) -> String {
    documents.join("---\n")
}

/// What people see of a text, with the tenant before it.
pub(crate) fn told(text: &str) -> String {
    told_of(&[TENANT, text])
}

/// What people see of a stream of documents.
pub(crate) fn told_of(documents: &[&str]) -> String {
    let (_, found) = read(&stream(documents));
    render(&found, false)
}

/// The messages of all errors.
pub(crate) fn errors(found: &[Diagnostic]) -> Vec<&str> {
    let errors = found.iter().filter(|item| item.severity == Severity::Error);
    errors.map(|item| item.message.as_str()).collect()
}
