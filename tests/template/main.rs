//! Phone templates against LiquidJS, Auth0's contents and whatever somebody may write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod differential;
mod generate;
mod liquidjs;
mod published;
