//! What end users can do by phone, judged from one snapshot.
//!
//! A hazard is a flow that works before a plan and fails after it, so hazards are no list of
//! special cases: they are the difference between two answers of [`working`].

use std::collections::BTreeSet;
use std::fmt;

use super::action::{Applied, Change};
use super::delivery::{DeliveryMethod, MessageType};
use super::observed::{Connection, Observed, Strategy};
use super::predict::predict;

/// One thing that an end user can do only while a phone message can be sent (§12.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flow {
    /// Multi-factor sign-in by this kind of message.
    Mfa(MessageType),
    /// Passwordless sign-in to an application by text message.
    Passwordless {
        /// Name of the sms connection.
        connection: String,
        /// The application's client id.
        client_id: String,
    },
    /// Verification of a phone number at sign-up to a database connection.
    SignupVerification {
        /// Name of the database connection.
        connection: String,
    },
    /// Password reset by a code sent to the phone.
    PasswordReset {
        /// Name of the database connection.
        connection: String,
    },
    /// Sign-in with a phone number and a code instead of a password.
    PhoneOtp {
        /// Name of the database connection.
        connection: String,
    },
}

impl Flow {
    /// The delivery method that the flow needs.
    #[must_use]
    pub const fn needs(&self) -> DeliveryMethod {
        match self {
            Self::Mfa(kind) => kind.needs(),
            Self::Passwordless { .. }
            | Self::SignupVerification { .. }
            | Self::PasswordReset { .. }
            | Self::PhoneOtp { .. } => DeliveryMethod::Text,
        }
    }

    /// The stable id of a hazard to this flow: what an acknowledgement names.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Mfa(kind) => format!("mfa/{}", kind.as_wire()),
            Self::Passwordless {
                connection,
                client_id,
            } => {
                format!("passwordless/{connection}/{client_id}")
            }
            Self::SignupVerification { connection } => format!("signup/{connection}"),
            Self::PasswordReset { connection } => format!("password-reset/{connection}"),
            Self::PhoneOtp { connection } => format!("phone-otp/{connection}"),
        }
    }

    /// The smallest group that the flow belongs to: what one acknowledgement lets through together.
    #[must_use]
    pub fn group(&self) -> String {
        match self {
            Self::Passwordless { connection, .. } => format!("passwordless/{connection}"),
            _ => self.id(),
        }
    }

    /// Whether one of the acknowledgements names this flow.
    #[must_use]
    pub fn is_among(&self, acknowledged: &BTreeSet<String>) -> bool {
        acknowledged.iter().any(|text| self.acknowledged_by(text))
    }

    /// Whether an acknowledgement names this flow or a group that it belongs to
    /// (`passwordless/sms` stands for every application of that connection).
    #[must_use]
    pub fn acknowledged_by(&self, acknowledgement: &str) -> bool {
        self.id()
            .strip_prefix(acknowledgement)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mfa(MessageType::Sms) => write!(f, "MFA by SMS"),
            Self::Mfa(MessageType::Voice) => write!(f, "MFA by voice call"),
            Self::Passwordless {
                connection,
                client_id,
            } => {
                write!(
                    f,
                    "passwordless sign-in to {client_id} through connection {connection}"
                )
            }
            Self::SignupVerification { connection } => {
                write!(
                    f,
                    "phone verification at sign-up to connection {connection}"
                )
            }
            Self::PasswordReset { connection } => {
                write!(f, "password reset by phone in connection {connection}")
            }
            Self::PhoneOtp { connection } => {
                write!(f, "sign-in by phone code in connection {connection}")
            }
        }
    }
}

/// The flows that a write begins and ends to ask for, whether or not a message can be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhoneUse {
    /// Flows that are asked for from then on.
    pub begun: BTreeSet<Flow>,
    /// Flows that are not asked for any more.
    pub ended: BTreeSet<Flow>,
}

/// What a write changes in what a database connection asks for; other writes are not about phone
/// identifiers.
#[must_use]
pub fn phone_use(change: &Change, observed: &Observed) -> PhoneUse {
    let Change::UpdateConnection { id, .. } = change else {
        return PhoneUse::default();
    };
    let mut databases = observed
        .connections()
        .filter(|item| item.strategy == Strategy::Auth0);
    let Some(before) = databases.find(|item| item.id == *id) else {
        return PhoneUse::default();
    };
    let Applied::Connection(after) = predict(observed, change) else {
        return PhoneUse::default();
    };
    let [before, after] =
        [before, &after].map(|connection| identifier_flows(connection).collect::<BTreeSet<Flow>>());
    PhoneUse {
        begun: after.difference(&before).cloned().collect(),
        ended: before.difference(&after).cloned().collect(),
    }
}

/// The flows that the tenant's settings ask for, whether or not a message can be delivered.
///
/// Without the unified phone experience MFA and passwordless go the legacy way, which the tenant
/// provider has no part in; phone identifiers always use the provider (§5.1).
#[must_use]
pub fn wanted(observed: &Observed) -> BTreeSet<Flow> {
    let mut flows = BTreeSet::new();
    if observed.factor.value() == Some(&true) {
        let kinds = observed.message_types.value().into_iter().flatten();
        flows.extend(kinds.copied().map(Flow::Mfa));
    }
    for connection in observed.connections() {
        match connection.strategy {
            Strategy::Sms => {
                let clients = observed.clients_of(&connection.id).into_iter().flatten();
                flows.extend(clients.map(|client_id| Flow::Passwordless {
                    connection: connection.name.clone(),
                    client_id: client_id.clone(),
                }));
            }
            Strategy::Auth0 => flows.extend(identifier_flows(connection)),
        }
    }
    flows
}

/// What a phone identifier on a database connection lets people do (§7.1, §12.3).
fn identifier_flows(connection: &Connection) -> impl Iterator<Item = Flow> {
    let name = connection.name.clone();
    let identifier = connection.has(&["attributes", "phone_number", "identifier", "active"]);
    let verification = connection.has(&[
        "attributes",
        "phone_number",
        "signup",
        "verification",
        "active",
    ]);
    let otp = connection.has(&["authentication_methods", "phone_otp", "enabled"]);
    let reset = identifier && !connection.has(&["disable_self_service_change_password"]);
    [
        verification.then(|| Flow::SignupVerification {
            connection: name.clone(),
        }),
        reset.then(|| Flow::PasswordReset {
            connection: name.clone(),
        }),
        (otp && identifier).then(|| Flow::PhoneOtp {
            connection: name.clone(),
        }),
    ]
    .into_iter()
    .flatten()
}

/// Whether the flow's messages go through the tenant's phone provider.
#[must_use]
pub fn through_provider(observed: &Observed, flow: &Flow) -> bool {
    let legacy = observed.unified.value() == Some(&false);
    !(legacy && matches!(flow, Flow::Mfa(_) | Flow::Passwordless { .. }))
}

/// Whether the tenant can deliver what this flow needs.
#[must_use]
pub fn delivered(observed: &Observed, flow: &Flow) -> bool {
    !through_provider(observed, flow) || observed.delivers().contains(&flow.needs())
}

/// The flows that work now.
#[must_use]
pub fn working(observed: &Observed) -> BTreeSet<Flow> {
    wanted(observed)
        .into_iter()
        .filter(|flow| delivered(observed, flow))
        .collect()
}
