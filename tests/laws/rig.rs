//! A tenant, its objects, and passes over both, as a host makes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use dialtone::api::{Auth0Tenant, ConditionType, Kind, Resource, condition};
use dialtone::auth0::announce::{Announced, Ledger};
use dialtone::auth0::exchange::{Exchange, Method, Request, Response};
use dialtone::auth0::pass::{self, Follower, Unfollowed};
use dialtone::auth0::tenant::ManagementApi;
use dialtone::cli::record::Record;
use dialtone::manifest::{self, Options, Severity};
use dialtone::phone::action::Action;
use dialtone::phone::delivery::MessageType;
use dialtone::phone::desire::{References, desire, key_of};
use dialtone::phone::desired::Desired;
use dialtone::phone::flow::Flow as Told;
use dialtone::phone::observed::Observed;
use dialtone::phone::outcome::Class;
use dialtone::phone::policy::Policy;
use dialtone::phone::report::{PassResult, Report, Status, report};
use dialtone::phone::secret::Secret;
use dialtone::sim::clock::ManualClock;
use dialtone::sim::flow::{Flow, flows, try_flow};
use dialtone::sim::store::Store;
use dialtone::sim::tenant::SimulatedTenant;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::Value;

mod start;

pub(crate) use start::{blank, quickstart, store_with_applications};

/// The objects of one tenant with what is remembered of them, and the simulated tenant.
pub(crate) struct Rig {
    pub(crate) tenant: SimulatedTenant,
    pub(crate) clock: ManualClock,
    pub(crate) objects: Objects,
}

/// The objects, apart from any tenant.
pub(crate) struct Objects {
    pub(crate) resources: Vec<Resource>,
    references: References,
    record: Record,
}

#[derive(Clone)]
struct Parsed {
    resources: Vec<Resource>,
    references: References,
}

/// Reads manifests; what is wrong with them.
fn read(manifests: &str) -> (Parsed, Option<String>) {
    let (read, found) = manifest::read_text("test.yaml", manifests, &Options::default());
    let broken = found.iter().any(|it| it.severity == Severity::Error);
    let objects = read.objects.into_iter();
    let parsed = Parsed {
        resources: objects.map(|object| object.resource).collect(),
        references: read.references,
    };
    (parsed, broken.then(|| manifest::render(&found, false)))
}

/// Reads manifests, each text once: a matrix of faults starts from the same one every time.
fn parsed(manifests: &str) -> Parsed {
    static KNOWN: Mutex<BTreeMap<String, Parsed>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    let fresh = || {
        let (parsed, wrong) = read(manifests);
        assert_eq!(wrong, None);
        parsed
    };
    known
        .entry(manifests.to_owned())
        .or_insert_with(fresh)
        .clone()
}

impl Objects {
    /// Objects that need no reading; their Secret holds `secret` and `token`.
    pub(crate) fn of(resources: Vec<Resource>) -> Self {
        let values = [("secret", "s"), ("token", "t")];
        let data = values.map(|(key, value)| (key.to_owned(), Secret::new(value)));
        let mut references = References::default();
        let name = ("default".to_owned(), "secrets".to_owned());
        references.secrets.insert(name, data.into());
        let mut objects = Self {
            resources: Vec::new(),
            references,
            record: Record::open(None).unwrap(),
        };
        objects.replace(resources);
        objects
    }

    /// Other objects in their place; what is remembered of those with the same names stays.
    pub(crate) fn replace(&mut self, resources: Vec<Resource>) {
        self.resources = resources;
        for resource in &mut self.resources {
            self.record.annotate(resource);
        }
    }

    /// The same with manifests that contradict each other, as a cluster takes them one by one:
    /// what is named `younger` was created last.
    pub(crate) fn edit_unchecked(&mut self, manifests: &str, now: Timestamp) {
        let (edited, _) = read(manifests);
        self.references = edited.references;
        self.replace(edited.resources);
        for resource in &mut self.resources {
            let metadata = resource.metadata_mut();
            let young = metadata.name.as_deref() == Some("younger");
            let age = SignedDuration::from_hours(i64::from(!young));
            metadata.creation_timestamp = Some(Time(now - age));
        }
    }

    /// The statuses that are not as they were, each with what it was.
    pub(crate) fn changed_since(&self, before: &[Resource]) -> Vec<[Status; 2]> {
        let pairs = before.iter().zip(&self.resources);
        pairs
            .map(|(before, after)| [Status::of(before), Status::of(after)])
            .filter(|[before, after]| before != after)
            .collect()
    }

