//! Step 4: loads what the objects of a tenant point to.

use futures::future::try_join_all;

use super::cluster::{Cluster, ClusterError};
use super::registry::{Mention, View, mentions};
use crate::api::Resource;
use crate::phone::desire::References;

/// Reads the Secrets that the objects name. Those of objects that are going are left alone: their
/// Secrets may be gone before them.
///
/// # Errors
///
/// [`ClusterError`] where the API server does not answer. A Secret that is not there, or that it
/// refuses, is no error here: the objects that name it are told.
pub async fn dereference(cluster: &Cluster, view: &View) -> Result<References, ClusterError> {
    let mut names: Vec<(String, String)> = view
        .resources
        .iter()
        .filter(|resource| !leaves(resource))
        .flat_map(|resource| mentions(resource))
        .filter_map(|mention| match mention {
            Mention::Secret { namespace, name } => Some((namespace, name)),
            Mention::ConfigMap { .. } => None,
        })
        .collect();
    names.sort();
    names.dedup();
    let read = names.into_iter().map(async |(namespace, name)| {
        let data = match cluster.secret(&namespace, &name).await {
            // It is this object's matter alone.
            Err(error) if error.is_refusal() => Err(error.to_string()),
            other => Ok(other?),
        };
        Ok::<_, ClusterError>(((namespace, name), data))
    });
    let mut references = References {
        namespaces: view.labels.clone(),
        ..References::default()
    };
    for (place, data) in try_join_all(read).await? {
        match data {
            Ok(Some(data)) => drop(references.secrets.insert(place, data)),
            Ok(None) => {}
            Err(why) => drop(references.unreadable.insert(place, why)),
        }
    }
    Ok(references)
}

/// Whether an object needs nothing any more. A tenant that is going still serves the removal of
/// what is in it.
fn leaves(resource: &Resource) -> bool {
    let going = resource.metadata().deletion_timestamp.is_some();
    going && !matches!(resource, Resource::Auth0Tenant(_))
}
