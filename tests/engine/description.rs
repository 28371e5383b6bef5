//! Auth0's published description of the API, which lies beside the checkout.

use std::path::PathBuf;

use dialtone::auth0::exchange::Method;
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

const ADDRESS: &str = "urn:description";

/// The description, where it can be read.
pub(crate) struct Description(Registry<'static>);

impl Description {
    /// Says so where the description is not there.
    #[expect(clippy::print_stderr, reason = "a test that is not run says so")]
    pub(crate) fn read() -> Option<Self> {
        let shared = std::env::var("DIALTONE_SHARED").map_or_else(
            |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
            PathBuf::from,
        );
        let path = shared.join("reference/management-api.openapi.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!(
                "not run: there is no {} (set DIALTONE_SHARED)",
                path.display()
            );
            return None;
        };
        let description: Value = serde_json::from_str(&text).unwrap();
        let registry = Registry::new()
            .draft(Draft::Draft202012)
            .add(ADDRESS, description)
            .unwrap()
            .prepare()
            .unwrap();
        Some(Self(registry))
    }

    /// What the body of a request to an operation has to be.
    pub(crate) fn body_of(&self, method: Method, template: &str) -> Validator {
        let verb = method.as_str().to_lowercase();
        let template = template
            .replace('/', "~1")
            .replace('{', "%7B")
            .replace('}', "%7D");
        let place = format!(
            "{ADDRESS}#/paths/{template}/{verb}/requestBody/content/application~1json/schema"
        );
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.0)
            .build(&json!({"$ref": place}))
            .unwrap()
    }
}
