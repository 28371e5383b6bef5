//! Syncs by Argo CD's own engine, against a real API server, with the operator at work.

use serde_json::{Value, json};

use crate::laws::rig::quickstart;
use crate::libraries::Libraries;
use crate::rig::Rig;
use crate::support::{ControlPlane, wait_until};

/// An application: a namespace and the manifests for it.
struct Application<'a> {
    libraries: Libraries,
    rig: &'a Rig<'a>,
    server_side: bool,
}

impl<'a> Application<'a> {
    fn new(rig: &'a Rig<'a>) -> Self {
        Self {
            libraries: Libraries::new(rig.plane),
            rig,
            server_side: false,
        }
    }

    /// Syncs, and gives the operation as it ended.
    fn sync(&mut self, manifests: &str) -> Value {
        self.libraries.ask(json!({
            "do": "argo-sync",
            "namespace": self.rig.namespace,
            "manifests": manifests,
            "serverSide": self.server_side,
            "prune": true,
            "seconds": 60,
        }))
    }

    fn synced(&mut self, manifests: &str) -> Value {
        let operation = self.sync(manifests);
        assert_eq!(operation["phase"], "Succeeded", "{operation:#}");
        operation
    }

    fn compare(&mut self, manifests: &str) -> Vec<Value> {
        let standings = self.libraries.ask(json!({
            "do": "argo-compare",
            "namespace": self.rig.namespace,
            "manifests": manifests,
        }));
        standings.as_array().unwrap().clone()
    }

    /// Waits until each object of ours has this health, and everything is Synced.
    async fn healthy(&mut self, manifests: &str) -> Vec<Value> {
        wait_until("the application to be Synced and Healthy", async || {
            let standings = self.compare(manifests);
            let good = standings.iter().all(|it| {
                it["synced"] == true && ["Healthy", ""].contains(&it["health"].as_str().unwrap())
            });
            if good {
                Ok(standings)
            } else {
                Err(format!("{standings:#?}"))
            }
        })
        .await
    }
}

/// How an object stands.
fn standing<'a>(standings: &'a [Value], kind: &str) -> &'a Value {
    let found = standings.iter().find(|it| it["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {standings:#?}"))
}

/// What became of an object in a sync.
fn result<'a>(operation: &'a Value, kind: &str) -> &'a Value {
    let all = operation["resources"].as_array().unwrap();
    let found = all.iter().find(|it| it["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {operation:#}"))
}

#[tokio::test]
async fn the_quickstart_is_synced_and_healthy_and_stays_so() {
    for server_side in [false, true] {
        let rig = Rig::new(ControlPlane::shared(), "argo").await;
        let _operator = rig.operator("one", &[]);
        let mut application = Application::new(&rig);
        application.server_side = server_side;
        let operation = application.synced(&quickstart());
        assert_eq!(operation["warnings"], json!([]));
        let standings = application.healthy(&quickstart()).await;
        assert_eq!(standings.len(), 6, "{standings:#?}");
        // Statuses, and what else the operator writes, are no difference; nor is the finalizer.
        rig.look("again").await;
        application.healthy(&quickstart()).await;
        let kept = "  deliveryMethods:";
        let delete = quickstart().replace(kept, &format!("  deletionPolicy: Delete\n{kept}"));
        application.synced(&delete);
        application.healthy(&delete).await;
        rig.look("and again").await;
        wait_until("the finalizer", async || {
            let provider = rig.object("phoneprovider", "twilio");
            let held = &provider["metadata"]["finalizers"];
            if *held == json!(["dialtone.dev/finalizer"]) {
                Ok(())
            } else {
                Err(format!("{held}"))
            }
        })
        .await;
        let standings = application.compare(&delete);
        assert!(
            standings.iter().all(|it| it["synced"] == true),
            "{standings:#?}"
        );
    }
}

/// The quickstart, each object of which removes in Auth0 what it set up.
fn deleting() -> String {
    quickstart().replace(
        "  tenantRef: {name: acme}",
        "  tenantRef: {name: acme}\n  deletionPolicy: Delete",
    )
}

#[tokio::test]
async fn pruning_everything_at_once_ends() {
    let plane = ControlPlane::shared();
    plane.controller_manager();
    let rig = Rig::new(plane, "prune").await;
    let _operator = rig.operator("one", &["--deletion-grace-period", "2s"]);
    let mut application = Application::new(&rig);
    application.synced(&deleting());
    application.healthy(&deleting()).await;
    application.synced("");
    // Argo CD does not wait for the last wave; what has lost its tenant goes after the grace period.
    wait_until("all objects to go", async || {
        let left = rig.objects();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("{left:#?}"))
        }
    })
    .await;
    let events = rig.events("twilio");
    let orphaned = |it: &String| it.starts_with("Orphaned: ");
    assert!(events.iter().any(orphaned), "{events:?}");
}

/// Manifests whose tenant and Secrets have this annotation more.
fn annotated(manifests: &str, annotation: &str) -> String {
    let mut manifests = manifests.to_owned();
    for name in ["acme", "auth0-management", "twilio\nstringData"] {
        let (name, rest) = name.split_once('\n').unwrap_or((name, ""));
        let before = format!("  name: {name}\n{rest}");
        assert!(manifests.contains(&before), "{before}");
        let after = format!("  name: {name}\n  annotations: {{{annotation}}}\n{rest}");
        manifests = manifests.replace(&before, &after);
    }
    manifests
}

