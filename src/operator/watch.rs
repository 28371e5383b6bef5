//! The watches: what changes in the cluster, one stream for all of it.

mod intake;

use std::collections::BTreeSet;
use std::fmt;
use std::pin::Pin;

use futures::stream::{Stream, StreamExt as _, select_all};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::api::{DynamicObject, PartialObjectMeta};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};
use tracing::warn;

use super::cluster::{answer, api_resource, read};
use super::registry::{Mention, NamespaceState};
use crate::api::{Kind, Resource};
use crate::phone::action::ObjectKey;

pub use intake::Intake;

/// Objects per page of a list: a page is all that is held beside the registry.
const PAGE: u32 = 100;

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Objects(Kind),
    Secrets,
    ConfigMaps,
    Namespaces,
}

impl Subject {
    const fn resource(self) -> &'static str {
        match self {
            Self::Objects(kind) => kind.plural(),
            Self::Secrets => "secrets",
            Self::ConfigMaps => "configmaps",
            Self::Namespaces => "namespaces",
        }
    }
}

/// One watch: a subject, in one namespace or in all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    subject: Subject,
    namespace: Option<String>,
}

impl Source {
    /// What is watched, by the plural of its kind.
    #[must_use]
    pub const fn resource(&self) -> &'static str {
        self.subject.resource()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource())?;
        match &self.namespace {
            Some(namespace) => write!(f, " in namespace {namespace}"),
            None => Ok(()),
        }
    }
}

/// What was seen of one thing.
#[derive(Debug)]
enum Seen {
    Object(ObjectKey, Option<Box<Resource>>),
    Unreadable(ObjectKey),
    Mention(Mention, Option<String>),
    Namespace(String, Option<NamespaceState>),
}

/// What a watch told.
#[derive(Debug)]
enum Told {
    Begin,
    Listed(Seen),
    Complete,
    Changed(Seen),
    Failed(String),
}

/// What a watch told, with the watch that told it.
#[derive(Debug)]
pub struct Notice {
    source: Source,
    told: Told,
}

impl Notice {
    /// The watch that has failed, where this says so.
    #[must_use]
    pub const fn failed(&self) -> Option<&Source> {
        match self.told {
            Told::Failed(_) => Some(&self.source),
            _ => None,
        }
    }
}

/// How Secrets are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SecretAccess {
    /// They are watched, as metadata: a change is taken up at once.
    #[default]
    Watch,
    /// They are only read, by name, in each pass: a change is taken up with the next one.
    Get,
}

/// What is watched, and where.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// These namespaces only; all where there is none.
    pub namespaces: BTreeSet<String>,
    /// How Secrets and `ConfigMaps` are followed.
    pub secrets: SecretAccess,
}

impl Extent {
    /// The watches that this extent needs.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<Source> {
        let mut subjects: Vec<Subject> = Kind::ALL.map(Subject::Objects).into();
        if self.secrets == SecretAccess::Watch {
            subjects.extend([Subject::Secrets, Subject::ConfigMaps]);
        }
        let everywhere = self.namespaces.is_empty();
        let places: Vec<Option<String>> = if everywhere {
            vec![None]
        } else {
            self.namespaces.iter().cloned().map(Some).collect()
        };
        let mut sources = BTreeSet::new();
        for namespace in places {
            sources.extend(subjects.iter().map(|subject| Source {
                subject: *subject,
                namespace: namespace.clone(),
            }));
        }
        // Namespaces are not in a namespace: who may only look into some cannot watch them.
        if everywhere {
            sources.insert(Source {
                subject: Subject::Namespaces,
                namespace: None,
            });
        }
        sources
    }
}

type Notices = Pin<Box<dyn Stream<Item = Notice> + Send>>;

/// Watches everything of these sources until the stream is dropped. A watch that breaks off begins
/// anew by itself, later and later while it fails.
#[must_use]
pub fn notices(client: &Client, sources: &BTreeSet<Source>) -> Notices {
    let streams = sources.iter().map(|source| stream(client, source));
    Box::pin(select_all(streams))
}

