//! Why a template cannot be rendered.

use super::limit::Limit;
use super::span::Span;

/// When a template fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// It is not Liquid: it always fails.
    Parse,
    /// It fails with these variables.
    Render,
}

impl ErrorKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Render => "render",
        }
    }
}

/// Why a template cannot be rendered, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// When it fails.
    pub kind: ErrorKind,
    /// Where in the template.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// The limit that was reached, if it is that.
    pub limit: Option<Limit>,
}

impl TemplateError {
    pub(super) fn parse(span: Span, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Parse,
            span,
            message: message.into(),
            limit: None,
        }
    }

    pub(super) fn render(span: Span, message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Render,
            ..Self::parse(span, message)
        }
    }
}
