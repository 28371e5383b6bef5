//! The definitions in `crds/`: generated, bounded, described and structural.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use dialtone::api::{GROUP, Kind, VERSION, crd_yaml, crds};
use dialtone::cli::crd::files;
use serde_json::{Value, json};

/// Calls `check` with the path and the value of every schema of every definition.
fn each_schema(check: &mut dyn FnMut(&str, &Value)) {
    for crd in crds() {
        let crd = serde_json::to_value(crd).unwrap();
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let kind = crd["spec"]["names"]["kind"].as_str().unwrap();
        walk(kind, schema, check);
    }
}

fn walk(path: &str, schema: &Value, check: &mut dyn FnMut(&str, &Value)) {
    check(path, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{path}.{name}"), property, check);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key) {
            walk(&format!("{path}[{key}]"), inner, check);
        }
    }
}

/// Paths of schemas that `wrong` holds for.
fn paths(wrong: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    let mut paths = Vec::new();
    each_schema(&mut |path, schema| {
        if wrong(path, schema) {
            paths.push(path.to_owned());
        }
    });
    paths
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_committed_definitions_are_the_generated_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    let files = files().unwrap();
    for (name, text) in &files {
        let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            committed == *text,
            "crds/{name} is out of date: run `cargo run -- crd --output crds`"
        );
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), files.len());
}

#[test]
fn the_yaml_says_the_same_as_the_definition() {
    for kind in Kind::ALL {
        let read: Value = serde_saphyr::from_str(&kind.crd_yaml().unwrap()).unwrap();
        let crd: k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition =
            serde_json::from_value(read).unwrap();
        assert_eq!(crd, kind.crd());
    }
    let stream = crd_yaml().unwrap();
    assert_eq!(
        stream.lines().filter(|line| *line == "---").count(),
        Kind::ALL.len()
    );
}

#[test]
fn names_follow_from_the_kind() {
    for (crd, kind) in crds().iter().zip(Kind::ALL) {
        let names = &crd.spec.names;
        assert_eq!(names.kind, kind.as_str());
        assert_eq!(names.plural, kind.plural());
        assert_eq!(
            names.singular.as_deref(),
            Some(kind.as_str().to_lowercase().as_str())
        );
        assert_eq!(
            names.categories.as_deref(),
            Some(["dialtone".to_owned()].as_slice())
        );
        assert_eq!(crd.spec.group, GROUP);
        assert_eq!(crd.spec.scope, "Namespaced");
        assert_eq!(crd.spec.versions.len(), 1);
        assert_eq!(crd.spec.versions[0].name, VERSION);
        assert_eq!(
            crd.metadata.name,
            Some(format!("{}.{GROUP}", kind.plural()))
        );
        let annotations = crd.metadata.annotations.as_ref().unwrap();
        assert_eq!(
            annotations["kustomize.toolkit.fluxcd.io/substitute"],
            "disabled"
        );
        assert_eq!(Kind::from_name(kind.as_str()), Some(kind));
    }
}

#[test]
fn short_names_belong_to_one_kind_only() {
    let mut names: Vec<String> = crds()
        .into_iter()
        .flat_map(|crd| crd.spec.names.short_names.unwrap())
        .collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
    assert_eq!(count, Kind::ALL.len());
}

#[test]
fn objects_of_a_tenant_can_be_selected_by_it() {
    for (crd, kind) in crds().iter().zip(Kind::ALL) {
        let fields = crd.spec.versions[0].selectable_fields.as_ref();
        let paths: Vec<_> = fields
            .into_iter()
            .flatten()
            .map(|field| &field.json_path)
            .collect();
        if kind == Kind::Auth0Tenant {
            assert!(paths.is_empty());
        } else {
            assert_eq!(paths, [".spec.tenantRef.name"]);
        }
    }
}

#[test]
fn columns_begin_with_ready_and_end_with_age() {
    for crd in crds() {
        let columns = crd.spec.versions[0]
            .additional_printer_columns
            .clone()
            .unwrap();
        assert_eq!(columns[0].name, "Ready");
        assert_eq!(columns[1].name, "Reason");
        assert_eq!(columns.last().unwrap().name, "Age");
        for column in columns {
            assert!(column.description.is_some(), "{}", column.name);
        }
    }
}

#[test]
fn no_list_of_a_definition_is_empty() {
    fn empty(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.is_empty() || items.iter().any(empty),
            Value::Object(fields) => fields.values().any(empty),
            _ => false,
        }
    }
    for crd in crds() {
        assert!(
            !empty(&serde_json::to_value(&crd).unwrap()),
            "{:?}",
            crd.metadata.name
        );
    }
}

#[test]
fn every_property_has_a_description_that_is_plain_text() {
    let missing = paths(|path, schema| {
        // apiVersion, kind and metadata of the object itself are described by the API server.
        !path.ends_with(']') && !schema["description"].is_string()
    });
    assert_eq!(missing, NOTHING);
    let marked = paths(|_, schema| {
        schema["description"]
            .as_str()
            .is_some_and(|text| text.contains(['`', '§']))
    });
    assert_eq!(marked, NOTHING);
}

#[test]
fn every_string_list_map_and_number_is_bounded() {
    let unbounded = paths(|_, schema| match schema["type"].as_str() {
        Some("string") => schema["enum"].is_null() && schema["maxLength"].is_null(),
        Some("array") => schema["maxItems"].is_null(),
        Some("integer" | "number") => schema["minimum"].is_null(),
        Some("object") => {
            schema.get("additionalProperties").is_some() && schema["maxProperties"].is_null()
        }
        _ => false,
    });
    assert_eq!(unbounded, NOTHING);
}

