//! What the objects of one tenant want: the `Desired` half of every plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::action::{Applied, Change, ObjectKey};
use super::delivery::{DeliveryMethod, MessageType};
use super::number::PhoneNumber;
use super::observed::TemplateContent;
use super::secret::Fingerprint;
use crate::api::{Adopt, OnBreakingChange, Reason, UnifiedPhoneExperience};
use crate::template::TemplateType;

mod scope;
mod sender;

pub use scope::Scope;
pub use sender::{ActionSecrets, AuthToken, DesiredAction, Sender, TwilioFrom};

/// What is the same for every object that wants something of the tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The object.
    pub owner: ObjectKey,
    /// Its generation was applied and found Ready before: a difference is drift.
    pub settled: bool,
    /// It is being deleted with `deletionPolicy: Delete`.
    pub removing: bool,
    /// What to do with something that exists already.
    pub adopt: Adopt,
    /// The id in Auth0 that the object's status remembers.
    pub known_id: Option<String>,
    /// The object's status says that its creation was begun, and not what came of it.
    pub creating: bool,
}

impl Claim {
    /// Whether what exists under this id is known to be the object's own work: its status
    /// remembers the id, or a creation that was begun and whose answer was lost.
    #[must_use]
    pub fn made(&self, existing_id: &str) -> bool {
        match &self.known_id {
            Some(known) => known == existing_id,
            None => self.creating,
        }
    }
}

/// What a `PhoneProvider` wants.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredProvider {
    /// The object.
    pub claim: Claim,
    /// Switched on.
    pub enabled: bool,
    /// How it can reach people.
    pub delivery_methods: BTreeSet<DeliveryMethod>,
    /// Who sends.
    pub sender: Sender,
    /// The Action that the object set up and has no use for any more: deleted once the provider does
    /// not need it.
    pub left_action: Option<Claim>,
    /// Whether a change that breaks a sign-in flow is carried out.
    pub on_breaking_change: OnBreakingChange,
    /// Hazard ids, or groups of them, that the user let through.
    pub acknowledged: BTreeSet<String>,
}

/// What an `MfaPhoneFactor` wants.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredFactor {
    /// The object.
    pub claim: Claim,
    /// On or off.
    pub enabled: bool,
    /// Message types; `None` leaves those of the tenant.
    pub message_types: Option<BTreeSet<MessageType>>,
    /// Policies in Auth0's spelling; `None` leaves those of the tenant.
    pub policies: Option<Vec<String>>,
}

/// How a connection's list of applications is owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredApplications {
    /// Applications that are not listed are switched off.
    pub exclusive: bool,
    /// The applications.
    pub refs: Vec<ApplicationRef>,
    /// Client ids that Dialtone enabled before: what `Additive` may switch off again.
    pub enabled_before: BTreeSet<String>,
}

/// An application by id or by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApplicationRef {
    /// By client id.
    ClientId(String),
    /// By its exact name, which must occur once.
    Name(String),
}

/// What a `PasswordlessConnection` wants. `None` leaves a setting as it is in the tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredConnection {
    /// The object.
    pub claim: Claim,
    /// The connection's name.
    pub name: String,
    /// The name that users see.
    pub display_name: Option<String>,
    /// Owned options by path, in Auth0's spelling.
    pub options: BTreeMap<Vec<&'static str>, serde_json::Value>,
    /// Which applications may use it.
    pub applications: Option<DesiredApplications>,
}

/// What a `PhoneTemplate` wants. `None` leaves a setting as it is in the tenant. Its `Debug` shows no
/// content: the sender is a phone number.
#[derive(Clone, PartialEq)]
pub struct DesiredTemplate {
    /// The object.
    pub claim: Claim,
    /// The sort of message.
    pub type_: TemplateType,
    /// Whether messages of this sort are sent.
    pub enabled: Option<bool>,
    /// What it says.
    pub content: TemplateContent,
    /// Fingerprint of the content.
    pub fingerprint: Fingerprint,
    /// Why its texts must not be sent to Auth0, each with its place.
    pub errors: Vec<String>,
    /// What else is worth saying about its texts.
    pub warnings: Vec<String>,
}

impl fmt::Debug for DesiredTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DesiredTemplate({} {:?})", self.type_, self.claim)
    }
}

/// What a `PhoneIdentifier` wants.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredIdentifier {
    /// The object.
    pub claim: Claim,
    /// The name of the database connection.
    pub connection: String,
    /// Owned options by path, in Auth0's spelling.
    pub options: BTreeMap<Vec<&'static str>, serde_json::Value>,
}

impl DesiredIdentifier {
    /// Whether something that it wants needs messages to be sent.
    #[must_use]
    pub fn uses_phone(&self) -> bool {
        let on = |path: &[&'static str]| {
            let whole = ["attributes", "phone_number"].iter().chain(path);
            let whole: Vec<&'static str> = whole.copied().collect();
            self.options.get(&whole) == Some(&serde_json::Value::Bool(true))
        };
        on(&["identifier", "active"]) || on(&["signup", "verification", "active"])
    }
}

/// One test message.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredMessage {
    /// The object.
    pub owner: ObjectKey,
    /// Whom it goes to. Nobody where it was tried already, as it is not sent again, and where the
    /// number is kept elsewhere.
    pub to: Option<PhoneNumber>,
    /// How it is sent.
    pub method: DeliveryMethod,
    /// The template that it is made from; none for the provider's own test message.
    pub template: Option<TemplateType>,
}

