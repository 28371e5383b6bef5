//! Auth0's published description of the API, which lies beside the checkout.

use dialtone::auth0::exchange::Method;
use jsonschema::{Draft, Registry, Validator};
use serde_json::json;

use crate::published;

const ADDRESS: &str = "urn:description";

/// The description, where it can be read.
pub(crate) struct Description(Registry<'static>);

impl Description {
    /// Says so where the description is not there.
    pub(crate) fn read() -> Option<Self> {
        let description = published::read()?;
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
