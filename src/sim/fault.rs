//! Faults on purpose: scripts that say which call goes wrong, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path::PathPattern;
use crate::auth0::exchange::{Method, Request};

/// One scripted fault: which calls it strikes, and what it does to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Script {
    /// The calls that count; all where absent.
    #[serde(rename = "match", default)]
    pub matching: Matching,
    /// Which of the matching calls is struck; the first where absent.
    #[serde(default)]
    pub at: At,
    /// How many matching calls are struck, from `at` on. Where absent: one, or without end if
    /// `at` is `always`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What goes wrong.
    pub fault: Fault,
}

impl Script {
    /// A fault that strikes the first call that `method` and `path` match.
    #[must_use]
    pub fn once(method: Method, path: impl Into<String>, fault: Fault) -> Self {
        Self {
            matching: Matching {
                method: Some(method.as_str().to_owned()),
                path: Some(PathPattern::new(path)),
            },
            at: At::default(),
            times: None,
            fault,
        }
    }

    /// A fault that strikes the call number `nth` of all calls, counted from 1.
    #[must_use]
    pub fn nth_call(nth: u32, fault: Fault) -> Self {
        Self {
            matching: Matching::default(),
            at: At::Nth(nth),
            times: None,
            fault,
        }
    }

    /// Whether the matching call number `nth` is struck.
    fn strikes(&self, nth: u32) -> bool {
        let (first, times) = match self.at {
            At::Nth(first) => (first.max(1), self.times.unwrap_or(1)),
            At::Always(_) => (1, self.times.unwrap_or(u32::MAX)),
        };
        nth.checked_sub(first).is_some_and(|since| since < times)
    }
}

/// Which calls a script counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// The HTTP method in any case; any method where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path; any where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathPattern>,
}

impl Matching {
    fn covers(&self, method: &str, path: &str) -> bool {
        self.method
            .as_ref()
            .is_none_or(|name| name.eq_ignore_ascii_case(method))
            && self
                .path
                .as_ref()
                .is_none_or(|pattern| pattern.matches(path))
    }
}

/// Which of the matching calls a script strikes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum At {
    /// The one with this number, counted from 1.
    Nth(u32),
    /// Every one.
    Always(Always),
}

/// The word `always`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Always {
    /// The word itself.
    Always,
}

impl At {
    /// Every matching call.
    pub const ALWAYS: Self = Self::Always(Always::Always);
}

impl Default for At {
    fn default() -> Self {
        Self::Nth(1)
    }
}

/// What goes wrong with a call.
///
/// `applied` says whether the tenant carries out the request all the same, so that only its
/// answer is wrong or lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Fault {
    /// 429, with `x-ratelimit-reset` this many seconds ahead (§11.2).
    Throttle {
        /// Seconds until tokens are added.
        reset_seconds: u32,
    },
    /// An answer with this HTTP status and an error body as §0.1.
    Status {
        /// The HTTP status, 400 to 599.
        code: u16,
        /// Whether the request takes effect.
        #[serde(default)]
        applied: bool,
    },
    /// An HTML page with this HTTP status, as proxies in front of Auth0 answer.
    Html {
        /// The HTTP status, 400 to 599.
        code: u16,
        /// Whether the request takes effect.
        #[serde(default)]
        applied: bool,
    },
    /// The connection stays open and no answer comes.
    Timeout {
        /// Whether the request takes effect.
        #[serde(default)]
        applied: bool,
    },
    /// The connection is cut before the answer.
    Lost {
        /// Whether the request takes effect.
        #[serde(default = "yes")]
        applied: bool,
    },
    /// The answer comes late.
    Slow {
        /// Milliseconds of delay.
        ms: u32,
    },
    /// Another administrator's write reaches the tenant just before this request.
    Drift {
        /// The other write.
        request: OtherWrite,
    },
    /// The tenant's server goes down: the connection is cut, later ones are not answered.
    Kill {
        /// Whether the request takes effect.
        #[serde(default = "yes")]
        applied: bool,
    },
}

const fn yes() -> bool {
    true
}

impl Fault {
    /// The name in the call log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Throttle { .. } => "throttle",
            Self::Status { .. } => "status",
            Self::Html { .. } => "html",
            Self::Timeout { .. } => "timeout",
            Self::Lost { .. } => "lost",
            Self::Slow { .. } => "slow",
            Self::Drift { .. } => "drift",
            Self::Kill { .. } => "kill",
        }
    }

    /// Whether the request reaches the tenant.
    #[must_use]
    pub const fn applied(&self) -> bool {
        match self {
            Self::Throttle { .. } => false,
            Self::Status { applied, .. }
            | Self::Html { applied, .. }
            | Self::Timeout { applied }
            | Self::Lost { applied }
            | Self::Kill { applied } => *applied,
            Self::Slow { .. } | Self::Drift { .. } => true,
        }
    }
}

/// Another administrator's write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherWrite {
    /// The HTTP method.
    pub method: WriteMethod,
    /// The path from the root.
    pub path: String,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// The JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// The methods of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum WriteMethod {
    /// Create, or start something.
    Post,
    /// Replace as a whole.
    Put,
    /// Merge at the top level.
    Patch,
    /// Remove.
    Delete,
}

