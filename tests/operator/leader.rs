//! Leadership against an API server: races, conflicts, hanging, giving back.

use std::time::Duration;

use dialtone::auth0::client::Fence as _;
use dialtone::operator::leader::{
    Held, LeaderError, Leadership, LeaseConfig, LeaseTiming, TimingError,
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::api_server::{ApiServer, Mood};

/// So calm that a busy machine loses nothing.
fn calm() -> LeaseTiming {
    LeaseTiming {
        lease: Duration::from_mins(2),
        renew_deadline: Duration::from_secs(100),
        retry: Duration::from_millis(20),
    }
}

/// So short that a test can wait for the end.
fn hasty() -> LeaseTiming {
    LeaseTiming {
        lease: Duration::from_secs(2),
        renew_deadline: Duration::from_secs(1),
        retry: Duration::from_millis(20),
    }
}

fn config(replica: &str, timing: LeaseTiming) -> LeaseConfig {
    LeaseConfig {
        namespace: "dialtone".to_owned(),
        name: "operator".to_owned(),
        replica: replica.to_owned(),
        timing,
    }
}

async fn acquire(server: &ApiServer, replica: &str, timing: LeaseTiming) -> Held {
    let acquire = Leadership::acquire(server.client(), config(replica, timing), |_| ());
    acquire.await.unwrap()
}

fn standing_by(server: &ApiServer, replica: &'static str, timing: LeaseTiming) -> JoinHandle<Held> {
    let server = server.clone();
    tokio::spawn(async move { acquire(&server, replica, timing).await })
}

/// Waits for something that comes, if anything is right.
async fn until(condition: impl Fn() -> bool) {
    let patience = tokio::time::timeout(Duration::from_mins(1), async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    patience.await.unwrap();
}

fn of_another(seconds: i64) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "operator", "namespace": "dialtone"},
        "spec": {
            "holderIdentity": "another",
            "leaseDurationSeconds": seconds,
            "leaseTransitions": 4,
            "renewTime": "2001-01-01T00:00:00.000000Z",
        },
    })
}

#[tokio::test]
async fn whoever_is_alone_leads_at_once_and_renews() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", calm()).await;
    assert!(held.is_held() && held.may_write());
    assert!(server.holder().starts_with("one_"), "{}", server.holder());
    until(|| server.writes().len() >= 4).await;
    let writes = server.writes();
    let spec = |index: usize, field: &str| writes[index]["spec"][field].clone();
    assert_eq!(spec(0, "acquireTime"), spec(3, "acquireTime"));
    assert_ne!(spec(0, "renewTime"), spec(3, "renewTime"));
    assert_eq!(spec(3, "leaseTransitions"), 0);
    assert_eq!(spec(3, "leaseDurationSeconds"), 120);
}

#[tokio::test]
async fn a_lease_that_is_given_back_is_taken_by_who_stands_by() {
    let server = ApiServer::default();
    let first = acquire(&server, "one", calm()).await;
    let second = standing_by(&server, "two", calm());
    until(|| server.writes().len() >= 3).await;
    assert!(!second.is_finished(), "two replicas lead");
    let clone = first.clone();
    first.release().await;
    assert!(!clone.is_held() && !clone.may_write());
    clone.lost().await;
    let second = second.await.unwrap();
    assert!(second.is_held());
    let free = server.writes().into_iter();
    let free: Vec<Value> = free
        .filter(|it| it["spec"]["holderIdentity"] == "")
        .collect();
    assert_eq!(free.len(), 1, "{free:?}");
    assert_eq!(free[0]["spec"]["leaseDurationSeconds"], 1);
    let lease = server.lease().unwrap();
    assert_eq!(lease["spec"]["leaseTransitions"], 1);
    assert!(server.holder().starts_with("two_"));
}

#[tokio::test]
async fn who_loses_the_race_for_a_new_lease_waits_for_the_winner_to_be_silent() {
    let server = ApiServer::default();
    server.meddle_before_next_write(|lease| *lease = Some(of_another(1)));
    let held = acquire(&server, "one", calm()).await;
    assert!(held.is_held());
    let writes = server.writes();
    assert_eq!(
        writes[0]["spec"]["leaseTransitions"], 5,
        "the first write that was accepted is a takeover: {writes:?}"
    );
    assert_eq!(writes[0]["metadata"]["resourceVersion"], "2");
}

#[tokio::test]
async fn a_takeover_is_refused_to_who_read_an_older_version() {
    let server = ApiServer::default();
    server.meddle(|lease| *lease = Some(of_another(1)));
    server.meddle_before_next_write(|lease| {
        let mut faster = of_another(3600);
        faster["spec"]["holderIdentity"] = json!("faster");
        *lease = Some(faster);
    });
    let waiting = standing_by(&server, "one", calm());
    until(|| server.holder() == "faster").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    assert!(server.writes().is_empty());
    waiting.abort();
}

