//! Watching the folder: a changed manifest is planned and applied within a second; a broken one
//! leaves the last good state in place.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use notify::{RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::{Output, Session};
use crate::api::{DeletionPolicy, Resource};
use crate::cli::converge::{Converged, cadence};
use crate::cli::failure::CliError;
use crate::cli::manifests::ManifestArgs;
use crate::cli::show;
use crate::cli::workspace::Workspace;
use crate::phone::action::ObjectKey;
use crate::phone::desire::key_of;

/// Editors write in several steps: changes are taken up when it has been quiet for this long.
const QUIET: Duration = Duration::from_millis(150);

/// Takes up changes of the folder until SIGINT or SIGTERM.
pub(super) async fn run(session: &mut Session, out: &mut impl Write) -> Result<(), CliError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let dir = session.args.dir.clone();
    let failed = |error| CliError::Watch(dir.display().to_string(), error);
    let (sender, mut changes) = mpsc::unbounded_channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is an event as well; only what changes one counts.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = sender.send(());
        }
    })
    .map_err(failed)?;
    watcher
        .watch(&watched(&session.args.dir), RecursiveMode::Recursive)
        .map_err(failed)?;
    if session.args.output == Output::Text {
        writeln!(out, "\nWatching {} (Ctrl-C ends)", dir.display())?;
        out.flush()?;
    }
    loop {
        let interval = session
            .workspace
            .tenants
            .values()
            .map(|work| cadence(work).interval)
            .min()
            .unwrap_or(Duration::from_mins(10));
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            change = changes.recv() => {
                if change.is_none() {
                    return Ok(());
                }
                settle(&mut changes).await;
                reload(session, out).await?;
            }
            () = tokio::time::sleep(interval) => again(session, out).await?,
        }
    }
}

/// The folder to watch: for a single file its folder, since editors replace files.
fn watched(path: &std::path::Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

async fn settle(changes: &mut mpsc::UnboundedReceiver<()>) {
    while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {}
}

/// Reads the folder anew; where it cannot be used, everything stays as it is.
async fn reload(session: &mut Session, out: &mut impl Write) -> Result<(), CliError> {
    let Some(manifests) = ManifestArgs::of(&session.args.dir).read(session.args.output)? else {
        if session.args.output == Output::Text {
            writeln!(out, "The last good state stays in place.")?;
            out.flush()?;
        }
        return Ok(());
    };
    let before: Vec<Resource> = session.workspace.resources().cloned().collect();
    let mut workspace = Workspace::new(manifests, &mut session.record);
    if before.iter().eq(workspace.resources()) && same_references(&session.workspace, &workspace) {
        return Ok(());
    }
    let left = leave(&before, &mut workspace);
    session.workspace = workspace;
    if session.args.output == Output::Text {
        writeln!(out)?;
    }
    session
        .seats
        .retain(|seat| session.workspace.tenants.contains_key(&seat.key));
    session.seat_all(out).await?;
    let results = session.converge(out).await?;
    for key in left {
        session.record.forget(&key)?;
        for work in session.workspace.tenants.values_mut() {
            work.resources.retain(|resource| key_of(resource) != key);
        }
    }
    tell(session, &results, out)
}

fn same_references(before: &Workspace, after: &Workspace) -> bool {
    let values = |workspace: &Workspace| -> Vec<(String, String, String, String)> {
        let references = workspace
            .tenants
            .values()
            .next()
            .map(|work| &work.references);
        references
            .into_iter()
            .flat_map(|references| &references.secrets)
            .flat_map(|((namespace, name), data)| {
                data.iter().map(move |(key, value)| {
                    (
                        namespace.clone(),
                        name.clone(),
                        key.clone(),
                        value.expose().to_owned(),
                    )
                })
            })
            .collect()
    };
    values(before) == values(after)
}

/// Objects whose manifest is gone are being deleted, as `kubectl delete` would: those with
/// `deletionPolicy: Delete` take part in one more pass.
fn leave(before: &[Resource], workspace: &mut Workspace) -> Vec<ObjectKey> {
    let present: BTreeSet<ObjectKey> = workspace.resources().map(key_of).collect();
    let mut left = Vec::new();
    for resource in before {
        let key = key_of(resource);
        if present.contains(&key) {
            continue;
        }
        if deletes(resource) {
            let tenant = crate::phone::desire::tenant_of(resource);
            let mut leaving = resource.clone();
            leaving.metadata_mut().deletion_timestamp = Some(Time(Timestamp::now()));
            if let Some(work) = workspace.tenants.get_mut(&tenant) {
                work.resources.push(leaving);
            }
        }
        left.push(key);
    }
    left
}

const fn deletes(resource: &Resource) -> bool {
    let policy = match resource {
        Resource::Auth0Tenant(_) => DeletionPolicy::Orphan,
        Resource::PhoneProvider(object) => object.spec.deletion_policy,
        Resource::MfaPhoneFactor(object) => object.spec.deletion_policy,
        Resource::PasswordlessConnection(object) => object.spec.deletion_policy,
    };
    matches!(policy, DeletionPolicy::Delete)
}

/// A look at the tenants although nothing changed here: somebody else may have changed them.
async fn again(session: &mut Session, out: &mut impl Write) -> Result<(), CliError> {
    for seat in &mut session.seats {
        seat.host.snapshot = None;
    }
    let results = session.converge(out).await?;
    if results.iter().any(|result| result.writes > 0) {
        tell(session, &results, out)?;
    }
    Ok(())
}

fn tell(session: &Session, results: &[Converged], out: &mut impl Write) -> Result<(), CliError> {
    let writes: usize = results.iter().map(|result| result.writes).sum();
    if session.args.output == Output::Text {
        writeln!(out, "{}", show::counted(writes, "write"))?;
    }
    crate::cli::apply::finish(&session.workspace, results, session.args.output, out)?;
    out.flush()?;
    Ok(())
}
