//! Which scope each endpoint needs (§0.4), and what an answer leaves out without one (§7.4).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::auth0::exchange::{Method, Payload, Request, Response};

/// The scope without which connections come without their `options`.
const READ_OPTIONS: &str = "read:connections_options";

/// Scopes of which any one is enough.
type AnyOf = &'static [&'static str];

/// The four scopes of a resource in the order read, create, update, delete.
type Resource = [AnyOf; 4];

const PHONE_PROVIDERS: Resource = [
    &["read:phone_providers"],
    &["create:phone_providers"],
    &["update:phone_providers"],
    &["delete:phone_providers"],
];
const PHONE_TEMPLATES: Resource = [
    &["read:phone_templates"],
    &["create:phone_templates"],
    &["update:phone_templates"],
    &["delete:phone_templates"],
];
const ACTIONS: Resource = [
    &["read:actions"],
    &["create:actions"],
    &["update:actions"],
    &["delete:actions"],
];
const POLICIES: Resource = update_only(&["read:mfa_policies"], &["update:mfa_policies"]);
const FACTORS: Resource = update_only(&["read:guardian_factors"], &["update:guardian_factors"]);
const SETTINGS: Resource = update_only(&["read:tenant_settings"], &["update:tenant_settings"]);
const PROTECTION: Resource =
    update_only(&["read:attack_protection"], &["update:attack_protection"]);
const CONNECTIONS: Resource = [
    &["read:connections"],
    &["create:connections"],
    &["update:connections"],
    &["delete:connections"],
];
const CLIENTS: Resource = [
    &["read:clients", "read:client_summary"],
    &["create:clients"],
    &["update:clients"],
    &["delete:clients"],
];

/// Resources by the start of their path; the first that fits counts.
const RESOURCES: [(&str, Resource); 9] = [
    ("/api/v2/branding/phone/providers", PHONE_PROVIDERS),
    ("/api/v2/branding/phone/templates", PHONE_TEMPLATES),
    ("/api/v2/actions/", ACTIONS),
    ("/api/v2/guardian/policies", POLICIES),
    ("/api/v2/guardian/", FACTORS),
    ("/api/v2/connections", CONNECTIONS),
    ("/api/v2/clients", CLIENTS),
    ("/api/v2/tenants/settings", SETTINGS),
    ("/api/v2/attack-protection/", PROTECTION),
];

const fn update_only(read: AnyOf, update: AnyOf) -> Resource {
    [read, update, update, update]
}

/// The answer where `granted` lacks a scope that `request` needs: 403 as §0.2.
pub(super) fn refusal(granted: &BTreeSet<String>, request: &Request) -> Option<Response> {
    let missing = needed(request)
        .into_iter()
        .find(|any_of| !any_of.iter().any(|scope| granted.contains(*scope)))?;
    Some(Response::json(
        403,
        serde_json::json!({
            "statusCode": 403,
            "error": "Forbidden",
            "message": format!("Insufficient scope, expected any of: {}", missing.join(",")),
            "errorCode": "insufficient_scope",
        }),
    ))
}

/// What `request` needs: of each set one scope. Nothing for endpoints that are not known here.
fn needed(request: &Request) -> Vec<AnyOf> {
    let path = request.path.as_str();
    let Some((_, [read, create, update, delete])) =
        RESOURCES.iter().find(|(start, _)| path.starts_with(start))
    else {
        return Vec::new();
    };
    let mut needed = vec![match request.method {
        Method::Get => *read,
        Method::Post => *create,
        Method::Put | Method::Patch => *update,
        Method::Delete => *delete,
    }];
    if path.starts_with("/api/v2/clients/") && path.ends_with("/connections") {
        needed.push(CONNECTIONS[0]);
    }
    if path.starts_with("/api/v2/connections/")
        && request.method == Method::Patch
        && request
            .body
            .as_ref()
            .is_some_and(|body| body.get("options").is_some())
    {
        needed.push(&["update:connections_options"]);
    }
    needed
}

/// Takes `options` out of connections in `response` where `granted` does not allow to read them.
pub(super) fn hide_options(granted: &BTreeSet<String>, request: &Request, response: &mut Response) {
    if granted.contains(READ_OPTIONS) || !request.path.contains("/connections") {
        return;
    }
    let Payload::Json(body) = &mut response.body else {
        return;
    };
    let body = match body.get_mut("connections") {
        Some(page) => page,
        None => body,
    };
    let items = match body {
        Value::Array(items) => items.as_mut_slice(),
        single => std::slice::from_mut(single),
    };
    for connection in items.iter_mut().filter_map(Value::as_object_mut) {
        connection.shift_remove("options");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scopes(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn message(granted: &[&str], request: &Request) -> Option<String> {
        let Payload::Json(body) = refusal(&scopes(granted), request)?.body else {
            return None;
        };
        Some(body["message"].as_str()?.to_owned())
    }

    #[test]
    fn a_missing_scope_is_named() {
        let list = Request::get("/api/v2/branding/phone/providers");
        assert_eq!(
            message(&[], &list).as_deref(),
            Some("Insufficient scope, expected any of: read:phone_providers")
        );
        assert_eq!(message(&["read:phone_providers"], &list), None);
        let policies = Request::new(Method::Put, "/api/v2/guardian/policies");
        assert!(message(&["update:guardian_factors"], &policies).is_some());
        assert_eq!(message(&["update:mfa_policies"], &policies), None);
        assert_eq!(
            message(&["read:client_summary"], &Request::get("/api/v2/clients")),
            None
        );
    }

    #[test]
    fn writing_the_options_of_a_connection_needs_a_scope_of_its_own() {
        let patch = Request::new(Method::Patch, "/api/v2/connections/con_1");
        let granted = ["update:connections"];
        assert_eq!(
            message(&granted, &patch.clone().json(json!({"display_name": "x"}))),
            None
        );
        assert!(message(&granted, &patch.json(json!({"options": {}}))).is_some());
    }

    #[test]
    fn without_the_scope_connections_come_without_options_in_every_form() {
        let request = Request::get("/api/v2/connections");
        let connection = json!({"id": "con_1", "options": {"a": 1}});
        for body in [
            json!([connection]),
            json!({"connections": [connection], "next": "x"}),
            connection.clone(),
        ] {
            let mut seen = Response::json(200, body.clone());
            hide_options(&scopes(&[READ_OPTIONS]), &request, &mut seen);
            assert_eq!(seen.body, Payload::Json(body.clone()));
            hide_options(&scopes(&[]), &request, &mut seen);
            let Payload::Json(left) = seen.body else {
                panic!("no JSON left");
            };
            assert!(!left.to_string().contains("options"), "{left}");
            assert!(left.to_string().contains("con_1"), "{left}");
        }
    }
}
