//! The rate limiter of a simulated tenant: token buckets as Auth0 has them (§11).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::path::PathPattern;
use crate::auth0::exchange::{Method, Request};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// What `x-ratelimit-limit` says where no limit is set.
const UNLIMITED: u32 = 1_000;

/// A token bucket's size and refill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rate {
    /// Requests per second that are sustained; more than 0.
    pub per_second: f64,
    /// Requests that a full bucket allows at once; at least 1.
    pub burst: u32,
}

/// The limit of one endpoint, on top of the tenant's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointRate {
    /// The method; any where absent.
    #[serde(default)]
    pub method: Option<String>,
    /// The path.
    pub path: PathPattern,
    /// Requests per second that are sustained; more than 0.
    pub per_second: f64,
    /// Requests that a full bucket allows at once; at least 1.
    pub burst: u32,
}

/// All limits of a tenant (§11.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Rates {
    /// The limit that all requests share; none where absent.
    pub global: Option<Rate>,
    /// Limits of single endpoints.
    pub endpoints: Vec<EndpointRate>,
}

/// Why a rate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// The refill is not a number over 0.
    #[error("the requests per second must be a number over 0")]
    PerSecond,
    /// The bucket holds nothing.
    #[error("the burst must be at least 1")]
    Burst,
}

/// What the rate limit headers of an answer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quota {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Unix seconds at which the next token is there.
    pub(super) reset: i64,
}

/// Whether a request may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass(Quota),
    Global(Quota),
    Endpoint(Quota),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Limiter {
    global: Option<Bucket>,
    endpoints: Vec<(EndpointRate, Bucket)>,
}

impl Limiter {
    /// Full buckets for `rates`.
    pub(super) fn new(rates: &Rates) -> Result<Self, RateError> {
        let global = rates.global.map(Bucket::new).transpose()?;
        let endpoints = rates
            .endpoints
            .iter()
            .map(|endpoint| {
                let rate = Rate {
                    per_second: endpoint.per_second,
                    burst: endpoint.burst,
                };
                Ok((endpoint.clone(), Bucket::new(rate)?))
            })
            .collect::<Result<_, RateError>>()?;
        Ok(Self { global, endpoints })
    }

    /// Takes a token for `request`: first the tenant's, then the endpoint's (§11.1).
    pub(super) fn take(&mut self, request: &Request, now: Timestamp) -> Verdict {
        let global = match self.global.as_mut().map(|bucket| bucket.take(now)) {
            Some((false, quota)) => return Verdict::Global(quota),
            Some((true, quota)) => Some(quota),
            None => None,
        };
        let mut endpoint = None;
        for (limit, bucket) in &mut self.endpoints {
            if !limit.covers(request.method, &request.path) {
                continue;
            }
            match bucket.take(now) {
                (false, quota) => return Verdict::Endpoint(quota),
                (true, quota) => endpoint = Some(quota),
            }
        }
        Verdict::Pass(endpoint.or(global).unwrap_or(Quota {
            limit: UNLIMITED,
            remaining: UNLIMITED,
            reset: now.as_second() + 1,
        }))
    }
}

impl EndpointRate {
    fn covers(&self, method: Method, path: &str) -> bool {
        self.path.matches(path)
            && self
                .method
                .as_ref()
                .is_none_or(|name| name.eq_ignore_ascii_case(method.as_str()))
    }
}

/// A token bucket, kept as the time at which it will be full again.
#[derive(Clone, Debug)]
struct Bucket {
    burst: u32,
    /// Nanoseconds that one token takes to come back.
    interval: i128,
    /// Nanoseconds since the epoch.
    full_at: i128,
}

impl Bucket {
    fn new(rate: Rate) -> Result<Self, RateError> {
        if rate.burst == 0 {
            return Err(RateError::Burst);
        }
        if !(rate.per_second.is_finite() && rate.per_second > 0.0) {
            return Err(RateError::PerSecond);
        }
        let interval = SignedDuration::try_from_secs_f64(rate.per_second.recip())
            .map_err(|_| RateError::PerSecond)?;
        Ok(Self {
            burst: rate.burst,
            interval: interval.as_nanos().max(1),
            full_at: i128::MIN / 2,
        })
    }

    fn take(&mut self, now: Timestamp) -> (bool, Quota) {
        let now = now.as_nanosecond();
        let size = self.interval * i128::from(self.burst);
        let full_at = self.full_at.max(now) + self.interval;
        let passes = full_at - now <= size;
        if passes {
            self.full_at = full_at;
        }
        let left = (size - (self.full_at - now)) / self.interval;
        let next = self.full_at - self.interval * (i128::from(self.burst) - left - 1);
        let reset = (next + NANOS_PER_SECOND - 1).div_euclid(NANOS_PER_SECOND);
        let quota = Quota {
            limit: self.burst,
            remaining: u32::try_from(left).unwrap_or(0),
            reset: i64::try_from(reset).unwrap_or(i64::MAX),
        };
        (passes, quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    fn remaining(verdict: Verdict) -> Option<u32> {
        match verdict {
            Verdict::Pass(quota) => Some(quota.remaining),
            Verdict::Global(_) | Verdict::Endpoint(_) => None,
        }
    }

    #[test]
    fn a_bucket_allows_its_burst_then_its_rate_and_says_when_the_next_token_comes() {
        let rate = Rate {
            per_second: 0.5,
            burst: 2,
        };
        let mut limiter = Limiter::new(&Rates {
            global: Some(rate),
            endpoints: Vec::new(),
        })
        .unwrap();
        let request = Request::get("/api/v2/clients");
        assert_eq!(remaining(limiter.take(&request, at(0))), Some(1));
        assert_eq!(remaining(limiter.take(&request, at(0))), Some(0));
        let Verdict::Global(quota) = limiter.take(&request, at(100)) else {
            panic!("the third call must be refused");
        };
        assert_eq!((quota.limit, quota.remaining), (2, 0));
        assert_eq!(quota.reset, at(2_000).as_second());
        assert_eq!(remaining(limiter.take(&request, at(1_999))), None);
        assert_eq!(remaining(limiter.take(&request, at(2_000))), Some(0));
        assert_eq!(remaining(limiter.take(&request, at(60_000))), Some(1));
    }

    #[test]
    fn the_tenants_limit_is_looked_at_before_the_endpoints() {
        let rates: Rates = serde_json::from_value(serde_json::json!({
            "global": {"perSecond": 1, "burst": 3},
            "endpoints": [{"method": "get", "path": "/api/v2/connections", "perSecond": 1, "burst": 1}],
        }))
        .unwrap();
        let mut limiter = Limiter::new(&rates).unwrap();
        let connections = Request::get("/api/v2/connections");
        assert!(matches!(
            limiter.take(&connections, at(0)),
            Verdict::Pass(_)
        ));
        assert!(matches!(
            limiter.take(&connections, at(0)),
            Verdict::Endpoint(_)
        ));
        assert!(matches!(
            limiter.take(&Request::get("/api/v2/clients"), at(0)),
            Verdict::Pass(_)
        ));
        assert!(matches!(
            limiter.take(&connections, at(0)),
            Verdict::Global(_)
        ));
    }

    #[test]
    fn a_rate_of_nothing_is_refused() {
        for (per_second, burst, error) in [
            (0.0, 1, RateError::PerSecond),
            (f64::NAN, 1, RateError::PerSecond),
            (1.0, 0, RateError::Burst),
        ] {
            let global = Some(Rate { per_second, burst });
            let rates = Rates {
                global,
                endpoints: Vec::new(),
            };
            assert_eq!(Limiter::new(&rates).err(), Some(error));
        }
    }
}
