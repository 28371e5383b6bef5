//! The phone settings of MFA from before the unified phone experience (§5.4).

use serde_json::Value;

use super::text;
use crate::phone::export::{Legacy, LegacySender};

pub(in crate::auth0) const SELECTED: &str = "/api/v2/guardian/factors/phone/selected-provider";
pub(in crate::auth0) const TWILIO: &str = "/api/v2/guardian/factors/phone/providers/twilio";
pub(in crate::auth0) const MESSAGES: &str = "/api/v2/guardian/factors/phone/templates";

/// `{"provider": "auth0"}`
pub(in crate::auth0) fn sender(body: &Value) -> Option<LegacySender> {
    Some(match body.get("provider")?.as_str()? {
        "auth0" => LegacySender::Auth0,
        "twilio" => LegacySender::Twilio,
        "phone-message-hook" => LegacySender::Action,
        other => LegacySender::Other(other.to_owned()),
    })
}

/// The settings, of which those of Twilio may be null, and the texts absent. Twilio's token, which is
/// among them in clear, is left where it is.
pub(in crate::auth0) fn settings(sender: LegacySender, twilio: &Value, messages: &Value) -> Legacy {
    Legacy {
        sender,
        account_sid: text(twilio, "sid"),
        from: text(twilio, "from"),
        messaging_service_sid: text(twilio, "messaging_service_sid"),
        enrollment: text(messages, "enrollment_message"),
        verification: text(messages, "verification_message"),
    }
}
