//! Which pages are read one after the other, and what a reader has done before.

use std::fs;
use std::path::Path;

use tokio::sync::Mutex;

use crate::commands::{asks, elsewhere, ends_well, filled_in, of, within};
use crate::fences::{Block, blocks};
use crate::pages::read;
use crate::reader::{Ran, Reader};
use crate::simulator::Simulator;
use crate::support::ControlPlane;

/// Pages that are read at one sitting, with a cluster that nothing is installed in at its beginning.
/// The first page of the second and of the third installs everything.
pub const SITTINGS: [&[&str]; 3] = [
    &[
        "docs/README.md",
        "docs/examples.md",
        "docs/templates.md",
        "docs/ci.md",
        "docs/simulator.md",
    ],
    &[
        "README.md",
        "docs/hazards.md",
        "docs/cli.md",
        "docs/api/auth0tenant.md",
        "docs/api/phoneprovider.md",
        "docs/api/phonetestmessage.md",
        "docs/api/mfaphonefactor.md",
        "docs/api/passwordlessconnection.md",
        "docs/api/phoneidentifier.md",
        "docs/api/phonetemplate.md",
        "docs/kubectl-plugin.md",
        "docs/gitops.md",
        "docs/migration/dashboard.md",
    ],
    &["docs/operations.md", "docs/runbook.md"],
];

/// The guide's commands listen on ports of their own choice: one reader at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What a user has of their own: manifests of a tenant, in a folder and in files.
fn own_manifests(reader: &Reader, tenant: &Simulator) {
    let folder = reader.folder();
    let at = format!("\n  endpoint: {}\n  domain:", tenant.url());
    let text = read("examples/quickstart/tenant.yaml").replace("\n  domain:", &at);
    assert!(text.contains(&at), "{text}");
    fs::create_dir(folder.join("manifests")).unwrap();
    fs::write(folder.join("manifests/tenant.yaml"), &text).unwrap();
    fs::write(
        folder.join("manifests/phone.yaml"),
        read("examples/quickstart/phone.yaml"),
    )
    .unwrap();
    fs::write(folder.join("tenant.yaml"), &text).unwrap();
    rendered(&folder);
}

/// The manifests once more, for an overlay of kustomize and for a chart.
fn rendered(folder: &Path) {
    for path in ["overlays/production", "chart/templates"] {
        let copies = folder.join(path);
        fs::create_dir_all(&copies).unwrap();
        for name in ["tenant.yaml", "phone.yaml"] {
            fs::copy(folder.join("manifests").join(name), copies.join(name)).unwrap();
        }
    }
    let overlay = "resources: [tenant.yaml, phone.yaml]\n";
    let chart = "apiVersion: v2\nname: phone\nversion: 0.1.0\n";
    fs::write(
        folder.join("overlays/production/kustomization.yaml"),
        overlay,
    )
    .unwrap();
    fs::write(folder.join("chart/Chart.yaml"), chart).unwrap();
}

/// What the page on the dashboard has its reader write, for the tenant that the operator reaches.
fn from_the_dashboard(reader: &Reader) {
    let shown = blocks("yaml");
    let mut shown = shown
        .iter()
        .filter(|block| block.page == "docs/migration/dashboard.md");
    let reached = "\n  endpoint: http://127.0.0.1:18080\n  domain:";
    let tenant = shown.next().unwrap().text.replace("\n  domain:", reached);
    fs::write(reader.folder().join("tenant.yaml"), tenant).unwrap();
    let secret = &shown.next().unwrap().text;
    fs::write(reader.folder().join("secret.yaml"), secret).unwrap();
}

/// What the text of a page says has been done before its commands.
fn before(page: &str, reader: &mut Reader) {
    let script = match page {
        "docs/hazards.md" => {
            "kubectl patch phoneprovider twilio --type=merge -p '{\"spec\": {\"enabled\": true}}'
             kubectl wait --for=condition=Ready phoneproviders --all"
        }
        "docs/api/phonetestmessage.md" => {
            "kubectl apply -f examples/test-message
             kubectl wait --for=condition=Ready phonetestmessage first"
        }
        "docs/kubectl-plugin.md" => {
            "sed -i 's|endpoint: .*|endpoint: http://127.0.0.1:18080|' manifests/tenant.yaml
             kubectl apply -f examples/quickstart -f examples/templates/templates.yaml
             kubectl wait --for=condition=Ready mfaphonefactors --all
             kubectl wait --for=condition=Ready phonetemplates --all"
        }
        "docs/gitops.md" => "kubectl create namespace argocd",
        "docs/migration/dashboard.md" => {
            from_the_dashboard(reader);
            // The domain has a tenant of the pages before; the older one would keep it.
            "kubectl delete auth0tenants,phoneproviders,mfaphonefactors,passwordlessconnections --all
             dialtone export -f tenant.yaml -f secret.yaml > phone.yaml"
        }
        "docs/runbook.md" => "kubectl create configmap phone-words",
        _ => return,
    };
    succeeded(&reader.run(script), page);
}

#[track_caller]
fn succeeded(ran: &Ran, what: &str) {
    assert_eq!(ran.status, 0, "{what}\n{}\n{}", ran.stdout, ran.stderr);
}

/// Runs the transcripts of kubectl on a page. A line that ends with `…` was cut.
fn transcripts(page: &str, reader: &mut Reader) {
    let transcripts = blocks("text")
        .into_iter()
        .filter(|block| block.page == page);
    for block in transcripts.filter(|block| block.text.starts_with("$ kubectl ")) {
        let (command, shown) = block.text.split_once('\n').unwrap();
        let ran = reader.run(&format!("({}) 2>&1", &command[2..]));
        succeeded(&ran, &block.place);
        let printed: Vec<&str> = ran.stdout.lines().collect();
        let shown: Vec<&str> = shown.lines().collect();
        assert_eq!(printed.len(), shown.len(), "{}: {printed:#?}", block.place);
        for (printed, shown) in printed.iter().zip(shown) {
            let same = shown
                .strip_suffix('…')
                .map_or(*printed == shown, |beginning| {
                    printed.starts_with(beginning)
                });
            assert!(same, "{}: {printed}", block.place);
        }
    }
}

/// Runs the commands of a block one after the other, as they are typed.
fn run(block: &Block, reader: &mut Reader) {
    for command in block.text.lines() {
        let script = filled_in(command);
        let ran = if asks(command) {
            reader.run_at_a_terminal(&script)
        } else {
            reader.run(&script)
        };
        let well = ends_well(command, ran.status);
        assert!(
            well,
            "{}: {command}: {}\n{}\n{}",
            block.place, ran.status, ran.stdout, ran.stderr
        );
    }
}

async fn sitting(pages: &[&str]) {
    let _alone = ALONE.lock().await;
    let plane = ControlPlane::dedicated().await;
    plane.kubectl(&["delete", "--wait", "-k", "crds"]).ok();
    plane.controller_manager();
    let tenant = Simulator::start();
    let mut reader = Reader::at(&plane).await;
    own_manifests(&reader, &tenant);
    for page in pages {
        before(page, &mut reader);
        for block in of(page).filter(|block| elsewhere(block).is_none()) {
            run(&block, &mut reader);
        }
        transcripts(page, &mut reader);
        for command in within(page) {
            run(&command, &mut reader);
        }
    }
}

#[tokio::test]
async fn without_a_cluster() {
    sitting(SITTINGS[0]).await;
}

#[tokio::test]
async fn from_the_front_page() {
    sitting(SITTINGS[1]).await;
}

#[tokio::test]
async fn from_the_page_on_operations() {
    sitting(SITTINGS[2]).await;
}
