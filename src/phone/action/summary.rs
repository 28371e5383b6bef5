//! What an action does, in a word for machines and in a line for people.

use std::collections::BTreeSet;

use super::{Change, ProviderPatch};
use crate::phone::delivery::listed;
use crate::template::TemplateType;

impl Change {
    /// What is done, in one word: the machine's name of the write.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::CreateAction(_) => "CreateAction",
            Self::UpdateAction { .. } => "UpdateAction",
            Self::DeployAction { .. } => "DeployAction",
            Self::BindAction { .. } => "BindAction",
            Self::DeleteAction { .. } => "DeleteAction",
            Self::CreateProvider { .. } => "CreateProvider",
            Self::UpdateProvider { .. } => "UpdateProvider",
            Self::DeleteProvider { .. } => "DeleteProvider",
            Self::EnableUnified => "EnableUnified",
            Self::CreateTemplate { .. } => "CreateTemplate",
            Self::UpdateTemplate { .. } => "UpdateTemplate",
            Self::DeleteTemplate { .. } => "DeleteTemplate",
            Self::SetFactor { .. } => "SetFactor",
            Self::SetMessageTypes(_) => "SetMessageTypes",
            Self::SetPolicies(_) => "SetPolicies",
            Self::CreateConnection { .. } => "CreateConnection",
            Self::UpdateConnection { .. } => "UpdateConnection",
            Self::DeleteConnection { .. } => "DeleteConnection",
            Self::SetConnectionClients { .. } => "SetConnectionClients",
            Self::SendTestMessage { .. } => "SendTestMessage",
        }
    }

    /// Whether the tenant does not show afterwards whose work it is, or that it was done at all: it
    /// has to be recorded before.
    #[must_use]
    pub const fn is_recorded_first(&self) -> bool {
        match self {
            Self::UpdateConnection { patch, .. } => patch.adds_phone_number,
            Self::CreateAction(_)
            | Self::CreateProvider { .. }
            | Self::CreateConnection { .. }
            | Self::CreateTemplate { .. }
            | Self::SendTestMessage { .. } => true,
            _ => false,
        }
    }

    /// A line for people: what is written, without secrets.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::CreateAction(draft) => {
                format!(
                    "create Action {}",
                    draft.name.as_deref().unwrap_or_default()
                )
            }
            Self::UpdateAction { name, .. } => format!("update Action {name}"),
            Self::DeployAction { name, .. } => format!("deploy Action {name}"),
            Self::BindAction { name } => format!("bind Action {name} to custom-phone-provider"),
            Self::DeleteAction { name, .. } => format!("delete Action {name}"),
            Self::CreateProvider { name, disabled, .. } => {
                let off = if *disabled { ", disabled" } else { "" };
                format!("create phone provider {}{off}", name.as_wire())
            }
            Self::UpdateProvider { patch, .. } => patch.summary(),
            Self::DeleteProvider { .. } => "delete phone provider".to_owned(),
            Self::EnableUnified => "turn the unified phone experience on".to_owned(),
            Self::CreateTemplate { type_, .. } => format!("create phone template {type_}"),
            Self::UpdateTemplate { type_, .. } => format!("update phone template {type_}"),
            Self::DeleteTemplate { type_, .. } => {
                format!("delete phone template {type_}, back to Auth0's own words")
            }
            Self::SetFactor { enabled: true } => "enable MFA factor phone".to_owned(),
            Self::SetFactor { enabled: false } => "disable MFA factor phone".to_owned(),
            Self::SetMessageTypes(types) => format!("set MFA message types to {}", listed(types)),
            Self::SetPolicies(policies) if policies.is_empty() => "set MFA policy to never".into(),
            Self::SetPolicies(policies) => format!("set MFA policy to {}", listed(policies)),
            Self::CreateConnection { name, .. } => format!("create connection {name}"),
            Self::UpdateConnection { name, .. } => format!("update connection {name}"),
            Self::DeleteConnection { name, .. } => {
                format!("delete connection {name} and its users")
            }
            Self::SendTestMessage {
                to,
                method,
                template,
                ..
            } => {
                let (to, how) = (to.masked(), method.as_wire());
                let what = template.map_or("a test message", TemplateType::as_str);
                format!("send {what} to {to} by {how}")
            }
            Self::SetConnectionClients {
                connection,
                enable,
                disable,
            } => {
                let count = |set: &BTreeSet<String>| match set.len() {
                    1 => "1 application".to_owned(),
                    other => format!("{other} applications"),
                };
                match (enable.is_empty(), disable.is_empty()) {
                    (false, true) => {
                        format!("enable {} for connection {connection}", count(enable))
                    }
                    (true, _) => format!("disable {} for connection {connection}", count(disable)),
                    (false, false) => format!(
                        "enable {} and disable {} for connection {connection}",
                        count(enable),
                        count(disable)
                    ),
                }
            }
        }
    }
}

impl ProviderPatch {
    fn summary(&self) -> String {
        match (&self.name, self.disabled) {
            (Some(name), _) => format!("switch phone provider to {}", name.as_wire()),
            (None, Some(true)) => "disable phone provider".to_owned(),
            (None, Some(false)) => "enable phone provider".to_owned(),
            (None, None) if self.configuration.is_none() => {
                "update phone provider's credentials".to_owned()
            }
            (None, None) => "update phone provider".to_owned(),
        }
    }
}
