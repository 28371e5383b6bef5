//! A passwordless connection's object, option by option.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{claim, key, reject};
use crate::api::{
    Applications, ApplicationsMode, Kind, PasswordlessConnection, Reason, Signup, duration,
};
use crate::phone::action::ObjectKey;
use crate::phone::desired::{ApplicationRef, DesiredApplications, DesiredConnection, Rejection};

/// What a connection's object wants.
pub(super) fn connection(object: &PasswordlessConnection) -> Result<DesiredConnection, Rejection> {
    let owner = key(Kind::PasswordlessConnection, &object.metadata);
    let status = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    // What is being removed needs nothing but its name.
    let leaving = object.metadata.deletion_timestamp.is_some();
    let options = if leaving {
        Ok(Options::new())
    } else {
        options(object)
    };
    let options = options
        .map_err(|(field, message)| reject(&owner, Reason::InvalidSpec, message, Some(field)))?;
    let applications = spec
        .applications
        .as_ref()
        .filter(|_| !leaving)
        .map(|wanted| applications(wanted, status.applications.into_iter().collect(), &owner))
        .transpose()?;
    Ok(DesiredConnection {
        claim: claim(
            owner,
            &object.metadata,
            &status.conditions,
            status.observed_generation,
            spec.adopt,
            (status.id, status.creating),
        ),
        name: spec.name.clone(),
        display_name: spec.display_name.clone(),
        options,
        applications,
    })
}

type Options = BTreeMap<Vec<&'static str>, Value>;

/// The owned options in Auth0's spelling (§6.3).
fn options(object: &PasswordlessConnection) -> Result<Options, (&'static str, String)> {
    let spec = &object.spec;
    let mut options = Options::new();
    if let Some(signup) = spec.signup {
        options.insert(
            vec!["disable_signup"],
            Value::from(signup == Signup::Disabled),
        );
    }
    if let Some(protection) = spec.brute_force_protection {
        options.insert(vec!["brute_force_protection"], Value::from(protection));
    }
    if let Some(use_provider) = spec.use_phone_provider {
        options.insert(vec!["use_phone_provider"], Value::from(use_provider));
    }
    let otp = spec.otp.clone().unwrap_or_default();
    if let Some(length) = otp.length {
        options.insert(vec!["totp", "length"], Value::from(length));
    }
    if let Some(expiry) = otp.expiry {
        let time = duration(&expiry).map_err(|error| ("spec.otp.expiry", error.to_string()))?;
        if time.as_secs() < 60 || time.subsec_nanos() != 0 {
            let message =
                format!("a code must be good for whole seconds and at least 60s, not {expiry}");
            return Err(("spec.otp.expiry", message));
        }
        options.insert(vec!["totp", "time_step"], Value::from(time.as_secs()));
    }
    Ok(options)
}

fn applications(
    wanted: &Applications,
    enabled_before: BTreeSet<String>,
    owner: &ObjectKey,
) -> Result<DesiredApplications, Rejection> {
    let mut refs = Vec::with_capacity(wanted.refs.len());
    for (index, reference) in wanted.refs.iter().enumerate() {
        refs.push(match (&reference.name, &reference.client_id) {
            (Some(name), None) => ApplicationRef::Name(name.clone()),
            (None, Some(id)) => ApplicationRef::ClientId(id.clone()),
            _ => {
                let field = format!("spec.applications.refs[{index}]");
                let message = "give exactly one of name and clientId";
                return Err(reject(owner, Reason::InvalidSpec, message, Some(&field)));
            }
        });
    }
    let exclusive = wanted.mode == ApplicationsMode::Exclusive;
    Ok(DesiredApplications {
        exclusive,
        refs,
        enabled_before,
    })
}
