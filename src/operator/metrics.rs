//! Metrics, in a value of their own: no state outside of [`Metrics`], and no label whose values
//! come from outside, but for tenants and objects, which are removed when they go.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::api::{Condition, ConditionStatus, ConditionType};
use crate::auth0::client::{Call, CallObserver};
use crate::phone::action::{Cause, Change, ObjectKey};
use crate::phone::outcome::{Class, Failure, Outcome};
use crate::phone::plan::Plan;

mod collect;
mod family;

pub use family::{FAMILIES, Family, Type};

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds in seconds: a call takes some 100 ms, and one that is lost 30 s.
const CALL_SECONDS: [f64; 10] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Bounds in seconds: an idle pass takes some calls, and a throttled one minutes.
const PASS_SECONDS: [f64; 9] = [0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// How a pass over a tenant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassEnd {
    /// Nothing was to be done.
    Unchanged,
    /// Everything that was to be done was done.
    Applied,
    /// Something is left undone on purpose, is not done yet, or cannot be done as the objects are.
    Withheld,
    /// Auth0's rate limit ended it.
    Throttled,
    /// Something failed.
    Failed,
}

impl PassEnd {
    /// The result of a pass that came to an outcome, or failed before.
    #[must_use]
    pub fn of(pass: Result<&Outcome, &Failure>) -> Self {
        let failed = |failure: &Failure| match failure.class {
            Class::Throttled(_) => Self::Throttled,
            Class::Pending => Self::Withheld,
            Class::Terminal | Class::Transient | Class::Gone => Self::Failed,
        };
        let outcome = match pass {
            Ok(outcome) => outcome,
            Err(failure) => return failed(failure),
        };
        if let Some((_, failure)) = outcome.failures().next() {
            failed(failure)
        } else if !outcome.remaining.is_empty() || outcome.plan.is_blocked() {
            Self::Withheld
        } else if outcome.applied() > 0 {
            Self::Applied
        } else {
            Self::Unchanged
        }
    }

    /// The word in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Applied => "applied",
            Self::Withheld => "withheld",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
        }
    }
}

/// What is written to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiWrite {
    /// An object's status.
    Status,
    /// An event.
    Event,
    /// An object's finalizers or annotations.
    Metadata,
    /// The Secret that holds the key of fingerprints.
    Secret,
    /// A test message whose time is over is deleted.
    Deletion,
}

impl ApiWrite {
    /// The word in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Event => "event",
            Self::Metadata => "metadata",
            Self::Secret => "secret",
            Self::Deletion => "deletion",
        }
    }
}

/// The metrics of one replica. Clones are the same metrics.
#[derive(Clone)]
pub struct Metrics {
    inner: Arc<Inner>,
    registry: Arc<Registry>,
}

