//! One attempt to get, to renew or to give back a Lease: a read and a write at most, each bounded.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::{Api, Client};

use super::LeaseConfig;
use super::election::{Decision, Election};
use super::record;
use crate::auth0::clock::{Clock, Now};

/// How often a Lease is read again to be given back, when somebody has touched it meanwhile.
const GIVE_BACK: usize = 3;

/// How an attempt ended that the API server answered.
#[derive(Debug)]
pub(super) enum Ended {
    /// The Lease is this replica's, by a write sent at this moment.
    Held { sent: Now },
    /// It is somebody else's, for this long at least unless it is given back.
    Others { holder: String, left: Duration },
    /// Somebody wrote between the read and the write: the next look tells who and what.
    Raced,
}

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttemptError {
    #[error("no answer from the API server within {0:?}")]
    TimedOut(Duration),
    #[error("the API server: {0}")]
    Api(#[from] kube::Error),
}

/// A replica's place at a Lease.
pub(super) struct Seat {
    leases: Api<Lease>,
    name: String,
    identity: String,
    lease: Duration,
    election: Election,
    clock: Arc<dyn Clock>,
    last: Option<Lease>,
}

impl Seat {
    pub(super) fn new(
        client: Client,
        config: &LeaseConfig,
        identity: String,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            leases: Api::namespaced(client, &config.namespace),
            name: config.name.clone(),
            election: Election::new(identity.clone(), config.timing),
            identity,
            lease: config.timing.lease,
            clock,
            last: None,
        }
    }

    pub(super) fn identity(&self) -> &str {
        &self.identity
    }

    /// How often the Lease has changed hands up to what this replica wrote last.
    pub(super) fn term(&self) -> u64 {
        let transitions = self.last.as_ref().map(|it| record::record(it).transitions);
        transitions
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default()
    }

    /// Reads the Lease and does what the election decides, in `limit` for both calls. A limit is
    /// needed because the client repeats by itself what the server answers with 503.
    pub(super) async fn attempt(&mut self, limit: Duration) -> Result<Ended, AttemptError> {
        tokio::time::timeout(limit, self.look_and_write())
            .await
            .unwrap_or(Err(AttemptError::TimedOut(limit)))
    }

    /// Renews what this replica wrote last, with one call where nobody has touched it.
    pub(super) async fn renew(&mut self, limit: Duration) -> Result<Ended, AttemptError> {
        let renew = async {
            if let Some(last) = self.last.take() {
                match self.write(Some(&last)).await {
                    Ok(sent) => return Ok(Ended::Held { sent }),
                    Err(error) if raced(&error) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            self.look_and_write().await
        };
        tokio::time::timeout(limit, renew)
            .await
            .unwrap_or(Err(AttemptError::TimedOut(limit)))
    }

    /// Puts nobody's name into the Lease if it is this replica's. The caller bounds the time.
    pub(super) async fn give_back(&mut self) {
        for _ in 0..GIVE_BACK {
            let read = match self.last.take() {
                Some(last) => Ok(Some(last)),
                None => self.leases.get_opt(&self.name).await,
            };
            let Ok(Some(read)) = read else {
                return;
            };
            if record::record(&read).holder != self.identity {
                return;
            }
            let free = record::given_back(&read, self.clock.now().wall);
            let params = PostParams::default();
            match self.leases.replace(&self.name, &params, &free).await {
                Err(error) if raced(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "the lease could not be given back");
                    return;
                }
                Ok(_) => {
                    tracing::info!(lease = %self.name, "gave the lease back");
                    return;
                }
            }
        }
    }

    async fn look_and_write(&mut self) -> Result<Ended, AttemptError> {
        let read = self.leases.get_opt(&self.name).await?;
        let now = self.clock.now().elapsed;
        self.election
            .observe(read.as_ref().map(record::record), now);
        if let Decision::Wait(left) = self.election.decide(now) {
            let holder = read.map_or_else(String::new, |lease| record::record(&lease).holder);
            return Ok(Ended::Others { holder, left });
        }
        match self.write(read.as_ref()).await {
            Ok(sent) => Ok(Ended::Held { sent }),
            Err(error) if raced(&error) => Ok(Ended::Raced),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes this replica's name with the version of what was read; says when that was sent.
    async fn write(&mut self, read: Option<&Lease>) -> Result<Now, kube::Error> {
        let sent = self.clock.now();
        let lease = record::held(read, &self.name, &self.identity, self.lease, sent.wall);
        let params = PostParams::default();
        let written = match read {
            None => self.leases.create(&params, &lease).await?,
            Some(_) => self.leases.replace(&self.name, &params, &lease).await?,
        };
        let now = self.clock.now().elapsed;
        self.election.observe(Some(record::record(&written)), now);
        self.last = Some(written);
        Ok(sent)
    }
}

/// Whether somebody has created, replaced or deleted the Lease since it was read.
fn raced(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else {
        return false;
    };
    status.is_conflict() || status.is_already_exists()
}
