//! `Auth0Tenant`: a tenant, how it is reached, and who may use it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::{DURATION_PATTERN, DriftMode, ManagementPolicy};
use super::reference::SecretKeyRef;

/// A tenant of Auth0, how it is reached, how fast it may be called and who may use it.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "Auth0Tenant",
    plural = "auth0tenants",
    namespaced,
    category = "dialtone",
    shortname = "a0t",
    status = "Auth0TenantStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "A tenant of Auth0, how it is reached, how fast it may be called and who may use it.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether the tenant is as the object says"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Domain", "type": "string", "jsonPath": ".spec.domain", "description": "The tenant's domain"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[x_kube(validation = Rule::new("!has(self.interval) || duration(self.interval) >= duration('10s')").message("interval must be at least 10s").field_path(".interval"))]
#[x_kube(validation = Rule::new("!has(self.retryInterval) || duration(self.retryInterval) >= duration('1s')").message("retryInterval must be at least 1s").field_path(".retryInterval"))]
#[x_kube(validation = Rule::new("!has(self.timeout) || duration(self.timeout) >= duration('1s')").message("timeout must be at least 1s").field_path(".timeout"))]
#[serde(rename_all = "camelCase")]
pub struct Auth0TenantSpec {
    /// The tenant's own domain, such as `acme.eu.auth0.com`. Not a custom domain: tokens for the
    /// Management API are issued for this one.
    #[schemars(
        length(min = 1, max = 253),
        regex(
            pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$"
        )
    )]
    pub domain: String,
    /// How Dialtone signs in to the Management API, as a machine-to-machine application that is
    /// authorized for it: exactly one of clientSecret and privateKeyJwt.
    pub credentials: Credentials,
    /// The URL at which the domain is reached, where that is not `https://` and the domain: a
    /// custom domain, or a simulated tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 8, max = 2048),
        regex(pattern = r"^https?://[^\s/?#]+/?$")
    )]
    pub endpoint: Option<String>,
    /// Certificates of authorities, in PEM, that the endpoint is trusted by, beside the system's.
    /// Only the system's where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_bundle_secret_ref: Option<SecretKeyRef>,
    /// How fast the Management API may be called. The tenant's other tools share Auth0's limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Time between two checks of the tenant while nothing changes, such as `10m`: at least 10 s;
    /// units ms, s, m and h. Ten minutes where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 32), regex(pattern = DURATION_PATTERN))]
    pub interval: Option<String>,
    /// Time until the first new attempt after a failure that passes, such as `15s`; it doubles
    /// with each further failure, up to the interval. Fifteen seconds where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 32), regex(pattern = DURATION_PATTERN))]
    pub retry_interval: Option<String>,
    /// Time allowed for one call of the Management API, such as `30s`. Thirty seconds where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 32), regex(pattern = DURATION_PATTERN))]
    pub timeout: Option<String>,
    /// Leave the tenant alone: neither read nor write it. Objects can still be deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspend: bool,
    /// Manage keeps the tenant as the objects say. Observe reads, plans and reports, and writes
    /// nothing.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    /// What to do when somebody else changed the tenant. It is set right where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// Whether Dialtone may turn on the unified phone experience of a tenant that does not have it
    /// yet (Auth0: Settings > Advanced, `phone_consolidated_experience`). Require waits until it is
    /// on, Enable turns it on. It is never turned off.
    #[serde(default)]
    pub unified_phone_experience: UnifiedPhoneExperience,
    /// Namespaces whose objects may name this tenant. Only its own where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = ("!has(self.selector) || (has(self.from) && self.from == 'Selector')", "selector is only read where from is Selector"))]
    #[x_kube(validation = ("!has(self.from) || self.from != 'Selector' || has(self.selector)", "from: Selector needs a selector"))]
    pub allowed_namespaces: Option<AllowedNamespaces>,
}

impl Auth0TenantSpec {
    /// The Secrets that it names, each with the JSON pointer of the field.
    pub(super) fn secret_refs(&self) -> Vec<(String, &SecretKeyRef)> {
        let by_secret = self.credentials.client_secret.as_ref();
        let by_key = self.credentials.private_key_jwt.as_ref();
        let refs = [
            (
                "/spec/credentials/clientSecret/secretRef",
                by_secret.map(|way| &way.secret_ref),
            ),
            (
                "/spec/credentials/privateKeyJwt/secretRef",
                by_key.map(|way| &way.secret_ref),
            ),
            (
                "/spec/caBundleSecretRef",
                self.ca_bundle_secret_ref.as_ref(),
            ),
        ];
        let present =
            |(pointer, reference): (&str, Option<_>)| Some((pointer.to_owned(), reference?));
        refs.into_iter().filter_map(present).collect()
    }
}

