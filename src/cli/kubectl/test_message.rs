//! `kubectl dialtone test-message`: one message through a tenant's provider, sent by the operator.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::access::{Access, ClusterArgs, KubectlError};
use super::named::Named;
use crate::api::{
    API_VERSION, ConditionType, Kind, Resource, SecretKeyRef, TestMessageState, condition,
    duration, is_object_name,
};
use crate::cli::confirm::confirmed;
use crate::cli::failure::CliError;
use crate::cli::note;
use crate::cli::plan::Output;
use crate::cli::show::{BAD, GOOD, plain};
use crate::cli::test_message::{Method, number};
use crate::phone::action::ObjectKey;
use crate::phone::desire::{key_of, tenant_of};
use crate::phone::number::PhoneNumber;
use crate::phone::report::Status;

/// How long the object stays after its attempt has ended.
const STAYS: &str = "1h";

/// Have the operator send one test message, by a `PhoneTestMessage` that goes by itself an hour
/// later. It is a real message, and costs what one costs.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit status: 0 Auth0 accepted the message for sending, 1 it did not.")]
pub struct TestMessageArgs {
    /// What is tried: phoneprovider/NAME, or phonetemplate/NAME for what that template says.
    #[arg(value_name = "KIND/NAME")]
    object: Named,
    /// The number to send to, in E.164: +15550100.
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = number,
        required_unless_present = "to_secret"
    )]
    to: Option<PhoneNumber>,
    /// The key of a Secret that has the number, in the same namespace. The number is in no object
    /// then, where whoever may read that could read it.
    #[arg(long, value_name = "NAME/KEY", value_parser = secret_key, conflicts_with = "to")]
    to_secret: Option<SecretKeyRef>,
    /// How it is sent.
    #[arg(long, value_enum, default_value_t)]
    delivery_method: Method,
    /// How long to wait until it is known what became of it.
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    timeout: Duration,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
    /// The form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

impl TestMessageArgs {
    /// Whom it goes to, as far as that may be shown.
    fn recipient(&self) -> String {
        match (&self.to, &self.to_secret) {
            (Some(to), _) => to.masked(),
            (None, Some(secret)) => format!("the number in Secret {}", secret.name),
            (None, None) => "nobody".to_owned(),
        }
    }
}

fn secret_key(text: &str) -> Result<SecretKeyRef, String> {
    match text.split_once('/') {
        Some((name, key)) if is_object_name(name) && !key.is_empty() => Ok(SecretKeyRef {
            name: name.to_owned(),
            key: key.to_owned(),
        }),
        _ => Err("write it as NAME/KEY, such as phones/mine".to_owned()),
    }
}

