//! `kubectl dialtone acknowledge`: lets a breaking change through.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::access::{Access, ClusterArgs, KubectlError};
use super::named::Named;
use crate::api::{Dependent, Kind, Resource};
use crate::cli::confirm::confirmed;
use crate::cli::failure::CliError;
use crate::cli::show::{BOLD, DIM, GOOD, plain};
use crate::operator::cluster::ClusterError;
use crate::phone::acknowledgement::ACKNOWLEDGE;
use crate::phone::action::ObjectKey;

/// Let changes of a phone provider through although they break sign-in: with `onBreakingChange:
/// Block` they are withheld until what they break is named.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 it is acknowledged, 1 it is not.")]
pub struct AcknowledgeArgs {
    /// The provider: phoneprovider/NAME.
    #[arg(value_name = "KIND/NAME")]
    object: Named,
    /// What may break: ids of sign-in flows, such as mfa/sms, or groups of them, such as mfa or
    /// passwordless/sms.
    #[arg(
        value_name = "HAZARD",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    hazards: Vec<String>,
    /// Everything that needs the provider now.
    #[arg(long)]
    all: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

/// Writes the annotation, and says what it lets through.
///
/// # Errors
///
/// [`CliError`] where a flow is none of the provider's, or the annotation cannot be written.
pub async fn run(
    cluster: &ClusterArgs,
    args: AcknowledgeArgs,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let access = Access::new(cluster).await?;
    let key = args.object.within(access.namespace());
    let refused = |why| CliError::from(KubectlError::Refused(why));
    if key.kind != Kind::PhoneProvider {
        return Err(refused(format!(
            "{key} acknowledges nothing: name the PhoneProvider whose change breaks sign-in"
        )));
    }
    let before = access.existing(&key).await?;
    let Resource::PhoneProvider(provider) = &before else {
        return Err(KubectlError::NotThere(key).into());
    };
    let dependents = provider
        .status
        .as_ref()
        .map(|status| status.dependents.as_slice());
    let dependents = dependents.unwrap_or_default();
    let names = if args.all {
        everything(&key, dependents)
    } else {
        known(&key, &args.hazards, dependents)
    };
    let names = names.map_err(refused)?;
    let annotations = provider.metadata.annotations.as_ref();
    let earlier = annotations.and_then(|all| all.get(ACKNOWLEDGE));
    let value = joined(earlier.map(String::as_str), &names);
    tell(out, &key, &value, dependents)?;
    if !args.yes && !confirmed("Let these changes through from now on?")? {
        writeln!(out, "Nothing was acknowledged.")?;
        return Ok(ExitCode::FAILURE);
    }
    let known = Some(before.metadata());
    let annotated = access.annotate(&key, known, (ACKNOWLEDGE, &value));
    annotated.await.map_err(|error| unwritten(&key, error))?;
    take_back(out, &key)?;
    Ok(ExitCode::SUCCESS)
}

/// Why nothing was acknowledged. What was shown and confirmed may not be what is let through any more
/// where the object has changed since.
fn unwritten(key: &ObjectKey, error: ClusterError) -> KubectlError {
    if error.is_conflict() {
        return KubectlError::Refused(format!(
            "{key} has changed meanwhile, and nothing was acknowledged: run the command again"
        ));
    }
    error.into()
}

/// Every flow that needs the provider, one by one: one that comes to need it later is not let
/// through.
fn everything(key: &ObjectKey, dependents: &[Dependent]) -> Result<Vec<String>, String> {
    if dependents.is_empty() {
        return Err(format!(
            "nothing needs {key}, as far as its status says: there is nothing to acknowledge"
        ));
    }
    Ok(dependents
        .iter()
        .map(|dependent| dependent.id.clone())
        .collect())
}

/// The names of flows or of groups, where something of each needs the provider.
fn known(
    key: &ObjectKey,
    asked: &[String],
    dependents: &[Dependent],
) -> Result<Vec<String>, String> {
    let names = asked.iter().flat_map(|text| text.split(','));
    let names: Vec<String> = names
        .map(|name| name.trim().trim_end_matches('/').to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let unknown: Vec<&str> = names
        .iter()
        .filter(|name| !dependents.iter().any(|flow| stands_for(name, &flow.id)))
        .map(String::as_str)
        .collect();
    if names.is_empty() {
        return Err("name what may break, such as mfa/sms".to_owned());
    }
    if unknown.is_empty() {
        return Ok(names);
    }
    let flows: Vec<&str> = dependents.iter().map(|flow| flow.id.as_str()).collect();
    let flows = if flows.is_empty() {
        "nothing does".to_owned()
    } else {
        format!("what does: {}", flows.join(", "))
    };
    Err(format!(
        "{} does not need {key}, so it cannot be acknowledged; {flows}",
        unknown.join(", ")
    ))
}

/// Whether a name is the flow's, or that of a group that it belongs to.
fn stands_for(name: &str, id: &str) -> bool {
    let rest = id.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The annotation with these names added to those that it has, each once.
fn joined(earlier: Option<&str>, names: &[String]) -> String {
    let earlier = earlier.into_iter().flat_map(|text| text.split(','));
    let earlier = earlier.map(str::trim).filter(|name| !name.is_empty());
    let mut seen = BTreeSet::new();
    let all = earlier.chain(names.iter().map(String::as_str));
    let once: Vec<&str> = all.filter(|name| seen.insert(*name)).collect();
    once.join(", ")
}

/// What the annotation lets through, once it is there.
fn tell(
    out: &mut impl Write,
    key: &ObjectKey,
    value: &str,
    dependents: &[Dependent],
) -> std::io::Result<()> {
    writeln!(out, "{BOLD}{key}{BOLD:#}: changes may break")?;
    let names: Vec<&str> = value.split(", ").collect();
    for Dependent {
        id, description, ..
    } in dependents
    {
        if names
            .iter()
            .any(|name| stands_for(name.trim_end_matches('/'), id))
        {
            let (id, description) = (plain(id), plain(description));
            writeln!(out, "  {GOOD}✓{GOOD:#} {id}  {DIM}{description}{DIM:#}")?;
        }
    }
    Ok(())
}

/// How the annotation is taken back.
fn take_back(out: &mut impl Write, key: &ObjectKey) -> std::io::Result<()> {
    writeln!(
        out,
        "Acknowledged. It goes for later changes too. To take it back: kubectl annotate -n {} phoneprovider {} \
         {ACKNOWLEDGE}-",
        key.namespace, key.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DependentKind, PhoneDeliveryMethod};

    fn flows(ids: &[&str]) -> Vec<Dependent> {
        let flow = |id: &&str| Dependent {
            id: (*id).to_owned(),
            kind: DependentKind::MfaPhoneFactor,
            description: String::new(),
            delivery_method: PhoneDeliveryMethod::Text,
        };
        ids.iter().map(flow).collect()
    }

    fn provider() -> ObjectKey {
        Named::of("phoneprovider", "twilio")
            .unwrap()
            .within("default")
    }

    fn asked(names: &[&str]) -> Result<Vec<String>, String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let flows = flows(&["mfa/sms", "mfa/voice", "passwordless/sms/abc"]);
        known(&provider(), &names, &flows)
    }

    #[test]
    fn who_was_too_late_is_told_to_look_again() {
        let answered = |code: u16| {
            let status = kube::core::Status::failure("the object has been modified", "Reason");
            let error = ClusterError::Refused {
                what: "annotate it".to_owned(),
                source: Box::new(kube::Error::Api(status.with_code(code).boxed())),
            };
            unwritten(&provider(), error).to_string()
        };
        assert_eq!(
            answered(409),
            "PhoneProvider default/twilio has changed meanwhile, and nothing was acknowledged: run \
             the command again"
        );
        assert!(
            answered(403).starts_with("annotate it: "),
            "{}",
            answered(403)
        );
    }

    #[test]
    fn flows_and_their_groups_are_acknowledged() {
        assert_eq!(asked(&["mfa/sms"]).unwrap(), ["mfa/sms"]);
        assert_eq!(
            asked(&["mfa, passwordless/sms/"]).unwrap(),
            ["mfa", "passwordless/sms"]
        );
    }

    #[test]
    fn what_does_not_need_the_provider_is_refused_and_what_does_is_named() {
        for name in ["mfa/smss", "mf", "signup/db", "passwordless/s"] {
            let refused = asked(&["mfa", name]).unwrap_err();
            assert!(
                refused.starts_with(&format!("{name} does not need")),
                "{refused}"
            );
            assert!(refused.contains("passwordless/sms/abc"), "{refused}");
        }
        asked(&[","]).unwrap_err();
    }

    #[test]
    fn a_flow_is_shown_as_text_whatever_its_application_is_called() {
        let mut flows = flows(&["mfa/sms"]);
        flows[0].description = "sign-in to \u{1b}]0;title\u{7}web".to_owned();
        let mut out = Vec::new();
        tell(&mut out, &provider(), "mfa", &flows).unwrap();
        let told = String::from_utf8(out).unwrap();
        assert!(
            told.contains("title") && !told.contains('\u{7}'),
            "{told:?}"
        );
    }

    #[test]
    fn all_stands_for_what_is_there_now() {
        let all = everything(&provider(), &flows(&["mfa/sms", "signup/db"])).unwrap();
        assert_eq!(all, ["mfa/sms", "signup/db"]);
        everything(&provider(), &[]).unwrap_err();
    }

    #[test]
    fn what_was_acknowledged_before_stays_and_nothing_is_there_twice() {
        let names = ["mfa/sms".to_owned(), "signup/db".to_owned()];
        assert_eq!(joined(None, &names), "mfa/sms, signup/db");
        assert_eq!(
            joined(Some("mfa/sms,old"), &names),
            "mfa/sms, old, signup/db"
        );
    }
}
