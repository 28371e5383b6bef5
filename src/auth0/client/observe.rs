//! What is told of each call, for metrics: no ids, no names, no numbers.

use std::time::Duration;

use crate::auth0::exchange::{Method, Request};

/// One call as it went over the wire; a request that is repeated makes several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// The path with `{id}` for what differs from tenant to tenant: one of a fixed set.
    pub endpoint: &'static str,
    /// The HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// From sending to the last byte of the answer, or to giving up on it.
    pub duration: Duration,
    /// How long the call waited for its turn at the pacer before it was sent.
    pub waited: Duration,
    /// Calls left in the tenant's bucket, as the answer says; none for token requests, which are
    /// counted elsewhere, and where the answer does not tell.
    pub remaining: Option<u32>,
}

/// Who is told of calls. It is told on the path of the call, so it must not wait for anything.
pub trait CallObserver: Send + Sync {
    /// A call has ended.
    fn called(&self, call: &Call);

    /// A call was not made, because the rate limit puts its turn further ahead than its caller
    /// waits.
    fn held_back(&self) {}
}

/// What an endpoint is called that is not in the table.
pub const OTHER: &str = "other";

/// The endpoints by their path. Where two fit, the one that stands first is meant.
const TEMPLATES: [&str; 29] = [
    "/oauth/token",
    "/api/v2/actions/actions",
    "/api/v2/actions/actions/{id}",
    "/api/v2/actions/actions/{id}/deploy",
    "/api/v2/actions/actions/{id}/versions",
    "/api/v2/actions/triggers/{id}/bindings",
    "/api/v2/attack-protection/{id}",
    "/api/v2/branding/phone/providers",
    "/api/v2/branding/phone/providers/{id}",
    "/api/v2/branding/phone/providers/{id}/try",
    "/api/v2/branding/phone/templates",
    "/api/v2/branding/phone/templates/{id}",
    "/api/v2/branding/phone/templates/{id}/reset",
    "/api/v2/branding/phone/templates/{id}/try",
    "/api/v2/clients",
    "/api/v2/clients/{id}",
    "/api/v2/connections",
    "/api/v2/connections/{id}",
    "/api/v2/connections/{id}/clients",
    "/api/v2/guardian/factors",
    "/api/v2/guardian/factors/phone/message-types",
    "/api/v2/guardian/factors/phone/providers/twilio",
    "/api/v2/guardian/factors/phone/selected-provider",
    "/api/v2/guardian/factors/phone/templates",
    "/api/v2/guardian/factors/sms",
    "/api/v2/guardian/factors/sms/templates",
    "/api/v2/guardian/factors/{id}",
    "/api/v2/guardian/policies",
    "/api/v2/tenants/settings",
];

/// The endpoint that a path belongs to, [`OTHER`] where it is none that Dialtone calls.
///
/// The answer is one of a fixed set, so that nothing of a tenant gets into the label of a metric.
#[must_use]
pub fn endpoint(path: &str) -> &'static str {
    let found = TEMPLATES.into_iter().find(|template| fits(path, template));
    found.unwrap_or(OTHER)
}

fn fits(path: &str, template: &str) -> bool {
    let (mut parts, mut wanted) = (path.split('/'), template.split('/'));
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(part), Some("{id}")) if !part.is_empty() => {}
            (Some(part), Some(word)) if part == word => {}
            _ => return false,
        }
    }
}

/// A call's facts that do not depend on how it went.
pub(super) fn begun(request: &Request, waited: Duration) -> Call {
    Call {
        method: request.method,
        endpoint: endpoint(&request.path),
        status: None,
        duration: Duration::ZERO,
        waited,
        remaining: None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::auth0::wire;

    #[test]
    fn ids_names_and_numbers_become_a_placeholder() {
        let rows = [
            ("/oauth/token", "/oauth/token"),
            (
                "/api/v2/branding/phone/providers/pro_4711",
                "/api/v2/branding/phone/providers/{id}",
            ),
            (
                "/api/v2/connections/con_1/clients",
                "/api/v2/connections/{id}/clients",
            ),
            (
                "/api/v2/guardian/factors/sms",
                "/api/v2/guardian/factors/sms",
            ),
            (
                "/api/v2/guardian/factors/phone/message-types",
                "/api/v2/guardian/factors/phone/message-types",
            ),
            ("/api/v2/clients/%2B15550100", "/api/v2/clients/{id}"),
        ];
        for (path, template) in rows {
            assert_eq!(endpoint(path), template, "{path}");
        }
    }

    #[test]
    fn every_endpoint_that_is_called_has_a_template() {
        let collections = [
            wire::PROVIDERS,
            wire::SETTINGS,
            wire::FACTORS,
            wire::PHONE_FACTOR,
            wire::MESSAGE_TYPES,
            wire::POLICIES,
            wire::CONNECTIONS,
            wire::CLIENTS,
            wire::ACTIONS,
        ];
        for path in collections {
            assert_eq!(endpoint(path), path);
        }
        for path in [
            wire::item(wire::PROVIDERS, "a/b"),
            wire::item(wire::CONNECTIONS, "con_1"),
            wire::clients_of("con_1"),
            wire::item(wire::ACTIONS, "act_1"),
            wire::BINDINGS.to_owned(),
        ] {
            assert_ne!(endpoint(&path), OTHER, "{path}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_other() {
        for path in [
            "",
            "/",
            "/api/v2/clients/",
            "/api/v2/clients/a/b",
            "/api/v2/users/auth0%7C1",
            "/api/v2/clients?q=+15550100",
        ] {
            assert_eq!(endpoint(path), OTHER, "{path}");
        }
    }

    #[test]
    fn each_template_is_its_own() {
        for template in TEMPLATES {
            assert_eq!(endpoint(&template.replace("{id}", "some-id")), template);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_path_gets_into_the_label(path in "(/[a-z0-9_%+]{0,12}){0,7}") {
            let label = endpoint(&path);
            prop_assert!(label == OTHER || TEMPLATES.contains(&label));
        }
    }
}
