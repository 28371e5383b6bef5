//! The order of actions (§14): the provider grows before its dependents use it, and shrinks after
//! they stopped using it.

use std::collections::BTreeSet;

use super::action::{Action, Applied, Change, FieldChange, ProviderPatch, methods_to_wire};
use super::delivery::{DeliveryMethod, listed};
use super::flow::{Flow, phone_use};
use super::observed::{Observed, Strategy};
use super::policy::makes_custom;
use super::predict::predict;
use crate::template::TemplateType;

/// Where an action belongs in a plan. Creation goes down this list; what removes a dependent comes
/// before what removes the thing that it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// The Action's draft is written.
    ActionDraft,
    /// The Action is built and deployed.
    ActionDeployed,
    /// The Action is bound to its trigger.
    ActionBound,
    /// The provider is created, enabled, widened or switched.
    ProviderGrows,
    /// The tenant flag.
    Unified,
    /// Templates are created or changed.
    Template,
    /// The MFA factor is turned on.
    FactorOn,
    /// MFA message types.
    MessageTypes,
    /// MFA policies.
    Policies,
    /// Connections are created or changed.
    Connection,
    /// Applications of connections.
    Clients,
    /// Phone numbers of database connections.
    Identifier,
    /// Connections are deleted.
    ConnectionDeleted,
    /// The MFA factor is turned off.
    FactorOff,
    /// Templates are deleted.
    TemplateDeleted,
    /// The provider is narrowed, disabled or deleted.
    ProviderShrinks,
    /// The Action is deleted.
    ActionDeleted,
    /// Test messages are sent: they try the tenant as it is at last.
    TestMessage,
}

impl Stage {
    const fn is_of_provider(self) -> bool {
        matches!(self, Self::ProviderGrows | Self::ProviderShrinks)
    }

    /// Whether it brings the Action of a custom provider about.
    const fn is_of_action(self) -> bool {
        matches!(
            self,
            Self::ActionDraft | Self::ActionDeployed | Self::ActionBound
        )
    }
}

/// An action in its place, with the earlier actions that it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered {
    /// The write.
    pub action: Action,
    /// Indexes of earlier actions without which this one must not be carried out.
    pub needs: Vec<usize>,
}

/// What `needs` has to know of an action.
struct Place {
    stage: Stage,
    /// The connection that it is about.
    connection: Option<String>,
    /// The template that it is about.
    template: Option<TemplateType>,
    /// A dependent stops using something that the provider delivers.
    lets_go: bool,
    /// It cannot work before the Action does.
    waits_for_action: bool,
}

/// Puts actions in order and names what each needs.
#[must_use]
pub fn order(actions: Vec<Action>, observed: &Observed) -> Vec<Ordered> {
    // What a write of the provider takes away is judged with the Action that comes before it.
    let with_action = with_action(&actions, observed);
    let actions = pass_through_both(actions, &with_action);
    let mut staged: Vec<(Stage, Action)> = actions
        .into_iter()
        .map(|action| (stage(&action.change, &with_action), action))
        .collect();
    staged.sort_by_key(|(stage, _)| *stage);
    let places: Vec<Place> = staged
        .iter()
        .map(|(stage, action)| Place {
            stage: *stage,
            connection: connection_of(&action.change),
            template: template_of(&action.change),
            lets_go: lets_go(&action.change, observed),
            waits_for_action: waits_for_action(*stage, &action.change, observed),
        })
        .collect();
    staged
        .into_iter()
        .enumerate()
        .map(|(index, (_, action))| Ordered {
            action,
            needs: needs(index, &places),
        })
        .collect()
}

/// The tenant with the Action of a custom provider as these writes leave it.
fn with_action(actions: &[Action], observed: &Observed) -> Observed {
    let mut of_action: Vec<(Stage, &Change)> = actions
        .iter()
        .map(|action| (stage(&action.change, observed), &action.change))
        .filter(|(stage, _)| stage.is_of_action())
        .collect();
    of_action.sort_by_key(|(stage, _)| *stage);
    let changes = of_action.into_iter().map(|(_, change)| change);
    changes.fold(observed.clone(), |state, change| state.after(change))
}

