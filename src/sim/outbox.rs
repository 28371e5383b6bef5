//! Messages that the tenant would have sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::store::Store;

/// One message that the tenant's provider was asked to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The recipient's number.
    pub to: String,
    /// `text` or `voice`.
    pub delivery_method: String,
    /// The message type, as templates name it; `test` for a provider's test message.
    pub message_type: String,
    /// What is sent.
    pub body: String,
    /// When it was accepted for sending.
    pub accepted_at: Timestamp,
}

/// The code in messages of the simulated tenant.
const CODE: &str = "123456";

impl Store {
    /// Puts a message made from the template of this type into the outbox.
    ///
    /// Only `code` and the tenant's name are filled in: what Auth0 would make of the rest of a
    /// template is not this simulator's business.
    pub(super) fn deliver(&mut self, to: &str, method: &str, message_type: &str, now: Timestamp) {
        let template = self.templates.body(message_type, method);
        let name = self
            .settings
            .friendly_name()
            .unwrap_or_else(|| self.tenant())
            .to_owned();
        let mut body = template.unwrap_or_else(|| "This is a test message.".to_owned());
        for (variable, value) in [
            ("code", CODE),
            ("friendly_name", name.as_str()),
            ("pause", ","),
        ] {
            for form in [
                format!("{{{{ {variable} | escape }}}}"),
                format!("{{{{ {variable} }}}}"),
                format!("{{{{{variable}}}}}"),
            ] {
                body = body.replace(&form, value);
            }
        }
        self.outbox.push(Message {
            to: to.to_owned(),
            delivery_method: method.to_owned(),
            message_type: message_type.to_owned(),
            body,
            accepted_at: now,
        });
    }
}