    /// Somebody deletes every object but the tenant's.
    pub(crate) fn delete_all(&mut self, now: Timestamp) {
        for resource in &mut self.resources {
            if resource.kind() != Kind::Auth0Tenant {
                resource.metadata_mut().deletion_timestamp = Some(Time(now));
            }
        }
    }

    /// What the manifests say.
    pub(crate) fn new(manifests: &str) -> Self {
        let Parsed {
            resources,
            references,
        } = parsed(manifests);
        let mut objects = Self {
            resources: Vec::new(),
            references,
            record: Record::open(None).unwrap(),
        };
        objects.replace(resources);
        objects
    }

    /// Other manifests for the same objects: what is remembered of them stays.
    pub(crate) fn edit(&mut self, manifests: &str) {
        let edited = parsed(manifests);
        self.references = edited.references;
        self.replace(edited.resources);
    }

    fn auth0_tenant(&self) -> &Auth0Tenant {
        let found = self.resources.iter().find_map(|resource| match resource {
            Resource::Auth0Tenant(tenant) => Some(&**tenant),
            _ => None,
        });
        found.unwrap()
    }

    pub(crate) fn desired(&self) -> Desired {
        let key = self.record.fingerprint_key();
        desire(self.auth0_tenant(), &self.resources, &self.references, key)
    }

    pub(crate) fn policy(&self) -> Policy {
        let spec = &self.auth0_tenant().spec;
        Policy {
            suspended: spec.suspend,
            management: spec.management_policy,
            drift: spec.drift.unwrap_or_default().mode,
        }
    }

    /// One pass, reported and remembered.
    pub(crate) async fn pass<E: Exchange>(
        &mut self,
        api: &ManagementApi<E>,
        snapshot: Option<Observed>,
        now: Timestamp,
    ) -> (PassResult, Report) {
        let (desired, result) = self.run(api, snapshot, now, &Unfollowed).await;
        let told = self.tell(&desired, &result, now);
        (result, told)
    }

    /// One pass of which nothing is told: only what must be recorded before it is done is remembered.
    pub(crate) async fn run<E: Exchange>(
        &mut self,
        api: &ManagementApi<E>,
        snapshot: Option<Observed>,
        now: Timestamp,
        follower: &impl Follower,
    ) -> (Desired, PassResult) {
        let (desired, policy) = (self.desired(), self.policy());
        let ledger = Recorded(Mutex::new(self), now);
        let announced = Announced::new(follower, &ledger);
        let result = Box::pin(pass::run(api, &desired, &policy, snapshot, &announced)).await;
        (desired, result)
    }

    /// Reports a pass, and remembers what it told.
    pub(crate) fn tell(
        &mut self,
        desired: &Desired,
        result: &PassResult,
        now: Timestamp,
    ) -> Report {
        let told = report(&Record::statuses(&self.resources), desired, result, now);
        self.record.take(&told, &mut self.resources).unwrap();
        told
    }

    pub(crate) fn ready(&self) -> bool {
        self.resources
            .iter()
            .all(|resource| Status::of(resource).is_ready())
    }

    /// The objects for which somebody must do something, and what is told of them.
    pub(crate) fn stalled(&self) -> BTreeMap<String, String> {
        let stalled = |resource: &Resource| {
            let status = Status::of(resource);
            let found = condition::find(status.conditions(), ConditionType::Stalled)?;
            Some((key_of(resource).to_string(), found.message.clone()))
        };
        self.resources.iter().filter_map(stalled).collect()
    }

    /// Why each object is as it is.
    pub(crate) fn reasons(&self) -> BTreeMap<String, String> {
        let reason = |resource: &Resource| {
            let status = Status::of(resource);
            let ready = status
                .conditions()
                .first()
                .map(|first| first.reason.as_str());
            (
                key_of(resource).to_string(),
                ready.unwrap_or("none").to_owned(),
            )
        };
        self.resources.iter().map(reason).collect()
    }
}

/// What a host does before a write that must be recorded first.
struct Recorded<'a>(Mutex<&'a mut Objects>, Timestamp);

impl Ledger for Recorded<'_> {
    async fn begin(&self, action: &Action) -> Result<(), String> {
        let objects = &mut **self.0.lock().unwrap();
        let mut all = objects.resources.iter_mut();
        let resource = all.find(|it| key_of(it) == action.owner).unwrap();
        let mut status = Status::of(resource);
        if status.begin(&action.change, resource.metadata().generation, self.1) {
            objects.record.begin(&action.owner, &status).unwrap();
            objects.record.annotate(resource);
        }
        Ok(())
    }
}

