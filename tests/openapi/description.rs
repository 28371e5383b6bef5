//! Auth0's published description of the API, and how answers are held against it.

use std::collections::BTreeSet;

use dialtone::auth0::exchange::{Method, Payload, Response};
use serde_json::Value;

use crate::published;

/// Where an answer differs from the description as Auth0's own did: start of the operation's path,
/// what the complaint says, and why.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    (
        "/branding/phone/providers",
        "\"credentials\" is a required property",
        "single answers have no such key, as recorded (§2.2)",
    ),
    (
        "/branding/phone/templates",
        "/content/from:",
        "an empty sender of a default, as recorded (§4.2)",
    ),
    (
        "/attack-protection/phone-provider-protection",
        "/type",
        "`none` was renamed to `default` (§9)",
    ),
    (
        "/actions/triggers",
        "/id",
        "the recorded catalogue has a trigger more",
    ),
    (
        "/actions/actions/{id}/deploy",
        "no 200",
        "recordings have 200 where the description has 202",
    ),
    (
        "/guardian/factors/phone/message-types",
        "no 409",
        "a message type that the provider does not deliver (§5.2)",
    ),
    (
        "/attack-protection/phone-provider-protection",
        "no 400",
        "the description names no refusal of a wrong body",
    ),
    (
        "/actions/actions/{id}/deploy",
        "no 404",
        "an Action that does not exist, as for every other operation on one",
    ),
    (
        "/actions/actions/{actionId}/versions",
        "no 404",
        "an Action that does not exist, as for every other operation on one",
    ),
    (
        "/actions/triggers/{triggerId}/bindings",
        "no 404",
        "an Action or a trigger that does not exist",
    ),
    (
        "/actions/actions",
        "no 409",
        "a name that is taken, or an Action that is still bound (§3)",
    ),
];

/// The description, and what has been found so far.
pub(crate) struct Description {
    document: Value,
    /// Operations that were called, as `get /clients`.
    called: BTreeSet<String>,
    /// Indexes of the deviations that were met.
    met: BTreeSet<usize>,
    wrong: Vec<String>,
    checked: usize,
}

impl Description {
    /// Reads the description; where there is none, says so.
    pub(crate) fn load() -> Option<Self> {
        let mut document = published::read()?;
        lenient(&mut document["components"]);
        lenient(&mut document["paths"]);
        Some(Self {
            document,
            called: BTreeSet::new(),
            met: BTreeSet::new(),
            wrong: Vec::new(),
            checked: 0,
        })
    }

    /// Every operation: method, path, and the scopes of which it needs one or more.
    pub(crate) fn operations(&self) -> Vec<(Method, String, BTreeSet<String>)> {
        let mut found = Vec::new();
        for (path, operations) in self.document["paths"].as_object().unwrap() {
            for (verb, operation) in operations.as_object().unwrap() {
                let method = match verb.as_str() {
                    "get" => Method::Get,
                    "post" => Method::Post,
                    "put" => Method::Put,
                    "patch" => Method::Patch,
                    "delete" => Method::Delete,
                    _ => continue,
                };
                let scopes = operation["security"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|way| way["oAuth2ClientCredentials"].as_array())
                    .flatten()
                    .map(|scope| scope.as_str().unwrap().to_owned())
                    .collect();
                found.push((method, path.clone(), scopes));
            }
        }
        found
    }

    /// The operation of a path template, with or without a query.
    fn operation(&mut self, method: Method, template: &str) -> (String, Value) {
        let path = template.split('?').next().unwrap();
        let verb = method.as_str().to_lowercase();
        let operation = self.document["paths"][path][verb.as_str()].clone();
        assert!(!operation.is_null(), "{verb} {path} is not described");
        let name = format!("{verb} {path}");
        self.called.insert(name.clone());
        (name, operation)
    }

    /// Holds an answer against what the operation may answer.
    pub(crate) fn check(&mut self, method: Method, template: &str, response: &Response) {
        let (name, operation) = self.operation(method, template);
        let responses = &operation["responses"];
        let mut described = &responses[response.status.to_string()];
        if described.is_null() {
            self.complain(&name, &format!("describes no {}", response.status));
            let (_, first) = responses.as_object().unwrap().iter().next().unwrap();
            described = first;
        }
        let schema = &described["content"]["application/json"]["schema"];
        let Payload::Json(body) = &response.body else {
            assert!(schema.is_null(), "{name} describes a body");
            return;
        };
        if schema.is_null() {
            return;
        }
        let mut root = schema.clone();
        root["components"] = self.document["components"].clone();
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .build(&root)
            .unwrap();
        self.checked += 1;
        for error in validator.iter_errors(body) {
            self.complain(&name, &format!("at {}: {error}", error.instance_path()));
        }
    }

    /// Holds a refusal against the statuses of the operation, and its body against §0.1.
    pub(crate) fn check_refusal(&mut self, method: Method, template: &str, response: &Response) {
        let (name, operation) = self.operation(method, template);
        if operation["responses"][response.status.to_string()].is_null() {
            self.complain(&name, &format!("describes no {}", response.status));
        }
        let Payload::Json(body) = &response.body else {
            self.complain(&name, "refuses without a JSON body");
            return;
        };
        let told = |key: &str| body[key].as_str().is_some_and(|text| !text.is_empty());
        let code = body.get("errorCode").is_none_or(Value::is_string);
        if body["statusCode"] != response.status || !told("error") || !told("message") || !code {
            self.complain(&name, &format!("refuses with {body}"));
        }
        self.checked += 1;
    }

    fn complain(&mut self, operation: &str, complaint: &str) {
        let (_, path) = operation.split_once(' ').unwrap();
        let known = DEVIATIONS
            .iter()
            .position(|(start, part, _)| path.starts_with(start) && complaint.contains(part));
        match known {
            Some(index) => {
                self.met.insert(index);
            }
            None => self.wrong.push(format!("{operation} {complaint}")),
        }
    }

    /// Fails where an answer was not as described, an operation was not called, or a deviation is
    /// listed that does not occur.
    pub(crate) fn verdict(self) {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        let uncalled: Vec<String> = self
            .operations()
            .into_iter()
            .map(|(method, path, _)| format!("{} {path}", method.as_str().to_lowercase()))
            .filter(|name| !self.called.contains(name))
            .collect();
        assert!(uncalled.is_empty(), "never called: {uncalled:#?}");
        let gone: Vec<_> = DEVIATIONS
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.met.contains(index))
            .collect();
        assert!(gone.is_empty(), "does not occur: {gone:#?}");
        assert!(self.checked >= 100, "only {} answers", self.checked);
    }
}

/// Answers carry keys that the description does not have (§0), which is no error here: what is
/// described must be as described.
fn lenient(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.shift_remove("additionalProperties");
            }
            // Without the closed objects several of the alternatives may fit.
            if let Some(alternatives) = map.shift_remove("oneOf") {
                map.insert("anyOf".to_owned(), alternatives);
            }
            map.values_mut().for_each(lenient);
        }
        Value::Array(items) => items.iter_mut().for_each(lenient),
        _ => {}
    }
}
