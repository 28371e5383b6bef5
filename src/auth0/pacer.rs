//! The pacer: one per tenant, asked before every call, token requests included.

mod signal;

pub use signal::Signal;
