//! Phone templates as a read shows them (§4).

use std::fmt;

use crate::template::TemplateType;

/// The template of one sort of message (`/branding/phone/templates`, §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Auth0's id, `tem_…`; none where nothing is stored and Auth0 shows what it sends by itself
    /// (§4.2).
    pub id: Option<String>,
    /// The sort of message.
    pub type_: TemplateType,
    /// Messages of this sort are not sent.
    pub disabled: bool,
    /// What it says.
    pub content: TemplateContent,
}

/// What a template says. A write replaces it as a whole (§4.3). Its `Debug` shows none of it: the
/// sender is a phone number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TemplateContent {
    /// The sender; `None` for the provider's own.
    pub from: Option<String>,
    /// The text message.
    pub text: Option<String>,
    /// The call.
    pub voice: Option<String>,
}

impl TemplateContent {
    /// Whether it says nothing: Auth0 takes no content without a property (§4.1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.from.is_none() && self.text.is_none() && self.voice.is_none()
    }
}

impl fmt::Debug for TemplateContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TemplateContent(…)")
    }
}