/// Creates the object, and waits until it is known what became of it.
///
/// # Errors
///
/// [`CliError`] where it cannot be created or read, or nobody can be asked.
pub async fn run(
    cluster: &ClusterArgs,
    args: TestMessageArgs,
    out: &mut impl Write,
) -> Result<ExitCode, CliError> {
    let access = Access::new(cluster).await?;
    let about = access
        .existing(&args.object.within(access.namespace()))
        .await?;
    let message = message(&about, &args).map_err(KubectlError::Refused)?;
    let tenant = tenant_of(&about);
    let question = format!(
        "Send a message to {} through {tenant}? It costs what a message costs.",
        args.recipient()
    );
    if !args.yes && !confirmed(&question)? {
        tell(out, &args, (None, false), "nothing was sent")?;
        return Ok(ExitCode::FAILURE);
    }
    // From here on whoever ends the command gets the message taken back.
    let stopped = stopped()?;
    let created = access.create(Kind::PhoneTestMessage, access.namespace(), &message);
    let created = created.await.map_err(KubectlError::from)?;
    let key = key_of(&created);
    let seen = tokio::select! {
        seen = access.wait(created.clone(), args.timeout, is_over) => seen,
        () = stopped => Err(KubectlError::Refused("the command was ended".to_owned())),
    };
    let (last, queued, mut told) = match seen {
        Ok(Ok(last)) => {
            let (queued, told) = outcome(&last);
            (last, queued, told)
        }
        Ok(Err(last)) => {
            let (queued, told) = outcome(&last);
            let seconds = args.timeout.as_secs();
            let told = format!("nothing is known of it after {seconds} s: {told}");
            (last, queued, told)
        }
        Err(error) => (created, false, error.to_string()),
    };
    if !attempted(&last) {
        told.push_str(withdrawn(&access, &last).await?);
    }
    tell(out, &args, (Some(&key), queued), &told)?;
    Ok(if queued {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Ends when the command is asked to end.
fn stopped() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The object that has the message sent.
fn message(about: &Resource, args: &TestMessageArgs) -> Result<Value, String> {
    let template = match about {
        Resource::PhoneProvider(_) => None,
        Resource::PhoneTemplate(template) => Some(template.spec.type_),
        _ => {
            let key = key_of(about);
            return Err(format!(
                "{key} sends nothing: name a PhoneProvider, or the PhoneTemplate that is to be tried"
            ));
        }
    };
    let mut spec = json!({
        "tenantRef": about.tenant_ref(),
        "deliveryMethod": args.delivery_method.as_api(),
        "ttlAfterFinished": STAYS,
    });
    if let Some(to) = &args.to {
        spec["to"] = json!(to.expose());
    }
    if let Some(reference) = &args.to_secret {
        spec["toSecretRef"] = json!(reference);
    }
    if let Some(template) = template {
        spec["template"] = json!(template);
    }
    Ok(json!({
        "apiVersion": API_VERSION,
        "kind": Kind::PhoneTestMessage.as_str(),
        "metadata": {"generateName": "kubectl-"},
        "spec": spec,
    }))
}

/// Whether it is known what became of the message, or that nothing will before somebody changes
/// something.
fn is_over(object: &Resource) -> bool {
    let Status::Message(status) = Status::of(object) else {
        return true;
    };
    let current = status.observed_generation == object.metadata().generation;
    let stalled = condition::is_true(&status.conditions, ConditionType::Stalled);
    let ended = status
        .attempt
        .is_some_and(|attempt| attempt.finished_at.is_some());
    current && (ended || stalled)
}

/// Whether Auth0 was asked, or is being asked.
fn attempted(object: &Resource) -> bool {
    matches!(Status::of(object), Status::Message(status) if status.attempt.is_some())
}

/// Whether Auth0 accepted the message, and what to say of it.
fn outcome(object: &Resource) -> (bool, String) {
    let Status::Message(status) = Status::of(object) else {
        return (false, "nothing was sent".to_owned());
    };
    let state = status.attempt.map(|attempt| attempt.state);
    let ready = condition::find(&status.conditions, ConditionType::Ready);
    let told = ready.map_or_else(
        || "no pass has looked at it: does the operator run, and see this namespace?".to_owned(),
        |ready| format!("{}: {}", ready.reason, ready.message),
    );
    (state == Some(TestMessageState::Queued), told)
}

/// Takes a message back that was not sent: it would be sent when nobody expects it any more. One that
/// the operator has taken up meanwhile is left.
async fn withdrawn(access: &Access, last: &Resource) -> Result<&'static str, CliError> {
    let key = key_of(last);
    // The operator may have written a status since: that alone is no reason to leave it.
    let now = access.get(&key).await.ok().flatten();
    let now = now.as_ref().unwrap_or(last);
    if attempted(now) {
        note(&format!("{key} is being sent, or was"))?;
        return Ok("");
    }
    match access.cluster().delete(&key, now.metadata()).await {
        Ok(()) => Ok("; it was not sent, and is taken back"),
        Err(error) if error.is_not_found() => Ok(""),
        Err(error) => {
            note(&format!(
                "{key} may still be sent, see \"kubectl get -n {} phonetestmessage {}\": {error}",
                key.namespace, key.name
            ))?;
            Ok("")
        }
    }
}

fn tell(
    out: &mut impl Write,
    args: &TestMessageArgs,
    (key, queued): (Option<&ObjectKey>, bool),
    told: &str,
) -> Result<(), CliError> {
    match args.output {
        Output::Text => {
            let (mark, style) = if queued { ("✓", GOOD) } else { ("✗", BAD) };
            let to = args.recipient();
            let what = key.map_or_else(|| "message".to_owned(), ToString::to_string);
            writeln!(
                out,
                "{style}{mark}{style:#} {what} to {to}: {}",
                plain(told)
            )?;
        }
        Output::Json => {
            let document = json!({
                "queued": queued,
                "to": args.recipient(),
                "message": told,
                "object": key.map(crate::cli::show::json::object),
            });
            serde_json::to_writer_pretty(&mut *out, &document)?;
            writeln!(out)?;
        }
    }
    Ok(())
}
