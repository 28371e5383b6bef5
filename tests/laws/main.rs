//! The planner, the port and the simulated tenant together: the laws of the design over random
//! tenants and random objects, faults at every call, and what Auth0 refuses.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod custom;
mod drift;
mod faults;
mod foresight;
mod interruption;
mod messages;
mod patience;
mod random;
mod refusals;
mod rig;
mod scale;
mod scopes;
mod wire;
mod world;
