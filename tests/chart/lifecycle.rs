//! A release from its first day to its last, and after it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dialtone::api::Kind;
use serde_json::Value;

use crate::helm::{CHART, Helm};
use crate::release::{Release, values};
use crate::rig::{KINDS, Rig};
use crate::support::{ControlPlane, wait_until};

const HOME: &str = "dialtone-system";

/// A control plane on which nobody has installed anything of ours.
pub async fn untouched() -> ControlPlane {
    let plane = ControlPlane::dedicated().await;
    let crds = concat!(env!("CARGO_MANIFEST_DIR"), "/crds");
    plane.kubectl(&["delete", "--wait", "-k", crds]).ok();
    plane
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What a column was called in the chart before this one.
const OLD: &str = "What was said before";
const NEW: &str = "Whether the tenant is as the object says";

/// A package of the chart before this one. There is none yet, so that it is this one with an earlier
/// version, without one kind and without one template, and with other words in a definition.
fn previous(helm: &Helm) -> String {
    let folder = helm.folder().join("previous/dialtone");
    copy(Path::new(CHART), &folder);
    fs::remove_file(folder.join("files/crds/phonetestmessages.yaml")).unwrap();
    fs::remove_file(folder.join("templates/networkpolicy.yaml")).unwrap();
    let edit = |path: &str, from: &str, to: &str| {
        let path = folder.join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{}: {from}", path.display());
        fs::write(path, text.replace(from, to)).unwrap();
    };
    let version = concat!("version: ", env!("CARGO_PKG_VERSION"));
    edit("Chart.yaml", version, "version: 0.0.1");
    edit("files/crds/phoneproviders.yaml", NEW, OLD);
    let (from, to) = (folder.display().to_string(), helm.folder().display());
    helm.run(&["package", &from, "--destination", &to.to_string()])
        .ok();
    format!("{to}/dialtone-0.0.1.tgz")
}

/// The description of the first column of providers.
fn column(plane: &ControlPlane) -> String {
    let path = "jsonpath={.spec.versions[0].additionalPrinterColumns[0].description}";
    let get = ["get", "crd", "phoneproviders.dialtone.dev", "-o", path];
    plane.kubectl(&get).ok()
}

/// Every object of ours, as it is stored.
fn objects(rig: &Rig<'_>) -> BTreeMap<String, Value> {
    let name = |it: &Value| format!("{} {}", it["kind"], it["metadata"]["name"]);
    let objects = rig.objects().into_iter();
    objects.map(|it| (name(&it), it)).collect()
}

/// What identifies an object, and what its user wants.
fn identities(objects: &BTreeMap<String, Value>) -> BTreeMap<&String, (&Value, &Value)> {
    objects
        .iter()
        .map(|(name, it)| (name, (&it["metadata"]["uid"], &it["spec"])))
        .collect()
}

/// What is left of the release, as `KIND/NAME`.
fn left(plane: &ControlPlane) -> Vec<String> {
    let kinds = "deployments,poddisruptionbudgets,networkpolicies,serviceaccounts,roles,rolebindings,\
                 services,clusterroles,clusterrolebindings,validatingadmissionpolicies,\
                 validatingadmissionpolicybindings,customresourcedefinitions";
    let label = "app.kubernetes.io/instance=dialtone";
    let get = ["get", kinds, "-A", "-l", label, "-o", "name"];
    let text = plane.kubectl(&get).ok();
    text.lines().map(str::to_owned).collect()
}

async fn all_served(plane: &ControlPlane) {
    wait_until("the server to serve all kinds", async || {
        let got = plane.kubectl(&["get", KINDS, "-A"]);
        if got.success { Ok(()) } else { Err(got.stderr) }
    })
    .await;
}

#[tokio::test]
async fn nothing_is_lost_from_install_to_upgrade_to_uninstall_to_install() {
    let plane = &untouched().await;
    let release = Release::new(plane, HOME);
    let rig = Rig::installed(plane, "team", HOME).await;
    let wanted = values(rig.simulator.url(), "");

    release.install(&previous(&release.helm), &wanted).ok();
    assert_eq!(column(plane), OLD);
    let kinds = "auth0tenants,phoneproviders,mfaphonefactors,passwordlessconnections";
    wait_until("the first kinds to be served", async || {
        let got = plane.kubectl(&["get", kinds, "-A"]);
        if got.success { Ok(()) } else { Err(got.stderr) }
    })
    .await;
    rig.apply_example("quickstart").ok();

    release.upgrade(CHART, &wanted).ok();
    all_served(plane).await;
    assert_eq!(column(plane), NEW);
    release.object("networkpolicy", "dialtone");
    let mut operator = release.operator("dialtone", "dialtone-1");
    rig.all_ready(4).await;
    let before = objects(&rig);
    operator.signal("TERM");
    assert_eq!(operator.ended().await.code(), Some(0));

    let kept = release.uninstall().ok();
    assert!(kept.contains("kept due to the resource policy"), "{kept}");
    let definitions = left(plane);
    assert_eq!(definitions.len(), Kind::ALL.len(), "{definitions:?}");
    assert_eq!(objects(&rig), before);

    converges_again_without_a_write(&release, &rig, &wanted).await;
    let after = objects(&rig);
    assert_eq!(identities(&after), identities(&before));
    assert_eq!(rig.forbidden(), Vec::<String>::new());

    // Definitions that are no longer part of the release stay as well.
    release
        .upgrade(CHART, &format!("{wanted}crds: {{enabled: false}}"))
        .ok();
    assert_eq!(identities(&objects(&rig)), identities(&before));
}

async fn converges_again_without_a_write(release: &Release<'_>, rig: &Rig<'_>, wanted: &str) {
    rig.simulator.forget_calls().await;
    release.install(CHART, wanted).ok();
    let operator = release.operator("dialtone", "dialtone-2");
    rig.look("reinstalled").await;
    rig.all_ready(4).await;
    assert_eq!(operator.probe("/readyz").await.1.trim(), "ready: leader");
    assert_eq!(rig.simulator.writes().await, Vec::<String>::new());
    assert!(!rig.simulator.calls().await.is_empty());
    // The chart's policies say what its operator keeps current.
    let off = r#"{"spec": {"enabled": false}}"#;
    let patch = ["patch", "phoneprovider", "twilio", "--type=merge", "-p"];
    let dry = [&patch[..], &[off, "--dry-run=server"]].concat();
    let warned = rig.kubectl(&dry);
    assert!(
        warned.stderr.contains("breaks MFA by SMS"),
        "{}",
        warned.stderr
    );
}

#[tokio::test]
async fn definitions_that_others_installed_are_taken_over_when_asked() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace("takeover").await;
    let release = Release::new(plane, &namespace);
    // What is for the whole cluster is not this test's alone.
    let values =
        "{admissionPolicies: {enabled: false}, rbac: {create: false, aggregateRoles: false}}";
    let refused = release.install(CHART, values).refused();
    assert!(refused.contains("cannot be imported"), "{refused}");
    release.take_over(CHART, values).ok();
    let kept = release.uninstall().ok();
    assert!(kept.contains("kept due to the resource policy"), "{kept}");
    plane.kubectl(&["get", KINDS, "-A"]).ok();
}

