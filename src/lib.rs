//! Dialtone keeps Auth0's Unified Phone Experience configured from Kubernetes objects.
//!
//! One binary serves three hosts of one planner: the operator, the offline command line and the
//! simulated tenant. The unit of reconciliation is the *tenant*: all objects that name one tenant
//! make one [`phone::desired::Desired`], one read of the tenant makes one
//! [`phone::observed::Observed`], and a pure function makes one [`phone::plan::Plan`] of the two.
//!
//! # The twelve steps of a pass
//!
//! | | Step | Where |
//! |---|---|---|
//! | 1 | a watch event, a timer or a changed file names a tenant | host |
//! | 2 | did anything that matters change? | host |
//! | 3 | leader and shard gate, one pass in flight per tenant | host |
//! | 4 | dereference: objects, Secrets, allowed namespaces | host |
//! | 5 | *desire*: objects → `Desired`, or a field path that is invalid | `phone` |
//! | 6 | *observe*: only the endpoints that the objects need | `auth0` |
//! | 7 | *diff*: both sides normalised, secrets by keyed fingerprint | `phone` |
//! | 8 | *plan*: ordered actions, hazards, findings | `phone` |
//! | 9 | *policy*: which actions are withheld, and why | `phone` |
//! | 10 | *apply*: one action, one write | `auth0` |
//! | 11 | *report*: previous status and outcome → status patches and events | `phone` |
//! | 12 | write the patches that are not empty; look again later | host |
//!
//! # Allowed edges between modules
//!
//! `tests/architecture.rs` reads the `use crate::` paths and fails on any other edge.
//!
//! | Module | May use |
//! |---|---|
//! | [`api`] | nothing |
//! | [`template`] | nothing |
//! | [`phone`] | `api`, `template` |
//! | [`auth0`] | `api`, `phone`, `template` |
//! | [`sim`] | `auth0`, `phone`, `template` |
//! | [`manifest`] | `api`, `phone`, `template` |
//! | [`operator`] | `auth0`, `phone`, `api` |
//! | [`cli`] | all |

pub mod api;
pub mod auth0;
pub mod cli;
pub mod manifest;
pub mod operator;
pub mod phone;
pub mod sim;
pub mod template;
