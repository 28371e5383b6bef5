//! `PhoneTestMessage`: one message, sent once, that shows whether the tenant's phone provider works.

use jiff::Timestamp;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::DURATION_PATTERN;
use super::phone_provider::PhoneDeliveryMethod;
use super::phone_template::PhoneTemplateType;
use super::reference::{SecretKeyRef, TenantRef};

/// One test message through the tenant's phone provider. It is sent once for each change of the
/// spec, never again by itself, and costs what a message costs.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "PhoneTestMessage",
    plural = "phonetestmessages",
    namespaced,
    category = "dialtone",
    shortname = "phtest",
    status = "PhoneTestMessageStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "One test message through the tenant's phone provider. It is sent once for each change of the spec, never again by itself, and costs what a message costs.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    selectable = ".spec.tenantRef.name",
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether Auth0 accepted the message for sending"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Tenant", "type": "string", "jsonPath": ".spec.tenantRef.name", "description": "The Auth0Tenant"}"#,
    printcolumn = r#"{"name": "Method", "type": "string", "jsonPath": ".spec.deliveryMethod", "description": "Text or Voice"}"#,
    printcolumn = r#"{"name": "Recipient", "type": "string", "jsonPath": ".status.recipient", "description": "Whom it goes to, masked"}"#,
    printcolumn = r#"{"name": "State", "type": "string", "jsonPath": ".status.attempt.state", "description": "What became of the attempt"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[x_kube(validation = ("has(self.to) != has(self.toSecretRef)", "give exactly one of to and toSecretRef"))]
#[serde(rename_all = "camelCase")]
pub struct PhoneTestMessageSpec {
    /// The tenant. It cannot be changed.
    #[x_kube(validation = ("self == oldSelf", "tenantRef cannot be changed: delete the object and create it anew"))]
    pub tenant_ref: TenantRef,
    /// The number that the message goes to, in E.164: `"+15550100"`. Quote it: YAML reads it as a
    /// number otherwise. Exactly one of to and toSecretRef is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 16), regex(pattern = r"^\+[1-9][0-9]{1,14}$"))]
    pub to: Option<String>,
    /// Where that number is, if it is not to be in the manifest. Exactly one of to and toSecretRef
    /// is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_secret_ref: Option<SecretKeyRef>,
    /// How it is sent: Text or Voice. The phone provider has to deliver by it.
    #[serde(default)]
    pub delivery_method: PhoneDeliveryMethod,
    /// What the message says: the tenant's stored template of this type, filled in with sample
    /// values. The provider's own test message where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<PhoneTemplateType>,
    /// Any text. Another one sends another message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub nonce: Option<String>,
    /// The object is deleted this long after the attempt has ended: `1h`. It stays where this is
    /// absent. Do not give it to an object that something else creates anew, as Argo CD and Flux do:
    /// each new object sends a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 32), regex(pattern = DURATION_PATTERN))]
    pub ttl_after_finished: Option<String>,
}

/// What became of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct PhoneTestMessageStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the message.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// The last attempt to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<TestMessageAttempt>,
    /// The number that the message goes to, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub recipient: Option<String>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}

/// One attempt to send. It is recorded before Auth0 is asked, so that nothing is sent twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestMessageAttempt {
    /// The generation of the spec that it is for: there is one attempt for each.
    #[schemars(range(min = 0))]
    pub generation: i64,
    /// What became of it.
    pub state: TestMessageState,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"), length(max = 64))]
    pub started_at: Timestamp,
    /// When it was known what became of it, or that nothing more would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"), length(max = 64))]
    pub finished_at: Option<Timestamp>,
}

/// What became of an attempt to send a test message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TestMessageState {
    /// Auth0 is being asked.
    Sending,
    /// Auth0 has accepted it for sending. Whether it arrives, Auth0 does not tell.
    Queued,
    /// Auth0 has refused it.
    Failed,
    /// It may or may not have been sent: no answer came. It is not sent again.
    Unknown,
}
