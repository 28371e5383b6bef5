//! Conditions: the types, the closed list of reasons, and the rules by which they are set.

use std::fmt;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConditionType {
    /// The tenant is as the object says.
    Ready,
    /// Work is under way or will be tried again soon. Present only while True.
    Reconciling,
    /// No progress is to be expected before somebody changes something. Present only while True.
    Stalled,
    /// The phone provider delivers what this object needs.
    ProviderReady,
    /// The Action of a custom provider runs the code that the object names.
    ActionDeployed,
    /// The texts of a template are valid Liquid, and of use.
    TemplateValid,
    /// The tenant differs from the object, and not because of a change of the object. Present only
    /// while True.
    Drifted,
    /// The provider does not deliver something that sign-in flows of the tenant need. Present while
    /// True, and Unknown where a change is withheld because nobody sees what needs the provider.
    BreaksDependents,
}

impl ConditionType {
    /// The name as Kubernetes shows it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
            Self::ProviderReady => "ProviderReady",
            Self::ActionDeployed => "ActionDeployed",
            Self::TemplateValid => "TemplateValid",
            Self::Drifted => "Drifted",
            Self::BreaksDependents => "BreaksDependents",
        }
    }
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It is not known whether it holds.
    Unknown,
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Why a condition is as it is: the closed list for all kinds.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
            /// A reason that another version of Dialtone wrote; this one never does.
            #[serde(other)]
            Unrecognized,
        }

        impl Reason {
            /// All reasons that conditions and events may have.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The reason as conditions and events write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                    Self::Unrecognized => "Unrecognized",
                }
            }
        }
    };
}

reasons! {
    /// The tenant is as the object says.
    Succeeded,
    /// A first attempt or a change is under way.
    Progressing,
    /// The last attempt failed for a reason that passes; the next one is scheduled.
    ProgressingWithRetry,
    /// The tenant is suspended: nothing is read or written.
    Suspended,
    /// The tenant is observe-only: what would be written is reported.
    ObserveOnly,
    /// There is no `Auth0Tenant` of this name.
    TenantNotFound,
    /// The tenant cannot be reached or refuses the credentials; its own conditions say why.
    TenantNotReady,
    /// The `Auth0Tenant` does not let objects of this namespace in.
    NamespaceNotAllowed,
    /// The object contradicts itself or Auth0 refuses what it says.
    InvalidSpec,
    /// A Secret that the object names does not exist.
    SecretNotFound,
    /// A Secret that the object names cannot be read.
    SecretUnreadable,
    /// A Secret that the object names lacks the key.
    SecretKeyMissing,
    /// A `ConfigMap` that the object names does not exist.
    ConfigMapNotFound,
    /// A `ConfigMap` that the object names cannot be read.
    ConfigMapUnreadable,
    /// A `ConfigMap` that the object names lacks the key.
    ConfigMapKeyMissing,
    /// An older object claims the same thing of the tenant.
    Conflict,
    /// It exists already, and `adopt` is Never.
    AdoptionRefused,
    /// It does not exist, and `adopt` is Require.
    AdoptionTargetMissing,
    /// Something that existed already was taken over.
    Adopted,
    /// Auth0 refuses the client id, the secret or the key.
    AuthenticationFailed,
    /// The Management API application lacks a scope.
    InsufficientScope,
    /// The tenant's plan or features do not include this.
    PlanUnsupported,
    /// Auth0's rate limit was reached.
    Throttled,
    /// Auth0 or the way to it failed.
    ApiError,
    /// Something else must be Ready first.
    DependencyNotReady,
    /// The code of the Action is no JavaScript, or lacks the function that Auth0 calls.
    ActionCodeInvalid,
    /// Auth0 is building or deploying the Action.
    ActionBuilding,
    /// Auth0 could not build the Action; the version deployed before goes on serving.
    ActionBuildFailed,
    /// The tenant has no Action of this name for the phone provider.
    ActionNotFound,
    /// The Action of the custom phone provider is not deployed, or not bound to its trigger.
    ActionNotDeployed,
    /// The tenant has several Actions for the phone provider.
    ActionAmbiguous,
    /// The tenant has no phone provider.
    PhoneProviderMissing,
    /// The phone provider is disabled.
    PhoneProviderDisabled,
    /// The phone provider does not deliver by the method that is needed.
    DeliveryMethodMissing,
    /// The tenant still handles phone messages per feature, the legacy way.
    UnifiedPhoneExperienceOff,
    /// The change would break a sign-in flow, and `onBreakingChange` is Block.
    BreakingChangeBlocked,
    /// The tenant was changed by somebody else.
    DriftDetected,
    /// The tenant was changed by somebody else, and drift is ignored.
    DriftIgnored,
    /// Auth0 does not show the connection's options: grant `read:connections_options`.
    OptionsHidden,
    /// Auth0 shows secrets among the connection's options encrypted, so they are not written back.
    OptionsEncrypted,
    /// The tenant has no database connection of this name.
    ConnectionNotFound,
    /// No application has this name or client id.
    ApplicationNotFound,
    /// Several applications have this name.
    ApplicationAmbiguous,
    /// MFA by phone is on.
    MfaPhoneFactorEnabled,
    /// A passwordless connection has applications enabled.
    PasswordlessConnectionEnabled,
    /// A database connection identifies people by phone number.
    PhoneIdentifierActive,
    /// The connection is not named `sms`, so Universal Login does not offer it.
    ConnectionNotOffered,
    /// A text of the template is not valid Liquid, or useless, so it is not sent to Auth0.
    TemplateInvalid,
    /// The template names a sender, and Twilio's messaging service chooses the sender.
    SenderNotUsed,
    /// Auth0 accepted the write, and the tenant is not as it was told to be.
    WriteNotHonoured,
    /// The connection still holds options of the legacy route, which may keep it from the tenant's
    /// phone provider.
    LegacyOptionsPresent,
    /// The object cannot go yet; the message says what it waits for.
    DeletionBlocked,
    /// The object is gone from the cluster and what it set up is left in Auth0, against its
    /// `deletionPolicy`; the message says why.
    Orphaned,
    /// The tenant stores no template of its own of this type.
    TemplateMissing,
    /// Auth0 has accepted the message for sending.
    Queued,
    /// The message may or may not have been sent: no answer came. It is not sent again.
    DeliveryUnknown,
    /// The API server refuses the finalizer without which nothing is written for the object.
    FinalizerRefused,
    /// It could not be recorded that something is about to be done, and so it was not done.
    NotRecorded,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One condition, in Kubernetes' standard shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What the condition is about.
    #[serde(rename = "type")]
    #[schemars(
        with = "String",
        length(min = 1, max = 316),
        regex(pattern = r"^[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?$")
    )]
    pub type_: ConditionType,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// The machine's reason, from a closed list.
    #[schemars(
        with = "String",
        length(min = 1, max = 1024),
        regex(pattern = r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
    )]
    pub reason: Reason,
    /// For people: what is the matter and what to do.
    #[schemars(length(max = 32768))]
    pub message: String,
    /// When `status` last changed.
    #[schemars(with = "String", extend("format" = "date-time"), length(max = 64))]
    pub last_transition_time: Timestamp,
    /// The generation of the spec that this is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub observed_generation: Option<i64>,
}