#[tokio::test]
async fn whoever_may_edit_a_namespace_may_edit_the_kinds_and_not_their_status() {
    let plane = &untouched().await;
    plane.controller_manager();
    let release = Release::new(plane, HOME);
    release.install(CHART, "{}").ok();
    let namespace = plane.namespace("people").await;
    for role in ["view", "edit"] {
        let account = ["create", "serviceaccount", role, "-n", &namespace];
        plane.kubectl(&account).ok();
        let (role_flag, user) = (
            format!("--clusterrole={role}"),
            format!("--serviceaccount={namespace}:{role}"),
        );
        let bind = ["create", "rolebinding", role, &role_flag, &user, "-n"];
        plane
            .kubectl(&[&bind[..], &[namespace.as_str()]].concat())
            .ok();
    }
    let may = |who: &str, verb: &str, what: &str, more: &[&str]| {
        let user = format!("--as=system:serviceaccount:{namespace}:{who}");
        let ask = ["auth", "can-i", verb, what, "-n", &namespace, &user];
        let said = plane.kubectl(&[&ask[..], more].concat());
        said.stdout.trim().to_owned()
    };
    wait_until("the roles to be aggregated", async || {
        let said = may("edit", "create", "phoneproviders.dialtone.dev", &[]);
        if said == "yes" { Ok(()) } else { Err(said) }
    })
    .await;
    for kind in Kind::ALL {
        let what = format!("{}.dialtone.dev", kind.plural());
        // These hold phone numbers.
        let seen = if kind == Kind::PhoneTestMessage {
            "no"
        } else {
            "yes"
        };
        for (who, verb, answer) in [
            ("view", "list", seen),
            ("view", "patch", "no"),
            ("edit", "list", "yes"),
            ("edit", "get", "yes"),
            ("edit", "delete", "yes"),
        ] {
            assert_eq!(may(who, verb, &what, &[]), answer, "{who} {verb} {what}");
        }
        let status = may("edit", "patch", &what, &["--subresource=status"]);
        assert_eq!(status, "no", "status of {what}");
    }
}
