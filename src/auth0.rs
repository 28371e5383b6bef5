//! The Auth0 Management API: the port [`tenant`](self), its wire format and its HTTP client.

pub mod client;
pub mod clock;
pub mod credential;
pub mod error;
pub mod exchange;
pub mod pacer;
pub mod random;
pub mod retry;
pub mod token;
