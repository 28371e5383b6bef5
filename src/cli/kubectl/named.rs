//! Objects as people name them on the command line.

use std::str::FromStr;

use crate::api::{GROUP, Kind, is_object_name};
use crate::phone::action::ObjectKey;

/// `KIND/NAME`, as kubectl takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
}

impl Named {
    /// The object of this name in a namespace.
    pub fn within(&self, namespace: &str) -> ObjectKey {
        ObjectKey {
            kind: self.kind,
            namespace: namespace.to_owned(),
            name: self.name.clone(),
        }
    }

    /// Of a kind and a name that are given apart.
    pub fn of(kind: &str, name: &str) -> Result<Self, String> {
        let kind = kind_called(kind)?;
        let name = object_name(name)?;
        Ok(Self { kind, name })
    }
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text
            .split_once('/')
            .ok_or("write it as KIND/NAME, such as phoneprovider/twilio")?;
        Self::of(kind, name)
    }
}

/// A tenant by its name, or by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantName {
    /// The namespace; the one that is looked at where absent.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl TenantName {
    /// Whether a tenant has this name.
    pub fn fits(&self, tenant: &ObjectKey) -> bool {
        let namespace = self.namespace.as_ref();
        tenant.name == self.name && namespace.is_none_or(|it| *it == tenant.namespace)
    }
}

impl FromStr for TenantName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (namespace, name) = match text.split_once('/') {
            Some((namespace, name)) => (Some(object_name(namespace)?), name),
            None => (None, text),
        };
        let name = object_name(name)?;
        Ok(Self { namespace, name })
    }
}

fn object_name(text: &str) -> Result<String, String> {
    if is_object_name(text) {
        return Ok(text.to_owned());
    }
    Err(format!("\"{text}\" is no name of an object"))
}

/// A kind by its name, its plural or its short name, as kubectl takes them, and `tenant`.
fn kind_called(text: &str) -> Result<Kind, String> {
    let word = text.to_ascii_lowercase();
    let word = word
        .strip_suffix(GROUP)
        .and_then(|word| word.strip_suffix('.'))
        .unwrap_or(&word);
    let called = |kind: &Kind| names(*kind).iter().any(|name| name == word);
    Kind::ALL.into_iter().find(called).ok_or_else(|| {
        let known = kind_names().join(", ");
        format!("no kind is called \"{text}\": one of {known}")
    })
}

/// The kinds as kubectl names them.
pub fn kind_names() -> Vec<String> {
    let name = |kind: Kind| kind.as_str().to_lowercase();
    Kind::ALL.into_iter().map(name).collect()
}

/// What a kind is called, its own name first.
fn names(kind: Kind) -> Vec<String> {
    let mut names = vec![kind.as_str().to_lowercase(), kind.plural().to_owned()];
    names.extend(kind.crd().spec.names.short_names.into_iter().flatten());
    if kind == Kind::Auth0Tenant {
        names.push("tenant".to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_called_as_kubectl_calls_them() {
        for text in [
            "phoneprovider/twilio",
            "PhoneProvider/twilio",
            "phoneproviders/twilio",
            "phprov/twilio",
            "phoneprovider.dialtone.dev/twilio",
        ] {
            let named: Named = text.parse().unwrap();
            assert_eq!(
                named,
                Named::of("phoneprovider", "twilio").unwrap(),
                "{text}"
            );
        }
        let tenant: Named = "tenant/acme".parse().unwrap();
        assert_eq!(tenant.kind, Kind::Auth0Tenant);
    }

    #[test]
    fn what_names_no_object_is_told_apart() {
        let refused = |text: &str| text.parse::<Named>().unwrap_err();
        assert!(refused("twilio").contains("KIND/NAME"));
        assert!(refused("pod/web").contains("one of auth0tenant, phoneprovider"));
        assert!(refused("phprov/../secrets").contains("no name"));
        assert!(refused("phprov/").contains("no name"));
    }

    #[test]
    fn a_tenant_is_found_by_its_name_in_any_namespace_or_in_one() {
        let key = Named::of("tenant", "acme").unwrap().within("identity");
        let fits = |text: &str| text.parse::<TenantName>().unwrap().fits(&key);
        assert!(fits("acme") && fits("identity/acme"));
        assert!(!fits("default/acme") && !fits("other"));
    }
}
