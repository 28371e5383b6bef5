//! The pure core: desire, diff, plan, policy, hazards and status as functions over values.
//!
//! Nothing here waits, reads a clock, draws a random number or talks to anybody: what needs one of
//! these gets it as a value.

pub mod acknowledgement;
pub mod action;
pub mod applied;
pub mod delivery;
pub mod desire;
pub mod desired;
pub mod diff;
pub mod export;
pub mod flow;
pub mod foreign;
pub mod hazard;
pub mod number;
pub mod observed;
pub mod order;
pub mod outcome;
pub mod plan;
pub mod policy;
pub mod predict;
pub mod report;
pub mod schedule;
pub mod script;
pub mod secret;
pub(crate) mod spelling;
pub mod succession;

#[cfg(test)]
pub(crate) mod tests;
