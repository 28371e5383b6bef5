//! The phone provider (§2).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Diff, action, cause, field};
use crate::api::Reason;
use crate::phone::action::{
    Cause, Change, Credential, FieldChange, ProviderPatch, methods_to_wire,
};
use crate::phone::delivery::listed;
use crate::phone::desired::{AuthToken, DesiredProvider, Sender, TwilioFrom};
use crate::phone::number::masked;
use crate::phone::observed::{Observed, Provider, ProviderName};
use crate::phone::plan::Finding;
use crate::phone::secret::Fingerprint;

/// How a secret is shown in a plan.
const REDACTED: &str = "(secret)";

pub(super) fn compare(desired: &DesiredProvider, observed: &Observed, found: &mut Diff) {
    let Some(existing) = observed.provider.value() else {
        return;
    };
    match existing {
        Some(existing) if desired.claim.removing => remove(desired, existing, found),
        None if desired.claim.removing => {}
        None if lacks_token(desired, None) => found.findings.push(token_needed(desired)),
        Some(existing) if lacks_token(desired, Some(existing)) => {
            found.findings.push(token_needed(desired));
        }
        None => create(desired, found),
        Some(existing) => update(desired, existing, found),
    }
}

/// Whether the provider is to become Twilio without a token: only one that is Twilio already has one
/// that can stay.
fn lacks_token(desired: &DesiredProvider, existing: Option<&Provider>) -> bool {
    let has_one = existing.is_some_and(|it| it.name == ProviderName::Twilio);
    let left = auth_token(&desired.sender) == Some(&AuthToken::Left);
    left && !has_one
}

fn token_needed(desired: &DesiredProvider) -> Finding {
    let message = "spec.twilio.authTokenSecretRef: a provider that is not Twilio yet needs the auth \
                   token to become it: name the Secret that holds it";
    Finding::blocking(&desired.claim.owner, Reason::InvalidSpec, message)
}

/// Only a provider that this object is known to have written is deleted.
fn remove(desired: &DesiredProvider, existing: &Provider, found: &mut Diff) {
    if desired.claim.made(&existing.id) {
        let change = Change::DeleteProvider {
            id: existing.id.clone(),
        };
        let fields = vec![field("name", Some(existing.name.as_wire()), None)];
        found
            .actions
            .push(action(&desired.claim.owner, Cause::Removal, change, fields));
    }
}

/// Whether the object's own write takes the provider away from its Action: it deletes it, or switches
/// it to another sender.
pub(super) fn leaves_custom(desired: &DesiredProvider, observed: &Observed) -> bool {
    observed.provider().is_some_and(|existing| {
        let deleted = desired.claim.removing && desired.claim.made(&existing.id);
        let switched = !desired.claim.removing && matches!(desired.sender, Sender::Twilio { .. });
        existing.name == ProviderName::Custom && (deleted || switched)
    })
}

fn create(desired: &DesiredProvider, found: &mut Diff) {
    let configuration = configuration(desired, None);
    let mut fields = vec![field("name", None, Some(name(&desired.sender).as_wire()))];
    fields.extend(configuration_fields(&Map::new(), &configuration));
    let auth_token = auth_token(&desired.sender);
    if auth_token.is_some() {
        fields.push(field("credentials.auth_token", None, Some(REDACTED)));
    }
    let auth_token = auth_token.and_then(AuthToken::given).cloned();
    let change = Change::CreateProvider {
        name: name(&desired.sender),
        disabled: !desired.enabled,
        configuration,
        auth_token,
    };
    let cause = cause(&desired.claim, None);
    found
        .actions
        .push(action(&desired.claim.owner, cause, change, fields));
}

fn update(desired: &DesiredProvider, existing: &Provider, found: &mut Diff) {
    let (settings, setting_fields) = settings_patch(desired, existing);
    let token = token_patch(desired, existing);
    let cause = cause(&desired.claim, Some(&existing.id));
    let token_field = || {
        field(
            "credentials.auth_token",
            Some(REDACTED),
            Some("(new secret)"),
        )
    };
    let mut push = |patch: ProviderPatch, cause, fields| {
        let change = Change::UpdateProvider {
            id: existing.id.clone(),
            patch,
        };
        found
            .actions
            .push(action(&desired.claim.owner, cause, change, fields));
    };
    match (settings, token) {
        (None, None) => {}
        (Some(settings), None) => push(settings, cause, setting_fields),
        (None, Some(token)) => {
            let patch = ProviderPatch {
                auth_token: Some(token),
                ..ProviderPatch::default()
            };
            let cause = if cause == Cause::Drift {
                Cause::Spec
            } else {
                cause
            };
            push(patch, cause, vec![token_field()]);
        }
        // A rotated secret is never drift: it goes through even where drift is only reported.
        (Some(settings), Some(token)) if cause == Cause::Drift => {
            push(settings, cause, setting_fields);
            let patch = ProviderPatch {
                auth_token: Some(token),
                ..ProviderPatch::default()
            };
            push(patch, Cause::Spec, vec![token_field()]);
        }
        (Some(settings), Some(token)) => {
            let fields = setting_fields.into_iter().chain([token_field()]).collect();
            push(
                ProviderPatch {
                    auth_token: Some(token),
                    ..settings
                },
                cause,
                fields,
            );
        }
    }
}

