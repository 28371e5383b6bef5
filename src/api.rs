//! The custom resources of API group `dialtone.dev`, one file per kind.
//!
//! A spec says what the tenant should be; it is never written by the controller. A field that is
//! absent is not managed and stays as it is in the tenant, unless it has a default.

mod auth0_tenant;
pub mod condition;
mod crd;
mod lifecycle;
mod mfa_phone_factor;
mod passwordless_connection;
mod phone_identifier;
mod phone_provider;
mod phone_template;
mod phone_test_message;
mod reference;

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

pub use auth0_tenant::{
    Algorithm, AllowedNamespaces, Auth0Tenant, Auth0TenantSpec, Auth0TenantStatus, ClientSecret,
    Credentials, Drift, NamespacesFrom, PrivateKeyJwt, RateLimit, UnifiedPhoneExperience,
};
pub use condition::{Condition, ConditionStatus, ConditionType, Reason};
pub use crd::{CrdError, crd_yaml, crds};
pub use lifecycle::{
    Adopt, DeletionPolicy, DriftMode, DurationError, ManagementPolicy, OnBreakingChange, duration,
};
pub use mfa_phone_factor::{
    MfaMessageType, MfaPhoneFactor, MfaPhoneFactorSpec, MfaPhoneFactorStatus, MfaPolicy,
};
pub use passwordless_connection::{
    Applications, ApplicationsMode, Otp, PasswordlessConnection, PasswordlessConnectionSpec,
    PasswordlessConnectionStatus, Signup,
};
pub use phone_identifier::{
    PhoneDefaultMethod, PhoneIdentifier, PhoneIdentifierSpec, PhoneIdentifierStatus, PhoneSignup,
    SignupStatus,
};
pub use phone_provider::{
    ActionRef, ActionSecret, CustomProvider, Dependent, DependentKind, NpmDependency,
    PhoneDeliveryMethod, PhoneProvider, PhoneProviderSpec, PhoneProviderStatus, ProviderAction,
    ProviderActionStatus, Twilio,
};
pub use phone_template::{
    PhoneTemplate, PhoneTemplateSpec, PhoneTemplateStatus, PhoneTemplateType, TemplatePreview,
};
pub use phone_test_message::{
    PhoneTestMessage, PhoneTestMessageSpec, PhoneTestMessageStatus, TestMessageAttempt,
    TestMessageState,
};
pub use reference::{
    ApplicationRef, ConfigMapKeyRef, SecretKeyRef, TenantRef, is_namespace_name, is_object_name,
};

/// The API group of all kinds.
pub const GROUP: &str = "dialtone.dev";
/// The one served version.
pub const VERSION: &str = "v1alpha1";
/// `apiVersion` of all objects: group and version.
pub const API_VERSION: &str = "dialtone.dev/v1alpha1";

/// The kinds of the API group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A tenant and how it is reached.
    Auth0Tenant,
    /// The tenant's phone provider.
    PhoneProvider,
    /// The MFA factor that uses it.
    MfaPhoneFactor,
    /// A passwordless SMS connection.
    PasswordlessConnection,
    /// What one sort of phone message says.
    PhoneTemplate,
    /// Phone numbers as identifiers of a database connection.
    PhoneIdentifier,
    /// One message that shows whether the provider works.
    PhoneTestMessage,
}

impl Kind {
    /// All kinds, a tenant before what is in it.
    pub const ALL: [Self; 7] = [
        Self::Auth0Tenant,
        Self::PhoneProvider,
        Self::MfaPhoneFactor,
        Self::PasswordlessConnection,
        Self::PhoneTemplate,
        Self::PhoneIdentifier,
        Self::PhoneTestMessage,
    ];

