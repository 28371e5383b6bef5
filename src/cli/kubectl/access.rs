//! The cluster of the kubeconfig, asked as whoever calls.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use reqwest::header::{HeaderValue, USER_AGENT};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::NAME;
use crate::api::{Kind, Resource};
use crate::cli::manifests::namespace;
use crate::operator::cluster::{Cluster, ClusterError, api_resource, bounded, read};
use crate::operator::metrics::Metrics;
use crate::operator::way::{WayError, way};
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;

/// Who asks, in the audit log of the API server.
const AGENT: &str = concat!("kubectl-dialtone/", env!("CARGO_PKG_VERSION"));

/// The field manager of what is written. It must not begin with `kubectl`: Flux takes over, and drops,
/// what any manager of such a name has set and Git has not (fluxcd/pkg/ssa, `matchFieldManager`).
const MANAGER: &str = "dialtone-kubectl";

/// The time between two looks at an object that is waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Which cluster.
#[derive(Clone, Debug, Default, Args)]
pub struct ClusterArgs {
    /// The kubeconfig. KUBECONFIG or ~/.kube/config where absent, and in a Pod its service account.
    #[arg(long, global = true, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig. The current one where absent.
    #[arg(long, global = true, value_name = "NAME")]
    context: Option<String>,
    /// The namespace. That of the context where absent.
    #[arg(short, long, global = true, value_name = "NAME", value_parser = namespace)]
    namespace: Option<String>,
}

/// Why a cluster does not give or take what is asked.
#[derive(Debug, thiserror::Error)]
pub enum KubectlError {
    /// Nothing tells how to reach a cluster.
    #[error("no way to a cluster: {0}")]
    Way(#[from] WayError),
    /// The client cannot be set up.
    #[error("the client cannot be set up: {0}")]
    Client(#[from] kube::Error),
    /// The API server does not do what is asked.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The definitions are missing.
    #[error(
        "the cluster does not know {0}: are the custom resource definitions of this version \
         installed (dialtone crd | kubectl apply --server-side -f -)?"
    )]
    NotInstalled(Kind),
    /// Nothing is called this.
    #[error("there is no {0}")]
    NotThere(ObjectKey),
    /// What is asked cannot be done, and why.
    #[error("{0}")]
    Refused(String),
}

/// A cluster, asked as whoever calls.
pub struct Access {
    client: Client,
    cluster: Cluster,
    namespace: String,
}

impl Access {
    /// The cluster that the arguments name. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where they name none.
    pub async fn new(args: &ClusterArgs) -> Result<Self, KubectlError> {
        let mut config = way(args.kubeconfig.as_deref(), args.context.as_deref()).await?;
        let agent = (USER_AGENT, HeaderValue::from_static(AGENT));
        config.headers.push(agent);
        let namespace = args.namespace.clone();
        let namespace = namespace.unwrap_or_else(|| config.default_namespace.clone());
        let client = Client::try_from(config)?;
        Ok(Self {
            cluster: Cluster::new(client.clone(), NAME.to_owned(), Metrics::new()),
            client,
            namespace,
        })
    }

    /// The namespace that is meant where none is named.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The same cluster, for what the operator asks as well.
    pub const fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The client.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The objects of a kind in a namespace, or in all.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where they cannot be listed.
    pub async fn list(
        &self,
        kind: Kind,
        namespace: Option<&str>,
    ) -> Result<Vec<Resource>, KubectlError> {
        let resource = api_resource(kind);
        let (api, place): (Api<DynamicObject>, _) = match namespace {
            Some(name) => (
                Api::namespaced_with(self.client.clone(), name, &resource),
                format!("namespace {name}"),
            ),
            None => (
                Api::all_with(self.client.clone(), &resource),
                "all namespaces".to_owned(),
            ),
        };
        let what = || format!("list {} in {place}", kind.plural());
        let found = bounded(what, api.list(&ListParams::default())).await;
        let found = found.map_err(|error| {
            if error.is_not_found() {
                KubectlError::NotInstalled(kind)
            } else {
                error.into()
            }
        })?;
        let read = found.items.into_iter().map(|it| read(kind, it, what));
        Ok(read.collect::<Result<_, _>>()?)
    }

    /// One object; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be read.
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Resource>, ClusterError> {
        let what = || format!("read {key}");
        match bounded(what, self.objects(key).get(&key.name)).await {
            Ok(object) => read(key.kind, object, what).map(Some),
            Err(error) if error.is_not_found() && !error.is_unknown() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One object that has to be there.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where it is not, or cannot be read.
    pub async fn existing(&self, key: &ObjectKey) -> Result<Resource, KubectlError> {
        let found = self.get(key).await?;
        found.ok_or_else(|| KubectlError::NotThere(key.clone()))
    }

    /// Sets an annotation of an object, where metadata are given only while it is still as they say.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be set, or somebody changed that object meanwhile.
    pub async fn annotate(
        &self,
        key: &ObjectKey,
        known: Option<&ObjectMeta>,
        (name, value): (&str, &str),
    ) -> Result<Resource, ClusterError> {
        let mut body = json!({"metadata": {"annotations": {name: value}}});
        if let Some(known) = known {
            body["metadata"]["resourceVersion"] = json!(known.resource_version);
        }
        let params = PatchParams {
            field_manager: Some(MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let what = || format!("annotate {key}");
        let patch = Patch::Merge(&body);
        let written = bounded(what, self.objects(key).patch(&key.name, &params, &patch)).await?;
        read(key.kind, written, what)
    }

    /// Creates an object.
    ///
    /// # Errors
    ///
    /// [`ClusterError`] where it cannot be created.
    pub async fn create(
        &self,
        kind: Kind,
        namespace: &str,
        object: &Value,
    ) -> Result<Resource, ClusterError> {
        let what = || format!("create a {kind} in namespace {namespace}");
        let unreadable = |source| ClusterError::Unreadable {
            what: what(),
            source,
        };
        let object: DynamicObject = serde_json::from_value(object.clone()).map_err(unreadable)?;
        let resource = api_resource(kind);
        let api = Api::namespaced_with(self.client.clone(), namespace, &resource);
        let params = PostParams {
            field_manager: Some(MANAGER.to_owned()),
            ..PostParams::default()
        };
        read(
            kind,
            bounded(what, api.create(&params, &object)).await?,
            what,
        )
    }

    /// Looks at an object again and again until it is as wanted; `last` is how it was seen before.
    /// `Err` has how it was last seen where that takes too long; an API server that does not answer
    /// for a moment is asked again.
    ///
    /// # Errors
    ///
    /// [`KubectlError`] where the object is gone, or must not be read.
    pub async fn wait(
        &self,
        mut last: Resource,
        patience: Duration,
        wanted: impl Fn(&Resource) -> bool,
    ) -> Result<Result<Resource, Resource>, KubectlError> {
        let start = Instant::now();
        let key = key_of(&last);
        while !wanted(&last) {
            if start.elapsed() >= patience {
                return Ok(Err(last));
            }
            sleep(BETWEEN_LOOKS).await;
            match self.existing(&key).await {
                Ok(object) => last = object,
                Err(KubectlError::Cluster(error)) if error.is_silence() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Ok(last))
    }

    fn objects(&self, key: &ObjectKey) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), &key.namespace, &api_resource(key.kind))
    }
}
