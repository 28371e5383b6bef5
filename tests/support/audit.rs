//! What the API server was asked to do, from its audit log.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Verbs that change something.
const WRITES: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asked, as in `system:serviceaccount:dialtone:dialtone`.
    pub user: String,
    /// What for, as RBAC names it: `patch`, `watch`, …
    pub verb: String,
    /// Resource and subresource, as in `phoneproviders/status`; empty for `/readyz` and the like.
    pub resource: String,
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    /// Empty where the request is about no single object, and for `create` while it is in flight.
    pub name: String,
    /// Path and query.
    pub uri: String,
    /// The client's `User-Agent`.
    pub user_agent: String,
    /// The status of the answer; none while the request is in flight.
    pub code: Option<u16>,
}

impl Request {
    fn read(event: &Value) -> Self {
        let text = |pointer: &str| {
            let found = event.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_default().to_owned()
        };
        let (resource, subresource) = (text("/objectRef/resource"), text("/objectRef/subresource"));
        Self {
            user: text("/user/username"),
            verb: text("/verb"),
            resource: if subresource.is_empty() {
                resource
            } else {
                format!("{resource}/{subresource}")
            },
            namespace: text("/objectRef/namespace"),
            name: text("/objectRef/name"),
            uri: text("/requestURI"),
            user_agent: text("/userAgent"),
            code: event["responseStatus"]["code"]
                .as_u64()
                .and_then(|code| u16::try_from(code).ok()),
        }
    }

    /// Whether it asked for a change; a dry run does not.
    pub fn writes(&self) -> bool {
        WRITES.contains(&self.verb.as_str()) && !self.uri.contains("dryRun=All")
    }
}

/// Requests in the order in which they came in, each once.
///
/// The server writes a request down before it carries it out, so that a request that has been
/// answered is in here: tests need not wait for the log.
#[derive(Clone, Debug, Default)]
pub struct Requests(Vec<Request>);

impl Requests {
    /// Reads a log; without one nothing was asked.
    pub fn read(log: &Path) -> Self {
        let text = fs::read_to_string(log).unwrap_or_default();
        // The server may be in the middle of the last line.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut requests: Vec<Request> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for line in whole.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let id = event["auditID"].as_str().unwrap().to_owned();
            let request = Request::read(&event);
            if let Some(place) = places.get(&id) {
                requests[*place] = request;
            } else {
                places.insert(id, requests.len());
                requests.push(request);
            }
        }
        Self(requests)
    }

    /// Those that came in after `earlier` was read.
    pub fn since(mut self, earlier: &Self) -> Self {
        self.0.drain(..earlier.0.len());
        self
    }

    /// Those for which `wanted` holds.
    pub fn only(mut self, wanted: impl Fn(&Request) -> bool) -> Self {
        self.0.retain(wanted);
        self
    }

    /// Those of one user.
    pub fn by(self, user: &str) -> Self {
        self.only(|request| request.user == user)
    }

    /// Those of a service account.
    pub fn by_service_account(self, namespace: &str, name: &str) -> Self {
        self.by(&format!("system:serviceaccount:{namespace}:{name}"))
    }

    /// Those about objects of one namespace.
    pub fn in_namespace(self, namespace: &str) -> Self {
        self.only(|request| request.namespace == namespace)
    }

    /// Those that asked for a change.
    pub fn writes(self) -> Self {
        self.only(Request::writes)
    }

    /// How many there are of each verb and resource, as in `patch phoneproviders/status`.
    pub fn tally(&self) -> BTreeMap<String, usize> {
        let mut tally = BTreeMap::new();
        for request in &self.0 {
            let line = format!("{} {}", request.verb, request.resource);
            *tally.entry(line).or_default() += 1;
        }
        tally
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Request> {
        self.0.iter()
    }

    /// Who asked.
    pub fn users(&self) -> BTreeSet<&str> {
        self.iter().map(|request| request.user.as_str()).collect()
    }
}
