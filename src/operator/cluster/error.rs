//! Why the API server did not do what was asked.

use std::error::Error as _;
use std::time::Duration;

use crate::auth0::random;

/// How long one call may take.
pub(super) const CALL: Duration = Duration::from_secs(15);

/// What is said of a kind that the API server does not know.
const UNKNOWN: &str = "the API server does not know this kind: install the definitions of this version, \
                       those of crds/ or of the chart";

/// Why the API server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// It refused, or could not be reached.
    #[error("{what}: {}", answer(source))]
    Refused {
        /// What was tried.
        what: String,
        /// What it answered.
        #[source]
        source: Box<kube::Error>,
    },
    /// It did not answer in time.
    #[error("{0}: no answer within {seconds} s", seconds = CALL.as_secs())]
    TimedOut(String),
    /// The Secret holds something else than a key of fingerprints.
    #[error(
        "Secret {namespace}/{name} does not hold a key of fingerprints: delete it to start anew"
    )]
    BrokenKey {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: &'static str,
    },
    /// What passes need to know cannot be listed.
    #[error(
        "not everything could be listed in time; still missing: {0}. Are the custom resource \
         definitions and the roles of this version installed?"
    )]
    NotSynced(String),
    /// Nothing can be called this.
    #[error("\"{0}\" is no name of an object")]
    InvalidName(String),
    /// No key can be made.
    #[error(transparent)]
    Random(#[from] random::NoRandomness),
    /// The answer is no object of this kind.
    #[error("{what}: {source}")]
    Unreadable {
        /// What was read.
        what: String,
        /// Why it cannot be.
        #[source]
        source: serde_json::Error,
    },
}

impl ClusterError {
    fn code(&self) -> Option<u16> {
        match self {
            Self::Refused { source, .. } => match source.as_ref() {
                kube::Error::Api(status) => Some(status.code),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether what was asked for is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    /// Whether the API server does not know the kind at all.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Refused { source, .. } if unknown(source))
    }

    /// Whether it is this object that is refused, and asking again does not help before somebody
    /// changes something. A 401 is about the operator itself.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let code = self.code();
        matches!(self, Self::InvalidName(_)) || code.is_some_and(|it| matches!(it, 400 | 403 | 422))
    }

    /// Whether no answer came at all: the next call will hardly get one.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            Self::TimedOut(_) => true,
            Self::Refused { source, .. } => !matches!(source.as_ref(), kube::Error::Api(_)),
            _ => false,
        }
    }

    /// Whether somebody else changed it meanwhile.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }
}

/// Whether an answer says that there is no such kind: it is a page that was not found, in plain text,
/// and not an object that was not.
fn unknown(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404 && status.reason != "NotFound")
}

/// What the API server said, or why it said nothing, in words for people: the client's own message
/// has the whole answer in it once more, as the program sees it, and not why a connection failed.
#[must_use]
pub fn answer(error: &kube::Error) -> String {
    if unknown(error) {
        return UNKNOWN.to_owned();
    }
    if let kube::Error::Api(status) = error
        && !status.message.is_empty()
    {
        return status.message.clone();
    }
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let why = error.to_string();
        if !told.contains(&why) {
            told = format!("{told}: {why}");
        }
        source = error.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_servers_words_alone() {
        let status = kube::core::Status::failure("secrets \"twilio\" is forbidden", "Forbidden");
        let error = ClusterError::Refused {
            what: "read Secret default/twilio".to_owned(),
            source: Box::new(kube::Error::Api(status.with_code(403).boxed())),
        };
        assert_eq!(
            error.to_string(),
            "read Secret default/twilio: secrets \"twilio\" is forbidden"
        );
    }

    #[test]
    fn a_kind_that_the_server_does_not_know_is_told_from_an_object_that_is_not_there() {
        let answered = |message: &str, reason: &str| ClusterError::Refused {
            what: "read Auth0Tenant default/acme".to_owned(),
            source: Box::new(kube::Error::Api(
                kube::core::Status::failure(message, reason)
                    .with_code(404)
                    .boxed(),
            )),
        };
        let unknown = answered("404 page not found\n", "Failed to parse error data");
        assert!(unknown.is_not_found() && unknown.is_unknown());
        let told = unknown.to_string();
        assert!(told.contains("does not know this kind"), "{told}");
        assert!(!told.contains("page not found"), "{told}");
        let absent = answered("auth0tenants \"acme\" not found", "NotFound");
        assert!(absent.is_not_found() && !absent.is_unknown());
        assert!(absent.to_string().ends_with("not found"), "{absent}");
    }

    #[test]
    fn only_what_is_one_objects_own_matter_is_a_refusal() {
        let answered = |code: u16| ClusterError::Refused {
            what: "read a Secret".to_owned(),
            source: Box::new(kube::Error::Api(
                kube::core::Status::failure("no", "Reason")
                    .with_code(code)
                    .boxed(),
            )),
        };
        for code in [400, 403, 422] {
            assert!(answered(code).is_refusal(), "{code}");
        }
        // The operator's own token has run out, or the server has enough to do.
        for code in [401, 404, 408, 409, 429, 500, 503] {
            assert!(!answered(code).is_refusal(), "{code}");
        }
        assert!(ClusterError::InvalidName("?limit=500".to_owned()).is_refusal());
    }
}
