//! Watching the folder: a changed manifest is planned and applied within a second; a broken one
//! leaves the last good state in place.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use notify::{RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::{Output, Session};
use crate::api::{DeletionPolicy, Reason, Resource};
use crate::cli::converge::{Results, cadence};
use crate::cli::failure::CliError;
use crate::cli::manifests::ManifestArgs;
use crate::cli::show;
use crate::cli::workspace::Workspace;
use crate::phone::action::ObjectKey;
use crate::phone::delivery::listed;
use crate::phone::desire::{key_of, tenant_of};
use crate::phone::report::Status;
use crate::phone::secret::Secret;
use crate::phone::succession::leaving;

/// Editors write in several steps: changes are taken up when it has been quiet for this long.
const QUIET: Duration = Duration::from_millis(150);

/// Changes are taken up after this time even if it does not become quiet.
const UNREST: Duration = Duration::from_secs(2);

/// What is gone for this long is deleted, not on its way: a checkout of another branch takes files
/// away and brings them back.
const GRACE: Duration = Duration::from_secs(2);

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
        // A pass may wait for minutes, for a rate limit: it is left where it is, as by a kill, and
        // the next run goes on from what the tenant is then.
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            went_on = next(session, &mut changes, interval, out) => if !went_on? {
                return Ok(());
            },
        }
    }
}

/// Takes up the next change, or looks at the tenants again where none comes in time; false where no
/// more changes can come.
async fn next(
    session: &mut Session,
    changes: &mut mpsc::UnboundedReceiver<()>,
    interval: Duration,
    out: &mut impl Write,
) -> Result<bool, CliError> {
    match tokio::time::timeout(interval, changes.recv()).await {
        Err(_) => again(session, out).await?,
        Ok(None) => return Ok(false),
        Ok(Some(())) => {
            settle(changes).await;
            reload(session, out).await?;
        }
    }
    Ok(true)
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

/// Waits until it is quiet, or until the longest wait is over: a file that never rests must not
/// keep the others from being taken up.
async fn settle(changes: &mut mpsc::UnboundedReceiver<()>) {
    let quiet =
        async { while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {} };
    let _ = tokio::time::timeout(UNREST, quiet).await;
}

/// Reads the folder anew; where it cannot be used, everything stays as it is.
async fn reload(session: &mut Session, out: &mut impl Write) -> Result<(), CliError> {
    let before: Vec<Resource> = session.workspace.resources().cloned().collect();
    let Some(mut workspace) = read(session, out)? else {
        return Ok(());
    };
    let doomed: Vec<ObjectKey> = missing(&before, &workspace)
        .filter(|gone| gone.deletion_policy() == DeletionPolicy::Delete)
        .map(key_of)
        .collect();
    if !doomed.is_empty() {
        if session.args.output == Output::Text {
            let objects = listed(&doomed);
            let seconds = GRACE.as_secs();
            writeln!(
                out,
                "{objects}: gone, deleted in {seconds} s unless back by then"
            )?;
            out.flush()?;
        }
        tokio::time::sleep(GRACE).await;
        let Some(read_again) = read(session, out)? else {
            return Ok(());
        };
        workspace = read_again;
    }
    // What was read now has no error.
    session.unseen.clear();
    if before.iter().eq(workspace.resources()) && same_references(&session.workspace, &workspace) {
        return Ok(());
    }
    let orphaned = leave(&before, &mut workspace);
    let previous = std::mem::replace(&mut session.workspace, workspace);
    for key in orphaned {
        session.record.forget(&key)?;
    }
    if session.args.output == Output::Text {
        writeln!(out)?;
    }
    session
        .seats
        .retain(|seat| session.workspace.tenants.contains_key(&seat.key));
    session.renew_seats(&previous)?;
    // A tenant that cannot be set up must not end the watch over the others.
    if let Err(error) = session.seat_all(out).await {
        crate::cli::note(&error.to_string())?;
    }
    let results = converge_in_turn(session, out).await?;
    tell(session, &results, out)
}

/// Reads the folder; `None` where it cannot be used, which is said.
fn read(session: &mut Session, out: &mut impl Write) -> Result<Option<Workspace>, CliError> {
    let manifests = ManifestArgs::of(&session.args.dir).read(session.args.output)?;
    if manifests.is_none() && session.args.output == Output::Text {
        writeln!(out, "The last good state stays in place.")?;
        out.flush()?;
    }
    Ok(manifests.map(|manifests| Workspace::new(manifests, &mut session.record)))
}

/// Brings the tenants to what their objects say; once more where one took the place of another that
/// is removed now.
async fn converge_in_turn(
    session: &mut Session,
    out: &mut impl Write,
) -> Result<Results, CliError> {
    let mut results = session.converge(out).await?;
    let stands_back = |resource: &Resource| {
        let status = Status::of(resource);
        let mut conditions = status.conditions().iter();
        conditions.any(|it| it.reason == Reason::Conflict)
    };
    if forget_removed(session)? && session.workspace.resources().any(stands_back) {
        for (tenant, next) in session.converge(out).await? {
            results.entry(tenant).or_default().follow(next);
        }
        forget_removed(session)?;
    }
    Ok(results)
}

/// Forgets the objects whose removal is done, as a finalizer lets them go; whether there were any. One
/// that could not be removed stays, and takes part in the next pass.
fn forget_removed(session: &mut Session) -> Result<bool, CliError> {
    let mut gone = Vec::new();
    for work in session.workspace.tenants.values_mut() {
        work.resources.retain(|resource| {
            let removed =
                resource.metadata().deletion_timestamp.is_some() && Status::of(resource).is_ready();
            if removed {
                gone.push(key_of(resource));
            }
            !removed
        });
    }
    for key in &gone {
        session.record.forget(key)?;
    }
    Ok(!gone.is_empty())
}

fn same_references(before: &Workspace, after: &Workspace) -> bool {
    let references = |workspace: &Workspace| {
        let work = workspace.tenants.values().next();
        let references = work.map(|work| work.references.clone()).unwrap_or_default();
        let values = |data: BTreeMap<String, Secret>| -> Vec<(String, String)> {
            let pair = |(key, value): (String, Secret)| (key, value.expose().to_owned());
            data.into_iter().map(pair).collect()
        };
        let secrets: Vec<_> = references
            .secrets
            .into_iter()
            .map(|(name, data)| (name, values(data)))
            .collect();
        (secrets, references.config_maps, references.namespaces)
    };
    references(before) == references(after)
}

/// The objects of `before` whose manifest is gone.
fn missing<'a>(
    before: &'a [Resource],
    workspace: &Workspace,
) -> impl Iterator<Item = &'a Resource> + use<'a> {
    let present: BTreeSet<ObjectKey> = workspace.resources().map(key_of).collect();
    before
        .iter()
        .filter(move |resource| !present.contains(&key_of(resource)))
}

