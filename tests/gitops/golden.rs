//! Objects of every kind in every state, as the operator's own functions write their statuses: each
//! is what passes over a tenant in memory have told.

mod message;
mod one;
mod together;

use dialtone::api::{GROUP, Kind, Resource};
use dialtone::auth0::pass::Unfollowed;
use dialtone::sim::fault::{At, Fault, Matching, Script};
use dialtone::sim::store::Store;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::laws::rig::{Rig, quickstart, store_with_applications};

/// What Argo CD and Flux are to make of objects in a state.
pub struct State {
    /// What is the matter, as docs/gitops.md has it.
    pub told: &'static str,
    /// Argo CD's word.
    pub argo: &'static str,
    /// Flux's word, by the conditions alone.
    pub kstatus: &'static str,
    /// Flux's word, with the health checks of the example.
    pub flux: &'static str,
    /// The objects.
    pub objects: Vec<Value>,
}

const fn state(
    told: &'static str,
    (argo, kstatus, flux): (&'static str, &'static str, &'static str),
    objects: Vec<Value>,
) -> State {
    State {
        told,
        argo,
        kstatus,
        flux,
        objects,
    }
}

const HEALTHY: (&str, &str, &str) = ("Healthy", "Current", "Current");
const PROGRESSING: (&str, &str, &str) = ("Progressing", "InProgress", "InProgress");
const DEGRADED: (&str, &str, &str) = ("Degraded", "Failed", "Failed");

/// Every state.
pub async fn states() -> Vec<State> {
    let mut states = together::states().await;
    states.extend(one::states().await);
    states.extend(message::states().await);
    states
}

/// One object of each kind.
fn manifests() -> String {
    let object = |kind: &str, name: &str, spec: &str| {
        format!(
            "---\napiVersion: {GROUP}/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\n\
             spec: {{tenantRef: {{name: acme}}, {spec}}}\n"
        )
    };
    let template = "type: OtpVerify, text: \"{{ code }} is your code\"";
    let identifier = "connection: Username-Password-Authentication, signup: {verification: true}";
    let message = "to: \"+15550123\", deliveryMethod: Text";
    let more = [
        object("PhoneTemplate", "code", template),
        object("PhoneIdentifier", "phone-number", identifier),
        object("PhoneTestMessage", "first", message),
    ];
    quickstart() + &more.concat()
}

/// The manifests with more in the tenant's spec.
fn with_tenant(setting: &str) -> String {
    manifests().replace("  domain: acme", &format!("  {setting}\n  domain: acme"))
}

/// The manifests with more in the provider's spec.
pub fn with_provider(setting: &str) -> String {
    let before = "  deliveryMethods:";
    manifests().replace(before, &format!("  {setting}\n{before}"))
}

fn store() -> Store {
    let mut store = store_with_applications();
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    store.seed_database("Username-Password-Authentication", now);
    store
}

/// Objects that nobody has looked at, and the tenant that they are about.
fn fresh(manifests: &str) -> Rig {
    Rig::with(manifests, store())
}

/// The same when everything is done that can be done.
async fn settled(manifests: &str) -> Rig {
    let mut rig = fresh(manifests);
    rig.settle().await;
    rig
}

/// Everything is there and Ready.
pub async fn ready() -> Rig {
    let rig = settled(&manifests()).await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    rig
}

/// The objects change, and all that comes of it is done.
pub async fn edited(manifests: &str) -> Rig {
    let mut rig = ready().await;
    rig.objects.edit(manifests);
    rig.settle().await;
    rig
}

/// A first pass of which nothing is told yet: the statuses hold what is recorded before a write.
async fn begun() -> Rig {
    let mut rig = fresh(&manifests());
    let (api, now) = (rig.api(), rig.clock.now());
    let run = rig.objects.run(&api, None, now, &Unfollowed);
    Box::pin(run).await.1.unwrap();
    rig
}

/// Every call of this method and path is answered with this status.
fn always(method: Option<&str>, path: Option<&str>, code: u16) -> Script {
    let matching: Matching = serde_json::from_value(match (method, path) {
        (Some(method), Some(path)) => json!({"method": method, "path": path}),
        _ => json!({}),
    })
    .unwrap();
    let fault = Fault::Status {
        code,
        applied: false,
    };
    Script {
        matching,
        at: At::ALWAYS,
        times: None,
        fault,
    }
}

/// The objects of a rig, as a cluster would have them.
fn all(rig: &Rig) -> Vec<Value> {
    rig.objects.resources.iter().map(stored).collect()
}

/// Those of these kinds.
pub fn only(rig: &Rig, kinds: &[Kind]) -> Vec<Value> {
    let resources = rig.objects.resources.iter();
    let found: Vec<Value> = resources
        .filter(|resource| kinds.contains(&resource.kind()))
        .map(stored)
        .collect();
    assert_eq!(found.len(), kinds.len(), "{kinds:?}");
    found
}

/// The one of this name.
fn named(rig: &Rig, name: &str) -> Vec<Value> {
    let all = all(rig);
    let found: Vec<Value> = all
        .into_iter()
        .filter(|object| object["metadata"]["name"] == name)
        .collect();
    assert_eq!(found.len(), 1, "{name}");
    found
}

/// An object as the API server stores it: it fills in what the definition has as default.
pub fn stored(resource: &Resource) -> Value {
    let value = match resource {
        Resource::Auth0Tenant(object) => serde_json::to_value(object),
        Resource::PhoneProvider(object) => serde_json::to_value(object),
        Resource::MfaPhoneFactor(object) => serde_json::to_value(object),
        Resource::PasswordlessConnection(object) => serde_json::to_value(object),
        Resource::PhoneTemplate(object) => serde_json::to_value(object),
        Resource::PhoneIdentifier(object) => serde_json::to_value(object),
        Resource::PhoneTestMessage(object) => serde_json::to_value(object),
    };
    let mut value = value.unwrap();
    if !value["status"].is_object() {
        value["status"] = json!({});
    }
    let default = status_default(resource.kind());
    for (key, known) in default.as_object().unwrap() {
        if value["status"][key].is_null() {
            value["status"][key] = known.clone();
        }
    }
    value
}

/// What a status is before anybody has written one.
fn status_default(kind: Kind) -> Value {
    let path = format!("{}/crds/{}.yaml", env!("CARGO_MANIFEST_DIR"), kind.plural());
    let text = std::fs::read_to_string(path).unwrap();
    let definition: Value = serde_saphyr::from_str(&text).unwrap();
    let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let default = schema["properties"]["status"]["default"].clone();
    assert!(default.is_object(), "{kind:?} has no default of its status");
    default
}
