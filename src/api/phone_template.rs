//! `PhoneTemplate`: what one sort of phone message says.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::{Adopt, DeletionPolicy};
use super::reference::{ConfigMapKeyRef, TenantRef};

/// What one sort of phone message says, as text and as a call, in Liquid.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "PhoneTemplate",
    plural = "phonetemplates",
    namespaced,
    category = "dialtone",
    shortname = "phonetpl",
    status = "PhoneTemplateStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "What one sort of phone message says, as text and as a call, in Liquid.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    selectable = ".spec.tenantRef.name",
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether the tenant is as the object says"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Tenant", "type": "string", "jsonPath": ".spec.tenantRef.name", "description": "The Auth0Tenant"}"#,
    printcolumn = r#"{"name": "Type", "type": "string", "jsonPath": ".spec.type", "description": "The sort of message"}"#,
    printcolumn = r#"{"name": "Valid", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"TemplateValid\")].status", "description": "Whether its texts are valid Liquid"}"#,
    printcolumn = r#"{"name": "Id", "type": "string", "jsonPath": ".status.id", "description": "Id in Auth0", "priority": 1}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[x_kube(validation = ("!(has(self.text) && has(self.textFrom))", "give at most one of text and textFrom"))]
#[x_kube(validation = ("!(has(self.voice) && has(self.voiceFrom))", "give at most one of voice and voiceFrom"))]
#[serde(rename_all = "camelCase")]
pub struct PhoneTemplateSpec {
    /// The tenant. It cannot be changed.
    #[x_kube(validation = ("self == oldSelf", "tenantRef cannot be changed: delete the object and create it anew"))]
    pub tenant_ref: TenantRef,
    /// The sort of message. A tenant has one template for each. It cannot be changed.
    #[serde(rename = "type")]
    #[x_kube(validation = ("self == oldSelf", "type cannot be changed: delete the object and create it anew"))]
    pub type_: PhoneTemplateType,
    /// Whether messages of this sort are sent. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// What the message is sent from, instead of the phone provider's own sender: a number such as
    /// `+15550100`, or a sender id. A Twilio messaging service chooses the sender itself. Left as it
    /// is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 16),
        regex(pattern = r"^(\+[1-9][0-9]{1,14}|[0-9A-Za-z]([0-9A-Za-z &._-]*[0-9A-Za-z])?)$")
    )]
    pub from: Option<String>,
    /// What a text message says, in Liquid. Line breaks at its end are not sent. Left as it is in
    /// the tenant where both this and `textFrom` are absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20_000))]
    pub text: Option<String>,
    /// A `ConfigMap` that holds what a text message says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_from: Option<ConfigMapKeyRef>,
    /// What a call says, in Liquid. Line breaks at its end are not sent. Left as it is in the tenant
    /// where both this and `voiceFrom` are absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 20_000))]
    pub voice: Option<String>,
    /// A `ConfigMap` that holds what a call says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_from: Option<ConfigMapKeyRef>,
    /// With what the message is shown to people before it is sent to anybody. It is not sent to
    /// Auth0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<TemplatePreview>,
    /// What happens in the tenant when this object is deleted. Orphan leaves the template, Delete
    /// removes it, so that Auth0's own words are sent again.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// What to do with a template of this type that somebody stored in the tenant already.
    /// `IfExists` takes it over, Never refuses it, Require takes it over and never creates one.
    #[serde(default)]
    pub adopt: Adopt,
}

/// The sort of message, by what it is sent for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PhoneTemplateType {
    /// The code at sign-in: MFA, passwordless, verification of a phone number.
    #[default]
    OtpVerify,
    /// The code at the enrolment of a phone for MFA.
    OtpEnroll,
    /// The code with which a password is reset.
    ChangePassword,
    /// The notice that sign-in was blocked after too many wrong attempts.
    BlockedAccount,
    /// The notice that a password was found in a breach.
    PasswordBreach,
}

/// With what a message is shown to people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplatePreview {
    /// Values of variables by their path, such as `code` or `user.name`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "variables_schema")]
    pub variables: BTreeMap<String, String>,
}

fn variables_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Values of variables by their path, such as code or user.name.",
        "type": "object",
        "maxProperties": 64,
        "additionalProperties": {"type": "string", "maxLength": 1024},
    })
}

/// What became of the template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct PhoneTemplateStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the template.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// Auth0's id of the template; none while Auth0 sends its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub id: Option<String>,
    /// True from shortly before the template is created until its id is known: what is found
    /// meanwhile is this object's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creating: Option<bool>,
    /// Keyed fingerprint of the words that were last found or put in the tenant: tells a changed
    /// `ConfigMap` from a changed tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub content_fingerprint: Option<String>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}
