//! `PhoneIdentifier`: phone numbers as identifiers of a database connection.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::{Adopt, DeletionPolicy};
use super::reference::TenantRef;

/// The phone number of the people of a database connection: whether they sign in with it, and give
/// it when they sign up.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "PhoneIdentifier",
    plural = "phoneidentifiers",
    namespaced,
    category = "dialtone",
    shortname = "phoneid",
    status = "PhoneIdentifierStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "The phone number of the people of a database connection: whether they sign in with it, and give it when they sign up.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    selectable = ".spec.tenantRef.name",
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether the tenant is as the object says"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Tenant", "type": "string", "jsonPath": ".spec.tenantRef.name", "description": "The Auth0Tenant"}"#,
    printcolumn = r#"{"name": "Connection", "type": "string", "jsonPath": ".spec.connection", "description": "The database connection"}"#,
    printcolumn = r#"{"name": "Identifier", "type": "boolean", "jsonPath": ".spec.identifier", "description": "Whether people sign in with it"}"#,
    printcolumn = r#"{"name": "Id", "type": "string", "jsonPath": ".status.id", "description": "Id of the connection in Auth0", "priority": 1}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[x_kube(validation = Rule::new("!has(self.profileRequired) || !self.profileRequired || !has(self.signup) || !has(self.signup.status) || self.signup.status == 'Required'").message("profileRequired needs signup.status Required: who must have a phone number gives it when signing up").field_path(".profileRequired"))]
#[serde(rename_all = "camelCase")]
pub struct PhoneIdentifierSpec {
    /// The tenant. It cannot be changed.
    #[x_kube(validation = ("self == oldSelf", "tenantRef cannot be changed: delete the object and create it anew"))]
    pub tenant_ref: TenantRef,
    /// The name of the database connection, such as `Username-Password-Authentication`, which must be
    /// there already. It cannot be changed.
    #[schemars(
        length(min = 1, max = 128),
        regex(pattern = r"^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$")
    )]
    #[x_kube(validation = ("self == oldSelf", "connection cannot be changed: delete the object and create it anew"))]
    pub connection: String,
    /// Whether people sign in with their phone number.
    #[serde(default = "identifier_by_default")]
    pub identifier: bool,
    /// How people who gave their phone number prove that it is theirs, if nothing else is chosen. Left
    /// as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_method: Option<PhoneDefaultMethod>,
    /// Whether people may sign in with a code sent to their phone instead of a password. Left as it is
    /// in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_otp: Option<bool>,
    /// Whether everybody must have a phone number; then it must be given at sign-up too. Left as it
    /// is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_required: Option<bool>,
    /// The phone number at sign-up. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signup: Option<PhoneSignup>,
    /// What happens in the tenant when this object is deleted. Orphan leaves the connection, Delete
    /// takes the phone number out of its attributes, if people can still sign in without.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// What to do with a connection that has the phone number among its attributes already.
    /// `IfExists` takes it over, Never refuses it, Require takes it over and never adds it.
    #[serde(default)]
    pub adopt: Adopt,
}

const fn identifier_by_default() -> bool {
    true
}

/// How people who gave their phone number prove that it is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PhoneDefaultMethod {
    /// By their password.
    Password,
    /// By a code sent to the phone.
    PhoneOtp,
}

/// The phone number at sign-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PhoneSignup {
    /// Whether it is asked for. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SignupStatus>,
    /// Whether it is verified by a code. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<bool>,
}

/// Whether something is asked for at sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SignupStatus {
    /// Nobody signs up without it.
    Required,
    /// Who wants to gives it.
    Optional,
    /// It is not asked for.
    Inactive,
}

/// What became of the identifier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct PhoneIdentifierStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the identifier.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// Auth0's id of the connection whose phone number attribute is this object's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub id: Option<String>,
    /// True from shortly before the attribute is added until it is known that it was: what is found
    /// meanwhile is this object's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creating: Option<bool>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}
