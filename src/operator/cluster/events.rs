//! Recording events, with a bound on what is remembered of them.

use std::sync::{Arc, Mutex, PoisonError};

use kube::Client;
use kube::runtime::events::{Recorder, Reporter};

/// How many events are remembered at most.
const REMEMBERED: usize = 256;

/// Records events, and counts equal ones instead of repeating them.
///
/// A recorder keeps every event of the last six minutes whole and goes through all of them for each
/// new one. Where thousands of objects have something to tell at once, as after the first
/// installation, that is tens of megabytes; so a new one takes its place after some hundred events.
/// An equal event that is told again after that is an object of its own.
#[derive(Clone)]
pub(super) struct Recorders {
    client: Client,
    reporter: Reporter,
    current: Arc<Mutex<Current>>,
}

struct Current {
    recorder: Recorder,
    given: usize,
}

impl Recorders {
    pub(super) fn new(client: Client, reporter: Reporter) -> Self {
        let recorder = Recorder::new(client.clone(), reporter.clone());
        Self {
            client,
            reporter,
            current: Arc::new(Mutex::new(Current { recorder, given: 0 })),
        }
    }

    /// The recorder for one more event.
    pub(super) fn current(&self) -> Recorder {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.given == REMEMBERED {
            let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
            *current = Current { recorder, given: 0 };
        }
        current.given += 1;
        current.recorder.clone()
    }
}
