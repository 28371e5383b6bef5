//! Signing somebody in: whether what end users do by phone works in this tenant.
//!
//! This is judged from the tenant's state alone, apart from the planner's own judgement, so that a
//! test can hold one against the other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::Store;

/// Something that an end user does by phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "flow")]
pub enum Flow {
    /// A multi-factor challenge by text message.
    MfaSms,
    /// A multi-factor challenge by call.
    MfaVoice,
    /// `/passwordless/start` for an application.
    Passwordless {
        /// Name of the sms connection.
        connection: String,
        /// The application.
        client_id: String,
    },
    /// Sign-up with a phone number that is verified.
    SignupVerification {
        /// Name of the database connection.
        connection: String,
    },
    /// Password reset by a code sent to the phone.
    PasswordReset {
        /// Name of the database connection.
        connection: String,
    },
    /// Sign-in with a code instead of a password.
    PhoneOtp {
        /// Name of the database connection.
        connection: String,
    },
}

/// Why a flow does not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// The tenant does not offer it.
    #[error("the tenant does not offer this")]
    NotOffered,
    /// The tenant offers it, and no message can be sent.
    #[error("no message can be sent by {0}")]
    NotDelivered(&'static str),
}

/// The recipient of messages that flows send.
const END_USER: &str = "+15555550123";

/// Every flow that this tenant offers, whether or not it works.
#[must_use]
pub fn flows(store: &Store) -> Vec<Flow> {
    let mut flows = Vec::new();
    if store.guardian.offers("sms") {
        flows.push(Flow::MfaSms);
    }
    if store.guardian.offers("voice") {
        flows.push(Flow::MfaVoice);
    }
    for item in store.connections.all() {
        let connection = || item.name().to_owned();
        match item.strategy() {
            "sms" => flows.extend(item.clients().iter().map(|client_id| Flow::Passwordless {
                connection: connection(),
                client_id: client_id.clone(),
            })),
            "auth0" => {
                let on = |path: &[&str]| *item.option(path) == true;
                let active = on(&["attributes", "phone_number", "identifier", "active"]);
                if on(&[
                    "attributes",
                    "phone_number",
                    "signup",
                    "verification",
                    "active",
                ]) {
                    flows.push(Flow::SignupVerification {
                        connection: connection(),
                    });
                }
                if active && !on(&["disable_self_service_change_password"]) {
                    flows.push(Flow::PasswordReset {
                        connection: connection(),
                    });
                }
                if active && on(&["authentication_methods", "phone_otp", "enabled"]) {
                    flows.push(Flow::PhoneOtp {
                        connection: connection(),
                    });
                }
            }
            _ => {}
        }
    }
    flows
}

/// Does what the end user would do. Success leaves a message in the outbox.
///
/// # Errors
///
/// Why it does not work.
pub fn try_flow(store: &mut Store, flow: &Flow, now: Timestamp) -> Result<(), FlowError> {
    if !flows(store).contains(flow) {
        return Err(FlowError::NotOffered);
    }
    let (method, message_type) = match flow {
        Flow::MfaVoice => ("voice", "otp_verify"),
        Flow::PasswordReset { .. } => ("text", "change_password"),
        Flow::MfaSms
        | Flow::Passwordless { .. }
        | Flow::SignupVerification { .. }
        | Flow::PhoneOtp { .. } => ("text", "otp_verify"),
    };
    if !legacy(store, flow) && !sends(store, method) {
        return Err(FlowError::NotDelivered(method));
    }
    store.deliver(END_USER, method, message_type, now);
    Ok(())
}

/// Without the unified experience MFA and passwordless have senders of their own; phone
/// identifiers always use the tenant's (§5.1).
fn legacy(store: &Store, flow: &Flow) -> bool {
    !store.settings.unified()
        && matches!(
            flow,
            Flow::MfaSms | Flow::MfaVoice | Flow::Passwordless { .. }
        )
}

fn sends(store: &Store, method: &str) -> bool {
    let handled = !store.providers.is_custom() || store.actions.sends_phone_messages();
    store.providers.delivers().contains(&method) && handled
}