/// What all objects of one tenant want.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The `Auth0Tenant`.
    pub tenant: ObjectKey,
    /// Whether Dialtone may turn the unified phone experience on.
    pub unified: UnifiedPhoneExperience,
    /// The tenant is left alone: neither read nor written.
    pub suspended: bool,
    /// Every object that takes part, in a stable order, the tenant first.
    pub objects: Vec<ObjectKey>,
    /// The provider.
    pub provider: Option<DesiredProvider>,
    /// The MFA phone factor.
    pub factor: Option<DesiredFactor>,
    /// The passwordless connections, by name.
    pub connections: Vec<DesiredConnection>,
    /// The phone templates, one for each sort of message.
    pub templates: Vec<DesiredTemplate>,
    /// The phone identifiers, one for each database connection.
    pub identifiers: Vec<DesiredIdentifier>,
    /// Test messages.
    pub messages: Vec<DesiredMessage>,
    /// Objects that take no part, and why.
    pub rejected: Vec<Rejection>,
}

/// An object that takes no part in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The object.
    pub object: ObjectKey,
    /// The machine's reason.
    pub reason: Reason,
    /// For people: what is wrong and what to do.
    pub message: String,
    /// The field that is wrong, where it is one: `spec.twilio.authTokenSecretRef`.
    pub field: Option<String>,
}

impl Desired {
    /// Leaves an object out: it is told why, nothing is planned for it, and nobody else takes the
    /// place that it has.
    pub fn leave_out(&mut self, object: &ObjectKey, reason: Reason, why: &str) {
        let is = |claim: &Claim| claim.owner == *object;
        self.provider = self.provider.take().filter(|it| !is(&it.claim));
        self.factor = self.factor.take().filter(|it| !is(&it.claim));
        self.connections.retain(|it| !is(&it.claim));
        self.templates.retain(|it| !is(&it.claim));
        self.identifiers.retain(|it| !is(&it.claim));
        self.messages.retain(|it| it.owner != *object);
        let told = self.rejected.iter().any(|it| it.object == *object);
        if self.objects.contains(object) && !told {
            self.rejected.push(Rejection {
                object: object.clone(),
                reason,
                message: why.to_owned(),
                field: None,
            });
        }
    }

    /// Takes over what a write taught: ids that Auth0 gave, the token that a provider now holds,
    /// applications that are now enabled by us.
    pub fn learn(&mut self, change: &Change, applied: &Applied) {
        if let Some(provider) = &mut self.provider {
            provider.learn(change, applied);
        }
        for identifier in &mut self.identifiers {
            match applied {
                Applied::Connection(now) if now.name == identifier.connection => {
                    identifier.claim.known_id = Some(now.id.clone());
                }
                _ => {}
            }
        }
        for template in &mut self.templates {
            match applied {
                Applied::Template(now) if now.type_ == template.type_ => {
                    template.claim.known_id.clone_from(&now.id);
                }
                _ => {}
            }
        }
        if let Change::SendTestMessage { message, .. } = change {
            for wanted in self.messages.iter_mut().filter(|it| it.owner == *message) {
                wanted.to = None;
            }
        }
        for connection in &mut self.connections {
            match (change, applied) {
                (_, Applied::Connection(now)) if now.name == connection.name => {
                    connection.claim.known_id = Some(now.id.clone());
                }
                (
                    Change::SetConnectionClients {
                        connection: name,
                        enable,
                        disable,
                    },
                    _,
                ) if *name == connection.name => {
                    if let Some(applications) = &mut connection.applications {
                        applications.enabled_before.extend(enable.iter().cloned());
                        applications
                            .enabled_before
                            .retain(|client| !disable.contains(client));
                    }
                }
                _ => {}
            }
        }
    }
}

impl DesiredProvider {
    fn learn(&mut self, change: &Change, applied: &Applied) {
        match (change, applied, &mut self.sender) {
            (
                Change::CreateProvider {
                    auth_token: Some(token),
                    ..
                },
                Applied::Provider(Some(now)),
                Sender::Twilio { applied_token, .. },
            ) => {
                *applied_token = Some(token.fingerprint.clone());
                self.claim.known_id = Some(now.id.clone());
            }
            (
                Change::UpdateProvider { patch, .. },
                Applied::Provider(Some(now)),
                Sender::Twilio { applied_token, .. },
            ) => {
                if let Some(token) = &patch.auth_token {
                    *applied_token = Some(token.fingerprint.clone());
                    self.claim.known_id = Some(now.id.clone());
                }
            }
            (
                Change::CreateProvider { .. } | Change::UpdateProvider { .. },
                Applied::Provider(Some(now)),
                Sender::Action(_) | Sender::ActionNamed(_),
            ) => self.claim.known_id = Some(now.id.clone()),
            (
                Change::CreateAction(draft) | Change::UpdateAction { draft, .. },
                Applied::Action(now),
                Sender::Action(action),
            ) => {
                action.claim.known_id = Some(now.id.clone());
                if let Some((_, fingerprint)) = &draft.code {
                    action.applied_code = Some(fingerprint.clone());
                }
                if let Some(secrets) = &draft.secrets {
                    action.applied_secrets = Some(secrets.fingerprint.clone());
                }
            }
            _ => {}
        }
    }
}
