//! What a write teaches: the tenant as it is afterwards, and what the objects remember.

use std::collections::BTreeSet;

use serde_json::json;

use super::build::*;
use crate::phone::action::{Applied, Change, ConnectionPatch, ProviderPatch};
use crate::phone::delivery::{DeliveryMethod, MessageType};
use crate::phone::desired::{Desired, Sender};
use crate::phone::observed::{
    Connection, Observed, Provider, ProviderName, Reading, Strategy as ConnectionStrategy,
};
use crate::phone::predict::predict;

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn clients(connection: &str, enable: &[&str], disable: &[&str]) -> Change {
    Change::SetConnectionClients {
        connection: connection.to_owned(),
        enable: set(enable),
        disable: set(disable),
    }
}

/// Two connections, of which neither is known to exist.
fn two_connections() -> Desired {
    let mut first = desired_connection(&["client_web"]);
    first.claim.known_id = None;
    let mut second = first.clone();
    second.name = "other".to_owned();
    desired(None, None, vec![first, second])
}

fn known_ids(desired: &Desired) -> Vec<Option<&str>> {
    let all = desired.connections.iter();
    all.map(|item| item.claim.known_id.as_deref()).collect()
}

fn enabled_before(desired: &Desired) -> Vec<BTreeSet<String>> {
    let all = desired.connections.iter();
    all.map(|item| {
        let applications = item.applications.as_ref().expect("applications");
        applications.enabled_before.clone()
    })
    .collect()
}

#[test]
fn a_connection_learns_its_own_id_and_no_other() {
    let mut known = two_connections();
    let change = Change::CreateConnection {
        name: "other".to_owned(),
        display_name: None,
        options: object(json!({})),
    };
    let made = Connection {
        id: "con_2".to_owned(),
        name: "other".to_owned(),
        ..sms_connection()
    };
    known.learn(&change, &Applied::Connection(made));
    assert_eq!(known_ids(&known), [None, Some("con_2")]);
}

#[test]
fn a_connection_remembers_the_applications_that_were_enabled_for_it() {
    let mut known = two_connections();
    let change = clients("other", &["client_web", "client_ios"], &[]);
    let applied = predict(&full_tenant(), &change);
    known.learn(&change, &applied);
    assert_eq!(
        enabled_before(&known),
        [set(&[]), set(&["client_web", "client_ios"])]
    );
    let change = clients("other", &["client_android"], &["client_ios"]);
    let applied = predict(&full_tenant(), &change);
    known.learn(&change, &applied);
    assert_eq!(
        enabled_before(&known),
        [set(&[]), set(&["client_web", "client_android"])]
    );
}

#[test]
fn a_provider_learns_its_id_with_the_token_that_it_holds_now() {
    let mut fresh = desired_provider(&DeliveryMethod::ALL);
    fresh.claim.known_id = None;
    let Sender::Twilio { applied_token, .. } = &mut fresh.sender else {
        panic!("not Twilio")
    };
    *applied_token = None;
    let fresh = desired(Some(fresh), None, vec![]);
    let learned = |change: &Change| {
        let mut known = fresh.clone();
        known.learn(change, &Applied::Provider(Some(provider(&["text"]))));
        let provider = known.provider.expect("a provider");
        let Sender::Twilio { applied_token, .. } = provider.sender else {
            panic!("not Twilio")
        };
        (provider.claim.known_id, applied_token)
    };
    let create = |auth_token| Change::CreateProvider {
        name: ProviderName::Twilio,
        disabled: false,
        configuration: object(json!({})),
        auth_token,
    };
    let update = |auth_token| Change::UpdateProvider {
        id: "pro_1".to_owned(),
        patch: ProviderPatch {
            auth_token,
            ..ProviderPatch::default()
        },
    };
    let written = (Some("pro_1".to_owned()), Some(token("token-2").fingerprint));
    assert_eq!(learned(&create(Some(token("token-2")))), written);
    assert_eq!(learned(&update(Some(token("token-2")))), written);
    assert_eq!(learned(&create(None)), (None, None));
    assert_eq!(learned(&update(None)), (None, None));
}

#[test]
fn an_update_of_the_provider_leaves_what_it_does_not_name() {
    let before = full_tenant();
    let update = |patch: ProviderPatch| -> Provider {
        let change = Change::UpdateProvider {
            id: "pro_1".to_owned(),
            patch,
        };
        before
            .after(&change)
            .provider()
            .cloned()
            .expect("a provider")
    };
    assert_eq!(
        update(ProviderPatch::default()),
        provider(&["text", "voice"])
    );
    let configuration = Some(object(json!({"sid": "other"})));
    let whole = update(ProviderPatch {
        name: Some(ProviderName::Custom),
        disabled: Some(true),
        configuration: configuration.clone(),
        auth_token: Some(token("token-2")),
    });
    assert_eq!((whole.id.as_str(), whole.disabled), ("pro_1", true));
    assert_eq!(whole.name, ProviderName::Custom);
    assert_eq!(Some(whole.configuration), configuration);
    let mut none = before.clone();
    none.provider = Reading::Read(None);
    let change = Change::UpdateProvider {
        id: "pro_1".to_owned(),
        patch: ProviderPatch::default(),
    };
    assert_eq!(none.after(&change), none);
}

