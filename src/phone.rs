//! The pure core: desire, diff, plan, policy, hazards and status as functions over values.

pub mod secret;
