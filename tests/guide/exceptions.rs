//! What is not run as it is written, and why.

/// Blocks that are not run here: the page, how the block begins, and why not.
pub const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("README.md", "cargo test", "it is what runs this test"),
    ("README.md", "helm install", "tests/chart runs it"),
    ("docs/install.md", "helm ", "tests/chart runs it"),
    (
        "docs/install.md",
        "kubectl ",
        "tests/chart runs it, but for waiting: there are no Pods",
    ),
    (
        "docs/image.md",
        "image/build",
        "continuous integration runs it: a release build",
    ),
    (
        "docs/image.md",
        "sudo image/check",
        "continuous integration runs it, with a release build",
    ),
    (
        "docs/ci.md",
        "printf ",
        "tests/cli runs it, on a repository without Secrets",
    ),
    ("docs/image.md", "skopeo ", "it needs a registry"),
    (
        "docs/image.md",
        "rm -f target/image/docker.tar",
        "it needs a cluster with nodes",
    ),
    (
        "docs/image.md",
        "kubectl create namespace dialtone-system",
        "it needs the credentials of a registry",
    ),
    (
        "docs/operations.md",
        "cargo bench",
        "it measures, and wants a machine to itself",
    ),
    (
        "docs/migration/terraform.md",
        "terraform ",
        "it needs Terraform and its state",
    ),
];

/// Commands that ask whether they should go on, by their beginnings.
pub const ANSWERED: &[&str] = &[
    "dialtone apply -f manifests/",
    "kubectl dialtone acknowledge",
    "kubectl dialtone test-message",
];

/// Commands that go on until they are ended, and where they listen.
pub const STAYS: &[(&str, &str)] = &[(
    "dialtone simulate --listen 127.0.0.1:18080 --state tenant.json",
    "http://127.0.0.1:18080/_sim/calls",
)];

/// Commands within sentences that lack what a sentence leaves out, or that would take away or need what
/// other commands of the sitting do.
pub const FRAGMENTS: &[&str] = &[
    "curl -d",
    "dialtone plan --deny-hazards",
    "dialtone run --endpoint",
    "dialtone simulate --tls",
    "kubectl -n identity create secret generic auth0-management --from-literal=clientSecret=SECRET",
    "kubectl delete -f",
    "kubectl delete -f deploy/admission.yaml",
    "kubectl delete -f examples/quickstart",
    "kubectl delete -k crds",
    "kubectl wait --for=condition=Ready",
];

/// What stands for words that a reader replaces. Longer ones come first.
pub const STAND_INS: &[(&str, &str)] = &[
    // There are no nodes that Pods could run on: what is reached is looked for.
    ("port-forward pod/POD 8081 &", "get deploy/dialtone"),
    // The operator of the desk is the one of a cluster to the page on the dashboard as well.
    (
        "--watch-namespaces default ",
        "--watch-namespaces default,identity ",
    ),
    // The operator of the desk keeps its Lease in its own namespace.
    (
        "-n dialtone-system get lease dialtone",
        "-n default get lease dialtone",
    ),
    // The folders of the machine are left alone.
    ("/usr/local/bin/", "../bin/"),
    ("/etc/bash_completion.d/", "../completion-"),
    ("help COMMAND", "help plan"),
    ("KIND NAME", "phoneprovider twilio"),
    ("auth0tenant NAME", "auth0tenant acme"),
    ("namespace NAME", "namespace default"),
    ("secret NAME", "secret twilio"),
    ("configmap NAME", "configmap phone-words"),
    ("NAMESPACE", "default"),
    ("render -f FILE", "render -f examples/templates"),
    ("FILE", "examples/quickstart"),
];