impl Rig {
    pub(crate) fn with(manifests: &str, store: Store) -> Self {
        Self::around(Objects::new(manifests), store)
    }

    pub(crate) fn around(objects: Objects, store: Store) -> Self {
        let clock = ManualClock::new(Timestamp::from_second(1_790_000_000).unwrap());
        let tenant = SimulatedTenant::in_memory(store, &clock);
        Self {
            tenant,
            clock,
            objects,
        }
    }

    pub(crate) fn api(&self) -> ManagementApi<SimulatedTenant> {
        ManagementApi::new(self.tenant.clone())
    }

    pub(crate) async fn pass(&mut self) -> (PassResult, Report) {
        let api = self.api();
        self.objects.pass(&api, None, self.clock.now()).await
    }

    /// Passes until nothing is expected of another one; how many it took.
    pub(crate) async fn settle(&mut self) -> usize {
        for passes in 1..=10 {
            let (result, told) = self.pass().await;
            if let Some(Class::Throttled(until)) = told.worst {
                self.clock.advance(until.duration_since(self.clock.now()));
            }
            self.clock.advance(SignedDuration::from_secs(1));
            self.tenant.revive();
            let again = match &result {
                Ok(outcome) => outcome.applied() > 0 && outcome.remaining.due().next().is_some(),
                Err(_) => true,
            };
            if !again && told.worst.is_none_or(|worst| worst == Class::Terminal) {
                return passes;
            }
        }
        panic!("not settled after ten passes: {:?}", self.objects.reasons());
    }

    /// Writes that the tenant carried out.
    pub(crate) fn writes(&self) -> usize {
        self.tenant.calls().iter().filter(|call| call.wrote).count()
    }

    /// What another administrator does.
    pub(crate) fn admin(&self, method: Method, path: &str, body: Value) -> Response {
        admin(&self.tenant, method, path, body)
    }

    /// The whole store as JSON.
    pub(crate) fn store(&self) -> Value {
        let mut store = serde_json::to_value(self.tenant.store()).unwrap();
        let actions = store["actions"]["all"].as_array_mut();
        for action in actions.into_iter().flatten() {
            // A build goes on while somebody looks.
            action["looks"] = Value::Null;
        }
        store
    }

    /// The flows that work in the simulated tenant, as the planner names them.
    pub(crate) fn working(&self) -> BTreeSet<Told> {
        working(&self.tenant.store(), self.clock.now())
    }

    /// The tenant without what differs from one run to the next: ids and times.
    pub(crate) fn picture(&self) -> Value {
        let mut store = self.store();
        let actions = store["actions"]["all"].as_array_mut();
        for action in actions.into_iter().flatten() {
            // What counts is what runs, not how often it was deployed or looked at.
            let versions = action["versions"].as_array_mut().unwrap();
            versions.retain(|version| version["deployed"] == true);
        }
        let keys = ["id", "serial", "created_at", "updated_at"];
        blank(&mut store, &keys);
        let keys = [
            "number",
            "built_at",
            "bound_at",
            "action_id",
            "looks",
            "deploy_when_built",
        ];
        blank(&mut store, &keys);
        store
    }
}

/// The flows that work in a simulated tenant, as the planner names them.
pub(crate) fn working(store: &Store, now: Timestamp) -> BTreeSet<Told> {
    let mut copy = store.clone();
    flows(store)
        .into_iter()
        .filter(|flow| try_flow(&mut copy, flow, now).is_ok())
        .map(|flow| match flow {
            Flow::MfaSms => Told::Mfa(MessageType::Sms),
            Flow::MfaVoice => Told::Mfa(MessageType::Voice),
            Flow::Passwordless {
                connection,
                client_id,
            } => Told::Passwordless {
                connection,
                client_id,
            },
            Flow::SignupVerification { connection } => Told::SignupVerification { connection },
            Flow::PasswordReset { connection } => Told::PasswordReset { connection },
            Flow::PhoneOtp { connection } => Told::PhoneOtp { connection },
        })
        .collect()
}

pub(crate) fn admin(tenant: &SimulatedTenant, method: Method, path: &str, body: Value) -> Response {
    let mut request = Request::new(method, format!("/api/v2/{path}"));
    if !body.is_null() {
        request = request.json(body);
    }
    tenant
        .change(|store, now| store.handle(&request, now))
        .unwrap()
}
