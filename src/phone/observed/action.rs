//! The Action of a custom phone provider as the tenant shows it (§3.4).

use std::collections::BTreeSet;
use std::fmt;

use super::{Observed, ProviderName};

/// How far the build of a draft is (`status`, §3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Build {
    /// It waits or is under way.
    Running,
    /// It can be deployed.
    Built,
    /// It failed, in the compiler's words where Auth0 gives them.
    Failed(Option<String>),
}

/// An npm package of an Action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// The registry that it comes from; the public one where absent.
    pub registry_url: Option<String>,
}

/// What an Action is made of, but for the values of its secrets, which Auth0 never shows. Its
/// `Debug` shows no code.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The code.
    pub code: String,
    /// The Node.js runtime.
    pub runtime: String,
    /// npm packages.
    pub dependencies: BTreeSet<Dependency>,
    /// Names of secrets.
    pub secrets: BTreeSet<String>,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            runtime,
            dependencies,
            secrets,
        } = self;
        let length = code.len();
        write!(
            f,
            "Content({length} bytes, {runtime}, {dependencies:?}, {secrets:?})"
        )
    }
}

/// An Action of the trigger `custom-phone-provider` (`/actions/actions`, §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneAction {
    /// Auth0's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is to be: what a deployment makes a version of.
    pub draft: Content,
    /// How far the build of the draft is.
    pub build: Build,
    /// What runs, where something is deployed.
    pub deployed: Option<Content>,
    /// What runs is made of the draft, the values of its secrets included.
    pub current: bool,
    /// It is bound to its trigger; `None` where Auth0 does not show bindings.
    pub bound: Option<bool>,
}

impl PhoneAction {
    /// Whether messages reach it: deployed, and bound as far as can be seen (§3.6).
    #[must_use]
    pub fn runs(&self) -> bool {
        self.deployed.is_some() && self.bound != Some(false)
    }

    /// What is told of a build that failed.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let Build::Failed(message) = &self.build else {
            return None;
        };
        let serving = if self.deployed.is_some() {
            "; the version deployed before goes on serving"
        } else {
            ""
        };
        let message = message.as_deref().unwrap_or("Auth0 does not say why");
        Some(format!(
            "Auth0 could not build Action {}: {message}{serving}. Change the code or its \
             dependencies: it is not built again before",
            self.name
        ))
    }
}

impl Observed {
    /// The Actions that a custom phone provider may be, where they were read.
    pub fn actions(&self) -> impl Iterator<Item = &PhoneAction> {
        self.actions.value().into_iter().flatten()
    }

    /// The tenant's one such Action (§3.1); none where there are several.
    #[must_use]
    pub fn action(&self) -> Option<&PhoneAction> {
        let mut all = self.actions();
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    /// Whether messages of a custom provider reach an Action. What was not read is not doubted.
    #[must_use]
    pub fn action_runs(&self) -> bool {
        self.actions.value().is_none() || self.actions().any(PhoneAction::runs)
    }

    /// Whether the provider is an Action.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.provider()
            .is_some_and(|provider| provider.name == ProviderName::Custom)
    }
}
