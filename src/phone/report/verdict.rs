//! The verdict on one object: Ready or not, why, and what to expect.

use jiff::Timestamp;

use super::action;
use super::conditions::merge;
use super::needed::{own_route, provider_ready};
use super::provider;
use super::rejection;
use super::template::template_valid;
use super::unreadable::unreadable;
use crate::api::{Condition, ConditionStatus, ConditionType, DriftMode, Kind, Reason};
use crate::phone::action::{Change, ObjectKey};
use crate::phone::delivery::listed_briefly;
use crate::phone::desired::Desired;
use crate::phone::outcome::{Class, Failure, Outcome, StepOutcome};
use crate::phone::policy::{Withheld, refuses_adoption, subject};

/// What is to be expected of an object that is not Ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Nothing is wrong.
    Done,
    /// It will be tried again, or waits for something that is on its way.
    Retrying,
    /// Nothing will happen before somebody changes something.
    Stalled,
}

/// What is said of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    progress: Progress,
    reason: Reason,
    message: String,
    provider: Option<Result<(), (Reason, String)>>,
    action: Option<Result<String, (Reason, String)>>,
    template: Option<Result<String, String>>,
    drifted: Option<(Reason, String)>,
    breaks: Option<(ConditionStatus, Reason, String)>,
}

impl Verdict {
    fn new(progress: Progress, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            progress,
            reason,
            message: message.into(),
            provider: None,
            action: None,
            template: None,
            drifted: None,
            breaks: None,
        }
    }

    pub(super) fn stalled(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Progress::Stalled, reason, message)
    }

    pub(super) fn retrying(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Progress::Retrying, reason, message)
    }

    pub(super) fn done(reason: Reason, message: impl Into<String>) -> Self {
        Self::new(Progress::Done, reason, message)
    }

    /// The conditions by Flux's polarity rules: Reconciling, Stalled and Drifted are there only while
    /// True, `BreaksDependents` also while nobody knows, and never Reconciling or Stalled beside Ready.
    pub(super) fn conditions(
        self,
        previous: &[Condition],
        generation: Option<i64>,
        now: Timestamp,
    ) -> Vec<Condition> {
        use ConditionStatus::{False, True};
        let ready = if self.progress == Progress::Done {
            True
        } else {
            False
        };
        let mut wanted = vec![(
            ConditionType::Ready,
            ready,
            self.reason,
            self.message.clone(),
        )];
        match self.progress {
            Progress::Done => {}
            Progress::Retrying => {
                wanted.push((ConditionType::Reconciling, True, self.reason, self.message));
            }
            Progress::Stalled => {
                wanted.push((ConditionType::Stalled, True, self.reason, self.message));
            }
        }
        match self.provider {
            None => {}
            Some(Ok(())) => wanted.push((
                ConditionType::ProviderReady,
                True,
                Reason::Succeeded,
                "the phone provider delivers what this needs".to_owned(),
            )),
            Some(Err((reason, message))) => {
                wanted.push((ConditionType::ProviderReady, False, reason, message));
            }
        }
        match self.action {
            None => {}
            Some(Ok(message)) => {
                let deployed = ConditionType::ActionDeployed;
                wanted.push((deployed, True, Reason::Succeeded, message));
            }
            Some(Err((reason, message))) => {
                wanted.push((ConditionType::ActionDeployed, False, reason, message));
            }
        }
        let template = self.template.map(|verdict| match verdict {
            Ok(message) => (True, Reason::Succeeded, message),
            Err(message) => (False, Reason::TemplateInvalid, message),
        });
        wanted.extend(template.map(|(status, reason, message)| {
            (ConditionType::TemplateValid, status, reason, message)
        }));
        if let Some((reason, message)) = self.drifted {
            wanted.push((ConditionType::Drifted, True, reason, message));
        }
        if let Some((status, reason, message)) = self.breaks {
            wanted.push((ConditionType::BreaksDependents, status, reason, message));
        }
        merge(previous, wanted, generation, now)
    }
}

