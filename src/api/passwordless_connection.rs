//! `PasswordlessConnection`: sign-in with a code sent by SMS.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::{Adopt, DeletionPolicy};
use super::reference::{ApplicationRef, TenantRef};

/// A passwordless connection: people sign in with a code sent by SMS.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "PasswordlessConnection",
    plural = "passwordlessconnections",
    namespaced,
    category = "dialtone",
    shortname = "pwless",
    status = "PasswordlessConnectionStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "A passwordless connection: people sign in with a code sent by SMS.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    selectable = ".spec.tenantRef.name",
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether the tenant is as the object says"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Tenant", "type": "string", "jsonPath": ".spec.tenantRef.name", "description": "The Auth0Tenant"}"#,
    printcolumn = r#"{"name": "Connection", "type": "string", "jsonPath": ".spec.name", "description": "The connection's name in Auth0"}"#,
    printcolumn = r#"{"name": "Id", "type": "string", "jsonPath": ".status.id", "description": "Id in Auth0", "priority": 1}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[serde(rename_all = "camelCase")]
pub struct PasswordlessConnectionSpec {
    /// The tenant. It cannot be changed.
    #[x_kube(validation = ("self == oldSelf", "tenantRef cannot be changed: delete the object and create it anew"))]
    pub tenant_ref: TenantRef,
    /// The connection's name. Universal Login and the dashboard only know a connection named
    /// `sms`. It cannot be changed.
    #[serde(default = "sms")]
    #[schemars(
        length(min = 1, max = 128),
        regex(pattern = r"^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$")
    )]
    #[x_kube(validation = ("self == oldSelf", "name cannot be changed: delete the object and create it anew"))]
    pub name: String,
    /// The name that people see where the connection is offered. Left as it is in the tenant where
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub display_name: Option<String>,
    /// Whether people without an account may sign up: Allowed or Disabled (Auth0: Disable Sign
    /// Ups). Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signup: Option<Signup>,
    /// Whether too many wrong codes block a person. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brute_force_protection: Option<bool>,
    /// The code that is sent. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otp: Option<Otp>,
    /// Whether a connection of an older tenant sends through the tenant's phone provider instead
    /// of its own gateway (`use_phone_provider`). Left as it is where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_phone_provider: Option<bool>,
    /// Which applications may use the connection. Left as they are in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applications: Option<Applications>,
    /// What happens in the tenant when this object is deleted. Orphan leaves the connection, Delete
    /// removes it, and its users with it.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// What to do with a connection of this name that exists in the tenant already. `IfExists` takes
    /// it over, Never refuses it, Require takes it over and never creates one.
    #[serde(default)]
    pub adopt: Adopt,
}

fn sms() -> String {
    "sms".to_owned()
}

/// Whether people without an account may sign up: Allowed or Disabled (Auth0: Disable Sign Ups).
/// Left as it is in the tenant where absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Signup {
    /// Anybody may.
    Allowed,
    /// Only people who have an account may sign in.
    Disabled,
}

/// The one-time code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = Rule::new("!has(self.expiry) || duration(self.expiry) >= duration('60s')").message("expiry must be at least 60s").field_path(".expiry"))]
#[serde(rename_all = "camelCase")]
pub struct Otp {
    /// Number of digits, 4 to 40. Left as it is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 40))]
    pub length: Option<i32>,
    /// How long a code is good for, such as `3m` or `180s`: whole seconds, at least 60 s. Left as it
    /// is in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 32), regex(pattern = r"^([0-9]{1,9}(s|m|h))+$"))]
    pub expiry: Option<String>,
}

/// Which applications may use a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Applications {
    /// Additive leaves applications that are not listed alone, and switches off only what this
    /// object enabled before. Exclusive switches off all that are not listed.
    #[serde(default)]
    pub mode: ApplicationsMode,
    /// The applications, by client id or by name. With Exclusive, an empty list switches the
    /// connection off for all.
    #[schemars(length(max = 1000), extend("x-kubernetes-list-type" = "atomic"))]
    #[x_kube(validation = ("self.all(ref, has(ref.name) != has(ref.clientId))", "give exactly one of name and clientId for each application"))]
    pub refs: Vec<ApplicationRef>,
}

/// What happens to applications that are not listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApplicationsMode {
    /// They are left alone; only what Dialtone enabled is switched off again.
    #[default]
    Additive,
    /// They are switched off.
    Exclusive,
}

/// What became of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct PasswordlessConnectionStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the connection.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// Auth0's id of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub id: Option<String>,
    /// True from shortly before the connection is created until its id is known: what is found meanwhile
    /// is this object's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creating: Option<bool>,
    /// Client ids that Dialtone enabled for the connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), inner(length(max = 64)), extend("x-kubernetes-list-type" = "set"))]
    pub applications: Vec<String>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}
