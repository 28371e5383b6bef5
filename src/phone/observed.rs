//! What one read of the tenant showed: the `Observed` half of every plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::delivery::{DeliveryMethod, MessageType, listed};

mod action;

pub use action::{Build, Content, Dependency, PhoneAction};

/// One part of a snapshot: read, refused by Auth0, or not needed by any object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading<T> {
    /// No object needs this endpoint, so it was not read.
    #[default]
    NotRead,
    /// Auth0 refused the read; objects that need it say why, the others go on.
    Refused(Refusal),
    /// What Auth0 answered.
    Read(T),
}

impl<T> Reading<T> {
    /// The value, where there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Read(value) => Some(value),
            Self::NotRead | Self::Refused(_) => None,
        }
    }

    /// Why Auth0 refused, where it did.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::NotRead | Self::Read(_) => None,
        }
    }
}

/// Why Auth0 refused a read for good: waiting does not help, a grant or a plan does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The Management API application lacks a scope (§0.2): any one of these would do.
    InsufficientScope(Vec<String>),
    /// The tenant's plan or features do not include the endpoint.
    PlanUnsupported(String),
    /// Any other refusal, in Auth0's words.
    Other(String),
}

/// Which provider is configured (`name`, §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderName {
    /// Twilio, called by Auth0 itself.
    Twilio,
    /// The tenant's `custom-phone-provider` Action.
    Custom,
    /// One that this version does not know.
    Other(String),
}

impl ProviderName {
    /// Auth0's spelling.
    #[must_use]
    pub fn as_wire(&self) -> &str {
        match self {
            Self::Twilio => "twilio",
            Self::Custom => "custom",
            Self::Other(name) => name,
        }
    }

    /// The provider that Auth0 spells like this.
    #[must_use]
    pub fn from_wire(text: &str) -> Self {
        match text {
            "twilio" => Self::Twilio,
            "custom" => Self::Custom,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The tenant's one phone provider (`/branding/phone/providers`, §2). Its credentials can never
/// be read. Its `Debug` shows no configuration, which holds a phone number.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// Auth0's id, `pro_…`.
    pub id: String,
    /// Twilio or custom.
    pub name: ProviderName,
    /// Switched off.
    pub disabled: bool,
    /// The configuration as Auth0 stores it; a write replaces it as a whole (§2.3).
    pub configuration: Map<String, Value>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.disabled { "disabled" } else { "enabled" };
        let methods = listed(self.delivery_methods());
        write!(
            f,
            "Provider({} {} {state}, {methods})",
            self.name.as_wire(),
            self.id
        )
    }
}

impl Provider {
    /// The delivery methods that the configuration names.
    #[must_use]
    pub fn delivery_methods(&self) -> BTreeSet<DeliveryMethod> {
        self.configuration
            .get("delivery_methods")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|item| DeliveryMethod::from_wire(item.as_str()?))
            .collect()
    }

    /// What the provider offers: nothing while it is disabled. Whether an Action delivers it is
    /// another matter, see [`Observed::delivers`].
    #[must_use]
    pub fn offers(&self) -> BTreeSet<DeliveryMethod> {
        if self.disabled {
            BTreeSet::new()
        } else {
            self.delivery_methods()
        }
    }
}

/// The strategies of connections that depend on the phone provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strategy {
    /// Passwordless by SMS (§6).
    Sms,
    /// A database connection, which may use phone numbers as identifiers (§7).
    Auth0,
}

impl Strategy {
    /// Auth0's spelling.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Auth0 => "auth0",
        }
    }
}

/// A connection (`/connections`, §6 and §7). Its `Debug` shows no options: those of old sms
/// connections hold secrets in clear (§6.3).
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// Auth0's id, `con_…`.
    pub id: String,
    /// Its name, unique in the tenant.
    pub name: String,
    /// What kind of connection it is.
    pub strategy: Strategy,
    /// The name that users see; a write without it resets it to `name` (§6.2).
    pub display_name: Option<String>,
    /// The options as Auth0 stores them, unknown keys included; `None` where the token may not
    /// see them (§7.4).
    pub options: Option<Map<String, Value>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Connection({} {} {})",
            self.strategy.as_wire(),
            self.name,
            self.id
        )
    }
}

impl Connection {
    /// The value of an option by path, where it is visible and there.
    #[must_use]
    pub fn option(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let start = self.options.as_ref()?.get(*first)?;
        rest.iter().try_fold(start, |value, key| value.get(*key))
    }

    /// Whether an option is on; absent and hidden count as off.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        self.option(path).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// An application (`/clients`, §8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Application {
    /// Its client id.
    pub client_id: String,
    /// Its name, which need not be unique.
    pub name: String,
}

/// One snapshot of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Whether the unified phone experience is on (`phone_consolidated_experience`, §5.1).
    pub unified: Reading<bool>,
    /// The provider, if one is configured.
    pub provider: Reading<Option<Provider>>,
    /// The Actions of the trigger `custom-phone-provider`; read where an object or the provider
    /// needs one.
    pub actions: Reading<Vec<PhoneAction>>,
    /// Whether the MFA factor `sms` is on; it stands for voice as well (§5.2).
    pub factor: Reading<bool>,
    /// The MFA message types.
    pub message_types: Reading<BTreeSet<MessageType>>,
    /// The MFA policies in Auth0's spelling; empty means never.
    pub policies: Reading<Vec<String>>,
    /// The connections of the strategies `sms` and `auth0`.
    pub connections: Reading<Vec<Connection>>,
    /// The client ids enabled for each sms connection, by connection id.
    pub connection_clients: BTreeMap<String, Reading<BTreeSet<String>>>,
    /// All applications; read only where an object names one.
    pub applications: Reading<Vec<Application>>,
}

impl Observed {
    /// The configured provider.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        self.provider.value().and_then(Option::as_ref)
    }

    /// What the tenant delivers now: nothing while the provider is disabled, or is an Action that
    /// does not run.
    #[must_use]
    pub fn delivers(&self) -> BTreeSet<DeliveryMethod> {
        let provider = self
            .provider()
            .filter(|provider| provider.name != ProviderName::Custom || self.action_runs());
        provider.map(Provider::offers).unwrap_or_default()
    }

    /// All connections that were read.
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.value().into_iter().flatten()
    }

    /// The connection of this strategy and name.
    #[must_use]
    pub fn connection(&self, strategy: Strategy, name: &str) -> Option<&Connection> {
        self.connections()
            .find(|item| item.strategy == strategy && item.name == name)
    }

    /// The client ids enabled for a connection, where they were read.
    #[must_use]
    pub fn clients_of(&self, connection_id: &str) -> Option<&BTreeSet<String>> {
        self.connection_clients
            .get(connection_id)
            .and_then(Reading::value)
    }

    /// An application's name, where it is known.
    #[must_use]
    pub fn application_name(&self, client_id: &str) -> Option<&str> {
        let applications = self.applications.value()?;
        applications
            .iter()
            .find(|item| item.client_id == client_id)
            .map(|item| item.name.as_str())
    }
}
