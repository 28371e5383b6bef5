//! Whatever selects Pods selects this release's, and a shard's part its own.

use serde_json::Value;

use crate::render::{cases, documents, name, of_kind, rendered, template};

/// Whether labels fit a selector; one that asks for nothing would take everybody's Pods.
fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object();
    let wanted = wanted.unwrap_or_else(|| selector.as_object().unwrap());
    assert!(!wanted.is_empty(), "{selector}");
    wanted.iter().all(|(key, value)| labels[key] == *value)
}

/// The Pods of each Deployment, as their labels.
fn pods(documents: &[Value]) -> Vec<&Value> {
    let deployments = of_kind(documents, "Deployment").into_iter();
    let pods: Vec<&Value> = deployments
        .map(|it| &it["spec"]["template"]["metadata"]["labels"])
        .collect();
    assert!(!pods.is_empty());
    pods
}

#[test]
fn each_part_selects_its_own_pods_and_no_others() {
    for case in cases() {
        let documents = documents(&template(&case).ok());
        let pods = pods(&documents);
        for kind in ["Deployment", "PodDisruptionBudget"] {
            let found = of_kind(&documents, kind);
            assert!(found.is_empty() || found.len() == pods.len());
            for (place, object) in found.iter().enumerate() {
                for (other, labels) in pods.iter().enumerate() {
                    let chosen = selects(&object["spec"]["selector"], labels);
                    assert_eq!(chosen, place == other, "{}: {kind}", name(&case));
                }
            }
        }
    }
}

#[test]
fn what_is_for_the_release_selects_all_of_its_pods() {
    let mut seen = 0;
    for case in cases() {
        let documents = documents(&template(&case).ok());
        let places = [
            ("NetworkPolicy", "/spec/podSelector"),
            ("Service", "/spec/selector"),
            ("PodMonitor", "/spec/selector"),
        ];
        for (kind, place) in places {
            for object in of_kind(&documents, kind) {
                seen += 1;
                let selector = object.pointer(place).unwrap();
                for labels in pods(&documents) {
                    assert!(selects(selector, labels), "{}: {kind}", name(&case));
                }
            }
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn monitors_read_the_port_that_is_there_and_leave_labels_alone() {
    for (monitor, place) in [
        ("ServiceMonitor", "endpoints"),
        ("PodMonitor", "podMetricsEndpoints"),
    ] {
        let value = format!("{}{}", monitor[..1].to_lowercase(), &monitor[1..]);
        let documents = rendered(&format!("metrics: {{{value}: {{enabled: true}}}}"));
        let found = &of_kind(&documents, monitor)[0]["spec"];
        let endpoint = &found[place][0];
        // Prometheus would call the namespace of an object exported_namespace, and alerts would name
        // the operator's.
        assert_eq!(endpoint["honorLabels"], true);
        let container = &of_kind(&documents, "Deployment")[0]["spec"]["template"]["spec"];
        let container = &container["containers"][0];
        assert_eq!(endpoint["port"], container["ports"][0]["name"]);
        // The alert of a missing leader asks for this job.
        let job = found["jobLabel"].as_str().unwrap();
        assert_eq!(pods(&documents)[0][job], "dialtone");
        if monitor == "ServiceMonitor" {
            let service = of_kind(&documents, "Service")[0];
            assert!(selects(&found["selector"], &service["metadata"]["labels"]));
            assert_eq!(service["spec"]["ports"][0]["name"], endpoint["port"]);
            assert_eq!(service["spec"]["ports"][0]["targetPort"], "http");
            assert_eq!(service["metadata"]["labels"][job], "dialtone");
        }
    }
}

#[test]
fn pods_reach_dns_the_api_server_and_auth0_and_nothing_else() {
    let documents = rendered("{}");
    let policy = &of_kind(&documents, "NetworkPolicy")[0]["spec"];
    assert_eq!(
        policy["policyTypes"],
        serde_json::json!(["Ingress", "Egress"])
    );
    let ports = |direction: &str| -> Vec<String> {
        let rules = policy[direction].as_array().unwrap().iter();
        let ports = rules.flat_map(|rule| rule["ports"].as_array().unwrap());
        let text = |it: &Value| it.to_string().trim_matches('"').to_owned();
        ports
            .map(|it| format!("{} {}", text(&it["protocol"]), text(&it["port"])))
            .collect()
    };
    assert_eq!(ports("ingress"), ["TCP http"]);
    assert_eq!(
        ports("egress"),
        ["UDP 53", "TCP 53", "TCP 443", "TCP 6443", "TCP 443"]
    );
}
