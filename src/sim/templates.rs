//! Phone templates (§4): stored ones, and the defaults that stand in for the others.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::{Answer, bare_error, millis, no_such_path, ok};
use super::page::flag;
use super::store::Store;
use super::validate::{Shape, TEXT, may, must, object};
use crate::auth0::exchange::{Method, Request, Response};

/// The stored templates, in the order in which they were created.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Templates {
    stored: Vec<Map<String, Value>>,
}

const TYPES: [&str; 5] = [
    "otp_verify",
    "otp_enroll",
    "change_password",
    "blocked_account",
    "password_breach",
];
/// Listed by their defaults while they are not stored. `password_breach` is not, as recorded: it is
/// absent until it is created (§4.2).
const LISTED: [&str; 4] = [TYPES[0], TYPES[1], TYPES[2], TYPES[3]];

const SENDER: Shape = Shape::Text(1, 16);
const BODY: Shape = Shape::Filled(&[
    may("text", &Shape::Text(1, 20_000)),
    may("voice", &Shape::Text(1, 20_000)),
]);
const CREATE: Shape = Shape::Object(&[
    must("type", &Shape::OneOf(&TYPES)),
    may("disabled", &Shape::Boolean),
    may(
        "content",
        &Shape::Filled(&[
            may("syntax", &TEXT),
            may("from", &SENDER),
            may("body", &BODY),
        ]),
    ),
]);
const CHANGE: Shape = Shape::Object(&[
    may("disabled", &Shape::Boolean),
    may(
        "content",
        &Shape::Filled(&[may("from", &SENDER), may("body", &BODY)]),
    ),
]);

/// Other keys are let through, unlike with a provider's test message.
const TRY: Shape = Shape::Open(&[
    must("to", &Shape::Text(1, 16)),
    may("delivery_method", &Shape::OneOf(&["text", "voice"])),
]);

/// The default body of a type (§4.4); `password_breach` has never been seen.
fn default_body(kind: &str) -> (String, String) {
    let voice = |what: &str| {
        let code = "{{ pause }} {{ code | escape }}";
        format!(
            "Hello. Your {what} code for {{{{ friendly_name | escape }}}} is {code}. I repeat, your {what} code is {code}"
        )
    };
    let text = |what: &str| {
        format!("{{{{ code | escape }}}} is your {what} code for {{{{ friendly_name | escape }}}}")
    };
    match kind {
        "otp_verify" => (text("verification"), voice("verification")),
        "otp_enroll" => (
            format!(
                "{}. Please enter this code to verify your enrollment.",
                text("verification")
            ),
            voice("verification"),
        ),
        "change_password" => (text("password change"), voice("password change")),
        "blocked_account" => {
            let notice = "We detected suspicious activity on your account from the ip {{user.source_ip}}{% if user.city %} from {{user.city}}, {{user.country}}{% elsif user.country %} from {{user.country}}{% endif %}. Logins from this IP have been blocked on your account. If this is your IP, please reset your password to unblock your account. Otherwise, disregard this message.";
            (notice.to_owned(), notice.to_owned())
        }
        _ => {
            let notice = "Your password was found in a data breach of another service.";
            (notice.to_owned(), notice.to_owned())
        }
    }
}

fn default_content(kind: &str) -> Value {
    let (text, voice) = default_body(kind);
    json!({"syntax": "liquid", "body": {"text": text, "voice": voice}})
}

fn not_found() -> Response {
    bare_error(404, "Notification Resource not found")
}

impl Templates {
    fn find(&mut self, id: &str) -> Result<&mut Map<String, Value>, Response> {
        self.stored
            .iter_mut()
            .find(|item| item["id"] == id)
            .ok_or_else(not_found)
    }

    /// The body of a message type in force for a delivery method.
    pub(super) fn body(&self, kind: &str, method: &str) -> Option<String> {
        if !TYPES.contains(&kind) {
            return None;
        }
        let stored = self.stored.iter().find(|item| item["type"] == kind);
        let body = stored.and_then(|item| item["content"]["body"][method].as_str());
        let (text, voice) = default_body(kind);
        let default = if method == "voice" { voice } else { text };
        Some(body.map_or(default, str::to_owned))
    }
}

