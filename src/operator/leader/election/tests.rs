//! The rules one by one, and two replicas in all orders.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn record(holder: &str, renewed: i64) -> Record {
    Record {
        holder: holder.to_owned(),
        duration: Some(35 * SECOND),
        renewed: Timestamp::from_second(renewed).ok(),
        transitions: 0,
    }
}

fn election() -> Election {
    Election::new("a".to_owned(), LeaseTiming::default())
}

#[test]
fn without_a_lease_one_is_created() {
    assert_eq!(election().decide(SECOND), Decision::Create);
    let mut again = election();
    again.observe(Some(record("b", 1)), SECOND);
    again.observe(None, 2 * SECOND);
    assert_eq!(again.decide(2 * SECOND), Decision::Create);
}

#[test]
fn a_lease_that_was_given_back_is_taken_at_once() {
    let mut election = election();
    election.observe(Some(record("", 1)), SECOND);
    assert_eq!(election.decide(SECOND), Decision::Take);
}

#[test]
fn a_lease_of_ones_own_is_renewed() {
    let mut election = election();
    election.observe(Some(record("a", 1)), SECOND);
    assert_eq!(election.decide(SECOND), Decision::Renew);
}

#[test]
fn anothers_lease_is_taken_when_it_was_seen_unchanged_for_its_whole_duration() {
    let mut election = election();
    election.observe(Some(record("b", 1)), 10 * SECOND);
    assert_eq!(
        election.decide(20 * SECOND),
        Decision::Wait(25 * SECOND),
        "however old its time of day is"
    );
    election.observe(Some(record("b", 1)), 40 * SECOND);
    assert_eq!(election.decide(44 * SECOND), Decision::Wait(SECOND));
    assert_eq!(election.decide(45 * SECOND), Decision::Take);
    election.observe(Some(record("b", 0)), 45 * SECOND);
    assert_eq!(
        election.decide(45 * SECOND),
        Decision::Wait(35 * SECOND),
        "a change is a sign of life even where its clock goes back"
    );
}

#[test]
fn the_duration_is_the_holders_and_ones_own_where_it_wrote_none() {
    let mut election = election();
    let short = Record {
        duration: Some(SECOND),
        ..record("b", 1)
    };
    election.observe(Some(short), Duration::ZERO);
    assert_eq!(election.decide(SECOND), Decision::Take);
    let untold = Record {
        duration: None,
        ..record("b", 1)
    };
    election.observe(Some(untold), Duration::ZERO);
    assert_eq!(election.decide(SECOND), Decision::Wait(34 * SECOND));
}

#[test]
fn a_tenure_that_has_ended_is_not_renewed() {
    let timing = LeaseTiming::default();
    let mut tenure = Tenure::new(Duration::ZERO, timing);
    assert!(tenure.lasts(29 * SECOND));
    assert!(tenure.renew(10 * SECOND, 29 * SECOND, timing));
    assert!(tenure.lasts(39 * SECOND));
    assert!(!tenure.lasts(40 * SECOND), "counted from the sending");
    assert!(!tenure.renew(40 * SECOND, 41 * SECOND, timing));
    assert!(!tenure.lasts(41 * SECOND));
}

#[test]
fn timings_that_would_let_two_lead_are_refused() {
    let good = LeaseTiming::default();
    assert_eq!(good.check(), Ok(good));
    let rows = [
        (1500, 1000, 100, TimingError::Lease),
        (0, 0, 0, TimingError::Lease),
        (30_000, 30_000, 5000, TimingError::Deadline),
        (35_000, 30_000, 0, TimingError::Retry),
        (35_000, 30_000, 15_000, TimingError::Retry),
    ];
    for (lease, renew_deadline, retry, error) in rows {
        let timing = LeaseTiming {
            lease: Duration::from_millis(lease),
            renew_deadline: Duration::from_millis(renew_deadline),
            retry: Duration::from_millis(retry),
        };
        assert_eq!(timing.check(), Err(error), "{timing:?}");
    }
}

/// A server that keeps one Lease, and replaces it only for who read the last version.
#[derive(Default)]
struct Server {
    lease: Option<(u64, Record)>,
    version: u64,
}

impl Server {
    fn write(&mut self, read: Option<u64>, record: Record) -> bool {
        if self.lease.as_ref().map(|(version, _)| *version) != read {
            return false;
        }
        self.version += 1;
        self.lease = Some((self.version, record));
        true
    }
}

/// What the server answered to a read: a Lease with its version, or none.
#[derive(Clone)]
struct Read(Option<(u64, Record)>);

