//! Which actions are withheld, and why: suspension, observe-only, drift mode, adoption, missing
//! preconditions, and changes that would break sign-in.

use std::collections::BTreeSet;

use super::acknowledgement::{ACKNOWLEDGE, named};
use super::action::{Action, Cause, Change, ObjectKey};
use super::delivery::{DeliveryMethod, either, listed, listed_briefly, undeliverable};
use super::desired::{Claim, Desired, DesiredProvider};
use super::flow::{Flow, phone_use};
use super::observed::{Observed, Refusal, Strategy};
use crate::api::{
    Adopt, Auth0Tenant, DriftMode, ManagementPolicy, OnBreakingChange, Reason,
    UnifiedPhoneExperience,
};
use crate::template::TemplateType;

mod custom;
mod sight;

pub(crate) use custom::{makes_custom, unfit};
pub(crate) use sight::{Unjudged, hidden_options, may_remain, refuses_blindly, unjudged};

/// What the tenant object says about how its tenant may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `spec.suspend`
    pub suspended: bool,
    /// `spec.managementPolicy`
    pub management: ManagementPolicy,
    /// `spec.drift.mode`
    pub drift: DriftMode,
}

impl Policy {
    /// The policy that a tenant's object sets.
    #[must_use]
    pub fn of(tenant: &Auth0Tenant) -> Self {
        let spec = &tenant.spec;
        Self {
            suspended: spec.suspend,
            management: spec.management_policy,
            drift: spec.drift.unwrap_or_default().mode,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            suspended: false,
            management: ManagementPolicy::Manage,
            drift: DriftMode::Correct,
        }
    }
}

/// Why a planned action is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The tenant is suspended.
    Suspended,
    /// The tenant is observe-only.
    ObserveOnly,
    /// The difference is drift, and drift is only reported or ignored.
    Drift(DriftMode),
    /// What exists already must not be taken over (`adopt: Never`).
    AdoptionRefused,
    /// There is nothing to take over (`adopt: Require`).
    AdoptionTargetMissing,
    /// The change would break these flows (`onBreakingChange: Block`).
    BreakingChange(BTreeSet<Flow>),
    /// The tenant is not ready for it: the reason and what to do.
    Precondition(Reason, String),
    /// An earlier step is withheld without which this one must not be carried out.
    Needs {
        /// The object whose step is withheld.
        owner: ObjectKey,
        /// What that step would do.
        summary: String,
    },
}

impl Withheld {
    /// The write is possible, and people chose not to have it: what it would break is still shown.
    #[must_use]
    pub const fn is_a_choice(&self) -> bool {
        matches!(
            self,
            Self::Suspended | Self::ObserveOnly | Self::Drift(_) | Self::BreakingChange(_)
        )
    }

    /// Nothing of the tenant is written at all, so the plan is shown as it would run.
    #[must_use]
    pub const fn only_shown(&self) -> bool {
        matches!(self, Self::Suspended | Self::ObserveOnly)
    }

    /// The machine's reason.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Suspended => Reason::Suspended,
            Self::ObserveOnly => Reason::ObserveOnly,
            Self::Drift(DriftMode::Ignore) => Reason::DriftIgnored,
            Self::Drift(_) => Reason::DriftDetected,
            Self::AdoptionRefused => Reason::AdoptionRefused,
            Self::AdoptionTargetMissing => Reason::AdoptionTargetMissing,
            Self::BreakingChange(_) => Reason::BreakingChangeBlocked,
            Self::Precondition(reason, _) => *reason,
            Self::Needs { .. } => Reason::DependencyNotReady,
        }
    }

    /// For people: why, and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Suspended => "the tenant is suspended".to_owned(),
            Self::ObserveOnly => "the tenant is observe-only".to_owned(),
            Self::Drift(DriftMode::Ignore) => "drift is ignored".to_owned(),
            Self::Drift(_) => "drift is only reported".to_owned(),
            Self::AdoptionRefused => {
                "it exists already and adopt is Never: set adopt to IfExists to take it over".into()
            }
            Self::AdoptionTargetMissing => {
                "there is none to take over and adopt is Require: set adopt to IfExists to create it"
                    .into()
            }
            Self::BreakingChange(flows) => format!(
                "it would break {}; acknowledge with annotation {ACKNOWLEDGE}: {}",
                listed_briefly(flows),
                named(flows)
            ),
            Self::Precondition(_, message) => message.clone(),
            Self::Needs { owner, summary } => format!("it needs \"{summary}\" of {owner} first"),
        }
    }
}