impl Store {
    pub(super) fn templates(&mut self, request: &Request, path: &[&str], now: Timestamp) -> Answer {
        match (request.method, path) {
            (Method::Get, []) => self.list_templates(request, now),
            (Method::Post, []) => self.create_template(request, now),
            (Method::Get, [id]) => ok(Value::Object(self.templates.find(id)?.clone())),
            (Method::Patch, [id]) => {
                let template = self.templates.find(id)?;
                let body = object(request, &CHANGE)?;
                let content = content(body);
                if let Some(disabled) = body.get("disabled") {
                    template.insert("disabled".to_owned(), disabled.clone());
                }
                if let Some(content) = content {
                    template.insert("content".to_owned(), content);
                }
                template.insert("updated_at".to_owned(), millis(now));
                ok(Value::Object(template.clone()))
            }
            (Method::Delete, [id]) => {
                self.templates.find(id)?;
                self.templates.stored.retain(|item| item["id"] != *id);
                Ok(Response::empty(204))
            }
            (Method::Patch, [id, "reset"]) => {
                let template = self.templates.find(id)?;
                let kind = template["type"].as_str().unwrap_or_default().to_owned();
                let mut content = default_content(&kind);
                if let Some(from) = template["content"].get("from") {
                    content["from"] = from.clone();
                }
                template.insert("content".to_owned(), content);
                template.insert("updated_at".to_owned(), millis(now));
                ok(Value::Object(template.clone()))
            }
            (Method::Post, [id, "try"]) => {
                let kind = self.templates.find(id)?["type"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                self.send_test(request, &TRY, &kind, now)
            }
            _ => Err(no_such_path()),
        }
    }

    /// Stored templates, and for each type that has none an item without id that stands for the
    /// default (§4.2).
    fn list_templates(&self, request: &Request, now: Timestamp) -> Answer {
        let stored = &self.templates.stored;
        let missing = LISTED
            .iter()
            .filter(|kind| !stored.iter().any(|item| item["type"] == **kind));
        let defaults = missing.map(|kind| {
            let mut content = default_content(kind);
            content["from"] = json!("");
            json!({
                "tenant": self.tenant(),
                "channel": "phone",
                "type": kind,
                "disabled": false,
                "created_at": millis(now),
                "updated_at": millis(now),
                "content": content,
            })
        });
        let disabled = flag(request, "disabled")?;
        let listed: Vec<Value> = stored
            .iter()
            .cloned()
            .map(Value::Object)
            .chain(defaults)
            .filter(|item| disabled.is_none_or(|wanted| item["disabled"] == wanted))
            .collect();
        ok(json!({"templates": listed}))
    }

    fn create_template(&mut self, request: &Request, now: Timestamp) -> Answer {
        let body = object(request, &CREATE)?;
        let kind = body["type"].as_str().unwrap_or_default();
        let disabled = body.get("disabled").is_some_and(|it| *it == true);
        let content = content(body).unwrap_or_else(|| default_content(kind));
        if self
            .templates
            .stored
            .iter()
            .any(|item| item["type"] == kind)
        {
            return Err(bare_error(
                409,
                "Phone template already configured for tenant",
            ));
        }
        let template = json!({
            "id": self.ids.prefixed("tem", 22),
            "tenant": self.tenant(),
            "channel": "phone",
            "type": kind,
            "disabled": disabled,
            "created_at": millis(now),
            "updated_at": millis(now),
            "content": content,
        });
        self.templates.stored.extend(template.as_object().cloned());
        Ok(Response::json(201, template))
    }
}

/// The content of a write in the form in which it is stored: syntax, body, sender.
fn content(body: &Map<String, Value>) -> Option<Value> {
    let sent = body.get("content")?;
    let mut content = json!({"syntax": "liquid"});
    for key in ["syntax", "body", "from"] {
        if let Some(value) = sent.get(key) {
            content[key] = value.clone();
        }
    }
    Some(content)
}
