//! The port: a tenant that can be read as a whole and written one action at a time.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::Value;

use super::error::{ApiError, classify};
use super::exchange::{Exchange, Payload, Request};
use super::wire;
use crate::api::Reason;
use crate::phone::action::{Applied, Change};
use crate::phone::delivery::MessageType;
use crate::phone::desired::Scope;
use crate::phone::export::Legacy;
use crate::phone::observed::{Application, Connection, Observed, Reading, Strategy, Template};
use crate::phone::outcome::{Class, Failure};
use crate::template::TemplateType;

mod deploy;

/// A tenant, as the planner's effects see it.
pub trait Tenant: Sync {
    /// Reads the parts of the tenant that the scope names, each endpoint once.
    ///
    /// A part that Auth0 refuses for good (a scope or a plan) is a [`Reading::Refused`]; the
    /// others are read all the same.
    ///
    /// # Errors
    ///
    /// The first failure that concerns more than one part: no token, throttled, no answer.
    fn snapshot(&self, scope: Scope) -> impl Future<Output = Result<Observed, Failure>> + Send;

    /// Carries out one change: one write, never repeated when its answer is lost.
    ///
    /// # Errors
    ///
    /// Why Auth0 refused, or why it is not known whether the write took effect.
    fn apply(
        &self,
        change: &Change,
        observed: &Observed,
    ) -> impl Future<Output = Result<Applied, Failure>> + Send;
}

/// The Management API behind any way of exchanging requests with it.
#[derive(Clone, Debug)]
pub struct ManagementApi<E> {
    exchange: E,
}

/// How many applications one page of `GET /clients` holds at most (§8).
const APPLICATIONS_PER_PAGE: &str = "100";
/// How many connections one page holds at most (§6.1).
const CONNECTIONS_PER_PAGE: &str = "100";
/// How many client ids one page of a connection's clients holds at most (§6.5).
const CONNECTION_CLIENTS_PER_PAGE: &str = "1000";
/// How many connections' clients are read at once. Each call waits for its turn at the pacer for a
/// limited time: were all of them to queue at once, the last would be held back for good.
const READS_AT_ONCE: usize = 4;
/// More pages than any tenant has: a server that always names a next page must not hold us.
const MOST_PAGES: usize = 1000;

/// One answered read: its body, or why Auth0 refused it for good.
type Body = Reading<Value>;

impl<E: Exchange> ManagementApi<E> {
    /// A tenant behind this exchange.
    pub const fn new(exchange: E) -> Self {
        Self { exchange }
    }

    async fn read(&self, request: Request) -> Result<Body, Failure> {
        let sent = self.exchange.send(request.clone()).await;
        let response =
            sent.map_err(|lost| ApiError::from_no_answer(&request, lost).into_failure())?;
        match classify(&request, &response) {
            None => match response.body {
                Payload::Json(body) => Ok(Reading::Read(body)),
                Payload::Empty => Ok(Reading::Read(Value::Null)),
                Payload::Text(_) => Err(malformed(&request)),
            },
            Some(failed) => match failed.refusal() {
                Some(refusal) => Ok(Reading::Refused(refusal)),
                None => Err(failed.into_failure()),
            },
        }
    }

    /// Reads the phone settings of MFA from before the unified phone experience; nothing where Auth0
    /// does not show them, as it does not with the unified one (§5.3).
    ///
    /// # Errors
    ///
    /// A failure that passes, such as no answer.
    pub async fn legacy(&self) -> Result<Option<Legacy>, Failure> {
        let sender = Request::get(wire::legacy::SELECTED);
        let Reading::Read(sender) = self.one(true, sender, wire::legacy::sender).await? else {
            return Ok(None);
        };
        let twilio = self.read(Request::get(wire::legacy::TWILIO)).await?;
        let messages = self.read(Request::get(wire::legacy::MESSAGES)).await?;
        let none = Value::Null;
        let of = |read: &Body| read.value().unwrap_or(&none).clone();
        let settings = wire::legacy::settings(sender, &of(&twilio), &of(&messages));
        Ok(Some(settings))
    }

