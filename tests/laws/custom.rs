//! The custom provider under faults: its Action is there once, runs before the provider needs it, and is
//! not built again in vain.

use dialtone::api::{ConditionType, Kind, condition};
use dialtone::phone::outcome::Class;
use dialtone::phone::report::Status;
use dialtone::sim::actions::Pace;
use dialtone::sim::fault::{Fault, Script};
use dialtone::sim::store::Store;
use serde_json::Value;

use crate::rig::{Rig, quickstart};

fn read(path: &str) -> String {
    let path = format!("{}/examples/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn manifests() -> String {
    let folder = "custom-provider";
    let tenant = read(&format!("{folder}/tenant.yaml"));
    format!("{tenant}---\n{}", read(&format!("{folder}/provider.yaml")))
}

/// The same provider by Twilio.
fn by_twilio() -> String {
    let text = quickstart();
    let documents = text.split("---\n");
    let kept =
        documents.filter(|it| !it.contains("MfaPhoneFactor") && !it.contains("Passwordless"));
    let kept: Vec<&str> = kept.collect();
    kept.join("---\n")
        .replace("  name: twilio\nspec:", "  name: gateway\nspec:")
}

fn rig(manifests: &str) -> Rig {
    Rig::with(manifests, Store::new("acme.eu.auth0.com"))
}

fn provider(rig: &Rig) -> Value {
    rig.store()["providers"]["provider"].clone()
}

fn versions(rig: &Rig) -> usize {
    let store = rig.store();
    let all = store["actions"]["all"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0]["versions"].as_array().unwrap().len()
}

/// Reason and message of the provider's condition.
fn told(rig: &Rig) -> (String, String) {
    let mut all = rig.objects.resources.iter();
    let provider = all.find(|it| it.kind() == Kind::PhoneProvider).unwrap();
    let status = Status::of(provider);
    let found = condition::find(status.conditions(), ConditionType::ActionDeployed).unwrap();
    (found.reason.to_string(), found.message.clone())
}

fn faults() -> [Fault; 7] {
    [
        Fault::Kill { applied: true },
        Fault::Kill { applied: false },
        Fault::Lost { applied: true },
        Fault::Timeout { applied: true },
        Fault::Status {
            code: 500,
            applied: false,
        },
        Fault::Html {
            code: 502,
            applied: true,
        },
        Fault::Throttle { reset_seconds: 30 },
    ]
}

#[tokio::test]
async fn every_fault_at_every_call_ends_with_one_action_that_sends() {
    let mut calm = rig(&manifests());
    calm.settle().await;
    assert!(calm.objects.ready(), "{:?}", calm.objects.reasons());
    let calls = u32::try_from(calm.tenant.calls().len()).unwrap();
    for fault in faults() {
        for call in 1..=calls {
            let mut rig = rig(&manifests());
            rig.tenant
                .add_faults([Script::nth_call(call, fault.clone())]);
            rig.settle().await;
            let what = format!("{fault:?} at call {call}: {:?}", rig.objects.reasons());
            assert!(rig.objects.ready(), "{what}");
            assert_eq!(rig.picture(), calm.picture(), "{what}");
        }
    }
}

#[tokio::test]
async fn a_switch_that_is_interrupted_anywhere_keeps_the_provider_and_its_id() {
    for (from, to) in [(by_twilio(), manifests()), (manifests(), by_twilio())] {
        for call in 1..=12 {
            for applied in [true, false] {
                let mut rig = rig(&from);
                rig.settle().await;
                let before = provider(&rig);
                rig.objects.edit(&to);
                rig.tenant.clear_calls();
                rig.tenant
                    .add_faults([Script::nth_call(call, Fault::Kill { applied })]);
                for _ in 0..4 {
                    let _ = rig.pass().await;
                    rig.tenant.revive();
                    let now = provider(&rig);
                    assert_eq!(now["id"], before["id"], "{call}");
                    assert_eq!(now["disabled"], false, "{call}");
                }
                rig.settle().await;
                assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
                assert_ne!(provider(&rig)["name"], before["name"]);
            }
        }
    }
}

#[tokio::test]
async fn a_build_that_takes_many_looks_is_waited_for_in_passes_that_end() {
    let mut rig = rig(&manifests());
    let pace = Pace {
        build: 11,
        deploy: 1,
    };
    rig.tenant.change(|store, _| store.set_pace(pace)).unwrap();
    let (_, report) = rig.pass().await;
    assert_eq!(report.worst, Some(Class::Pending));
    assert_eq!(told(&rig).0, "ActionBuilding");
    assert_eq!(provider(&rig), Value::Null);
    // What is under way is told once.
    let (_, report) = rig.pass().await;
    assert!(
        report.patches.is_empty() && report.events.is_empty(),
        "{report:#?}"
    );
    rig.settle().await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    assert_eq!(versions(&rig), 1);
}

#[tokio::test]
async fn a_build_that_fails_leaves_what_runs_and_is_not_tried_again() {
    let mut rig = rig(&manifests());
    rig.settle().await;
    let broken = "dependencies:\n        - {name: left-pad, version: 0.0.0}";
    rig.objects
        .edit(&manifests().replace("dependencies: []", broken));
    rig.settle().await;
    let (reason, message) = told(&rig);
    assert_eq!(reason, "ActionBuildFailed");
    assert!(
        message.contains("no version 0.0.0 of left-pad"),
        "{message}"
    );
    assert!(message.contains("goes on serving"), "{message}");
    assert_eq!(versions(&rig), 1);
    let writes = rig.writes();
    for _ in 0..3 {
        let (_, report) = rig.pass().await;
        assert!(
            report.patches.is_empty() && report.events.is_empty(),
            "{report:#?}"
        );
    }
    assert_eq!(rig.writes(), writes);
    rig.objects.edit(&manifests());
    rig.settle().await;
    assert!(rig.objects.ready(), "{:?}", rig.objects.reasons());
    assert_eq!(versions(&rig), 2);
}

#[tokio::test]
async fn what_did_not_change_is_not_deployed_again() {
    let mut rig = rig(&manifests());
    rig.settle().await;
    for _ in 0..3 {
        rig.settle().await;
    }
    assert_eq!(versions(&rig), 1);
    rig.objects
        .edit(&manifests().replace("example-token", "rotated-token"));
    rig.settle().await;
    rig.settle().await;
    assert_eq!(versions(&rig), 2);
    rig.objects
        .edit(&manifests().replace("Posts every", "Sends every"));
    rig.settle().await;
    assert_eq!(versions(&rig), 3);
}
