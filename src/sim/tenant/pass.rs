//! The way of one request through a simulated tenant: faults, limits, tokens, scopes, the store.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Access, Delivery, Inner};
use crate::auth0::exchange::{Method, Payload, Request, Response};
use crate::sim::call::Call;
use crate::sim::fault::Fault;
use crate::sim::limit::{Quota, Verdict};
use crate::sim::scope;
use crate::sim::store::Store;
use crate::sim::token::{Names, Scopes};

/// The path of the token endpoint.
pub(in crate::sim) const TOKEN_PATH: &str = "/oauth/token";

/// How many applications a page of them holds at most.
const PAGE: usize = 100;

impl Inner {
    pub(super) fn pass(
        &mut self,
        request: &Request,
        unreadable: Option<Response>,
        access: Access<'_>,
        fence: Option<u64>,
    ) -> Delivery {
        self.meet(request, fence, |inner, now| {
            inner.answer(request, unreadable, access, now)
        })
    }

    pub(super) fn give_token(&mut self, form: &Map<String, Value>, host: &str) -> Delivery {
        let request = Request::new(Method::Post, TOKEN_PATH);
        self.meet(&request, None, |inner, now| {
            let names = Names {
                domain: inner.store.domain(),
                host,
            };
            (inner.desk.give(form, names, &inner.scopes, now), false)
        })
    }

    /// Lets the scripted faults do their part round `answer`, which gives the tenant's own answer
    /// and whether a write took effect, and logs the call.
    fn meet(
        &mut self,
        request: &Request,
        fence: Option<u64>,
        answer: impl FnOnce(&mut Self, Timestamp) -> (Response, bool),
    ) -> Delivery {
        if self.down {
            return Delivery::Cut;
        }
        let now = self.clock.now();
        let mut call = Call::arrived(request, fence, now);
        let struck = self.faults.meet(&call.method, &call.path);
        call.fault = struck.kind.map(str::to_owned);
        for write in &struck.drifts {
            // An error is the other administrator's to see.
            let _ = self.carry_out(write, now);
        }
        let fault = struck.fault.as_ref();
        let answer = if fault.is_none_or(Fault::applied) {
            let (answer, wrote) = answer(self, now);
            call.wrote = wrote;
            Some(answer)
        } else {
            None
        };
        let delivery = self.strike(fault, answer, struck.delay, now);
        if let Delivery::Answer(answer, _) = &delivery {
            call.status = Some(answer.status);
        }
        self.calls.push(call);
        delivery
    }

    /// The tenant's own answer, and whether a write took effect.
    fn answer(
        &mut self,
        request: &Request,
        unreadable: Option<Response>,
        access: Access<'_>,
        now: Timestamp,
    ) -> (Response, bool) {
        let quota = match self.limiter.take(request, now) {
            Verdict::Pass(quota) => quota,
            Verdict::Global(quota) => return (throttled("Global", quota), false),
            Verdict::Endpoint(quota) => return (throttled("Endpoint", quota), false),
        };
        let mut wrote = false;
        let mut answer = match (self.admit(request, access, now), unreadable) {
            (Err(refusal), _) | (Ok(_), Some(refusal)) => refusal,
            (Ok(granted), None) => {
                let mut answer = self.carry_out(request, now);
                wrote = request.method.writes() && answer.status < 300;
                if let Some(granted) = granted {
                    scope::hide_options(&granted, request, &mut answer);
                }
                answer
            }
        };
        mark(&mut answer, quota);
        (answer, wrote)
    }

    /// The scopes that the request has, or the answer that refuses it.
    fn admit(
        &self,
        request: &Request,
        access: Access<'_>,
        now: Timestamp,
    ) -> Result<Scopes, Response> {
        let granted = match access {
            Access::Trusted => self.scopes.clone(),
            Access::Header(header) => self.desk.check(header, &self.scopes, now)?,
        };
        let refusal = granted
            .as_deref()
            .and_then(|it| scope::refusal(it, request));
        refusal.map_or(Ok(granted), Err)
    }