    /// The name as manifests write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth0Tenant => "Auth0Tenant",
            Self::PhoneProvider => "PhoneProvider",
            Self::MfaPhoneFactor => "MfaPhoneFactor",
            Self::PasswordlessConnection => "PasswordlessConnection",
            Self::PhoneTemplate => "PhoneTemplate",
            Self::PhoneIdentifier => "PhoneIdentifier",
            Self::PhoneTestMessage => "PhoneTestMessage",
        }
    }

    /// The kind that manifests write like this.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The plural, as in URLs and file names.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Auth0Tenant => "auth0tenants",
            Self::PhoneProvider => "phoneproviders",
            Self::MfaPhoneFactor => "mfaphonefactors",
            Self::PasswordlessConnection => "passwordlessconnections",
            Self::PhoneTemplate => "phonetemplates",
            Self::PhoneIdentifier => "phoneidentifiers",
            Self::PhoneTestMessage => "phonetestmessages",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An object of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// A tenant.
    Auth0Tenant(Box<Auth0Tenant>),
    /// A phone provider.
    PhoneProvider(Box<PhoneProvider>),
    /// An MFA phone factor.
    MfaPhoneFactor(Box<MfaPhoneFactor>),
    /// A passwordless connection.
    PasswordlessConnection(Box<PasswordlessConnection>),
    /// A phone template.
    PhoneTemplate(Box<PhoneTemplate>),
    /// A phone identifier.
    PhoneIdentifier(Box<PhoneIdentifier>),
    /// A test message.
    PhoneTestMessage(Box<PhoneTestMessage>),
}

