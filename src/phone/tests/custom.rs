//! The custom provider: its Action before it, and nothing twice.

use super::build::*;
use crate::api::{Adopt, DriftMode, Reason};
use crate::phone::action::{Cause, Change};
use crate::phone::delivery::DeliveryMethod;
use crate::phone::desired::{Claim, Desired, DesiredProvider, Sender};
use crate::phone::observed::{Build, Observed, PhoneAction, Reading};
use crate::phone::plan::{Plan, plan};
use crate::phone::policy::Policy;

fn planned(provider: DesiredProvider, observed: &Observed) -> Plan {
    plan(&wanting(provider), observed, &Policy::default())
}

fn wanting(provider: DesiredProvider) -> Desired {
    desired(Some(provider), None, vec![])
}

/// The plan as people read it, with what withholds a step and what each needs.
fn lines(plan: &Plan) -> Vec<String> {
    let line = |step: &crate::phone::plan::Step| {
        let summary = step.action.change.summary();
        let needs: Vec<String> = step.needs.iter().map(|need| format!(" <{need}")).collect();
        let needs = needs.concat();
        match &step.withheld {
            None => format!("{summary}{needs}"),
            Some(withheld) => format!("[{summary}: {}]", withheld.reason()),
        }
    };
    plan.steps.iter().map(line).collect()
}

/// What the object remembers of the Action that it has set up.
fn left_action() -> Claim {
    desired_action("code-1").claim
}

fn findings(plan: &Plan) -> Vec<Reason> {
    plan.findings.iter().map(|finding| finding.reason).collect()
}

fn unknown(mut provider: DesiredProvider) -> DesiredProvider {
    provider.claim.known_id = None;
    if let Sender::Action(action) = &mut provider.sender {
        action.claim.known_id = None;
        action.applied_code = None;
    }
    provider
}

#[test]
fn an_empty_tenant_gets_the_action_before_the_provider() {
    let mut tenant = empty_tenant();
    tenant.actions = Reading::Read(Vec::new());
    let made = planned(unknown(desired_custom(desired_action("code-1"))), &tenant);
    assert_eq!(
        lines(&made),
        [
            "create Action sender",
            "deploy Action sender <0",
            "bind Action sender to custom-phone-provider <0 <1",
            "create phone provider custom <0 <1 <2",
        ]
    );
    assert_eq!(findings(&made), []);
}

#[test]
fn twilio_becomes_custom_in_place_once_the_action_runs_and_back_again() {
    let mut tenant = full_tenant();
    tenant.actions = Reading::Read(Vec::new());
    let made = planned(desired_custom(desired_action("code-1")), &tenant);
    let switch = made.steps.last().expect("a step");
    assert_eq!(switch.needs, [0, 1, 2]);
    let Change::UpdateProvider { id, patch } = &switch.action.change else {
        panic!("{switch:?}");
    };
    assert_eq!((id.as_str(), patch.auth_token.is_none()), ("pro_1", true));
    let methods = patch.configuration.as_ref().map(serde_json::Map::len);
    assert_eq!(methods, Some(1));
    assert!(made.hazards.is_empty());

    let tenant = custom_tenant(vec![phone_action("code-1")]);
    let mut back = desired_provider(&DeliveryMethod::ALL);
    let orphaned = planned(back.clone(), &tenant);
    assert_eq!(lines(&orphaned), ["switch phone provider to twilio"]);
    assert!(orphaned.hazards.is_empty());
    back.left_action = Some(left_action());
    assert_eq!(
        lines(&planned(back, &tenant)),
        ["switch phone provider to twilio", "delete Action sender <0"]
    );
}

#[test]
fn what_runs_already_is_left_alone() {
    let tenant = custom_tenant(vec![phone_action("code-1")]);
    let made = planned(desired_custom(desired_action("code-1")), &tenant);
    assert!(made.is_empty() && made.findings.is_empty(), "{made:#?}");
}

