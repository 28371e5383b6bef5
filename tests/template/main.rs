//! Phone templates against LiquidJS, Auth0's contents and whatever somebody may write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cli;
mod corpus;
mod differential;
mod generate;
mod limits;
mod lint;
mod liquidjs;
mod page;
mod properties;
mod published;
mod words;
