//! What the operator asks of the Kubernetes API server, each call bounded in time.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, ObjectReference, Secret as KubeSecret};
use kube::api::{
    ApiResource, DeleteParams, DynamicObject, ObjectMeta, Patch, PatchParams, PostParams,
    Preconditions,
};
use kube::core::GroupVersionKind;
use kube::runtime::events::{EventType, Reporter};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::time::timeout;

use self::error::CALL;
use self::events::Recorders;
use self::leftover::leftover;
use super::metrics::{ApiWrite, Metrics};
use crate::api::{API_VERSION, GROUP, Kind, Resource, VERSION, is_object_name};
use crate::auth0::random;
use crate::phone::action::ObjectKey;
use crate::phone::report::{Event, Status, shortened};
use crate::phone::secret::{FingerprintKey, Secret};

mod error;
mod events;
mod leftover;

pub use error::{ClusterError, answer};

/// The name of the operator in managed fields, events and user agents.
pub const MANAGER: &str = "dialtone";

/// The field manager of statuses.
const STATUS_MANAGER: &str = "dialtone/status";

/// The Secret in the operator's own namespace that keeps the key of fingerprints.
pub const KEY_SECRET: &str = "dialtone-fingerprint-key";

/// The key in it.
const KEY_FIELD: &str = "key";

/// Where `kubectl apply` keeps the whole manifest.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The longest `note` of an event, in bytes.
const LONGEST_NOTE: usize = 1024;

/// The API server.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    recorders: Recorders,
    metrics: Metrics,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cluster")
    }
}

impl Cluster {
    /// The API server behind this client; `instance` tells this replica's events from others'.
    #[must_use]
    pub fn new(client: Client, instance: String, metrics: Metrics) -> Self {
        let reporter = Reporter {
            controller: MANAGER.to_owned(),
            instance: Some(instance),
        };
        let recorders = Recorders::new(client.clone(), reporter);
        Self {
            client,
            recorders,
            metrics,
        }
    }