/// What differs but for the token, which cannot be read.
fn settings_patch(
    desired: &DesiredProvider,
    existing: &Provider,
) -> (Option<ProviderPatch>, Vec<FieldChange>) {
    let wanted_name = name(&desired.sender);
    let wanted = configuration(desired, Some(existing));
    let mut patch = ProviderPatch::default();
    let mut fields = Vec::new();
    if existing.name != wanted_name {
        fields.push(field(
            "name",
            Some(existing.name.as_wire()),
            Some(wanted_name.as_wire()),
        ));
        patch.name = Some(wanted_name);
        // Nobody sees it, and the provider cannot do without.
        if auth_token(&desired.sender) == Some(&AuthToken::Unseen) {
            fields.push(field("credentials.auth_token", None, Some(REDACTED)));
        }
    }
    if existing.disabled == desired.enabled {
        let (from, to) = if desired.enabled {
            ("true", "false")
        } else {
            ("false", "true")
        };
        fields.push(field("disabled", Some(from), Some(to)));
        patch.disabled = Some(!desired.enabled);
    }
    if existing.configuration != wanted {
        fields.extend(configuration_fields(&existing.configuration, &wanted));
        patch.configuration = Some(wanted);
    }
    ((patch != ProviderPatch::default()).then_some(patch), fields)
}

/// The token, unless the fingerprint says that this very provider holds it already.
fn token_patch(desired: &DesiredProvider, existing: &Provider) -> Option<Credential> {
    let token = auth_token(&desired.sender)?.given()?;
    let same_provider = desired.claim.known_id.as_deref() == Some(&existing.id);
    let same_token = applied_token(&desired.sender) == Some(&token.fingerprint);
    (!(same_provider && same_token)).then(|| token.clone())
}

fn name(sender: &Sender) -> ProviderName {
    match sender {
        Sender::Twilio { .. } => ProviderName::Twilio,
        Sender::Action(_) | Sender::ActionNamed(_) | Sender::Nobody => ProviderName::Custom,
    }
}

const fn auth_token(sender: &Sender) -> Option<&AuthToken> {
    match sender {
        Sender::Twilio { auth_token, .. } => Some(auth_token),
        Sender::Action(_) | Sender::ActionNamed(_) | Sender::Nobody => None,
    }
}

const fn applied_token(sender: &Sender) -> Option<&Fingerprint> {
    match sender {
        Sender::Twilio { applied_token, .. } => applied_token.as_ref(),
        Sender::Action(_) | Sender::ActionNamed(_) | Sender::Nobody => None,
    }
}

/// The whole configuration to be sent: a write replaces it, so keys of the same provider that
/// nobody here knows are kept, and an unchanged set of methods keeps its order.
fn configuration(desired: &DesiredProvider, existing: Option<&Provider>) -> Map<String, Value> {
    let same_kind = existing.filter(|existing| existing.name == name(&desired.sender));
    let mut configuration = same_kind.map(|existing| existing.configuration.clone());
    let configuration_ref = configuration.get_or_insert_default();
    if let Sender::Twilio {
        account_sid, from, ..
    } = &desired.sender
    {
        configuration_ref.insert("sid".to_owned(), Value::from(account_sid.as_str()));
        let (key, value, other) = match from {
            TwilioFrom::Number(number) => ("default_from", number, "mssid"),
            TwilioFrom::MessagingService(sid) => ("mssid", sid, "default_from"),
        };
        configuration_ref.insert(key.to_owned(), Value::from(value.as_str()));
        configuration_ref.shift_remove(other);
    }
    let unchanged =
        same_kind.is_some_and(|existing| existing.delivery_methods() == desired.delivery_methods);
    if !unchanged {
        let methods = methods_to_wire(&desired.delivery_methods);
        configuration_ref.insert("delivery_methods".to_owned(), methods);
    }
    configuration.unwrap_or_default()
}

fn configuration_fields(from: &Map<String, Value>, to: &Map<String, Value>) -> Vec<FieldChange> {
    let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    keys.into_iter()
        .filter(|key| from.get(*key) != to.get(*key))
        .map(|key| FieldChange {
            path: format!("configuration.{key}"),
            from: from.get(key).map(|value| shown_setting(key, value)),
            to: to.get(key).map(|value| shown_setting(key, value)),
        })
        .collect()
}

fn shown_setting(key: &str, value: &Value) -> String {
    match (key, value) {
        ("default_from", Value::String(number)) => masked(number),
        ("delivery_methods", Value::Array(items)) => listed(items.iter().map(super::shown)),
        _ => super::shown(value),
    }
}