#[test]
fn every_list_says_how_it_is_merged() {
    let silent =
        paths(|_, schema| schema["type"] == "array" && schema["x-kubernetes-list-type"].is_null());
    assert_eq!(silent, NOTHING);
}

#[test]
fn schemas_are_structural() {
    let known = ["string", "integer", "number", "boolean", "array", "object"];
    let untyped = paths(|_, schema| !known.iter().any(|name| schema["type"] == *name));
    assert_eq!(untyped, NOTHING);
    let branching = paths(|_, schema| {
        ["anyOf", "oneOf", "allOf", "not", "$ref", "nullable"]
            .iter()
            .any(|key| schema.get(key).is_some())
    });
    assert_eq!(branching, NOTHING);
    let absent = paths(|_, schema| {
        let required = schema["required"].as_array().into_iter().flatten();
        required
            .into_iter()
            .any(|name| schema["properties"].get(name.as_str().unwrap()).is_none())
    });
    assert_eq!(absent, NOTHING);
    let contradictory = paths(|_, schema| {
        let required = schema["required"].as_array().into_iter().flatten();
        required.into_iter().any(|name| {
            schema["properties"][name.as_str().unwrap()]
                .get("default")
                .is_some()
        })
    });
    assert_eq!(contradictory, NOTHING);
}

#[test]
fn integers_have_formats_that_the_api_server_knows() {
    let strange = paths(|_, schema| {
        schema["format"]
            .as_str()
            .is_some_and(|format| !["int32", "int64", "date-time"].contains(&format))
    });
    assert_eq!(strange, NOTHING);
}

#[test]
fn a_fresh_object_reads_as_in_progress() {
    for crd in crds() {
        let schema = crd.spec.versions[0].schema.clone().unwrap();
        let schema = serde_json::to_value(schema.open_api_v3_schema.unwrap()).unwrap();
        let status = &schema["properties"]["status"];
        assert_eq!(status["default"], json!({"observedGeneration": -1}));
        let conditions = &status["properties"]["conditions"];
        assert_eq!(conditions["x-kubernetes-list-map-keys"], json!(["type"]));
        assert!(
            crd.spec.versions[0]
                .subresources
                .as_ref()
                .unwrap()
                .status
                .is_some()
        );
    }
}

#[test]
fn every_rule_has_a_message() {
    let silent = paths(|_, schema| {
        let rules = schema["x-kubernetes-validations"]
            .as_array()
            .into_iter()
            .flatten();
        rules.into_iter().any(|rule| rule["message"].is_null())
    });
    assert_eq!(silent, NOTHING);
}

#[test]
fn patterns_refuse_obvious_mistakes_and_nothing_else() {
    let sid = "00000000000000000000000000000000";
    let (account, service) = (format!("AC{sid}"), format!("MG{sid}"));
    let cases: [Case<'_>; 7] = [
        (
            Kind::Auth0Tenant,
            "/domain",
            &["acme.eu.auth0.com", "localhost:8443", "127.0.0.1:4010"],
            &[
                "https://acme.eu.auth0.com",
                "Acme.eu.auth0.com",
                "acme.eu.auth0.com/",
                "",
            ],
        ),
        (
            Kind::Auth0Tenant,
            "/endpoint",
            &["https://login.acme.com", "http://localhost:4010/"],
            &[
                "login.acme.com",
                "ftp://acme.com",
                "https://acme.com/api/v2",
                "https://a b",
            ],
        ),
        (
            Kind::Auth0Tenant,
            "/interval",
            &["10m", "1h30m", "500ms"],
            &["10", "10 m", "ten minutes", "-1m", "1d", "1.5h"],
        ),
        (
            Kind::PhoneProvider,
            "/twilio/properties/accountSid",
            &[&account],
            &[&service, sid, "AC123"],
        ),
        (
            Kind::PhoneProvider,
            "/twilio/properties/from",
            &["+15550100", "+4915112345678"],
            &[
                "15550100",
                "+1 555 0100",
                "+1-555-0100",
                "+0155501",
                "ACME",
                "+1234567890123456",
            ],
        ),
        (
            Kind::PasswordlessConnection,
            "/name",
            &["sms", "my-sms-2"],
            &["my sms", "-sms", "sms-", "a--b", "sms_1"],
        ),
        (
            Kind::PasswordlessConnection,
            "/otp/properties/expiry",
            &["180s", "3m", "1h30m"],
            &["180", "1500ms", "180 s"],
        ),
    ];
    hold(&cases);
}

#[test]
fn patterns_of_templates_and_identifiers_refuse_obvious_mistakes_and_nothing_else() {
    hold(&[
        (
            Kind::PhoneTemplate,
            "/from",
            &["+15550100", "15550100", "ACME", "Acme & Co", "A"],
            &[
                "",
                " ACME",
                "ACME ",
                "+1 555 0100",
                "+0155501",
                "12345678901234567",
            ],
        ),
        (
            Kind::PhoneIdentifier,
            "/connection",
            &["Username-Password-Authentication", "users"],
            &["", "my users", "-users", "users-", "a--b", "users_1"],
        ),
    ]);
}

/// A field of a kind's spec by JSON pointer, with what it takes and what it refuses.
type Case<'a> = (Kind, &'a str, &'a [&'a str], &'a [&'a str]);

fn hold(cases: &[Case<'_>]) {
    for (kind, field, good, bad) in cases {
        let crd = serde_json::to_value(kind.crd()).unwrap();
        let schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
            ["properties"]
            .pointer(field)
            .unwrap()
            .clone();
        for text in *good {
            assert!(
                jsonschema::is_valid(&schema, &json!(text)),
                "{field}: {text}"
            );
        }
        for text in *bad {
            assert!(
                !jsonschema::is_valid(&schema, &json!(text)),
                "{field}: {text}"
            );
        }
    }
}
