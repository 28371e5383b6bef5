//! What a write will leave behind, and how an answer is taken over into the snapshot.

use std::collections::BTreeSet;

use super::action::{
    ActionDraft, Applied, CREATED_STRATEGY, Change, ConnectionPatch, ProviderPatch,
};
use super::observed::{
    Build, Connection, Content, Observed, PhoneAction, Provider, Reading, Strategy,
};

/// The id that a predicted object has until Auth0 gives it one.
const UNBORN: &str = "(known after apply)";

/// Whether an id is that of something that an earlier action of the same plan creates.
pub(crate) fn is_unborn(id: &str) -> bool {
    id == UNBORN
}

/// The id of a predicted connection: a plan may create several, and each is told by its id.
fn unborn(connection: &str) -> String {
    format!("{UNBORN} {connection}")
}

/// What this write leaves behind if Auth0 does exactly as told.
#[must_use]
pub fn predict(observed: &Observed, change: &Change) -> Applied {
    match change {
        Change::CreateAction(draft) => Applied::Action(new_action(draft)),
        Change::UpdateAction { id, draft, .. } => {
            Applied::Action(patched_action(observed, id, draft))
        }
        Change::DeployAction { .. } => Applied::Action(deployed_action(observed)),
        Change::BindAction { .. } => Applied::ActionBound(
            observed
                .action()
                .map_or(UNBORN.to_owned(), |it| it.id.clone()),
        ),
        Change::DeleteAction { id, .. } => Applied::ActionDeleted(id.clone()),
        Change::CreateProvider {
            name,
            disabled,
            configuration,
            ..
        } => Applied::Provider(Some(Provider {
            id: UNBORN.to_owned(),
            name: name.clone(),
            disabled: *disabled,
            configuration: configuration.clone(),
        })),
        Change::UpdateProvider { patch, .. } => Applied::Provider(
            observed
                .provider()
                .map(|before| patched_provider(before, patch)),
        ),
        Change::DeleteProvider { .. } => Applied::Provider(None),
        Change::EnableUnified => Applied::Unified(true),
        Change::SetFactor { enabled } => Applied::Factor(*enabled),
        Change::SetMessageTypes(types) => Applied::MessageTypes(types.clone()),
        Change::SetPolicies(policies) => Applied::Policies(policies.clone()),
        Change::CreateConnection {
            name,
            display_name,
            options,
        } => Applied::Connection(Connection {
            id: unborn(name),
            name: name.clone(),
            strategy: CREATED_STRATEGY,
            display_name: display_name.clone(),
            options: Some(options.clone()),
        }),
        Change::UpdateConnection { id, name, patch } => {
            let before = observed.connections().find(|item| item.id == *id);
            Applied::Connection(patched_connection(before, id, name, patch))
        }
        Change::DeleteConnection { id, .. } => Applied::ConnectionDeleted(id.clone()),
        Change::SetConnectionClients {
            connection,
            enable,
            disable,
        } => {
            let id = observed
                .connection(CREATED_STRATEGY, connection)
                .map_or_else(|| unborn(connection), |item| item.id.clone());
            Applied::ConnectionClients {
                id,
                enabled: enable.clone(),
                disabled: disable.clone(),
            }
        }
    }
}

/// The runtime of a new Action (§3.1).
const DEFAULT_RUNTIME: &str = "node22";

fn new_action(draft: &ActionDraft) -> PhoneAction {
    let content = Content {
        runtime: DEFAULT_RUNTIME.to_owned(),
        ..Content::default()
    };
    PhoneAction {
        id: UNBORN.to_owned(),
        name: draft.name.clone().unwrap_or_default(),
        draft: draft.over(content),
        build: Build::Running,
        deployed: None,
        current: false,
        bound: Some(false),
    }
}

fn patched_action(observed: &Observed, id: &str, draft: &ActionDraft) -> PhoneAction {
    let before = observed.actions().find(|item| item.id == id).cloned();
    let before = before.unwrap_or_else(|| new_action(draft));
    PhoneAction {
        id: id.to_owned(),
        name: draft.name.clone().unwrap_or(before.name),
        draft: draft.over(before.draft),
        build: Build::Running,
        current: false,
        deployed: before.deployed,
        bound: before.bound,
    }
}

