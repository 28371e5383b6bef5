//! Dialtone.
fn main() {}
