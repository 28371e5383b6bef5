//! Phone templates: Liquid as LiquidJS renders it, what is wrong with a template, and what a message costs.
//!
//! Auth0 renders phone templates with LiquidJS (§4.5). This module does the same by an engine of its own
//! (`docs/design/0005-own-liquid-engine.md`): pure, with byte spans, and with [`Limits`] that keep a template
//! which somebody puts into a custom resource from stopping the program.
//!
//! - [`render`] gives the text that Auth0 would send.
//! - [`check`] finds what is wrong with a template of one type, or probably not meant.
//! - [`segment::count`] says how a carrier splits and charges a message.
//! - [`sample::variables`] are values to preview a type with.

mod ast;
mod budget;
mod check;
mod convert;
mod cursor;
mod error;
mod expression;
mod filter;
mod limit;
mod literal;
mod number;
mod parse;
mod reference;
mod render;
pub mod sample;
mod scan;
pub mod segment;
mod span;
mod value;

use std::fmt;

use serde_json::Value;

pub use check::{Code, Finding, LONGEST, Severity, check};
pub use error::{ErrorKind, TemplateError};
pub use filter::DOCUMENTED as DOCUMENTED_FILTERS;
pub use limit::{Limit, Limits};
pub use span::Span;

/// When Auth0 sends a template (§4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateType {
    /// A one-time code at sign-in.
    OtpVerify,
    /// A one-time code at enrolment.
    OtpEnroll,
    /// A code to set a new password with.
    ChangePassword,
    /// The account was blocked after failed attempts.
    BlockedAccount,
    /// The password is known from a breach.
    PasswordBreach,
}

impl TemplateType {
    /// Every type.
    pub const ALL: [Self; 5] = [
        Self::OtpVerify,
        Self::OtpEnroll,
        Self::ChangePassword,
        Self::BlockedAccount,
        Self::PasswordBreach,
    ];

    /// The name on the wire: `otp_verify`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtpVerify => "otp_verify",
            Self::OtpEnroll => "otp_enroll",
            Self::ChangePassword => "change_password",
            Self::BlockedAccount => "blocked_account",
            Self::PasswordBreach => "password_breach",
        }
    }

    /// The name in a manifest: `OtpVerify`.
    #[must_use]
    pub const fn manifest_name(self) -> &'static str {
        match self {
            Self::OtpVerify => "OtpVerify",
            Self::OtpEnroll => "OtpEnroll",
            Self::ChangePassword => "ChangePassword",
            Self::BlockedAccount => "BlockedAccount",
            Self::PasswordBreach => "PasswordBreach",
        }
    }

    /// Whether the message carries a one-time code, without which it is useless.
    #[must_use]
    pub const fn carries_code(self) -> bool {
        match self {
            Self::OtpVerify | Self::OtpEnroll | Self::ChangePassword => true,
            Self::BlockedAccount | Self::PasswordBreach => false,
        }
    }
}

impl fmt::Display for TemplateType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How a message reaches a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A text message.
    Text,
    /// A voice call.
    Voice,
}

/// What a template renders to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The message.
    pub output: String,
    /// What the preview cannot show as Auth0 would, or what LiquidJS passes over without a word.
    pub warnings: Vec<Warning>,
}

/// A place where a template renders, but perhaps not to what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where in the template.
    pub span: Span,
    /// What it is.
    pub message: String,
}

/// Renders a template with these variables, as LiquidJS does with its default options.
///
/// An unknown variable is nothing, an unknown filter is left out.
///
/// # Errors
///
/// The template is not Liquid, a filter cannot work on its input, or a limit is reached. Each says where.
pub fn render(source: &str, variables: &Value, limits: &Limits) -> Result<Rendered, TemplateError> {
    let body = parse::parse(source, limits)?;
    render::render(source, &body, variables, limits)
}
