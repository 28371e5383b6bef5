//! Plans with the manifests of before a change (`--base`): what a cluster would know of the objects.

mod edges;

use std::fs;

use dialtone::sim::server::{Listen, Running, serve};
use dialtone::sim::tenant::{Setup, SimulatedTenant};
use serde_json::Value;

use crate::workspace::{Run, Workspace, dialtone};

/// A tenant that is as the manifests of an example say, and these manifests twice: as they were
/// applied, in `before`, and to be changed.
struct Change {
    running: Running,
    workspace: Workspace,
}

impl Change {
    async fn of(example: &str) -> Self {
        let names = |names: [&str; 3]| names.map(str::to_owned).to_vec();
        let tenant = SimulatedTenant::start(Setup {
            clients: names(["web", "ios", "android"]),
            databases: vec!["Username-Password-Authentication".to_owned()],
            ..Setup::default()
        })
        .unwrap();
        let addr = "127.0.0.1:0".parse().unwrap();
        let running = serve(Listen { addr, tls: None }, tenant).await.unwrap();
        Self {
            running,
            workspace: Workspace::example(example),
        }
    }

    /// The same, with manifests that delete what they set up, and applied.
    async fn deleting(example: &str) -> Self {
        let change = Self::of(example).await;
        let reference = "  tenantRef: {name: acme}";
        let delete = format!("{reference}\n  deletionPolicy: Delete");
        change.workspace.replace("phone.yaml", reference, &delete);
        change.apply();
        change
    }

    /// Applies the manifests, which are those of before from now on.
    fn apply(&self) {
        let (dir, state) = (self.workspace.dir(), self.workspace.file("state"));
        let run = self.run(&["apply", "-f", &dir, "--yes", "--state", &state]);
        assert_eq!(run.code, 0, "{}", run.all());
        let before = self.workspace.file("before");
        let _ = fs::remove_dir_all(&before);
        fs::create_dir(&before).unwrap();
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let to = format!("{before}/{}", path.file_name().unwrap().to_str().unwrap());
            fs::copy(path, to).unwrap();
        }
    }

    fn run(&self, args: &[&str]) -> Run {
        let url = self.running.url();
        dialtone(&[args, &["--endpoint", &url]].concat())
    }

    fn with_base(&self, more: &[&str]) -> Run {
        let (dir, before) = (self.workspace.dir(), self.workspace.file("before"));
        self.run(&[&["plan", "-f", &dir, "--base", &before], more].concat())
    }

    /// The plan with all that the last run remembers.
    fn with_state(&self) -> Run {
        let (dir, state) = (self.workspace.dir(), self.workspace.file("state"));
        self.run(&["plan", "-f", &dir, "-o", "json", "--state", &state])
    }

    /// That both plans are the same, which is given.
    fn agreed(&self) -> Value {
        let (base, state) = (self.with_base(&["-o", "json"]), self.with_state());
        assert_eq!(base.stderr, state.stderr, "{}", base.all());
        assert_eq!(base.json(), state.json());
        assert_eq!(base.code, state.code, "{}", base.all());
        base.json()
    }
}

/// Edits of one file, each with a word that the plan has.
type Edit = (&'static str, &'static str, &'static str, &'static str);

