//! A test message is sent at most once for each generation, whatever happens.

use dialtone::api::{Kind, PhoneTestMessageStatus, TestMessageState};
use dialtone::auth0::pass::Unfollowed;
use dialtone::phone::desire::key_of;
use dialtone::phone::report::Status;
use dialtone::sim::fault::{Fault, Script};
use proptest::prelude::*;
use serde_json::json;

use crate::random::run;
use crate::rig::{Rig, store_with_applications};
use crate::world::cases;

fn manifests(nonce: &str) -> String {
    let read = |name: &str| {
        let path = format!(
            "{}/examples/test-message/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).unwrap()
    };
    let phone = read("phone.yaml").replace("nonce: \"1\"", &format!("nonce: \"{nonce}\""));
    format!("{}---\n{phone}", read("tenant.yaml"))
}

/// A pass whose process dies before it can tell anything, or which ends as it should.
async fn pass(rig: &mut Rig, dies: bool) {
    let (api, now) = (rig.api(), rig.clock.now());
    let (desired, result) = rig.objects.run(&api, None, now, &Unfollowed).await;
    if !dies {
        rig.objects.tell(&desired, &result, now);
    }
    rig.tenant.revive();
}

fn status(rig: &Rig) -> PhoneTestMessageStatus {
    let mut all = rig.objects.resources.iter();
    let message = all.find(|it| key_of(it).kind == Kind::PhoneTestMessage);
    match Status::of(message.unwrap()) {
        Status::Message(status) => status,
        _ => panic!("a message"),
    }
}

fn sent(rig: &Rig) -> usize {
    let store = rig.tenant.store();
    let tests = store.outbox().iter().filter(|it| it.message_type == "test");
    tests.count()
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        any::<bool>().prop_map(|applied| Fault::Lost { applied }),
        any::<bool>().prop_map(|applied| Fault::Kill { applied }),
        any::<bool>().prop_map(|applied| Fault::Timeout { applied }),
        (
            prop::sample::select(vec![400_u16, 403, 404, 500, 503]),
            any::<bool>()
        )
            .prop_map(|(code, applied)| Fault::Status {
                code,
                applied: applied && code >= 500
            }),
        Just(Fault::Throttle { reset_seconds: 1 }),
    ]
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_message_is_sent_at_most_once_for_each_change(
        faults in prop::collection::vec((1_u32..8, fault()), 0..4),
        deaths in prop::collection::vec(any::<bool>(), 4),
    ) {
        run(async {
            let mut rig = Rig::with(&manifests("1"), store_with_applications());
            rig.tenant.add_faults(
                faults.into_iter().map(|(call, fault)| Script::nth_call(call, fault)),
            );
            for dies in deaths.into_iter().chain([false; 6]) {
                pass(&mut rig, dies).await;
                rig.clock.advance(jiff::SignedDuration::from_secs(5));
                prop_assert!(sent(&rig) <= 1);
            }
            let status = status(&rig);
            let attempt = status.attempt.clone().unwrap();
            let state = attempt.state;
            match state {
                TestMessageState::Queued => prop_assert_eq!(sent(&rig), 1),
                TestMessageState::Failed => prop_assert_eq!(sent(&rig), 0),
                TestMessageState::Unknown => {}
                TestMessageState::Sending => prop_assert!(false, "{:?}", status),
            }
            // Another one only where somebody asks for it.
            let before = sent(&rig);
            rig.tenant.clear_faults();
            rig.objects.edit(&manifests("2"));
            pass(&mut rig, false).await;
            pass(&mut rig, false).await;
            prop_assert_eq!(sent(&rig), before + 1);
            Ok(())
        })?;
    }
}

/// What other administrators do, and how often the tenant is looked at, sends nothing.
#[tokio::test]
async fn no_other_change_sends_it_again() {
    let mut rig = Rig::with(&manifests("1"), store_with_applications());
    rig.settle().await;
    let path = "branding/phone/providers";
    let id = rig.store()["providers"]["provider"]["id"].clone();
    let one = format!("{path}/{}", id.as_str().unwrap());
    for disabled in [true, false] {
        let body = json!({"disabled": disabled});
        rig.admin(dialtone::auth0::exchange::Method::Patch, &one, body);
        rig.settle().await;
    }
    rig.settle().await;
    assert_eq!(sent(&rig), 1);
    assert_eq!(
        status(&rig).attempt.unwrap().state,
        TestMessageState::Queued
    );
}
