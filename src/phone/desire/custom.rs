//! The custom provider: an Action that Dialtone sets up, or one that somebody else owns.

use std::collections::BTreeSet;

use super::{References, claim, key, reject};
use crate::api::{
    ActionSecret, CustomProvider, DeletionPolicy, Kind, PhoneProvider, ProviderAction,
    ProviderActionStatus, Reason,
};
use crate::phone::action::ObjectKey;
use crate::phone::desired::{ActionSecrets, Claim, DesiredAction, Rejection, Sender};
use crate::phone::observed::Dependency;
use crate::phone::script;
use crate::phone::secret::{Fingerprint, FingerprintKey, Secret};

/// The label of fingerprints of code.
const CODE: &str = "action/code";
/// The label of fingerprints of one secret, to which its name is added.
const SECRET: &str = "action/secret/";
/// The label of fingerprints of all secrets of an Action.
const SECRETS: &str = "action/secrets";

/// The longest value of a secret that Auth0 takes, in characters (§3.3).
const LONGEST_SECRET: usize = 4096;

pub(super) fn sender(
    custom: &CustomProvider,
    object: &PhoneProvider,
    owner: &ObjectKey,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Result<Sender, Rejection> {
    match (&custom.action, &custom.action_ref) {
        (Some(wanted), None) => {
            let action = action(wanted, object, owner, references, fingerprints)?;
            Ok(Sender::Action(Box::new(action)))
        }
        (None, Some(reference)) => Ok(Sender::ActionNamed(reference.name.clone())),
        _ => {
            let message = "give exactly one of action and actionRef";
            Err(reject(
                owner,
                Reason::InvalidSpec,
                message,
                Some("spec.custom"),
            ))
        }
    }
}

/// The Action that the object set up and has no use for any more. One that is only switched away from
/// is left as well, unless the object deletes what it set up.
pub(super) fn left_action(object: &PhoneProvider, sender: &Sender) -> Option<Claim> {
    let left = claim_of(object);
    let set_up = left.known_id.is_some() || left.creating;
    let deletes = object.spec.deletion_policy == DeletionPolicy::Delete;
    match sender {
        Sender::Twilio { .. } | Sender::Nobody => (deletes && set_up).then_some(left),
        Sender::Action(_) | Sender::ActionNamed(_) => None,
    }
}

/// The Action as a thing of its own, beside the provider.
fn claim_of(object: &PhoneProvider) -> Claim {
    let status = object.status.clone().unwrap_or_default();
    claim(
        key(Kind::PhoneProvider, &object.metadata),
        &object.metadata,
        &status.conditions,
        status.observed_generation,
        object.spec.adopt,
        (
            status.action.map(|action| action.id),
            status.creating_action,
        ),
    )
}

fn action(
    wanted: &ProviderAction,
    object: &PhoneProvider,
    owner: &ObjectKey,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Result<DesiredAction, Rejection> {
    let code = code(wanted, owner, references)?;
    let applied = object
        .status
        .as_ref()
        .and_then(|status| status.action.clone());
    let known = |take: fn(ProviderActionStatus) -> Option<String>| {
        applied.clone().and_then(take).map(Fingerprint::from_status)
    };
    let dependency = |item: &crate::api::NpmDependency| Dependency {
        name: item.name.clone(),
        version: item.version.clone(),
        registry_url: item.registry_url.clone(),
    };
    let secrets = wanted.secrets.as_ref();
    let secrets = secrets.map(|all| secrets_of(all, owner, references, fingerprints));
    Ok(DesiredAction {
        claim: claim_of(object),
        name: wanted.name.clone(),
        code_fingerprint: fingerprints.fingerprint(CODE, &Secret::new(code)),
        code: code.to_owned(),
        applied_code: known(|action| action.code_fingerprint),
        runtime: wanted.runtime.clone(),
        dependencies: wanted
            .dependencies
            .as_ref()
            .map(|all| all.iter().map(dependency).collect()),
        secrets: secrets.transpose()?,
        applied_secrets: known(|action| action.secrets_fingerprint),
    })
}

/// The code, which is never sent where it cannot run.
fn code<'a>(
    wanted: &'a ProviderAction,
    owner: &ObjectKey,
    references: &'a References,
) -> Result<&'a str, Rejection> {
    let (code, field) = match (&wanted.code, &wanted.code_from) {
        (Some(code), None) => (code.as_str(), "spec.custom.action.code"),
        (None, Some(reference)) => {
            let field = "spec.custom.action.codeFrom";
            let code = references.config_map(&owner.namespace, reference);
            let code =
                code.map_err(|(reason, message)| reject(owner, reason, message, Some(field)))?;
            (code, field)
        }
        _ => {
            let message = "give exactly one of code and codeFrom";
            let field = Some("spec.custom.action");
            return Err(reject(owner, Reason::InvalidSpec, message, field));
        }
    };
    let Some(first) = script::check(code, None).errors.into_iter().next() else {
        return Ok(code);
    };
    let (line, column) = first.line_column(code);
    let message = format!(
        "line {line}, column {column} of the code: {}",
        first.message
    );
    Err(reject(
        owner,
        Reason::ActionCodeInvalid,
        message,
        Some(field),
    ))
}

fn secrets_of(
    wanted: &[ActionSecret],
    owner: &ObjectKey,
    references: &References,
    fingerprints: &FingerprintKey,
) -> Result<ActionSecrets, Rejection> {
    let mut values = Vec::with_capacity(wanted.len());
    let (mut told, mut unseen) = (BTreeSet::new(), BTreeSet::new());
    for (index, secret) in wanted.iter().enumerate() {
        let field = format!("spec.custom.action.secrets[{index}].valueFrom");
        let value = references
            .secret_to_write(&owner.namespace, &secret.value_from)
            .map_err(|(reason, message)| reject(owner, reason, message, Some(&field)))?;
        let Some(value) = value else {
            unseen.insert(secret.name.clone());
            continue;
        };
        if value.expose().chars().count() > LONGEST_SECRET {
            let message = format!(
                "the value is longer than the {LONGEST_SECRET} characters that Auth0 takes"
            );
            return Err(reject(owner, Reason::InvalidSpec, message, Some(&field)));
        }
        let label = format!("{SECRET}{}", secret.name);
        let fingerprint = fingerprints.fingerprint(&label, value);
        told.insert(format!("{}={fingerprint}", secret.name));
        values.push((secret.name.clone(), value.clone()));
    }
    let told: Vec<String> = told.into_iter().collect();
    Ok(ActionSecrets {
        values,
        unseen,
        fingerprint: fingerprints.fingerprint(SECRETS, &Secret::new(told.join("\n"))),
    })
}