/// The provider whose write this is, where its object blocks what breaks flows.
fn blocking<'a>(action: &Action, desired: &'a Desired) -> Option<&'a DesiredProvider> {
    let provider = desired.provider.as_ref()?;
    let own = provider.claim.owner == action.owner;
    (own && provider.on_breaking_change == OnBreakingChange::Block).then_some(provider)
}

/// Whether a write of the provider is withheld because of what it would break.
pub(crate) fn refuses_break(
    action: &Action,
    desired: &Desired,
    breaks: &BTreeSet<Flow>,
) -> Option<Withheld> {
    let provider = blocking(action, desired)?;
    let open: BTreeSet<Flow> = breaks
        .iter()
        .filter(|flow| !flow.is_among(&provider.acknowledged))
        .cloned()
        .collect();
    (!open.is_empty()).then_some(Withheld::BreakingChange(open))
}

/// What is withheld by the tenant's policy or by the object's own.
pub(crate) fn withhold(
    action: &Action,
    desired: &Desired,
    observed: &Observed,
    policy: Policy,
) -> Option<Withheld> {
    if policy.suspended {
        return Some(Withheld::Suspended);
    }
    if policy.management == ManagementPolicy::Observe {
        return Some(Withheld::ObserveOnly);
    }
    if action.cause == Cause::Drift && policy.drift != DriftMode::Correct {
        return Some(Withheld::Drift(policy.drift));
    }
    adoption(action, desired, observed)
}

/// Whether the object that owns this action may take over or create what the action is about.
fn adoption(action: &Action, desired: &Desired, observed: &Observed) -> Option<Withheld> {
    let (claim, existing_id) = custom::subject(action, desired, observed)
        .or_else(|| subject(&action.owner, desired, observed))?;
    if claim.removing {
        return None;
    }
    match (claim.adopt, existing_id) {
        (_, Some(id)) if refuses_adoption(claim, id) => Some(Withheld::AdoptionRefused),
        (Adopt::Require, None) if claim.known_id.is_none() => Some(Withheld::AdoptionTargetMissing),
        _ => None,
    }
}

/// Whether what exists under this id is somebody else's, and the object must not take it over.
pub(crate) fn refuses_adoption(claim: &Claim, existing_id: &str) -> bool {
    claim.adopt == Adopt::Never && !claim.made(existing_id)
}

/// The claim of an object, and the id of what it is about where that exists already; `None` for
/// objects that are about nothing that is created.
pub(crate) fn subject<'a>(
    owner: &ObjectKey,
    desired: &'a Desired,
    observed: &'a Observed,
) -> Option<(&'a Claim, Option<&'a str>)> {
    let claimed = |claim: &Claim| claim.owner == *owner;
    if let Some(provider) = desired.provider.as_ref().filter(|it| claimed(&it.claim)) {
        let existing = observed.provider().map(|item| item.id.as_str());
        return Some((&provider.claim, existing));
    }
    if let Some(template) = desired.templates.iter().find(|it| claimed(&it.claim)) {
        let stored = observed.template(template.type_);
        let existing = stored.and_then(|item| item.id.as_deref());
        return Some((&template.claim, existing));
    }
    if let Some(identifier) = desired.identifiers.iter().find(|it| claimed(&it.claim)) {
        let connection = observed.connection(Strategy::Auth0, &identifier.connection);
        let existing = connection.filter(|item| item.has_phone_number());
        return Some((&identifier.claim, existing.map(|item| item.id.as_str())));
    }
    let connection = desired.connections.iter().find(|it| claimed(&it.claim))?;
    let existing = observed.connection(Strategy::Sms, &connection.name);
    Some((&connection.claim, existing.map(|item| item.id.as_str())))
}

/// What the tenant must have before this write makes sense (§14), judged at the moment when the
/// write would be sent.
pub(crate) fn gate(action: &Action, desired: &Desired, state: &Observed) -> Option<Withheld> {
    if makes_custom(&action.change) {
        let unfit = custom::gate(desired, state);
        return unfit.map(|(reason, message)| Withheld::Precondition(reason, message));
    }
    let (needed, what): (BTreeSet<DeliveryMethod>, String) = match &action.change {
        // The tenant flag is about features; a test message asks the provider alone.
        Change::SendTestMessage {
            method, template, ..
        } => {
            let missing = undelivered(state, &[*method].into(), "the test message")
                .or_else(|| not_stored(state, (*template)?));
            return missing.map(|(reason, message)| Withheld::Precondition(reason, message));
        }
        Change::SetFactor { enabled: true } => (BTreeSet::new(), "the MFA phone factor".to_owned()),
        Change::SetMessageTypes(types) => {
            let offered = state.delivers();
            let missing = undeliverable(types, &offered);
            let needed = missing.iter().map(|kind| kind.needs()).collect();
            (needed, format!("MFA by {}", listed(missing)))
        }
        Change::CreateConnection { .. } => (
            [DeliveryMethod::Text].into(),
            "passwordless sign-in".to_owned(),
        ),
        Change::SetConnectionClients { enable, .. } if !enable.is_empty() => (
            [DeliveryMethod::Text].into(),
            "passwordless sign-in".to_owned(),
        ),
        Change::UpdateConnection { .. } => return gate_identifier(&action.change, state),
        _ => return None,
    };
    precondition(desired, state, &needed, &what)
        .map(|(reason, message)| Withheld::Precondition(reason, message))
}

