//! The phone settings of MFA from before the unified phone experience (§5.4), as the objects that
//! would take their place.

use std::fmt;

use serde_json::{Map, Value, json};

use super::Exported;
use crate::api::Kind;
use crate::phone::action::ObjectKey;
use crate::template::{Channel, TemplateType, check};

/// Who sends MFA messages in a tenant without the unified phone experience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacySender {
    /// Auth0 itself.
    Auth0,
    /// Twilio.
    Twilio,
    /// An Action of the trigger `send-phone-message`.
    Action,
    /// One that this version does not know.
    Other(String),
}

/// The phone settings of MFA from before the unified phone experience. Twilio's token, which Auth0
/// shows in clear here, is not among them. Its `Debug` shows no number.
#[derive(Clone, PartialEq, Eq)]
pub struct Legacy {
    /// Who sends.
    pub sender: LegacySender,
    /// Twilio's account.
    pub account_sid: Option<String>,
    /// The number that Twilio sends from.
    pub from: Option<String>,
    /// Twilio's messaging service.
    pub messaging_service_sid: Option<String>,
    /// What is sent when a phone is enrolled.
    pub enrollment: Option<String>,
    /// What is sent at sign-in.
    pub verification: Option<String>,
}

impl fmt::Debug for Legacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Legacy({:?})", self.sender)
    }
}

/// The objects of the unified phone experience that would do the same. What cannot be translated is
/// told in their notes.
#[must_use]
pub fn propose(legacy: &Legacy, tenant: &ObjectKey) -> Vec<Exported> {
    let mut all: Vec<Exported> = provider(legacy, tenant).into_iter().collect();
    for (type_, name, text) in [
        (TemplateType::OtpEnroll, "otp-enroll", &legacy.enrollment),
        (TemplateType::OtpVerify, "otp-verify", &legacy.verification),
    ] {
        all.extend(
            text.as_ref()
                .map(|text| template(type_, name, text, tenant)),
        );
    }
    all
}

const PROPOSED: &str = "Proposed from the phone settings of MFA: nothing of it is in the tenant's \
                        phone settings yet.";

fn provider(legacy: &Legacy, tenant: &ObjectKey) -> Option<Exported> {
    let mut spec = Map::new();
    spec.insert("deliveryMethods".to_owned(), json!(["Text"]));
    let note = match &legacy.sender {
        LegacySender::Twilio => {
            let mut twilio = Map::new();
            for (field, value) in [
                ("accountSid", &legacy.account_sid),
                ("from", &legacy.from),
                ("messagingServiceSid", &legacy.messaging_service_sid),
            ] {
                if let Some(value) = value {
                    twilio.insert(field.to_owned(), json!(value));
                }
            }
            let token = json!({"name": "twilio", "key": "authToken"});
            twilio.insert("authTokenSecretRef".to_owned(), token);
            spec.insert("twilio".to_owned(), Value::Object(twilio));
            "Put Twilio's auth token into the Secret that authTokenSecretRef names."
        }
        LegacySender::Action => {
            spec.insert("custom".to_owned(), json!({"actionRef": {"name": "phone"}}));
            "An Action of the trigger send-phone-message sends now. Write one of the trigger \
             custom-phone-provider that does the same, and name it here."
        }
        // Auth0's own sender has no place in the unified phone experience.
        LegacySender::Auth0 | LegacySender::Other(_) => return None,
    };
    let notes = [PROPOSED.to_owned(), note.to_owned()];
    Some(Exported::new(Kind::PhoneProvider, "phone", tenant, spec).noting(notes))
}

fn template(type_: TemplateType, name: &str, text: &str, tenant: &ObjectKey) -> Exported {
    let (text, changes) = translated(text.trim_end_matches(['\r', '\n']));
    let mut spec = Map::new();
    spec.insert("type".to_owned(), json!(type_.manifest_name()));
    spec.insert("text".to_owned(), json!(text));
    let mut notes = vec![PROPOSED.to_owned()];
    notes.extend(changes);
    for finding in check(&text, type_, Channel::Text) {
        let (line, column) = finding.span.line_column(&text);
        notes.push(format!(
            "Look at line {line}, column {column}: {}.",
            finding.message
        ));
    }
    Exported::new(Kind::PhoneTemplate, name, tenant, spec).noting(notes)
}

/// Variables of MFA templates by their names in phone templates (rows of §4.5 and §5.4).
const VARIABLES: [(&str, &str); 4] = [
    ("tenant.friendly_name", "friendly_name"),
    ("tenant.friendlyName", "friendly_name"),
    ("requestInfo.lang", "locale"),
    ("request_language", "locale"),
];

/// The same text with the variables of phone templates, and what was renamed.
fn translated(text: &str) -> (String, Vec<String>) {
    let mut now = text.to_owned();
    let mut told = Vec::new();
    for (from, to) in VARIABLES {
        if now.contains(from) {
            now = now.replace(from, to);
            told.push(format!("{from} is called {to} now."));
        }
    }
    (now, told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> ObjectKey {
        ObjectKey {
            kind: Kind::Auth0Tenant,
            namespace: "identity".to_owned(),
            name: "acme".to_owned(),
        }
    }

    fn legacy(sender: LegacySender) -> Legacy {
        Legacy {
            sender,
            account_sid: Some("AC00000000000000000000000000000000".to_owned()),
            from: Some("+15550100".to_owned()),
            messaging_service_sid: None,
            enrollment: Some("{{code}} is your code for {{tenant.friendly_name}}.\n".to_owned()),
            verification: Some(
                "{% if message_type == \"voice\" %}{{pause}}{% endif %}\n{{ code }}".to_owned(),
            ),
        }
    }

    #[test]
    fn twilio_and_texts_are_carried_over_with_their_new_names() {
        let all = propose(&legacy(LegacySender::Twilio), &tenant());
        let specs: Vec<&Value> = all.iter().map(|one| &one.manifest["spec"]).collect();
        assert_eq!(specs[0]["twilio"]["from"], "+15550100");
        assert_eq!(specs[0]["twilio"]["authTokenSecretRef"]["name"], "twilio");
        assert_eq!(
            specs[1]["text"],
            "{{code}} is your code for {{friendly_name}}."
        );
        assert_eq!(specs[1]["type"], "OtpEnroll");
        let renamed = "tenant.friendly_name is called friendly_name now.".to_owned();
        assert!(all[1].notes.contains(&renamed), "{:?}", all[1].notes);
    }

    #[test]
    fn what_cannot_be_translated_is_pointed_at() {
        let all = propose(&legacy(LegacySender::Action), &tenant());
        assert!(all[0].notes[1].contains("custom-phone-provider"));
        let marked = all[2].notes.iter().any(|note| {
            note.starts_with("Look at line 1, column") && note.contains("message_type")
        });
        assert!(marked, "{:?}", all[2].notes);
        assert_eq!(propose(&legacy(LegacySender::Auth0), &tenant()).len(), 2);
    }
}
