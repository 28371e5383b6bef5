//! Tests of the pure core as a whole: tables for what people read, laws for everything else.

mod adoption;
pub(crate) mod build;
mod custom;
mod desiring;
mod hazards;
mod identifiers;
mod laws;
mod learning;
mod planning;
mod policies;
mod reporting;
mod secrecy;
mod succession;
mod templates;
