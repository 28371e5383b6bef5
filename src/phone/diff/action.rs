//! The Action of a custom provider (§3).

use super::{Diff, action, cause, field, provider};
use crate::api::Reason;
use crate::phone::action::{ActionDraft, Cause, Change, FieldChange};
use crate::phone::delivery::listed;
use crate::phone::desired::{Claim, DesiredAction, DesiredProvider, Sender};
use crate::phone::observed::{Content, Dependency, Observed, PhoneAction};
use crate::phone::plan::Finding;
use crate::phone::policy::unfit;

pub(super) fn compare(desired: &DesiredProvider, observed: &Observed, found: &mut Diff) {
    if observed.actions.value().is_none() {
        return;
    }
    if let Some(left) = &desired.left_action {
        remove(desired, left, observed, found);
    }
    match &desired.sender {
        Sender::Action(wanted) => match observed.action() {
            Some(existing) => update(wanted, existing, found),
            None if observed.actions().next().is_none() => create(wanted, found),
            None => {}
        },
        Sender::ActionNamed(name) => bind_named(name, &desired.claim, observed, found),
        Sender::Twilio { .. } | Sender::Nobody => return,
    }
    found.findings.extend(unmended(desired, observed));
}

/// What no write mends, and keeps the object from being Ready.
fn unmended(desired: &DesiredProvider, observed: &Observed) -> Option<Finding> {
    let (reason, message) = match (&desired.sender, observed.action()) {
        (Sender::Action(wanted), Some(existing)) if hopeless(wanted, existing) => {
            (Reason::ActionBuildFailed, existing.failure()?)
        }
        (sender, _) => {
            let (reason, message) = unfit(sender, observed)?;
            let being_made = [Reason::ActionNotDeployed, Reason::ActionBuildFailed];
            let mended = matches!(sender, Sender::Action(_)) && being_made.contains(&reason);
            let bound = observed.action().is_some_and(|it| it.deployed.is_some());
            let waits =
                matches!(sender, Sender::ActionNamed(_)) && reason == Reason::ActionNotDeployed;
            if mended || (waits && bound) {
                return None;
            }
            (reason, message)
        }
    };
    Some(Finding::blocking(&desired.claim.owner, reason, &message))
}

/// The build of this very draft failed: it would fail again.
fn hopeless(wanted: &DesiredAction, existing: &PhoneAction) -> bool {
    let same = wanted.is_like(&existing.draft) && wanted.holds_secrets(&existing.id);
    same && wanted.name == existing.name && existing.failure().is_some()
}

fn create(wanted: &DesiredAction, found: &mut Diff) {
    let draft = ActionDraft {
        name: Some(wanted.name.clone()),
        code: Some((wanted.code.clone(), wanted.code_fingerprint.clone())),
        runtime: wanted.runtime.clone(),
        dependencies: wanted.dependencies.clone(),
        secrets: wanted.secrets.clone(),
    };
    let mut fields = vec![field("action.name", None, Some(&wanted.name))];
    fields.extend(content_fields(None, &draft));
    let cause = cause(&wanted.claim, None);
    let mut push = |change, fields| {
        found
            .actions
            .push(action(&wanted.claim.owner, cause, change, fields));
    };
    push(Change::CreateAction(draft), fields);
    push(deploy(&wanted.name, true), vec![deployment(None)]);
    push(bind(&wanted.name), vec![binding()]);
}

fn update(wanted: &DesiredAction, existing: &PhoneAction, found: &mut Diff) {
    let owner = &wanted.claim.owner;
    let secrets_known = wanted.holds_secrets(&existing.id);
    let own_change = wanted.claim.made(&existing.id)
        && (!secrets_known || wanted.applied_code.as_ref() != Some(&wanted.code_fingerprint));
    let cause = match cause(&wanted.claim, Some(&existing.id)) {
        // New code in a ConfigMap and a new value in a Secret change no generation.
        Cause::Drift if own_change => Cause::Spec,
        other => other,
    };
    let draft = difference(wanted, existing, secrets_known);
    if let Some(draft) = &draft {
        let mut fields = Vec::new();
        if let Some(name) = &draft.name {
            fields.push(field("action.name", Some(&existing.name), Some(name)));
        }
        fields.extend(content_fields(Some(&existing.draft), draft));
        let change = Change::UpdateAction {
            id: existing.id.clone(),
            name: wanted.name.clone(),
            draft: draft.clone(),
        };
        found.actions.push(action(owner, cause, change, fields));
    }
    let serves = existing.current
        && existing
            .deployed
            .as_ref()
            .is_some_and(|it| wanted.is_like(it));
    // A write of the name alone makes another draft as well.
    let rebuilt = draft.is_some();
    let hopeless = hopeless(wanted, existing);
    if (rebuilt || !serves) && !hopeless {
        let fields = vec![deployment(existing.deployed.as_ref())];
        let change = deploy(&wanted.name, false);
        found.actions.push(action(owner, cause, change, fields));
    }
    if existing.bound == Some(false) && !(hopeless && existing.deployed.is_none()) {
        let change = bind(&wanted.name);
        found
            .actions
            .push(action(owner, cause, change, vec![binding()]));
    }
}