/// One replica between two steps of an attempt, with clocks that were set at random.
struct Replica {
    election: Election,
    tenure: Option<Tenure>,
    monotonic: Duration,
    wall: i64,
    read: Option<Read>,
    write: Option<(Option<u64>, Record, Duration)>,
    answer: Option<(bool, Duration)>,
}

impl Replica {
    fn new(name: &str, monotonic: u64, wall: i64) -> Self {
        Self {
            election: Election::new(name.to_owned(), LeaseTiming::default()),
            tenure: None,
            monotonic: Duration::from_secs(monotonic),
            wall,
            read: None,
            write: None,
            answer: None,
        }
    }

    fn leads(&self, now: Duration) -> bool {
        let now = self.monotonic + now;
        self.tenure.is_some_and(|tenure| tenure.lasts(now))
    }

    /// The next of: the server reads, the answer comes and is acted on, the server writes, the
    /// second answer comes.
    fn step(&mut self, server: &mut Server, now: Duration, lose: bool) {
        let local = self.monotonic + now;
        if let Some((done, sent)) = self.answer.take() {
            if lose || !done {
                return;
            }
            let timing = LeaseTiming::default();
            match &mut self.tenure {
                Some(tenure) if tenure.lasts(local) => {
                    tenure.renew(sent, local, timing);
                }
                // As a process does that was told to start anew.
                _ => self.tenure = Some(Tenure::new(sent, timing)),
            }
        } else if let Some((version, record, sent)) = self.write.take() {
            self.answer = Some((server.write(version, record), sent));
        } else if let Some(Read(read)) = self.read.take() {
            if lose {
                return;
            }
            let version = read.as_ref().map(|(version, _)| *version);
            self.election.observe(read.map(|(_, record)| record), local);
            if !matches!(self.election.decide(local), Decision::Wait(_)) {
                let seconds = i64::try_from(now.as_secs()).unwrap();
                let written = record(&self.election.identity, self.wall + seconds);
                self.write = Some((version, written, local));
            }
        } else {
            self.read = Some(Read(server.lease.clone()));
        }
    }

    fn release(&mut self, server: &mut Server) {
        let Some(mut tenure) = self.tenure.take() else {
            return;
        };
        tenure.end();
        self.write = None;
        self.answer = None;
        if let Some((version, mut record)) = server.lease.clone()
            && record.holder == self.election.identity
        {
            record.holder = String::new();
            server.write(Some(version), record);
        }
    }
}

#[derive(Clone, Debug)]
enum Event {
    Step { who: usize, lose: bool },
    Pass(u64),
    Release(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..2_usize, prop::bool::weighted(0.1)).prop_map(|(who, lose)| Event::Step { who, lose }),
        2 => (0_u64..4000).prop_map(Event::Pass),
        1 => (25_000_u64..40_000).prop_map(Event::Pass),
        1 => (0..2_usize).prop_map(Event::Release),
    ]
}

proptest! {
    #[test]
    fn two_replicas_never_both_believe_that_they_lead(
        clocks in [(0_u64..1_000_000, 0_i64..2_000_000_000), (0_u64..1_000_000, 0_i64..2_000_000_000)],
        events in prop::collection::vec(event(), 1..200),
    ) {
        let mut server = Server::default();
        let mut replicas = [
            Replica::new("a", clocks[0].0, clocks[0].1),
            Replica::new("b", clocks[1].0, clocks[1].1),
        ];
        let mut now = Duration::ZERO;
        for event in events {
            match event {
                Event::Step { who, lose } => replicas[who].step(&mut server, now, lose),
                Event::Pass(millis) => now += Duration::from_millis(millis),
                Event::Release(who) => replicas[who].release(&mut server),
            }
            prop_assert!(!(replicas[0].leads(now) && replicas[1].leads(now)));
        }
    }

    #[test]
    fn when_the_leader_is_silent_the_other_one_takes_over(wall in 0_i64..2_000_000_000) {
        let mut server = Server::default();
        let mut leader = Replica::new("a", 5, 1);
        let mut other = Replica::new("b", 99, wall);
        for _ in 0..4 {
            leader.step(&mut server, Duration::ZERO, false);
        }
        prop_assert!(leader.leads(Duration::ZERO));
        let mut now = Duration::ZERO;
        while !other.leads(now) {
            now += SECOND;
            prop_assert!(now <= 40 * SECOND);
            for _ in 0..4 {
                other.step(&mut server, now, false);
            }
        }
    }
}
