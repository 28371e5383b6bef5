//! What a cluster would hold if manifests were applied to it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::Resource;
use crate::manifest::schema::{Schema, Violation};
use crate::operator::registry::{Mention, mentions};
use crate::phone::desire::{References, key_of};
use crate::phone::report::Status;

/// An object as it would be once a manifest of it was applied to what the cluster has of it: the spec
/// is the manifest's, and status, age and what else the cluster keeps stay. So do labels and annotations
/// that the manifest does not name, unless its `earlier` form did, where that is known: whatever
/// applies manifests takes those away.
///
/// # Errors
///
/// What is wrong with the change, where the API server would refuse it.
pub fn applied(
    manifest: &Resource,
    earlier: Option<&Resource>,
    before: Option<&Resource>,
) -> Result<Resource, String> {
    let mut after = manifest.clone();
    let Some(before) = before else {
        after.metadata_mut().generation = Some(1);
        return Ok(after);
    };
    let named = manifest.metadata();
    let mut metadata = before.metadata().clone();
    let earlier = earlier.map(Resource::metadata);
    metadata.labels = merged(
        metadata.labels,
        earlier.and_then(|it| it.labels.as_ref()),
        named.labels.as_ref(),
    );
    metadata.annotations = merged(
        metadata.annotations,
        earlier.and_then(|it| it.annotations.as_ref()),
        named.annotations.as_ref(),
    );
    *after.metadata_mut() = metadata;
    Status::of(before).put(&mut after);
    let unreadable = |error: serde_json::Error| error.to_string();
    let (old, new) = (
        before.to_value().map_err(unreadable)?,
        after.to_value().map_err(unreadable)?,
    );
    if old["spec"] == new["spec"] {
        return Ok(after);
    }
    let broken = Schema::of(&manifest.kind().crd()).check_change(&new, &old);
    if let Some(Violation { field, message, .. }) = broken.into_iter().next() {
        return Err(format!("{}: {field}: {message}", key_of(manifest)));
    }
    let generation = &mut after.metadata_mut().generation;
    *generation = generation.map(|generation| generation + 1);
    Ok(after)
}

type Names = BTreeMap<String, String>;

fn merged(before: Option<Names>, earlier: Option<&Names>, named: Option<&Names>) -> Option<Names> {
    let mut all = before.unwrap_or_default();
    all.retain(|name, _| !earlier.is_some_and(|earlier| earlier.contains_key(name)));
    all.extend(named.cloned().unwrap_or_default());
    (!all.is_empty()).then_some(all)
}

/// Puts the Secrets, `ConfigMap`s and labels of Namespaces of manifests in the place of the
/// cluster's.
pub fn replace(references: &mut References, manifests: &References) {
    references
        .unreadable
        .retain(|place, _| !manifests.secrets.contains_key(place));
    references.secrets.extend(manifests.secrets.clone());
    references
        .unreadable_config_maps
        .retain(|place, _| !manifests.config_maps.contains_key(place));
    references.config_maps.extend(manifests.config_maps.clone());
    references.namespaces.extend(manifests.namespaces.clone());
}

/// The Secrets and `ConfigMap`s among manifests.
#[must_use]
pub fn provided(manifests: &References) -> BTreeSet<Mention> {
    let secrets = manifests
        .secrets
        .keys()
        .map(|(namespace, name)| Mention::Secret {
            namespace: namespace.clone(),
            name: name.clone(),
        });
    let config_maps = manifests.config_maps.keys();
    let config_maps = config_maps.map(|(namespace, name)| Mention::ConfigMap {
        namespace: namespace.clone(),
        name: name.clone(),
    });
    secrets.chain(config_maps).collect()
}

