//! Who sends the messages: Twilio, or an Action.

use std::collections::BTreeSet;
use std::fmt;

use super::Claim;
use crate::phone::action::Credential;
use crate::phone::number::masked;
use crate::phone::observed::{Content, Dependency};
use crate::phone::secret::{Fingerprint, Secret};

/// Who sends the messages.
#[derive(Clone, Debug, PartialEq)]
pub enum Sender {
    /// Twilio.
    Twilio {
        /// Account SID.
        account_sid: String,
        /// The number, or the messaging service that chooses one.
        from: TwilioFrom,
        /// The auth token.
        auth_token: AuthToken,
        /// Fingerprint of the token that was last written, if that is known.
        applied_token: Option<Fingerprint>,
    },
    /// An Action that Dialtone sets up.
    Action(Box<DesiredAction>),
    /// An Action of this name that somebody else owns.
    ActionNamed(String),
    /// Nobody: the provider is being removed and never written.
    Nobody,
}

/// What the auth token of Twilio is to be.
#[derive(Clone, Debug, PartialEq)]
pub enum AuthToken {
    /// This one.
    Given(Credential),
    /// The one that the tenant holds.
    Left,
    /// That of a Secret which is kept elsewhere: taken for the one that the tenant holds.
    Unseen,
}

impl AuthToken {
    /// The token, where its value is known.
    #[must_use]
    pub const fn given(&self) -> Option<&Credential> {
        match self {
            Self::Given(token) => Some(token),
            Self::Left | Self::Unseen => None,
        }
    }
}

/// What Twilio sends from (§2.1: exactly one). Its `Debug` masks the number.
#[derive(Clone, PartialEq, Eq)]
pub enum TwilioFrom {
    /// `default_from`, in E.164.
    Number(String),
    /// `mssid`.
    MessagingService(String),
}

impl fmt::Debug for TwilioFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "Number({})", masked(number)),
            Self::MessagingService(sid) => write!(f, "MessagingService({sid})"),
        }
    }
}

/// The secrets of an Action by name, with one fingerprint of all.
#[derive(Clone, Debug)]
pub struct ActionSecrets {
    /// Names and values.
    pub values: Vec<(String, Secret)>,
    /// The names of those whose values are kept elsewhere. Where there is one, the Action is taken to
    /// hold the values that it should.
    pub unseen: BTreeSet<String>,
    /// The fingerprint of names and values together: Auth0 replaces them together (§3.3).
    pub fingerprint: Fingerprint,
}

impl ActionSecrets {
    /// The names of all of them.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let seen = self.values.iter().map(|(name, _)| name);
        seen.chain(&self.unseen).map(String::as_str).collect()
    }
}

impl PartialEq for ActionSecrets {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.unseen == other.unseen
    }
}

/// What an Action is to be. `None` leaves a part as it is in the tenant. Its `Debug` shows no code.
#[derive(Clone, PartialEq)]
pub struct DesiredAction {
    /// The Action as a thing of its own, which may exist before the provider does.
    pub claim: Claim,
    /// Its name.
    pub name: String,
    /// The code.
    pub code: String,
    /// Fingerprint of the code.
    pub code_fingerprint: Fingerprint,
    /// Fingerprint of the code that was last written, if that is known.
    pub applied_code: Option<Fingerprint>,
    /// The Node.js runtime.
    pub runtime: Option<String>,
    /// npm packages.
    pub dependencies: Option<BTreeSet<Dependency>>,
    /// Secrets.
    pub secrets: Option<ActionSecrets>,
    /// Fingerprint of the secrets that were last written, if that is known.
    pub applied_secrets: Option<Fingerprint>,
}

impl fmt::Debug for DesiredAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DesiredAction")
            .field("claim", &self.claim)
            .field("name", &self.name)
            .field("code_fingerprint", &self.code_fingerprint)
            .field("applied_code", &self.applied_code)
            .field("runtime", &self.runtime)
            .field("dependencies", &self.dependencies)
            .field("secrets", &self.secrets)
            .field("applied_secrets", &self.applied_secrets)
            .finish_non_exhaustive()
    }
}

impl DesiredAction {
    /// Whether an Action's content is as wanted, as far as that can be seen.
    #[must_use]
    pub fn is_like(&self, content: &Content) -> bool {
        let names = |secrets: &ActionSecrets| {
            let there = content.secrets.iter().map(String::as_str);
            there.eq(secrets.names())
        };
        self.code == content.code
            && self
                .runtime
                .as_ref()
                .is_none_or(|it| *it == content.runtime)
            && self
                .dependencies
                .as_ref()
                .is_none_or(|it| *it == content.dependencies)
            && self.secrets.as_ref().is_none_or(names)
    }

    /// Whether the Action of this id is known to hold these secrets; no secrets need no knowledge.
    #[must_use]
    pub fn holds_secrets(&self, id: &str) -> bool {
        let known = self.claim.known_id.as_deref() == Some(id);
        self.secrets.as_ref().is_none_or(|secrets| {
            secrets.values.is_empty()
                || !secrets.unseen.is_empty()
                || (known && self.applied_secrets.as_ref() == Some(&secrets.fingerprint))
        })
    }
}