#[test]
fn secrets_that_are_kept_elsewhere_are_taken_for_those_that_are_there() {
    let mut existing = phone_action("code-1");
    existing.draft.secrets = ["KEY".to_owned()].into();
    if let Some(deployed) = &mut existing.deployed {
        deployed.secrets = existing.draft.secrets.clone();
    }
    let tenant = custom_tenant(vec![existing]);
    let mut action = desired_action("code-1");
    let mut secrets = action_secrets("one");
    let (name, _) = secrets.values.remove(0);
    secrets.unseen.insert(name);
    action.secrets = Some(secrets);
    let made = planned(unknown(desired_custom(action.clone())), &tenant);
    assert!(made.is_empty(), "{made:#?}");
    // Another name is seen.
    let secrets = action.secrets.as_mut().expect("secrets");
    secrets.unseen.insert("OTHER".to_owned());
    let made = planned(unknown(desired_custom(action)), &tenant);
    assert_eq!(
        lines(&made),
        ["update Action sender", "deploy Action sender <0"]
    );
    let shown = made.steps[0].action.fields[0].to.as_deref();
    assert_eq!(shown, Some("KEY and OTHER (new values)"));
}

#[test]
fn other_code_and_other_secrets_are_a_new_version() {
    let tenant = custom_tenant(vec![phone_action("code-1")]);
    let mut action = desired_action("code-2");
    action.applied_code = Some(desired_action("code-1").code_fingerprint);
    let two = ["update Action sender", "deploy Action sender <0"];
    assert_eq!(lines(&planned(desired_custom(action), &tenant)), two);

    let mut holding = phone_action("code-1");
    for content in [Some(&mut holding.draft), holding.deployed.as_mut()] {
        content.expect("content").secrets.insert("KEY".to_owned());
    }
    let tenant = custom_tenant(vec![holding]);
    let mut action = desired_action("code-1");
    action.secrets = Some(action_secrets("one"));
    action.applied_secrets = Some(action_secrets("one").fingerprint);
    let made = planned(desired_custom(action.clone()), &tenant);
    assert!(made.is_empty(), "{made:#?}");
    action.secrets = Some(action_secrets("two"));
    // A new value is never drift.
    action.claim.settled = true;
    let made = planned(desired_custom(action), &tenant);
    assert_eq!(lines(&made), two);
    assert!(
        made.steps
            .iter()
            .all(|step| step.action.cause == Cause::Spec)
    );
    let shown = format!("{made:?}");
    assert!(!shown.contains("two"), "{shown}");
}

#[test]
fn code_edited_in_the_dashboard_is_drift_and_new_code_here_is_not() {
    let tenant = custom_tenant(vec![phone_action("by hand")]);
    let mut action = desired_action("code-1");
    action.claim.settled = true;
    let policy = Policy {
        drift: DriftMode::Warn,
        ..Policy::default()
    };
    let made = plan(&wanting(desired_custom(action.clone())), &tenant, &policy);
    assert_eq!(
        lines(&made),
        [
            "[update Action sender: DriftDetected]",
            "[deploy Action sender: DriftDetected]"
        ]
    );
    action.code = "code-2".to_owned();
    action.code_fingerprint = desired_action("code-2").code_fingerprint;
    let made = plan(&wanting(desired_custom(action)), &tenant, &policy);
    assert!(made.due().count() == 2, "{made:#?}");
}

#[test]
fn a_pass_that_ended_on_the_way_is_taken_up_where_it_ended() {
    let after = |change: fn(&mut PhoneAction)| {
        let mut action = phone_action("code-1");
        change(&mut action);
        let tenant = custom_tenant(vec![action]);
        lines(&planned(desired_custom(desired_action("code-1")), &tenant))
    };
    let written = after(|it| {
        it.build = Build::Running;
        (it.deployed, it.current, it.bound) = (None, false, Some(false));
    });
    let (deploy, bind) = (
        "deploy Action sender",
        "bind Action sender to custom-phone-provider",
    );
    assert_eq!(written, [deploy.to_owned(), format!("{bind} <0")]);
    assert_eq!(after(|it| it.bound = Some(false)), [bind]);
    assert_eq!(after(|it| it.current = false), [deploy]);
    // Somebody went back to another version and left the draft alone.
    assert_eq!(after(|it| it.deployed = Some(content("code-0"))), [deploy]);
}

