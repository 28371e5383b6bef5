//! `PhoneProvider`: who sends a tenant's text messages and calls.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, conditions_schema, known_conditions};
use super::lifecycle::{Adopt, DeletionPolicy, OnBreakingChange};
use super::reference::{ConfigMapKeyRef, SecretKeyRef, TenantRef};

/// The tenant's one phone provider: who sends its text messages and calls.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dialtone.dev",
    version = "v1alpha1",
    kind = "PhoneProvider",
    plural = "phoneproviders",
    namespaced,
    category = "dialtone",
    shortname = "phprov",
    status = "PhoneProviderStatus",
    derive = "PartialEq",
    derive = "Default",
    cel,
    doc = "The tenant's one phone provider: who sends its text messages and calls.",
    annotation("kustomize.toolkit.fluxcd.io/substitute", "disabled"),
    selectable = ".spec.tenantRef.name",
    printcolumn = r#"{"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status", "description": "Whether the tenant is as the object says"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].reason", "description": "Why"}"#,
    printcolumn = r#"{"name": "Tenant", "type": "string", "jsonPath": ".spec.tenantRef.name", "description": "The Auth0Tenant"}"#,
    printcolumn = r#"{"name": "Enabled", "type": "boolean", "jsonPath": ".spec.enabled", "description": "Whether it is switched on"}"#,
    printcolumn = r#"{"name": "Methods", "type": "string", "jsonPath": ".spec.deliveryMethods", "description": "Text, Voice or both"}"#,
    printcolumn = r#"{"name": "Id", "type": "string", "jsonPath": ".status.id", "description": "Id in Auth0", "priority": 1}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "description": "What is the matter", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "Time since creation"}"#
)]
#[x_kube(cel)]
#[x_kube(validation = ("has(self.twilio) != has(self.custom)", "give exactly one of twilio and custom"))]
#[serde(rename_all = "camelCase")]
pub struct PhoneProviderSpec {
    /// The tenant. It cannot be changed.
    #[x_kube(validation = ("self == oldSelf", "tenantRef cannot be changed: delete the object and create it anew"))]
    pub tenant_ref: TenantRef,
    /// Whether the provider sends. Switching it off breaks MFA by phone, passwordless sign-in and
    /// phone identifiers.
    #[serde(default = "enabled_by_default")]
    pub enabled: bool,
    /// How the provider reaches people: Text, Voice or both. MFA by SMS and passwordless sign-in
    /// need Text, MFA by call needs Voice.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub delivery_methods: Vec<PhoneDeliveryMethod>,
    /// Twilio, called by Auth0. Exactly one of twilio and custom is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twilio: Option<Twilio>,
    /// An Action of the tenant that sends, of the trigger custom-phone-provider. Exactly one of
    /// twilio and custom is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomProvider>,
    /// What to do with a change of this object that breaks a sign-in flow, see status.dependents.
    /// Warn carries it out and says what it breaks. Block withholds it until nothing breaks or the
    /// annotation `dialtone.dev/acknowledge-breaking` names the hazard.
    #[serde(default)]
    pub on_breaking_change: OnBreakingChange,
    /// What happens to the provider in the tenant, and to an Action that Dialtone set up for it, when
    /// this object is deleted. Orphan leaves both, Delete deletes the provider and then the Action.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// What to do with a provider, or with an Action of a custom one, that exists in the tenant
    /// already. `IfExists` takes it over, Never refuses it, Require takes it over and never creates
    /// one.
    #[serde(default)]
    pub adopt: Adopt,
}

impl PhoneProviderSpec {
    /// The Action that Dialtone sets up for it.
    #[must_use]
    pub fn own_action(&self) -> Option<&ProviderAction> {
        self.custom.as_ref()?.action.as_ref()
    }

    /// The Secrets that it names, each with the JSON pointer of the field.
    pub(super) fn secret_refs(&self) -> Vec<(String, &SecretKeyRef)> {
        let token = self.twilio.as_ref().and_then(|twilio| {
            let pointer = "/spec/twilio/authTokenSecretRef".to_owned();
            Some((pointer, twilio.auth_token_secret_ref.as_ref()?))
        });
        let secrets = self.own_action().and_then(|action| action.secrets.as_ref());
        let secrets = secrets.into_iter().flatten().enumerate();
        let secrets = secrets.map(|(index, secret)| {
            let pointer = format!("/spec/custom/action/secrets/{index}/valueFrom");
            (pointer, &secret.value_from)
        });
        token.into_iter().chain(secrets).collect()
    }
}

const fn enabled_by_default() -> bool {
    true
}

/// How a provider reaches people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PhoneDeliveryMethod {
    /// Text messages.
    #[default]
    Text,
    /// Calls that read the message out.
    Voice,
}