fn stream(client: &Client, source: &Source) -> Notices {
    let client = client.clone();
    match source.subject {
        Subject::Objects(kind) => {
            let resource = api_resource(kind);
            let api: Api<DynamicObject> = match &source.namespace {
                Some(namespace) => Api::namespaced_with(client, namespace, &resource),
                None => Api::all_with(client, &resource),
            };
            follow(source, watcher(api, config()), move |object, present| {
                seen_object(kind, object, present)
            })
        }
        Subject::Secrets => {
            let api: Api<PartialObjectMeta<Secret>> = scoped(client, source.namespace.as_deref());
            follow(source, watcher(api, config()), |object, present| {
                let (namespace, name) = name_of(&object.metadata)?;
                let version = object.metadata.resource_version.filter(|_| present);
                Some(Seen::Mention(Mention::Secret { namespace, name }, version))
            })
        }
        Subject::ConfigMaps => {
            let api: Api<PartialObjectMeta<ConfigMap>> =
                scoped(client, source.namespace.as_deref());
            follow(source, watcher(api, config()), |object, present| {
                let (namespace, name) = name_of(&object.metadata)?;
                let version = object.metadata.resource_version.filter(|_| present);
                Some(Seen::Mention(
                    Mention::ConfigMap { namespace, name },
                    version,
                ))
            })
        }
        Subject::Namespaces => {
            let api: Api<PartialObjectMeta<Namespace>> = Api::all(client);
            follow(source, watcher(api, config()), |object, present| {
                let metadata = object.metadata;
                let state = present.then(|| NamespaceState {
                    labels: metadata.labels.unwrap_or_default(),
                    terminating: metadata.deletion_timestamp.is_some(),
                });
                Some(Seen::Namespace(metadata.name?, state))
            })
        }
    }
}

fn scoped<K>(client: Client, namespace: Option<&str>) -> Api<PartialObjectMeta<K>>
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
{
    match namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    }
}

fn config() -> watcher::Config {
    watcher::Config::default().page_size(PAGE)
}

fn name_of(metadata: &kube::api::ObjectMeta) -> Option<(String, String)> {
    Some((metadata.namespace.clone()?, metadata.name.clone()?))
}

/// An object of ours. One that cannot be read is passed over, so that it does not stop the others;
/// what was known of it stays.
fn seen_object(kind: Kind, object: DynamicObject, present: bool) -> Option<Seen> {
    let (namespace, name) = name_of(&object.metadata)?;
    let key = ObjectKey {
        kind,
        namespace,
        name,
    };
    if !present {
        return Some(Seen::Object(key, None));
    }
    match read(kind, object, || key.to_string()) {
        Ok(resource) => Some(Seen::Object(key, Some(Box::new(resource)))),
        Err(error) => {
            warn!(%error, "an object cannot be read and is passed over");
            Some(Seen::Unreadable(key))
        }
    }
}

/// Turns watch events into notices; `see` is given each object and whether it is there.
fn follow<K, S, F>(source: &Source, events: S, see: F) -> Notices
where
    K: Send + 'static,
    S: Stream<Item = watcher::Result<Event<K>>> + Send + 'static,
    F: Fn(K, bool) -> Option<Seen> + Send + 'static,
{
    let source = source.clone();
    let notices = events.default_backoff().filter_map(move |event| {
        let told = match event {
            Ok(Event::Init) => Some(Told::Begin),
            Ok(Event::InitApply(object)) => see(object, true).map(Told::Listed),
            Ok(Event::InitDone) => Some(Told::Complete),
            Ok(Event::Apply(object)) => see(object, true).map(Told::Changed),
            Ok(Event::Delete(object)) => see(object, false).map(Told::Changed),
            Err(error) => {
                let why = why(&error);
                warn!(error = why, %source, "a watch broke off and begins anew");
                Some(Told::Failed(why))
            }
        };
        let source = source.clone();
        futures::future::ready(told.map(|told| Notice { source, told }))
    });
    Box::pin(notices)
}

/// Why a watch told nothing, in words for people.
fn why(error: &watcher::Error) -> String {
    match error {
        watcher::Error::InitialListFailed(source)
        | watcher::Error::WatchStartFailed(source)
        | watcher::Error::WatchFailed(source) => answer(source),
        other => other.to_string(),
    }
}
