//! What to do about an error, in words for whoever reads the status or the terminal.

use super::{ApiError, Class, Kind, Refusal};

/// What happened where there was no answer.
pub(super) const fn without_answer(kind: &Kind) -> &'static str {
    match kind {
        Kind::NotSent => "cannot connect",
        Kind::Fenced => "this replica no longer leads",
        Kind::Lost => "the answer was lost",
        Kind::TimedOut => "no answer in time",
        Kind::Throttled => "held back by the tenant's rate limit",
        Kind::Authentication(_) => "no access token",
        _ => "failed",
    }
}

/// One or two sentences: the consequence and the remedy.
pub(super) fn advice(error: &ApiError) -> String {
    match &error.kind {
        Kind::InsufficientScope { any_of } => scope(any_of),
        Kind::Throttled => match error.class {
            Class::Throttled { until: Some(until) } => format!("Calls go on at {until:.0}."),
            _ => "Calls go on as soon as the limit allows.".to_owned(),
        },
        Kind::Authentication(refusal) => authentication(*refusal).to_owned(),
        other => plain(other).to_owned(),
    }
}

fn scope(any_of: &[String]) -> String {
    let wanted = match any_of {
        [] => "the scope that this endpoint needs".to_owned(),
        [one] => format!("the scope {one}"),
        several => format!("one of the scopes {}", several.join(", ")),
    };
    format!(
        "Grant the application {wanted} for the Auth0 Management API; \
         the next token after that will carry it."
    )
}

const fn authentication(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Credential => {
            "The client id or the client secret is wrong: compare the Secret with the \
             application's settings in this tenant."
        }
        Refusal::Assertion => {
            "The signed assertion is not accepted: the key, its algorithm or its key id must be \
             those of the application's credential, and this machine's clock must be right."
        }
        Refusal::NoGrant => {
            "Authorize the application for the Auth0 Management API and grant it the scopes \
             (a client grant)."
        }
        Refusal::GrantType => {
            "The application must be machine to machine, with the grant type client_credentials."
        }
        Refusal::Audience => {
            "The domain must be the tenant's own, not a custom domain: give the custom domain as \
             the endpoint."
        }
        Refusal::Other => "Check the application's credentials and grants.",
    }
}

const fn plain(kind: &Kind) -> &'static str {
    match kind {
        Kind::InvalidBody | Kind::InvalidRequest => {
            "Auth0 refuses these values, and will until the manifest changes."
        }
        Kind::Dependency => "What it depends on is not ready; it is tried again.",
        Kind::PlanGate => {
            "The tenant's plan or features do not include this; more scopes would not help."
        }
        Kind::Legacy => {
            "The Unified Phone Experience is on, and this legacy endpoint is closed: use the \
             tenant's phone provider and templates."
        }
        Kind::Cardinality => "There may be only one and it exists: it has to be adopted.",
        Kind::Conflict => "The tenant is in another state than was read: it is read again.",
        Kind::Gone => "It does not exist, or not any more: the tenant is read again.",
        Kind::Unauthorized => {
            "A fresh token was refused too: the endpoint must serve the tenant of this domain."
        }
        Kind::Server => "The fault is on the other side; it is tried again.",
        Kind::NotJson => {
            "Something between here and Auth0 answered instead: check domain, endpoint and proxy."
        }
        Kind::Unexpected => "Auth0 does not answer so: check domain and endpoint.",
        Kind::Lost | Kind::TimedOut => {
            "Whether it took effect is unknown, so the tenant is read again before anything is \
             written."
        }
        Kind::Fenced => "Nothing was sent; the replica that leads does it.",
        Kind::NotSent => "Nothing was sent: check domain, endpoint, network and certificates.",
        Kind::InsufficientScope { .. } | Kind::Throttled | Kind::Authentication(_) => "",
    }
}
