//! Every metric by name, type, labels and meaning; `docs/operations.md` shows this table.

use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// What all names begin with.
pub const PREFIX: &str = "dialtone";

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// It only rises, but for a restart.
    Counter,
    /// It rises and falls.
    Gauge,
    /// Counts by size.
    Histogram,
    /// Always 1; its labels tell.
    Info,
}

impl Type {
    /// The name in documentation and in the exposition.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }

    pub(super) const fn metric(self) -> MetricType {
        match self {
            Self::Counter => MetricType::Counter,
            Self::Gauge => MetricType::Gauge,
            Self::Histogram => MetricType::Histogram,
            Self::Info => MetricType::Info,
        }
    }
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// The name without what all have in common, without unit and suffix.
    pub(super) name: &'static str,
    /// Whether it is in seconds.
    pub(super) seconds: bool,
    /// What it is.
    pub kind: Type,
    /// The names of its labels, in order.
    pub labels: &'static [&'static str],
    /// What it means.
    pub help: &'static str,
}

impl Family {
    /// The name as a query uses it: `dialtone_auth0_requests_total`. A histogram has
    /// `_bucket`, `_sum` and `_count` behind it.
    #[must_use]
    pub fn full_name(&self) -> String {
        let unit = if self.seconds { "_seconds" } else { "" };
        let suffix = match self.kind {
            Type::Counter => "_total",
            Type::Info => "_info",
            Type::Gauge | Type::Histogram => "",
        };
        format!("{PREFIX}_{}{unit}{suffix}", self.name)
    }

    pub(super) const fn unit(&self) -> Option<&'static Unit> {
        if self.seconds {
            Some(&Unit::Seconds)
        } else {
            None
        }
    }
}

const fn family(
    kind: Type,
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Family {
    Family {
        name,
        seconds: false,
        kind,
        labels,
        help,
    }
}

const fn in_seconds(family: Family) -> Family {
    Family {
        seconds: true,
        ..family
    }
}

pub(super) const BUILD: Family =
    family(Type::Info, "build", &["version"], "The version that runs.");
pub(super) const LEADER: Family = family(
    Type::Gauge,
    "leader",
    &[],
    "1 where this replica leads, 0 where it stands by.",
);
pub(super) const REQUESTS: Family = family(
    Type::Counter,
    "auth0_requests",
    &["tenant", "endpoint", "method", "status"],
    "Calls to Auth0, token requests and repetitions included. The status is 2xx, 3xx, 4xx, 429, 5xx, or none where no answer came.",
);
pub(super) const REQUEST_DURATION: Family = in_seconds(family(
    Type::Histogram,
    "auth0_request_duration",
    &["endpoint", "method"],
    "How long calls to Auth0 take, from sending to the last byte of the answer.",
));
pub(super) const REMAINING: Family = family(
    Type::Gauge,
    "auth0_rate_limit_remaining",
    &["tenant"],
    "Calls left in the tenant's bucket, as Auth0 last said.",
);
pub(super) const THROTTLED: Family = in_seconds(family(
    Type::Counter,
    "auth0_throttled",
    &["tenant"],
    "Time that calls waited for their turn under the tenant's rate limit.",
));
pub(super) const HELD_BACK: Family = family(
    Type::Counter,
    "auth0_held_back",
    &["tenant"],
    "Calls not made, because the rate limit puts their turn too far ahead.",
);
pub(super) const PASSES: Family = family(
    Type::Counter,
    "passes",
    &["tenant", "result"],
    "Passes over a tenant: unchanged, applied, withheld (something is left undone on purpose), throttled or failed.",
);
pub(super) const PASS_DURATION: Family = in_seconds(family(
    Type::Histogram,
    "pass_duration",
    &["result"],
    "How long passes take.",
));
pub(super) const PLANNED: Family = family(
    Type::Gauge,
    "plan_actions",
    &["tenant", "action", "withheld"],
    "Actions of the last plan, and whether they were withheld.",
);
pub(super) const DRIFT: Family = family(
    Type::Gauge,
    "tenant_drift",
    &["tenant"],
    "Actions of the last plan that undo, or would undo, a change that somebody else made.",
);
pub(super) const HAZARDS: Family = family(
    Type::Gauge,
    "plan_hazards",
    &["tenant", "withheld"],
    "What the last plan breaks for people who sign in, and what it would break if it were not withheld.",
);
pub(super) const CONDITION: Family = family(
    Type::Gauge,
    "object_condition",
    &["kind", "namespace", "name", "type", "status"],
    "1 for the status (True, False, Unknown) that a condition of an object has.",
);
pub(super) const WRITES: Family = family(
    Type::Counter,
    "kubernetes_writes",
    &["what"],
    "Writes to the API server: status, event, metadata, secret, deletion.",
);
pub(super) const WATCH_FAILURES: Family = family(
    Type::Counter,
    "kubernetes_watch_failures",
    &["resource"],
    "Watches and lists that failed and were begun anew, by the plural of what is watched.",
);

/// All metrics, in the order in which they are shown.
pub const FAMILIES: [Family; 15] = [
    BUILD,
    LEADER,
    PASSES,
    PASS_DURATION,
    PLANNED,
    DRIFT,
    HAZARDS,
    CONDITION,
    REQUESTS,
    REQUEST_DURATION,
    REMAINING,
    THROTTLED,
    HELD_BACK,
    WRITES,
    WATCH_FAILURES,
];