    /// Where everything is counted.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The objects of a kind in a namespace.
    fn objects(&self, key: &ObjectKey) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), &key.namespace, &api_resource(key.kind))
    }

    /// The values of a Secret; `None` where there is none of this name. Values that are not UTF-8
    /// are left out: nothing that Dialtone sends is binary.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be read.
    pub async fn secret(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<BTreeMap<String, Secret>>, ClusterError> {
        if !is_object_name(name) {
            return Err(ClusterError::InvalidName(name.to_owned()));
        }
        let api: Api<KubeSecret> = Api::namespaced(self.client.clone(), namespace);
        let what = || format!("read Secret {namespace}/{name}");
        let found = bounded(what, api.get_opt(name)).await?;
        Ok(found.map(|secret| {
            let data = secret.data.unwrap_or_default().into_iter();
            let text = |(key, ByteString(bytes))| {
                let value = String::from_utf8(bytes).ok()?;
                Some((key, Secret::new(value)))
            };
            data.filter_map(text).collect()
        }))
    }

    /// The texts of a `ConfigMap`; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be read.
    pub async fn config_map(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<BTreeMap<String, String>>, ClusterError> {
        if !is_object_name(name) {
            return Err(ClusterError::InvalidName(name.to_owned()));
        }
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), namespace);
        let what = || format!("read ConfigMap {namespace}/{name}");
        let found = bounded(what, api.get_opt(name)).await?;
        Ok(found.map(|config_map| config_map.data.unwrap_or_default()))
    }

    /// The key of fingerprints that an installation has made; `None` before its first start.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be read.
    pub async fn known_fingerprint_key(
        &self,
        namespace: &str,
    ) -> Result<Option<FingerprintKey>, ClusterError> {
        let data = self.secret(namespace, KEY_SECRET).await?;
        data.map(|data| stored_key(namespace, &data)).transpose()
    }

    /// The key of fingerprints of this installation, made at its first start.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it can neither be read nor made.
    pub async fn fingerprint_key(&self, namespace: &str) -> Result<FingerprintKey, ClusterError> {
        if let Some(key) = self.known_fingerprint_key(namespace).await? {
            return Ok(key);
        }
        let key = FingerprintKey::from_bytes(random::bytes::<32>()?);
        let api: Api<KubeSecret> = Api::namespaced(self.client.clone(), namespace);
        let mut secret = KubeSecret {
            immutable: Some(true),
            string_data: Some([(KEY_FIELD.to_owned(), key.to_hex().expose().to_owned())].into()),
            ..KubeSecret::default()
        };
        secret.metadata.name = Some(KEY_SECRET.to_owned());
        let what = || format!("create Secret {namespace}/{KEY_SECRET}");
        let params = PostParams {
            field_manager: Some(MANAGER.to_owned()),
            ..PostParams::default()
        };
        match bounded(what, api.create(&params, &secret)).await {
            Ok(_) => {
                self.metrics.wrote(ApiWrite::Secret);
                Ok(key)
            }
            // Another shard starts at the same time: its key is ours.
            Err(error) if error.is_conflict() => {
                let key = self.known_fingerprint_key(namespace).await?;
                key.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes an object's status by server-side apply, and returns the object as it is then. What
    /// another manager put there and was not meant is taken away. The uid keeps the status of an
    /// object that is gone from one of the same name made anew.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be written.
    pub async fn write_status(
        &self,
        key: &ObjectKey,
        uid: Option<&str>,
        status: &Status,
    ) -> Result<Resource, ClusterError> {
        let meant = status.to_value();
        let body = json!({
            "apiVersion": API_VERSION,
            "kind": key.kind.as_str(),
            "metadata": {"name": key.name, "uid": uid},
            "status": meant,
        });
        let params = PatchParams::apply(STATUS_MANAGER).force();
        let what = || format!("write the status of {key}");
        let api = self.objects(key);
        let patch = Patch::Apply(&body);
        let mut written = bounded(what, api.patch_status(&key.name, &params, &patch)).await?;
        self.metrics.wrote(ApiWrite::Status);
        let there = written.data.get("status").unwrap_or(&Value::Null);
        if let Some(rest) = leftover(there, &meant) {
            let body = json!({
                "metadata": {
                    "uid": uid,
                    "resourceVersion": written.metadata.resource_version,
                },
                "status": rest,
            });
            let params = PatchParams {
                field_manager: Some(STATUS_MANAGER.to_owned()),
                ..PatchParams::default()
            };
            let patch = Patch::Merge(&body);
            written = bounded(what, api.patch_status(&key.name, &params, &patch)).await?;
            self.metrics.wrote(ApiWrite::Status);
        }
        read(key.kind, written, what)
    }

    /// Sets an object's finalizers, if it is still as it was when it was read.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be written, or somebody else changed the object meanwhile.
    pub async fn set_finalizers(
        &self,
        key: &ObjectKey,
        resource_version: Option<&str>,
        finalizers: &[String],
    ) -> Result<Resource, ClusterError> {
        let body = json!({"metadata": {
            "resourceVersion": resource_version,
            "finalizers": finalizers,
        }});
        let params = PatchParams {
            field_manager: Some(MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let what = || format!("set the finalizers of {key}");
        let api = self.objects(key);
        let patch = Patch::Merge(&body);
        let written = bounded(what, api.patch(&key.name, &params, &patch)).await?;
        self.metrics.wrote(ApiWrite::Metadata);
        read(key.kind, written, what)
    }

    /// Deletes an object, if it is still as these metadata say.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be deleted, or somebody changed it meanwhile.
    pub async fn delete(&self, key: &ObjectKey, known: &ObjectMeta) -> Result<(), ClusterError> {
        let params = DeleteParams {
            preconditions: Some(Preconditions {
                uid: known.uid.clone(),
                resource_version: known.resource_version.clone(),
            }),
            ..DeleteParams::default()
        };
        let what = || format!("delete {key}");
        let api = self.objects(key);
        bounded(what, api.delete(&key.name, &params)).await?;
        self.metrics.wrote(ApiWrite::Deletion);
        Ok(())
    }

    /// Records an event at its object. Equal ones are counted, not repeated.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be recorded: a namespace that is being deleted takes none.
    pub async fn record(&self, event: &Event, uid: Option<String>) -> Result<(), ClusterError> {
        let key = &event.object;
        let reference = ObjectReference {
            api_version: Some(API_VERSION.to_owned()),
            kind: Some(key.kind.as_str().to_owned()),
            namespace: Some(key.namespace.clone()),
            name: Some(key.name.clone()),
            uid,
            ..ObjectReference::default()
        };
        let type_ = if event.warning {
            EventType::Warning
        } else {
            EventType::Normal
        };
        let published = kube::runtime::events::Event {
            type_,
            reason: event.reason.as_str().to_owned(),
            note: Some(shortened(event.message.clone(), LONGEST_NOTE)),
            // The recorder counts events of one action as repetitions whatever their notes say.
            action: format!("{}-{}", event.action, note_mark(&event.message)),
            secondary: None,
        };
        let what = || format!("record an event of {key}");
        let recorder = self.recorders.current();
        bounded(what, recorder.publish(&published, &reference)).await?;
        self.metrics.wrote(ApiWrite::Event);
        Ok(())
    }
}

fn stored_key(
    namespace: &str,
    data: &BTreeMap<String, Secret>,
) -> Result<FingerprintKey, ClusterError> {
    data.get(KEY_FIELD)
        .and_then(|text| FingerprintKey::from_hex(text.expose()).ok())
        .ok_or_else(|| ClusterError::BrokenKey {
            namespace: namespace.to_owned(),
            name: KEY_SECRET,
        })
}

/// The resource of a kind, as URLs name it.
#[must_use]
pub fn api_resource(kind: Kind) -> ApiResource {
    let gvk = GroupVersionKind::gvk(GROUP, VERSION, kind.as_str());
    ApiResource::from_gvk_with_plural(&gvk, kind.plural())
}

/// Reads an object of a kind from what the API server gives.
///
/// # Errors
///
/// [`ClusterError::Unreadable`] where it does not have the kind's form.
pub fn read(
    kind: Kind,
    object: DynamicObject,
    what: impl Fn() -> String,
) -> Result<Resource, ClusterError> {
    let unreadable = |source| ClusterError::Unreadable {
        what: what(),
        source,
    };
    let mut object = object;
    // Nobody reads them here, and they are more than half of an object.
    object.metadata.managed_fields = None;
    if let Some(annotations) = &mut object.metadata.annotations {
        annotations.remove(LAST_APPLIED);
    }
    let value = serde_json::to_value(object).map_err(unreadable)?;
    Resource::from_value(kind, value).map_err(unreadable)
}

/// Tells the notes of events of one action apart.
fn note_mark(note: &str) -> String {
    let digest = digest(&SHA256, note.as_bytes());
    data_encoding::HEXLOWER.encode(&digest.as_ref()[..4])
}

/// Awaits a call for as long as one may take.
///
/// # Errors
///
/// [`ClusterError`] where it is refused, or takes longer.
pub async fn bounded<T>(
    what: impl Fn() -> String,
    call: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, ClusterError> {
    match timeout(CALL, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(source)) => Err(ClusterError::Refused {
            what: what(),
            source: Box::new(source),
        }),
        Err(_) => Err(ClusterError::TimedOut(what())),
    }
}
