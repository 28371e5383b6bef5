//! Actions: one action is one write to the tenant, with the object that wants it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::delivery::{DeliveryMethod, MessageType};
use super::number::PhoneNumber;
use super::observed::{
    Connection, PhoneAction, Provider, ProviderName, Strategy, Template, TemplateContent,
};
use super::secret::{Fingerprint, Secret};
use crate::api::Kind;
use crate::template::TemplateType;

mod draft;
mod summary;

pub use draft::ActionDraft;

/// An object by kind, namespace and name: what a status, an event or an action belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// A secret to be sent, with the keyed fingerprint by which it is remembered.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The value.
    pub secret: Secret,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

/// What to write to an existing phone provider (§2.3: top level merges, `configuration` does not).
#[derive(Clone, Default, PartialEq)]
pub struct ProviderPatch {
    /// A new name, to switch in place.
    pub name: Option<ProviderName>,
    /// A new state of the switch.
    pub disabled: Option<bool>,
    /// The whole new configuration.
    pub configuration: Option<Map<String, Value>>,
    /// The Twilio auth token.
    pub auth_token: Option<Credential>,
}

/// What to write to an existing connection (§6.2, §7.4: `options` is replaced whole).
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionPatch {
    /// The display name: sent back even when it does not change, or Auth0 resets it.
    pub display_name: Option<String>,
    /// The phone number becomes one of the connection's attributes, which does not show whose work
    /// that is.
    pub adds_phone_number: bool,
    /// The whole options, keys that nobody here owns included.
    pub options: Option<Map<String, Value>>,
}

/// One write to the Management API. Its `Debug` shows no bodies: options of old connections hold
/// secrets in clear.
#[derive(Clone, PartialEq)]
pub enum Change {
    /// `POST /actions/actions` with `deploy: true`: Auth0 deploys it once it is built (§3.3)
    CreateAction(ActionDraft),
    /// `PATCH /actions/actions/{id}`: the draft changes, what is deployed goes on
    UpdateAction {
        /// The Action's id.
        id: String,
        /// Its name, for people.
        name: String,
        /// What to change.
        draft: ActionDraft,
    },
    /// Waits for the build, then `POST /actions/actions/{id}/deploy`, then waits until that is live
    /// (§3.5)
    DeployAction {
        /// The Action's name: its id may not exist before an earlier action creates it.
        name: String,
        /// Auth0 deploys it by itself, as it was asked to when it was created.
        by_itself: bool,
    },
    /// `PATCH /actions/triggers/custom-phone-provider/bindings`
    BindAction {
        /// The Action's name.
        name: String,
    },
    /// `DELETE /actions/actions/{id}?force=true`
    DeleteAction {
        /// The Action's id.
        id: String,
        /// Its name, for people.
        name: String,
    },
    /// `POST /branding/phone/providers`
    CreateProvider {
        /// Twilio or custom.
        name: ProviderName,
        /// Switched off from the start.
        disabled: bool,
        /// The configuration.
        configuration: Map<String, Value>,
        /// The Twilio auth token; none for `custom`.
        auth_token: Option<Credential>,
    },
    /// `PATCH /branding/phone/providers/{id}`
    UpdateProvider {
        /// The provider's id.
        id: String,
        /// What to change.
        patch: ProviderPatch,
    },
    /// `DELETE /branding/phone/providers/{id}`
    DeleteProvider {
        /// The provider's id.
        id: String,
    },
    /// `PATCH /tenants/settings` with `phone_consolidated_experience: true`
    EnableUnified,
    /// `POST /branding/phone/templates`
    CreateTemplate {
        /// The sort of message.
        type_: TemplateType,
        /// Not sent from the start.
        disabled: bool,
        /// What it says.
        content: TemplateContent,
    },
    /// `PATCH /branding/phone/templates/{id}`
    UpdateTemplate {
        /// The template's id.
        id: String,
        /// Its sort of message.
        type_: TemplateType,
        /// A new state of the switch.
        disabled: Option<bool>,
        /// The whole new content.
        content: Option<TemplateContent>,
    },
    /// `DELETE /branding/phone/templates/{id}`
    DeleteTemplate {
        /// The template's id.
        id: String,
        /// Its sort of message.
        type_: TemplateType,
    },
    /// `PUT /guardian/factors/sms`
    SetFactor {
        /// On or off.
        enabled: bool,
    },
    /// `PUT /guardian/factors/phone/message-types`
    SetMessageTypes(BTreeSet<MessageType>),
    /// `PUT /guardian/policies`
    SetPolicies(Vec<String>),
    /// `POST /connections`
    CreateConnection {
        /// The connection's name.
        name: String,
        /// The name that users see.
        display_name: Option<String>,
        /// The options.
        options: Map<String, Value>,
    },
    /// `PATCH /connections/{id}`
    UpdateConnection {
        /// The connection's id.
        id: String,
        /// Its name, for people.
        name: String,
        /// What to change.
        patch: ConnectionPatch,
    },
    /// `DELETE /connections/{id}`
    DeleteConnection {
        /// The connection's id.
        id: String,
        /// Its name, for people.
        name: String,
    },
    /// `POST /branding/phone/providers/{id}/try` (§2.4) or `POST /branding/phone/templates/{id}/try`
    /// (§4.3)
    SendTestMessage {
        /// The object that wants it: a provider sends for several.
        message: ObjectKey,
        /// Whom it goes to.
        to: PhoneNumber,
        /// How it is sent.
        method: DeliveryMethod,
        /// The stored template that it is made from; none for the provider's own test message.
        template: Option<TemplateType>,
    },
    /// `PATCH /connections/{id}/clients`, at most 50 at a time (§6.5)
    SetConnectionClients {
        /// The connection's name: its id may not exist before an earlier action creates it.
        connection: String,
        /// Client ids to enable.
        enable: BTreeSet<String>,
        /// Client ids to disable.
        disable: BTreeSet<String>,
    },
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change({})", self.summary())
    }
}

