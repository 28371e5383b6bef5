//! What a write teaches the objects, and how things of a tenant are looked up.

use std::collections::BTreeSet;

use super::build::*;
use crate::phone::action::{Applied, Change};
use crate::phone::observed::Strategy;
use crate::phone::order::order;
use crate::phone::secret::Secret;

fn clients(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn switch(enable: &[&str], disable: &[&str]) -> Change {
    Change::SetConnectionClients {
        connection: "sms".to_owned(),
        enable: clients(enable),
        disable: clients(disable),
    }
}

#[test]
fn a_write_teaches_the_connection_that_it_is_about_and_no_other() {
    let mut other = desired_connection(&["client_web"]);
    other.name = "other".to_owned();
    other.claim.known_id = None;
    let mut sms = desired_connection(&["client_web"]);
    sms.claim.known_id = None;
    let mut wanted = desired(None, None, vec![other, sms]);
    let change = Change::CreateConnection {
        name: "sms".to_owned(),
        display_name: None,
        options: object(serde_json::json!({})),
    };
    wanted.learn(&change, &Applied::Connection(sms_connection()));
    let change = switch(&["client_web", "client_ios"], &[]);
    wanted.learn(
        &change,
        &Applied::ConnectionClients {
            id: "con_sms".to_owned(),
            enabled: clients(&["client_web", "client_ios"]),
            disabled: BTreeSet::new(),
        },
    );
    let change = switch(&[], &["client_ios"]);
    wanted.learn(
        &change,
        &Applied::ConnectionClients {
            id: "con_sms".to_owned(),
            enabled: BTreeSet::new(),
            disabled: clients(&["client_ios"]),
        },
    );
    let ids: Vec<Option<&str>> = wanted
        .connections
        .iter()
        .map(|item| item.claim.known_id.as_deref())
        .collect();
    assert_eq!(ids, [None, Some("con_sms")]);
    let before = |index: usize| {
        let applications = wanted.connections[index].applications.as_ref();
        applications.expect("applications").enabled_before.clone()
    };
    assert_eq!(before(0), BTreeSet::new());
    assert_eq!(before(1), clients(&["client_web"]));
}

#[test]
fn a_connection_is_found_by_strategy_and_name_together() {
    let mut tenant = full_tenant();
    assert!(tenant.connection(Strategy::Sms, "sms").is_some());
    assert!(tenant.connection(Strategy::Sms, "users").is_none());
    tenant.connections =
        super::super::observed::Reading::Read(vec![database(serde_json::json!({}))]);
    assert!(tenant.connection(Strategy::Sms, "sms").is_none());
    assert!(tenant.connection(Strategy::Auth0, "users").is_some());
}

#[test]
fn only_the_empty_string_is_an_empty_secret() {
    assert!(Secret::new("").is_empty());
    assert!(!Secret::new(" ").is_empty());
}

#[test]
fn a_provider_shrinks_after_applications_let_go_of_it() {
    let mut provider = desired_provider(&[]);
    provider.enabled = false;
    let mut connection = desired_connection(&[]);
    connection.applications.as_mut().expect("them").exclusive = true;
    let wanted = desired(Some(provider), None, vec![connection]);
    let found = super::super::diff::diff(&wanted, &full_tenant());
    let ordered = order(found.actions, &full_tenant());
    let places = |matches: fn(&Change) -> bool| {
        ordered
            .iter()
            .position(|item| matches(&item.action.change))
            .expect("a step")
    };
    let lets_go = places(|change| matches!(change, Change::SetConnectionClients { .. }));
    let shrinks = places(|change| matches!(change, Change::UpdateProvider { .. }));
    assert!(lets_go < shrinks);
    assert!(ordered[shrinks].needs.contains(&lets_go));
}
