//! What the documentation says, held against the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod blocks;
mod book;
mod fences;
mod links;
mod operations;
mod pages;
mod program;
mod transcripts;