const QUICKSTART: &[Edit] = &[
    ("phone.yaml", "[Text, Voice]", "[Text]", "mfa/voice"),
    (
        "phone.yaml",
        "  deliveryMethods",
        "  enabled: false\n  deliveryMethods",
        "mfa/sms",
    ),
    (
        "phone.yaml",
        "  deliveryMethods",
        "  onBreakingChange: Block\n  enabled: false\n  deliveryMethods",
        "BreakingChangeBlocked",
    ),
    // What an object does not list any more it takes away again.
    (
        "phone.yaml",
        "      - name: android\n",
        "",
        "passwordless/sms/",
    ),
    ("phone.yaml", "length: 6", "length: 8", "otp"),
    (
        "phone.yaml",
        "messageTypes: [SMS, Voice]",
        "messageTypes: [SMS]",
        "message types",
    ),
    // A token that is rotated among the manifests is one that is not there yet.
    (
        "phone.yaml",
        "example-auth-token",
        "another-token",
        "credentials",
    ),
];
const TEMPLATES: &[Edit] = &[
    (
        "templates.yaml",
        "is your code for",
        "is a code for",
        "otp_verify",
    ),
    ("templates.yaml", "Enter it to", "Type it to", "otp_enroll"),
    (
        "templates.yaml",
        "  enabled: false\n",
        "  enabled: true\n",
        "password_breach",
    ),
];
const IDENTIFIERS: &[Edit] = &[(
    "identifier.yaml",
    "verification: true",
    "verification: false",
    "attributes.phone_number.signup.verification.active",
)];
const CUSTOM: &[Edit] = &[
    ("provider.yaml", "Posts every", "Hands every", "Action"),
    (
        "provider.yaml",
        "name: send-by-gateway",
        "name: send",
        "Action",
    ),
    (
        "provider.yaml",
        "example-token",
        "another-token",
        "new values",
    ),
    (
        "provider.yaml",
        "[Text, Voice]",
        "[Text]",
        "delivery_methods",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_with_the_manifests_of_before_is_that_of_one_who_remembers() {
    for (example, edits) in [
        ("quickstart", QUICKSTART),
        ("templates", TEMPLATES),
        ("phone-identifier", IDENTIFIERS),
        ("custom-provider", CUSTOM),
    ] {
        let change = Change::of(example).await;
        change.apply();
        let nothing = change.agreed();
        assert_eq!(change.with_base(&[]).code, 0, "{example}: {nothing:#}");
        for (file, from, to, word) in edits {
            let text = fs::read_to_string(change.workspace.path(file)).unwrap();
            change.workspace.replace(file, from, to);
            let plan = change.agreed();
            assert!(plan.to_string().contains(word), "{to}: {plan:#}");
            assert_ne!(plan, nothing, "{to}");
            change.workspace.write(file, &text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_up_is_known_for_the_objects_own_whatever_it_may_take_over() {
    let change = Change::of("quickstart").await;
    let kept = "  deliveryMethods";
    let never = format!("  adopt: Never\n{kept}");
    change.workspace.replace("phone.yaml", kept, &never);
    change.apply();
    assert_eq!(change.with_base(&[]).code, 0);
    change
        .workspace
        .replace("phone.yaml", kept, &format!("  enabled: false\n{kept}"));
    let plan = change.agreed();
    assert_eq!(plan["tenants"][0]["hazards"].as_array().unwrap().len(), 5);
    let denied = change.with_base(&["--deny-hazards"]);
    assert_eq!(denied.code, 3, "{}", denied.all());

    // Without, nobody can tell, and nobody is told that all is well.
    let alone = change.run(&["plan", "-f", &change.workspace.dir(), "--deny-hazards"]);
    assert_eq!(alone.code, 1, "{}", alone.all());
    assert!(alone.stderr.contains("--base"), "{}", alone.all());

    // A new object that must not take over what another one leaves finds somebody else's.
    let change = Change::of("quickstart").await;
    change.apply();
    change.workspace.replace(
        "phone.yaml",
        "  name: sms\nspec:\n",
        "  name: other\nspec:\n  adopt: Never\n",
    );
    let refused = change.with_base(&["-o", "json"]);
    assert!(
        refused.stdout.contains("AdoptionRefused"),
        "{}",
        refused.all()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_that_are_taken_away_are_planned_as_deleted() {
    let change = Change::deleting("quickstart").await;
    change.workspace.write("phone.yaml", "");
    let gone = change.with_base(&["--deny-hazards"]);
    assert_eq!(gone.code, 3, "{}", gone.all());
    insta::assert_snapshot!("taken_away", gone.stdout);
    // Without it this change looks like none.
    let alone = change.run(&["plan", "-f", &change.workspace.dir()]);
    assert_eq!(alone.code, 0, "{}", alone.all());

    // The tenant's own manifest may go as well: what its objects set up goes all the same.
    let other = [("name: acme", "name: other"), ("acme.eu", "other.eu")];
    for (from, to) in other {
        change.workspace.replace("tenant.yaml", from, to);
    }
    let everything = change.with_base(&["-o", "json"]);
    assert!(
        everything.stdout.contains("delete phone provider"),
        "{}",
        everything.all()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_to_itself_is_not_planned_as_deleted() {
    let change = Change::of("quickstart").await;
    change.apply();
    change.workspace.write("phone.yaml", "");
    let gone = change.with_base(&[]);
    assert_eq!(gone.code, 0, "{}", gone.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn test_messages_of_before_are_sent_already() {
    let change = Change::of("test-message").await;
    change.apply();
    let plan = change.with_base(&["-o", "json"]);
    assert_eq!(plan.code, 0, "{}", plan.all());
    let more = "apiVersion: dialtone.dev/v1alpha1\nkind: PhoneTestMessage\nmetadata: {name: second}\n\
                spec: {tenantRef: {name: acme}, to: \"+15550124\", deliveryMethod: Text}\n";
    change.workspace.write("second.yaml", more);
    let plan = change.with_base(&["-o", "json"]);
    assert_eq!(
        plan.json()["tenants"][0]["actions"]
            .as_array()
            .map(Vec::len),
        Some(1),
        "{}",
        plan.all()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changed_since_is_drift() {
    let change = Change::of("quickstart").await;
    change.apply();
    let others = Workspace::example("quickstart");
    others.replace("phone.yaml", "length: 6", "length: 5");
    let applied = change.run(&["apply", "-f", &others.dir(), "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.all());
    let drifted = change.agreed();
    assert_eq!(drifted["tenants"][0]["actions"][0]["cause"], "Drift");
    // Where the pull request is about the same object, it is a change of that.
    change
        .workspace
        .replace("phone.yaml", "signup: Allowed", "signup: Disabled");
    let changed = change.agreed();
    assert_eq!(changed["tenants"][0]["actions"][0]["cause"], "Spec");
}
