//! A real API server for tests.
//!
//! A test binary takes it in with `#[path = "../support/support.rs"] mod support;` and asks for
//! [`ControlPlane::shared`], or for [`ControlPlane::dedicated`] where the test stops the server.
//! The programs come from `tests/control-plane/build`, which the first test runs if need be.

pub mod audit;
pub mod control_plane;
mod credentials;
mod etcd;
pub mod kstatus;
pub mod kubectl;
mod process;
pub mod programs;
mod wait;

pub use control_plane::ControlPlane;
pub use wait::wait_until;
