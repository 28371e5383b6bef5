//! From an error of the API to what the planner needs to know of it.

use super::error::{ApiError, Class as ErrorClass, Kind};
use crate::api::Reason;
use crate::phone::observed::Refusal;
use crate::phone::outcome::{Class, Failure};

impl ApiError {
    /// When to look again, the reason for conditions, and the message.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let reason = match &self.kind {
            Kind::InvalidBody | Kind::InvalidRequest => Reason::InvalidSpec,
            Kind::Dependency => Reason::DependencyNotReady,
            Kind::InsufficientScope { .. } => Reason::InsufficientScope,
            Kind::PlanGate | Kind::Legacy => Reason::PlanUnsupported,
            Kind::Unauthorized | Kind::Authentication(_) => Reason::AuthenticationFailed,
            Kind::Throttled => Reason::Throttled,
            Kind::Cardinality
            | Kind::Conflict
            | Kind::Gone
            | Kind::Server
            | Kind::NotJson
            | Kind::Unexpected
            | Kind::Lost
            | Kind::TimedOut
            | Kind::NotSent
            | Kind::Fenced => Reason::ApiError,
        };
        let class = match self.class {
            // Nothing was done: what is known of the tenant is out of date, or never got there.
            ErrorClass::Throttled { until: None } | ErrorClass::Transient
                if !self.may_have_taken_effect() =>
            {
                Class::Gone
            }
            ErrorClass::Terminal => Class::Terminal,
            ErrorClass::Throttled { until: Some(until) } => Class::Throttled(until),
            ErrorClass::Throttled { until: None } | ErrorClass::Transient => Class::Transient,
            ErrorClass::Gone => Class::Gone,
        };
        Failure {
            class,
            reason,
            message: if self.kind == Kind::Throttled {
                // Without the time of the reset, which would make every attempt another message.
                format!(
                    "{}: Auth0's rate limit is reached, waiting for its reset",
                    self.endpoint
                )
            } else {
                self.to_string()
            },
        }
    }

    /// Why this part of the tenant cannot be read for good, where a grant or a plan is what lacks.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match &self.kind {
            Kind::InsufficientScope { any_of } => Some(Refusal::InsufficientScope(any_of.clone())),
            Kind::PlanGate => Some(Refusal::PlanUnsupported(self.message.clone())),
            Kind::Gone | Kind::InvalidRequest => Some(Refusal::Other(self.to_string())),
            _ => None,
        }
    }

    /// Whether what the request was about does not exist.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.kind == Kind::Gone
    }
}
