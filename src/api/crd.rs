//! The custom resource definitions, as they are installed.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt;
use serde_json::{Value, json};

use super::{
    Auth0Tenant, Kind, MfaPhoneFactor, PasswordlessConnection, PhoneIdentifier, PhoneProvider,
    PhoneTemplate, PhoneTestMessage,
};

/// Why a definition could not be written as YAML.
#[derive(Debug, thiserror::Error)]
#[error("the definition of {kind} cannot be written as YAML")]
pub struct CrdError {
    kind: Kind,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Kind {
    /// The kind's definition, as it is installed in a cluster.
    #[must_use]
    pub fn crd(self) -> CustomResourceDefinition {
        let mut crd = match self {
            Self::Auth0Tenant => Auth0Tenant::crd(),
            Self::PhoneProvider => PhoneProvider::crd(),
            Self::MfaPhoneFactor => MfaPhoneFactor::crd(),
            Self::PasswordlessConnection => PasswordlessConnection::crd(),
            Self::PhoneTemplate => PhoneTemplate::crd(),
            Self::PhoneIdentifier => PhoneIdentifier::crd(),
            Self::PhoneTestMessage => PhoneTestMessage::crd(),
        };
        for version in &mut crd.spec.versions {
            let schema = version.schema.as_mut();
            if let Some(schema) = schema.and_then(|schema| schema.open_api_v3_schema.as_mut()) {
                refine(schema);
                start_in_progress(schema);
            }
        }
        crd
    }

    /// The kind's definition as one YAML document, the same bytes every time.
    ///
    /// # Errors
    ///
    /// [`CrdError`], which a test rules out.
    pub fn crd_yaml(self) -> Result<String, CrdError> {
        let mut crd = serde_json::to_value(self.crd()).map_err(|source| CrdError {
            kind: self,
            source: source.into(),
        })?;
        whole_numbers(&mut crd);
        serde_saphyr::to_string(&crd).map_err(|source| CrdError {
            kind: self,
            source: source.into(),
        })
    }
}

/// The definitions of all kinds, in the order of [`Kind::ALL`].
#[must_use]
pub fn crds() -> Vec<CustomResourceDefinition> {
    Kind::ALL.into_iter().map(Kind::crd).collect()
}

/// The definitions of all kinds as one stream of YAML documents.
///
/// # Errors
///
/// [`CrdError`], which a test rules out.
pub fn crd_yaml() -> Result<String, CrdError> {
    Kind::ALL
        .into_iter()
        .try_fold(String::new(), |mut stream, kind| {
            stream.push_str("---\n");
            stream.push_str(&kind.crd_yaml()?);
            Ok(stream)
        })
}

/// Makes a derived schema fit for the people who read it and for null.
fn refine(schema: &mut JSONSchemaProps) {
    // An absent field says "not managed", and so must null: where a field is not nullable the API
    // server drops the null.
    schema.nullable = None;
    schema.description = schema.description.as_deref().map(plain);
    if let Some(properties) = &mut schema.properties {
        properties.values_mut().for_each(refine);
    }
    match &mut schema.items {
        Some(JSONSchemaPropsOrArray::Schema(items)) => refine(items),
        Some(JSONSchemaPropsOrArray::Schemas(items)) => items.iter_mut().for_each(refine),
        None => {}
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut schema.additional_properties {
        refine(values);
    }
}

/// Gives new objects a generation that is behind their own.
///
/// kstatus takes an object without status for current; with this it reads as in progress until the
/// first pass.
fn start_in_progress(schema: &mut JSONSchemaProps) {
    let properties = schema.properties.as_mut();
    if let Some(status) = properties.and_then(|properties| properties.get_mut("status")) {
        status.default = Some(JSON(json!({"observedGeneration": -1})));
    }
}

/// A doc comment as plain text: a paragraph on one line, without code marks and section numbers.
fn plain(text: &str) -> String {
    let lines = text.split("\n\n").map(|part| part.replace('\n', " "));
    let text = lines.collect::<Vec<_>>().join("\n\n").replace('`', "");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(" (§") {
        plain.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain
}

/// Writes `4.0` as `4`: Kubernetes' types hold the bounds of integers as floating-point numbers.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            if let Some(whole) = text.strip_suffix(".0").and_then(|n| n.parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_become_plain_text() {
        assert_eq!(
            plain("What a `Thing` is (§2.1, §3)\nand does.\n\nMore (§4)."),
            "What a Thing is and does.\n\nMore."
        );
    }

    #[test]
    fn bounds_of_integers_are_written_as_integers() {
        let mut value = json!({"minimum": 4.0, "multipleOf": 0.5});
        whole_numbers(&mut value);
        assert_eq!(value, json!({"minimum": 4, "multipleOf": 0.5}));
    }
}