/// A phone number identifies nobody who gets no code: sign-up and password reset would fail.
fn gate_identifier(change: &Change, state: &Observed) -> Option<Withheld> {
    let begun = phone_use(change, state).begun;
    let needed = begun.iter().map(Flow::needs).collect();
    let undelivered = (!begun.is_empty()).then(|| undelivered(state, &needed, BY_NUMBER));
    let (reason, message) = undelivered??;
    Some(Withheld::Precondition(reason, message))
}

/// What a phone identifier is for.
pub(crate) const BY_NUMBER: &str = "sign-in by phone number";

/// Whether the tenant can deliver by all of these methods; if not, why and what to do.
pub(crate) fn precondition(
    desired: &Desired,
    state: &Observed,
    needed: &BTreeSet<DeliveryMethod>,
    what: &str,
) -> Option<(Reason, String)> {
    if let Some(refusal) = state.provider.refusal().or(state.unified.refusal()) {
        return Some(refused(refusal, "the phone provider"));
    }
    if state.unified.value() == Some(&false) {
        let tenant = &desired.tenant;
        let message = match desired.unified {
            UnifiedPhoneExperience::Enable => format!(
                "the tenant's unified phone experience is off: {tenant} is to turn it on, and its \
                 conditions say why it has not"
            ),
            UnifiedPhoneExperience::Require => format!(
                "the tenant's unified phone experience is off: set spec.unifiedPhoneExperience of \
                 {tenant} to Enable, or turn it on in the dashboard"
            ),
        };
        return Some((Reason::UnifiedPhoneExperienceOff, message));
    }
    undelivered(state, needed, what)
}

/// Whether a template is not stored in the tenant: what Auth0 sends by itself cannot be tried (§4.2).
fn not_stored(state: &Observed, type_: TemplateType) -> Option<(Reason, String)> {
    let template = state.template(type_);
    template.and_then(|it| it.id.as_ref()).is_none().then(|| {
        let message = format!(
            "the test message needs the template {type_}, and the tenant stores none of its own: \
             create a PhoneTemplate"
        );
        (Reason::TemplateMissing, message)
    })
}

/// The same for what goes through the phone provider in every tenant, as phone identifiers and test
/// messages do.
pub(crate) fn undelivered(
    state: &Observed,
    needed: &BTreeSet<DeliveryMethod>,
    what: &str,
) -> Option<(Reason, String)> {
    if let Some(refusal) = state.provider.refusal() {
        return Some(refused(refusal, "the phone provider"));
    }
    let Some(provider) = state.provider() else {
        return Some((
            Reason::PhoneProviderMissing,
            format!("{what} needs a phone provider, and the tenant has none"),
        ));
    };
    if provider.disabled {
        return Some((
            Reason::PhoneProviderDisabled,
            format!("{what} needs the phone provider, which is disabled"),
        ));
    }
    if state.is_custom() && !state.action_runs() {
        let message = format!(
            "{what} needs the phone provider, which is an Action, and none is deployed and bound"
        );
        return Some((Reason::ActionNotDeployed, message));
    }
    let missing: BTreeSet<DeliveryMethod> =
        needed.difference(&provider.offers()).copied().collect();
    (!missing.is_empty()).then(|| {
        (
            Reason::DeliveryMethodMissing,
            format!(
                "{what} needs delivery method {}, and the phone provider delivers {}",
                listed(missing),
                listed(provider.offers())
            ),
        )
    })
}

/// A refused read as reason and message.
pub(crate) fn refused(refusal: &Refusal, what: &str) -> (Reason, String) {
    match refusal {
        Refusal::InsufficientScope(scopes) => (
            Reason::InsufficientScope,
            format!(
                "Auth0 refuses to show {what}: grant the Management API application {}",
                either(scopes)
            ),
        ),
        Refusal::PlanUnsupported(message) => (
            Reason::PlanUnsupported,
            format!("Auth0 does not offer {what} here: {message}"),
        ),
        Refusal::Other(message) => (
            Reason::ApiError,
            format!("Auth0 refuses to show {what}: {message}"),
        ),
    }
}