impl Resource {
    /// Reads an object of this kind from its JSON form.
    ///
    /// # Errors
    ///
    /// The reason for which the document does not have the kind's form.
    pub fn from_value(kind: Kind, value: serde_json::Value) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Auth0Tenant => Self::Auth0Tenant(serde_json::from_value(value)?),
            Kind::PhoneProvider => Self::PhoneProvider(serde_json::from_value(value)?),
            Kind::MfaPhoneFactor => Self::MfaPhoneFactor(serde_json::from_value(value)?),
            Kind::PasswordlessConnection => {
                Self::PasswordlessConnection(serde_json::from_value(value)?)
            }
            Kind::PhoneTemplate => Self::PhoneTemplate(serde_json::from_value(value)?),
            Kind::PhoneIdentifier => Self::PhoneIdentifier(serde_json::from_value(value)?),
            Kind::PhoneTestMessage => Self::PhoneTestMessage(serde_json::from_value(value)?),
        })
    }

    /// Its JSON form.
    ///
    /// # Errors
    ///
    /// Where it has none, which a kind of ours always has.
    pub fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        match self {
            Self::Auth0Tenant(object) => serde_json::to_value(object),
            Self::PhoneProvider(object) => serde_json::to_value(object),
            Self::MfaPhoneFactor(object) => serde_json::to_value(object),
            Self::PasswordlessConnection(object) => serde_json::to_value(object),
            Self::PhoneTemplate(object) => serde_json::to_value(object),
            Self::PhoneIdentifier(object) => serde_json::to_value(object),
            Self::PhoneTestMessage(object) => serde_json::to_value(object),
        }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Auth0Tenant(_) => Kind::Auth0Tenant,
            Self::PhoneProvider(_) => Kind::PhoneProvider,
            Self::MfaPhoneFactor(_) => Kind::MfaPhoneFactor,
            Self::PasswordlessConnection(_) => Kind::PasswordlessConnection,
            Self::PhoneTemplate(_) => Kind::PhoneTemplate,
            Self::PhoneIdentifier(_) => Kind::PhoneIdentifier,
            Self::PhoneTestMessage(_) => Kind::PhoneTestMessage,
        }
    }

    /// What deleting it does in Auth0. A tenant is never deleted there, and a message is not called
    /// back.
    #[must_use]
    pub const fn deletion_policy(&self) -> DeletionPolicy {
        match self {
            Self::Auth0Tenant(_) | Self::PhoneTestMessage(_) => DeletionPolicy::Orphan,
            Self::PhoneProvider(object) => object.spec.deletion_policy,
            Self::MfaPhoneFactor(object) => object.spec.deletion_policy,
            Self::PasswordlessConnection(object) => object.spec.deletion_policy,
            Self::PhoneTemplate(object) => object.spec.deletion_policy,
            Self::PhoneIdentifier(object) => object.spec.deletion_policy,
        }
    }

    /// Its metadata.
    #[must_use]
    pub const fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Auth0Tenant(object) => &object.metadata,
            Self::PhoneProvider(object) => &object.metadata,
            Self::MfaPhoneFactor(object) => &object.metadata,
            Self::PasswordlessConnection(object) => &object.metadata,
            Self::PhoneTemplate(object) => &object.metadata,
            Self::PhoneIdentifier(object) => &object.metadata,
            Self::PhoneTestMessage(object) => &object.metadata,
        }
    }

    /// Its metadata, to be changed.
    pub const fn metadata_mut(&mut self) -> &mut ObjectMeta {
        match self {
            Self::Auth0Tenant(object) => &mut object.metadata,
            Self::PhoneProvider(object) => &mut object.metadata,
            Self::MfaPhoneFactor(object) => &mut object.metadata,
            Self::PasswordlessConnection(object) => &mut object.metadata,
            Self::PhoneTemplate(object) => &mut object.metadata,
            Self::PhoneIdentifier(object) => &mut object.metadata,
            Self::PhoneTestMessage(object) => &mut object.metadata,
        }
    }

    /// The tenant that it names; a tenant names none.
    #[must_use]
    pub const fn tenant_ref(&self) -> Option<&TenantRef> {
        match self {
            Self::Auth0Tenant(_) => None,
            Self::PhoneProvider(object) => Some(&object.spec.tenant_ref),
            Self::MfaPhoneFactor(object) => Some(&object.spec.tenant_ref),
            Self::PasswordlessConnection(object) => Some(&object.spec.tenant_ref),
            Self::PhoneTemplate(object) => Some(&object.spec.tenant_ref),
            Self::PhoneIdentifier(object) => Some(&object.spec.tenant_ref),
            Self::PhoneTestMessage(object) => Some(&object.spec.tenant_ref),
        }
    }

    /// The Secrets that it names, in its own namespace, each with the JSON pointer of the field.
    #[must_use]
    pub fn secret_refs(&self) -> Vec<(String, &SecretKeyRef)> {
        match self {
            Self::Auth0Tenant(object) => object.spec.secret_refs(),
            Self::PhoneProvider(object) => object.spec.secret_refs(),
            Self::PhoneTestMessage(object) => {
                let to = object.spec.to_secret_ref.as_ref();
                to.map(|to| ("/spec/toSecretRef".to_owned(), to))
                    .into_iter()
                    .collect()
            }
            Self::MfaPhoneFactor(_)
            | Self::PasswordlessConnection(_)
            | Self::PhoneTemplate(_)
            | Self::PhoneIdentifier(_) => Vec::new(),
        }
    }

    /// The `ConfigMap`s that it names, in its own namespace, each with the JSON pointer of the field.
    #[must_use]
    pub fn config_map_refs(&self) -> Vec<(&'static str, &ConfigMapKeyRef)> {
        let refs = match self {
            Self::PhoneProvider(object) => {
                let action = object.spec.custom.as_ref();
                let action = action.and_then(|custom| custom.action.as_ref());
                vec![(
                    "/spec/custom/action/codeFrom",
                    action.and_then(|action| action.code_from.as_ref()),
                )]
            }
            Self::PhoneTemplate(object) => vec![
                ("/spec/textFrom", object.spec.text_from.as_ref()),
                ("/spec/voiceFrom", object.spec.voice_from.as_ref()),
            ],
            Self::Auth0Tenant(_)
            | Self::MfaPhoneFactor(_)
            | Self::PasswordlessConnection(_)
            | Self::PhoneIdentifier(_)
            | Self::PhoneTestMessage(_) => Vec::new(),
        };
        let present = |(pointer, reference): (_, Option<_>)| Some((pointer, reference?));
        refs.into_iter().filter_map(present).collect()
    }
}
