//! Errors of the Management API as values: what was tried, what Auth0 said, what to do about it.
//!
//! [`classify`] turns an answer into an [`ApiError`]; nothing here does input or output. The
//! tables are those of §0.2, §1 and §13.

use std::fmt;

use jiff::Timestamp;

use super::exchange::{NoAnswer, Request};

mod advice;
mod classify;
mod mask;
#[cfg(test)]
mod tests;
mod token;

pub use classify::classify;
pub use token::classify_token;

/// What a host does about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Only a change of the manifest, of a Secret or of the tenant helps; no backoff does.
    Terminal,
    /// Nothing is wrong; no call may be made before `until`, where that is known.
    Throttled {
        /// When the next call may be made.
        until: Option<Timestamp>,
    },
    /// The next pass, after a backoff, may well succeed.
    Transient,
    /// What was addressed does not exist; forget its id and read the tenant again.
    Gone,
}

/// Why a token was refused (§1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The client id or the client secret is wrong.
    Credential,
    /// The signed assertion was not accepted: key, algorithm, audience or clock.
    Assertion,
    /// The application has no client grant for the Management API.
    NoGrant,
    /// The application may not use the client credentials grant.
    GrantType,
    /// The audience is not an API of this tenant.
    Audience,
    /// Anything else.
    Other,
}

/// What went wrong, as finely as the answer tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The body breaks a rule of the API.
    InvalidBody,
    /// The path or the query breaks a rule of the API.
    InvalidRequest,
    /// What it depends on is not there yet: provider, delivery method, deployed Action.
    Dependency,
    /// The application lacks a scope; any one of these would do. Empty where Auth0 names none.
    InsufficientScope {
        /// The scopes as they are to be granted (plural, §0.2).
        any_of: Vec<String>,
    },
    /// The tenant's plan or feature flags do not include this; scopes do not help.
    PlanGate,
    /// A legacy phone endpoint under the Unified Phone Experience (§5.3): not a failure.
    Legacy,
    /// There may be only one, and there is one already.
    Cardinality,
    /// It contradicts the tenant's state, which has to be read again.
    Conflict,
    /// It does not exist.
    Gone,
    /// The access token is not accepted.
    Unauthorized,
    /// No access token was granted.
    Authentication(Refusal),
    /// Too many calls.
    Throttled,
    /// Auth0 or something in front of it has a fault (408, 5xx).
    Server,
    /// Not Auth0's JSON: something between answered.
    NotJson,
    /// A status that no rule covers, a redirect for one.
    Unexpected,
    /// The answer was lost: unknown whether the request took effect.
    Lost,
    /// No answer in time: unknown whether the request took effect.
    TimedOut,
    /// The request surely was not sent.
    NotSent,
    /// The request was not sent, because this process may not write any more.
    Fenced,
}

impl Kind {
    /// What a host does about an error of this kind.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::InvalidBody
            | Self::InvalidRequest
            | Self::InsufficientScope { .. }
            | Self::PlanGate
            | Self::Legacy
            | Self::Unauthorized
            | Self::Authentication(_)
            | Self::Unexpected => Class::Terminal,
            Self::Dependency
            | Self::Cardinality
            | Self::Conflict
            | Self::Server
            | Self::NotJson
            | Self::Lost
            | Self::TimedOut
            | Self::NotSent
            | Self::Fenced => Class::Transient,
            Self::Gone => Class::Gone,
            Self::Throttled => Class::Throttled { until: None },
        }
    }
}

/// One failed call: safe to print, to log and to put into status.
///
/// The message is Auth0's with secrets and phone numbers masked, control characters removed, and
/// cut to 300 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What to do about it.
    pub class: Class,
    /// What went wrong.
    pub kind: Kind,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Auth0's `errorCode`, or `error` of the token endpoint. Many errors have none (§0.1).
    pub error_code: Option<Box<str>>,
    /// What Auth0 said, or what happened instead of an answer. May be empty.
    pub message: String,
    /// What was tried: `PATCH /api/v2/branding/phone/providers/pro_…`.
    pub endpoint: Box<str>,
}

impl ApiError {
    /// The error of a request that got no answer.
    #[must_use]
    pub fn from_no_answer(request: &Request, no_answer: NoAnswer) -> Self {
        let kind = match no_answer {
            NoAnswer::Prevented(error) => return *error,
            NoAnswer::Throttled { until } => {
                return Self {
                    class: Class::Throttled { until: Some(until) },
                    ..Self::without_answer(request, Kind::Throttled, "")
                };
            }
            NoAnswer::NotSent => Kind::NotSent,
            NoAnswer::Lost => Kind::Lost,
            NoAnswer::TimedOut => Kind::TimedOut,
        };
        Self::without_answer(request, kind, "")
    }

    /// An error that this side found, in its own words.
    #[must_use]
    pub(crate) fn without_answer(request: &Request, kind: Kind, message: &str) -> Self {
        Self {
            class: kind.class(),
            kind,
            status: None,
            error_code: None,
            message: mask::message(request.body.as_ref(), message),
            endpoint: endpoint(request),
        }
    }

    /// Whether the request may have changed the tenant although it failed.
    #[must_use]
    pub const fn may_have_taken_effect(&self) -> bool {
        matches!(
            self.kind,
            Kind::Lost | Kind::TimedOut | Kind::Server | Kind::NotJson
        )
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, kind, .. } = self;
        write!(f, "{endpoint}: ")?;
        match (self.status, advice::without_answer(kind)) {
            (Some(status), _) => {
                write!(f, "answered {status}")?;
                if let Some(code) = &self.error_code {
                    write!(f, " {code}")?;
                }
            }
            (None, what) => f.write_str(what)?,
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message.trim_end_matches('.'))?;
        }
        write!(f, ". {}", advice::advice(self))
    }
}

impl std::error::Error for ApiError {}

/// Method and path; the query may hold search terms and stays out.
fn endpoint(request: &Request) -> Box<str> {
    mask::printable(&format!("{} {}", request.method, request.path), 200).into()
}