/// How many client ids one `PATCH /connections/{id}/clients` takes (§6.5).
pub const CLIENTS_PER_WRITE: usize = 50;

/// One field that an action changes, as a plan shows it. Values are masked or redacted already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's path in Auth0's spelling: `configuration.delivery_methods`.
    pub path: String,
    /// What it was; `None` where it was not there.
    pub from: Option<String>,
    /// What it becomes; `None` where it goes away.
    pub to: Option<String>,
}

/// Why the tenant differs from what the object wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The object is new or has changed.
    Spec,
    /// Somebody changed the tenant after the object had been applied.
    Drift,
    /// What exists already is taken over.
    Adoption,
    /// The object is being deleted with `deletionPolicy: Delete`.
    Removal,
}

/// One write that one object wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The object that wants it.
    pub owner: ObjectKey,
    /// The write.
    pub change: Change,
    /// What it changes, field by field.
    pub fields: Vec<FieldChange>,
    /// Why.
    pub cause: Cause,
}

/// What a write left behind: taken over into the snapshot without reading again.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// The provider as it is now, or none.
    Provider(Option<Provider>),
    /// The Action as it is now.
    Action(PhoneAction),
    /// The Action of this id is bound, and no other.
    ActionBound(String),
    /// The Action of this id is gone.
    ActionDeleted(String),
    /// The tenant flag.
    Unified(bool),
    /// A phone template as it is now.
    Template(Template),
    /// The stored template of this sort of message is gone; what Auth0 shows in its place, where
    /// that was read.
    TemplateDeleted(TemplateType, Option<Template>),
    /// The MFA factor.
    Factor(bool),
    /// The MFA message types.
    MessageTypes(BTreeSet<MessageType>),
    /// The MFA policies.
    Policies(Vec<String>),
    /// A connection as it is now.
    Connection(Connection),
    /// The connection of this id is gone.
    ConnectionDeleted(String),
    /// A test message was accepted for sending.
    Queued,
    /// Clients enabled and disabled for the connection of this id.
    ConnectionClients {
        /// The connection's id.
        id: String,
        /// Client ids that are enabled now.
        enabled: BTreeSet<String>,
        /// Client ids that are disabled now.
        disabled: BTreeSet<String>,
    },
}

/// The strategy of the connections that Dialtone creates.
pub(crate) const CREATED_STRATEGY: Strategy = Strategy::Sms;

/// Delivery methods as the wire spells them, in Auth0's order.
pub(crate) fn methods_to_wire(methods: &BTreeSet<DeliveryMethod>) -> Value {
    methods
        .iter()
        .map(|method| Value::from(method.as_wire()))
        .collect()
}