fn deployed_action(observed: &Observed) -> PhoneAction {
    let before = observed.action().cloned();
    let before = before.unwrap_or_else(|| PhoneAction {
        id: UNBORN.to_owned(),
        name: String::new(),
        draft: Content::default(),
        build: Build::Running,
        deployed: None,
        current: false,
        bound: None,
    });
    PhoneAction {
        build: Build::Built,
        deployed: Some(before.draft.clone()),
        current: true,
        ..before
    }
}

fn patched_provider(before: &Provider, patch: &ProviderPatch) -> Provider {
    Provider {
        id: before.id.clone(),
        name: patch.name.clone().unwrap_or_else(|| before.name.clone()),
        disabled: patch.disabled.unwrap_or(before.disabled),
        configuration: patch
            .configuration
            .clone()
            .unwrap_or_else(|| before.configuration.clone()),
    }
}

fn patched_connection(
    before: Option<&Connection>,
    id: &str,
    name: &str,
    patch: &ConnectionPatch,
) -> Connection {
    Connection {
        id: id.to_owned(),
        name: name.to_owned(),
        strategy: before.map_or(Strategy::Sms, |item| item.strategy),
        display_name: patch.display_name.clone(),
        options: patch.options.clone().or_else(|| before?.options.clone()),
    }
}

impl Observed {
    /// Takes over what a write left behind, so that a fresh snapshot stays fresh without a read.
    pub fn absorb(&mut self, applied: Applied) {
        match applied {
            Applied::Provider(provider) => self.provider = Reading::Read(provider),
            Applied::Action(action) => self.absorb_action(action),
            Applied::ActionBound(id) => {
                if let Reading::Read(all) = &mut self.actions {
                    for action in all {
                        action.bound = Some(action.id == id);
                    }
                }
            }
            Applied::ActionDeleted(id) => {
                if let Reading::Read(all) = &mut self.actions {
                    all.retain(|item| item.id != id);
                }
            }
            Applied::Unified(on) => self.unified = Reading::Read(on),
            Applied::Factor(enabled) => self.factor = Reading::Read(enabled),
            Applied::MessageTypes(types) => self.message_types = Reading::Read(types),
            Applied::Policies(policies) => self.policies = Reading::Read(policies),
            Applied::Connection(connection) => self.absorb_connection(connection),
            Applied::ConnectionDeleted(id) => {
                if let Reading::Read(all) = &mut self.connections {
                    all.retain(|item| item.id != id);
                }
                self.connection_clients.remove(&id);
            }
            Applied::ConnectionClients {
                id,
                enabled,
                disabled,
            } => {
                let mut clients = self.clients_of(&id).cloned().unwrap_or_default();
                clients.retain(|client| !disabled.contains(client));
                clients.extend(enabled);
                self.connection_clients.insert(id, Reading::Read(clients));
            }
        }
    }

    /// Takes over an Action. What it is bound to is not part of what Auth0 answers.
    fn absorb_action(&mut self, mut action: PhoneAction) {
        let Reading::Read(all) = &mut self.actions else {
            self.actions = Reading::Read(vec![action]);
            return;
        };
        if let Some(place) = all.iter_mut().find(|item| item.id == action.id) {
            action.bound = place.bound;
            *place = action;
            return;
        }
        all.push(action);
    }

    fn absorb_connection(&mut self, connection: Connection) {
        let Reading::Read(all) = &mut self.connections else {
            self.connections = Reading::Read(vec![connection]);
            return;
        };
        if let Some(place) = all.iter_mut().find(|item| item.id == connection.id) {
            *place = connection;
            return;
        }
        self.connection_clients
            .insert(connection.id.clone(), Reading::Read(BTreeSet::new()));
        all.push(connection);
    }

    /// The tenant as it will be after this write.
    #[must_use]
    pub fn after(&self, change: &Change) -> Self {
        let mut next = self.clone();
        next.absorb(predict(self, change));
        next
    }
}
