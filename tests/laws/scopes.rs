//! The scopes that the page of the `Auth0Tenant` has its reader copy are enough, and those to look with
//! write nothing.

use std::collections::BTreeSet;
use std::fs;

use dialtone::auth0::exchange::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::rig::{Rig, store_with_applications};

/// The examples that take everything between them, each with a change of it.
const EXAMPLES: [(&str, &str, &str); 6] = [
    (
        "twilio",
        "deliveryMethods: [Text, Voice]",
        "deliveryMethods: [Text]",
    ),
    (
        "quickstart",
        "messageTypes: [SMS, Voice]",
        "messageTypes: [SMS]",
    ),
    ("mfa", "policies: [AllApplications]", "policies: []"),
    (
        "custom-provider",
        "response.status >= 500",
        "response.status > 499",
    ),
    ("templates", "is your code for", "is the code for"),
    (
        "phone-identifier",
        "verification: true",
        "verification: false",
    ),
];

/// The blocks of the page: what reads, and what is granted besides.
fn listed() -> [BTreeSet<String>; 2] {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api/auth0tenant.md");
    let page = fs::read_to_string(page).unwrap();
    ["To look,", "For everything,"].map(|beginning| {
        let (_, after) = page.split_once(&format!("\n{beginning}")).unwrap();
        let block = after.split("```").nth(1).unwrap();
        let scopes = block.split_whitespace().filter(|word| word.contains(':'));
        scopes.map(str::to_owned).collect()
    })
}