/// What has to be written for the draft to be as wanted.
fn difference(
    wanted: &DesiredAction,
    existing: &PhoneAction,
    secrets_known: bool,
) -> Option<ActionDraft> {
    let renamed = existing.name != wanted.name;
    let same = wanted.is_like(&existing.draft) && secrets_known;
    if same && !renamed {
        return None;
    }
    let now = &existing.draft;
    let secrets = wanted.secrets.as_ref().filter(|secrets| {
        !secrets_known || !now.secrets.iter().map(String::as_str).eq(secrets.names())
    });
    Some(ActionDraft {
        name: renamed.then(|| wanted.name.clone()),
        code: (now.code != wanted.code)
            .then(|| (wanted.code.clone(), wanted.code_fingerprint.clone())),
        runtime: wanted.runtime.clone().filter(|it| *it != now.runtime),
        dependencies: wanted
            .dependencies
            .clone()
            .filter(|it| *it != now.dependencies),
        secrets: secrets.cloned(),
    })
}

/// What somebody else owns is not changed. That it is bound is the trigger's matter, not the Action's.
fn bind_named(name: &str, claim: &Claim, observed: &Observed, found: &mut Diff) {
    let existing = observed
        .action()
        .filter(|it| it.name == name && it.deployed.is_some());
    if existing.is_some_and(|existing| existing.bound == Some(false)) {
        let change = bind(name);
        let cause = cause(claim, claim.known_id.as_deref());
        found
            .actions
            .push(action(&claim.owner, cause, change, vec![binding()]));
    }
}

/// The Action goes after the provider, and stays where a provider that is not ours uses it.
fn remove(desired: &DesiredProvider, left: &Claim, observed: &Observed, found: &mut Diff) {
    let Some(existing) = observed.actions().find(|it| left.made(&it.id)) else {
        return;
    };
    let provider_goes = provider::leaves_custom(desired, observed);
    if observed.is_custom() && !provider_goes {
        return;
    }
    let cause = if desired.claim.removing {
        Cause::Removal
    } else {
        Cause::Spec
    };
    let change = Change::DeleteAction {
        id: existing.id.clone(),
        name: existing.name.clone(),
    };
    let fields = vec![field("action.name", Some(&existing.name), None)];
    found
        .actions
        .push(action(&desired.claim.owner, cause, change, fields));
}

fn deploy(name: &str, by_itself: bool) -> Change {
    Change::DeployAction {
        name: name.to_owned(),
        by_itself,
    }
}

fn bind(name: &str) -> Change {
    Change::BindAction {
        name: name.to_owned(),
    }
}

fn deployment(before: Option<&Content>) -> FieldChange {
    let from = before.map_or("nothing", |_| "another version");
    field("action.deployed", Some(from), Some("this version"))
}

fn binding() -> FieldChange {
    field("action.bound", Some("false"), Some("true"))
}

/// The changed parts of the content. Code is told by its length: a plan is no place for all of it.
fn content_fields(before: Option<&Content>, draft: &ActionDraft) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    let lines = |code: &str| match code.lines().count() {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    };
    if let Some((code, _)) = &draft.code {
        let from = before.map(|before| lines(&before.code));
        let to = format!("{} (other code)", lines(code));
        let to = if before.is_some() { to } else { lines(code) };
        fields.push(field("action.code", from.as_deref(), Some(&to)));
    }
    if let Some(runtime) = &draft.runtime {
        let from = before.map(|before| before.runtime.as_str());
        fields.push(field("action.runtime", from, Some(runtime)));
    }
    if let Some(dependencies) = &draft.dependencies {
        let from = before.map(|before| packages(&before.dependencies));
        let to = packages(dependencies);
        fields.push(field("action.dependencies", from.as_deref(), Some(&to)));
    }
    if let Some(secrets) = &draft.secrets {
        let from = before.map(|before| listed(&before.secrets));
        let to = format!("{} (new values)", listed(secrets.names()));
        fields.push(field("action.secrets", from.as_deref(), Some(&to)));
    }
    fields
}

fn packages<'a>(all: impl IntoIterator<Item = &'a Dependency>) -> String {
    listed(
        all.into_iter()
            .map(|item| format!("{}@{}", item.name, item.version)),
    )
}
