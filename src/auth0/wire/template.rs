//! Phone templates on the wire (§4).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{item, text};
use crate::auth0::exchange::{Method, Request};
use crate::phone::observed::{Template, TemplateContent};
use crate::template::TemplateType;

pub(in crate::auth0) const TEMPLATES: &str = "/api/v2/branding/phone/templates";

pub(super) fn create(type_: TemplateType, disabled: bool, content: &TemplateContent) -> Request {
    let mut body = json!({"type": type_.as_str(), "disabled": disabled});
    if !content.is_empty() {
        body["content"] = content_body(content);
    }
    Request::new(Method::Post, TEMPLATES).json(body)
}

pub(super) fn update(
    id: &str,
    disabled: Option<bool>,
    content: Option<&TemplateContent>,
) -> Request {
    let mut body = Map::new();
    if let Some(disabled) = disabled {
        body.insert("disabled".to_owned(), json!(disabled));
    }
    if let Some(content) = content {
        body.insert("content".to_owned(), content_body(content));
    }
    Request::new(Method::Patch, item(TEMPLATES, id)).json(Value::Object(body))
}

/// Quirk: `syntax` is always answered and refused in a change, and so is an empty part (§4.1).
fn content_body(content: &TemplateContent) -> Value {
    let mut sent = Map::new();
    let mut body = Map::new();
    for (key, words) in [("text", &content.text), ("voice", &content.voice)] {
        if let Some(words) = words {
            body.insert(key.to_owned(), json!(words));
        }
    }
    if !body.is_empty() {
        sent.insert("body".to_owned(), Value::Object(body));
    }
    if let Some(from) = &content.from {
        sent.insert("from".to_owned(), json!(from));
    }
    Value::Object(sent)
}

/// `{"templates": [...]}`. Types that this version does not know are left out; a template that
/// cannot be read makes the list unreadable, since it would be created once more if it passed for
/// missing.
pub(in crate::auth0) fn templates(body: &Value) -> Option<BTreeMap<TemplateType, Template>> {
    let mut all: BTreeMap<TemplateType, Template> = BTreeMap::new();
    for value in body.get("templates")?.as_array()? {
        let Some(type_) = type_of(value.get("type")?.as_str()?) else {
            continue;
        };
        let template = template_of(type_, value);
        let stored = all.get(&type_).is_some_and(|known| known.id.is_some());
        if !stored {
            all.insert(type_, template);
        }
    }
    Some(all)
}

/// One template.
pub(super) fn template(value: &Value) -> Option<Template> {
    let type_ = type_of(value.get("type")?.as_str()?)?;
    Some(template_of(type_, value))
}

fn type_of(name: &str) -> Option<TemplateType> {
    TemplateType::ALL
        .into_iter()
        .find(|type_| type_.as_str() == name)
}

/// Quirk: what stands for Auth0's own words is listed without an id and with an empty sender, which
/// no write may have (§4.2).
fn template_of(type_: TemplateType, value: &Value) -> Template {
    let content = &value["content"];
    let part = |value: &Value, key: &str| text(value, key).filter(|words| !words.is_empty());
    Template {
        id: text(value, "id"),
        type_,
        disabled: value["disabled"].as_bool().unwrap_or(false),
        content: TemplateContent {
            from: part(content, "from"),
            text: part(&content["body"], "text"),
            voice: part(&content["body"], "voice"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_has_no_id_and_no_sender() {
        let listed = json!({"templates": [
            {"type": "otp_enroll", "content": {"from": "", "syntax": "liquid", "body": {"text": "a", "voice": "b"}}},
            {"type": "otp_verify", "id": "tem_1", "disabled": true, "content": {"from": "+15550100", "body": {"text": "c"}}},
            {"type": "something_new", "id": "tem_2"},
        ]});
        let all = templates(&listed).unwrap();
        assert_eq!(all.len(), 2);
        let default = &all[&TemplateType::OtpEnroll];
        assert_eq!((&default.id, &default.content.from), (&None, &None));
        let stored = &all[&TemplateType::OtpVerify];
        assert_eq!(stored.id.as_deref(), Some("tem_1"));
        assert!(stored.disabled);
        assert_eq!(stored.content.from.as_deref(), Some("+15550100"));
        assert_eq!(stored.content.voice, None);
    }

    #[test]
    fn what_is_stored_comes_before_what_is_only_listed() {
        let stored = json!({"type": "otp_verify", "id": "tem_1"});
        let default = json!({"type": "otp_verify"});
        for list in [json!([stored, default]), json!([default, stored])] {
            let all = templates(&json!({ "templates": list })).unwrap();
            assert!(all[&TemplateType::OtpVerify].id.is_some());
        }
    }

    #[test]
    fn what_cannot_be_read_does_not_pass_for_missing() {
        assert_eq!(templates(&json!({"templates": [{"id": "tem_1"}]})), None);
        assert_eq!(templates(&json!([])), None);
    }
}
