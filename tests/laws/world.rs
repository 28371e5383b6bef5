//! Random worlds: tenants as other people may have left them, and what objects may want of them.

mod custom;
mod left;
mod meddling;
mod wanted;

use std::sync::LazyLock;

use dialtone::sim::store::Store;
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::Config;

pub(crate) use left::{Left, left};
pub(crate) use meddling::{Meddling, meddling};
pub(crate) use wanted::{Mode, Wanted, wanted};

/// The applications of every random tenant.
const APPLICATIONS: [&str; 3] = ["web", "ios", "android"];
/// The sms connections that may be there or be wanted: Universal Login's, and another.
const CONNECTIONS: [&str; 2] = ["sms", "sms-b2b"];

/// The templates that may be there or be wanted: one that Auth0 lists unasked, and one that it does
/// not. Each in Auth0's spelling and in that of objects.
pub(crate) const TEMPLATES: [(&str, &str); 2] = [
    ("otp_verify", "OtpVerify"),
    ("password_breach", "PasswordBreach"),
];

/// Client ids are made of a counter, so they are the same in every tenant that starts like this.
static CLIENT_IDS: LazyLock<(Store, Vec<String>)> = LazyLock::new(|| {
    let mut store = Store::new("acme.eu.auth0.com");
    let ids = APPLICATIONS
        .iter()
        .map(|name| store.seed_client(name))
        .collect();
    (store, ids)
});

/// A tenant with the applications and nothing else.
pub(crate) fn bare_store() -> Store {
    CLIENT_IDS.0.clone()
}

fn client_id(index: usize) -> &'static str {
    &CLIENT_IDS.1[index]
}

/// As many cases as the environment's `PROPTEST_CASES` says, or else this many.
pub(crate) fn cases(usual: u32) -> Config {
    let config = Config::default();
    let told = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if told { config.cases } else { usual };
    Config {
        cases,
        max_global_rejects: 8 * cases,
        ..config
    }
}

fn some_of(
    of: &[&'static str],
    least: usize,
) -> impl Strategy<Value = Vec<&'static str>> + Clone + use<> {
    subsequence(of.to_vec(), least..=of.len())
}

fn applications() -> impl Strategy<Value = Vec<usize>> + Clone {
    subsequence(vec![0, 1, 2], 0..=3)
}
