//! `kubectl dialtone reconcile`: asks for a pass.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::access::{Access, ClusterArgs, KubectlError};
use super::gather::{Gathered, ScopeArgs};
use super::named::{Named, TenantName};
use super::{USAGE, status};
use crate::api::{ConditionType, Resource, condition, duration};
use crate::cli::aside::say;
use crate::cli::failure::CliError;
use crate::cli::plan::Output;
use crate::cli::show::{self, BAD, GOOD, plain};
use crate::phone::action::ObjectKey;
use crate::phone::desire::{key_of, tenant_of};
use crate::phone::report::{REQUESTED_AT, Status, requested};

/// Ask the operator for a pass over an object's tenant: it is read anew, whatever is remembered of
/// it.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit status: 0 the pass is asked for, and with --wait everything is Ready \
                        after it; 2 it is done and something is not Ready, 1 an error, or no pass in \
                        time."
)]
pub struct ReconcileArgs {
    /// The object: KIND/NAME, or KIND and NAME, such as tenant/acme.
    #[arg(value_name = "OBJECT", num_args = 1..=2, required = true)]
    object: Vec<String>,
    /// Wait until the pass is done, and show the tenant then.
    #[arg(long)]
    wait: bool,
    /// How long to wait.
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = duration)]
    timeout: Duration,
    /// The form of what is shown.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// Asks for the pass, and waits for it.
///
/// # Errors
///
/// [`CliError`] where it cannot be asked for, or does not come.
pub async fn run(
    cluster: &ClusterArgs,
    args: ReconcileArgs,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let named = match args.object.as_slice() {
        [kind, name] => Named::of(kind, name),
        words => words.concat().parse(),
    };
    let named = match named {
        Ok(named) => named,
        Err(why) => {
            let object = plain(&args.object.join(" "));
            say(&format!("{BAD}error{BAD:#}: \"{object}\": {why}\n"))?;
            return Ok(ExitCode::from(USAGE));
        }
    };
    let access = Access::new(cluster).await?;
    let key = named.within(access.namespace());
    let before = access.existing(&key).await?;
    let tenant = tenant_of(&before);
    rests(&access, &tenant).await?;
    let value = later_than(requested(&before), Timestamp::now());
    let [annotation, _] = REQUESTED_AT;
    // Whatever else changes of the object meanwhile, such as its status, is no reason not to ask.
    let annotated = access.annotate(&key, None, (annotation, &value));
    let annotated = annotated.await.map_err(KubectlError::from)?;
    if !args.wait {
        asked(out, args.output, &key, &value)?;
        return Ok(ExitCode::SUCCESS);
    }
    let handled = |object: &Resource| covers(Status::of(object).last_handled(), &value);
    if let Err(last) = access.wait(annotated, args.timeout, handled).await? {
        return Err(KubectlError::Refused(why_not(&last, args.timeout)).into());
    }
    shown(&access, args.output, &tenant, out).await
}

/// Shows the tenant of the object.
async fn shown(
    access: &Access,
    output: Output,
    tenant: &ObjectKey,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let scope = ScopeArgs::default();
    let name = TenantName {
        namespace: None,
        name: tenant.name.clone(),
    };
    let mut gathered = Gathered::read(access, &scope, Some(&name)).await?;
    gathered.tenants.retain(|key| key == tenant);
    status::show(&gathered, output, out)
}

/// Refuses to ask for a pass over a tenant that rests: it is not made before that ends. A tenant
/// that may not be read is not asked about.
async fn rests(access: &Access, tenant: &ObjectKey) -> Result<(), KubectlError> {
    let found = match access.get(tenant).await {
        Ok(found) => found,
        Err(error) if error.is_refusal() => None,
        Err(error) => return Err(error.into()),
    };
    match found {
        Some(Resource::Auth0Tenant(object)) if object.spec.suspend => Err(KubectlError::Refused(
            format!("{tenant} is suspended, and no pass is made: set spec.suspend to false first"),
        )),
        _ => Ok(()),
    }
}

/// A value that asks for a pass. Of two annotations that ask for one the later value counts, by the
/// order of letters, so it must come after the other one even where that is of another time zone.
fn later_than(known: Option<String>, now: Timestamp) -> String {
    let now = now.to_string();
    match known {
        Some(known) if known >= now => format!("{known} {now}"),
        _ => now,
    }
}

/// Whether what was handled last covers a request. It may be a later one, of somebody else, which
/// the operator took in its place.
fn covers(handled: Option<&str>, request: &str) -> bool {
    handled.is_some_and(|handled| handled >= request)
}

/// Says that a pass is asked for.
fn asked(out: &mut impl Write, output: Output, key: &ObjectKey, value: &str) -> io::Result<()> {
    match output {
        Output::Text => writeln!(out, "{GOOD}✓{GOOD:#} {key}: a pass is asked for"),
        Output::Json => {
            let document = json!({"object": show::json::object(key), "requestedAt": value});
            writeln!(out, "{document:#}")
        }
    }
}

/// Why a pass did not come, as far as the object tells.
fn why_not(last: &Resource, patience: Duration) -> String {
    let key = key_of(last);
    let status = Status::of(last);
    let ready = condition::find(status.conditions(), ConditionType::Ready);
    let told = ready.map_or_else(
        || "no pass has ever looked at it".to_owned(),
        |ready| {
            format!(
                "Ready is {:?}, {}: {}",
                ready.status, ready.reason, ready.message
            )
        },
    );
    format!(
        "{key}: no pass was done within {} s; {told}. Does the operator run, lead, and see this \
         namespace? A pass may also wait for Auth0's rate limit",
        patience.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_request_that_is_handled_covers_an_earlier_one() {
        let request = "2026-01-02T03:04:05Z";
        assert!(covers(Some(request), request));
        assert!(covers(Some("2026-01-02T03:04:06Z"), request));
        assert!(!covers(Some("2026-01-02T03:04:04Z"), request));
        assert!(!covers(None, request));
    }

    #[test]
    fn a_request_that_is_not_waited_for_is_told_in_the_form_that_is_asked_for() {
        let key = Named::of("tenant", "acme").unwrap().within("default");
        let told = |output| {
            let mut out = Vec::new();
            asked(&mut out, output, &key, "now").unwrap();
            String::from_utf8(out).unwrap()
        };
        let document: serde_json::Value = serde_json::from_str(&told(Output::Json)).unwrap();
        assert_eq!(document["requestedAt"], "now");
        assert_eq!(document["object"]["name"], "acme");
        assert!(told(Output::Text).contains("a pass is asked for"));
    }

    #[test]
    fn a_request_comes_after_every_earlier_one() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(later_than(None, now), "2026-01-02T03:04:05Z");
        for known in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T05:04:05+02:00",
            "zebra",
            "1",
        ] {
            let value = later_than(Some(known.to_owned()), now);
            assert!(value.as_str() > known, "{value}");
        }
    }
}