#[test]
fn a_build_that_failed_is_not_tried_again_and_what_ran_before_goes_on() {
    let mut failed = phone_action("code-1");
    failed.build = Build::Failed(Some("no such package".to_owned()));
    (failed.current, failed.deployed) = (false, Some(content("code-0")));
    let mut provider = desired_custom(desired_action("code-1"));
    provider.delivery_methods = [DeliveryMethod::Text].into();
    let tenant = custom_tenant(vec![failed.clone()]);
    let made = planned(provider.clone(), &tenant);
    assert_eq!(lines(&made), ["update phone provider"]);
    assert_eq!(findings(&made), [Reason::ActionBuildFailed]);
    let message = &made.findings[0].message;
    assert!(message.contains("no such package"), "{message}");
    assert!(message.contains("goes on serving"), "{message}");
    assert!(tenant.action_runs());

    // A provider that is not custom yet does not become so.
    let mut twilio = full_tenant();
    (failed.deployed, failed.bound) = (None, Some(false));
    twilio.actions = Reading::Read(vec![failed]);
    let made = planned(provider, &twilio);
    assert_eq!(
        lines(&made),
        ["[switch phone provider to custom: ActionBuildFailed]"]
    );
    assert!(made.hazards.is_empty());
    let other = planned(desired_custom(desired_action("code-2")), &twilio);
    assert!(other.due().count() == 4, "{other:#?}");
    assert_eq!(findings(&other), []);
}

#[test]
fn an_action_of_somebody_else_is_never_written_and_waited_for() {
    let named = || DesiredProvider {
        sender: Sender::ActionNamed("sender".to_owned()),
        ..desired_provider(&DeliveryMethod::ALL)
    };
    let with = |actions: Vec<PhoneAction>| {
        let mut tenant = full_tenant();
        tenant.actions = Reading::Read(actions);
        let made = planned(named(), &tenant);
        (lines(&made), findings(&made))
    };
    let withheld = |reason: &str| vec![format!("[switch phone provider to custom: {reason}]")];
    assert_eq!(
        with(vec![]),
        (withheld("ActionNotFound"), vec![Reason::ActionNotFound])
    );
    let mut other = phone_action("theirs");
    other.name = "other".to_owned();
    assert_eq!(
        with(vec![other]),
        (withheld("ActionNotFound"), vec![Reason::ActionNotFound])
    );
    let mut draft = phone_action("theirs");
    (draft.deployed, draft.current, draft.bound) = (None, false, Some(false));
    assert_eq!(
        with(vec![draft]),
        (
            withheld("ActionNotDeployed"),
            vec![Reason::ActionNotDeployed]
        )
    );
    let switch = "switch phone provider to custom".to_owned();
    assert_eq!(
        with(vec![phone_action("theirs")]),
        (vec![switch.clone()], vec![])
    );
    let mut unbound = phone_action("theirs");
    unbound.bound = Some(false);
    let bind = "bind Action sender to custom-phone-provider".to_owned();
    assert_eq!(
        with(vec![unbound]),
        (vec![bind, format!("{switch} <0")], vec![])
    );
}

#[test]
fn several_actions_are_nobodys_guess() {
    let mut second = phone_action("code-1");
    second.id = "act_2".to_owned();
    let mut tenant = full_tenant();
    tenant.actions = Reading::Read(vec![phone_action("code-1"), second]);
    let made = planned(desired_custom(desired_action("code-1")), &tenant);
    assert_eq!(
        lines(&made),
        ["[switch phone provider to custom: ActionAmbiguous]"]
    );
    assert!(
        made.findings[0].message.contains("act_1") && made.findings[0].message.contains("act_2")
    );
}