/// The verdict on one object after a pass.
pub(super) fn verdict(desired: &Desired, outcome: &Outcome, object: &ObjectKey) -> Verdict {
    let provider = provider_ready(desired, &outcome.observed, object);
    let main = rejection(desired, object)
        .map(|rejection| Verdict::stalled(rejection.reason, rejection.message.clone()))
        .or_else(|| unreadable(desired, &outcome.observed, object))
        .or_else(|| from_steps(outcome, object, matches!(provider, Some(Err(_)))))
        .or_else(|| refused_adoption(desired, outcome, object))
        .or_else(|| from_findings(outcome, object))
        .or_else(|| match &provider {
            Some(Err((reason, message))) => Some(not_delivered(*reason, message.clone())),
            _ => None,
        })
        .or_else(|| not_honoured(outcome, object))
        .unwrap_or_else(|| settled(outcome, object));
    Verdict {
        provider: provider.map(|ready| ready.and_then(|()| own_route(desired, outcome, object))),
        action: action::deployed(desired, outcome, object),
        template: template_valid(desired, object),
        drifted: drifted(outcome, object),
        breaks: provider::breaks(desired, &outcome.observed, object),
        ..main
    }
}

/// A missing provider or Action may be on its way; a disabled or narrow one is somebody's choice.
fn not_delivered(reason: Reason, message: String) -> Verdict {
    match reason {
        Reason::PhoneProviderMissing | Reason::ActionNotFound | Reason::ActionNotDeployed => {
            Verdict::retrying(reason, message)
        }
        _ => Verdict::stalled(reason, message),
    }
}

/// What became of the object's own steps: the first that went wrong decides.
///
/// What a step lacked at its moment is told by the state after the pass where that still lacks
/// something: the next pass would tell it so too, and a status must not change while nothing does.
fn from_steps(outcome: &Outcome, object: &ObjectKey, undelivered: bool) -> Option<Verdict> {
    let own = outcome.plan.steps.iter().zip(&outcome.steps);
    own.filter(|(step, _)| step.action.owner == *object)
        .find_map(|(_, result)| match result {
            StepOutcome::Applied => None,
            StepOutcome::Failed(failure) => Some(from_failure(failure)),
            StepOutcome::Unreached(index) => {
                let step = outcome.plan.steps.get(*index)?;
                let summary = step.action.change.summary();
                let message = format!("waits for \"{summary}\" of {}", step.action.owner);
                Some(Verdict::retrying(Reason::DependencyNotReady, message))
            }
            StepOutcome::Withheld(Withheld::Precondition(..) | Withheld::Needs { .. })
                if undelivered =>
            {
                None
            }
            StepOutcome::Withheld(withheld) => from_withheld(withheld),
        })
}

/// What exists is as the object wants it and not the object's to take over.
fn refused_adoption(desired: &Desired, outcome: &Outcome, object: &ObjectKey) -> Option<Verdict> {
    let (claim, existing) = subject(object, desired, &outcome.observed)?;
    let strange = refuses_adoption(claim, existing?);
    let steps = outcome.plan.steps.iter().zip(&outcome.steps);
    // The Action of a provider is another thing than the provider.
    let about =
        |change: &Change| object.kind != Kind::PhoneProvider || provider::about_provider(change);
    let mut own = steps.filter(|(step, _)| step.action.owner == *object);
    let wrote =
        own.any(|(step, result)| *result == StepOutcome::Applied && about(&step.action.change));
    (strange && !wrote && !claim.removing)
        .then(|| Verdict::stalled(Reason::AdoptionRefused, Withheld::AdoptionRefused.message()))
}