    /// Reads one endpoint that answers at once.
    async fn one<T>(
        &self,
        wanted: bool,
        request: Request,
        parse: impl Fn(&Value) -> Option<T> + Send + Sync,
    ) -> Result<Reading<T>, Failure> {
        if !wanted {
            return Ok(Reading::NotRead);
        }
        Ok(match self.read(request.clone()).await? {
            Reading::Read(body) => Reading::Read(parse(&body).ok_or_else(|| malformed(&request))?),
            Reading::Refused(refusal) => Reading::Refused(refusal),
            Reading::NotRead => Reading::NotRead,
        })
    }

    /// Reads all pages of an endpoint that names its next page (§0.3, checkpoint).
    async fn pages<T>(
        &self,
        wanted: bool,
        request: Request,
        parse: impl Fn(&Value) -> Option<T> + Send + Sync,
        mut join: impl FnMut(&mut T, T) + Send,
    ) -> Result<Reading<T>, Failure>
    where
        T: Send,
    {
        let mut all: Option<T> = None;
        let mut from: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = match &from {
                Some(from) => request.clone().query("from", from),
                None => request.clone(),
            };
            let read = self
                .one(wanted, page, |body| Some((parse(body)?, wire::next(body))))
                .await?;
            let next = match read {
                Reading::NotRead => return Ok(Reading::NotRead),
                Reading::Refused(refusal) => return Ok(Reading::Refused(refusal)),
                Reading::Read((page, next)) => {
                    match &mut all {
                        None => all = Some(page),
                        Some(all) => join(all, page),
                    }
                    next
                }
            };
            if next.is_none() {
                return Ok(all.map_or(Reading::NotRead, Reading::Read));
            }
            if next == from {
                break;
            }
            from = next;
        }
        // A list without its end must not pass for the whole list.
        Err(malformed(&request))
    }

    async fn templates(
        &self,
        wanted: bool,
    ) -> Result<Reading<BTreeMap<TemplateType, Template>>, Failure> {
        let request = Request::get(wire::TEMPLATES);
        self.one(wanted, request, wire::templates).await
    }

    /// The MFA factor and its message types.
    async fn factor(
        &self,
        wanted: bool,
    ) -> Result<(Reading<bool>, Reading<BTreeSet<MessageType>>), Failure> {
        let types = Request::get(wire::MESSAGE_TYPES);
        futures::try_join!(
            self.one(wanted, Request::get(wire::FACTORS), wire::phone_factor),
            self.one(wanted, types, wire::message_types),
        )
    }

    /// What Auth0 shows in the place of a template that was deleted. Where it does not answer now,
    /// the next pass finds out.
    async fn in_place_of(&self, type_: TemplateType) -> Applied {
        let shown = self.templates(true).await.ok();
        let shown = shown.and_then(|read| read.value()?.get(&type_).cloned());
        Applied::TemplateDeleted(type_, shown)
    }

    async fn connections(&self, wanted: bool) -> Result<Connections, Failure> {
        let request = Request::get(wire::CONNECTIONS)
            .query("strategy", Strategy::Sms.as_wire())
            .query("strategy", Strategy::Auth0.as_wire())
            .query("take", CONNECTIONS_PER_PAGE);
        let connections = self
            .pages(wanted, request, wire::connections, |all, page| {
                all.extend(page);
            })
            .await?;
        let ids: Vec<String> = connections
            .value()
            .into_iter()
            .flatten()
            .filter(|item| item.strategy == Strategy::Sms)
            .map(|item| item.id.clone())
            .collect();
        let mut reads = Vec::with_capacity(ids.len());
        for id in &ids {
            let request =
                Request::get(wire::clients_of(id)).query("take", CONNECTION_CLIENTS_PER_PAGE);
            reads.push(
                self.pages(true, request, wire::connection_clients, |all, page| {
                    all.extend(page);
                }),
            );
        }
        let reads = stream::iter(reads).buffered(READS_AT_ONCE);
        let clients: Vec<_> = reads.try_collect().await?;
        Ok(Connections {
            connections,
            clients: ids.into_iter().zip(clients).collect(),
        })
    }

    async fn applications(&self, wanted: bool) -> Result<Reading<Vec<Application>>, Failure> {
        // Only the two fields that are needed: whole applications hold secrets (§8).
        let request = Request::get(wire::CLIENTS)
            .query("fields", "client_id,name")
            .query("include_fields", "true")
            .query("is_global", "false")
            .query("take", APPLICATIONS_PER_PAGE);
        self.pages(wanted, request, wire::applications, |all, page| {
            all.extend(page);
        })
        .await
    }
}

