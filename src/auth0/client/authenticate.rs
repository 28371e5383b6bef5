//! The token request (§1): paced and retried like any call, with a new assertion each time.

use std::time::Duration;

use serde_json::Value;
use tracing::{debug, info};

use super::transport::Failure;
use super::{HttpClient, outcome};
use crate::auth0::error::{ApiError, Class, Kind, Refusal, classify_token};
use crate::auth0::exchange::{Method, NoAnswer, Payload, Request, Response};
use crate::auth0::pacer::Bucket;
use crate::auth0::random;
use crate::auth0::retry::{self, Decision, History};
use crate::auth0::token::{Granted, Urgency};
use crate::phone::secret::Secret;

const PATH: &str = "/oauth/token";

/// The life of a token whose answer does not tell; short, for an early renewal costs little.
const UNTOLD_LIFE: Duration = Duration::from_mins(10);

/// How long a renewal waits for its turn while the token at hand is good.
const EARLY_WAIT: Duration = Duration::from_secs(2);

impl HttpClient {
    /// Fetches a token. Repeating the request does no harm, so it is retried like a read.
    pub(super) async fn authenticate(&self, urgency: Urgency) -> Result<Granted, ApiError> {
        let clock = self.pacer.clock();
        let started = clock.now().elapsed;
        let max_wait = match urgency {
            Urgency::Needed => self.timing.max_wait,
            Urgency::Early => self.timing.max_wait.min(EARLY_WAIT),
        };
        let mut history = History {
            // A refusal does not mean that a token went stale: it is not asked for twice.
            renewed: true,
            left: self.timing.total,
            ..History::default()
        };
        loop {
            let request = self.token_request()?;
            let call = self.call(&request, None, Bucket::Token, max_wait.min(history.left));
            let result = call
                .await
                .map_err(|unmade| ApiError::from_no_answer(&request, unmade.no_answer(&request)))?;
            let outcome = outcome(&result);
            history.note(outcome, clock.now().elapsed, started, self.timing.total);
            let decision = retry::decide(Method::Get, history, outcome, random::fraction());
            match decision {
                Decision::Retry(wait) if urgency == Urgency::Needed => clock.sleep(wait).await,
                Decision::RetryPaced if urgency == Urgency::Needed => {}
                _ => return self.granted(&request, result),
            }
        }
    }

    fn token_request(&self) -> Result<Request, ApiError> {
        let request = Request::new(Method::Post, PATH);
        let now = self.pacer.clock().now().wall;
        match self.credential.token_request(&self.domain, now) {
            Ok(body) => Ok(request.json(body)),
            Err(error) => {
                let kind = Kind::Authentication(Refusal::Other);
                Err(ApiError::without_answer(&request, kind, &error.to_string()))
            }
        }
    }

    fn granted(
        &self,
        request: &Request,
        result: Result<Response, Failure>,
    ) -> Result<Granted, ApiError> {
        let response = result
            .map_err(|failure| ApiError::from_no_answer(request, failure.no_answer(request)))?;
        if let Some(error) = classify_token(request, &response) {
            // Whoever asked for the token tells people of the error.
            info!(%error, "no access token");
            if let (Class::Throttled { .. }, Some(until)) = (error.class, self.pacer.paused_until())
            {
                let no_answer = NoAnswer::Throttled { until };
                return Err(ApiError::from_no_answer(request, no_answer));
            }
            return Err(error);
        }
        let granted = grant(&response).ok_or_else(|| {
            ApiError::without_answer(request, Kind::NotJson, "the access_token is no text")
        })?;
        debug!(life = ?granted.life, "access token granted");
        Ok(granted)
    }
}

fn grant(response: &Response) -> Option<Granted> {
    let Payload::Json(body) = &response.body else {
        return None;
    };
    let token = body.get("access_token").and_then(Value::as_str)?;
    let life = body.get("expires_in").and_then(Value::as_u64);
    Some(Granted {
        token: Secret::new(token),
        life: life.map_or(UNTOLD_LIFE, Duration::from_secs),
    })
}
