//! `MfaPhoneFactor`: multi-factor authentication by phone.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::DeletionPolicy;
use super::reference::TenantRef;

/// Multi-factor authentication by phone: whether it is on, by which kinds of message, and when.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "MfaPhoneFactor",
    plural = "mfaphonefactors",
    namespaced,
    category = "dialtone",
    shortname = "mfaphone",
    status = "MfaPhoneFactorStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "Multi-factor authentication by phone: whether it is on, by which kinds of message, and when.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    selectable = ".spec.tenantRef.name",
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether the tenant is as the object says"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Tenant", "type": "string", "jsonPath": ".spec.tenantRef.name", "description": "The Auth0Tenant"}"#,
    printcolumn = r#"{"name": "Enabled", "type": "boolean", "jsonPath": ".spec.enabled", "description": "Whether it is switched on"}"#,
    printcolumn = r#"{"name": "Messages", "type": "string", "jsonPath": ".spec.messageTypes", "description": "SMS, Voice or both"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[serde(rename_all = "camelCase")]
pub struct MfaPhoneFactorSpec {
    /// The tenant. It cannot be changed.
    #[x_kube(validation = ("self == oldSelf", "tenantRef cannot be changed: delete the object and create it anew"))]
    pub tenant_ref: TenantRef,
    /// Whether people may use their phone as a second factor (Auth0: Security > Multi-factor Auth >
    /// Phone Message). Without it, people whose only factor is their phone cannot sign in.
    #[serde(default = "enabled_by_default")]
    pub enabled: bool,
    /// How codes are sent: SMS, Voice or both. SMS needs delivery method Text of the phone
    /// provider, Voice needs Voice. Left as they are in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub message_types: Option<Vec<MfaMessageType>>,
    /// When a second factor is asked for: `AllApplications` always, `ConfidenceScore` by risk, an empty
    /// list never (unless an Action asks). Left as it is in the tenant where absent. It is the
    /// tenant's one policy for all factors.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1), extend("x-kubernetes-list-type" = "set"))]
    pub policies: Option<Vec<MfaPolicy>>,
    /// What happens in the tenant when this object is deleted. Orphan leaves the factor, Delete
    /// turns it off.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

const fn enabled_by_default() -> bool {
    true
}

/// How MFA codes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MfaMessageType {
    /// Text messages.
    #[serde(rename = "SMS")]
    Sms,
    /// Calls that read the code out.
    Voice,
}

/// When a second factor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MfaPolicy {
    /// At every sign-in.
    AllApplications,
    /// When Auth0's confidence in the sign-in is low (adaptive MFA; needs a plan that has it).
    ConfidenceScore,
}

/// What became of the factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct MfaPhoneFactorStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the factor.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}