/// Reads a list of conditions and leaves out those whose type this version does not know.
///
/// After a downgrade a status may hold conditions of a newer version: they must not make the whole
/// object unreadable. For the same reason types and reasons are closed in code but not in the schema.
pub(super) fn known_conditions<'de, D>(deserializer: D) -> Result<Vec<Condition>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Known(Condition),
        Unknown(serde::de::IgnoredAny),
    }
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    let known = entries.into_iter().filter_map(|entry| match entry {
        Entry::Known(condition) => Some(condition),
        Entry::Unknown(_) => None,
    });
    Ok(known.collect())
}

/// The schema of `status.conditions`: a list with one entry per type.
pub(super) fn conditions_schema(generator: &mut SchemaGenerator) -> Schema {
    let condition = Condition::json_schema(generator);
    json_schema!({
        "description": "What is the matter with the object: Ready above all.",
        "type": "array",
        "items": condition,
        "maxItems": 16,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    })
}

/// The condition of a type, where it is there.
#[must_use]
pub fn find(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

/// Whether a condition is there and True.
#[must_use]
pub fn is_true(conditions: &[Condition], type_: ConditionType) -> bool {
    find(conditions, type_).is_some_and(|found| found.status == ConditionStatus::True)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::PhoneProviderStatus;

    #[test]
    fn a_condition_is_written_as_kubernetes_writes_it() {
        let written = json!({
            "type": "Ready",
            "status": "True",
            "reason": "Succeeded",
            "message": "up to date",
            "lastTransitionTime": "2026-01-02T03:04:05Z",
            "observedGeneration": 3,
        });
        let condition: Condition = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(condition.type_, ConditionType::Ready);
        assert_eq!(serde_json::to_value(&condition).unwrap(), written);
    }

    #[test]
    fn the_word_of_a_reason_is_what_serde_writes() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }

    #[test]
    fn a_status_of_a_newer_version_can_still_be_read() {
        let at = "2026-01-02T03:04:05Z";
        let status: PhoneProviderStatus = serde_json::from_value(json!({"conditions": [
            {"type": "New", "status": "True", "reason": "New", "message": "", "lastTransitionTime": at},
            {"type": "Ready", "status": "True", "reason": "New", "message": "", "lastTransitionTime": at},
        ]}))
        .unwrap();
        assert_eq!(status.conditions.len(), 1);
        assert_eq!(status.conditions[0].reason, Reason::Unrecognized);
    }
}
