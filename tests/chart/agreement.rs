//! The chart agrees with `deploy/` and with the program: none of them goes stale by itself.

use std::collections::BTreeSet;

use clap::{CommandFactory as _, Parser as _};
use dialtone::cli::Cli;
use serde_json::{Value, json};

use crate::helm::CHART;
use crate::render::{cases, committed, documents, name, of_kind, one, rendered, template};

/// The rules of a role, each once, whatever their order.
fn rules(role: &Value) -> BTreeSet<String> {
    let rules = role["rules"].as_array().unwrap();
    assert!(!rules.is_empty(), "{role:#}");
    rules.iter().map(Value::to_string).collect()
}

#[test]
fn the_chart_and_the_folder_grant_the_same() {
    let (chart, folder) = (rendered("{}"), committed("deploy/rbac.yaml"));
    for (kind, name) in [("ClusterRole", "dialtone"), ("Role", "dialtone-own")] {
        assert_eq!(
            rules(one(&chart, kind, name)),
            rules(one(&folder, kind, name))
        );
    }
    for (kind, name) in [
        ("ClusterRoleBinding", "dialtone"),
        ("RoleBinding", "dialtone-own"),
    ] {
        for part in ["roleRef", "subjects"] {
            let (own, other) = (one(&chart, kind, name), one(&folder, kind, name));
            assert_eq!(own[part], other[part], "{name}");
        }
    }
}

#[test]
fn no_lease_but_its_own_is_written_where_its_name_is_known() {
    let kept = |values: &str| -> Vec<Value> {
        let documents = rendered(values);
        let role = &one(&documents, "Role", "dialtone-own")["rules"];
        let rules = role.as_array().unwrap().iter();
        let leases = rules.filter(|rule| rule["resources"] == json!(["leases"]));
        let kept = leases.filter(|rule| rule["verbs"] != json!(["create"]));
        kept.map(|rule| rule["resourceNames"].clone()).collect()
    };
    assert_eq!(kept("{}"), [json!(["dialtone"])]);
    // The program makes the name of a shard's Lease of its selector.
    assert_eq!(kept("shards: [{name: one, selector: a=b}]"), [Value::Null]);
}

#[test]
fn the_chart_and_the_folder_grant_the_same_in_a_namespace() {
    let chart = rendered("watchNamespaces: [team-a]");
    let folder = committed("deploy/namespaced/rbac.yaml");
    let (own, other) = (
        one(&chart, "Role", "dialtone"),
        one(&folder, "Role", "dialtone"),
    );
    assert_eq!(rules(own), rules(other));
    assert_eq!(own["metadata"]["namespace"], "team-a");
    let (own, other) = (
        one(&chart, "RoleBinding", "dialtone"),
        one(&folder, "RoleBinding", "dialtone"),
    );
    assert_eq!(own["metadata"]["namespace"], "team-a");
    assert_eq!(own["roleRef"], other["roleRef"]);
    assert_eq!(own["subjects"], other["subjects"]);
    let operators = of_kind(&chart, "ClusterRole");
    let operators = operators
        .iter()
        .filter(|it| it["metadata"]["name"] == "dialtone");
    assert_eq!(operators.count(), 0);
}