#[test]
fn adoption_of_an_action_is_asked_for_as_that_of_a_provider() {
    let mut tenant = full_tenant();
    tenant.actions = Reading::Read(vec![phone_action("theirs")]);
    let with = |adopt: Adopt, creating: bool| {
        let mut provider = desired_custom(desired_action("code-1"));
        let Sender::Action(action) = &mut provider.sender else {
            panic!("no Action");
        };
        action.claim.known_id = None;
        action.claim.creating = creating;
        action.claim.adopt = adopt;
        lines(&planned(provider, &tenant))
    };
    assert_eq!(
        with(Adopt::Never, false),
        [
            "[update Action sender: AdoptionRefused]",
            "[deploy Action sender: AdoptionRefused]",
            "[switch phone provider to custom: DependencyNotReady]",
        ]
    );
    assert_eq!(with(Adopt::Require, false).len(), 3);
    assert_eq!(with(Adopt::Require, false), with(Adopt::IfExists, false));
    // It was about to create one, and does not know what came of it.
    assert_eq!(with(Adopt::Never, true), with(Adopt::IfExists, false));
    tenant.actions = Reading::Read(vec![]);
    let mut provider = desired_custom(desired_action("code-1"));
    if let Sender::Action(action) = &mut provider.sender {
        action.claim.known_id = None;
        action.claim.adopt = Adopt::Require;
    }
    let made = lines(&planned(provider, &tenant));
    assert_eq!(made[0], "[create Action sender: AdoptionTargetMissing]");
    assert!(made.iter().all(|line| line.starts_with('[')), "{made:?}");
}

#[test]
fn the_action_goes_after_the_provider_and_stays_where_another_uses_it() {
    let mut leaving = desired_provider(&DeliveryMethod::ALL);
    leaving.sender = Sender::Nobody;
    leaving.claim.removing = true;
    leaving.left_action = Some(left_action());
    let tenant = custom_tenant(vec![phone_action("code-1")]);
    let made = planned(leaving.clone(), &tenant);
    assert_eq!(
        lines(&made),
        ["delete phone provider", "delete Action sender <0"]
    );
    assert!(!made.hazards.is_empty());
    // Its creation was not heard of.
    let known = leaving.left_action.replace(Claim {
        known_id: None,
        creating: true,
        ..left_action()
    });
    assert_eq!(planned(leaving.clone(), &tenant).steps.len(), 2);
    leaving.left_action = known;
    // Somebody else's provider sends through it.
    leaving.claim.known_id = None;
    assert!(planned(leaving.clone(), &tenant).is_empty());
    // Somebody else's Action is not ours to delete.
    leaving.claim.known_id = Some("pro_1".to_owned());
    leaving.left_action = None;
    assert_eq!(lines(&planned(leaving, &tenant)), ["delete phone provider"]);
}

#[test]
fn a_custom_provider_without_a_running_action_delivers_nothing() {
    let works = |tenant: &Observed| crate::phone::flow::working(tenant).len();
    let whole = works(&custom_tenant(vec![phone_action("code-1")]));
    assert!(whole > 0);
    let mut unbound = phone_action("code-1");
    unbound.bound = Some(false);
    let mut unbuilt = phone_action("code-1");
    (unbuilt.deployed, unbuilt.current) = (None, false);
    for actions in [vec![], vec![unbound], vec![unbuilt]] {
        assert_eq!(works(&custom_tenant(actions)), 0);
    }
    // What Auth0 does not show is not doubted.
    let mut hidden = phone_action("code-1");
    hidden.bound = None;
    assert_eq!(works(&custom_tenant(vec![hidden])), whole);
    let mut tenant = custom_tenant(vec![]);
    tenant.actions = Reading::NotRead;
    assert_eq!(works(&tenant), whole);
}

#[test]
fn actions_are_read_only_where_an_object_needs_one() {
    let scope = |provider: DesiredProvider| wanting(provider).scope().actions;
    assert!(!scope(desired_provider(&DeliveryMethod::ALL)));
    assert!(scope(desired_custom(desired_action("code-1"))));
    let mut left = desired_provider(&DeliveryMethod::ALL);
    left.left_action = Some(left_action());
    assert!(scope(left));
}