/// Objects whose manifest is gone are being deleted, as `kubectl delete` would: those with
/// `deletionPolicy: Delete` take part until their removal is done. Returns the others, which leave
/// at once.
fn leave(before: &[Resource], workspace: &mut Workspace) -> Vec<ObjectKey> {
    let mut left = Vec::new();
    for resource in missing(before, workspace) {
        let work = workspace.tenants.get_mut(&tenant_of(resource));
        let going = work.and_then(|work| {
            let leaving = leaving(resource, &work.tenant, Timestamp::now())?;
            work.resources.push(leaving);
            Some(())
        });
        if going.is_none() {
            left.push(key_of(resource));
        }
    }
    left
}

/// A look at the tenants although nothing changed here: somebody else may have changed them.
async fn again(session: &mut Session, out: &mut impl Write) -> Result<(), CliError> {
    for seat in &mut session.seats {
        seat.host.snapshot = None;
    }
    let results = converge_in_turn(session, out).await?;
    if results.values().any(|result| result.writes > 0) {
        tell(session, &results, out)?;
    }
    Ok(())
}

fn tell(session: &Session, results: &Results, out: &mut impl Write) -> Result<(), CliError> {
    let writes: usize = results.values().map(|result| result.writes).sum();
    if session.args.output == Output::Text {
        writeln!(out, "{}", show::counted(writes, "write"))?;
    }
    crate::cli::apply::finish(
        &session.workspace,
        results,
        &session.unseen,
        session.args.output,
        out,
    )?;
    out.flush()?;
    Ok(())
}