struct Connections {
    connections: Reading<Vec<Connection>>,
    clients: BTreeMap<String, Reading<BTreeSet<String>>>,
}

fn malformed(request: &Request) -> Failure {
    Failure {
        class: Class::Transient,
        reason: Reason::ApiError,
        message: format!("{request:?}: the answer is not what the Management API answers here"),
    }
}

impl<E: Exchange> Tenant for ManagementApi<E> {
    async fn snapshot(&self, scope: Scope) -> Result<Observed, Failure> {
        let settings = Request::get(wire::SETTINGS)
            .query("fields", "phone_consolidated_experience")
            .query("include_fields", "true");
        let (
            unified,
            (provider, actions),
            templates,
            (factor, message_types),
            policies,
            connections,
            applications,
        ) = futures::try_join!(
            self.one(scope.unified, settings, wire::unified),
            self.sending(scope),
            self.templates(scope.templates),
            self.factor(scope.factor),
            self.one(scope.policies, Request::get(wire::POLICIES), wire::policies),
            self.connections(scope.connections),
            self.applications(scope.applications),
        )?;
        Ok(Observed {
            unified,
            provider,
            actions,
            templates,
            factor,
            message_types,
            policies,
            connections: connections.connections,
            connection_clients: connections.clients,
            applications,
        })
    }

    async fn apply(&self, change: &Change, observed: &Observed) -> Result<Applied, Failure> {
        if let Change::DeployAction { by_itself, .. } = change {
            return self.deploy(change, *by_itself, observed).await;
        }
        let Some(request) = wire::request(change, observed) else {
            return Err(deploy::gone(change));
        };
        let sent = self.exchange.send(request.clone()).await;
        let response =
            sent.map_err(|lost| ApiError::from_no_answer(&request, lost).into_failure())?;
        match classify(&request, &response) {
            Some(failed) if !(failed.is_gone() && deletes(change)) => Err(failed.into_failure()),
            _ => Ok(match change {
                Change::DeleteTemplate { type_, .. } => self.in_place_of(*type_).await,
                _ => wire::applied(change, &response, observed),
            }),
        }
    }
}

/// What is gone already need not be deleted.
const fn deletes(change: &Change) -> bool {
    matches!(
        change,
        Change::DeleteProvider { .. }
            | Change::DeleteAction { .. }
            | Change::DeleteConnection { .. }
            | Change::DeleteTemplate { .. }
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;
    use crate::auth0::exchange::{NoAnswer, Response};

    /// Names a next page for ever: a new one each time, or the same.
    struct Endless {
        pages: AtomicUsize,
        same: bool,
    }

    impl Exchange for Endless {
        async fn send(&self, _: Request) -> Result<Response, NoAnswer> {
            let page = self.pages.fetch_add(1, Ordering::SeqCst);
            let next = if self.same { 0 } else { page };
            let body = json!({"connections": [], "next": format!("page-{next}")});
            Ok(Response::json(200, body))
        }
    }

    #[tokio::test]
    async fn a_list_without_its_end_does_not_pass_for_the_whole_list() {
        for (same, read) in [(true, 2), (false, MOST_PAGES)] {
            let tenant = ManagementApi::new(Endless {
                pages: AtomicUsize::new(0),
                same,
            });
            let scope = Scope {
                connections: true,
                ..Scope::default()
            };
            let failure = tenant.snapshot(scope).await.unwrap_err();
            assert_eq!(failure.class, Class::Transient);
            assert_eq!(tenant.exchange.pages.into_inner(), read);
        }
    }
}