#[tokio::test]
async fn what_the_removal_needs_is_pruned_last_and_holds_no_sync_up() {
    let plane = ControlPlane::shared();
    plane.controller_manager();
    let rig = Rig::new(plane, "last").await;
    let _operator = rig.operator("one", &[]);
    let mut application = Application::new(&rig);
    let manifests = annotated(
        &deleting(),
        "argocd.argoproj.io/sync-options: PruneLast=true",
    );
    application.synced(&manifests);
    application.healthy(&manifests).await;
    // A suspended tenant is not healthy: a sync must neither wait for it nor keep the next one waiting.
    let domain = "  domain: acme";
    let suspended = manifests.replace(domain, &format!("  suspend: true\n{domain}"));
    application.synced(&suspended);
    let waits = ("Ready", "True", "Suspended");
    rig.condition("auth0tenant", "acme", waits).await;
    application.synced(&manifests);
    application.healthy(&manifests).await;
    rig.simulator.forget_calls().await;
    application.synced("");
    assert_eq!(rig.objects(), Vec::<Value>::new());
    let tenant = rig.simulator.tenant().await;
    assert_eq!(tenant["providers"]["provider"], Value::Null, "{tenant:#}");
    let writes = rig.simulator.writes().await;
    assert!(
        writes
            .iter()
            .any(|it| it.starts_with("DELETE /api/v2/connections/")),
        "{writes:?}"
    );
}

#[tokio::test]
async fn disabling_the_provider_in_git_is_warned_of_and_shown() {
    let plane = &ControlPlane::dedicated().await;
    // Argo CD has its hooks deleted in the foreground.
    plane.controller_manager();
    let rig = Rig::alone(plane, "argo-warned").await;
    let _operator = rig.operator("one", &[]);
    let mut application = Application::new(&rig);
    application.synced(&quickstart());
    application.healthy(&quickstart()).await;
    let before = "  deliveryMethods:";
    let off = quickstart().replace(before, &format!("  enabled: false\n{before}"));
    let operation = application.synced(&off);
    let warnings = operation["warnings"].to_string();
    assert!(
        warnings.contains("disabling the phone provider breaks MFA by SMS"),
        "{warnings}"
    );
    // What Argo CD reports of the sync says nothing of it; if it did, the page should say so.
    let reported = operation["resources"].to_string();
    assert!(!reported.contains("breaks"), "{reported}");
    let broken = ("BreaksDependents", "True", "MfaPhoneFactorEnabled");
    rig.condition("phoneprovider", "twilio", broken).await;
    let missing = ("Stalled", "True", "PhoneProviderDisabled");
    rig.condition("mfaphonefactor", "phone", missing).await;
    rig.condition("passwordlessconnection", "sms", missing)
        .await;
    let standings = application.compare(&off);
    assert!(
        standings.iter().all(|it| it["synced"] == true),
        "{standings:#?}"
    );
    for kind in ["PhoneProvider", "MfaPhoneFactor", "PasswordlessConnection"] {
        let found = standing(&standings, kind);
        assert_eq!(found["health"], "Degraded", "{found:#}");
    }
    let told = &standing(&standings, "PhoneProvider")["message"];
    let told = told.as_str().unwrap();
    assert!(told.starts_with("MfaPhoneFactorEnabled: "), "{told}");

    // With the hook of the examples the sync itself says so, and then that all is well again.
    let hook = include_str!("../../examples/argocd/hook.yaml");
    let hooked = |manifests: &str| format!("{manifests}---\n{hook}");
    let operation = application.sync(&hooked(&off));
    assert_eq!(operation["phase"], "Failed", "{operation:#}");
    let provider = result(&operation, "PhoneProvider");
    let told = provider["message"].as_str().unwrap();
    assert!(
        told.starts_with("MfaPhoneFactorEnabled: not delivered: MFA by SMS"),
        "{operation:#}"
    );
    // What the provider mends is stuck until the operator has looked again: Argo CD may see that first.
    let operation = application.sync(&hooked(&quickstart()));
    let late = operation["resources"].to_string();
    assert!(
        operation["phase"] == "Succeeded" || late.contains("PhoneProviderDisabled"),
        "{operation:#}"
    );
    application.healthy(&quickstart()).await;
    let operation = application.synced(&hooked(&quickstart()));
    let told = &result(&operation, "PhoneProvider")["message"];
    assert_eq!(told, "Succeeded: the tenant is as this object says");

    // Where the object blocks such a change, the sync fails and says what to do.
    let blocking = quickstart().replace(before, &format!("  onBreakingChange: Block\n{before}"));
    application.synced(&blocking);
    application.healthy(&blocking).await;
    let off = blocking.replace(before, &format!("  enabled: false\n{before}"));
    let operation = application.sync(&off);
    assert_eq!(operation["phase"], "Failed", "{operation:#}");
    let resources = operation["resources"].to_string();
    assert!(
        resources.contains("dialtone.dev/acknowledge-breaking: "),
        "{resources}"
    );
    // The action lets it through.
    let ask = json!({
        "do": "argo-action",
        "action": "acknowledge",
        "objects": [rig.object("phoneprovider", "twilio")],
    });
    let acknowledged = application.libraries.ask(ask);
    let annotations = &acknowledged[0]["metadata"]["annotations"];
    let patch = json!({"metadata": {"annotations": annotations}});
    rig.patch("phoneprovider", "twilio", &patch).ok();
    application.synced(&off);
    rig.condition("phoneprovider", "twilio", broken).await;
    let standings = application.compare(&off);
    let provider = standing(&standings, "PhoneProvider");
    assert_eq!(
        (&provider["synced"], &provider["health"]),
        (&json!(true), &json!("Degraded"))
    );
}
