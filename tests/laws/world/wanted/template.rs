//! What a template's object may want, and what of the template it owns.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::adopt;

/// What one template's object wants.
#[derive(Clone, Debug)]
pub(super) struct Template {
    enabled: Option<bool>,
    from: Option<&'static str>,
    text: Option<&'static str>,
    voice: Option<&'static str>,
    pub(super) adopt: &'static str,
}

prop_compose! {
    /// Any template's object.
    pub(super) fn template()(
        enabled in prop::option::of(any::<bool>()),
        from in prop::option::of(Just("+15550133")),
        text in prop::option::of(prop_oneof![
            4 => Just("Code {{ code }}"),
            4 => Just("{{ code }}"),
            1 => Just("{% if code %}{{ code }}"),
        ]),
        voice in prop::option::of(Just("The code is {{ code }}")),
        adopt in adopt(),
    ) -> Template {
        Template { enabled, from, text, voice, adopt }
    }
}

impl Template {
    pub(super) fn spec(&self, type_: &str) -> Value {
        let mut spec = json!({"type": type_, "adopt": self.adopt});
        let words = [
            ("from", self.from),
            ("text", self.text),
            ("voice", self.voice),
        ];
        for (key, words) in words {
            if let Some(words) = words {
                // A notice has no code.
                let notice = type_ == "PasswordBreach";
                let variable = if notice { "friendly_name" } else { "code" };
                spec[key] = json!(words.replace("code }}", &format!("{variable} }}}}")));
            }
        }
        if let Some(enabled) = self.enabled {
            spec["enabled"] = json!(enabled);
        }
        spec
    }

    pub(super) fn blank_owned(&self, template: &mut Value) {
        template["updated_at"] = json!("owned");
        if self.enabled.is_some() {
            template["disabled"] = json!("owned");
        }
        let content = &mut template["content"];
        if self.from.is_some() {
            content["from"] = json!("owned");
        }
        for (key, words) in [("text", self.text), ("voice", self.voice)] {
            if words.is_some() {
                content["body"][key] = json!("owned");
            }
        }
    }
}