/// Whether an object takes something from these.
#[must_use]
pub fn takes(object: &Resource, provided: &BTreeSet<Mention>) -> bool {
    mentions(object).any(|mention| provided.contains(&mention))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::Kind;

    fn provider(annotations: &Value, spec: &Value) -> Resource {
        let mut all = json!({
            "tenantRef": {"name": "acme"},
            "deliveryMethods": ["Text"],
            "twilio": {"accountSid": "AC00000000000000000000000000000000", "from": "+15550100"},
        });
        for (name, value) in spec.as_object().unwrap() {
            all[name] = value.clone();
        }
        let object = json!({
            "metadata": {"name": "twilio", "namespace": "default", "annotations": annotations},
            "spec": all,
        });
        Resource::from_value(Kind::PhoneProvider, object).unwrap()
    }

    fn in_cluster(annotations: &Value) -> Resource {
        let mut object = provider(annotations, &json!({}));
        object.metadata_mut().generation = Some(4);
        object.metadata_mut().uid = Some("uid".to_owned());
        if let Resource::PhoneProvider(object) = &mut object {
            let status = json!({"observedGeneration": 4, "id": "pro_1"});
            object.status = Some(serde_json::from_value(status).unwrap());
        }
        object
    }

    #[test]
    fn a_manifest_that_changes_nothing_leaves_the_object_as_it_is() {
        let before = in_cluster(&json!({"kept": "1"}));
        let after = applied(&provider(&json!({}), &json!({})), None, Some(&before)).unwrap();
        assert_eq!(after, before);
    }

    #[test]
    fn a_changed_spec_is_another_generation_with_the_memory_of_the_one_before() {
        let before = in_cluster(&json!({}));
        let off = provider(&json!({}), &json!({"enabled": false}));
        let after = applied(&off, None, Some(&before)).unwrap();
        assert_eq!(after.metadata().generation, Some(5));
        assert_eq!(after.metadata().uid.as_deref(), Some("uid"));
        assert_eq!(Status::of(&after), Status::of(&before));
        let Resource::PhoneProvider(after) = after else {
            unreachable!()
        };
        assert!(!after.spec.enabled);
    }

    #[test]
    fn annotations_that_the_manifest_does_not_name_stay() {
        let before = in_cluster(&json!({"kept": "1", "changed": "1"}));
        let manifest = provider(&json!({"changed": "2"}), &json!({}));
        let after = applied(&manifest, None, Some(&before)).unwrap();
        let annotations = json!(after.metadata().annotations);
        assert_eq!(annotations, json!({"kept": "1", "changed": "2"}));
    }

    #[test]
    fn annotations_that_only_the_manifest_of_before_names_go() {
        let before = in_cluster(&json!({"kept": "1", "changed": "1", "gone": "1"}));
        let earlier = provider(&json!({"changed": "1", "gone": "1"}), &json!({}));
        let manifest = provider(&json!({"changed": "2"}), &json!({}));
        let after = applied(&manifest, Some(&earlier), Some(&before)).unwrap();
        let annotations = json!(after.metadata().annotations);
        assert_eq!(annotations, json!({"kept": "1", "changed": "2"}));
    }

    #[test]
    fn a_new_object_has_no_memory() {
        let after = applied(&provider(&json!({}), &json!({})), None, None).unwrap();
        assert_eq!(after.metadata().generation, Some(1));
        assert_eq!(Status::of(&after).observed_generation(), None);
    }

    #[test]
    fn what_the_api_server_would_not_let_change_is_refused() {
        let moved = provider(&json!({}), &json!({"tenantRef": {"name": "other"}}));
        let refused = applied(&moved, None, Some(&in_cluster(&json!({})))).unwrap_err();
        assert!(refused.contains("tenantRef cannot be changed"), "{refused}");
    }

    #[test]
    fn a_secret_among_the_manifests_takes_the_place_of_one_that_may_not_be_read() {
        let place = ("default".to_owned(), "twilio".to_owned());
        let mut references = References::default();
        references
            .unreadable
            .insert(place.clone(), "forbidden".to_owned());
        let mut manifests = References::default();
        manifests.secrets.insert(place.clone(), BTreeMap::new());
        replace(&mut references, &manifests);
        assert!(references.unreadable.is_empty());
        assert!(references.secrets.contains_key(&place));
    }
}
