//! Phone templates (§4).

use super::{Diff, action, cause, field};
use crate::api::Reason;
use crate::phone::action::{Cause, Change, FieldChange};
use crate::phone::desired::{Desired, DesiredTemplate, Sender, TwilioFrom};
use crate::phone::number::masked;
use crate::phone::observed::{Observed, Template, TemplateContent};
use crate::phone::plan::Finding;
use crate::phone::policy::{Withheld, refuses_adoption};
use crate::phone::report::shortened;

/// The most bytes of a message that a plan shows.
const SHOWN: usize = 160;
/// What two messages have in common at their beginning is left out but for this many characters.
const CONTEXT: usize = 20;

pub(super) fn compare(
    wanted: &DesiredTemplate,
    desired: &Desired,
    observed: &Observed,
    found: &mut Diff,
) {
    if observed.templates.value().is_none() {
        return;
    }
    let existing = observed.template(wanted.type_);
    if wanted.claim.removing {
        remove(wanted, existing, found);
        return;
    }
    let owner = &wanted.claim.owner;
    found
        .findings
        .extend(without_effect(wanted, desired, observed));
    // What is not Liquid, or has no code where there must be one, would be sent to people in vain.
    if !wanted.errors.is_empty() {
        let message = wanted.errors.join("; ");
        found
            .findings
            .push(Finding::blocking(owner, Reason::TemplateInvalid, &message));
        return;
    }
    let stored = existing.and_then(|template| template.id.as_deref());
    match change(wanted, existing) {
        Some((change, fields)) => {
            let cause = cause(&wanted.claim, stored);
            found.actions.push(action(owner, cause, change, fields));
        }
        // Somebody else's template does not become this object's own by being as wanted.
        None if stored.is_some_and(|id| refuses_adoption(&wanted.claim, id)) => {
            let refused = Withheld::AdoptionRefused;
            found.findings.push(Finding::blocking(
                owner,
                refused.reason(),
                &refused.message(),
            ));
        }
        None => {}
    }
}

/// Only a template that this object is known to have written is deleted; Auth0's own words, which
/// are listed without an id, cannot be.
fn remove(wanted: &DesiredTemplate, existing: Option<&Template>, found: &mut Diff) {
    let stored = existing.and_then(|template| template.id.as_ref());
    if let Some(id) = stored.filter(|id| wanted.claim.made(id)) {
        let change = Change::DeleteTemplate {
            id: id.clone(),
            type_: wanted.type_,
        };
        let fields = vec![field("type", Some(wanted.type_.as_str()), None)];
        found
            .actions
            .push(action(&wanted.claim.owner, Cause::Removal, change, fields));
    }
}

/// The write that closes the gap. What is only listed does not exist yet, so the first write
/// creates it (§4.2).
fn change(
    wanted: &DesiredTemplate,
    existing: Option<&Template>,
) -> Option<(Change, Vec<FieldChange>)> {
    let none = TemplateContent::default();
    let before = existing.map_or(&none, |template| &template.content);
    let was_off = existing.is_some_and(|template| template.disabled);
    let owned = &wanted.content;
    let kept = |owned: &Option<String>, before: &Option<String>| owned.clone().or(before.clone());
    // A write replaces the content, so what the object does not own is sent back with it (§4.3).
    let content = TemplateContent {
        from: kept(&owned.from, &before.from),
        text: kept(&owned.text, &before.text),
        voice: kept(&owned.voice, &before.voice),
    };
    let disabled = wanted.enabled.map_or(was_off, |enabled| !enabled);
    let mut fields = Vec::new();
    if disabled != was_off {
        let [from, to] = [was_off, disabled].map(|off| off.to_string());
        fields.push(field("disabled", Some(&from), Some(&to)));
    }
    fields.extend(content_fields(before, &content));
    if fields.is_empty() {
        return None;
    }
    let change = match existing.and_then(|template| template.id.clone()) {
        None => Change::CreateTemplate {
            type_: wanted.type_,
            disabled,
            content,
        },
        Some(id) => Change::UpdateTemplate {
            id,
            type_: wanted.type_,
            disabled: (disabled != was_off).then_some(disabled),
            content: (content != *before).then_some(content),
        },
    };
    Some((change, fields))
}

fn content_fields(from: &TemplateContent, to: &TemplateContent) -> Vec<FieldChange> {
    let number = |text: &Option<String>| text.as_deref().map(masked);
    let sender = (from.from != to.from).then(|| FieldChange {
        path: "content.from".to_owned(),
        from: number(&from.from),
        to: number(&to.from),
    });
    let bodies = [
        ("content.body.text", &from.text, &to.text),
        ("content.body.voice", &from.voice, &to.voice),
    ];
    let bodies = bodies.into_iter().filter(|(_, from, to)| from != to);
    let bodies = bodies.map(|(path, from, to)| {
        let common = in_common(from.as_deref(), to.as_deref());
        FieldChange {
            path: path.to_owned(),
            from: from.as_deref().map(|text| excerpt(text, common)),
            to: to.as_deref().map(|text| excerpt(text, common)),
        }
    });
    sender.into_iter().chain(bodies).collect()
}

/// How many characters of two long messages need not be shown.
fn in_common(from: Option<&str>, to: Option<&str>) -> usize {
    let (Some(from), Some(to)) = (from, to) else {
        return 0;
    };
    if from.len().max(to.len()) <= SHOWN {
        return 0;
    }
    let same = from.chars().zip(to.chars());
    let same = same.take_while(|(left, right)| left == right).count();
    same.saturating_sub(CONTEXT)
}

/// A message on one line, from where it gets interesting.
fn excerpt(text: &str, skipped: usize) -> String {
    let rest: String = text.chars().skip(skipped).collect();
    let rest = shortened(rest.replace('\n', "\\n"), SHOWN);
    if skipped == 0 {
        rest
    } else {
        format!("…{rest}")
    }
}

/// What a template says may be stored and yet not be what people get.
fn without_effect(
    wanted: &DesiredTemplate,
    desired: &Desired,
    observed: &Observed,
) -> Option<Finding> {
    let owner = &wanted.claim.owner;
    let coming = desired
        .provider
        .as_ref()
        .filter(|provider| !provider.claim.removing);
    if coming.is_none() && observed.provider.value() == Some(&None) {
        let message = "Auth0 sends its own words until the tenant has a phone provider";
        return Some(Finding::note(owner, Reason::PhoneProviderMissing, message));
    }
    let service = |sender: &Sender| {
        matches!(
            sender,
            Sender::Twilio {
                from: TwilioFrom::MessagingService(_),
                ..
            }
        )
    };
    let by_service = match coming {
        Some(provider) => service(&provider.sender),
        None => observed
            .provider()
            .is_some_and(|provider| provider.configuration.contains_key("mssid")),
    };
    (by_service && wanted.content.from.is_some()).then(|| {
        let message = "Twilio's messaging service chooses the sender: what from says is not used";
        Finding::note(owner, Reason::SenderNotUsed, message)
    })
}