    /// Lets the store answer. What the request changed is on disk afterwards, or undone.
    fn carry_out(&mut self, request: &Request, now: Timestamp) -> Response {
        if self.state.is_none() || !request.method.writes() {
            return self.store.handle(request, now);
        }
        let before = self.store.clone();
        let answer = self.store.handle(request, now);
        match self.keep(before) {
            Ok(()) => answer,
            Err(error) => error_body(500, &error.to_string()),
        }
    }

    /// What becomes of the answer under a fault.
    fn strike(
        &mut self,
        fault: Option<&Fault>,
        answer: Option<Response>,
        delay: Duration,
        now: Timestamp,
    ) -> Delivery {
        let answer = match fault {
            None | Some(Fault::Slow { .. } | Fault::Drift { .. }) => answer,
            Some(Fault::Timeout { .. }) => return Delivery::Silence,
            Some(Fault::Lost { .. }) => return Delivery::Cut,
            Some(Fault::Kill { .. }) => {
                self.down = true;
                return Delivery::Down;
            }
            Some(Fault::Throttle { reset_seconds }) => {
                let quota = Quota {
                    limit: self.rates.global.map_or(10, |rate| rate.burst),
                    remaining: 0,
                    reset: now.as_second() + i64::from(*reset_seconds),
                };
                Some(throttled("Global", quota))
            }
            Some(Fault::Status { code, .. }) => Some(error_body(*code, reason(*code))),
            Some(Fault::Html { code, .. }) => Some(page(*code)),
        };
        answer.map_or(Delivery::Cut, |answer| Delivery::Answer(answer, delay))
    }
}

/// Adds the applications among `names` that `store` does not have.
pub(super) fn seed_missing(store: &mut Store, names: &[String], now: Timestamp) {
    let mut present = Vec::new();
    for page in 0_usize.. {
        let request = Request::get("/api/v2/clients")
            .query("per_page", PAGE.to_string())
            .query("page", page.to_string());
        let Payload::Json(Value::Array(clients)) = store.handle(&request, now).body else {
            break;
        };
        let last = clients.len() < PAGE;
        present.extend(clients);
        if last {
            break;
        }
    }
    for name in names {
        if !present.iter().any(|client| client["name"] == name.as_str()) {
            store.seed_client(name);
        }
    }
}

fn throttled(which: &str, quota: Quota) -> Response {
    let mut answer = Response::json(
        429,
        json!({
            "statusCode": 429,
            "error": "Too Many Requests",
            "message": format!("{which} limit has been reached"),
            "errorCode": "too_many_requests",
        }),
    );
    mark(&mut answer, quota);
    answer
}

fn mark(answer: &mut Response, quota: Quota) {
    for (name, value) in [
        ("x-ratelimit-limit", quota.limit.to_string()),
        ("x-ratelimit-remaining", quota.remaining.to_string()),
        ("x-ratelimit-reset", quota.reset.to_string()),
    ] {
        answer.headers.insert(name.to_owned(), value);
    }
}

/// An error body as §0.1 without `errorCode`.
pub(in crate::sim) fn error_body(code: u16, message: &str) -> Response {
    Response::json(
        code,
        json!({"statusCode": code, "error": reason(code), "message": message}),
    )
}

fn page(code: u16) -> Response {
    let reason = reason(code);
    let mut answer = Response::empty(code);
    answer.body = Payload::Text(format!(
        "<html>\n<head><title>{code} {reason}</title></head>\n\
         <body><h1>{code} {reason}</h1></body>\n</html>\n"
    ));
    let html = "text/html; charset=utf-8".to_owned();
    answer.headers.insert("content-type".to_owned(), html);
    answer
}

fn reason(code: u16) -> &'static str {
    axum::http::StatusCode::from_u16(code)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown")
}