pub(super) fn from_failure(failure: &Failure) -> Verdict {
    match failure.class {
        Class::Terminal => Verdict::stalled(failure.reason, failure.message.clone()),
        Class::Throttled(_) | Class::Pending | Class::Transient | Class::Gone => {
            Verdict::retrying(failure.reason, failure.message.clone())
        }
    }
}

fn from_withheld(withheld: &Withheld) -> Option<Verdict> {
    let (reason, message) = (withheld.reason(), withheld.message());
    match withheld {
        // A suspended tenant is told of before it comes to steps; drift and observe-only
        // differences are told by the condition Drifted.
        Withheld::Suspended | Withheld::ObserveOnly | Withheld::Drift(_) => None,
        Withheld::Needs { .. } => Some(Verdict::retrying(reason, message)),
        Withheld::Precondition(..) => Some(not_delivered(reason, message)),
        Withheld::AdoptionRefused
        | Withheld::AdoptionTargetMissing
        | Withheld::BreakingChange(_) => Some(Verdict::stalled(reason, message)),
    }
}

/// What keeps the object from being Ready in the tenant as it is now: what this pass created may
/// show less than it was given, and the next pass would tell that.
fn from_findings(outcome: &Outcome, object: &ObjectKey) -> Option<Verdict> {
    let mut own = outcome
        .remaining
        .findings
        .iter()
        .filter(|item| item.owner == *object && item.blocking);
    let first = own.next()?;
    let more = own.count();
    let message = match more {
        0 => first.message.clone(),
        more => format!("{} (and {more} more)", first.message),
    };
    Some(not_delivered(first.reason, message))
}

/// Auth0 accepted a write, and the same write is still due.
fn not_honoured(outcome: &Outcome, object: &ObjectKey) -> Option<Verdict> {
    let wrote = outcome
        .plan
        .steps
        .iter()
        .zip(&outcome.steps)
        .any(|(step, result)| step.action.owner == *object && *result == StepOutcome::Applied);
    let (_, step) = outcome
        .remaining
        .due()
        .find(|(_, step)| step.action.owner == *object)?;
    wrote.then(|| {
        let fields = listed_briefly(step.action.fields.iter().map(|field| &field.path));
        let message =
            format!("Auth0 accepted the write and still shows something else for {fields}");
        Verdict::stalled(Reason::WriteNotHonoured, message)
    })
}

fn settled(outcome: &Outcome, object: &ObjectKey) -> Verdict {
    let withheld = withheld_by(outcome, object, |withheld| {
        *withheld == Withheld::ObserveOnly
    });
    if withheld > 0 {
        let message = format!("observe-only: {withheld} differences are reported, none is written");
        return Verdict::done(Reason::ObserveOnly, message);
    }
    Verdict::done(Reason::Succeeded, "the tenant is as this object says")
}

fn withheld_by(outcome: &Outcome, object: &ObjectKey, by: impl Fn(&Withheld) -> bool) -> usize {
    let own = outcome.plan.steps.iter().zip(&outcome.steps);
    own.filter(|(step, result)| {
        step.action.owner == *object
            && matches!(result, StepOutcome::Withheld(withheld) if by(withheld))
    })
    .count()
}

fn drifted(outcome: &Outcome, object: &ObjectKey) -> Option<(Reason, String)> {
    let mut fields = Vec::new();
    let mut reason = Reason::DriftDetected;
    for (step, result) in outcome.plan.steps.iter().zip(&outcome.steps) {
        let StepOutcome::Withheld(withheld) = result else {
            continue;
        };
        let shown = match withheld {
            Withheld::ObserveOnly => {
                reason = Reason::ObserveOnly;
                true
            }
            Withheld::Drift(mode) => *mode == DriftMode::Warn,
            _ => false,
        };
        if shown && step.action.owner == *object {
            fields.extend(step.action.fields.iter().map(|field| field.path.clone()));
        }
    }
    (!fields.is_empty()).then(|| {
        (
            reason,
            format!("the tenant differs in {}", listed_briefly(fields)),
        )
    })
}
