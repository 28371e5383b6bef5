//! Between the Lease object and what an election needs of it.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};

use super::election::Record;

/// The duration that a Lease names when it is given back; the API server takes no 0.
const GIVEN_BACK: i32 = 1;

/// What an election needs of a Lease.
pub(super) fn record(lease: &Lease) -> Record {
    let empty = LeaseSpec::default();
    let spec = lease.spec.as_ref().unwrap_or(&empty);
    Record {
        holder: spec.holder_identity.clone().unwrap_or_default(),
        duration: spec
            .lease_duration_seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs),
        renewed: spec.renew_time.as_ref().map(|time| time.0),
        transitions: spec.lease_transitions.unwrap_or(0),
    }
}

/// A Lease that is this replica's: a new one, or `read` with what it says of its holder replaced.
/// The version of `read` stays, so that the server refuses it where somebody was faster.
pub(super) fn held(
    read: Option<&Lease>,
    name: &str,
    identity: &str,
    lease: Duration,
    now: Timestamp,
) -> Lease {
    let mut written = read.cloned().unwrap_or_else(|| Lease {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        },
        spec: None,
    });
    let before = read.map(record);
    let own = before.as_ref().is_some_and(|it| it.holder == identity);
    let spec = written.spec.get_or_insert_default();
    spec.holder_identity = Some(identity.to_owned());
    spec.lease_duration_seconds = i32::try_from(lease.as_secs()).ok();
    spec.renew_time = Some(MicroTime(now));
    if !own {
        spec.acquire_time = Some(MicroTime(now));
        let taken = before.map_or(0, |it| it.transitions.saturating_add(1));
        spec.lease_transitions = Some(taken);
    }
    written
}

/// The Lease as it is left for whoever comes next.
pub(super) fn given_back(read: &Lease, now: Timestamp) -> Lease {
    let mut written = read.clone();
    let spec = written.spec.get_or_insert_default();
    spec.holder_identity = Some(String::new());
    spec.lease_duration_seconds = Some(GIVEN_BACK);
    spec.renew_time = Some(MicroTime(now));
    spec.acquire_time = Some(MicroTime(now));
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(35);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_new_lease_names_its_holder_and_no_version() {
        let lease = held(None, "dialtone", "a", LEASE, at(1));
        assert_eq!(lease.metadata.name.as_deref(), Some("dialtone"));
        assert_eq!(lease.metadata.resource_version, None);
        let record = record(&lease);
        assert_eq!((record.holder.as_str(), record.transitions), ("a", 0));
        assert_eq!(record.duration, Some(LEASE));
    }

    #[test]
    fn a_renewal_changes_the_time_alone_and_a_takeover_counts() {
        let mut first = held(None, "dialtone", "a", LEASE, at(1));
        first.metadata.resource_version = Some("7".to_owned());
        let renewed = held(Some(&first), "dialtone", "a", LEASE, at(5));
        let mut expected = first.clone();
        expected.spec.as_mut().unwrap().renew_time = Some(MicroTime(at(5)));
        assert_eq!(renewed, expected);
        let taken = held(Some(&renewed), "dialtone", "b", LEASE, at(9));
        assert_eq!(taken.metadata.resource_version.as_deref(), Some("7"));
        let spec = taken.spec.unwrap();
        assert_eq!(spec.lease_transitions, Some(1));
        assert_eq!(spec.acquire_time, Some(MicroTime(at(9))));
    }

    #[test]
    fn a_lease_that_is_given_back_names_nobody_and_keeps_its_count() {
        let first = held(None, "dialtone", "a", LEASE, at(1));
        let second = held(Some(&first), "dialtone", "b", LEASE, at(2));
        let free = given_back(&second, at(3));
        let record = record(&free);
        assert_eq!((record.holder.as_str(), record.transitions), ("", 1));
        assert_eq!(record.duration, Some(Duration::from_secs(1)));
    }

    #[test]
    fn nonsense_in_a_lease_is_left_out() {
        let mut lease = held(None, "dialtone", "a", LEASE, at(1));
        lease.spec.as_mut().unwrap().lease_duration_seconds = Some(-1);
        assert_eq!(record(&lease).duration, None);
        lease.spec = None;
        assert_eq!(record(&lease).holder, "");
    }
}
