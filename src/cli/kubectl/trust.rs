//! Whether manifests may have the credentials of a cluster sent to a tenant. Pure.
//!
//! Manifests of a pull request are written by whoever opened it, and a plan of them runs before
//! anybody has read them. A tenant of theirs could name any Secret that the caller may read, and any
//! server that it is sent to.

use std::collections::BTreeSet;

use crate::api::{Auth0Tenant, SecretKeyRef};
use crate::operator::registry::Mention;

/// Refuses a tenant whose credentials the cluster has, where manifests say where they go: the tenant
/// is new, or reached or signed in to in another way than that of the cluster. `provided` is what is
/// among the manifests: credentials of theirs are theirs to send.
///
/// # Errors
///
/// What the manifests change, for people.
pub fn may_send(
    before: Option<&Auth0Tenant>,
    after: &Auth0Tenant,
    provided: &BTreeSet<Mention>,
) -> Result<(), String> {
    let given = |reference: &SecretKeyRef| {
        provided.contains(&Mention::Secret {
            namespace: after.metadata.namespace.clone().unwrap_or_default(),
            name: reference.name.clone(),
        })
    };
    let credentials = &after.spec.credentials;
    let secret = credentials.client_secret.as_ref().map(|it| &it.secret_ref);
    let key = credentials.private_key_jwt.as_ref();
    let mut named = secret.into_iter().chain(key.map(|it| &it.secret_ref));
    if named.all(given) {
        return Ok(());
    }
    let Some(before) = before else {
        return Err(refusal("the cluster has no such tenant to compare it with"));
    };
    let (old, new) = (&before.spec, &after.spec);
    let authorities = new.ca_bundle_secret_ref.as_ref();
    let changed = [
        ("spec.domain", old.domain != new.domain),
        ("spec.endpoint", old.endpoint != new.endpoint),
        ("spec.credentials", old.credentials != new.credentials),
        (
            "spec.caBundleSecretRef",
            old.ca_bundle_secret_ref != new.ca_bundle_secret_ref,
        ),
        (
            "the Secret of spec.caBundleSecretRef",
            authorities.is_some_and(given),
        ),
    ];
    let changed: Vec<&str> = changed
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(refusal(&format!(
        "the manifests change {}",
        changed.join(", ")
    )))
}

fn refusal(why: &str) -> String {
    format!(
        "it was not read, because that would send credentials of the cluster where the manifests say: \
         {why}; review them, then pass --trust-files"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn tenant(change: impl FnOnce(&mut Value)) -> Auth0Tenant {
        let mut spec = json!({
            "domain": "acme.eu.auth0.com",
            "credentials": {"clientSecret": {
                "clientId": "id", "secretRef": {"name": "auth0", "key": "clientSecret"},
            }},
            "caBundleSecretRef": {"name": "authorities", "key": "ca.crt"},
        });
        change(&mut spec);
        let object = json!({
            "apiVersion": "dialtone.dev/v1alpha1",
            "kind": "Auth0Tenant",
            "metadata": {"name": "acme", "namespace": "default"},
            "spec": spec,
        });
        serde_json::from_value(object).unwrap()
    }

    fn secret(name: &str) -> BTreeSet<Mention> {
        [Mention::Secret {
            namespace: "default".to_owned(),
            name: name.to_owned(),
        }]
        .into()
    }

    #[test]
    fn a_tenant_that_is_reached_as_before_may_be_read() {
        let after = tenant(|spec| spec["interval"] = json!("1h"));
        may_send(Some(&tenant(|_| ())), &after, &BTreeSet::new()).unwrap();
    }

    #[test]
    fn what_says_where_credentials_go_must_not_come_from_manifests() {
        let changes = [
            ("spec.domain", "/domain", "evil.example"),
            ("spec.endpoint", "/endpoint", "https://evil.example"),
            (
                "spec.credentials",
                "/credentials/clientSecret/secretRef/name",
                "payroll",
            ),
            (
                "spec.credentials",
                "/credentials/clientSecret/secretRef/key",
                "other",
            ),
            ("spec.caBundleSecretRef", "/caBundleSecretRef/name", "other"),
        ];
        let known = tenant(|spec| spec["endpoint"] = json!("https://acme.example"));
        for (field, pointer, value) in changes {
            let after = tenant(|spec| {
                spec["endpoint"] = json!("https://acme.example");
                *spec.pointer_mut(pointer).unwrap() = json!(value);
            });
            let refused = may_send(Some(&known), &after, &BTreeSet::new()).unwrap_err();
            assert!(refused.contains(&format!("change {field};")), "{refused}");
            assert!(refused.contains("--trust-files"), "{refused}");
        }
        let new = may_send(None, &tenant(|_| ()), &BTreeSet::new()).unwrap_err();
        assert!(new.contains("no such tenant"), "{new}");
        let authorities = secret("authorities");
        let same = tenant(|_| ());
        let refused = may_send(Some(&same), &same, &authorities).unwrap_err();
        assert!(refused.contains("the Secret of"), "{refused}");
    }

    #[test]
    fn credentials_among_the_manifests_may_go_where_these_say() {
        let elsewhere = tenant(|spec| spec["endpoint"] = json!("https://other.example"));
        may_send(None, &elsewhere, &secret("auth0")).unwrap();
        may_send(Some(&tenant(|_| ())), &elsewhere, &secret("auth0")).unwrap();
        may_send(None, &elsewhere, &secret("other")).unwrap_err();
    }
}
