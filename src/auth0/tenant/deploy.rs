//! The Action of a custom provider: read with what it is bound to, and deployed when it is built.

use std::time::Duration;

use super::{ManagementApi, malformed};
use crate::api::Reason;
use crate::auth0::error::{ApiError, classify};
use crate::auth0::exchange::{Exchange, Payload, Request, Response};
use crate::auth0::wire;
use crate::phone::action::{Applied, Change};
use crate::phone::desired::Scope;
use crate::phone::observed::{Build, Observed, PhoneAction, Provider, ProviderName, Reading};
use crate::phone::outcome::{Class, Failure};

/// The waits before each look at a build or a deployment (§3.5). A pass is one of a limited number, so
/// it does not wait for long: what is not there by then is waited for by the next pass, and other
/// tenants have their turn.
const WAITS: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(600),
    Duration::from_millis(1200),
    Duration::from_millis(1500),
];

/// More Actions than one trigger has (§3.8).
const ACTIONS_PER_PAGE: &str = "100";

/// The provider, and the Actions where one is needed.
pub(super) type Sending = (Reading<Option<Provider>>, Reading<Vec<PhoneAction>>);

impl<E: Exchange> ManagementApi<E> {
    /// Reads the provider, and with it the Actions if an object needs them or the provider is one.
    pub(super) async fn sending(&self, scope: Scope) -> Result<Sending, Failure> {
        let request = Request::get(wire::PROVIDERS);
        let provider = self.one(scope.provider, request, wire::providers);
        if scope.actions {
            return futures::try_join!(provider, self.actions());
        }
        let provider = provider.await?;
        let existing = provider.value().and_then(Option::as_ref);
        let custom = existing.is_some_and(|it| it.name == ProviderName::Custom);
        let actions = if custom {
            self.actions().await?
        } else {
            Reading::NotRead
        };
        Ok((provider, actions))
    }

    /// The Actions of the trigger. What is bound is read only where there is something to be bound.
    async fn actions(&self) -> Result<Reading<Vec<PhoneAction>>, Failure> {
        let request = Request::get(wire::ACTIONS)
            .query("triggerId", wire::TRIGGER)
            .query("per_page", ACTIONS_PER_PAGE);
        let mut actions = self.one(true, request, wire::actions).await?;
        if let Reading::Read(all) = &mut actions
            && !all.is_empty()
        {
            let bound = self
                .one(true, Request::get(wire::BINDINGS), wire::bound)
                .await?;
            if let Reading::Read(bound) = bound {
                for action in all {
                    action.bound = Some(bound.contains(&action.id));
                }
            }
        }
        Ok(actions)
    }

    /// Deploys an Action once it is built, and sees that it is live.
    pub(super) async fn deploy(
        &self,
        change: &Change,
        by_itself: bool,
        observed: &Observed,
    ) -> Result<Applied, Failure> {
        let existing = observed.action().ok_or_else(|| gone(change))?;
        let mut asked = by_itself;
        // A new one may be about to be deployed by itself, asked to when it was created.
        let mut patience = u32::from(existing.deployed.is_none());
        for wait in WAITS {
            self.exchange.wait(wait).await;
            let action = self.look(&existing.id).await?;
            let live = action.current && action.deployed.as_ref() == Some(&action.draft);
            if live {
                return Ok(Applied::Action(action));
            }
            if let Some(message) = action.failure() {
                return Err(Failure {
                    class: Class::Terminal,
                    reason: Reason::ActionBuildFailed,
                    message,
                });
            }
            if asked || action.build != Build::Built {
                continue;
            }
            if patience > 0 {
                patience -= 1;
            } else {
                let request = wire::request(change, observed).ok_or_else(|| gone(change))?;
                self.answered(&request).await?;
                asked = true;
            }
        }
        Err(Failure {
            class: Class::Pending,
            reason: Reason::ActionBuilding,
            message: format!("Auth0 is building Action {}", existing.name),
        })
    }

    async fn look(&self, id: &str) -> Result<PhoneAction, Failure> {
        let request = Request::get(wire::item(wire::ACTIONS, id));
        let response = self.answered(&request).await?;
        match &response.body {
            Payload::Json(body) => wire::action(body).ok_or_else(|| malformed(&request)),
            _ => Err(malformed(&request)),
        }
    }

    /// Sends a request that must succeed.
    async fn answered(&self, request: &Request) -> Result<Response, Failure> {
        let sent = self.exchange.send(request.clone()).await;
        let response =
            sent.map_err(|lost| ApiError::from_no_answer(request, lost).into_failure())?;
        match classify(request, &response) {
            None => Ok(response),
            Some(failed) => Err(failed.into_failure()),
        }
    }
}

/// What a change is about is not there any more.
pub(super) fn gone(change: &Change) -> Failure {
    Failure {
        class: Class::Gone,
        reason: Reason::ApiError,
        message: format!(
            "{}: what it is about is not there any more",
            change.summary()
        ),
    }
}