fn manifests(example: &str) -> String {
    let folder = format!("{}/examples/{example}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).unwrap());
    let reference = "  tenantRef: {name: acme}\n";
    let deleted = |document: &str| {
        if document.contains("\nkind: PhoneTestMessage\n") {
            return document.to_owned();
        }
        let document = document.replace("  deletionPolicy: Delete\n", "");
        document.replace(reference, &format!("{reference}  deletionPolicy: Delete\n"))
    };
    let texts: Vec<String> = texts.collect();
    let documents = texts
        .iter()
        .flat_map(|text| text.split("---\n"))
        .map(deleted);
    documents.collect::<Vec<_>>().join("---\n").replace(
        "\n  domain:",
        "\n  unifiedPhoneExperience: Enable\n  domain:",
    )
}

/// Passes until every object is Ready, with the time that Auth0 takes to build an Action.
async fn ready(rig: &mut Rig) {
    for _ in 0..5 {
        rig.settle().await;
        if rig.objects.ready() {
            return;
        }
        rig.clock.advance(SignedDuration::from_secs(60));
    }
    panic!("{:?}", rig.objects.reasons());
}

/// The scopes of a row of the page's table, by what it begins with.
fn row(beginning: &str) -> BTreeSet<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api/auth0tenant.md");
    let page = fs::read_to_string(page).unwrap();
    let line = format!("| {beginning} ");
    let line = page.lines().find(|it| it.starts_with(&line)).unwrap();
    let words = line
        .split('`')
        .filter(|word| word.contains(':') && !word.contains(' '));
    words.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_scopes_of_a_kind_are_enough_for_it() {
    let enable = "unifiedPhoneExperience: Enable";
    for (kind, example, rows) in [
        ("PhoneProvider", "twilio", &["`PhoneProvider` |"][..]),
        (
            "PhoneProvider",
            "custom-provider",
            &["`PhoneProvider` |", "`PhoneProvider` with `custom` |"],
        ),
        ("MfaPhoneFactor", "mfa", &["`MfaPhoneFactor` |"]),
        (
            "PasswordlessConnection",
            "quickstart",
            &["`PasswordlessConnection` |"],
        ),
        ("PhoneTemplate", "templates", &["`PhoneTemplate` |"]),
        (
            "PhoneIdentifier",
            "phone-identifier",
            &["`PhoneIdentifier` |"],
        ),
        (
            "PhoneTestMessage",
            "test-message",
            &["`PhoneTestMessage` |"],
        ),
        (
            "MfaPhoneFactor",
            "mfa",
            &["`MfaPhoneFactor` |", "`unifiedPhoneExperience: Enable` "],
        ),
        (
            "PasswordlessConnection",
            "quickstart",
            &[
                "`PasswordlessConnection` |",
                "`unifiedPhoneExperience: Enable` ",
            ],
        ),
    ] {
        let enables = rows.iter().any(|row| row.contains(enable));
        let (mut rig, text) = start(example, enables);
        let text = if enables {
            text
        } else {
            text.replace(&format!("  {enable}\n"), "")
        };
        let documents = |kinds: &[&str]| {
            let kept = text.split("---\n").filter(|document| {
                kinds
                    .iter()
                    .any(|kind| document.contains(&format!("\nkind: {kind}\n")))
            });
            kept.collect::<Vec<_>>().join("---\n")
        };
        let alone = documents(&["Auth0Tenant", "Secret", "ConfigMap", kind]);
        if kind != "PhoneProvider" {
            rig.objects
                .edit(&documents(&["Auth0Tenant", "Secret", "PhoneProvider"]));
            ready(&mut rig).await;
        }
        let scopes = rows
            .iter()
            .flat_map(|beginning| row(beginning.trim_end_matches([' ', '|'])));
        rig.tenant.set_scopes(Some(scopes.collect()), true);
        rig.objects.edit(&alone);
        let (result, _) = rig.pass().await;
        assert_eq!(
            result.unwrap().plan.unseen,
            Vec::<String>::new(),
            "{rows:?}"
        );
        ready(&mut rig).await;
        rig.objects.delete_all(rig.clock.now());
        rig.settle().await;
        assert!(!refused(&rig), "{rows:?}: {:?}", rig.objects.reasons());
    }
}

/// An example, and a tenant that is from before the unified phone experience if it is `old`.
fn start(example: &str, old: bool) -> (Rig, String) {
    let text = manifests(example);
    let mut store = store_with_applications();
    store.seed_database("Username-Password-Authentication", Timestamp::UNIX_EPOCH);
    let rig = Rig::with(&text, store);
    let settings = json!({"phone_consolidated_experience": !old});
    let set = rig.admin(Method::Patch, "tenants/settings", settings);
    assert_eq!(set.status, 200);
    (rig, text)
}

#[tokio::test]
async fn with_the_scopes_of_the_page_everything_is_managed_and_deleted() {
    let [look, write] = listed();
    for (example, from, to) in EXAMPLES {
        let (mut rig, text) = start(example, true);
        rig.tenant
            .set_scopes(Some(look.union(&write).cloned().collect()), true);
        ready(&mut rig).await;
        assert!(text.contains(from), "{from} is not in {example}");
        rig.objects.edit(&text.replace(from, to));
        ready(&mut rig).await;
        rig.objects.delete_all(rig.clock.now());
        rig.settle().await;
        assert!(!refused(&rig), "{example}: {:?}", rig.objects.reasons());
        let (result, _) = rig.pass().await;
        assert_eq!(result.unwrap().remaining.due().count(), 0, "{example}");
    }
}

#[tokio::test]
async fn with_the_scopes_to_look_everything_is_seen_and_nothing_written() {
    let [look, write] = listed();
    assert!(look.iter().all(|scope| scope.starts_with("read:")));
    assert!(write.is_disjoint(&look));
    for (example, from, to) in EXAMPLES {
        let (mut rig, text) = start(example, false);
        ready(&mut rig).await;
        rig.tenant.set_scopes(Some(look.clone()), true);
        let before = rig.writes();
        let (result, _) = rig.pass().await;
        assert_eq!(result.unwrap().remaining.unseen, Vec::<String>::new());
        assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
        rig.objects.edit(&text.replace(from, to));
        rig.pass().await.0.unwrap();
        assert_eq!(rig.writes(), before, "{example}");
    }
}

/// Whether an object is told that a scope is missing.
fn refused(rig: &Rig) -> bool {
    let told = ["InsufficientScope", "OptionsHidden"];
    let reasons = rig.objects.reasons();
    reasons
        .values()
        .any(|reason| told.contains(&reason.as_str()))
}

/// Passes, with the time that Auth0 takes to build an Action.
async fn some_passes(rig: &mut Rig) {
    for _ in 0..4 {
        rig.pass().await.0.unwrap();
        rig.clock.advance(SignedDuration::from_secs(60));
    }
}

#[tokio::test]
async fn no_scope_is_for_nothing() {
    let [look, write] = listed();
    let all: BTreeSet<String> = look.union(&write).cloned().collect();
    for scope in &all {
        let mut missed = false;
        for (example, from, to) in EXAMPLES {
            let (mut rig, text) = start(example, true);
            let fewer = all.iter().filter(|it| *it != scope).cloned().collect();
            rig.tenant.set_scopes(Some(fewer), true);
            some_passes(&mut rig).await;
            missed |= refused(&rig);
            rig.objects.edit(&text.replace(from, to));
            some_passes(&mut rig).await;
            missed |= refused(&rig);
            rig.objects.delete_all(rig.clock.now());
            some_passes(&mut rig).await;
            missed |= refused(&rig);
        }
        assert!(missed, "{scope}");
    }
}
