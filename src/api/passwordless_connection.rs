//! `PasswordlessConnection`: sign-in with a code sent by SMS.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema};
use super::lifecycle::{Adopt, DURATION_PATTERN, DeletionPolicy};
use super::reference::{ApplicationRef, TenantRef};

/// A passwordless connection: people sign in with a code sent by SMS.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "PasswordlessConnection",
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
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason"
    ),
    printcolumn(name = "Tenant", type_ = "string", json_path = ".spec.tenantRef.name"),
    printcolumn(name = "Connection", type_ = "string", json_path = ".spec.name"),
    printcolumn(name = "Id", type_ = "string", priority = 1, json_path = ".status.id"),
    printcolumn(
        name = "Status",
        type_ = "string",
        priority = 1,
        json_path = ".status.conditions[?(@.type==\"Ready\")].message"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    )
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
    /// The name that people see where the connection is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub display_name: Option<String>,
    /// Whether people without an account may sign up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signup: Option<Signup>,
    /// Whether too many wrong codes block a phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brute_force_protection: Option<bool>,
    /// The code that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otp: Option<Otp>,
    /// Whether a connection of an older tenant sends through the tenant's phone provider instead
    /// of its own gateway (`use_phone_provider`). Left as it is where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_phone_provider: Option<bool>,
    /// Which applications may use the connection. Left as they are in the tenant where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applications: Option<Applications>,
    /// What happens in the tenant when this object is deleted. Delete removes the connection, and
    /// its users with it.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// What to do with a connection of this name that exists in the tenant already.
    #[serde(default)]
    pub adopt: Adopt,
}

fn sms() -> String {
    "sms".to_owned()
}

/// Whether people may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Signup {
    /// Anybody may.
    Allowed,
    /// Only people who have an account may sign in.
    Disabled,
}

/// The one-time code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Otp {
    /// Number of digits, 4 to 40.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 40))]
    pub length: Option<i32>,
    /// How long a code is good for, such as `3m`: whole seconds, at least 60 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 32), regex(pattern = DURATION_PATTERN))]
    pub expiry: Option<String>,
}

/// Which applications may use a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Applications {
    /// Whether applications that are not listed are left alone or switched off.
    #[serde(default)]
    pub mode: ApplicationsMode,
    /// The applications.
    #[schemars(length(max = 1000))]
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// Auth0's id of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub id: Option<String>,
    /// Client ids that Dialtone enabled for the connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), inner(length(max = 64)))]
    pub applications: Vec<String>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}