#[test]
fn secrets_are_listed_only_where_they_are_watched() {
    for values in [
        "secretAccess: get",
        "{secretAccess: get, watchNamespaces: [team-a]}",
    ] {
        let documents = rendered(values);
        for kind in ["ClusterRole", "Role"] {
            for role in of_kind(&documents, kind) {
                for rule in role["rules"].as_array().unwrap() {
                    let (resources, verbs) = (rule["resources"].to_string(), &rule["verbs"]);
                    if resources.contains("secrets") || resources.contains("configmaps") {
                        let verbs = verbs.to_string();
                        assert!(
                            !verbs.contains("list") && !verbs.contains("watch"),
                            "{role:#}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_chart_and_the_folder_say_the_same_policies() {
    let (chart, folder) = (rendered("{}"), committed("deploy/admission.yaml"));
    assert_eq!(folder.len(), 4);
    for other in &folder {
        let text = |key: &str| other["metadata"][key].as_str().unwrap_or_default();
        let own = one(&chart, other["kind"].as_str().unwrap(), text("name"));
        assert_eq!(own["spec"], other["spec"]);
    }
    let kinds = [
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ];
    let own = kinds.iter().map(|kind| of_kind(&chart, kind).len());
    assert_eq!(own.sum::<usize>(), folder.len());
}

#[test]
fn the_chart_and_the_folder_run_the_operator_alike() {
    let (chart, folder) = (rendered("{}"), committed("deploy/deployment.yaml"));
    let own = one(&chart, "Deployment", "dialtone");
    let other = one(&folder, "Deployment", "dialtone");
    let same = [
        "/spec/replicas",
        "/spec/template/spec/serviceAccountName",
        "/spec/template/spec/securityContext",
        "/spec/template/spec/terminationGracePeriodSeconds",
        "/spec/template/spec/topologySpreadConstraints/0/topologyKey",
        "/spec/template/spec/topologySpreadConstraints/0/whenUnsatisfiable",
        "/spec/template/spec/containers/0/image",
        "/spec/template/spec/containers/0/env",
        "/spec/template/spec/containers/0/livenessProbe",
        "/spec/template/spec/containers/0/readinessProbe",
        "/spec/template/spec/containers/0/resources",
        "/spec/template/spec/containers/0/securityContext",
        "/spec/template/spec/containers/0/ports/0/containerPort",
    ];
    for place in same {
        assert!(other.pointer(place).is_some(), "{place}");
        assert_eq!(own.pointer(place), other.pointer(place), "{place}");
    }
}

/// The command line of each Deployment.
fn command_lines(documents: &[Value]) -> Vec<Vec<String>> {
    let deployments = of_kind(documents, "Deployment").into_iter();
    deployments
        .map(|deployment| {
            let arguments = &deployment["spec"]["template"]["spec"]["containers"][0]["args"];
            serde_json::from_value(arguments.clone()).unwrap()
        })
        .collect()
}

#[test]
fn the_program_takes_every_command_line_that_is_rendered() {
    for case in cases() {
        let documents = documents(&template(&case).ok());
        for arguments in command_lines(&documents) {
            let all = std::iter::once("dialtone").chain(arguments.iter().map(String::as_str));
            let parsed = Cli::try_parse_from(all);
            assert!(parsed.is_ok(), "{}: {arguments:?}", name(&case));
        }
    }
}

#[test]
fn what_the_chart_sets_by_itself_is_what_the_program_takes_by_itself() {
    let program = Cli::command();
    let run = program.find_subcommand("run").unwrap();
    let documents = rendered("{}");
    let line = &command_lines(&documents)[0];
    assert!(line.len() > 8, "{line:?}");
    for argument in &line[1..] {
        let (flag, value) = argument.split_once('=').unwrap();
        let flag = flag.trim_start_matches("--");
        // For people the program writes text, and for what collects a cluster's logs the chart JSON.
        let known = match flag {
            "log" => "info".to_owned(),
            "log-format" => "json".to_owned(),
            _ => {
                let mut known = run.get_arguments();
                let known = known.find(|it| it.get_long() == Some(flag)).unwrap();
                let defaults = known.get_default_values();
                defaults[0].to_str().unwrap().to_owned()
            }
        };
        assert_eq!(value, known, "--{flag}");
    }
}

#[test]
fn the_versions_are_the_programs() {
    let path = format!("{CHART}/Chart.yaml");
    let chart = &documents(&std::fs::read_to_string(path).unwrap())[0];
    for key in ["version", "appVersion"] {
        assert_eq!(chart[key], env!("CARGO_PKG_VERSION"), "{key}");
    }
}

#[test]
fn nothing_is_outside_of_a_namespace_where_that_is_asked_for() {
    let case = cases()
        .into_iter()
        .find(|case| name(case) == "namespaced")
        .unwrap();
    for document in documents(&template(&case).ok()) {
        let namespace = document["metadata"]["namespace"].as_str();
        let allowed = ["dialtone-system", "team-a", "team-b"];
        assert!(
            namespace.is_some_and(|it| allowed.contains(&it)),
            "{document:#}"
        );
    }
}

/// The documents of a release in a namespace.
fn release(name: &str, namespace: &str, values: &str) -> Vec<Value> {
    let helm = crate::helm::Helm::offline();
    let file = helm.file("values.yaml", values);
    let place = ["--namespace", namespace, "--values", &file];
    documents(
        &helm
            .run(&[&["template", name, CHART][..], &place].concat())
            .ok(),
    )
}

/// What the API server tells objects apart by.
fn identities(documents: &[Value]) -> BTreeSet<String> {
    let identity = |it: &Value| {
        let metadata = &it["metadata"];
        format!(
            "{} {} {}",
            it["kind"], metadata["namespace"], metadata["name"]
        )
    };
    documents.iter().map(identity).collect()
}

#[test]
fn releases_of_two_names_in_one_cluster_share_nothing() {
    let values = "{crds: {enabled: false}, metrics: {service: {enabled: true}}}";
    let first = identities(&release("dialtone", "dialtone-system", values));
    let second = release("second", "dialtone-system", values);
    assert!(first.is_disjoint(&identities(&second)), "{first:?}");
    let line = &command_lines(&second)[0];
    assert!(
        line.contains(&"--lease-name=second-dialtone".to_owned()),
        "{line:?}"
    );
}

#[test]
fn releases_of_one_name_share_what_is_for_the_whole_cluster_and_nothing_else() {
    let shared = |values: &str| -> BTreeSet<String> {
        let (one, other) = (
            release("dialtone", "one", values),
            release("dialtone", "other", values),
        );
        let (one, other) = (identities(&one), identities(&other));
        one.intersection(&other).cloned().collect()
    };
    let shared_by_default = shared("crds: {enabled: false}");
    assert!(!shared_by_default.is_empty());
    for identity in shared_by_default {
        assert!(identity.contains(" null "), "{identity}");
    }
    let local = "{crds: {enabled: false}, admissionPolicies: {enabled: false}, \
                 rbac: {aggregateRoles: false}, watchNamespaces: [NAMESPACE]}";
    let of = |namespace: &str| {
        let values = local.replace("NAMESPACE", &format!("team-{namespace}"));
        identities(&release("dialtone", namespace, &values))
    };
    assert!(of("one").is_disjoint(&of("other")));
}
