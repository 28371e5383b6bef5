//! The simulated tenant's answers, held against Auth0's published description of the API.
//!
//! The description lies beside the checkout, in `../shared` (or where `DIALTONE_SHARED` says).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod description;
#[path = "../support/published.rs"]
mod published;
mod refusals;
mod walk;

use std::collections::BTreeSet;

use dialtone::auth0::exchange::{Exchange as _, Payload, Request, Response};
use dialtone::sim::clock::ManualClock;
use dialtone::sim::limit::{Rate, Rates};
use dialtone::sim::store::Store;
use dialtone::sim::tenant::SimulatedTenant;
use jiff::Timestamp;

use description::Description;
use walk::Walk;

#[test]
fn answers_and_refusals_are_what_the_published_description_describes() {
    let Some(description) = Description::load() else {
        return;
    };
    let mut accepted = Walk::start(description);
    walk::all(&mut accepted);
    let mut refused = Walk::start(accepted.description);
    refusals::all(&mut refused);
    refused.description.verdict();
}

fn tenant() -> SimulatedTenant {
    let clock = ManualClock::new(Timestamp::from_second(1_790_000_000).unwrap());
    SimulatedTenant::in_memory(Store::new("acme.eu.auth0.com"), &clock)
}

/// The message of a refusal for want of a scope.
fn scope_missing(response: &Response) -> Option<&str> {
    let Payload::Json(body) = &response.body else {
        return None;
    };
    body["message"]
        .as_str()
        .filter(|text| response.status == 403 && text.starts_with("Insufficient scope"))
}

#[tokio::test]
async fn each_operation_needs_the_scopes_that_the_published_description_names() {
    let Some(description) = Description::load() else {
        return;
    };
    let operations = description.operations();
    let every: BTreeSet<String> = operations
        .iter()
        .flat_map(|(_, _, scopes)| scopes.clone())
        .collect();
    for (method, path, scopes) in operations {
        let request = Request::new(method, format!("/api/v2{path}"));
        let tenant = tenant();
        tenant.set_scopes(Some(scopes.clone()), true);
        let answer = tenant.send(request.clone()).await.unwrap();
        assert_eq!(scope_missing(&answer), None, "{method} {path}");
        let others = every.difference(&scopes).cloned().collect();
        tenant.set_scopes(Some(others), true);
        let answer = tenant.send(request).await.unwrap();
        let message = scope_missing(&answer).unwrap_or_default();
        assert_ne!(message, "", "{method} {path}: {answer:?}");
        let (_, named) = message.split_once(": ").unwrap();
        for scope in named.split(',') {
            assert!(scopes.contains(scope), "{method} {path} names {scope}");
        }
    }
}

#[tokio::test]
async fn each_operation_can_meet_the_rate_limit() {
    let Some(description) = Description::load() else {
        return;
    };
    let tenant = tenant();
    let one = Rate {
        per_second: 0.001,
        burst: 1,
    };
    let rates = Rates {
        global: Some(one),
        endpoints: Vec::new(),
    };
    tenant.set_rates(&rates).unwrap();
    tenant
        .send(Request::get("/api/v2/tenants/settings"))
        .await
        .unwrap();
    for (method, path, _) in description.operations() {
        let request = Request::new(method, format!("/api/v2{path}"));
        let answer = tenant.send(request).await.unwrap();
        assert_eq!(answer.status, 429, "{method} {path}");
        assert_eq!(answer.headers["x-ratelimit-remaining"], "0");
    }
}
