//! Asking for a pass, and letting a breaking change through.

use serde_json::json;

use crate::plugin::dialtone;
use crate::rig::Rig;
use crate::support::ControlPlane;

const FACTOR: &str = "/api/v2/guardian/factors/sms";

#[tokio::test]
async fn a_pass_that_is_asked_for_sets_the_tenant_right_before_its_status_is_shown() {
    let rig = Rig::new(ControlPlane::shared(), "reconcile").await;
    let mut operator = rig.operator("one", &[]);
    rig.quickstart().await;
    rig.look("settled").await;
    let off = json!({"enabled": false});
    for object in [&["mfaphonefactor/phone"][..], &["tenant", "acme"]] {
        rig.simulator.admin("PUT", FACTOR, &off).await;
        rig.simulator.forget_calls().await;
        let arguments = [&["reconcile"], object, &["--wait"]].concat();
        let shown = dialtone(&rig, &arguments).ended(0);
        assert!(shown.contains("MfaPhoneFactor phone"), "{shown}");
        let writes = rig.simulator.writes().await;
        assert!(writes.contains(&format!("PUT {FACTOR}")), "{writes:?}");
    }
    let asked = dialtone(&rig, &["reconcile", "phoneprovider/twilio"]).ended(0);
    assert!(asked.contains("a pass is asked for"), "{asked}");
    let asked = dialtone(&rig, &["reconcile", "phprov/twilio", "-o", "json"]).ended(0);
    let asked: serde_json::Value = serde_json::from_str(&asked).unwrap();
    assert_eq!(asked["object"]["name"], "twilio");

    operator.kill();
    let late = ["reconcile", "tenant/acme", "--wait", "--timeout", "1s"];
    let late = dialtone(&rig, &late).refused();
    assert!(late.contains("no pass was done within 1 s"), "{late}");
    assert!(late.contains("Succeeded"), "{late}");
    let suspend = json!({"spec": {"suspend": true}});
    rig.patch("auth0tenant", "acme", &suspend).ok();
    let resting = dialtone(&rig, &["reconcile", "tenant/acme"]).refused();
    assert!(resting.contains("is suspended"), "{resting}");
    let gone = dialtone(&rig, &["reconcile", "phoneprovider/other"]).refused();
    assert!(gone.contains("there is no PhoneProvider"), "{gone}");
    let usage = dialtone(&rig, &["reconcile", "pod/web"]);
    assert!(usage.stderr.contains("no kind is called"), "{usage:?}");
    usage.ended(64);
}

#[tokio::test]
async fn what_is_acknowledged_goes_through_and_what_is_not_there_is_refused() {
    let rig = Rig::new(ControlPlane::shared(), "acknowledge").await;
    let _operator = rig.operator("one", &[]);
    rig.quickstart().await;
    let block = json!({"spec": {"onBreakingChange": "Block", "enabled": false}});
    rig.patch("phoneprovider", "twilio", &block).ok();
    let blocked = ("Ready", "False", "BreakingChangeBlocked");
    rig.condition("phoneprovider", "twilio", blocked).await;

    let refused = dialtone(&rig, &["acknowledge", "phoneprovider/twilio", "mfa/smoke"]).refused();
    assert!(refused.contains("mfa/smoke does not need"), "{refused}");
    assert!(refused.contains("mfa/sms, mfa/voice"), "{refused}");
    let other = dialtone(&rig, &["acknowledge", "mfaphonefactor/phone", "mfa"]).refused();
    assert!(other.contains("name the PhoneProvider"), "{other}");
    let annotations = rig.object("phoneprovider", "twilio")["metadata"]["annotations"].clone();
    let name = "dialtone.dev/acknowledge-breaking";
    assert!(annotations[name].is_null(), "{annotations}");

    let some = ["acknowledge", "phoneprovider/twilio", "mfa", "-y"];
    let told = dialtone(&rig, &some).ended(0);
    assert!(
        told.contains("mfa/sms") && told.contains("mfa/voice"),
        "{told}"
    );
    assert!(!told.contains("passwordless"), "{told}");
    rig.condition("phoneprovider", "twilio", blocked).await;

    let all = ["acknowledge", "phoneprovider/twilio", "--all"];
    let nobody = dialtone(&rig, &all).refused();
    assert!(nobody.contains("--yes"), "{nobody}");
    rig.condition("phoneprovider", "twilio", blocked).await;
    let all = dialtone(&rig, &[&all[..], &["--yes"]].concat()).ended(0);
    assert_eq!(all.matches("passwordless/sms/").count(), 3, "{all}");
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let shown = dialtone(&rig, &["status"]).ended(2);
    assert!(
        shown.contains("may break without being withheld: mfa, mfa/sms"),
        "{shown}"
    );
}
