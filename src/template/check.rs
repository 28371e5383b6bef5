//! What is wrong with a template, or probably not meant.

use super::span::Span;
use super::{Channel, TemplateType};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No message can be sent, or a useless one.
    Error,
    /// A message is sent that probably is not what is meant, or costs more than it has to.
    Warning,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The template is not Liquid.
    Syntax,
    /// The template is longer than Auth0 takes (20,000 characters), or empty.
    Length,
    /// A limit of this program.
    Limit,
    /// A tag that LiquidJS does not have.
    UnknownTag,
    /// A filter that LiquidJS does not have: the value is printed unfiltered.
    UnknownFilter,
    /// A tag or filter that LiquidJS has and Auth0 does not list.
    Undocumented,
    /// A tag that needs a file of templates, which there is none of.
    Partial,
    /// A variable that Auth0 does not offer.
    UnknownVariable,
    /// A variable that Auth0 offers, but not to this type or channel.
    UnavailableVariable,
    /// The message is useless without `{{ code }}`.
    MissingCode,
    /// Text that looks meant as a variable and is sent as it stands.
    LiteralPlaceholder,
    /// Escaping for HTML, which a phone shows as it stands.
    HtmlEscape,
    /// The template fails with the sample variables.
    Render,
    /// The message needs more than one SMS segment.
    Segments,
    /// A few characters keep the message from the 7-bit alphabet.
    Encoding,
}

impl Code {
    /// The name of the rule: `unknown-variable`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Length => "length",
            Self::Limit => "limit",
            Self::UnknownTag => "unknown-tag",
            Self::UnknownFilter => "unknown-filter",
            Self::Undocumented => "undocumented",
            Self::Partial => "partial",
            Self::UnknownVariable => "unknown-variable",
            Self::UnavailableVariable => "unavailable-variable",
            Self::MissingCode => "missing-code",
            Self::LiteralPlaceholder => "literal-placeholder",
            Self::HtmlEscape => "html-escape",
            Self::Render => "render",
            Self::Segments => "segments",
            Self::Encoding => "encoding",
        }
    }
}

/// One thing that is wrong, or probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub code: Code,
    /// Where in the template; the whole of it where no place is to blame.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: Option<String>,
}

/// Finds what is wrong with a template of this type, in the order of the text.
#[must_use]
pub fn check(_source: &str, _template_type: TemplateType, _channel: Channel) -> Vec<Finding> {
    Vec::new()
}