/// A provider that becomes custom needs its Action; where the provider's Action does not run yet, what
/// depends on the provider does as well.
fn waits_for_action(stage: Stage, change: &Change, observed: &Observed) -> bool {
    match stage {
        Stage::ProviderGrows | Stage::ProviderShrinks => makes_custom(change),
        // What shows whether messages arrive has to go by the code that is to send them.
        Stage::TestMessage => true,
        Stage::FactorOn
        | Stage::MessageTypes
        | Stage::Connection
        | Stage::Clients
        | Stage::Identifier => observed.is_custom() && !observed.action_runs(),
        _ => false,
    }
}

fn lets_go(change: &Change, observed: &Observed) -> bool {
    match change {
        Change::SetFactor { enabled } => !enabled,
        Change::SetMessageTypes(types) => observed
            .message_types
            .value()
            .is_some_and(|now| !now.is_subset(types)),
        Change::SetConnectionClients { disable, .. } => !disable.is_empty(),
        Change::DeleteConnection { .. } => true,
        Change::UpdateConnection { .. } => !phone_use(change, observed).ended.is_empty(),
        _ => false,
    }
}

fn stage(change: &Change, observed: &Observed) -> Stage {
    match change {
        Change::CreateAction(_) | Change::UpdateAction { .. } => Stage::ActionDraft,
        Change::DeployAction { .. } => Stage::ActionDeployed,
        Change::BindAction { .. } => Stage::ActionBound,
        Change::DeleteAction { .. } => Stage::ActionDeleted,
        Change::CreateProvider { .. } => Stage::ProviderGrows,
        Change::UpdateProvider { .. } if lost_methods(change, observed).is_empty() => {
            Stage::ProviderGrows
        }
        Change::UpdateProvider { .. } | Change::DeleteProvider { .. } => Stage::ProviderShrinks,
        Change::EnableUnified => Stage::Unified,
        Change::CreateTemplate { .. } | Change::UpdateTemplate { .. } => Stage::Template,
        Change::DeleteTemplate { .. } => Stage::TemplateDeleted,
        Change::SetFactor { enabled: true } => Stage::FactorOn,
        Change::SetFactor { enabled: false } => Stage::FactorOff,
        Change::SetMessageTypes(_) => Stage::MessageTypes,
        Change::SetPolicies(_) => Stage::Policies,
        Change::UpdateConnection { id, .. } if is_database(id, observed) => Stage::Identifier,
        Change::CreateConnection { .. } | Change::UpdateConnection { .. } => Stage::Connection,
        Change::SetConnectionClients { .. } => Stage::Clients,
        Change::DeleteConnection { .. } => Stage::ConnectionDeleted,
        Change::SendTestMessage { .. } => Stage::TestMessage,
    }
}

/// The delivery methods that this write takes away.
fn lost_methods(change: &Change, observed: &Observed) -> BTreeSet<DeliveryMethod> {
    let before = observed.delivers();
    match predict(observed, change) {
        Applied::Provider(Some(after)) => before.difference(&after.offers()).copied().collect(),
        _ => before,
    }
}

fn is_database(id: &str, observed: &Observed) -> bool {
    let mut all = observed.connections();
    all.any(|item| item.id == id && item.strategy == Strategy::Auth0)
}

fn connection_of(change: &Change) -> Option<String> {
    match change {
        Change::CreateConnection { name, .. }
        | Change::UpdateConnection { name, .. }
        | Change::DeleteConnection { name, .. } => Some(name.clone()),
        Change::SetConnectionClients { connection, .. } => Some(connection.clone()),
        _ => None,
    }
}

const fn template_of(change: &Change) -> Option<TemplateType> {
    match change {
        Change::CreateTemplate { type_, .. } | Change::UpdateTemplate { type_, .. } => Some(*type_),
        Change::SendTestMessage { template, .. } => *template,
        _ => None,
    }
}

