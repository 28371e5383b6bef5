//! Step 4: loads what the objects of a tenant point to.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join_all};

use super::cluster::{Cluster, ClusterError};
use super::registry::{Mention, View, mentions};
use crate::api::Resource;
use crate::phone::desire::References;

/// What was read by namespace and name, and what the API server refuses, with the reason.
type Read<T> = (
    BTreeMap<(String, String), T>,
    BTreeMap<(String, String), String>,
);

/// Reads the Secrets and the `ConfigMap`s that the objects name. Those of objects that are going are
/// left alone: they may be gone before them.
///
/// # Errors
///
/// [`ClusterError`] where the API server does not answer. What is not there, or what it refuses, is
/// no error here: the objects that name it are told.
pub async fn dereference(cluster: &Cluster, view: &View) -> Result<References, ClusterError> {
    let (mut secrets, mut config_maps) = (BTreeSet::new(), BTreeSet::new());
    let staying = view.resources.iter().filter(|resource| !leaves(resource));
    for mention in staying.flat_map(|resource| mentions(resource)) {
        match mention {
            Mention::Secret { namespace, name } => secrets.insert((namespace, name)),
            Mention::ConfigMap { namespace, name } => config_maps.insert((namespace, name)),
        };
    }
    let ((secrets, unreadable), (config_maps, unreadable_config_maps)) = try_join(
        read_all(secrets, |(namespace, name)| async move {
            cluster.secret(&namespace, &name).await
        }),
        read_all(config_maps, |(namespace, name)| async move {
            cluster.config_map(&namespace, &name).await
        }),
    )
    .await?;
    Ok(References {
        secrets,
        unreadable,
        config_maps,
        unreadable_config_maps,
        secrets_elsewhere: false,
        namespaces: view.labels.clone(),
    })
}

async fn read_all<T, F>(
    places: BTreeSet<(String, String)>,
    read: impl Fn((String, String)) -> F,
) -> Result<Read<T>, ClusterError>
where
    F: Future<Output = Result<Option<T>, ClusterError>>,
{
    let reads = places.into_iter().map(|place| {
        let reading = read(place.clone());
        async move {
            let data = match reading.await {
                // It is this object's matter alone.
                Err(error) if error.is_refusal() => Err(error.to_string()),
                other => Ok(other?),
            };
            Ok::<_, ClusterError>((place, data))
        }
    });
    let (mut found, mut refused) = Read::default();
    for (place, data) in try_join_all(reads).await? {
        match data {
            Ok(Some(data)) => drop(found.insert(place, data)),
            Ok(None) => {}
            Err(why) => drop(refused.insert(place, why)),
        }
    }
    Ok((found, refused))
}

/// Whether an object needs nothing any more. A tenant that is going still serves the removal of
/// what is in it.
fn leaves(resource: &Resource) -> bool {
    let going = resource.metadata().deletion_timestamp.is_some();
    going && !matches!(resource, Resource::Auth0Tenant(_))
}