/// Twilio's account, sender and token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = ("has(self.from) != has(self.messagingServiceSid)", "give exactly one of from and messagingServiceSid"))]
#[serde(rename_all = "camelCase")]
pub struct Twilio {
    /// Account SID, `AC` and 32 hexadecimal digits.
    #[schemars(length(min = 34, max = 34), regex(pattern = r"^AC[0-9a-fA-F]{32}$"))]
    pub account_sid: String,
    /// The number that messages come from, in E.164: `"+15550100"`. Quote it: YAML reads it as a
    /// number otherwise. Exactly one of from and messagingServiceSid is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 16), regex(pattern = r"^\+[1-9][0-9]{1,14}$"))]
    pub from: Option<String>,
    /// The messaging service that chooses a sender, `MG` and 32 hexadecimal digits. Exactly one of
    /// from and messagingServiceSid is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 34, max = 34), regex(pattern = r"^MG[0-9a-fA-F]{32}$"))]
    pub messaging_service_sid: Option<String>,
    /// Where the auth token is. A new value in the Secret is used at once. Auth0 never shows the
    /// token: a change made there cannot be seen. Left as it is in the tenant where absent; a new
    /// provider needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_token_secret_ref: Option<SecretKeyRef>,
}

/// A provider that is an Action: exactly one of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = ("has(self.action) != has(self.actionRef)", "give exactly one of action and actionRef"))]
#[serde(rename_all = "camelCase")]
pub struct CustomProvider {
    /// An Action that Dialtone creates, deploys and binds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ProviderAction>,
    /// An Action that somebody else owns; Dialtone never changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_ref: Option<ActionRef>,
}

/// An Action of the tenant by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionRef {
    /// The Action's name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
}

/// The Action of a custom provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[x_kube(validation = ("has(self.code) != has(self.codeFrom)", "give exactly one of code and codeFrom"))]
#[serde(rename_all = "camelCase")]
pub struct ProviderAction {
    /// The Action's name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// The Node.js runtime, such as `node22`. Left as it is where absent; a new Action gets Auth0's
    /// default, `node22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 32),
        regex(pattern = r"^node[0-9]{2}(-actions)?$")
    )]
    pub runtime: Option<String>,
    /// The JavaScript code, which exports `onExecuteCustomPhoneProvider`. At most 100 kB.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100_000))]
    pub code: Option<String>,
    /// A `ConfigMap` that holds the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_from: Option<ConfigMapKeyRef>,
    /// npm packages that the code needs, at most 10. Left as they are where absent; an empty list
    /// removes all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub dependencies: Option<Vec<NpmDependency>>,
    /// Secrets that the code reads as `event.secrets`, at most 30. Left as they are where absent; an
    /// empty list removes all. Auth0 never shows their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 30), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub secrets: Option<Vec<ActionSecret>>,
}

/// An npm package at an exact version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NpmDependency {
    /// The package's name.
    #[schemars(length(min = 1, max = 214))]
    pub name: String,
    /// The exact version.
    #[schemars(length(min = 1, max = 64))]
    pub version: String,
    /// The registry. The public npm registry where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), regex(pattern = r"^https://[^\s]+$"))]
    pub registry_url: Option<String>,
}

/// One secret of an Action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionSecret {
    /// The name by which the code reads it.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// Where its value is.
    pub value_from: SecretKeyRef,
}

/// What became of the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("default" = {"observedGeneration": -1}))]
pub struct PhoneProviderStatus {
    /// The generation of the spec that this status is about; -1 before the first pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// What is the matter with the provider.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "known_conditions"
    )]
    #[schemars(schema_with = "conditions_schema")]
    pub conditions: Vec<Condition>,
    /// Auth0's id of the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 255))]
    pub id: Option<String>,
    /// True from shortly before the provider is created until its id is known: what is found meanwhile
    /// is this object's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creating: Option<bool>,
    /// Keyed fingerprint of the auth token that was last written; Auth0 never shows the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub credentials_fingerprint: Option<String>,
    /// The Action that Dialtone set up or took over for a custom provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ProviderActionStatus>,
    /// True from shortly before the Action is created until its id is known: what is found meanwhile
    /// is this object's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creating_action: Option<bool>,
    /// What stops working for end users if the provider stops delivering.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["id"]))]
    pub dependents: Vec<Dependent>,
    /// The value of the reconcile-now annotation that was last acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub last_handled_reconcile_at: Option<String>,
}

/// The Action of a custom provider as it was last written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderActionStatus {
    /// Auth0's id of the Action.
    #[schemars(length(max = 255))]
    pub id: String,
    /// Keyed fingerprint of the code that was last written: tells a change of the code in the
    /// cluster from one in the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub code_fingerprint: Option<String>,
    /// Keyed fingerprint of the secrets that were last written; Auth0 never shows their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub secrets_fingerprint: Option<String>,
}

/// A sign-in flow that needs the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dependent {
    /// The hazard's id, for the acknowledgement annotation: `mfa/sms`.
    #[schemars(length(min = 1, max = 512))]
    pub id: String,
    /// What depends on the provider.
    pub kind: DependentKind,
    /// For people: the flow, and for whom.
    #[schemars(length(max = 1024))]
    pub description: String,
    /// The delivery method that it needs.
    pub delivery_method: PhoneDeliveryMethod,
}

/// What depends on a phone provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DependentKind {
    /// MFA by phone.
    MfaPhoneFactor,
    /// An application that signs people in without a password.
    PasswordlessConnection,
    /// A database connection that identifies people by phone number.
    PhoneIdentifier,
}
