//! What is written of an Action.

use std::collections::BTreeSet;
use std::fmt;

use crate::phone::desired::ActionSecrets;
use crate::phone::observed::{Content, Dependency};
use crate::phone::secret::Fingerprint;

/// What to write of an Action (§3.3). `None` keeps a part as it is; a new Action gets Auth0's
/// default. Its `Debug` shows no code.
#[derive(Clone, PartialEq)]
pub struct ActionDraft {
    /// Its name.
    pub name: Option<String>,
    /// The code, with its fingerprint.
    pub code: Option<(String, Fingerprint)>,
    /// The Node.js runtime.
    pub runtime: Option<String>,
    /// npm packages: all of them.
    pub dependencies: Option<BTreeSet<Dependency>>,
    /// Secrets: all of them, with their values.
    pub secrets: Option<ActionSecrets>,
}

impl fmt::Debug for ActionDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionDraft")
            .field("name", &self.name)
            .field(
                "code",
                &self.code.as_ref().map(|(_, fingerprint)| fingerprint),
            )
            .field("runtime", &self.runtime)
            .field("dependencies", &self.dependencies)
            .field("secrets", &self.secrets)
            .finish()
    }
}

impl ActionDraft {
    /// The content after it was written over this one.
    #[must_use]
    pub fn over(&self, mut content: Content) -> Content {
        if let Some((code, _)) = &self.code {
            content.code.clone_from(code);
        }
        if let Some(runtime) = &self.runtime {
            content.runtime.clone_from(runtime);
        }
        if let Some(dependencies) = &self.dependencies {
            content.dependencies.clone_from(dependencies);
        }
        if let Some(secrets) = &self.secrets {
            content.secrets = secrets
                .values
                .iter()
                .map(|(name, _)| name.clone())
                .collect();
        }
        content
    }
}