#[test]
fn an_update_of_a_connection_keeps_its_strategy_and_its_options() {
    let mut tenant = full_tenant();
    tenant.connections = Reading::Read(vec![sms_connection(), database(json!({"kept": true}))]);
    let change = Change::UpdateConnection {
        id: "con_db".to_owned(),
        name: "users".to_owned(),
        patch: ConnectionPatch {
            display_name: Some("Users".to_owned()),
            adds_phone_number: false,
            options: None,
        },
    };
    let after = tenant.after(&change);
    let users = after.connection(ConnectionStrategy::Auth0, "users");
    let users = users.expect("the connection");
    assert_eq!(users.display_name.as_deref(), Some("Users"));
    assert_eq!(users.option(&["kept"]), Some(&json!(true)));
    assert_eq!(after.connections().count(), 2);
}

#[test]
fn a_connection_is_found_by_strategy_and_name_together() {
    let mut tenant = full_tenant();
    let mut namesake = database(json!({}));
    namesake.name = "sms".to_owned();
    tenant.connections = Reading::Read(vec![namesake, sms_connection()]);
    let id = |strategy, name| {
        let found = tenant.connection(strategy, name);
        found.map(|item| item.id.as_str())
    };
    assert_eq!(id(ConnectionStrategy::Sms, "sms"), Some("con_sms"));
    assert_eq!(id(ConnectionStrategy::Auth0, "sms"), Some("con_db"));
    assert_eq!(id(ConnectionStrategy::Auth0, "users"), None);
    assert_eq!(id(ConnectionStrategy::Sms, "other"), None);
}

#[test]
fn a_new_connection_has_no_applications_and_a_deleted_one_leaves_none() {
    let create = Change::CreateConnection {
        name: "sms".to_owned(),
        display_name: Some("Text me".to_owned()),
        options: object(json!({"name": "sms"})),
    };
    let made = empty_tenant().after(&create);
    let connection = made.connection(ConnectionStrategy::Sms, "sms");
    let connection = connection.expect("the connection");
    assert_eq!(connection.display_name.as_deref(), Some("Text me"));
    assert_eq!(made.clients_of(&connection.id), Some(&BTreeSet::new()));
    let enabled = made.after(&clients("sms", &["client_web"], &[]));
    assert_eq!(
        enabled.clients_of(&connection.id),
        Some(&set(&["client_web"]))
    );
    let delete = Change::DeleteConnection {
        id: "con_sms".to_owned(),
        name: "sms".to_owned(),
    };
    let mut both = full_tenant();
    both.absorb(Applied::Connection(database(json!({}))));
    let gone = both.after(&delete);
    let left: Vec<&str> = gone.connections().map(|item| item.id.as_str()).collect();
    assert_eq!(left, ["con_db"]);
    assert_eq!(gone.clients_of("con_sms"), None);
}

#[test]
fn applications_are_switched_one_by_one() {
    let after = full_tenant().after(&clients("sms", &["client_android"], &["client_ios"]));
    assert_eq!(
        after.clients_of("con_sms"),
        Some(&set(&["client_android", "client_web"]))
    );
}

#[test]
fn every_other_write_shows_in_the_snapshot_as_it_was_sent() {
    let mut legacy = empty_tenant();
    legacy.unified = Reading::Read(false);
    let changes = [
        Change::EnableUnified,
        Change::SetFactor { enabled: true },
        Change::SetMessageTypes([MessageType::Voice].into()),
        Change::SetPolicies(vec!["all-applications".to_owned()]),
    ];
    let after = changes
        .iter()
        .fold(legacy, |tenant, change| tenant.after(change));
    let wanted = Observed {
        unified: Reading::Read(true),
        factor: Reading::Read(true),
        message_types: Reading::Read([MessageType::Voice].into()),
        policies: Reading::Read(vec!["all-applications".to_owned()]),
        ..empty_tenant()
    };
    assert_eq!(after, wanted);
    let delete = Change::DeleteProvider {
        id: "pro_1".to_owned(),
    };
    assert_eq!(full_tenant().after(&delete).provider, Reading::Read(None));
}

#[test]
fn a_provider_that_dialtone_does_not_know_keeps_its_name() {
    for (text, name) in [
        ("twilio", ProviderName::Twilio),
        ("custom", ProviderName::Custom),
        ("vonage", ProviderName::Other("vonage".to_owned())),
    ] {
        assert_eq!(ProviderName::from_wire(text), name);
        assert_eq!(name.as_wire(), text);
    }
}
