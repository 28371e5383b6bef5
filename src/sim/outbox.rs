//! Messages that the tenant would have sent.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::Store;
use crate::template::{self, Limits, TemplateType, sample};

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

impl Store {
    /// Puts a message made from the template of this type into the outbox, filled in as Auth0 would,
    /// with made-up people and the tenant's own name.
    pub(super) fn deliver(&mut self, to: &str, method: &str, message_type: &str, now: Timestamp) {
        let type_ = TemplateType::ALL
            .into_iter()
            .find(|it| it.as_str() == message_type);
        let body = match type_.zip(self.templates.body(message_type, method)) {
            Some((type_, template)) => self.filled_in(type_, method, &template),
            None => "This is a test message.".to_owned(),
        };
        self.outbox.push(Message {
            to: to.to_owned(),
            delivery_method: method.to_owned(),
            message_type: message_type.to_owned(),
            body,
            accepted_at: now,
        });
    }

    /// What a template says. One that cannot be rendered is sent as it stands: nobody has seen what
    /// Auth0 does with it.
    fn filled_in(&self, type_: TemplateType, method: &str, template: &str) -> String {
        let mut variables = sample::variables(type_);
        let name = self
            .settings
            .friendly_name()
            .unwrap_or_else(|| self.tenant());
        variables["tenant"] = json!(self.tenant());
        variables["friendly_name"] = json!(name);
        if method == "voice" {
            // What makes a call pause is not documented; a comma does in any voice.
            variables["pause"] = json!(",");
        }
        template::render(template, &variables, &Limits::default())
            .map_or_else(|_| template.to_owned(), |rendered| rendered.output)
    }
}
