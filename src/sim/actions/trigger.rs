//! The catalogue of triggers, as recorded.

use serde_json::{Value, json};

/// Id, version, status, runtimes, default runtime, who manages the bindings, and the version that
/// may be upgraded from.
type Trigger = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
    Option<&'static str>,
);

const CURRENT: &str = "CURRENT";
const DEPRECATED: &str = "DEPRECATED";
const TENANT: &str = "trigger-bound";
const ENTITY: &str = "entity-bound";
const BOTH: &[&str] = &["node18-actions", "node22"];
const OLD: &[&str] = &["node18", "node22"];
const NEW: &[&str] = &["node22"];

const TRIGGERS: [Trigger; 20] = [
    (
        "post-login",
        "v3",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        Some("v2"),
    ),
    ("post-login", "v2", DEPRECATED, OLD, "node16", TENANT, None),
    ("post-login", "v1", DEPRECATED, NEW, "node12", TENANT, None),
    (
        "credentials-exchange",
        "v1",
        DEPRECATED,
        NEW,
        "node12",
        TENANT,
        None,
    ),
    (
        "credentials-exchange",
        "v2",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "pre-user-registration",
        "v2",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "pre-user-registration",
        "v1",
        DEPRECATED,
        NEW,
        "node12",
        TENANT,
        None,
    ),
    (
        "post-user-registration",
        "v2",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "post-user-registration",
        "v1",
        DEPRECATED,
        NEW,
        "node12",
        TENANT,
        None,
    ),
    (
        "post-change-password",
        "v1",
        DEPRECATED,
        NEW,
        "node12",
        TENANT,
        None,
    ),
    (
        "post-change-password",
        "v2",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "send-phone-message",
        "v2",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "send-phone-message",
        "v1",
        DEPRECATED,
        NEW,
        "node12",
        TENANT,
        None,
    ),
    (
        "password-reset-post-challenge",
        "v1",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "custom-phone-provider",
        "v1",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "custom-email-provider",
        "v1",
        CURRENT,
        BOTH,
        "node22",
        TENANT,
        None,
    ),
    (
        "custom-token-exchange",
        "v1",
        CURRENT,
        OLD,
        "node22",
        ENTITY,
        None,
    ),
    ("event-stream", "v1", CURRENT, NEW, "node22", ENTITY, None),
    (
        "password-hash-migration",
        "v1",
        CURRENT,
        NEW,
        "node22",
        ENTITY,
        None,
    ),
    ("mcp-tool", "v1", CURRENT, NEW, "node22", ENTITY, None),
];

/// Whether there is a trigger of this id.
pub(super) fn exists(id: &str) -> bool {
    TRIGGERS.iter().any(|trigger| trigger.0 == id)
}

/// `GET /actions/triggers`
pub(super) fn catalogue() -> Vec<Value> {
    let shown = |(id, version, status, runtimes, default, policy, upgrade): &Trigger| {
        let compatible = upgrade
            .iter()
            .map(|version| json!({"id": id, "version": version}));
        json!({
            "id": id,
            "version": version,
            "status": status,
            "runtimes": runtimes,
            "default_runtime": default,
            "binding_policy": policy,
            "compatible_triggers": compatible.collect::<Vec<_>>(),
        })
    };
    TRIGGERS.iter().map(shown).collect()
}