/// What the action at `index` needs: the table of §14, by stage.
fn needs(index: usize, places: &[Place]) -> Vec<usize> {
    let place = &places[index];
    let by_stage = |earlier: &Place| match place.stage {
        // Templates are stored whether or not there is a provider that sends them.
        Stage::ActionDraft
        | Stage::ProviderGrows
        | Stage::Template
        | Stage::TemplateDeleted
        | Stage::ConnectionDeleted
        | Stage::Policies => false,
        Stage::ActionDeployed | Stage::ActionBound => earlier.stage.is_of_action(),
        Stage::Unified | Stage::Identifier => earlier.stage == Stage::ProviderGrows,
        Stage::TestMessage => match earlier.stage {
            Stage::ProviderGrows | Stage::ProviderShrinks => true,
            Stage::Template => earlier.template == place.template,
            _ => false,
        },
        Stage::FactorOn | Stage::Connection => {
            matches!(earlier.stage, Stage::ProviderGrows | Stage::Unified)
        }
        Stage::MessageTypes => {
            matches!(
                earlier.stage,
                Stage::ProviderGrows | Stage::Unified | Stage::FactorOn
            )
        }
        Stage::Clients => match earlier.stage {
            Stage::ProviderGrows | Stage::Unified => true,
            Stage::Connection | Stage::Clients => earlier.connection == place.connection,
            _ => false,
        },
        Stage::FactorOff => earlier.stage == Stage::Policies,
        // A narrower provider waits for every dependent that still has to let go.
        Stage::ProviderShrinks => earlier.lets_go,
        // Never the Action before the provider (§14).
        Stage::ActionDeleted => earlier.stage.is_of_provider(),
    };
    let needed = |earlier: &Place| {
        by_stage(earlier) || (place.waits_for_action && earlier.stage.is_of_action())
    };
    let earlier = places.iter().enumerate().take(index);
    earlier
        .filter(|(_, other)| needed(other))
        .map(|(at, _)| at)
        .collect()
}

/// A provider that trades one method for the other while a dependent needs the new one passes
/// through both methods, so that there is no moment in which nothing is delivered.
fn pass_through_both(actions: Vec<Action>, observed: &Observed) -> Vec<Action> {
    let needed: BTreeSet<DeliveryMethod> = actions
        .iter()
        .flat_map(|action| needed_methods(&action.change, observed))
        .collect();
    actions
        .into_iter()
        .flat_map(|action| match widened(&action, &needed, observed) {
            Some(first) => vec![first, action],
            None => vec![action],
        })
        .collect()
}

/// The delivery methods that Auth0 wants to see at the provider before it accepts this write.
fn needed_methods(change: &Change, observed: &Observed) -> BTreeSet<DeliveryMethod> {
    match change {
        Change::SetMessageTypes(types) => types.iter().map(|kind| kind.needs()).collect(),
        Change::CreateConnection { .. } => [DeliveryMethod::Text].into(),
        Change::SendTestMessage { method, .. } => [*method].into(),
        Change::SetConnectionClients { enable, .. } if !enable.is_empty() => {
            [DeliveryMethod::Text].into()
        }
        Change::UpdateConnection { .. } => {
            let begun = phone_use(change, observed).begun;
            begun.iter().map(Flow::needs).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// The same update with both methods on, where it takes one method away and gives another that
/// is needed.
fn widened(
    action: &Action,
    needed: &BTreeSet<DeliveryMethod>,
    observed: &Observed,
) -> Option<Action> {
    let Change::UpdateProvider { id, patch } = &action.change else {
        return None;
    };
    let before = observed.delivers();
    let Applied::Provider(Some(after)) = predict(observed, &action.change) else {
        return None;
    };
    let gained: BTreeSet<DeliveryMethod> = after.offers().difference(&before).copied().collect();
    if lost_methods(&action.change, observed).is_empty() || gained.is_disjoint(needed) {
        return None;
    }
    let both: BTreeSet<DeliveryMethod> = DeliveryMethod::ALL.into();
    let mut wide = after.configuration;
    wide.insert("delivery_methods".to_owned(), methods_to_wire(&both));
    let fields = vec![FieldChange {
        path: "configuration.delivery_methods".to_owned(),
        from: Some(listed(before.iter().map(|method| method.as_wire()))),
        to: Some(listed(both.iter().map(|method| method.as_wire()))),
    }];
    let patch = ProviderPatch {
        configuration: Some(wide),
        ..patch.clone()
    };
    let change = Change::UpdateProvider {
        id: id.clone(),
        patch,
    };
    Some(Action {
        change,
        fields,
        ..action.clone()
    })
}