/// The conditions of an object, each with its status; in a box, for there are many objects.
type Told = Box<[(ConditionType, &'static str)]>;

#[derive(Default)]
struct Inner {
    leads: AtomicBool,
    tenants: Mutex<BTreeMap<String, Arc<Mutex<TenantState>>>>,
    objects: Mutex<BTreeMap<ObjectKey, Told>>,
    writes: Mutex<BTreeMap<ApiWrite, u64>>,
    watch_failures: Mutex<BTreeMap<&'static str, u64>>,
    pass_durations: Mutex<BTreeMap<PassEnd, Histogram>>,
    call_durations: Mutex<BTreeMap<(&'static str, &'static str), Histogram>>,
}

impl Inner {
    fn leads(&self) -> bool {
        self.leads.load(Ordering::Relaxed)
    }
}

/// What a plan breaks, and what it would break if nothing were withheld.
#[derive(Clone, Copy, Default)]
struct Hazards {
    withheld: i64,
    let_through: i64,
}

impl Hazards {
    fn of(plan: &Plan) -> Self {
        let mut told = Self::default();
        for hazard in &plan.hazards {
            let step = plan.steps.get(hazard.step);
            if step.is_some_and(|step| step.withheld.is_some()) {
                told.withheld += 1;
            } else {
                told.let_through += 1;
            }
        }
        told
    }
}

#[derive(Default)]
struct TenantState {
    requests: BTreeMap<(&'static str, &'static str, &'static str), u64>,
    remaining: Option<u32>,
    throttled: Duration,
    held_back: u64,
    passes: BTreeMap<PassEnd, u64>,
    planned: BTreeMap<(&'static str, bool), i64>,
    drift: Option<i64>,
    /// By whether the step that breaks is withheld; `None` before the first plan.
    hazards: Option<Hazards>,
}

impl Metrics {
    /// Metrics at zero.
    #[must_use]
    pub fn new() -> Self {
        let inner = Arc::new(Inner::default());
        let mut registry = Registry::with_prefix(family::PREFIX);
        registry.register_collector(Box::new(collect::Exposition(Arc::clone(&inner))));
        Self {
            inner,
            registry: Arc::new(registry),
        }
    }

    /// Whom a client of this tenant tells of its calls.
    #[must_use]
    pub fn tenant(&self, tenant: &ObjectKey) -> Arc<dyn CallObserver> {
        Arc::new(OfTenant {
            state: self.state(tenant),
            inner: Arc::clone(&self.inner),
        })
    }

    /// A pass over a tenant has ended.
    pub fn pass(&self, tenant: &ObjectKey, result: PassEnd, duration: Duration) {
        let state = self.state(tenant);
        *lock(&state).passes.entry(result).or_default() += 1;
        lock(&self.inner.pass_durations)
            .entry(result)
            .or_insert_with(|| Histogram::new(PASS_SECONDS))
            .observe(duration.as_secs_f64());
    }

    /// This was planned for a tenant, and takes the place of what was planned before.
    pub fn planned(&self, tenant: &ObjectKey, plan: &Plan) {
        let mut planned = BTreeMap::new();
        let mut drift = 0;
        for step in &plan.steps {
            let key = (word(&step.action.change), step.withheld.is_some());
            *planned.entry(key).or_default() += 1;
            drift += i64::from(step.action.cause == Cause::Drift);
        }
        let state = self.state(tenant);
        let mut state = lock(&state);
        state.planned = planned;
        state.drift = Some(drift);
        state.hazards = Some(Hazards::of(plan));
    }

    /// An object has these conditions now, and no others.
    pub fn conditions(&self, object: &ObjectKey, conditions: &[Condition]) {
        let told = conditions
            .iter()
            .map(|condition| (condition.type_, status(condition.status)))
            .collect();
        lock(&self.inner.objects).insert(object.clone(), told);
    }

    /// An object is gone; where it is a tenant, all that was counted for it goes too.
    pub fn forget(&self, object: &ObjectKey) {
        lock(&self.inner.objects).remove(object);
        if object.kind == crate::api::Kind::Auth0Tenant {
            lock(&self.inner.tenants).remove(&label(object));
        }
    }

    /// Something was written to the API server.
    pub fn wrote(&self, what: ApiWrite) {
        *lock(&self.inner.writes).entry(what).or_default() += 1;
    }

    /// A watch of this resource has failed.
    pub fn watch_failed(&self, resource: &'static str) {
        *lock(&self.inner.watch_failures)
            .entry(resource)
            .or_default() += 1;
    }

    /// Whether this replica leads from now on.
    pub fn leading(&self, leads: bool) {
        self.inner.leads.store(leads, Ordering::Relaxed);
    }

    /// All of it as OpenMetrics text, of [`CONTENT_TYPE`].
    ///
    /// # Errors
    ///
    /// Where something cannot be written as text, which does not happen.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }

    fn state(&self, tenant: &ObjectKey) -> Arc<Mutex<TenantState>> {
        let mut tenants = lock(&self.inner.tenants);
        Arc::clone(tenants.entry(label(tenant)).or_default())
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A tenant's part. A client that outlives its tenant tells it in vain.
struct OfTenant {
    state: Arc<Mutex<TenantState>>,
    inner: Arc<Inner>,
}

impl CallObserver for OfTenant {
    fn called(&self, call: &Call) {
        let method = call.method.as_str();
        let mut state = lock(&self.state);
        let key = (call.endpoint, method, class(call.status));
        *state.requests.entry(key).or_default() += 1;
        state.remaining = call.remaining.or(state.remaining);
        state.throttled = state.throttled.saturating_add(call.waited);
        drop(state);
        lock(&self.inner.call_durations)
            .entry((call.endpoint, method))
            .or_insert_with(|| Histogram::new(CALL_SECONDS))
            .observe(call.duration.as_secs_f64());
    }

    fn held_back(&self) {
        lock(&self.state).held_back += 1;
    }
}

fn label(tenant: &ObjectKey) -> String {
    format!("{}/{}", tenant.namespace, tenant.name)
}

const fn class(status: Option<u16>) -> &'static str {
    match status {
        None => "none",
        Some(429) => "429",
        Some(..=299) => "2xx",
        Some(300..=399) => "3xx",
        Some(400..=499) => "4xx",
        Some(500..) => "5xx",
    }
}

const fn status(status: ConditionStatus) -> &'static str {
    match status {
        ConditionStatus::True => "True",
        ConditionStatus::False => "False",
        ConditionStatus::Unknown => "Unknown",
    }
}

const fn word(change: &Change) -> &'static str {
    match change {
        Change::CreateAction(_) => "create_action",
        Change::UpdateAction { .. } => "update_action",
        Change::DeployAction { .. } => "deploy_action",
        Change::BindAction { .. } => "bind_action",
        Change::DeleteAction { .. } => "delete_action",
        Change::CreateProvider { .. } => "create_provider",
        Change::UpdateProvider { .. } => "update_provider",
        Change::DeleteProvider { .. } => "delete_provider",
        Change::EnableUnified => "enable_unified",
        Change::CreateTemplate { .. } => "create_template",
        Change::UpdateTemplate { .. } => "update_template",
        Change::DeleteTemplate { .. } => "delete_template",
        Change::SetFactor { .. } => "set_factor",
        Change::SetMessageTypes(_) => "set_message_types",
        Change::SetPolicies(_) => "set_policies",
        Change::CreateConnection { .. } => "create_connection",
        Change::UpdateConnection { .. } => "update_connection",
        Change::DeleteConnection { .. } => "delete_connection",
        Change::SetConnectionClients { .. } => "set_connection_clients",
        Change::SendTestMessage { .. } => "send_test_message",
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
