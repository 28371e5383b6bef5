//! Whether the process lives, and whether it is ready.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::auth0::clock::{Clock, SystemClock};

/// How long a loop may be silent before the process counts as dead, if nothing else is said.
const SILENCE: Duration = Duration::from_mins(2);

/// What a replica does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It waits for the Lease.
    Standby,
    /// It leads.
    Leader,
    /// It is on its way out.
    Stopping,
}

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Leader => "leader",
            Self::Stopping => "stopping",
        }
    }
}

/// What the probes answer from. Clones are the same.
#[derive(Clone)]
pub struct Health {
    clock: Arc<dyn Clock>,
    silence: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Clone)]
struct State {
    role: Role,
    /// What is not known yet and why; nothing where all is known.
    waiting: Option<String>,
    beat: Option<Duration>,
}

impl Health {
    /// A standby replica that has not looked at the Lease.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(SILENCE, Arc::new(SystemClock::new()))
    }

    /// As [`Health::new`], with the longest silence between two beats and a clock of the caller's.
    #[must_use]
    pub fn with_clock(silence: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            silence,
            state: Arc::new(Mutex::new(State {
                role: Role::Standby,
                waiting: Some("the Lease was not looked at yet".to_owned()),
                beat: None,
            })),
        }
    }

    /// The main loop has turned. From the first beat on, silence counts as death.
    pub fn beat(&self) {
        let now = self.clock.now().elapsed;
        self.lock().beat = Some(now);
    }

    /// What this replica does from now on.
    pub fn set_role(&self, role: Role) {
        self.lock().role = role;
    }

    /// The caches hold what the cluster holds, or the role needs none.
    pub fn set_synced(&self) {
        self.lock().waiting = None;
    }

    /// The caches do not hold what the cluster holds yet: `what` is missing, and why.
    pub fn set_waiting(&self, what: &str) {
        self.lock().waiting = Some(format!("the caches are not synced: {what}"));
    }

    /// This replica can neither lead nor see who does.
    pub fn set_apart(&self, why: &str) {
        self.lock().waiting = Some(format!("the Lease cannot be read or written: {why}"));
    }

    /// For `/healthz`: whether the process is alive, in a line.
    ///
    /// # Errors
    ///
    /// The line that says why it should be started anew.
    pub fn live(&self) -> Result<String, String> {
        let now = self.clock.now().elapsed;
        let silent = self
            .lock()
            .beat
            .map_or(Duration::ZERO, |beat| now.saturating_sub(beat));
        if silent > self.silence {
            return Err(format!(
                "the loop has not turned for {} s",
                silent.as_secs()
            ));
        }
        Ok("alive".to_owned())
    }

    /// For `/readyz`: whether it does what it is there for. A replica that stands by is ready too.
    ///
    /// # Errors
    ///
    /// The line that says what is missing.
    pub fn ready(&self) -> Result<String, String> {
        let State { role, waiting, .. } = self.lock().clone();
        let word = role.as_str();
        match (role, waiting) {
            (Role::Stopping, _) => Err(format!("not ready: {word}")),
            (_, Some(what)) => Err(format!("not ready: {word}, {what}")),
            (_, None) => Ok(format!("ready: {word}")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("live", &self.live())
            .field("ready", &self.ready())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth0::clock::simulated::SimulatedClock;

    #[test]
    fn a_replica_is_ready_when_its_caches_are_synced_leader_or_not() {
        let health = Health::new();
        assert!(health.ready().is_err());
        health.set_apart("403");
        assert_eq!(
            health.ready().unwrap_err(),
            "not ready: standby, the Lease cannot be read or written: 403"
        );
        health.set_waiting("secrets (403)");
        assert_eq!(
            health.ready().unwrap_err(),
            "not ready: standby, the caches are not synced: secrets (403)"
        );
        health.set_synced();
        assert_eq!(health.ready().unwrap(), "ready: standby");
        health.set_role(Role::Leader);
        assert_eq!(health.ready().unwrap(), "ready: leader");
        health.set_role(Role::Stopping);
        assert_eq!(health.ready().unwrap_err(), "not ready: stopping");
    }

    #[test]
    fn a_loop_that_has_begun_to_turn_must_go_on() {
        let clock = SimulatedClock::default();
        let health = Health::with_clock(Duration::from_mins(1), Arc::new(clock.clone()));
        clock.advance(Duration::from_hours(1));
        assert!(health.live().is_ok(), "it has not begun");
        health.beat();
        clock.advance(Duration::from_mins(1));
        assert!(health.live().is_ok());
        clock.advance(Duration::from_secs(1));
        assert_eq!(
            health.live().unwrap_err(),
            "the loop has not turned for 61 s"
        );
        health.beat();
        assert!(health.live().is_ok());
    }
}
