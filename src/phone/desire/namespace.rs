//! Which namespaces' objects a tenant lets in.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{Selector, SelectorExt as _};

use super::{References, reject};
use crate::api::{AllowedNamespaces, NamespacesFrom, Reason};
use crate::phone::action::ObjectKey;
use crate::phone::desired::Rejection;

/// Why an object may not name this tenant, if it may not.
pub(super) fn not_allowed(
    owner: &ObjectKey,
    tenant: &ObjectKey,
    allowed: Option<&AllowedNamespaces>,
    references: &References,
) -> Option<Rejection> {
    let permitted = owner.namespace == tenant.namespace
        || allowed.is_some_and(|allowed| match allowed.from {
            NamespacesFrom::Same => false,
            NamespacesFrom::All => true,
            NamespacesFrom::Selector => references
                .namespaces
                .get(&owner.namespace)
                .zip(allowed.selector.as_ref())
                .is_some_and(|(labels, selector)| selects(selector, labels)),
        });
    (!permitted).then(|| {
        let message = format!(
            "{tenant} does not let objects of namespace {} in: extend its allowedNamespaces",
            owner.namespace
        );
        reject(
            owner,
            Reason::NamespaceNotAllowed,
            message,
            Some("spec.tenantRef"),
        )
    })
}

/// Whether a label selector matches; an empty one matches everything, as in Kubernetes, and one that
/// is none matches nothing.
fn selects(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    Selector::try_from(selector.clone()).is_ok_and(|selector| selector.matches(labels))
}