impl OtherWrite {
    /// The write as a request to the tenant.
    #[must_use]
    pub fn request(&self) -> Request {
        let method = match self.method {
            WriteMethod::Post => Method::Post,
            WriteMethod::Put => Method::Put,
            WriteMethod::Patch => Method::Patch,
            WriteMethod::Delete => Method::Delete,
        };
        Request {
            method,
            path: self.path.clone(),
            query: self.query.clone().into_iter().collect(),
            body: self.body.clone(),
        }
    }
}

/// The scripts of a tenant, each with the number of calls that it has counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(Vec<(Script, u32)>);

/// What the scripts do to one call.
#[derive(Debug, Default)]
pub(super) struct Struck {
    /// Writes of others that come first.
    pub(super) drifts: Vec<Request>,
    /// How late the answer is.
    pub(super) delay: Duration,
    /// The fault that decides the answer, if any.
    pub(super) fault: Option<Fault>,
    /// The name for the call log.
    pub(super) kind: Option<&'static str>,
}

impl Faults {
    pub(super) fn add(&mut self, scripts: impl IntoIterator<Item = Script>) {
        self.0.extend(scripts.into_iter().map(|script| (script, 0)));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Each script and the number of matching calls so far.
    pub(super) fn all(&self) -> &[(Script, u32)] {
        &self.0
    }

    /// Counts a call and finds out what happens to it. Writes of others and delays add up; of the
    /// faults that decide the answer the first script's wins.
    pub(super) fn meet(&mut self, method: &str, path: &str) -> Struck {
        let mut struck = Struck::default();
        for (script, seen) in &mut self.0 {
            if !script.matching.covers(method, path) {
                continue;
            }
            *seen = seen.saturating_add(1);
            if !script.strikes(*seen) {
                continue;
            }
            let kind = script.fault.kind();
            match &script.fault {
                Fault::Drift { request } => struck.drifts.push(request.request()),
                Fault::Slow { ms } => struck.delay += Duration::from_millis(u64::from(*ms)),
                _ if struck.fault.is_some() => continue,
                fault => {
                    struck.fault = Some(fault.clone());
                    struck.kind = Some(kind);
                }
            }
            struck.kind.get_or_insert(kind);
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn script(value: Value) -> Script {
        serde_json::from_value(value).unwrap()
    }

    fn struck(script: Script, calls: u32) -> Vec<u32> {
        let mut faults = Faults::default();
        faults.add([script]);
        (1..=calls)
            .filter(|_| faults.meet("GET", "/x").kind.is_some())
            .collect()
    }

    #[test]
    fn a_script_strikes_the_calls_that_it_says() {
        let lost = json!({"kind": "lost"});
        for (value, expected) in [
            (json!({"fault": lost}), vec![1]),
            (json!({"at": 3, "fault": lost}), vec![3]),
            (json!({"at": 2, "times": 2, "fault": lost}), vec![2, 3]),
            (json!({"at": "always", "fault": lost}), vec![1, 2, 3, 4, 5]),
            (
                json!({"at": "always", "times": 2, "fault": lost}),
                vec![1, 2],
            ),
            (json!({"match": {"method": "POST"}, "fault": lost}), vec![]),
        ] {
            assert_eq!(struck(script(value.clone()), 5), expected, "{value}");
        }
    }

    #[test]
    fn a_lost_answer_means_a_write_that_took_effect_unless_told_otherwise() {
        let fault = |value| serde_json::from_value::<Fault>(value).unwrap();
        assert!(fault(json!({"kind": "lost"})).applied());
        assert!(!fault(json!({"kind": "lost", "applied": false})).applied());
        assert!(!fault(json!({"kind": "timeout"})).applied());
        assert!(fault(json!({"kind": "status", "code": 503, "applied": true})).applied());
    }

    #[test]
    fn others_writes_and_delays_add_up_and_the_first_other_fault_decides() {
        let mut faults = Faults::default();
        faults.add([
            script(json!({"fault": {"kind": "slow", "ms": 10}})),
            script(json!({"fault": {"kind": "status", "code": 503}})),
            script(json!({"fault": {"kind": "lost"}})),
            script(json!({"fault": {"kind": "slow", "ms": 5}})),
            script(
                json!({"fault": {"kind": "drift", "request": {"method": "DELETE", "path": "/y"}}}),
            ),
        ]);
        let struck = faults.meet("PATCH", "/x");
        assert_eq!(struck.delay, Duration::from_millis(15));
        assert_eq!(struck.drifts, [Request::new(Method::Delete, "/y")]);
        assert_eq!(struck.kind, Some("status"));
        assert_eq!(faults.meet("PATCH", "/x").kind, None);
    }

    #[test]
    fn a_script_with_an_unknown_key_is_refused() {
        let value = json!({"fault": {"kind": "lost"}, "tims": 3});
        assert!(serde_json::from_value::<Script>(value).is_err());
    }
}