#[tokio::test]
async fn a_lease_of_a_replica_whose_clock_is_wrong_is_not_taken_early() {
    let server = ApiServer::default();
    // Its time of day lies decades back, and it is alive all the same.
    server.meddle(|lease| *lease = Some(of_another(2)));
    let waiting = standing_by(&server, "one", calm());
    for second in 0..30 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.meddle(|lease| {
            let time = format!("1999-01-01T00:00:{second:02}.000000Z");
            lease.as_mut().unwrap()["spec"]["renewTime"] = json!(time);
        });
    }
    assert!(!waiting.is_finished());
    assert_eq!(server.holder(), "another");
    waiting.abort();
}

#[tokio::test]
async fn somebody_who_only_touches_the_lease_takes_nothing_away() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", calm()).await;
    for round in 0..3 {
        let before = server.writes().len();
        server.meddle(|lease| {
            lease.as_mut().unwrap()["metadata"]["annotations"] =
                json!({"round": round.to_string()});
        });
        until(|| server.writes().len() > before + 1).await;
        assert!(held.is_held());
    }
    let lease = server.lease().unwrap();
    assert_eq!(lease["metadata"]["annotations"]["round"], "2", "it is kept");
}

#[tokio::test]
async fn a_lease_that_somebody_deletes_is_made_anew() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", calm()).await;
    server.meddle(|lease| *lease = None);
    until(|| server.lease().is_some()).await;
    assert!(held.is_held());
}

#[tokio::test]
async fn who_finds_anothers_name_in_the_lease_leads_no_more() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", calm()).await;
    server.meddle(|lease| *lease = Some(of_another(3600)));
    held.lost().await;
    assert!(!held.is_held());
    assert_eq!(server.holder(), "another");
    held.release().await;
    assert_eq!(
        server.holder(),
        "another",
        "what is not ours is not given back"
    );
}

#[tokio::test]
async fn a_leader_whose_server_does_not_answer_stops_by_itself() {
    for mood in [Mood::Hanging, Mood::Forbidding] {
        let server = ApiServer::default();
        let held = acquire(&server, "one", hasty()).await;
        server.set(mood);
        held.lost().await;
        assert!(!held.is_held());
        server.set(Mood::Well);
        let again = acquire(&server, "two", hasty()).await;
        assert!(again.is_held() && !held.is_held());
    }
}

#[tokio::test]
async fn a_process_that_was_stopped_knows_on_waking_that_it_leads_no_more() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", hasty()).await;
    assert!(held.is_held());
    // The one thread of this runtime: no task of it runs meanwhile.
    std::thread::sleep(hasty().renew_deadline);
    assert!(!held.is_held(), "before any task has run");
    let writes = server.writes().len();
    held.lost().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!held.is_held(), "it comes to nothing later");
    assert!(server.writes().len() <= writes + 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_does_not_cost_the_lease() {
    let server = ApiServer::default();
    server.set(Mood::LosingAnswers);
    let timing = LeaseTiming {
        renew_deadline: Duration::from_millis(400),
        ..hasty()
    };
    let waiting = standing_by(&server, "one", timing);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "nobody leads on a guess");
    server.set(Mood::Well);
    assert!(waiting.await.unwrap().is_held());
}

#[tokio::test]
async fn giving_back_does_not_wait_for_a_server_that_hangs() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", hasty()).await;
    server.set(Mood::Hanging);
    held.release().await;
    assert!(server.holder().starts_with("one_"));
}

#[tokio::test]
async fn what_is_dropped_is_renewed_no_more() {
    let server = ApiServer::default();
    let held = acquire(&server, "one", hasty()).await;
    drop(held);
    let second = acquire(&server, "two", hasty()).await;
    assert!(second.is_held());
}

#[tokio::test]
async fn a_server_that_is_away_at_first_is_asked_again() {
    let server = ApiServer::default();
    server.set(Mood::Forbidding);
    let waiting = standing_by(&server, "one", calm());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    server.set(Mood::Well);
    assert!(waiting.await.unwrap().is_held());
}

#[tokio::test]
async fn a_timing_that_would_let_two_lead_is_refused() {
    let timing = LeaseTiming {
        renew_deadline: Duration::from_mins(2),
        ..calm()
    };
    let server = ApiServer::default();
    let error = Leadership::acquire(server.client(), config("one", timing), |_| ()).await;
    assert!(matches!(
        error.unwrap_err(),
        LeaderError::Timing(TimingError::Deadline)
    ));
}