/// How Dialtone signs in: exactly one of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = ("has(self.clientSecret) != has(self.privateKeyJwt)", "give exactly one of clientSecret and privateKeyJwt"))]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// Client credentials with a client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ClientSecret>,
    /// Client credentials with a signed assertion (private key JWT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_jwt: Option<PrivateKeyJwt>,
}

impl Credentials {
    /// Takes another application for the one that is named.
    pub fn sign_in_as(&mut self, client_id: &str) {
        if let Some(secret) = &mut self.client_secret {
            client_id.clone_into(&mut secret.client_id);
        }
        if let Some(key) = &mut self.private_key_jwt {
            client_id.clone_into(&mut key.client_id);
        }
    }
}

/// A machine-to-machine application and its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecret {
    /// Client id of the machine-to-machine application.
    #[schemars(length(min = 1, max = 255))]
    pub client_id: String,
    /// Where its client secret is.
    pub secret_ref: SecretKeyRef,
}

/// A machine-to-machine application and the private key registered with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateKeyJwt {
    /// Client id of the machine-to-machine application.
    #[schemars(length(min = 1, max = 255))]
    pub client_id: String,
    /// Where its private key is, in PEM.
    pub secret_ref: SecretKeyRef,
    /// The algorithm that the credential is registered with in Auth0.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// The key's id, which lets Auth0 choose among several credentials. Auth0 tries them all where
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub key_id: Option<String>,
}

/// The signature algorithms that Auth0 accepts for assertions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    #[default]
    RS256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RS384,
    /// RSA-PSS with SHA-256.
    PS256,
}

/// How fast the Management API may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Calls a second, in the long run. Two where absent, which every plan allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub requests_per_second: Option<i32>,
    /// Calls that may be made at once after a quiet time. Ten where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub burst: Option<i32>,
}

/// What to do with drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// Correct sets the tenant right. Warn leaves it and reports. Ignore leaves it and stays ready.
    #[serde(default)]
    pub mode: DriftMode,
}

/// Whether the tenant flag may be turned on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UnifiedPhoneExperience {
    /// It must be on already; objects that need it wait and say so.
    #[default]
    Require,
    /// Turn it on once the provider is there.
    Enable,
}

/// Namespaces whose objects may name a tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllowedNamespaces {
    /// Same lets in the tenant's own namespace, All every namespace, Selector the own one and those
    /// whose labels match.
    #[serde(default)]
    pub from: NamespacesFrom,
    /// Labels of the namespaces, with `from: Selector`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "selector_schema")]
    pub selector: Option<LabelSelector>,
}

/// Where namespaces are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum NamespacesFrom {
    /// Only the tenant's own.
    #[default]
    Same,
    /// All of the cluster.
    All,
    /// Those whose labels match the selector.
    Selector,
}

/// A label selector with bounds on all its parts.
fn selector_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "description": "Labels of the namespaces, with `from: Selector`.",
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "properties": {
            "matchLabels": {
                "description": "Labels that a namespace must carry, with these values.",
                "type": "object",
                "maxProperties": 32,
                "additionalProperties": {"type": "string", "maxLength": 63},
            },
            "matchExpressions": {
                "description": "Requirements on labels; all must hold.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "atomic",
                "items": {
                    "type": "object",
                    "description": "One requirement on one label.",
                    "required": ["key", "operator"],
                    "properties": {
                        "key": {"description": "The label.", "type": "string", "maxLength": 317},
                        "operator": {
                            "description": "How the label is compared.",
                            "type": "string",
                            "enum": ["In", "NotIn", "Exists", "DoesNotExist"],
                        },
                        "values": {
                            "description": "The values, for In and NotIn.",
                            "type": "array",
                            "maxItems": 64,
                            "x-kubernetes-list-type": "atomic",
                            "items": {"type": "string", "maxLength": 63},
                        },
                    },
                },
            },
        },
    })
}

/// What became of the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct Auth0TenantStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the tenant.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// Whether the unified phone experience is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unified_phone_experience: Option<bool>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}
